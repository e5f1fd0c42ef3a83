"""What one would take otherwise: factur-x with a page drawn by reportlab's platypus, and ads-facturx.

factur-x makes XML and PDF and checks the schema; it has no official rules without a rule server. ads-facturx draws, checks the schema and
the French rules; because it pins older libraries it gets an environment of its own and works as a subprocess, a line of JSON a job.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from bench.timing import Contestant, Laps, Stages, number
from xlbridge.model import Invoice, Party
from xlbridge.model.profile import Profile

FACTUR_X = "factur-x et reportlab platypus"
ADS = "ads-facturx"
ADS_PACKAGE = "ads-facturx==0.7.19"
ADS_VENV = Path(__file__).parents[1] / ".venv-bench"
ADS_WORKER = Path(__file__).with_name("ads_worker.py")


def factur_x() -> Contestant:
    """factur-x 7.8: dictionary of business terms → XML and schema; platypus → page; both → Factur-X."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in (("Page", "Vera.ttf"), ("PageBold", "VeraBd.ttf")):  # PDF/A wants fonts that can be embedded
        pdfmetrics.registerFont(TTFont(name, file))
    return Contestant(FACTUR_X, _make_with_factur_x)


def _make_with_factur_x(invoice: Invoice) -> tuple[bytes, Stages]:
    import facturx

    from xlbridge.render import cii

    terms = facturx.parse_ubl_cii_xml(cii.write(invoice, Profile.EN16931))
    laps = Laps()
    xml = facturx.generate_cii_xml(terms, level="en16931", check_schematron=None)
    laps.lap("XML (CII) et schéma XSD")
    page = _platypus_page(invoice)
    laps.lap("page")
    pdf: bytes = facturx.generate_from_binary(page, xml, flavor="factur-x", level="en16931", lang="fr-FR")
    laps.lap("Factur-X autour de la page")
    return pdf, laps.stages


def _platypus_page(invoice: Invoice) -> bytes:
    """The page as reportlab's manual teaches it: paragraphs and a table."""
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    text = ParagraphStyle("text", fontName="Page", fontSize=9, leading=11)
    title = ParagraphStyle("title", fontName="PageBold", fontSize=16, leading=20)
    parties = [[Paragraph("<br/>".join(_party_lines(party)), text) for party in (invoice.seller, invoice.buyer)]]
    rows: list[list[Any]] = [["Désignation", "Qté", "P.U. HT", "TVA", "Total HT"]]
    rows += [
        [Paragraph(line.name or "", text), str(line.quantity), _euros(line.unit_price), f"{line.vat_rate} %", _euros(line.net_amount)]
        for line in invoice.lines
    ]
    lines = Table(rows, colWidths=[250, 45, 75, 50, 90], repeatRows=1)
    style: list[tuple[Any, ...]] = [("FONT", (0, 0), (-1, -1), "Page", 9), ("FONT", (0, 0), (-1, 0), "PageBold", 9)]
    style += [("GRID", (0, 0), (-1, -1), 0.3, colors.grey), ("ALIGN", (1, 0), (-1, -1), "RIGHT")]
    lines.setStyle(TableStyle(style))
    vat = [f"TVA {part.rate} % sur {_euros(part.base)} : {_euros(part.amount)}" for part in invoice.vat_breakdown]
    totals = [f"Total HT {_euros(invoice.totals.net)}", f"Total TTC {_euros(invoice.totals.gross)}"]
    closing = [Paragraph(words, text) for words in (*vat, *totals, *(note.text for note in invoice.notes))]
    file = BytesIO()
    SimpleDocTemplate(file, title=f"Facture {invoice.number}", initialFontName="Page").build(
        [Paragraph(f"Facture {invoice.number}", title), Table(parties, colWidths=[255, 255]), Spacer(1, 10), lines, Spacer(1, 8), *closing]
    )
    return file.getvalue()


def _party_lines(party: Party) -> list[str]:
    address = party.address
    assert address is not None
    return [party.name or "", *address.lines, f"{address.postcode} {address.city}", f"SIREN {party.siren}", f"TVA {party.vat_number}"]


def _euros(value: Any) -> str:
    return f"{number(value)} €"


