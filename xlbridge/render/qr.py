"""The QR code that fills in a SEPA credit transfer: EPC069-12, version 002, error correction M.

The payment is drawn only where it is certain: euros, an amount due of 0.01 to 999 999 999.99, a valid IBAN, and a transfer wanted.
"""

from __future__ import annotations

from decimal import Decimal
from zlib import compress

from xlbridge.model import Invoice
from xlbridge.model.money import amount
from xlbridge.render.fonts import printable
from xlbridge.render.page import Picture

TRANSFERS = frozenset({None, "30", "31", "42", "58", "1"})
LARGEST = Decimal("999999999.99")
MAX_BYTES = 331  # of a symbol of version 13, which EPC069-12 allows at most
# Any of the eight masks can be read; judging all of them would take 6 ms.
MASK = 3
# A module is eight pixels wide, one byte, and eight high: about 300 dpi on the page. One picture has no seams between its rows, which
# readers show between rectangles.
PIXELS = 8
INKED = bytes.maketrans(b"\x00\x01", b"\xff\x00")


def transfer_text(invoice: Invoice) -> str | None:
    """The EPC text of the transfer that pays `invoice`, or None where there is none to make."""
    from stdnum import iban

    payment, due = invoice.payment, invoice.totals.due
    account = next((item for item in payment.accounts if item.iban), None) if payment else None
    if payment is None or account is None or not account.iban or due is None or invoice.is_credit_note:
        return None
    if invoice.currency != "EUR" or payment.means_code not in TRANSFERS or not 0 < due <= LARGEST or not iban.is_valid(account.iban):
        return None
    payee = account.name or (invoice.payee.name if invoice.payee else None) or invoice.seller.name
    if not payee:
        return None
    remittance = payment.remittance or invoice.number or ""
    fields = (
        "BCD", "002", "1", "SCT", (account.bic or "").replace(" ", ""), _line(payee, 70), iban.compact(account.iban),
        f"EUR{amount(due)}", "", "", _line(remittance, 140),
    )  # fmt: skip
    text = "\n".join(fields)
    return text if len(text.encode()) <= MAX_BYTES else None


def _line(text: str, length: int) -> str:
    return " ".join(printable(text).split())[:length]


def symbol(text: str) -> Picture:
    """`text` as a QR code, without its quiet zone."""
    import segno

    modules = segno.make_qr(text, error="M", boost_error=False, mask=MASK, mode="byte", encoding="utf-8").matrix
    rows = b"".join(bytes(row).translate(INKED) * PIXELS for row in modules)
    side = len(modules) * PIXELS
    return Picture(side, side, compress(rows), "FlateDecode", bits=1)
