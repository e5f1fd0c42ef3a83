"""Address blocks as people write them: street lines, postcode and town, country.

>>> parse_lines(["Hôtel de ville", "Avenue du Parc", "69 100 Villeurbanne", "France"])
Address(lines=('Hôtel de ville', 'Avenue du Parc'), postcode='69100', city='Villeurbanne', country='FR')
>>> parse_lines(["7520 rue des Grèbes, Lévis, QC, G6X 2B9"])
Address(lines=('7520 rue des Grèbes',), postcode='G6X 2B9', city='Lévis', country='CA')
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from xlbridge.legacy.values import plain_text

FRENCH_TOWN = re.compile(
    r"^(?:(?:F|FR)[- ])?(\d{2} ?\d{3})[ ,-]+([^\d\W][\w’' .()/-]*?(?: cedex(?: \d+)?)?)[ ,]*(?:,? ?(france))?$", re.IGNORECASE
)
FOREIGN_TOWN = re.compile(r"^([A-Z]{1,3}-)?(\d{4,5})(?: ([A-Z]{2}))? ([^\d\W][\w’' .-]*)$")
TOWN_CODE = re.compile(r"^([^\d\W][\w’' .-]*?),? ([A-Z]{2}),? (\d{5})$")
CANADIAN = re.compile(
    r"^(?:(.*?),? ?)?([^\d\W,(][\w’' .-]*?),? ?\(?(?:QC|ON|Québec|Ontario|BC|AB|NB|NS|MB|SK)\)?,? ?([A-Z]\d[A-Z] ?\d[A-Z]\d)$"
)
TOWN_AFTER_DASH = re.compile(r"^(.+?) ?[-–,] ?(?:([^\d\W][\w’' .]*?) (\d{4,5})|(\d{5}) ([^\d\W][\w’' .-]*))$")


@dataclass(frozen=True)
class Address:
    """The parts of an address; `lines` are the street lines in order."""

    lines: tuple[str, ...] = ()
    postcode: str | None = None
    city: str | None = None
    country: str | None = None


def parse_lines(texts: Iterable[str]) -> Address:
    """The address that stands in these lines, top to bottom; lines that are no town or country are street lines."""
    lines: list[str] = []
    postcode = city = country = None
    for raw in texts:
        text = " ".join(raw.split()).strip(" ,")
        if not text or len(text) > 200:
            continue
        town = _town(text) if postcode is None else None
        if town:
            street, postcode, city, found = town
            country = country or found
            if street:
                lines.append(street)
        elif (code := country_code(text)) and (lines or city):
            country = code
        else:
            lines.append(text)
    return Address(tuple(lines), postcode, city, country)


def _town(text: str) -> tuple[str | None, str, str, str | None] | None:
    """Street, postcode, town and country that a line with a town holds."""
    if found := FRENCH_TOWN.fullmatch(text):
        return None, found[1].replace(" ", ""), found[2].strip(), "FR" if found[3] else None
    if found := CANADIAN.fullmatch(text):
        return found[1] or None, found[3], found[2].strip(), "CA"
    if found := TOWN_CODE.fullmatch(text):
        return None, found[3], found[1], "US"
    if found := FOREIGN_TOWN.fullmatch(text):
        return None, found[2] + (f" {found[3]}" if found[3] else ""), found[4], None
    if (found := TOWN_AFTER_DASH.fullmatch(text)) and re.search(
        r"\d|\b(?:rue|route|avenue|bd|place|chemin|allée)\b", found[1], re.IGNORECASE
    ):
        return found[1], found[3] or found[4], (found[2] or found[5]).strip(), None
    return None


@cache
def _countries() -> dict[str, str]:
    """Folded country names (English, French and codes) → ISO 3166-1 alpha-2."""
    import gettext

    import pycountry

    names: dict[str, str] = {}
    french = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"], fallback=True)
    for country in pycountry.countries:
        for name in (country.name, getattr(country, "common_name", ""), country.alpha_2, country.alpha_3, french.gettext(country.name)):
            if name:
                names[plain_text(name)] = country.alpha_2
    extra = {
        "usa": "US", "etats-unis": "US", "u.s.a.": "US", "uk": "GB", "royaume-uni": "GB", "angleterre": "GB", "arabie saoudite": "SA",
        "russie": "RU", "coree du sud": "KR", "la reunion": "RE", "pays-bas": "NL", "hollande": "NL", "tchequie": "CZ", "suisse": "CH",
    }  # fmt: skip
    return names | extra


def country_code(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code that a text names, or None.

    >>> country_code("Arabie Saoudite"), country_code("FR"), country_code("Royaume-Uni"), country_code("Limoges")
    ('SA', 'FR', 'GB', None)
    """
    return _countries().get(plain_text(text).strip(" ."))
