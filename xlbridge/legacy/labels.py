"""What a label announces: the dictionary of labels, and how a text is compared with it.

>>> role_of("N° de facture :", "label").role, role_of("Date d'échéance", "column").role
('number', 'due_date')
>>> announced = role_of("Montant TVA 5,5 % (€)", "column")
>>> announced.role, announced.rate, announced.currency
('vat', Decimal('5.5'), 'EUR')
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

Place = Literal["column", "label"]

SMALL_WORDS = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "of", "the", "en", "et", "and", "ou", "or"})
SYNONYMS = {
    "numero": "num", "no": "num", "nr": "num", "nummer": "num", "number": "num", "nbre": "nombre", "nb": "nombre", "ref": "reference",
    "fact": "facture", "mt": "montant", "mnt": "montant", "ech": "echeance", "cde": "commande", "desig": "designation",
}  # fmt: skip
CURRENCY_WORDS = {
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "usd": "USD",
    "us$": "USD",
    "chf": "CHF",
    "gbp": "GBP",
    "£": "GBP",
    "cad": "CAD",
    "dh": "MAD",
    "dhs": "MAD",
    "mad": "MAD",
    "tnd": "TND",
    "dzd": "DZD",
    "xof": "XOF",
    "fcfa": "XOF",
    "xaf": "XAF",
}
RATE = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*%")


@dataclass(frozen=True, slots=True)
class Announced:
    """What a label announces: a role, and the rate and currency that its text names. `ambiguous`: rate or amount, the value tells."""

    role: str
    rate: Decimal | None = None
    currency: str | None = None
    ambiguous: bool = False


def normal(text: str) -> str:
    """The text as labels are compared: no case, accents, punctuation, plural s or small words.

    >>> normal("N° de Factures"), normal("P.U. H.T."), normal("DateEchéance"), normal("T.V.A. :")
    ('num facture', 'pu ht', 'date echeance', 'tva')
    """
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=ID)(?=[A-Z][a-z])", " ", text)
    text = re.sub(r"\b[nN]\s?[°º]|#|№", " num ", text)
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)).casefold()
    text = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", text.replace("œ", "oe"))
    words = re.sub(r"[^a-z0-9%]+", " ", text).split()
    kept = [SYNONYMS.get(word, word) for word in words if word not in SMALL_WORDS] or words
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in kept)


def without_hints(text: str) -> tuple[str, Decimal | None, str | None]:
    """The text without its rate and currency, the rate it names (in percent), the currency it names (ISO 4217)."""
    rate = RATE.search(text)
    rest = text[: rate.start()] + " " + text[rate.end() :] if rate else text
    currency = None
    for word in re.findall(r"us\$|[€£]|[a-zA-Z]+", rest.casefold()):
        currency = CURRENCY_WORDS.get(word, currency)
    if currency:
        words = "|".join(re.escape(word) for word in CURRENCY_WORDS if CURRENCY_WORDS[word] == currency)
        rest = re.sub(rf"(?i)(?<![^\W_])(?:{words})(?![^\W_])", " ", rest)
    return rest, Decimal(rate[1].replace(",", ".")) if rate else None, currency


def role_of(text: str, place: Place) -> Announced | None:
    """What `text` announces at the head of a column or beside a value, or None."""
    if len(text) > 70:
        return None
    return _role_of(text, place)


@cache
def _role_of(text: str, place: Place) -> Announced | None:
    rest, rate, currency = without_hints(text)
    bare = re.sub(r"(?i)\s*(?:\bà|\bau taux(?: de)?|\btaux(?: de)?)\s*(?=:?\s*$)", "", rest) if rate is not None else rest
    for candidate in (text, rest, bare, re.sub(r"\([^)]*\)", " ", rest)):
        found = _dictionary(place).get(normal(candidate))
        if found:
            role, ambiguous = found
            if ambiguous and (rate is not None or "%" in text):
                ambiguous, role = rate is None, "vat" if rate is not None else "vat_rate"
            return Announced(role, rate, currency, ambiguous)
    return None


@cache
def _dictionary(place: Place) -> dict[str, tuple[str, bool]]:
    """Normalised label → (role, whether rate and amount share it) for one place."""
    data = tomllib.loads(files("xlbridge.data").joinpath("labels.toml").read_text("utf-8"))
    table: dict[str, tuple[str, bool]] = {}
    for role, lists in data.items():
        for kind in ("both", place, "ambiguous"):
            for label in lists.get(kind, ()):
                table.setdefault(normal(label), (role, kind == "ambiguous"))
    return table
