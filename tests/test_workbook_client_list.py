"""The client list as csv and as a workbook: headers, identifiers, words, and the cell of every finding."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from tests.samples import BUYER
from xlbridge.clients import ClientKind
from xlbridge.errors import WrongUse
from xlbridge.workbook.client_list import load_clients

HEAD = "Nom;TYPE;Siret;Tva;Code Postal;Ville;Pays;Service\n"


def csv_list(folder: Path, rows: str, encoding: str = "utf-8-sig") -> Path:
    path = folder / "clients.csv"
    path.write_bytes((HEAD + rows).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_headers_are_matched_without_case_or_accents_and_the_siren_follows_from_the_siret(tmp_path, encoding):
    path = csv_list(tmp_path, f"Moulins Réunis;Professionnel;{BUYER.siret};{BUYER.vat_number};1000;Bourg-en-Bresse;France;\n", encoding)
    clients = load_clients(path)
    assert clients.findings == ()
    client = clients.find("moulins reunis")
    assert (client.siren, client.siret, client.kind, client.country) == (BUYER.siren, BUYER.siret, ClientKind.BUSINESS, "FR")
    assert client.postcode == "1000"  # a text has no first zero that was lost for certain: a rule says what is wrong with it
    assert client.party.electronic_address.value == BUYER.siren


def test_a_false_identifier_is_told_on_its_cell_and_not_taken(tmp_path):
    clients = load_clients(csv_list(tmp_path, "Moulins;public;12345678901234;FR00123456789;69006;Lyon;Syldavie;\n"))
    client = clients.clients[0]
    assert (client.siret, client.siren, client.vat_number, client.country) == (None, None, None, None)
    assert [(finding.code, finding.cell.address) for finding in clients.findings] == [
        ("LEC-070", "C2"),
        ("LEC-070", "D2"),
        ("LEC-071", "G2"),
    ]
    assert "Le SIRET « 12345678901234 » du client « Moulins » est faux" in clients.findings[0].message


def test_siren_and_siret_of_two_firms_are_told(tmp_path):
    path = tmp_path / "clients.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Contacts")
        sheet.write_row(3, 1, ["Raison sociale", "SIREN", "SIRET"])
        sheet.write_row(4, 1, ["Moulins Réunis", 356000000, int(BUYER.siret)])
    clients = load_clients(path)
    assert (clients.clients[0].siren, clients.clients[0].siret) == ("356000000", None)
    assert [(finding.code, str(finding.cell)) for finding in clients.findings] == [
        ("LEC-072", "clients.xlsx, feuille « Contacts », cellule D5")
    ]


def test_a_file_without_names_is_no_client_list(tmp_path):
    path = tmp_path / "clients.csv"
    path.write_text("Code;Montant\nA;12\n", "utf-8")
    with pytest.raises(WrongUse, match="n’a pas de colonne « nom »"):
        load_clients(path)
    with pytest.raises(WrongUse, match="n’existe pas"):
        load_clients(tmp_path / "absent.csv")
