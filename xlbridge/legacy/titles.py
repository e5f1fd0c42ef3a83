"""What kind of document a sheet calls itself: invoice, credit note, quote, delivery note …"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlbridge.legacy.values import plain_text

WORDS = {
    "proforma": r"\bpro ?-?forma\b",
    "quote": r"\bdevis\b|\bquot(?:e|ation)\b|\bestimat(?:e|ion|if)\b|\boffre de prix\b|\bangebot\b|\bofferte?\b|\bkostenvoranschlag\b",
    "delivery_note": r"\bbon de livraison\b|\bbl\b(?=\s*(?:n|:|/|$))|\bdelivery (?:note|slip)\b|\blieferschein\b",
    "credit_note": r"\bavoir\b|\bnote de credit\b|\bcredit note\b|\brefund\b|\bgutschrift\b|\bcreditnota\b",
    "deposit": r"\bfacture d.?acompte\b|\bdeposit invoice\b|\banzahlungsrechnung\b",
    "invoice": r"\bfactures?\b|\binvoice\b|\brechnung\b|\bfactuur\b|\bnote d.?honoraires\b",
    "other": r"^(?:lettre de )?relance\b|^accuse de reception|^ticket\b|^recu\b|^contrat\b|^note de frais\b|^situation de travaux",
    "purchase_order": r"\bbon de commande\b|\bpurchase order\b",
}
PATTERNS = {kind: re.compile(pattern) for kind, pattern in WORDS.items()}


def double_title(texts: Iterable[str]) -> str | None:
    """A text that calls the document an invoice and something else at once (« BL / Facture », « Devis – Facture »)."""
    for text in texts:
        kinds = kinds_of([text]).keys()
        if "invoice" in kinds and kinds & {"quote", "delivery_note", "purchase_order"}:
            return text
    return None


def kinds_of(texts: Iterable[str]) -> dict[str, str]:
    """The kinds that titles name, each with the text that names it. A title is short; a sentence about invoices is none.

    >>> sorted(kinds_of(["BL/Facture N° :37/25"])), sorted(kinds_of(["Arrêtée la présente facture à la somme de"]))
    (['delivery_note', 'invoice'], [])
    """
    found: dict[str, str] = {}
    for text in texts:
        folded = plain_text(text)
        if len(folded) > 45 or re.search(r"\b(?:arretee?|conditions|total|remercions|facture a|facturer)\b", folded):
            continue
        for kind, pattern in PATTERNS.items():
            if pattern.search(folded):
                found.setdefault(kind, text)
    return found
