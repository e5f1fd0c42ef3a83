"""The seller's settings: `entreprise.toml`, or the sheet « Entreprise » of a template.

They complete what a workbook leaves empty (see `xlbridge.completion`) and never replace what it says. The keys of the file are French,
because a user writes them; the attributes are English. A wrong file is refused as a whole, with every fault at once and its line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from xlbridge.company_values import Fault, parsed_values
from xlbridge.errors import WrongUse, why
from xlbridge.folding import folded
from xlbridge.legal_texts import PAYMENT_SUBJECTS, payment_mention
from xlbridge.model import Contact, CreditAccount, Identifier, Note, Party, Payment, PostalAddress
from xlbridge.model.codes import SCHEME_DIRECTORY, SCHEME_SIREN, SCHEME_SIRET, TRANSFER
from xlbridge.model.term import Data

FILE_NAME = "entreprise.toml"

# Section and key of the file → attribute of `Company`.
KEYS: dict[str, dict[str, str]] = {
    "entreprise": {
        "nom": "name",
        "forme_juridique": "legal_form",
        "capital": "capital",
        "siren": "siren",
        "siret": "siret",
        "tva": "vat_number",
        "rcs": "trade_register",
        "adresse": "address",
        "code_postal": "postcode",
        "ville": "city",
        "pays": "country",
        "taille": "size",
        "regime_tva": "vat_regime",
        "exigibilite": "tax_point",
        "nature": "activity",
        "entrepreneur_individuel": "sole_trader",
        "adresse_electronique": "electronic_address",
        "email": "email",
        "telephone": "telephone",
        "logo": "logo",
        "fin_exercice": "year_end",
    },
    "banque": {"iban": "iban", "bic": "bic"},
    "mentions": {"PMT": "recovery_text", "PMD": "penalty_text", "AAB": "discount_text"},
    "clients": {"pays": "client_country"},
}


class Size(StrEnum):
    """Size of the firm, on which the calendar of the reform depends."""

    MICRO = "micro"
    PME = "pme"
    ETI = "eti"
    GE = "ge"


class VatRegime(StrEnum):
    """How the firm stands towards VAT: it charges it, is below the thresholds (CGI art. 293 B), or exempt by its trade (art. 261 ff.)."""

    NORMAL = "normal"
    FRANCHISE = "franchise"
    EXEMPT = "exonere"


class TaxPoint(StrEnum):
    """When VAT on services falls due: on invoicing (option, CGI art. 269, 2, c) or on payment."""

    INVOICE = "debits"
    PAYMENT = "encaissements"


class Activity(StrEnum):
    """Category of the operations (CGI ann. II art. 242 nonies A, I, 8° bis), the first letter of BT-23."""

    GOODS = "biens"
    SERVICES = "services"
    MIXED = "mixte"

    @property
    def letter(self) -> str:
        """B, S or M."""
        return {"biens": "B", "services": "S", "mixte": "M"}[self.value]


class Company(Data):
    """The seller's settings. Only the name is certain; presence of the rest is judged by rules, on the invoice."""

    name: str
    legal_form: str | None = None
    capital: str | None = None
    siren: str | None = None
    siret: str | None = None
    vat_number: str | None = None
    trade_register: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str = "FR"
    size: Size | None = None
    vat_regime: VatRegime = VatRegime.NORMAL
    tax_point: TaxPoint | None = None
    activity: Activity | None = None
    sole_trader: bool = False
    electronic_address: str | None = None
    email: str | None = None
    telephone: str | None = None
    logo: Path | None = None
    iban: str | None = None
    bic: str | None = None
    recovery_text: str | None = None
    penalty_text: str | None = None
    discount_text: str | None = None
    client_country: str | None = None
    year_end: str | None = None
    source: str = ""

    @property
    def closing(self) -> tuple[int, int]:
        """Month and day on which the financial year closes, of `year_end` (`30/06`): 31 December where nothing is said."""
        day, month = (self.year_end or "31/12").split("/")
        return int(month), int(day)

    @cached_property
    def party(self) -> Party:
        """The seller (BG-4). In « franchise en base » the SIREN stands in BT-32 and there is no BT-31 (XP Z12-012, BR-FR-CO-16)."""
        vat_number = self.vat_number if self.vat_regime is not VatRegime.FRANCHISE else None
        outside_vat = self.vat_regime is not VatRegime.NORMAL and not vat_number
        return Party(
            name=self.full_name,
            identifiers=(Identifier(value=self.siret, scheme=SCHEME_SIRET),) if self.siret else (),
            legal_id=Identifier(value=self.siren, scheme=SCHEME_SIREN) if self.siren else None,
            vat_number=vat_number,
            tax_registration=self.siren if outside_vat else None,
            legal_information=self.legal_information,
            electronic_address=electronic_address(self.electronic_address, self.siren),
            address=postal_address(self.address, self.postcode, self.city, self.country),
            contact=Contact(name=self.name, telephone=self.telephone, email=self.email) if self.telephone or self.email else None,
        )

    @property
    def full_name(self) -> str:
        """The name, with « EI » behind a sole trader's (C. com. art. R526-27)."""
        words = folded(self.name)
        named = "entrepreneur individuel" in words or re.search(r"\bei\b", words)
        return f"{self.name} EI" if self.sole_trader and not named else self.name

    @property
    def legal_information(self) -> str | None:
        """Legal form and capital (BT-33; C. com. art. R123-238), as « SAS au capital de 10 000 € »."""
        if not self.capital:
            return self.legal_form
        capital = self.capital if re.search(r"[^\d\s.,]", self.capital) else f"{self.capital} €"
        return f"{self.legal_form or 'Société'} au capital de {capital}"

    def notes(self, day: date, consumer: bool = False) -> tuple[Note, ...]:
        """The mentions of an invoice of `day`: the company's own texts, else the standard ones; and its register (ABL)."""
        own = self._own_notes
        mentions = [
            own[subject] if subject in own and not (consumer and subject != "AAB") else payment_mention(subject, day, consumer)
            for subject in PAYMENT_SUBJECTS
        ]
        return tuple(note for note in (*mentions, own.get("ABL")) if note)

    @cached_property
    def _own_notes(self) -> dict[str, Note]:
        """The company's own texts and its register by subject."""
        texts = {"PMT": self.recovery_text, "PMD": self.penalty_text, "AAB": self.discount_text, "ABL": self.trade_register}
        return {subject: Note(text=text, subject_code=subject) for subject, text in texts.items() if text}

    def payment(self) -> Payment | None:
        """The transfer instructions (BG-16), or None where no account is known."""
        return self._transfer

    @cached_property
    def _transfer(self) -> Payment | None:
        return Payment(means_code=TRANSFER, accounts=(CreditAccount(iban=self.iban, bic=self.bic),)) if self.iban else None


