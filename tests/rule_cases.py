"""The cases of the rules: `tests/cases/<CODE>/` holds a failing and a passing invoice as text, and the message word for word.

`fail.toml` and `pass.toml` name a base invoice of `BASES` and what differs from it:

    base = "b2b"
    [context]           # regime, size, activity, tax_point, sole_trader, client, day, own, issued; as Context names them
    client = "professionnel"
    [set]               # path of the model = value; none = the field is emptied
    "seller.vat_number" = "FR00812345676"
    "lines[0].vat_rate" = "20"

`recompute = true` (above the tables) computes breakdown and totals anew from the changed lines. `message.txt` is the finding of
`fail.toml` as a person reads it (`str(finding)`, without a cell). A rule that answers differently for
somebody else's invoice may have `elsewhere.txt` too. A rule that compares invoices has a table `[twin]` beside `[set]`: what differs in
the invoice that is there already.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tests import samples
from xlbridge.clients import ClientKind
from xlbridge.company import Activity, Size, TaxPoint, VatRegime
from xlbridge.document import Unread
from xlbridge.model import Delivery, Identifier, Invoice, Line, PrecedingInvoice, Totals
from xlbridge.model.totals import completed, computed_breakdown, computed_totals
from xlbridge.rules.catalogue import Context

CASES = Path(__file__).parent / "cases"
KINDS: dict[str, Any] = {
    "regime": VatRegime, "size": Size, "activity": Activity, "tax_point": TaxPoint, "client": ClientKind, "day": date.fromisoformat,
    "today": date.fromisoformat, "unread": lambda items: tuple(Unread(**item) for item in items),
    "others": lambda totals: {number: Invoice(number=number, totals=Totals(gross=gross)) for number, gross in totals.items()},
}  # fmt: skip
NONE = "none"


def _public() -> Invoice:
    buyer = samples.BUYER.model_copy(update={"name": "Commune de Valbrune"})
    return samples.invoice(lines=2, buyer=buyer, buyer_reference="SERVICE-01", order_reference="ENG-2026-7", number="F2026-0001")


def _franchise() -> Invoice:
    reason = {"vat_category": "E", "vat_rate": Decimal(0), "vat_reason": "TVA non applicable, art. 293 B du CGI"}
    lines = tuple(line.model_copy(update=reason | {"vat_reason_code": "VATEX-FR-FRANCHISE"}) for line in samples.invoice(lines=2).lines)
    seller = samples.SELLER.model_copy(update={"vat_number": None, "tax_registration": samples.SELLER.siren})
    return recomputed(samples.invoice(lines=2, seller=seller, number="F2026-0001").model_copy(update={"lines": lines}))


def _credit_note() -> Invoice:
    preceding = (PrecedingInvoice(number="F2026-0001", issue_date=date(2026, 9, 1), type_code="380"),)
    return samples.invoice(lines=2, number="AV2026-0001", type_code="381", preceding_invoices=preceding, payment=None)


def _goods() -> Invoice:
    return samples.invoice(lines=2, number="F2026-0001", business_process="B1", delivery=Delivery(date=date(2026, 9, 28)))


def _services() -> Invoice:
    return samples.invoice(lines=2, number="F2026-0001")


def _registered(made: Callable[[], Invoice]) -> Callable[[], Invoice]:
    """The invoice with legal form, capital and register of its seller (C. com., art. R123-237 and R123-238)."""
    stated = {"legal_information": "SAS au capital de 10 000 €, RCS Limoges 812 345 676"}

    def make() -> Invoice:
        invoice = made()
        return invoice.model_copy(update={"seller": invoice.seller.model_copy(update=stated)})

    return make


BASES = {
    "b2b": _registered(_services),  # services between French firms, right in every point
    "goods": _registered(_goods),
    "b2g": _registered(_public),
    "franchise": _registered(_franchise),
    "credit_note": _registered(_credit_note),
}


def recomputed(invoice: Invoice) -> Invoice:
    """The invoice with breakdown and totals computed anew from its lines."""
    bare = invoice.model_copy(update={"vat_breakdown": ()})
    return completed(bare.model_copy(update={"vat_breakdown": computed_breakdown(bare), "totals": computed_totals(bare)}))


def load(path: Path) -> tuple[Invoice, Context]:
    """The invoice and the context that a case file describes."""
    data = tomllib.loads(path.read_text("utf-8"))
    invoice = _made(data, "set")
    given = data.get("context", {})
    stated = {name: value if value == NONE else KINDS.get(name, lambda plain: plain)(value) for name, value in given.items()}
    facts: dict[str, Any] = {
        "day": invoice.issue_date or date(2026, 10, 1), "regime": VatRegime.NORMAL, "size": Size.PME, "activity": Activity.SERVICES,
        "client": ClientKind.BUSINESS, "sole_trader": False,
    }  # fmt: skip
    facts |= {name: None if value == NONE else value for name, value in stated.items()}
    return invoice, Context(**facts)


def load_pair(path: Path) -> tuple[Invoice, Invoice]:
    """The invoice of a case that compares two, and the one that is there already."""
    data = tomllib.loads(path.read_text("utf-8"))
    return _made(data, "set"), _made(data, "twin")


def _made(data: dict[str, Any], changes: str) -> Invoice:
    invoice = BASES[data["base"]]()
    for field, value in data.get(changes, {}).items():
        invoice = changed(invoice, field, value)
    return recomputed(invoice) if data.get("recompute") else invoice  # totals that follow from the lines as they now are


def changed(model: Any, path: str, value: Any) -> Any:
    """`model` with the field at `path` set to `value`, read as the field's type; `none` empties it, `[n]` past the end appends."""
    head, _, rest = path.partition(".")
    name, index = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", head).groups()  # type: ignore[union-attr]
    current = getattr(model, name)
    if index is None:
        inner = changed(current if current is not None else _empty(model, name), rest, value) if rest else _typed(model, name, value)
        return _validated(model, name, inner)
    items = list(current)
    place = int(index)
    if place >= len(items):
        items.append(_new_item(name))
    items[place] = changed(items[place], rest, value)
    return model.model_copy(update={name: tuple(items)})


def _empty(model: BaseModel, name: str) -> Any:
    from xlbridge.model.term import model_in

    inner = model_in(type(model).model_fields[name].annotation)
    return inner.model_construct(**{field: info.get_default() for field, info in inner.model_fields.items()}) if inner else None


def _new_item(name: str) -> Any:
    from xlbridge.model import AllowanceCharge, CreditAccount, Note, SupportingDocument, VatBreakdown

    made: dict[str, Any] = {
        "lines": Line(), "notes": Note(text=""), "preceding_invoices": PrecedingInvoice(number=""), "identifiers": Identifier(value=""),
        "allowances": AllowanceCharge(), "charges": AllowanceCharge(), "accounts": CreditAccount(), "vat_breakdown": VatBreakdown(),
        "supporting_documents": SupportingDocument(reference=""),
    }  # fmt: skip
    return made[name]


def _typed(model: BaseModel, name: str, value: Any) -> Any:
    return () if value == NONE and isinstance(getattr(model, name), tuple) else None if value == NONE else value


def _validated(model: BaseModel, name: str, value: Any) -> Any:
    """The copy, validated, so that texts become dates and decimals as the model's types say."""
    data = {field: getattr(model, field) for field in type(model).model_fields}
    return type(model).model_validate(data | {name: value})
