"""entreprise.toml: what is read, what is refused and on which line; the seller, the mentions and the account it gives."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from xlbridge.company import KEYS, Activity, Company, TaxPoint, VatRegime, find_company, load_company
from xlbridge.errors import WrongUse
from xlbridge.model import Identifier

WHOLE = """
[entreprise]
nom = "Ateliers Brindille"
forme_juridique = "SAS"
capital = 10000
siret = "812 345 676 00017"
tva = "FR 19 812345676"
rcs = "RCS Limoges 812 345 676"
adresse = '''
12 rue de l’Église
Bâtiment B'''
code_postal = 87000
ville = "Limoges"
taille = "micro"
regime_tva = "normal"
exigibilite = "Débits"
nature = "services"
email = "contact@brindille.example"

[banque]
iban = "FR76 3000 6000 0112 3456 7890 189"
bic = "AGRIFRPP"

[mentions]
PMD = "Pénalités de retard : 12 % l’an."

[clients]
pays = "France"
"""


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "entreprise.toml"
    path.write_bytes(text.encode(encoding))
    return path


def refusal(folder: Path, text: str, encoding: str = "utf-8") -> str:
    with pytest.raises(WrongUse) as caught:
        load_company(written(folder, text, encoding))
    return str(caught.value)


def test_a_whole_file_gives_the_seller(tmp_path):
    company = load_company(written(tmp_path, WHOLE, "utf-8-sig"))
    seller = company.party
    assert seller.name == "Ateliers Brindille"
    assert (seller.siren, seller.siret) == ("812345676", "81234567600017")
    assert (seller.vat_number, seller.tax_registration) == ("FR19812345676", None)
    assert seller.legal_information == "SAS au capital de 10000 €"
    assert seller.electronic_address == Identifier(value="812345676", scheme="0225")
    assert seller.address.lines == ["12 rue de l’Église", "Bâtiment B"]
    assert (seller.address.postcode, seller.address.country) == ("87000", "FR")
    assert seller.contact.email == "contact@brindille.example"
    assert (company.tax_point, company.activity, company.client_country) == (TaxPoint.INVOICE, Activity.SERVICES, "FR")
    payment = company.payment()
    assert (payment.means_code, payment.accounts[0].iban, payment.accounts[0].bic) == ("30", "FR7630006000011234567890189", "AGRIFRPP")


def test_own_mentions_come_before_the_standard_ones(tmp_path):
    notes = {note.subject_code: note.text for note in load_company(written(tmp_path, WHOLE)).notes(date(2026, 10, 1))}
    assert list(notes) == ["PMT", "PMD", "AAB", "ABL"]
    assert notes["PMD"] == "Pénalités de retard : 12 % l’an."
    assert "40 €" in notes["PMT"]
    assert notes["ABL"] == "RCS Limoges 812 345 676"


def test_a_mention_is_not_older_than_its_law():
    company = Company(name="Brindille")
    assert [note.subject_code for note in company.notes(date(2012, 12, 31))] == ["PMD", "AAB"]
    assert company.notes(date(2008, 1, 1)) == ()


def test_a_consumer_is_not_threatened_with_the_40_euros():
    company = Company(name="Brindille", recovery_text="40 € dus.", penalty_text="12 %.", discount_text="2 % à 8 jours.")
    notes = {note.subject_code: note.text for note in company.notes(date(2026, 10, 1), consumer=True)}
    assert "non due par un particulier" in notes["PMT"]
    assert notes["AAB"] == "2 % à 8 jours."


def test_franchise_has_its_siren_as_tax_number_and_no_vat_number():
    company = Company(
        name="Jeanne Brindille", siren="812345676", vat_number="FR19812345676", vat_regime=VatRegime.FRANCHISE, sole_trader=True
    )
    seller = company.party
    assert (seller.vat_number, seller.tax_registration) == (None, "812345676")
    assert seller.name == "Jeanne Brindille EI"


def test_the_financial_year_closes_in_december_where_nothing_is_said(tmp_path):
    assert load_company(written(tmp_path, WHOLE)).closing == (12, 31)
    assert load_company(written(tmp_path, WHOLE.replace("[banque]", 'fin_exercice = "30 juin"\n[banque]'))).closing == (6, 30)


@pytest.mark.parametrize("text", ["30", "31/06", "juin", "30/13", "30/06/26/1", "demain"])
def test_an_end_of_year_that_is_no_day_is_told(tmp_path, text):
    message = refusal(tmp_path, WHOLE.replace("[banque]", f'fin_exercice = "{text}"\n[banque]'))
    assert f"fin d’exercice « {text} » : écrivez le jour et le mois" in message


def test_the_sole_trader_is_named_once():
    assert Company(name="EI Jeanne Brindille", sole_trader=True).full_name == "EI Jeanne Brindille"
    assert Company(name="Jeanne Reine", sole_trader=True).full_name == "Jeanne Reine EI"


def test_every_fault_is_told_at_once_with_its_line(tmp_path):
    message = refusal(
        tmp_path,
        """[entreprise]
