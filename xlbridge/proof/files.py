"""The vault against the ledger: every document there, byte for byte, none that no record names, the same XML in the PDF and beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xlbridge.archive.durable import told
from xlbridge.archive.names import object_path
from xlbridge.archive.vault import Vault
from xlbridge.errors import LedgerBroken, XlbridgeError
from xlbridge.findings import Finding
from xlbridge.ledger.closings import closing_file, closing_path
from xlbridge.proof import rules
from xlbridge.proof.facts import Facts, Sealed

KINDS = {"pdf": "PDF", "xml": "XML", "workbook": "classeur"}


@dataclass(frozen=True)
class Snapshot:
    """What stood in the vault before the ledger was read: an issue that runs meanwhile is then no contradiction."""

    vault: Vault
    head: bytes | None
    names: tuple[str, ...]
    announced: frozenset[str]
    closings: tuple[str, ...]
    strangers: tuple[str, ...]

    @classmethod
    def of(cls, vault: Vault) -> Snapshot:
        """Look, in this order: what is not committed is announced, what is committed is known. Raises LedgerBroken."""
        names = tuple(vault.objects())
        announced = frozenset(vault.announced())
        return cls(vault, vault.read_head(), names, announced, tuple(vault.closings()), tuple(vault.strangers()))


def check_files(facts: Facts, snapshot: Snapshot) -> list[Finding]:
    """Every file of every document; then what stands in the vault beside them."""
    findings: list[Finding] = []
    places = _places(snapshot.vault)
    owners = {digest: (document.name, kind) for document in facts.documents for kind, digest in document.files.items()}
    judged: set[str] = set()
    for document in facts.documents:
        found: dict[str, bytes] = {}
        for kind, digest in document.files.items():
            if kind == "workbook" and digest in judged:
                continue  # one workbook for many documents
            judged.add(digest)
            findings += _file(snapshot.vault, places, document, kind, digest, found, owners)
        findings += _inside(document, found)
    known = judged | {row[kind] for row in facts.doubtful_rows() for kind in KINDS}
    for name in snapshot.names:
        if name[:64] not in known:
            rule = rules.WAITING if name in snapshot.announced else rules.FILE_ADDED
            findings.append(rule.found(file=object_path(name)))
    findings += [rules.FILE_ADDED.found(file=name) for name in snapshot.strangers]
    return findings


def _places(vault: Vault) -> dict[str, list[str]]:
    """The names of the documents now, by SHA-256."""
    found: dict[str, list[str]] = {}
    for name in vault.objects():
        found.setdefault(name[:64], []).append(name)
    return found


def _file(
    vault: Vault,
    places: dict[str, list[str]],
    document: Sealed,
    kind: str,
    digest: str,
    found: dict[str, bytes],
    owners: dict[str, tuple[str, str]],
) -> Iterator[Finding]:
    """One file of a document, put into `found` where it is right."""
    suffix = {"pdf": ".pdf", "xml": ".xml"}.get(kind)
    names = [name for name in places.get(digest, ()) if suffix in {None, name[64:]}]
    told_as: dict[str, Any] = {"kind": KINDS.get(kind, kind), "number": document.name, "seq": document.seq}
    if not names:
        yield rules.FILE_MISSING.found(**told_as, file=f"objects/{digest[:2]}/{digest}{suffix or ''}")
    for name in names:
        path = object_path(name)
        with told(vault.folder, "lu"):
            data = (vault.folder / path).read_bytes()
        actual = hashlib.sha256(data).hexdigest()
        if actual == digest:
            found[kind] = data
            continue
        owner = owners.get(actual)
        instead = f" ; à sa place est le {KINDS.get(owner[1], owner[1])} de {owner[0]}" if owner else ""
        yield rules.FILE_CHANGED.found(**told_as, file=path, instead=instead)


def _inside(document: Sealed, found: dict[str, bytes]) -> Iterator[Finding]:
    """The XML that the PDF carries is the one beside it."""
    from xlbridge.official.container import read_container

    if "pdf" not in found or "xml" not in found:
        return
    try:
        inner = read_container(found["pdf"]).xml
    except XlbridgeError as fault:
        yield rules.OTHER_XML.found(number=document.name, seq=document.seq, detail=fault.message)
        return
    if inner != found["xml"]:
        detail = "le PDF n’en contient aucun" if inner is None else "ils diffèrent"
        yield rules.OTHER_XML.found(number=document.name, seq=document.seq, detail=detail)


def check_closing_files(facts: Facts, snapshot: Snapshot) -> list[Finding]:
    """A file for every closing, with what was sealed; a file more is a closing that the ledger lost."""
    findings: list[Finding] = []
    expected: set[str] = set()
    for closing in facts.closings:
        path = closing_path(closing.link)
        expected.add(path)
        if path not in snapshot.closings and path not in snapshot.vault.closings():
            findings.append(rules.CLOSING_FILE_MISSING.found(file=path))
        elif facts.public and snapshot.vault.read_file(path) != closing_file(closing.link, facts.public):
            findings.append(rules.CLOSING_FILE_CHANGED.found(file=path, seq=closing.link.seq))
    return findings + [rules.CLOSING_FILE_ADDED.found(file=path) for path in snapshot.closings if path not in expected]


def unavailable(fault: LedgerBroken) -> Finding:
    """The vault cannot be read."""
    return rules.NO_VAULT.found(message=fault.message, remedy=fault.remedy)
