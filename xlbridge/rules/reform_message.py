"""What an e-invoice of the French reform must look like: number, type, BT-23, dates.

Source: XP Z12-012 V1.4 (BR-FR-01 to -04, BR-FR-08, BR-FR-CO-03, -08 and -09), whose sheets judge e-invoices; here the same is said in the
workbook, before one is made. Until the issuer's day each of them is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from xlbridge.clients import ClientKind
from xlbridge.findings import Rule, Severity
from xlbridge.french import money, short_date
from xlbridge.model import Invoice
from xlbridge.model.codes import DEPOSITS
from xlbridge.model.money import ZERO
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.reform_calendar import ELECTRONIC, START, closed_list, electronic, fault, issuing_since, reform

NORM = "XP Z12-012, "
REJECTED = "Une plateforme rejette la facture électronique qui ne suit pas la norme."
NOT_IN_NUMBER = re.compile(r"[^A-Za-z0-9+\-_/]")
LONGEST_NUMBER = 35
GLOBAL_DISCOUNT = "262"


def numbers(invoice: Invoice) -> Iterator[tuple[str, str, str]]:
    """Path, French name and value of the invoice's number and of those it refers to."""
    if invoice.number:
        yield "number", "Le numéro", invoice.number
    for position, preceding in enumerate(invoice.preceding_invoices):
        yield f"preceding_invoices[{position}].number", "Le numéro de la facture d’origine", preceding.number


@entry(
    Rule(
        "FR-REF-010", Severity.BLOCKING, "Type de document hors liste",
        "Le type « {code} » n’est pas de ceux de la facture électronique, obligatoire {when}.",
        "choisissez Facture (380), Avoir (381), Facture rectificative (384) ou Facture d’acompte (386) dans la colonne « Type ».",
        f"{NORM}BR-FR-04", since=START,
    ),
    concerns=ELECTRONIC, why=REJECTED,
)  # fmt: skip
def unknown_type(invoice: Invoice, context: Context) -> Iterator[Fault]:
    codes = [("type_code", invoice.type_code)]
    codes += [(f"preceding_invoices[{position}].type_code", item.type_code) for position, item in enumerate(invoice.preceding_invoices)]
    for path, code in codes:
        if code and code not in closed_list("types") and electronic(invoice, context):
            yield fault(context, path, code=code)


