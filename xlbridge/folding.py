"""Texts as people compare them: without case, accents, punctuation and spare blanks; names of firms also without legal form."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LEGAL_FORMS = frozenset(
    re.findall(
        r"\w+",
        "sa sas sasu sarl sarlu eurl sci scp scop sca scs snc selarl selas selasu scea earl gaec gie ei eirl ltd gmbh srl bv nv",
    )
)
SPELLED_FORMS = (
    "entreprise unipersonnelle a responsabilite limitee",
    "societe par actions simplifiee unipersonnelle",
    "societe par actions simplifiee",
    "societe a responsabilite limitee",
    "societe en nom collectif",
    "societe civile immobiliere",
    "societe anonyme",
    "entrepreneur individuel",
)


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """`text` for comparison.

    >>> folded("  L’Été à Évry : n° 1 "), folded("S.A.R.L. Dupré & Fils")
    ('l ete a evry n 1', 'sarl dupre fils')
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)).casefold()
    plain = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", plain)
    return " ".join(re.findall(r"[^\W_]+", plain.replace("œ", "oe").replace("æ", "ae")))


def firm_name(text: str) -> str:
    """A firm's name without its legal form, which one sheet writes before the name, another behind, a third not at all.

    >>> firm_name("SARL Dupré & Fils"), firm_name("Dupré & Fils (S.A.S.)"), firm_name("SAS")
    ('dupre fils', 'dupre fils', 'sas')
    """
    name = folded(text)
    bare = f" {name} "
    for form in SPELLED_FORMS:
        bare = bare.replace(f" {form} ", " ")
    words = bare.split()
    while words and words[0] in LEGAL_FORMS:
        words.pop(0)
    while words and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words) or name
