"""Where a party stands for VAT: which French territory, in the Union or outside; from `data/vat_territories.toml`.

A territory is read from a country and a postcode that are written, never guessed: without country nothing is said.

>>> from xlbridge.model import PostalAddress
>>> french_territory(PostalAddress(country="FR", postcode="97400")).name, french_territory(PostalAddress(postcode="97400"))
('La Réunion', None)
>>> in_union("GB", None, date(2026, 1, 1)), in_union("ES", "35001", date(2026, 1, 1)), in_union("ES", "28001", date(2026, 1, 1))
(False, False, True)
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from xlbridge.model import Invoice, PostalAddress
from xlbridge.model.codes import SCHEME_SIREN

NORTHERN_IRELAND = "XI"


class Territory(NamedTuple):
    """A French territory. `kind`: mainland, corsica, overseas (CGI art. 296), none (art. 294: no VAT), own (a tax of its own)."""

    name: str
    kind: str


MAINLAND = Territory("France continentale", "mainland")


def french_territory(address: PostalAddress | None) -> Territory | None:
    """The French territory of `address` (Monaco counts as the mainland); None abroad, or where the country is not written."""
    return _territory(address.country, address.postcode) if address and address.country else None


def is_french(country: str | None) -> bool:
    """Whether the code is that of France, of one of its territories or of Monaco."""
    return country in {"FR", "MC"} or country in _data()["countries"]


@lru_cache(maxsize=1024)
def _territory(country: str, postcode: str | None) -> Territory | None:
    by_country = _data()["countries"].get(country)
    if by_country or country == "MC":
        return by_country or MAINLAND
    if country != "FR":
        return None
    compact = "".join((postcode or "").split())
    if not compact.isdigit() or len(compact) != 5:
        return None
    return next((place for prefix, place in _data()["prefixes"].items() if compact.startswith(prefix)), MAINLAND)


def french_seller(invoice: Invoice) -> bool | None:
    """Whether the seller charges French VAT: by its VAT number, country or SIREN; None where nothing tells."""
    seller = invoice.seller
    if seller.vat_number and seller.vat_number[:2].upper() == "FR":
        return True
    if seller.country:
        return is_french(seller.country)
    return True if seller.legal_id and seller.legal_id.scheme == SCHEME_SIREN else None


@lru_cache(maxsize=1024)
def in_union(country: str, postcode: str | None, day: date) -> bool:
    """Whether goods sent there on `day` stay in the VAT area of the Union; French territories overseas lie outside it."""
    state = _data()["union"].get(country)
    if state is None or not state.get("since", date.min) <= day <= state.get("until", date.max):
        return False
    if country == "FR":
        place = _territory(country, postcode)
        return place is None or place.kind in {"mainland", "corsica"}
    return not (postcode or "").strip().startswith(tuple(state.get("outside", ())))


def other_member(country: str | None, postcode: str | None, day: date) -> bool:
    """Whether it is a member state other than France."""
    return bool(country) and not is_french(country) and in_union(str(country), postcode, day)


def foreign_union_number(vat_number: str | None) -> bool:
    """Whether a VAT number has the letters of a member state other than France (or of Northern Ireland, for goods)."""
    letters = (vat_number or "").strip()[:2].upper()
    return letters in _data()["letters"]


@cache
def _data() -> dict[str, Any]:
    data = tomllib.loads(files("xlbridge.data").joinpath("vat_territories.toml").read_text("utf-8"))
    places = [(item, Territory(item["name"], item["kind"])) for item in data["territory"]]
    letters = {state.get("prefix", code) for code, state in data["union"].items() if "until" not in state}
    return {
        "prefixes": {item["prefix"]: place for item, place in places},
        "countries": {item["country"]: place for item, place in places if "country" in item},
        "union": data["union"],
        "letters": letters - {"FR"} | {NORTHERN_IRELAND},
    }