@entry(
    Rule(
        "FR-REF-011", Severity.BLOCKING, "Caractères interdits dans le numéro",
        "{what} « {number} » contient {characters} : une facture électronique, obligatoire {when}, "
        "n’admet que lettres sans accent, chiffres et + - _ /.",
        "ne renumérotez pas une facture émise ; pour les suivantes, ouvrez une série sans ces caractères, de la forme {example}.",
        f"{NORM}BR-FR-02", since=START,
    ),
    concerns=ELECTRONIC, why=REJECTED,
)  # fmt: skip
def characters_in_number(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for path, what, number in numbers(invoice):
        if (found := NOT_IN_NUMBER.findall(number)) and electronic(invoice, context):
            names = ["une espace" if char.isspace() else f"« {char} »" for char in dict.fromkeys(found)]
            example = NOT_IN_NUMBER.sub("-", number)
            yield fault(context, path, what=what, number=number, characters=", ".join(dict.fromkeys(names)), example=example)


@entry(
    Rule(
        "FR-REF-012", Severity.BLOCKING, "Numéro trop long",
        "{what} « {number} » a {length} caractères : une facture électronique, obligatoire {when}, n’en admet que {most}.",
        "ne renumérotez pas une facture émise ; pour les suivantes, ouvrez une série plus courte.", f"{NORM}BR-FR-01", since=START,
    ),
    concerns=ELECTRONIC, why=REJECTED,
)  # fmt: skip
def long_number(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for path, what, number in numbers(invoice):
        if len(number) > LONGEST_NUMBER and electronic(invoice, context):
            yield fault(context, path, what=what, number=number, length=len(number), most=LONGEST_NUMBER)


@entry(
    Rule(
        "FR-REF-013", Severity.WARNING, "Numéro trop long pour le portail public",
        "Le numéro « {number} » a {length} caractères : jusqu’au {until}, le portail public n’en prend que {most}.",
        "ne renumérotez pas une facture émise ; pour les suivantes, ouvrez une série de {most} caractères au plus.",
        "Spécifications du portail public, limites du démarrage (G1.05 et G1.45)", since=START, until=reform()["portal"]["number"]["until"],
    ),
    concerns="Les factures électroniques entre entreprises, jusqu’à la fin de 2026 ; aux clients publics, FR-B2G le dit.",
    why="La norme admet 35 caractères, mais l’administration ne peut pas encore recevoir un numéro de plus de 20.", elsewhere=Severity.NOTE,
)  # fmt: skip
def number_too_long_for_portal(invoice: Invoice, context: Context) -> Iterator[Fault]:
    limit, number = reform()["portal"]["number"], invoice.number or ""
    bound = not context.own or context.day >= issuing_since(context.size)
    if (
        limit["length"] < len(number) <= LONGEST_NUMBER
        and bound
        and context.client is not ClientKind.PUBLIC
        and electronic(invoice, context)
    ):
        yield Fault("number", {"number": number, "length": len(number), "most": limit["length"], "until": short_date(limit["until"])})


@entry(
    Rule(
        "FR-REF-019", Severity.BLOCKING, "Cadre de facturation hors liste",
        "Le cadre de facturation « {code} » (BT-23) n’est pas de ceux de la facture électronique, obligatoire {when}.",
        "écrivez B1 (biens), S1 (services) ou M1 (les deux) ; 2 au lieu de 1 si la facture est déjà payée, 4 après un acompte.",
        f"{NORM}BR-FR-08", since=START,
    ),
    concerns=ELECTRONIC, why=REJECTED,
)  # fmt: skip
def unknown_process(invoice: Invoice, context: Context) -> Iterator[Fault]:
    code = invoice.business_process
    if code and code not in closed_list("processes") and electronic(invoice, context):
        right = code.strip().upper()
        yield fault(context, "business_process", right if right in closed_list("processes") else None, code=code)


@entry(
    Rule(
        "FR-REF-020", Severity.BLOCKING, "Acompte dit définitif",
        "Une facture d’acompte ne peut pas être en même temps la facture définitive après acompte (BT-23 : {code}) ; {when}, c’est rejeté.",
        "écrivez {letter}1, ou {letter}2 si l’acompte est déjà payé.", f"{NORM}BR-FR-CO-08", since=START,
    ),
    concerns="Les factures d’acompte et leurs avoirs.", why=REJECTED,
)  # fmt: skip
def final_deposit(invoice: Invoice, context: Context) -> Iterator[Fault]:
    code = invoice.business_process
    if code in {"B4", "S4", "M4"} and invoice.type_code in DEPOSITS and electronic(invoice, context):
        yield fault(context, "business_process", code=code, letter=code[0])


@entry(
    Rule(
        "FR-REF-021", Severity.BLOCKING, "Facture dite payée qui ne l’est pas",
        "La facture est dite déjà payée (BT-23 : {code}), mais {reason} ; {when}, c’est rejeté.",
        "corrigez le montant payé et la date de paiement (comme échéance), ou écrivez {letter}1 si elle reste à payer.",
        f"{NORM}BR-FR-CO-09", since=START,
    ),
    concerns="Les factures déjà payées (BT-23 : B2, S2 ou M2).", why=REJECTED,
)  # fmt: skip
def not_paid(invoice: Invoice, context: Context) -> Iterator[Fault]:
    code, totals = invoice.business_process, invoice.totals
    if code not in {"B2", "S2", "M2"} or totals.gross is None or not electronic(invoice, context):
        return
    due = totals.due if totals.due is not None else totals.gross - (totals.prepaid or ZERO)
    if due or totals.prepaid != totals.gross:
        reason = f"{money(totals.prepaid or ZERO, invoice.currency)} sont payés sur {money(totals.gross, invoice.currency)}"
        yield fault(context, "totals.prepaid", code=code, letter=code[0], reason=reason)
    elif invoice.due_date is None:
        yield fault(context, "due_date", code=code, letter=code[0], reason="aucune date ne dit quand")


@entry(
    Rule(
        "FR-REF-022", Severity.BLOCKING, "Année hors du siècle",
        "La date {day} n’est pas entre 2000 et 2099 : une facture électronique, obligatoire {when}, ne l’admet pas.",
        "corrigez l’année dans la feuille.", f"{NORM}BR-FR-03", since=START,
    ),
    concerns=ELECTRONIC, why=REJECTED,
)  # fmt: skip
def year_out_of_range(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for path, day in _dates(invoice):
        if day is not None and not 2000 <= day.year <= 2099 and electronic(invoice, context):
            yield fault(context, path, day=short_date(day))


def _dates(invoice: Invoice) -> Iterator[tuple[str, date | None]]:
    """Path and value of every date but that of issue, which decides whether the rule binds at all."""
    yield from (("due_date", invoice.due_date), ("vat_point_date", invoice.vat_point_date))
    if invoice.delivery:
        yield "delivery.date", invoice.delivery.date
    if invoice.period:
        yield from (("period.start", invoice.period.start), ("period.end", invoice.period.end))
    for position, preceding in enumerate(invoice.preceding_invoices):
        yield f"preceding_invoices[{position}].issue_date", preceding.issue_date
    for position, line in enumerate(invoice.lines):
        if line.period:
            yield from ((f"lines[{position}].period.start", line.period.start), (f"lines[{position}].period.end", line.period.end))


@entry(
    Rule(
        "FR-REF-025", Severity.BLOCKING, "Avoir de remise sans contrat ni période",
        "Un avoir de remise globale (type 262) doit porter {missing} : c’est obligatoire {when}.",
        "écrivez le numéro du contrat (BT-12) et le début et la fin de la période (BG-14).", f"{NORM}BR-FR-CO-03", since=START,
    ),
    concerns="Les avoirs de remise globale.", why="Sans facture d’origine, seuls le contrat et la période disent ce qui est remisé.",
)  # fmt: skip
def discount_without_frame(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if invoice.type_code != GLOBAL_DISCOUNT or not electronic(invoice, context):
        return
    period = invoice.period and invoice.period.start and invoice.period.end
    for path, present, missing in (
        ("contract_reference", invoice.contract_reference, "le numéro du contrat"),
        ("period", period, "la période concernée"),
    ):
        if not present:
            yield fault(context, path, missing=missing)


@entry(
    Rule(
        "FR-REF-026", Severity.NOTE, "Code que le portail public ne prend pas encore",
        "Le code « {code} » est admis par la norme, mais le portail public ne le prend pas encore.",
        "demandez à votre plateforme comment elle transmet cette facture à l’administration.",
        "Spécifications du portail public, flux 1 (G1.01 et G1.02)", since=START,
    ),
    concerns=ELECTRONIC, why="Les contrôles publiés de la norme et ceux de l’administration n’ont pas les mêmes listes.",
    elsewhere=Severity.NOTE,
)  # fmt: skip
def not_on_portal(invoice: Invoice, context: Context) -> Iterator[Fault]:
    portal = reform()["portal"]
    for path, code, refused in (("type_code", invoice.type_code, "types"), ("business_process", invoice.business_process, "processes")):
        if code in portal[refused] and context.client is not ClientKind.PUBLIC and electronic(invoice, context):
            yield Fault(path, {"code": code})
