"""The rule engine: Saxon in this process, its sheets compiled once and kept.

One processor a process, used from the thread that made it. Saxon is native code: should it abort, the process dies and nothing here
can catch that; whoever must survive it runs `judge` in a spawned worker and reports a worker that died as "not checked".

A sheet is first used as it is published. From `REWRITE_AFTER` messages on it is replaced by its rewritten form (see
`xlbridge.official.rewrite`), and the published one judges again whenever the rewritten one raises an error.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from xlbridge.errors import NotChecked
from xlbridge.official.rewrite import REWRITABLE, CannotRewrite, rewritten
from xlbridge.official.ruleset import Sheet

if TYPE_CHECKING:
    from lxml import etree

REWRITE_AFTER = 20  # compiling a rewritten sheet costs about as much as it saves on twenty to thirty messages

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_REPORT = f"Q{_SVRL}schematron-output"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that a message breaks, as the sheet says it. `report` is True for a `report` that fired (False: a failed `assert`)."""

    code: str
    flag: str
    report: bool
    location: str
    text: str


class Engine:
    """Compiled sheets of one process. `rewrite_after` is the number of messages from which a sheet is rewritten; None: never."""

    def __init__(self, rewrite_after: int | None = REWRITE_AFTER) -> None:
        self.rewrite_after = rewrite_after
        self._saxon: Any = None
        self._loaded: tuple[etree._Element | None, Any] = (None, None)  # the last message, often judged by two sheets
        self._published: dict[Sheet, Any] = {}
        self._rewritten: dict[Sheet, Any] = {}
        self._refused: set[Sheet] = set()
        self._uses: Counter[Sheet] = Counter()

    def prepare(self, sheet: Sheet, *, rewrite: bool) -> None:
        """Compile `sheet` now, so that the first message does not pay for it. Raises NotChecked."""
        with _engine_errors(sheet):
            if not (rewrite and self._compile_rewritten(sheet)):
                self._compile_published(sheet)

    def failures(self, sheet: Sheet, message: etree._Element) -> list[Failure]:
        """What `sheet` says against the message (a root element). Raises NotChecked when the engine cannot tell."""
        self._uses[sheet] += 1
        with _engine_errors(sheet):
            if self._wants_rewrite(sheet) and self._compile_rewritten(sheet):
                try:
                    return self._run(self._rewritten[sheet], message)
                except (_saxon_error(), NotChecked) as error:
                    _log.info("rewritten sheet %s failed, the published one decides: %s", sheet.name, error)
            self._compile_published(sheet)
            return self._run(self._published[sheet], message)

    def _wants_rewrite(self, sheet: Sheet) -> bool:
        return sheet in self._rewritten or (self.rewrite_after is not None and self._uses[sheet] > self.rewrite_after)

    def _compile_published(self, sheet: Sheet) -> None:
        if sheet not in self._published:
            # from the installed path: the sheet finds its code lists beside itself
            self._published[sheet] = self._compiler().compile_stylesheet(stylesheet_file=str(sheet.path))

    def _compile_rewritten(self, sheet: Sheet) -> bool:
        """Whether the rewritten form of `sheet` is ready for use."""
        if sheet in self._rewritten:
            return True
        if sheet not in REWRITABLE or sheet in self._refused:
            return False
        try:
            self._rewritten[sheet] = self._compiler().compile_stylesheet(stylesheet_text=rewritten(sheet.path))
        except (CannotRewrite, OSError, SyntaxError, _saxon_error()) as error:  # lxml: no file, no XML
            _log.warning("sheet %s is used as published: %s", sheet.name, error)
            self._refused.add(sheet)
            return False
        return True

    def _compiler(self) -> Any:
        if self._saxon is None:
            from saxonche import PySaxonProcessor

            self._saxon = PySaxonProcessor(license=False)
        return self._saxon.new_xslt30_processor()

    def _run(self, executable: Any, message: etree._Element) -> list[Failure]:
        from lxml import etree

        if self._loaded[0] is not message:
            text = etree.tostring(message, encoding="unicode", with_tail=False)
            self._loaded = (message, self._saxon.parse_xml(xml_text=text))
        with _quiet_standard_error():
            answer = executable.transform_to_value(xdm_node=self._loaded[1])
        reports = answer.head.children if answer is not None and answer.size else []
        if not reports:
            raise NotChecked("Le moteur de règles n’a rien répondu.")
        report = reports[0]
        if len(reports) > 1 or report.name != _REPORT:
            raise NotChecked("Le moteur de règles a répondu autre chose qu’un rapport Schematron.")
        if not report.children:  # a rewritten sheet tells failures only
            return []
        parser = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)
        elements = etree.fromstring(report.to_string("utf-8").encode(), parser)
        return [_failure(element) for element in elements.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")]


@contextmanager
def _quiet_standard_error() -> Iterator[None]:
    """Keep Saxon's stack traces off the user's console: the words that matter are in its exception."""
    try:
        kept = os.dup(2)
    except OSError:  # a program without console
        yield
        return
    try:
        os.dup2(_nowhere(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@cache
def _nowhere() -> int:
    """The null device, opened once for the process."""
    return os.open(os.devnull, os.O_WRONLY)


def _failure(element: etree._Element) -> Failure:
    return Failure(
        element.get("id") or "",
        element.get("flag") or "",
        element.tag == f"{_SVRL}successful-report",
        element.get("location") or "",
        " ".join("".join(map(str, element.itertext())).split()),
    )


def _saxon_error() -> type[Exception]:
    from saxonche import PySaxonApiError

    error: type[Exception] = PySaxonApiError
    return error


@contextmanager
def _engine_errors(sheet: Sheet) -> Iterator[None]:
    """Turn every failure of the engine into NotChecked, with the engine's own words."""
    try:
        error_type = _saxon_error()
    except ImportError as error:
        raise NotChecked("Le moteur de règles saxonche n’est pas installé.", "Réinstallez xlbridge et ses dépendances.") from error
    try:
        yield
    except error_type as error:
        raise NotChecked(f"Le moteur de règles n’a pas pu exécuter la feuille {sheet.name} : {str(error).strip()}.") from error
