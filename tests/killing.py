"""Processes that are killed (SIGKILL) at a certain point of what they do, or at any instant.

The points are those that the code tells as it runs: its own steps, every statement and commit, and every file about to be
opened for writing, renamed or removed.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine.default import DefaultDialect

Watch = Callable[[str], None]
Act = Callable[[Watch], None]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked and killed")
COMMITTING, COMMITTED = "avant COMMIT", "après COMMIT"
FILE_EVENTS = frozenset({"os.rename", "os.remove", "os.mkdir", "os.chmod"})


@dataclass(frozen=True)
class Point:
    """The `nth` time that something is told as `name`."""

    name: str
    nth: int


@dataclass
class Fuse:
    """Is told every point; kills its process at `at`."""

    at: Point | None = None
    told: list[Point] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, name: str) -> None:
        self.counts[name] += 1
        point = Point(name, self.counts[name])
        self.told.append(point)
        if point == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def points_of(act: Act) -> list[Point]:
    """The points of `act`, done once in a child of its own."""
    said = _outcome(*_child(act, Fuse()))
    assert said is not None
    return [Point(name, int(nth)) for name, nth in (line.rsplit(" ", 1) for line in said.splitlines())]


def run_killed(act: Act, at: Point) -> bool:
    """Do `act` in a child that is killed at the point `at`; False where it did not come to that point."""
    return _outcome(*_child(act, Fuse(at))) is None


def run_killed_after(act: Act, seconds: float) -> bool:
    """Do `act` in a child that is killed after `seconds`; False where it was faster."""
    pid, pipe = _child(act, Fuse())
    if not select.select([pipe], [], [], seconds)[0]:
        os.kill(pid, signal.SIGKILL)
    return _outcome(pid, pipe) is None


def run_to_end(act: Act) -> None:
    """Do `act` in a child of its own."""
    assert _outcome(*_child(act, Fuse())) is not None


def watch_commits(watch: Watch, set_: Callable[[object, str, object], None] = setattr) -> None:
    """Tell `watch` of every commit; `set_` changes the attribute, for good or until a test is over."""
    commit: Callable[[DefaultDialect, object], None] = DefaultDialect.do_commit

    def told(self: DefaultDialect, connection: object) -> None:
        watch(COMMITTING)
        commit(self, connection)
        watch(COMMITTED)

    set_(DefaultDialect, "do_commit", told)


def _watch_statements(watch: Watch) -> None:
    def tell(when: str, statement: str) -> None:
        watch(f"{when} {' '.join(statement.split()[:3])}")

    def before(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        tell("avant", statement)

    def after(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        tell("après", statement)

    event.listen(sqlalchemy.Engine, "before_cursor_execute", before)
    event.listen(sqlalchemy.Engine, "after_cursor_execute", after)


def _watch_files(watch: Watch) -> None:
    """Every change of a name, and every file opened to write, about to be made by Python (audit events cannot be left off again)."""

    def heard(name: str, arguments: tuple[object, ...]) -> None:
        writes = name == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if name in FILE_EVENTS or writes:
            watch(f"avant {name}")

    sys.addaudithook(heard)


def _child(act: Act, fuse: Fuse) -> tuple[int, int]:
    """A child that does `act`, and the pipe into which it says at its end what it was told, or what went wrong."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of other tests: the child uses none of them
        pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    code = 1
    try:
        os.close(reading)
        watch_commits(fuse)
        _watch_statements(fuse)
        _watch_files(fuse)
        act(fuse)
        said = "\n".join(f"{point.name} {point.nth}" for point in fuse.told)
        code = 0
    except BaseException:
        said = traceback.format_exc()
    with open(writing, "w", encoding="utf-8") as stream:  # noqa: PTH123  a descriptor
        stream.write(said)
    os._exit(code)


def _outcome(pid: int, pipe: int) -> str | None:
    """What the child said at its end; None where it was killed."""
    with open(pipe, encoding="utf-8") as stream:
        said = stream.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert os.WEXITSTATUS(status) == 0, said
    return said
