"""What was kept outside the database against what is in it: the head in the vault, the seal in the workbook, the user's key.

A cut tail is found where one of them knows a record that the ledger no longer has. It is not found where all of them were cut or put
back as well, nor are the records after the last head; whoever holds the key, the database and every head can rebuild everything. The
line on the next invoice's page, which the customer has, and a copy of the head kept elsewhere are then the only witnesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xlbridge.errors import LedgerBroken
from xlbridge.findings import Finding
from xlbridge.ledger.head import Head
from xlbridge.ledger.record import ISSUED
from xlbridge.ledger.seal import key_id
from xlbridge.proof import rules
from xlbridge.proof.facts import Facts
from xlbridge.workbook.seal_sheet import SealSheet

VAULT = "La tête gardée au coffre"
SHOWN = 16


def check_key(facts: Facts, public: str) -> list[Finding]:
    """The user's own key against the one that the ledger says signed it."""
    if facts.public in {None, public}:
        return []
    return [rules.OTHER_KEY.found(who="Votre clé", known=key_id(public), found=key_id(facts.public or ""))]


def check_head(facts: Facts, data: bytes | None, ledger: str) -> list[Finding]:
    """The head of the vault, `data`, None where there is none."""
    if data is None:
        kept = any(document.files for document in facts.documents) or any(row["pdf"] for row in facts.doubtful_rows())
        return [rules.HEAD_MISSING.found()] if kept else []
    try:
        head = Head.of_bytes(data)
        is_signed = head.is_signed and head.as_bytes == data
    except (LedgerBroken, TypeError, ValueError, AttributeError):
        return [rules.HEAD_BROKEN.found(who=VAULT, detail="elle est illisible")]
    if not is_signed:
        return [rules.HEAD_BROKEN.found(who=VAULT, detail="sa signature est fausse : elle a été modifiée")]
    if head.ledger != ledger:
        return [rules.HEAD_BROKEN.found(who=VAULT, detail=f"elle est du registre {head.ledger[:8]}, pas de celui-ci")]
    if facts.public is not None and head.public != facts.public:
        return [rules.OTHER_KEY.found(who=VAULT, known=key_id(head.public), found=key_id(facts.public))]
    return [
        *_main_chain(facts, VAULT, head.seq, head.hash, head.last_numbers),
        *_events(facts, VAULT, head.events_seq, head.events_hash),
    ]


def _main_chain(facts: Facts, who: str, seq: int, known: str | None, numbers: Mapping[str, str] | str) -> Iterator[Finding]:
    if seq > facts.last_seq:
        shown = numbers if isinstance(numbers, str) else ", ".join(numbers.values())
        yield rules.TAIL_CUT.found(who=who, seq=seq, numbers=shown or "sans document", last=facts.last_seq)
    elif known and facts.hashes.get(seq) not in {None, known}:  # a missing record has its own finding
        yield rules.OTHER_HISTORY.found(who=who, seq=seq, known=known[:SHOWN], found=facts.hashes[seq][:SHOWN])


def _events(facts: Facts, who: str, seq: int, known: str | None) -> Iterator[Finding]:
    if seq > facts.last_event:
        yield rules.EVENTS_CUT.found(who=who, seq=seq, last=facts.last_event)
    elif known and facts.event_hashes.get(seq) not in {None, known}:
        yield rules.OTHER_HISTORY.found(who=f"{who} (événements)", seq=seq, known=known[:SHOWN], found=facts.event_hashes[seq][:SHOWN])


def check_seal(facts: Facts, seal: SealSheet, ledger: str, who: str) -> list[Finding]:
    """The sheet « Sceau » of the workbook `who`, which was written after an issue."""
    if seal.unreadable:
        return [rules.SEAL_WRONG.found(detail=f"illisible ({', '.join(seal.unreadable)})")]
    if seal.ledger != ledger:
        detail = f"le classeur est du registre {seal.ledger[:8]}, pas de {ledger[:8]}" if seal.ledger else "elle est vide"
        return [rules.SEAL_WRONG.found(detail=detail)]
    if facts.public and seal.key != key_id(facts.public):
        return [rules.OTHER_KEY.found(who=who, known=seal.key or "effacée", found=key_id(facts.public))]
    if seal.seq is None or seal.hash is None:
        return [rules.SEAL_WRONG.found(detail="le dernier maillon ou son empreinte est effacé")]
    findings = list(_main_chain(facts, who, seal.seq, seal.hash, seal.last_numbers or ""))
    if not findings and facts.is_whole:
        findings += _statement(facts, seal, seal.seq)
    return findings


def _statement(facts: Facts, seal: SealSheet, seq: int) -> Iterator[Finding]:
    """What else the seal says, against the ledger as it was at the record `seq`."""
    issued = [document for document in facts.documents if document.origin == ISSUED and document.seq <= seq]
    numbers = {document.series or "": document.number for document in issued}
    expected = {
        "Documents": (seal.count, len(issued)),
        "Derniers numéros": (seal.last_numbers, ", ".join(f"{name} : {numbers[name]}" for name in sorted(numbers)) or None),
        "Date": (seal.at, facts.times.get(seq)),
    }
    for label, (found, value) in expected.items():
        if found != value:
            yield rules.SEAL_WRONG.found(detail=f"{label} : « {found} » au lieu de « {value} »")
