"""IBAN and BIC: form, check digits, agreement.

Sources: ISO 13616 and ISO 9362; EN 16931 (BT-84, BT-86, BT-91); règlement (UE) 260/2012. An account number of another kind, of a seller
established elsewhere than in France, is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlbridge.findings import Rule, Severity
from xlbridge.model import Invoice
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.identity import FRENCH, compact, is_right
from xlbridge.rules.presence import COMPANY

LAW = "ISO 13616 (IBAN) et ISO 9362 (BIC) ; règlement (UE) n° 260/2012"
TRANSFERS = "Les factures payables par virement ou prélèvement."
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{6,30}")
# Countries whose banks share the IBAN prefix of another: France's territories (with NC, PF, WF), the islands of the United Kingdom.
SHARED = {"FR": FRENCH | {"NC", "PF", "WF", "TF"}, "GB": frozenset({"GB", "GG", "IM", "JE"})}


def _ibans(invoice: Invoice) -> Iterator[tuple[str, str, str]]:
    """Path, number as written, and the words that name it."""
    if invoice.payment:
        for position, account in enumerate(invoice.payment.accounts):
            if account.iban:
                yield f"payment.accounts[{position}].iban", account.iban, "L’IBAN à créditer"
        if invoice.payment.debited_iban:
            yield "payment.debited_iban", invoice.payment.debited_iban, "L’IBAN à débiter"


@entry(
    Rule(
        "FR-IDE-016", Severity.BLOCKING, "IBAN faux", "{what} « {number} » est faux : {reason}.",
        f"recopiez-le depuis votre relevé d’identité bancaire, {COMPANY}.", LAW,
    ),
    concerns=TRANSFERS, why="Un chiffre faux, et le virement du client est rejeté ou part ailleurs.", elsewhere=Severity.WARNING,
)  # fmt: skip
def wrong_iban(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for path, written, what in _ibans(invoice):
        number = compact(written)
        if is_right("iban", number):
            continue
        if not IBAN.fullmatch(number):
            if invoice.seller.country in FRENCH:
                yield Fault(path, {"what": what, "number": written, "reason": "il n’a pas la forme d’un IBAN (FR76 puis 23 caractères)"})
            continue
        short = number.startswith("FR") and len(number) != 27
        reason = f"il a {len(number)} caractères au lieu de 27" if short else "sa longueur ou sa clé de contrôle n’est pas juste"
        yield Fault(path, {"what": what, "number": written, "reason": reason})


@entry(
    Rule(
        "FR-IDE-017", Severity.WARNING, "BIC mal formé",
        "Le BIC « {number} » n’a pas la forme d’un BIC : quatre lettres, le pays, deux caractères, et trois pour une agence.",
        f"recopiez-le depuis votre relevé d’identité bancaire, ou laissez-le vide, {COMPANY}.", LAW,
    ),
    concerns=TRANSFERS, why="La banque du client ne trouve pas la vôtre ; dans la zone SEPA, l’IBAN seul suffit.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def wrong_bic(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, account in enumerate(invoice.payment.accounts if invoice.payment else ()):
        if account.bic and not is_right("bic", compact(account.bic)):
            yield Fault(f"payment.accounts[{position}].bic", {"number": account.bic})


@entry(
    Rule(
        "FR-IDE-018", Severity.WARNING, "BIC et IBAN de deux pays",
        "Le BIC « {bic} » est d’une banque du pays {country}, l’IBAN « {iban} » du pays {iban_country}.",
        f"recopiez les deux depuis le même relevé d’identité bancaire, {COMPANY}.", LAW,
    ),
    concerns=TRANSFERS, why="L’IBAN et le BIC d’un compte désignent la même banque.", elsewhere=Severity.NOTE,
)  # fmt: skip
def two_countries(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, account in enumerate(invoice.payment.accounts if invoice.payment else ()):
        if not (account.iban and account.bic):
            continue
        iban, bic = compact(account.iban), compact(account.bic)
        if is_right("iban", iban) and is_right("bic", bic) and bic[4:6] not in SHARED.get(iban[:2], {iban[:2]}):
            facts = {"bic": account.bic, "country": bic[4:6], "iban": account.iban, "iban_country": iban[:2]}
            yield Fault(f"payment.accounts[{position}].bic", facts)


@entry(
    Rule(
        "FR-IDE-033", Severity.WARNING, "IBAN ou BIC écrit avec des espaces", "« {number} » contient des espaces ou des minuscules.",
        f"écrivez {{right}} {COMPANY}.", LAW,
    ),
    concerns=TRANSFERS, why="Dans une facture électronique, l’IBAN et le BIC s’écrivent d’un seul tenant.", elsewhere=Severity.WARNING,
)  # fmt: skip
def with_blanks(invoice: Invoice, _: Context) -> Iterator[Fault]:
    written = [(path, number, "iban") for path, number, _what in _ibans(invoice)]
    for position, account in enumerate(invoice.payment.accounts if invoice.payment else ()):
        written += [(f"payment.accounts[{position}].bic", account.bic, "bic")] if account.bic else []
    for path, number, kind in written:
        if number != (right := compact(number)) and is_right(kind, right):
            yield Fault(path, {"number": number, "right": right}, right)
