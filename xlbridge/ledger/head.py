"""The head: how far a ledger has come, signed, to be kept outside its database. What cuts or restores the ledger then contradicts it.

It is written into the archive and the workbook after each issue, and stands in short on the page of the next invoice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xlbridge.errors import LedgerBroken
from xlbridge.ledger.chain import canonical
from xlbridge.ledger.seal import SigningKey, is_signed

BROKEN = "La tête du registre gardée au coffre (tete.json) a été modifiée."
REMEDY = (
    "Remettez le coffre depuis une sauvegarde ; ou, si « xlbridge verify » ne signale rien d’autre, supprimez tete.json :"
    " l’émission suivante la réécrit."
)


@dataclass(frozen=True)
class Head:
    """The last record of a ledger (`seq`, `hash`, `at`), how many documents were issued, the last number of each series, the last of the
    events, and the seal of this statement (`public`: the key's public half)."""

    ledger: str
    seq: int
    hash: str
    at: str
    count: int
    last_numbers: Mapping[str, str]
    public: str
    events_seq: int = 0
    events_hash: str | None = None
    signature: str = ""

    def signed(self, key: SigningKey) -> Head:
        """The head with its signature."""
        return Head(**{**self._plain(), "signature": key.sign(self.statement)})

    @property
    def statement(self) -> bytes:
        """What is signed: canonical JSON of all but the signature."""
        return canonical({name: value for name, value in self._plain().items() if name != "signature"})

    @property
    def is_signed(self) -> bool:
        """Whether the signature is that of the key it names."""
        return is_signed(self.public, self.statement, self.signature)

    @property
    def short(self) -> str:
        """The line on the next page: « Registre a1b2c3d4 · maillon 41 · 9f86d081884c7d65 »."""
        return f"Registre {self.ledger[:8]} · maillon {self.seq} · {self.hash[:16]}"

    @property
    def as_bytes(self) -> bytes:
        """The file."""
        return canonical(self._plain())

    def _plain(self) -> dict[str, Any]:
        return {name: dict(value) if isinstance(value := getattr(self, name), Mapping) else value for name in self.__dataclass_fields__}

    @classmethod
    def of_bytes(cls, data: bytes) -> Head:
        """The head of a file. Raises LedgerBroken where it is none."""
        try:
            head = cls(**json.loads(data))
            if not (isinstance(head.seq, int) and isinstance(head.events_seq, int) and isinstance(head.last_numbers, dict)):
                raise TypeError("not a head")
        except (ValueError, TypeError) as fault:
            raise LedgerBroken(BROKEN, REMEDY) from fault
        return head
