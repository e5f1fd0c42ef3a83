"""Issuing: drafts of a workbook get their numbers, once and for ever, in the transaction that seals and archives them."""
