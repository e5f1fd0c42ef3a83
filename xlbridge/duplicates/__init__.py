"""Duplicates: the invoice that was made, or is about to be made, twice."""

from __future__ import annotations

from xlbridge.duplicates.known import Known, content_key, known_of
from xlbridge.duplicates.search import DAYS, find

__all__ = ["DAYS", "Known", "content_key", "find", "known_of"]