nom = "Brindille"
sirn = "812345676"
siren = "812345678"
taille = "moyenne"
ville = ["Limoges"]
pays = "Syldavie"

[banc]
iban = "x"

[banque]
iban = "FR76 3000 6000 0112 3456 7890 188"
""",
    )
    for expected in (
        "ligne 3 : clé « sirn » inconnue dans [entreprise] ; vouliez-vous dire « siren » ?",
        "ligne 4 : SIREN « 812345678 » faux",
        "ligne 5 : « moyenne » n’est pas admis ; possibles : micro, pme, eti, ge",
        "ligne 6 : valeur « ['Limoges'] » : un texte",
        "ligne 7 : pays « Syldavie » inconnu",
        "ligne 9 : rubrique [banc] inconnue",
        "ligne 13 : IBAN « FR76 3000 6000 0112 3456 7890 188 » faux",
    ):
        assert expected in message


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ('[entreprise]\nnom = "A"\nville = Limoges\n', "utf-8", "ligne 3 : cette ligne n’a pas la forme attendue"),
        ('[entreprise]\nnom = "Égérie"\n', "cp1252", "n’est pas un texte en UTF-8"),
        ('[entreprise]\nville = "Limoges"\n', "utf-8", "le nom de l’entreprise manque"),
        (
            '[entreprise]\nnom = "A"\nsiren = "812345676"\nsiret = "356 000 000 00048"\n',
            "utf-8",
            "n’est pas celui d’un établissement du SIREN",
        ),
        ('[entreprise]\nnom = "A"\nsiren = "356000000"\ntva = "FR19812345676"\n', "utf-8", "n’est pas celui du SIREN 356000000"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(tmp_path, text, encoding, expected):
    assert expected in refusal(tmp_path, text, encoding)


def test_the_file_lies_beside_the_workbook_and_never_in_the_current_folder(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    written(tmp_path, WHOLE)
    monkeypatch.chdir(tmp_path)
    assert find_company(elsewhere / "factures.xlsx") is None
    assert find_company(tmp_path / "factures.xlsx").name == "Ateliers Brindille"
    assert find_company(elsewhere / "factures.xlsx", tmp_path / "entreprise.toml").source == "entreprise.toml"
    with pytest.raises(WrongUse, match="n’existe pas"):
        find_company(elsewhere / "factures.xlsx", tmp_path / "absent.toml")


def test_the_documented_file_is_right_and_names_every_key(tmp_path):
    page = (Path(__file__).parents[1] / "docs" / "entreprise-et-clients.md").read_text("utf-8")
    text = page.split("```toml\n")[1].split("```")[0]
    assert load_company(written(tmp_path, text)).legal_information == "SARL au capital de 10 000 €"
    assert tomllib.loads(text).keys() == KEYS.keys()
    assert {section: set(table) for section, table in tomllib.loads(text).items()} == {section: set(keys) for section, keys in KEYS.items()}
