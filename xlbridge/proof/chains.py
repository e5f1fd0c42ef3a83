"""The two chains, record by record: place, hash, signature, link to the record before, time.

What cannot be found here: a tail that was cut (see `xlbridge.proof.heads`), and a chain that the owner of the key wrote anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from xlbridge.findings import Finding, Rule
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.schema import RECORDS
from xlbridge.ledger.seal import is_signed, key_id
from xlbridge.proof import rules
from xlbridge.proof.facts import Sound

KEYS = frozenset({"seq", "kind", "previous", "at", "user", "program", "content"})
SHOWN = 16  # digits of a hash in a message
Name = Callable[[int], str]


class ChainCheck:
    """The walk along one chain. `hashes` and `times` are of the bodies as they are, also of those not believed."""

    def __init__(self, table: Table, title: str, public: str | None, start: str, name: Name) -> None:
        self.table, self.title, self.public, self.name = table, title, public, name
        self.findings: list[Finding] = []
        self.hashes: dict[int, str] = {}
        self.times: dict[int, str] = {}
        self.unsound: set[int] = set()
        self.has_gaps = False
        self._previous: str | None = start
        self._expected = 1
        self._latest = ""

    def walk(self, connection: Connection) -> Iterator[Sound]:
        """The records that are what their signatures say; what is wrong with the others is in `findings`."""
        query = select(self.table).order_by(self.table.c.seq).execution_options(yield_per=500)
        for row in connection.execute(query):
            link = Link(*row)
            if link.seq != self._expected:
                self._gap(link.seq)
            before = len(self.findings)
            data = self._judged(link)
            if len(self.findings) > before:
                self.unsound.add(link.seq)
            elif data is not None:
                yield Sound(link, data)
            self._previous = self.hashes[link.seq]
            self._expected = link.seq + 1

    def doubt(self, sound: Sound, fault: Exception) -> None:
        """A signed record whose content is not of the expected form."""
        self.unsound.add(sound.link.seq)
        self._tell(rules.STRANGE, sound.link.seq, detail=f"{type(fault).__name__} : {fault}")

    def _gap(self, found: int) -> None:
        missing = range(self._expected, found)
        names = [name for seq in missing[:20] if (name := self.name(seq).strip(" ()"))]
        which = f"le maillon {missing[0]}" if len(missing) == 1 else f"les maillons {missing[0]} à {missing[-1]}" if missing else "l’ordre"
        self.has_gaps = True
        self.findings.append(
            rules.MISSING.found(chain=self.title, which=which, name=f" ({', '.join(names)})" if names else "", seq=self._expected)
        )
        self._previous = None  # what the next one follows is not there

    def _judged(self, link: Link) -> Mapping[str, Any] | None:
        """The body where it can be read, after telling all that is wrong with it."""
        body = link.body.encode("utf-8", "surrogatepass") if isinstance(link.body, str) else bytes(link.body or b"")
        self.hashes[link.seq] = hashlib.sha256(body).hexdigest()
        signed = self.public is not None and is_signed(self.public, body, str(link.signature))
        if self.hashes[link.seq] != link.hash:
            detail = "l’empreinte notée est fausse, le contenu est encore signé" if signed else "le contenu n’est plus celui qui fut signé"
            self._tell(rules.CHANGED, link.seq, hash=str(link.hash)[:SHOWN], detail=detail)
        elif not signed:
            self._tell(rules.UNSIGNED, link.seq, key=self._key)
        if link.key_id != self._key:
            self._tell(rules.KEY_NAME, link.seq, found=link.key_id, key=self._key)
        data = _read(body)
        if data is None:
            self._tell(rules.CHANGED, link.seq, hash=str(link.hash)[:SHOWN], detail="ce n’est plus du JSON canonique (RFC 8785)")
            return None
        self._judge_place(link, data)
        return data

    def _judge_place(self, link: Link, data: Mapping[str, Any]) -> None:
        if (data["seq"], data["kind"]) != (link.seq, link.kind):
            self._tell(rules.MISPLACED, link.seq, said_seq=data["seq"], said_kind=data["kind"], kind=link.kind)
        if self._previous is not None and data["previous"] != self._previous:
            self._tell(rules.UNLINKED, link.seq, before=link.seq - 1)
        try:
            at = chain.written_time(chain.time_of(data["at"]))
        except (ValueError, TypeError):
            self._tell(rules.CHANGED, link.seq, hash=str(link.hash)[:SHOWN], detail="son heure est illisible")
            return
        self.times[link.seq] = at
        if at < self._latest:
            self._tell(rules.BACKWARDS, link.seq, at=at, then=self._latest)
        self._latest = max(self._latest, at)

    @property
    def _key(self) -> str:
        return key_id(self.public) if self.public else "inconnue"

    def _tell(self, rule: Rule, seq: int, **values: Any) -> None:
        self.findings.append(rule.found(chain=self.title, seq=seq, name=self.name(seq), **values))


def public_of(connection: Connection) -> tuple[str | None, Mapping[str, Any]]:
    """The public key that the first record names, and what else it says of the ledger; None and nothing where it names none."""
    body = connection.execute(select(RECORDS.c.body).order_by(RECORDS.c.seq).limit(1)).scalar()
    data = _read(body.encode("utf-8", "surrogatepass")) if isinstance(body, str) else None
    if data is None or data["kind"] != chain.OPENING or not isinstance(data["content"], dict):
        return None, {}
    public = data["content"].get("public_key")
    try:
        is_key = isinstance(public, str) and len(bytes.fromhex(public)) == 32
    except ValueError:
        is_key = False
    return (public if is_key else None), data["content"]


def _read(body: bytes) -> dict[str, Any] | None:
    """A body that is the canonical JSON of a record, or None."""
    try:
        data = json.loads(body)
        if not isinstance(data, dict) or data.keys() != KEYS:
            return None
        # The standard library writes the same bytes but for rare keys, ten times as fast.
        quick = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return data if body == quick or body == chain.canonical(data) else None
    except (ValueError, RecursionError):  # rfc8785 raises a ValueError of its own for what it cannot write
        return None
