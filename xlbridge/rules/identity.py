"""SIREN and SIRET: form, check digits, agreement, presence; and a seller that is its own client.

Sources: CGI, ann. II, art. 242 nonies A, I, 1°; C. com., art. R123-221 and R123-237; XP Z12-012 (BR-FR-09, BR-FR-10, BR-FR-32). The
check digits are those of Luhn; the establishments of La Poste have a sum of digits divisible by 5 instead.

>>> from xlbridge.model import Identifier, Invoice, Party
>>> wrong = Party(name="Dupré", legal_id=Identifier(value="812345677", scheme="0002"))
>>> [fault.path for fault in wrong_siren(Invoice(seller=wrong), None)]
['seller.siren']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps

from xlbridge.company_values import identifier_is_right
from xlbridge.findings import Rule, Severity
from xlbridge.folding import firm_name
from xlbridge.model import Invoice, Party
from xlbridge.model.codes import SCHEME_SIREN
from xlbridge.rules.catalogue import Context, Fault, Judge, entry
from xlbridge.rules.latest import of_latest
from xlbridge.rules.presence import CLIENT, COMPANY, EVERYONE, NONIES

# France with the overseas territories that have a country code of their own and the SIREN (not NC and PF, which have RIDET and TAHITI).
FRENCH = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF", "PM"})
REGISTER = "C. com., art. R123-221 et R123-237"
DIRECTORY = "l’Annuaire des entreprises (annuaire-entreprises.data.gouv.fr)"
KNOWN = 1024  # parties of which is kept what was found
CORRECT = "vérifiez-le dans {source}, puis corrigez-le {where}."


@dataclass(frozen=True, slots=True, eq=False)
class Holder:
    """A party with its path, the words that follow « le SIREN » and the place where a user writes its data. One is made for each party
    object at its place, so that what is found of it can be kept."""

    path: str
    whose: str
    where: str
    party: Party

    @property
    def facts(self) -> dict[str, str]:
        """What the sentences need: `whose`, `where`, and the `source` in which a number is looked up."""
        source = "votre avis de situation (avis-situation-sirene.insee.fr)" if self.path == "seller" else DIRECTORY
        return {"whose": self.whose, "where": self.where, "source": source}


@of_latest
def holders(invoice: Invoice) -> tuple[Holder, ...]:
    """The parties that the invoice names: seller and buyer, then payee and tax representative where there is one."""
    found = [_holder("seller", "du vendeur", COMPANY, invoice.seller), _holder("buyer", "du client", CLIENT, invoice.buyer)]
    if invoice.payee:
        found.append(_holder("payee", "du bénéficiaire du paiement", "dans la facture", invoice.payee))
    if invoice.tax_representative:
        found.append(_holder("tax_representative", "du représentant fiscal", "dans la facture", invoice.tax_representative))
    return tuple(found)


_known_holders: dict[tuple[str, int], Holder] = {}


def _holder(path: str, whose: str, where: str, party: Party) -> Holder:
    """The same holder for the same party object: a seller and most clients come again on every invoice of a workbook."""
    known = _known_holders.get((path, id(party)))
    if known is None:
        if len(_known_holders) >= KNOWN:
            _known_holders.clear()
        known = _known_holders[path, id(party)] = Holder(path, whose, where, party)  # holds the party, whose id is thus its own
    return known


def of_each_party(judge: Callable[[Holder], Iterable[Fault]]) -> Judge:
    """A rule that judges every party by itself; what it found of one is kept."""

    @lru_cache(maxsize=KNOWN)
    def found(holder: Holder) -> tuple[Fault, ...]:
        return tuple(judge(holder))

    @wraps(judge)
    def judge_all(invoice: Invoice, _: Context) -> list[Fault]:
        return [fault for holder in holders(invoice) for fault in found(holder)]

    return judge_all


@lru_cache(maxsize=8192)
def is_right(kind: str, number: str) -> bool:
    """Whether form and check digits of a compact `siren`, `siret`, `vat_number`, `iban` or `bic` are right."""
    return identifier_is_right(kind, number)


@lru_cache(maxsize=8192)
def compact(text: str) -> str:
    """The letters and digits of `text`, letters as capitals.

    >>> compact("812 345.676"), compact("fr 32-812345676")
    ('812345676', 'FR32812345676')
    """
    return "".join(char for char in text if char.isalnum()).upper()


def written_siren(party: Party) -> str | None:
    """The SIREN that stands as such, not the one that opens the SIRET."""
    return party.legal_id.value if party.legal_id and party.legal_id.scheme == SCHEME_SIREN else None


def right_siren(party: Party) -> str | None:
    """The nine digits of the party's SIREN, alone or in its SIRET, when their check digit is right."""
    number = compact(party.siren or "")
    return number if is_right("siren", number) else None


