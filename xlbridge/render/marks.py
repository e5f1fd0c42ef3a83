"""What a page says of itself besides the invoice: that it is a copy, a draft, a trial or a duplicate, and where the ledger has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from xlbridge import french


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a document; none is the rule.

    `copy`: converted from a document made elsewhere. `draft`: not issued. `specimen`: from a series for trials. `duplicata`: the day
    on which an issued document was printed again. `proof`: one small line at the foot of every page.
    """

    copy: bool = False
    draft: bool = False
    specimen: bool = False
    duplicata: date | None = None
    proof: str | None = None

    @property
    def plain(self) -> bool:
        """Whether no original can be taken for it, so that it needs no XML."""
        return self.draft or self.specimen or self.duplicata is not None

    @property
    def asks_for_payment(self) -> bool:
        """Whether the page may carry a payment code: the original alone does."""
        return not self.copy and not self.plain

    @property
    def banners(self) -> list[str]:
        """The sentences at the top of every page."""
        told = [
            ("Copie de conversion – le document d’origine fait foi, conservez-le", self.copy),
            ("Brouillon – ce document n’est pas une facture", self.draft),
            ("SPÉCIMEN – document d’essai, sans valeur", self.specimen),
        ]
        banners = [text for text, applies in told if applies]
        if self.duplicata:
            banners.append(f"Duplicata du {french.short_date(self.duplicata)} – l’original électronique fait foi")
        return banners

    @property
    def stamp(self) -> str | None:
        """The word across every page, below the text."""
        return "SPÉCIMEN" if self.specimen else "BROUILLON" if self.draft else None

    @property
    def title(self) -> str:
        """What follows the title in the metadata.

        >>> Marks(specimen=True, draft=True).title
        ' (brouillon, spécimen)'
        """
        told = {"copie de conversion": self.copy, "brouillon": self.draft, "spécimen": self.specimen, "duplicata": self.duplicata}
        words = [word for word, applies in told.items() if applies]
        return f" ({', '.join(words)})" if words else ""


NO_MARKS = Marks()
