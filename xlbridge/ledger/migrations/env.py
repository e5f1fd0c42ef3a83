"""Alembic's way into a ledger: the migrations run on the connection, and in the transaction, that `xlbridge.ledger.migrate` gives."""

from alembic import context

from xlbridge.ledger.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