@lru_cache(maxsize=1024)
def _what_is_wrong(kind: str, number: str, length: int) -> str:
    if not number.isdecimal():
        return "il ne doit contenir que des chiffres"
    if len(number) != length:
        return f"il a {len(number)} chiffres au lieu de {length}"
    if kind == "siret" and not is_right("siren", number[:9]):
        return "ses neuf premiers chiffres ne forment pas un SIREN"
    return "son dernier chiffre, la clé de contrôle, ne va pas avec les autres"


@entry(
    Rule(
        "FR-IDE-001", Severity.BLOCKING, "SIREN faux", "Le SIREN {whose} « {number} » est faux : {reason}.", CORRECT,
        f"{NONIES}1° ; {REGISTER}",
    ),
    concerns=EVERYONE, why="Un SIREN a une clé de contrôle : un chiffre mal recopié désigne une autre entreprise, ou aucune.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_party
def wrong_siren(holder: Holder) -> Iterator[Fault]:
    written = written_siren(holder.party)
    if written is None or is_right("siren", number := compact(written)):
        return
    siret = compact(holder.party.siret or "")
    if not is_right("siret", number):  # a SIRET in the place of the SIREN: FR-IDE-020
        reason = _what_is_wrong("siren", number, 9)
        yield Fault(f"{holder.path}.siren", holder.facts | {"number": written, "reason": reason}, _opening(siret))


def _opening(siret: str) -> str | None:
    """The SIREN of a right SIRET."""
    return siret[:9] if is_right("siret", siret) else None


@entry(
    Rule(
        "FR-IDE-002", Severity.BLOCKING, "SIREN ou SIRET mal écrit",
        "Le {name} {whose} « {number} » contient autre chose que ses chiffres.",
        "écrivez {right}, sans espace ni point, {where}.", "XP Z12-012, BR-FR-09, BR-FR-10 et BR-FR-32",
    ),
    concerns=EVERYONE, why="Les plateformes lisent exactement 9 ou 14 chiffres ; une espace fait rejeter la facture.",
    elsewhere=Severity.BLOCKING,
)  # fmt: skip
@of_each_party
def number_with_blanks(holder: Holder) -> Iterator[Fault]:
    for kind, written in (("siren", written_siren(holder.party)), ("siret", holder.party.siret)):
        if written and not written.isdecimal() and is_right(kind, right := compact(written)):
            yield Fault(f"{holder.path}.{kind}", holder.facts | {"name": kind.upper(), "number": written, "right": right}, right)


@entry(
    Rule(
        "FR-IDE-003", Severity.BLOCKING, "SIRET faux", "Le SIRET {whose} « {number} » est faux : {reason}.", CORRECT,
        "C. com., art. R123-221",
    ),
    concerns=EVERYONE, why="Le SIRET désigne l’établissement ; une administration rejette la facture dont le SIRET est faux.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_party
def wrong_siret(holder: Holder) -> Iterator[Fault]:
    written = holder.party.siret
    if written and not is_right("siret", number := compact(written)) and not _repeats_wrong_siren(holder.party, number):
        yield Fault(f"{holder.path}.siret", holder.facts | {"number": written, "reason": _what_is_wrong("siret", number, 14)})


def _repeats_wrong_siren(party: Party, siret: str) -> bool:
    """Whether the SIRET is wrong only by the wrong SIREN that it repeats: FR-IDE-001 says it."""
    siren = compact(written_siren(party) or "")
    return len(siret) == 14 and siret.isdecimal() and siret[:9] == siren and not is_right("siren", siren)


@entry(
    Rule(
        "FR-IDE-004", Severity.BLOCKING, "SIRET d’une autre entreprise",
        "Le SIRET {whose} {siret} ne commence pas par son SIREN {siren} : ils désignent deux entreprises.",
        "vérifiez les deux dans {source}, puis corrigez celui qui est faux {where}.", "C. com., art. R123-221 ; XP Z12-012, BR-FR-09",
    ),
    concerns=EVERYONE, why="Les neuf premiers chiffres d’un SIRET sont le SIREN.", elsewhere=Severity.BLOCKING,
)  # fmt: skip
@of_each_party
def siret_of_another(holder: Holder) -> Iterator[Fault]:
    siren, siret = compact(written_siren(holder.party) or ""), compact(holder.party.siret or "")
    if siren and siret and siren != siret[:9] and is_right("siren", siren) and is_right("siret", siret):
        yield Fault(f"{holder.path}.siret", holder.facts | {"siren": siren, "siret": siret})


@entry(
    Rule(
        "FR-IDE-005", Severity.BLOCKING, "SIREN du vendeur absent", "Le vendeur « {name} » n’a pas de SIREN.", f"écrivez-le {COMPANY}.",
        f"{NONIES}1° ; {REGISTER}",
    ),
    concerns="Tout vendeur établi en France.", why="La facture porte le numéro d’identité du vendeur.", elsewhere=Severity.WARNING,
)  # fmt: skip
def no_siren(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if _lacks_siren(invoice) and not _siren_in_vat_number(invoice.seller):
        yield Fault("seller.siren", {"name": invoice.seller.name})


@entry(
    Rule(
        "FR-IDE-006", Severity.WARNING, "SIREN du vendeur seulement dans son numéro de TVA",
        "Le SIREN du vendeur n’est pas écrit ; son numéro de TVA {vat_number} le contient : {siren}.", f"écrivez {{siren}} {COMPANY}.",
        f"{NONIES}1° ; {REGISTER}",
    ),
    concerns="Tout vendeur établi en France.", why="La facture porte le numéro d’identité du vendeur, à côté de son numéro de TVA.",
)  # fmt: skip
def siren_only_in_vat_number(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if _lacks_siren(invoice) and (siren := _siren_in_vat_number(invoice.seller)):
        yield Fault("seller.siren", {"vat_number": invoice.seller.vat_number, "siren": siren}, siren)


def _lacks_siren(invoice: Invoice) -> bool:
    """Whether a named French seller has no registration number at all (one of another scheme is judged by FR-IDE-020)."""
    seller = invoice.seller
    return bool(seller.name) and seller.country in FRENCH and not seller.siren and seller.legal_id is None


def _siren_in_vat_number(party: Party) -> str | None:
    number = compact(party.vat_number or "")
    return number[4:] if number.startswith("FR") and is_right("vat_number", number) and is_right("siren", number[4:]) else None


@entry(
    Rule(
        "FR-IDE-007", Severity.BLOCKING, "Vendeur et client identiques", "Le vendeur et le client sont la même entreprise ({what}).",
        f"vérifiez lequel est faux ; corrigez le client {CLIENT}.", "CGI, art. 289, I, 1",
    ),
    concerns=EVERYONE, why="Une facture constate une vente à quelqu’un d’autre ; le client a sans doute été confondu avec le vendeur.",
    elsewhere=Severity.BLOCKING,
)  # fmt: skip
def own_client(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if (what := _same_party(invoice.seller, invoice.buyer)) and not _two_establishments(invoice):
        yield Fault("buyer", {"what": what})


@entry(
    Rule(
        "FR-IDE-008", Severity.WARNING, "Facture entre deux établissements",
        "Le vendeur ({seller}) et le client ({buyer}) sont deux établissements de la même entreprise.",
        f"si ce n’est qu’un document interne, n’en faites pas une facture ; sinon corrigez le client {CLIENT}.", "CGI, art. 289, I, 1",
    ),
    concerns=EVERYONE, why="Une entreprise ne se vend rien à elle-même : un mouvement interne n’est pas une vente.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def own_establishment(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if _two_establishments(invoice):
        yield Fault("buyer.siret", {"seller": f"SIRET {invoice.seller.siret}", "buyer": f"SIRET {invoice.buyer.siret}"})


def _two_establishments(invoice: Invoice) -> bool:
    seller, buyer = compact(invoice.seller.siret or ""), compact(invoice.buyer.siret or "")
    return bool(seller and buyer) and seller != buyer and seller[:9] == buyer[:9]


def _same_party(seller: Party, buyer: Party) -> str | None:
    """What shows that seller and buyer are one: a number, or name and address where no number says otherwise."""
    if seller.siren and buyer.siren:
        return f"SIREN {seller.siren}" if compact(seller.siren) == compact(buyer.siren) else None
    contained = _siren_in_vat_number(seller)  # elsewhere in the Union the members of a VAT group share one number
    if contained and _siren_in_vat_number(buyer):
        return f"numéro de TVA {seller.vat_number}" if contained == _siren_in_vat_number(buyer) else None
    same_address = seller.address is not None and bool(seller.address.lines) and seller.address == buyer.address
    if same_address and seller.name and buyer.name and firm_name(seller.name) == firm_name(buyer.name):
        return f"« {seller.name} », à la même adresse"
    return None
