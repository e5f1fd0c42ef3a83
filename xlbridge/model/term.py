"""Business terms (BT-…, BG-…) of EN 16931-1 as annotations of the model's fields.

The term ties a cell, a field, an XML path and an official rule together. A class used in several places (a party, an address, an
allowance) has one term per place; the place is the path of the containing object without its indexes.

>>> from xlbridge.model.term import term_of
>>> term_of("number"), term_of("buyer.name"), term_of("lines[3].unit_price"), term_of("lines[0].allowances[1].amount")
('BT-1', 'BT-44', 'BT-146', 'BT-136')
>>> term_of("seller.siret"), term_of("buyer.postcode")
('BT-29', 'BT-53')
"""

from __future__ import annotations

import operator
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Data(BaseModel):
    """Base of the model: immutable, no unknown field, no coercion of floats into money."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002 pydantic's signature
        """As pydantic's, but `self` where nothing changes, and nothing that was cached of the old data: what is immutable needs no copy.

        Raises AttributeError for an unknown field.
        """
        changes = {
            name: value
            for name, value in (update or {}).items()
            if (old := getattr(self, name)) is not value and not (isinstance(value, tuple) and _holds_the_same(old, value))
        }
        if not changes:
            return self
        fields = type(self).__pydantic_fields__
        values = {**self.__dict__, **changes}
        if len(values) > len(fields):  # a property
            if unknown := changes.keys() - fields.keys():
                raise AttributeError(f"no field of {type(self).__name__}: {unknown}")
            values = {name: values[name] for name in fields}  # without what was cached of the old data
        copy = object.__new__(type(self))
        object.__setattr__(copy, "__dict__", values)
        object.__setattr__(copy, "__pydantic_fields_set__", self.__pydantic_fields_set__ | changes.keys())
        object.__setattr__(copy, "__pydantic_extra__", None)
        object.__setattr__(copy, "__pydantic_private__", None)
        return copy


def _holds_the_same(old: object, new: tuple[object, ...]) -> bool:
    """Whether both are tuples of the same objects."""
    return isinstance(old, tuple) and len(old) == len(new) and all(map(operator.is_, old, new))


@dataclass(frozen=True)
class Term:
    """One business term, or one per containing place (`Term(seller="BT-27", buyer="BT-44")`)."""

    everywhere: str | None
    by_place: MappingProxyType[str, str]

    def __init__(self, everywhere: str | None = None, **by_place: str) -> None:
        object.__setattr__(self, "everywhere", everywhere)
        object.__setattr__(self, "by_place", MappingProxyType({key.replace("__", "."): value for key, value in by_place.items()}))

    def at(self, place: str) -> str | None:
        """The term where the containing object stands at `place` ("" is the document)."""
        return self.by_place.get(place, self.everywhere)


# Short paths of the `read --json` document that stand for a deeper field of the model.
SHORT_PATHS = {
    "siren": "legal_id",
    "siret": "identifiers",
    "postcode": "address.postcode",
    "city": "address.city",
    "country": "address.country",
}


def term_of(path: str) -> str | None:
    """The business term of the field at `path` of an invoice, or None where the path names no term."""
    return _term_of(re.sub(r"\[\d+\]", "", path))


@cache
def _term_of(path: str) -> str | None:
    from xlbridge.model.invoice import Invoice

    steps = path.split(".")
    if len(steps) == 2 and steps[1] in SHORT_PATHS:
        steps = [steps[0], *SHORT_PATHS[steps[1]].split(".")]
    owner: type[BaseModel] = Invoice
    found: str | None = None
    for position, step in enumerate(steps):
        info = owner.model_fields.get(step)
        if info is None:
            return None
        term = next((item for item in info.metadata if isinstance(item, Term)), None)
        found = term.at(".".join(steps[:position])) if term else None
        inner = model_in(info.annotation)
        if inner is None:
            return found if position == len(steps) - 1 else None
        owner = inner
    return found


def model_in(annotation: object) -> type[BaseModel] | None:
    """The model class inside `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in {UnionType, typing.Union, tuple, typing.Annotated}:
        return next((model for part in typing.get_args(annotation) if part not in {NoneType, ...} and (model := model_in(part))), None)
    return None
