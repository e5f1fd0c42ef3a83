"""Processes that are killed (SIGKILL) at a certain point of what they do, or at any instant.

The points are those that the code tells as it runs: its own steps, and every statement and commit of SQLAlchemy before and after.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine.default import DefaultDialect

Watch = Callable[[str], None]
Act = Callable[[Watch], None]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked and killed")
COMMITTING, COMMITTED = "avant COMMIT", "après COMMIT"
FILE_EVENTS = frozenset({"os.rename", "os.remove", "os.mkdir", "os.chmod", "os.truncate", "shutil.copyfile"})


@dataclass
class Fuse:
    """Told the point number `at`, it writes its name to `pipe` and kills its process; before, it only counts."""

    at: int
    pipe: int
    count: int = 0

    def __call__(self, point: str) -> None:
        self.count += 1
        if self.count == self.at:
            os.write(self.pipe, point.encode())
            os.kill(os.getpid(), signal.SIGKILL)


def watch_database(watch: Watch) -> None:
    """Tell `watch` of every statement and commit, for the rest of the process's life."""

    def before(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        watch(f"avant {' '.join(statement.split()[:3])}")

    def after(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        watch(f"après {' '.join(statement.split()[:3])}")

    event.listen(sqlalchemy.Engine, "before_cursor_execute", before)
    event.listen(sqlalchemy.Engine, "after_cursor_execute", after)
    watch_commits(watch, setattr)


def watch_commits(watch: Watch, set_: Callable[[object, str, object], None]) -> None:
    """Tell `watch` of every commit; `set_` changes the attribute (for good, or until a test is over)."""
    commit = DefaultDialect.do_commit

    def told(self: DefaultDialect, connection: object) -> None:
        watch(COMMITTING)
        commit(self, connection)  # type: ignore[arg-type]
        watch(COMMITTED)

    set_(DefaultDialect, "do_commit", told)


def watch_files(watch: Watch) -> None:
    """Tell `watch` of every change of a name or file that Python is about to make, for the rest of the process's life."""

    def heard(name: str, arguments: tuple[object, ...]) -> None:
        writes = name == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if name in FILE_EVENTS or writes:
            watch(f"avant {name}")

    sys.addaudithook(heard)


def run_killed(act: Act, at: int, *, files: bool = False) -> str | None:
    """The name of the point `at` at which a child that did `act` was killed; None where it came to its end before."""
    return _outcome(*_child(act, at, files=files))


def run_killed_after(act: Act, seconds: float) -> bool:
    """Whether a child that did `act` was killed after `seconds`; False where it was faster."""
    pid, pipe = _child(act, 0)
    deadline = time.monotonic() + seconds
    ended = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]
    if not ended:
        os.kill(pid, signal.SIGKILL)
    return _outcome(pid, pipe) is not None


def run_to_end(act: Act) -> None:
    """Do `act` in a child of its own."""
    assert _outcome(*_child(act, 0)) is None


def _child(act: Act, at: int, *, files: bool = False) -> tuple[int, int]:
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of other tests; the child uses none of them
        pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        os.close(reading)
        fuse = Fuse(at, writing)
        watch_database(fuse)
        if files:
            watch_files(fuse)
        act(fuse)
        os._exit(0)
    except BaseException:
        os.write(writing, traceback.format_exc().encode()[-60_000:])
        os._exit(1)


def _outcome(pid: int, pipe: int) -> str | None:
    with open(pipe, "rb") as stream:
        said = stream.read().decode()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return said or "à un instant quelconque"
    assert os.WEXITSTATUS(status) == 0, said
    return None