def postal_address(street: str | None, postcode: str | None, city: str | None, country: str | None) -> PostalAddress | None:
    """The address with the street's lines (three at most; what is left over joins the third), or None where nothing is known."""
    lines = [line.strip() for line in (street or "").splitlines() if line.strip()]
    if not (lines or postcode or city or country):
        return None
    first, second, *more = (*lines, "", "")
    third = ", ".join(line for line in more if line)
    return PostalAddress(line1=first or None, line2=second or None, line3=third or None, postcode=postcode, city=city, country=country)


def electronic_address(text: str | None, siren: str | None) -> Identifier | None:
    """`scheme:value`, a bare value of the French directory (0225), an e-mail (EM), or by default the SIREN in the directory.

    >>> electronic_address("0088:3700000000001", None).scheme, electronic_address(None, "356000000").value
    ('0088', '356000000')
    """
    value = (text or siren or "").strip()
    if not value:
        return None
    scheme, colon, rest = value.partition(":")
    if colon and re.fullmatch(r"\d{4}|EM", scheme):
        return Identifier(value=rest.strip(), scheme=scheme)
    return Identifier(value=value, scheme="EM" if "@" in value else SCHEME_DIRECTORY)


def company_from(values: Mapping[str, Any], source: str, folder: Path | None = None) -> tuple[Company | None, list[Fault]]:
    """The company of raw `values` by attribute, and every fault of them; None where there is no name. Faulty values are left out."""
    right, faults = parsed_values(values, {"size": Size, "vat_regime": VatRegime, "tax_point": TaxPoint, "activity": Activity})
    if "name" not in right:
        missing = [] if "name" in values and values["name"] is not None else [Fault("name", "le nom de l’entreprise manque")]
        return None, faults + missing
    if folder is not None and "logo" in right:
        right["logo"] = folder / right["logo"]
    return Company(**right, source=source), faults


