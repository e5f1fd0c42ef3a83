"""How often Python's garbage collector looks through what a command holds."""

from __future__ import annotations

import gc


def calm_collector() -> None:
    """Let the garbage collector look less often: what a command reads stays until it ends, and is walked through in vain."""
    gc.set_threshold(200_000, 50, 100)
