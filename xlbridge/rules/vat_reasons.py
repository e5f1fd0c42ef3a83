"""Whether a line without VAT says why, in words and by code, and whether words, code and category agree.

Sources: CGI ann. II art. 242 nonies A, I, 12°; EN 16931-1 (BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10, BR-S-10, BR-CL-22); VATEX list.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlbridge.company import VatRegime
from xlbridge.findings import Rule, Severity
from xlbridge.legal_texts import FRANCHISE_CODE
from xlbridge.model import Invoice
from xlbridge.model.codes import VatCategory
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.texts import written
from xlbridge.rules.vat_categories import NAMES
from xlbridge.rules.vat_treatments import Treatment, every_treatment, treatments
from xlbridge.rules.vatex import Reason, agree, known, named_by, reasons

NONIES = "CGI, ann. II, art. 242 nonies A, I, "
UNTAXED = "Les factures sans TVA, en tout ou en partie."
MUST_SAY_WHY = frozenset(NAMES) - {VatCategory.ZERO}
# The one code of a category that has only one.
ONLY_CODE = {
    VatCategory.REVERSE_CHARGE: "VATEX-EU-AE",
    VatCategory.INTRA_EU: "VATEX-EU-IC",
    VatCategory.EXPORT: "VATEX-EU-G",
    VatCategory.OUT_OF_SCOPE: "VATEX-EU-O",
}


@entry(
    Rule(
        "FR-TVA-030", Severity.BLOCKING, "Absence de TVA sans motif",
        "Aucun motif ne dit pourquoi il n’y a pas de TVA ({where}, catégorie {category} : {name}).",
        "écrivez le motif dans la colonne « Motif d’exonération », par exemple « {example} ».",
        f"{NONIES}12° ; EN 16931, BR-E-10, BR-AE-10, BR-IC-10, BR-G-10 et BR-O-10",
    ),
    concerns=UNTAXED, why="Sans TVA, la facture doit citer le texte qui en dispense.", elsewhere=Severity.BLOCKING,
)  # fmt: skip
def no_reason(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if item.category not in MUST_SAY_WHY or item.reason or item.code:
            continue
        noted = _noted(invoice, item)
        code = _only_code(item, context)
        new = noted or (reasons()[code].text if code else None)
        facts = {"where": item.where, "category": item.category, "name": NAMES[VatCategory(item.category)]}
        facts["example"] = new or "Exonération de TVA, art. 261, 4, 4° a du CGI"
        lesser = Severity.WARNING if noted and context.own else None  # the mention is there, in a note
        yield Fault(item.path("vat_reason", context), facts, new, lesser)


@entry(
    Rule(
        "FR-TVA-031", Severity.BLOCKING, "Motif d’exonération d’une opération taxée",
        "Les opérations à {rate} % ({where}) ont un motif d’absence de TVA : « {reason} ».",
        "retirez le motif si l’opération est taxée, ou mettez la TVA à zéro si elle ne l’est pas.", "EN 16931, BR-S-10",
    ),
    concerns="Les factures avec TVA.", why="L’un des deux est faux, et le client ne sait pas s’il peut déduire la TVA.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def reason_of_taxed(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in every_treatment(invoice):
        if item.category == VatCategory.STANDARD and item.rate and (item.code or (item.reason and context.own)):
            facts = {"rate": f"{item.rate.normalize():f}".replace(".", ","), "where": item.where, "reason": item.reason or item.code}
            yield Fault(item.path("vat_reason" if item.reason else "vat_reason_code", context), facts)


@entry(
    Rule(
        "FR-TVA-032", Severity.BLOCKING, "Code de motif inconnu",
        "« {code} » ({where}) n’est pas un code de la liste européenne des motifs d’exonération (VATEX).",
        "choisissez le motif dans la liste de la colonne « Motif d’exonération », ou écrivez-le en toutes lettres sans code.",
        "EN 16931, BR-CL-22",
    ),
    concerns=UNTAXED, why="Une plateforme refuse un code qui n’est pas dans la liste.", elsewhere=Severity.BLOCKING,
)  # fmt: skip
def unknown_code(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in every_treatment(invoice):
        if item.code and known(item.code) is None:
            yield Fault(item.path("vat_reason_code", context), {"code": item.code, "where": item.where}, _meant(item))


@entry(
    Rule(
        "FR-TVA-033", Severity.BLOCKING, "Code de motif d’une autre catégorie",
        "Le code {code} va avec la catégorie {right}, et non avec {category} ({where}).",
        "corrigez le motif d’exonération, ou la catégorie de TVA.", "EN 16931, liste VATEX ; XP Z12-012, BR-FR-CO-16",
    ),
    concerns=UNTAXED, elsewhere=Severity.WARNING,
    why="Une exportation, une livraison intracommunautaire et une exonération ne se déclarent pas au même endroit.",
)  # fmt: skip
def code_against_category(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in every_treatment(invoice):
        reason = known(item.code) if item.code else None
        if reason and reason.categories and item.category in NAMES and item.category not in reason.categories:
            facts = {"code": reason.code, "right": " ou ".join(reason.categories), "category": item.category, "where": item.where}
            yield Fault(item.path("vat_reason_code", context), facts)


@entry(
    Rule(
        "FR-TVA-034", Severity.WARNING, "Motif qui contredit le code ou la catégorie",
        "Le motif « {reason} » ({where}) est celui de {named}, mais {against}.",
        "accordez le motif, son code et la catégorie de TVA.", f"{NONIES}12° ; EN 16931, liste VATEX",
    ),
    concerns=UNTAXED, elsewhere=Severity.WARNING,
    why="Le texte est lu par le client, le code par l’administration : ils doivent dire la même chose.",
)  # fmt: skip
def reason_against_code(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        named = named_by(item.reason) if item.reason and item.category in NAMES else None
        if named is None:
            continue
        stated = known(item.code) if item.code else None
        if stated and not agree(stated.code, named.code):
            against = f"le code est {stated.code}"
        elif not stated and named.categories and item.category not in named.categories:
            against = f"la catégorie est {item.category} ({NAMES[VatCategory(str(item.category))]})"
        else:
            continue
        facts = {"reason": item.reason, "where": item.where, "named": named.code, "against": against}
        yield Fault(item.path("vat_reason", context), facts)


@entry(
    Rule(
        "FR-TVA-035", Severity.NOTE, "Motif d’exonération sans code",
        "Le motif « {reason} » ({where}) n’a pas de code VATEX{hint}.",
        "choisissez le motif dans la liste de la colonne « Motif d’exonération » : son code s’écrit avec lui.",
        "EN 16931, BT-121 ; contrôle G1.41 du portail public de facturation",
    ),
    concerns=UNTAXED, why="L’administration lit le code ; elle en demande un pour toute exonération.", elsewhere=Severity.NOTE,
)  # fmt: skip
def no_code(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if item.code or not item.reason or item.category not in MUST_SAY_WHY:
            continue
        code = _code_of(item)
        if code or item.category == VatCategory.EXEMPT:
            facts = {"reason": item.reason, "where": item.where, "hint": f" : ce serait {code}" if code else ""}
            yield Fault(item.path("vat_reason_code", context), facts, code)


@entry(
    Rule(
        "FR-TVA-036", Severity.WARNING, "Motif d’exonération sans texte",
        "Le motif d’absence de TVA n’est donné que par son code, {code} ({where}) ; le client doit pouvoir le lire.",
        "écrivez aussi le texte dans la colonne « Motif d’exonération », par exemple « {text} ».", f"{NONIES}12° et 13°",
    ),
    concerns=UNTAXED, why="La mention qui justifie l’absence de TVA doit être lisible sur la facture.", elsewhere=Severity.NOTE,
)  # fmt: skip
def no_text(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        reason = known(item.code) if item.code and not item.reason and item.category in NAMES else None
        if reason and not _noted(invoice, item):
            text = reason.text
            yield Fault(item.path("vat_reason", context), {"code": reason.code, "where": item.where, "text": text}, text)


def _noted(invoice: Invoice, item: Treatment) -> str | None:
    """The mention that a note gives for this treatment, where exactly one fits its category."""
    texts = {named.text for text in written(invoice) if (named := named_by(text)) and _fits(named, item)}
    return texts.pop() if len(texts) == 1 else None


def _fits(reason: Reason, item: Treatment) -> bool:
    return item.category in reason.categories and (not item.code or agree(reason.code, item.code.upper()))


def _only_code(item: Treatment, context: Context) -> str | None:
    """The code of a category that has but one; of an exemption only where the firm is under the franchise. Out of scope tells nothing."""
    if item.category == VatCategory.EXEMPT:
        return FRANCHISE_CODE if context.regime is VatRegime.FRANCHISE else None
    return None if item.category == VatCategory.OUT_OF_SCOPE else ONLY_CODE[VatCategory(str(item.category))]


def _code_of(item: Treatment) -> str | None:
    """The code that follows from the words of the reason, else from its category; None where they contradict."""
    named = named_by(item.reason or "")
    if named:
        return named.code if not named.categories or item.category in named.categories else None
    return ONLY_CODE.get(VatCategory(str(item.category)))


def _meant(item: Treatment) -> str | None:
    """The code of the list that was meant: another spelling, or what the words of the reason name."""
    letters = "-".join((item.code or "").upper().replace("_", " ").replace("-", " ").split())
    for spelling in (letters, f"VATEX-{letters}"):
        if found := known(spelling):
            return found.code
    named = named_by(item.reason) if item.reason else None
    return named.code if named and item.category in named.categories else None