@contextmanager
def ads_facturx() -> Iterator[Contestant | None]:
    """ads-facturx in its own environment, which is made when it is not there; None, and a sentence, when it cannot be."""
    python = _ads_python()
    if python is None:
        yield None
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [python, ADS_WORKER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
        ) as worker,
    ):
        assert worker.stdin is not None
        assert worker.stdout is not None
        to_worker, from_worker = worker.stdin, worker.stdout

        def make(invoice: Invoice) -> tuple[bytes, Stages]:
            to_worker.write(json.dumps(_ads_data(invoice)) + "\n")
            to_worker.flush()
            answer = from_worker.readline()
            if not answer:
                raise RuntimeError(f"ads-facturx stopped with code {worker.wait()}")
            result = json.loads(answer)
            return Path(result["pdf"]).read_bytes(), result["stages"]

        yield Contestant(ADS, make)
        to_worker.close()


def _ads_python() -> Path | None:
    """The Python of its environment."""
    python = ADS_VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (ADS_VENV / ADS_PACKAGE).exists():
        print(f"Installation de {ADS_PACKAGE} dans {ADS_VENV.name} …", flush=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", ADS_VENV], check=True, capture_output=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", ADS_PACKAGE], check=True, capture_output=True)
        except subprocess.CalledProcessError as fault:
            print(f"{ADS_PACKAGE} ne peut pas être installé, la comparaison se fait sans lui :")
            print(fault.stderr.decode(errors="replace").strip())
            return None
        (ADS_VENV / ADS_PACKAGE).touch()
    return python


def _ads_data(invoice: Invoice) -> dict[str, Any]:
    """`invoice` as the dictionary that ads-facturx asks for, with what its page template reads beside."""
    totals, seller, buyer = invoice.totals, invoice.seller, invoice.buyer
    assert invoice.issue_date is not None
    assert invoice.due_date is not None
    amounts = {"line_total": totals.net, "tax_total": totals.vat, "tax_basis_total": totals.net, "grand_total": totals.gross}
    iban = invoice.payment.accounts[0].iban if invoice.payment else None
    return {
        "identification": [{"information": text} for text in _party_lines(seller)],
        "reference_box": [{"type_line": "title", "rb_label": "Client :", "rb_description": buyer.siren}],
        "footer_information": [{"label": "IBAN :", "description": iban, "type_line": "comment"}],
        "footer": [_ads_footer(seller)],
        "seller": _ads_party(seller),
        "buyer": _ads_party(buyer),
        "invoice": {f"{name}_amount": _float(value) for name, value in amounts.items()}
        | {
            "due_payable_amount": _float(totals.due),
            "name": invoice.number,
            "order": invoice.number,
            "reference": invoice.number,
            "member": buyer.siren,
            "description": [],
            "date": f"{invoice.issue_date:%Y%m%d}",
            "expiration": f"{invoice.due_date:%Y%m%d}",
            "date_format": "102",
            "type_code": invoice.type_code,
            "currency": invoice.currency,
            "business_process": invoice.business_process,
            "seller_siren": seller.siren,
            "xml_seller_scheme": "0225",
            "xml_seller_endpoint_id": seller.siren,
            "xml_buyer_scheme": "0225",
            "xml_buyer_endpoint_id": buyer.siren,
            "xml_iban": iban,
            "xml_payment_type_code": "30",
        },
        "invoice_lines": [
            {
                "type_line": "product",
                "line_id": int(line.identifier or 0),
                "product_code": line.seller_item_id,
                "product_description": line.name,
                "quantity": _float(line.quantity),
                "unit_price": _float(line.unit_price),
                "unit_code": "U",
                "unit_code_xml": line.unit,
                "tva_code": _float(line.vat_rate),
                "tva_type": line.vat_category,
                "line_amount": _float(line.net_amount),
            }
            for line in invoice.lines
        ],
        "invoice_summary": [
            {
                "rate": _float(part.rate),
                "base_amount": _float(part.base),
                "vat_amount": _float(part.amount),
                "vat_code": part.category,
                "ttc_amount": _float(part.base) + _float(part.amount),
            }
            for part in invoice.vat_breakdown
        ],
        "legal_information": [
            {"li_seq": place, "li_label": note.text, "li_code": note.subject_code} for place, note in enumerate(invoice.notes, 1)
        ],
    }


def _ads_party(party: Party) -> dict[str, Any]:
    address = party.address
    assert address is not None
    place = {"adr_l1": address.line1, "adr_l2": "", "adr_l3": "", "postcode": address.postcode, "city": address.city, "country_id": "FR"}
    return {"name": party.name, "address": place, "vat": party.vat_number}


def _ads_footer(seller: Party) -> dict[str, Any]:
    style = {"society": "1", "sort_order": 1, "formatting": "normal", "size": "8pt", "text_alignment": "left"}
    return style | {"information": f"{seller.name} | SIREN {seller.siren}"}


def _float(value: Any) -> float:
    return round(float(value), 2)
