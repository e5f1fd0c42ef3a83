"""Client lists inside a workbook: they complete the buyers of its registers, by code or by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from xlbridge.legacy import values
from xlbridge.legacy.draft import Draft
from xlbridge.legacy.row import put_buyer
from xlbridge.legacy.tables import Kind, Table


@dataclass(frozen=True)
class ClientRows:
    """The rows of the client tables by folded code and by folded name; a key that stands twice names nobody."""

    by_key: dict[tuple[str, str], tuple[Table, int] | None]

    @classmethod
    def of(cls, tables: Iterable[Table]) -> ClientRows:
        """The client rows of all client tables of a workbook."""
        found: dict[tuple[str, str], tuple[Table, int] | None] = {}
        for table in tables:
            if table.kind is not Kind.CLIENTS:
                continue
            for row in table.rows:
                for role in ("buyer_code", "buyer_name", "buyer_company"):
                    if key := _key(role, table.text(row, role)):
                        found[key] = None if key in found else (table, row)
        return cls(found)

    def fill(self, draft: Draft, table: Table, row: int) -> None:
        """Complete the buyer of `draft` from the client that the row's code, else its buyer name, designates."""
        for role in ("buyer_code", "buyer_name", "buyer_company"):
            key = _key(role, table.text(row, role))
            found = self.by_key.get(key) if key else None
            if found:
                client, client_row = found
                put_buyer(draft, client, client_row)
                for name in ("city", "telephone", "email"):
                    column = client.column(name)
                    if column and (text := values.text_of(client.sheet.at(client_row, column.index))):
                        draft.put(f"buyer.{name}", text, client.cell(client_row, column))
                return


def _key(role: str, text: str | None) -> tuple[str, str] | None:
    if not text:
        return None
    return ("code" if role == "buyer_code" else "name", re.sub(r"[^a-z0-9]", "", values.plain_text(text)))
