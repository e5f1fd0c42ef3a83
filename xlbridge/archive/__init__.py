"""The archive: the vault that keeps every issued document as it was, and what is taken out of it."""
