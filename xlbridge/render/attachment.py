"""Files inside the PDF."""

from __future__ import annotations

from dataclasses import dataclass

RELATIONSHIPS = frozenset({"Source", "Data", "Alternative", "Supplement", "Unspecified"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF. `relationship` is its `AFRelationship` (ISO 32000-2, 7.11.3): Source, Data, Alternative, Supplement."""

    name: str
    content: bytes
    mime_type: str
    relationship: str = "Source"
    description: str = ""
