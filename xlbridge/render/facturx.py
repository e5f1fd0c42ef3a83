"""The Factur-X document: the page that people read and the XML that machines read, in one PDF/A-3b file; or the page alone.

The same invoice, XML and options give the same bytes on the same installation: archives compare by hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlbridge import french
from xlbridge.errors import CannotRender, WrongUse
from xlbridge.findings import Finding
from xlbridge.model import Invoice
from xlbridge.model.profile import Profile
from xlbridge.render.attachment import RELATIONSHIPS, Attachment
from xlbridge.render.fonts import composed, printable
from xlbridge.render.logo import picture
from xlbridge.render.marks import NO_MARKS, Marks
from xlbridge.render.page import Picture
from xlbridge.render.pdf import draw
from xlbridge.render.xmp import XML_NAME, Metadata

__all__ = ["Attachment", "Marks", "Rendered", "build", "plain"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished PDF, what could not be drawn as it was written, and the number of pages."""

    pdf: bytes
    findings: tuple[Finding, ...]
    pages: int


def build(
    invoice: Invoice,
    xml: bytes,
    profile: Profile,
    *,
    marks: Marks = NO_MARKS,
    logo: bytes | None = None,
    attachments: Sequence[Attachment] = (),
    payment_qr: bool = True,
) -> Rendered:
    """`invoice` drawn with its `marks`, with `xml` (its CII in `profile`) and `attachments` embedded.

    A logo that cannot be read, and characters that no font has, are findings. Raises `CannotRender` when number or date is missing,
    `WrongUse` for attachments that cannot stand in a PDF/A-3, ValueError for a draft or a duplicate, which a machine would take for
    an invoice.
    """
    if marks.draft or marks.duplicata:
        raise ValueError("a draft or a duplicate has no XML")
    _refuse_bad_names(attachments)
    embedded = Attachment(XML_NAME, xml, "text/xml", profile.relationship, f"Factur-X, profil {profile.label}")
    return _rendered(invoice, marks, logo, payment_qr, profile, (embedded, *attachments))


def plain(invoice: Invoice, marks: Marks, *, logo: bytes | None = None) -> Rendered:
    """The pages alone, in a PDF/A-3b that is no Factur-X: a draft, a specimen or a duplicate.

    Raises `CannotRender` when number or date is missing outside a draft, ValueError for `marks` of none of the three.
    """
    if not marks.plain:
        raise ValueError("an invoice is never without its XML")
    return _rendered(invoice, marks, logo, False, None, ())


def _rendered(
    invoice: Invoice, marks: Marks, logo: bytes | None, payment_qr: bool, profile: Profile | None, attachments: Sequence[Attachment]
) -> Rendered:
    from xlbridge.render.pdfa import write

    if not marks.draft and not (invoice.number and invoice.issue_date):
        raise CannotRender("La facture n’a pas de numéro ou pas de date.", "Complétez-la, ou demandez un brouillon.")
    image = picture(logo) if logo else None
    drawing = draw(invoice, marks=marks, logo=image if isinstance(image, Picture) else None, payment_qr=payment_qr)
    pdf = write(drawing.sheet, _metadata(invoice, profile, marks), attachments)
    findings = ((image,) if isinstance(image, Finding) else ()) + drawing.findings
    return Rendered(pdf, findings, len(drawing.sheet.pages))


def _metadata(invoice: Invoice, profile: Profile | None, marks: Marks) -> Metadata:
    title = f"{invoice.title} {invoice.number or ''}".strip()
    day = f" du {french.short_date(invoice.issue_date)}" if invoice.issue_date else ""
    buyer = f" pour {invoice.buyer.name}" if invoice.buyer.name else ""
    return Metadata(
        title=printable(composed(title + marks.title)),
        author=printable(composed(invoice.seller.name or "")),
        subject=printable(composed(f"{title}{day}{buyer}{marks.title}")),
        day=invoice.issue_date,
        level=profile.xmp_level if profile else None,
    )


def _refuse_bad_names(attachments: Sequence[Attachment]) -> None:
    names = [XML_NAME, *(item.name for item in attachments)]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise WrongUse(f"Deux pièces jointes portent le même nom : {', '.join(double)}.", "Renommez-en une.")
    unknown = sorted({item.relationship for item in attachments} - RELATIONSHIPS)
    if unknown:
        raise WrongUse(
            f"Relation de pièce jointe inconnue : {', '.join(unknown)}.", f"Choisissez parmi {', '.join(sorted(RELATIONSHIPS))}."
        )
