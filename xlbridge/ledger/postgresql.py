"""A connection to PostgreSQL that does not wait for ever.

Where the network is gone, or the server or a tunnel to it stands still, no answer comes and nothing else ends the wait: what was sent
was taken by someone.
"""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

SILENCE = 90.0
"""Seconds without a word from the server: more than it waits for a lock."""

T = TypeVar("T")


class BoundConnection(psycopg.Connection[Any]):
    """A connection that is closed where the server says nothing for SILENCE seconds. Raises psycopg.OperationalError then."""

    def wait(self, gen: PQGen[T], *arguments: Any, **settings: Any) -> T:
        try:
            return super().wait(_answered(gen), *arguments, **settings)
        except NoAnswerError:
            self.close()  # it would be waited for again, to undo what was begun
            raise


class NoAnswerError(psycopg.OperationalError):
    """The server does not answer."""


def _answered(work: PQGen[T]) -> PQGen[T]:
    """The steps of `work`, each of which waits for the connection; given nothing when a while has passed (see psycopg.waiting)."""
    heard, step = monotonic(), partial(next, work)
    while True:
        try:
            wanted = step()
        except StopIteration as end:
            answer: T = end.value
            return answer
        ready = yield wanted
        if ready:
            heard = monotonic()
        elif monotonic() - heard > SILENCE:
            raise NoAnswerError(f"no answer for {SILENCE:.0f} seconds")
        step = partial(work.send, ready)