def find_company(workbook: Path, explicit: Path | None = None) -> Company | None:
    """The company of `--company`, or of `entreprise.toml` beside the workbook; never of the current folder."""
    if explicit is not None:
        return load_company(explicit)
    beside = workbook.parent / FILE_NAME
    return load_company(beside) if beside.is_file() else None


def load_company(path: Path) -> Company:
    """The company that `path` describes. Raises WrongUse with every fault of the file, each with its line."""
    text = _text(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        place = f"{path.name}, ligne {line[1]}" if line else f"{path.name}, à la fin"
        remedy = 'Une ligne s’écrit : clé = "valeur", le texte entre guillemets droits.'
        raise WrongUse(f"{place} : cette ligne n’a pas la forme attendue.", remedy) from error
    values, messages = _flat(tables, text)
    company, faults = company_from(values, path.name, path.parent)
    places = {attribute: (section, key) for section, keys in KEYS.items() for key, attribute in keys.items()}
    messages += [f"{_place(text, *places[fault.attribute])}{fault.message}" for fault in faults]
    if messages or company is None:
        listed = "\n".join(f"– {message}" for message in messages)
        raise WrongUse(f"{path.name} contient {'une erreur' if len(messages) == 1 else 'des erreurs'} :\n{listed}", "Corrigez le fichier.")
    return company


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise WrongUse(f"Le fichier d’entreprise {path} n’existe pas.", "Vérifiez le chemin donné à --company.") from error
    except UnicodeDecodeError as error:
        raise WrongUse(
            f"{path.name} n’est pas un texte en UTF-8.", "Enregistrez-le en UTF-8 (Bloc-notes : Enregistrer sous, Codage)."
        ) from error
    except OSError as error:
        raise WrongUse(
            f"Le fichier d’entreprise {path} ne peut pas être lu ({why(error)}).", "Vérifiez le chemin et les droits."
        ) from error


def _flat(tables: Mapping[str, Any], text: str) -> tuple[dict[str, Any], list[str]]:
    """The values by attribute, and what is said of sections and keys that do not exist."""
    values: dict[str, Any] = {}
    messages: list[str] = []
    for section, content in tables.items():
        known = KEYS.get(section)
        if known is None or not isinstance(content, dict):
            hint = _hint(section, [f"[{name}]" for name in KEYS])
            messages.append(f"{_place(text, section, '')}rubrique [{section}] inconnue{hint}")
            continue
        for key, value in content.items():
            if key in known:
                values[known[key]] = value
            else:
                messages.append(f"{_place(text, section, key)}clé « {key} » inconnue dans [{section}]{_hint(key, list(known))}")
    return values, messages


def _hint(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, 1)
    return f" ; vouliez-vous dire « {close[0]} » ?" if close else f" ; possibles : {', '.join(known)}"


def _place(text: str, section: str, key: str) -> str:
    """« ligne 4 : » for the line of `key` in `section` (the section's own line for no key), or nothing where it is not found."""
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*\"?([^\]\"]+?)\"?\s*\]", line):
            current = header[1]
            if current == section and not key:
                return f"ligne {number} : "
        elif key and current == section and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return f"ligne {number} : "
    return ""
