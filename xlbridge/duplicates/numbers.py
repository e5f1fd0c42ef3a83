"""Numbers of invoices compared as people read them.

Every number of a register differs from its neighbours by one character; what makes two of them suspicious is told here only as far as
the texts say it.
"""

from __future__ import annotations

import re

LETTER_AS_DIGIT = re.compile(r"(?<![^\W\d_])[oil](?=\d)|(?<=\d)[oil](?![^\W\d_])")
DIGITS = str.maketrans("oil", "011")
LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
PUNCTUATION = re.compile(r"[^\w-]|_|(?<!\d)-|-(?!\d)")


def spelled(number: str) -> str:
    """`number` without case, blanks, punctuation and leading zeros.

    >>> spelled("F2026-0045"), spelled("f 2026 / 45"), spelled("F2026-O045")
    ('f2026-45', 'f2026-45', 'f2026-45')
    >>> spelled("2026-1-11"), spelled("2026-11-1"), spelled("FO-12"), spelled("F-120"), spelled("F-0")
    ('2026-1-11', '2026-11-1', 'fo12', 'f120', 'f0')
    """
    text = number.casefold()
    if "o" in text or "i" in text or "l" in text:
        text = LETTER_AS_DIGIT.sub(lambda found: found[0].translate(DIGITS), text)
    text = LEADING_ZEROS.sub("", text)
    return text if text.isalnum() else PUNCTUATION.sub("", BETWEEN_DIGITS.sub("-", text))


def one_character_apart(first: str, second: str) -> bool:
    """Whether a slip of one key makes one number of the other: a character left out, added or changed, or two swapped. Another digit in
    the same place is no slip: so differ the counters of every register.

    >>> one_character_apart("F2026-0045", "F2026-0054"), one_character_apart("F2026-0045", "F2026-0046")
    (True, False)
    >>> one_character_apart("FA-12", "F-12"), one_character_apart("FA-12", "FB-12"), one_character_apart("FA-12", "FB-13")
    (True, True, False)
    """
    from rapidfuzz.distance import OSA

    if OSA.distance(first, second, score_cutoff=1) > 1:
        return False
    changed = [(one, two) for one, two in zip(first, second, strict=False) if one != two]
    return len(first) != len(second) or len(changed) != 1 or not all(char.isdecimal() for char in changed[0])
