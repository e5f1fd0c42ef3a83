"""The Factur-X document: the page that people read and the XML that machines read, in one PDF/A-3b file.

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
from xlbridge.render.page import Picture
from xlbridge.render.pdf import draw
from xlbridge.render.xmp import XML_NAME, Metadata

__all__ = ["Attachment", "Rendered", "build"]


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
    copy: bool = False,
    draft: bool = False,
    logo: bytes | None = None,
    attachments: Sequence[Attachment] = (),
    payment_qr: bool = True,
) -> Rendered:
    """`invoice` drawn, with `xml` (its CII in `profile`) and `attachments` embedded.

    `copy` marks a converted document, `draft` one that is not issued; neither asks for a payment. A logo that cannot be read, and
    characters that no font has, are findings. Raises `CannotRender` when number or date is missing outside a draft, `WrongUse` for
    attachments that cannot stand in a PDF/A-3.
    """
    from xlbridge.render.pdfa import write

    if not draft and not (invoice.number and invoice.issue_date):
        raise CannotRender("La facture n’a pas de numéro ou pas de date.", "Complétez-la, ou demandez un brouillon.")
    _refuse_bad_names(attachments)
    image = picture(logo) if logo else None
    drawing = draw(invoice, copy=copy, draft=draft, logo=image if isinstance(image, Picture) else None, payment_qr=payment_qr)
    embedded = Attachment(XML_NAME, xml, "text/xml", profile.relationship, f"Factur-X, profil {profile.label}")
    pdf = write(drawing.sheet, _metadata(invoice, profile, copy=copy, draft=draft), (embedded, *attachments))
    findings = ((image,) if isinstance(image, Finding) else ()) + drawing.findings
    return Rendered(pdf, findings, len(drawing.sheet.pages))


def _metadata(invoice: Invoice, profile: Profile, *, copy: bool, draft: bool) -> Metadata:
    title = f"{invoice.title} {invoice.number or ''}".strip()
    day = f" du {french.short_date(invoice.issue_date)}" if invoice.issue_date else ""
    mark = " (brouillon)" if draft else " (copie de conversion)" if copy else ""
    buyer = f" pour {invoice.buyer.name}" if invoice.buyer.name else ""
    return Metadata(
        title=printable(composed(title + mark)),
        author=printable(composed(invoice.seller.name or "")),
        subject=printable(composed(f"{title}{day}{buyer}{mark}")),
        day=invoice.issue_date,
        level=profile.xmp_level,
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
