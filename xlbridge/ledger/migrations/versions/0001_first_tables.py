"""The first tables, and the triggers that refuse to change or delete what is in them.

A migration is history: the tables are spelled out here and do not follow later changes of `xlbridge.ledger.schema`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = ("ledger", "records", "events", "documents", "corrections")
GUARD = """
CREATE FUNCTION xlbridge_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'append-only'; END $$
"""


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("identifier", sa.String(32), primary_key=True),
        sa.Column("seller_siren", sa.Text, nullable=False),
        sa.Column("seller_name", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    for name in ("records", "events"):
        op.create_table(
            name,
            sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("kind", sa.String(16), nullable=False),
            sa.Column("body", sa.Text, nullable=False),
            sa.Column("hash", sa.String(64), nullable=False, unique=True),
            sa.Column("key_id", sa.String(16), nullable=False),
            sa.Column("signature", sa.String(128), nullable=False),
        )
        op.create_index(f"{name}_kind", name, ["kind", "seq"])
    _create_documents()
    op.create_table(
        "corrections",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Text, nullable=False),
    )
    op.create_index("corrections_number", "corrections", ["number"])
    _guard()


def _create_documents() -> None:
    texts = ("buyer_name", "buyer_key", "net", "vat", "gross", "due", "order_reference", "draft", "content_key")
    op.create_table(
        "documents",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.String(12), nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("year", sa.Integer),
        sa.Column("seller_siren", sa.Text, nullable=False),
        sa.Column("type_code", sa.Text),
        sa.Column("issue_date", sa.String(10)),
        sa.Column("currency", sa.Text),
        sa.Column("series", sa.String(40)),
        sa.Column("period", sa.String(7)),
        sa.Column("counter", sa.Integer),
        sa.Column("pdf", sa.String(64)),
        sa.Column("xml", sa.String(64)),
        sa.Column("workbook", sa.String(64)),
        sa.Column("kept_until", sa.String(10)),
        *(sa.Column(name, sa.Text) for name in texts),
    )
    op.create_index("documents_number", "documents", ["number"])
    op.create_index("documents_content", "documents", ["content_key"])
    op.create_index("documents_issue_date", "documents", ["issue_date"])
    op.create_index("documents_origin", "documents", ["origin", "series", "seq"])
    op.create_index("documents_order", "documents", ["series", "issue_date", "seq"])
    op.create_index("documents_counter", "documents", ["series", "period", "counter"], unique=True)
    issued = sa.text("origin <> 'taken_over'")
    op.create_index(
        "documents_key", "documents", ["number", "year", "seller_siren"], unique=True, sqlite_where=issued, postgresql_where=issued
    )


def _guard() -> None:
    """Triggers against accidents; who means to tamper can remove them, and is found by the chain."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(GUARD)
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION xlbridge_append_only()"
            )
        return
    for table in TABLES:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END"
            )
