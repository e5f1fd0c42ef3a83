"""A1 addresses and positions counted from 0.

>>> column_letters(0), column_letters(27), column_number("AB")
('A', 'AB', 27)
>>> rectangle("$B$2:C4"), rectangle("D7"), reference(1, 1, 3, 2), address_of((6, 3))
((1, 1, 3, 2), (6, 3, 6, 3), 'B2:C4', 'D7')
"""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """The letters of a column."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """The column that capital letters name."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def position(address: str) -> tuple[int, int]:
    """Row and column of an A1 address. ValueError when it is none."""
    letters = address.rstrip("0123456789")
    digits = address[len(letters) :]
    if 0 < len(letters) < 4 and len(digits) < 8 and letters.isascii() and letters.isalpha() and letters.isupper() and digits.strip("0"):
        return int(digits) - 1, column_number(letters)
    raise ValueError(f"not an address: {address!r}")


def address_of(where: tuple[int, int]) -> str:
    """The A1 address of row and column."""
    return f"{column_letters(where[1])}{where[0] + 1}"


def rectangle(reference: str) -> tuple[int, int, int, int]:
    """First row, first column, last row, last column of `B2:C4` or `B2`. ValueError when it is neither."""
    first, _, last = reference.replace("$", "").partition(":")
    return (*position(first), *position(last or first))


def reference(top: int, left: int, bottom: int, right: int) -> str:
    """The A1 reference of an area, both ends included."""
    return f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
