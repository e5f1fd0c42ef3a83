"""What the published sheets of the official rules let pass in an e-invoice, beside check digits: a profile that is none or is poorer than
what the message holds, mentions without a text, dates that are none, references with blanks.

Sources: EN 16931-1 (BT-2, BT-18, BT-24, BT-32, BT-128); Factur-X 1.09 (profiles); XP Z12-012 (BR-FR-03, BR-FR-05). These rules judge
e-invoices of anybody; in a workbook the program writes these parts itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlbridge.findings import Rule, Severity
from xlbridge.model import Identifier, Invoice
from xlbridge.model.profile import Profile
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.presence import NONIES

E_INVOICES = "Les factures électroniques faites ailleurs (commande validate)."
SENDER = "le logiciel émetteur doit {what} : signalez-le à l’émetteur, et demandez-lui une facture corrigée."
STANDARD = "urn:cen.eu:en16931:2017"  # opens BT-24 of every usage specification of EN 16931
MENTIONS = {"PMT": "indemnité de recouvrement", "PMD": "pénalités de retard", "AAB": "escompte"}


@entry(
    Rule(
        "FR-REF-050", Severity.WARNING, "Profil inconnu",
        "La facture dit obéir à « {specification} » (BT-24), qui n’est ni EN 16931 ni un profil de Factur-X.",
        SENDER.format(what="écrire « urn:cen.eu:en16931:2017 », ou le profil qu’il applique"),
        "EN 16931, BT-24 ; CGI, ann. IV, art. 41 septies C",
    ),
    concerns=E_INVOICES,
    why="Les règles françaises passent sur un message dont le profil est inventé ; personne ne sait ce qu’il devait respecter.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def unknown_profile(invoice: Invoice, _: Context) -> Iterator[Fault]:
    specification = invoice.specification
    if specification and Profile.of(specification) is None and not specification.startswith(STANDARD):
        yield Fault("specification", {"specification": specification})


@entry(
    Rule(
        "FR-REF-051", Severity.WARNING, "Profil plus pauvre que le contenu",
        "La facture se dit du profil {profile}, qui n’a pas {what} ; elle en porte pourtant.",
        SENDER.format(what="annoncer en BT-24 le profil de ce qu’il écrit"), "Factur-X 1.09, profils ; EN 16931, BT-24",
    ),
    concerns=E_INVOICES, why="Un logiciel qui lit le profil annoncé ne voit pas le reste : lignes, mentions, adresses sont perdues.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def poorer_profile(invoice: Invoice, _: Context) -> Iterator[Fault]:
    profile = Profile.of(invoice.specification) if invoice.specification else None
    if profile is None or profile.has_lines:
        return
    beyond: list[tuple[str, object]] = [("de lignes", invoice.lines)]
    if profile is Profile.MINIMUM:
        beyond += [
            ("de mentions", invoice.notes),
            ("d’adresse du client", invoice.buyer.address),
            ("de détail de la TVA", invoice.vat_breakdown),
        ]
    if what := [name for name, present in beyond if present]:
        yield Fault("specification", {"profile": profile.label, "what": ", ".join(what)})


@entry(
    Rule(
        "FR-MEN-060", Severity.WARNING, "Mention sans texte",
        "La mention {code} ({about}) est absente, ou n’a pas de texte.",
        SENDER.format(what="écrire la mention en toutes lettres"), "Code de commerce, art. L441-9 ; XP Z12-012, BR-FR-05",
    ),
    concerns=E_INVOICES, why="Le contrôle officiel se contente du code de la mention : un texte vide passe.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def empty_mention(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.own or not invoice.business_process:
        return
    codes = {note.subject_code for note in invoice.notes}
    if codes.isdisjoint(MENTIONS):
        return  # no French message at all: the official rules say so
    for code, about in MENTIONS.items():
        if code not in codes:
            yield Fault("notes", {"about": about, "code": code})


@entry(
    Rule(
        "FR-MEN-061", Severity.BLOCKING, "Date d’émission illisible",
        "La date d’émission de la facture n’est pas une date.",
        SENDER.format(what="écrire une date du calendrier (AAAAMMJJ en CII, AAAA-MM-JJ en UBL)"),
        f"{NONIES}6° ; EN 16931, BT-2 ; XP Z12-012, BR-FR-03",
    ),
    concerns=E_INVOICES, why="Le contrôle officiel laisse passer des caractères de trop derrière la date.", elsewhere=Severity.BLOCKING,
)  # fmt: skip
def unreadable_date(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not context.own and invoice.issue_date is None:
        yield Fault("issue_date")


@entry(
    Rule(
        "FR-IDE-040", Severity.WARNING, "Identifiant fiscal sans chiffre",
        "L’identifiant fiscal du vendeur « {number} » (BT-32) n’a aucun chiffre : ce n’est pas un numéro.",
        "vérifiez-le ; un vendeur sans numéro de TVA y écrit son SIREN.", f"{NONIES}2° ; EN 16931, BT-32",
    ),
    concerns="Les vendeurs identifiés autrement que par un numéro de TVA.",
    why="L’identifiant du vendeur permet au client de déduire la TVA ; aucune règle officielle n’en regarde la forme.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def tax_registration_without_digit(invoice: Invoice, _: Context) -> Iterator[Fault]:
    number = invoice.seller.tax_registration
    if number and not any(char.isdigit() for char in number):
        yield Fault("seller.tax_registration", {"number": number})


@entry(
    Rule(
        "FR-IDE-041", Severity.NOTE, "Référence avec une espace", "La référence de l’objet facturé « {number} » contient une espace.",
        "vérifiez qu’elle est écrite exactement comme le client l’a donnée.", "EN 16931, BT-18 et BT-128",
    ),
    concerns="Les factures qui désignent l’objet facturé (compteur, contrat, abonnement) par une référence.",
    why="Une référence est rapprochée telle quelle par le logiciel du client : une espace de trop suffit à ne rien trouver.",
    elsewhere=Severity.NOTE,
)  # fmt: skip
def reference_with_blank(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for path, item in _objects(invoice):
        if item and any(char.isspace() for char in item.value):
            yield Fault(path, {"number": item.value})


def _objects(invoice: Invoice) -> Iterator[tuple[str, Identifier | None]]:
    yield "object_identifier", invoice.object_identifier
    for position, line in enumerate(invoice.lines):
        yield f"lines[{position}].object_identifier", line.object_identifier
