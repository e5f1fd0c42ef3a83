"""Countries as people write them, by code or name, as ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

from functools import cache

from xlbridge.folding import folded


@cache
def country_code(text: str) -> str | None:
    """The code of the country that `text` names in French, in English or by its code; None when unknown.

    >>> country_code("fr"), country_code("Belgique"), country_code("Germany"), country_code("Pays imaginaire")
    ('FR', 'BE', 'DE', None)
    """
    return _names().get(folded(text))


@cache
def country_name(code: str) -> str:
    """The French name of the country of a code; the code itself where it is of none.

    >>> country_name("SA"), country_name("GB"), country_name("XX")
    ('Arabie saoudite', 'Royaume-Uni', 'XX')
    """
    import gettext

    import pycountry

    country = pycountry.countries.get(alpha_2=code)
    french = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"])
    return french.gettext(getattr(country, "common_name", country.name)) if country else code


@cache
def _names() -> dict[str, str]:
    import gettext

    import pycountry

    french = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"])
    names: dict[str, str] = {}
    for country in pycountry.countries:
        code = str(country.alpha_2)
        for name in (code, country.alpha_3, country.name, getattr(country, "common_name", country.name), french.gettext(country.name)):
            names.setdefault(folded(name), code)
    return names | {"etats unis": "US", "royaume uni": "GB", "angleterre": "GB", "usa": "US", "uk": "GB"}
