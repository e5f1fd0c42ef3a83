"""A check of the doctor: what it looked at, what it found, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warning", "problem", "not_checked", "not_applicable"]


@dataclass(frozen=True)
class Check:
    """`warning`: it works, but not in every case. `not_checked`: it could not be found out. `remedy`: what to do; empty where nothing."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""
