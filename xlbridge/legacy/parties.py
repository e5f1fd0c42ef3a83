"""Who sells and who buys on a form: the block after « Client : » is the buyer, the first block of the page the seller."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlbridge.findings import Cell
from xlbridge.legacy import rules, values
from xlbridge.legacy.address import country_code, parse_lines
from xlbridge.legacy.draft import Draft
from xlbridge.legacy.labels import normal
from xlbridge.legacy.regions import Labelled, Page, Position, free_blocks, is_placeholder, shown, split_label, text_lines
from xlbridge.legacy.titles import kinds_of
from xlbridge.legacy.values import plain_text
from xlbridge.legacy.zones import buyer_zone_of, claim_delivery, opens_buyer

PARTY_ROLES = frozenset(
    {
        "address", "address2", "postcode", "city", "postcode_city", "country", "siret", "siren", "vat_number", "vat", "foreign_tax_id",
        "email", "telephone", "contact", "buyer_company",
    }
)  # fmt: skip
LEGAL_FORM = re.compile(
    r"(?i)\b(?:SARL|SAS|SASU|EURL|SA|SCI|SCOP|SNC|EI|auto-?entrepreneur|micro-?entreprise)\b.*\b(?:capital|au capital|RCS)\b|\bcapital\b"
)
FR_VAT = re.compile(r"\b(FR ?[\dA-Z]{2} ?\d{3} ?\d{3} ?\d{3})\b", re.IGNORECASE)
EU_VAT = re.compile(r"^(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)(?=.*\d)[0-9A-Z]{5,14}$")
SIRET = re.compile(r"(?<!\d)(\d{3} ?\d{3} ?\d{3} ?\d{5})(?!\d)")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
NOISE = re.compile(
    r"(?i)^(?:t[ée]l|fax|port(?:able)?|mobile|mail|e-?mail|courriel|site|web|www|http|p:|f:|rcs|r\.c|siret|siren|ape|naf|tva|n°|mf\b|iban|bic)"
)


def read_parties(page: Page, draft: Draft, labels: list[Labelled]) -> None:
    """Put seller and buyer from the labelled values and from the blocks of free text."""
    buyer_zone = buyer_zone_of(page, labels)
    claim_delivery(page, labels, buyer_zone)
    for item in labels:
        set_aside = {item.label_at, item.value_at} <= page.claimed and item.label_at not in buyer_zone
        if item.role in PARTY_ROLES and not set_aside and not opens_buyer(page, item):
            _put_labelled(page, draft, _whose(page, item, buyer_zone), item)
    _put_seller_label(page, draft, labels)
    _put_buyer_name(page, draft, labels, buyer_zone)
    blocks = _party_blocks(page, buyer_zone)
    seller_block = next((block for block in blocks if _looks_like_a_name(shown(page, block[0]))), None)
    lone = len([block for block in blocks if _looks_like_a_name(shown(page, block[0]))]) == 1 and not buyer_zone
    if seller_block and lone and "buyer.name" not in draft.values and "seller.name" not in draft.values:
        _put_lone_block(page, draft, seller_block)
    elif seller_block and "seller.name" not in draft.values:
        _put_block(page, draft, "seller", seller_block)
        if "seller.address_lines" not in draft.values:
            _put_detached_address(page, draft, seller_block, blocks)
    if not buyer_zone and "buyer.name" not in draft.values:
        _put_unlabelled_buyer(page, draft, blocks, seller_block)
    _scan_identifiers(page, draft, buyer_zone)


def _whose(page: Page, item: Labelled, buyer_zone: set[Position]) -> str:
    """Whose value a label announces: the label's own words tell, else its place."""
    words = set(normal(shown(page, item.label_at)).split())
    if words & {"client", "customer", "buyer", "destinataire", "kunde", "kunden", "acheteur", "billing"}:
        return "buyer"
    if words & {"supplier", "seller", "vendeur", "emetteur", "issuer", "fournisseur"}:
        return "seller"
    return "buyer" if item.label_at in buyer_zone or item.value_at in buyer_zone else "seller"


def _put_labelled(page: Page, draft: Draft, who: str, item: Labelled) -> None:
    text = values.text_of(item.value)
    if text is None or is_placeholder(text):
        if text:
            draft.say(rules.PLACEHOLDER, cell=page.cell(item.value_at), text=text)
        return
    cell = page.cell(item.value_at)
    page.claimed.add(item.value_at)
    if item.role in {"vat_number", "vat"}:
        number = re.sub(r"[\s.]", "", text).upper()
        if EU_VAT.fullmatch(number):
            draft.put(f"{who}.vat_number", number, cell)
        elif re.search(r"\d{5}", number) and values.number(item.value) is None:  # an amount of tax is none
            _leave_tax_id(draft, who, text, cell)
    elif item.role == "foreign_tax_id":
        _leave_tax_id(draft, who, text, cell)
    elif item.role in {"siret", "siren"}:
        _put_registration(draft, who, item.role, text, cell)
    elif item.role == "address":
        put_address(page, draft, who, [(item.value_at, line) for line in str(item.value).replace("\\n", "\n").splitlines()])
    elif item.role == "postcode_city":
        found = parse_lines([text])
        draft.put(f"{who}.postcode", found.postcode, cell)
        draft.put(f"{who}.city", found.city or (text if not re.search(r"\d", text) else None), cell)
    elif item.role == "country":
        draft.put(f"{who}.country", country_code(text), cell)
    elif item.role == "buyer_company":
        draft.put("buyer.name" if who == "buyer" else "seller.name", text, cell)
    elif item.role in {"postcode", "city", "email", "telephone", "contact"}:
        draft.put(f"{who}.{item.role}", text, cell)


def _leave_tax_id(draft: Draft, who: str, text: str, cell: Cell | None) -> None:
    """A tax number of a form that no Member State has."""
    count = sum(item.kind == "foreign_tax_id" for item in draft.unread)
    draft.leave_out("foreign_tax_id", f"{who}.foreign_tax_ids[{count}]", text, cell)


def _put_registration(draft: Draft, who: str, role: str, text: str, cell: object) -> None:
    from xlbridge.findings import Cell

    digits = values.digits(text)
    place = cell if isinstance(cell, Cell) else None
    if len(digits) == 14 or (role == "siret" and len(digits) in {13, 15}):
        draft.put(f"{who}.siret", digits, place)
    elif len(digits) == 9 or (role == "siren" and len(digits) in {8, 10}):
        draft.put(f"{who}.siren", digits, place)


def _put_seller_label(page: Page, draft: Draft, labels: list[Labelled]) -> None:
    for item in labels:
        text = values.text_of(item.value)
        if item.role == "seller_name" and text and not is_placeholder(text):
            draft.put("seller.name", text, page.cell(item.value_at))
            page.claimed.add(item.value_at)


def _put_buyer_name(page: Page, draft: Draft, labels: list[Labelled], zone: set[Position]) -> None:
    """The name beside the buyer's label, and the free lines of its block as its address."""
    lines: list[tuple[Position, str]] = []
    for position in sorted(zone):
        value = page.sheet.at(*position)
        if not isinstance(value, str) or (position in page.claimed and not _is_buyer_value(position, labels)):
            continue
        several = "\n" in value.strip()
        if not several and split_label(value) and not _is_buyer_value(position, labels):
            continue
        for line in text_lines(page, position):
            split = split_label(line)
            if several and split and not (split[0].role == "buyer_name" and split[1]):
                continue
            text = split[1] if split and split[1] and split[0].role == "buyer_name" else line
            if text and not NOISE.match(text) and not EMAIL.search(text):
                lines.append((position, text))
    lines = [(position, text) for position, text in lines if not is_placeholder(text)]
    if not lines:
        return
    position, name = lines[0]
    company = next((item for item in lines[1:] if re.search(r"(?i)\buniversit[ée] \w+$", item[1])), None)
    if company and not draft.get("buyer.name"):
        lines.remove(company)
        draft.put("buyer.contact", name, page.cell(position))
        lines.pop(0)
        draft.put("buyer.name", company[1], page.cell(company[0]))
    elif draft.put("buyer.name", name, page.cell(position)) or draft.get("buyer.name") == name or not _is_person_label(position, labels):
        lines.pop(0)
    else:
        draft.put("buyer.contact", name, page.cell(position))
        lines.pop(0)
    put_address(page, draft, "buyer", lines)
    page.claimed.update(zone)


def _is_buyer_value(position: Position, labels: list[Labelled]) -> bool:
    return any(item.role == "buyer_name" and item.value_at == position for item in labels)


def _is_person_label(position: Position, labels: list[Labelled]) -> bool:
    return _is_buyer_value(position, labels)


def put_address(page: Page, draft: Draft, who: str, lines: list[tuple[Position, str]]) -> None:
    """Put the street, postcode, town and country that stand in `lines`."""
    texts = [text for _, text in lines]
    if not texts or f"{who}.address_lines" in draft.values:
        return
    found = parse_lines(texts)
    first = page.cell(lines[0][0])
    if found.lines:
        draft.put(f"{who}.address_lines", found.lines)
        draft.origin[f"{who}.address"] = first
    town = next((page.cell(place) for place, text in lines if found.city and found.city in text), first)
    draft.put(f"{who}.postcode", found.postcode, town)
    draft.put(f"{who}.city", found.city, town)
    draft.put(f"{who}.country", found.country, page.cell(lines[-1][0]))


def _party_blocks(page: Page, buyer_zone: set[Position]) -> list[list[Position]]:
    """The blocks of free text that may be a party: not titles, not the buyer's, not a lone remark."""
    blocks = []
    for block in free_blocks(page):
        kept = [place for place in block if place not in buyer_zone and not _is_title(shown(page, place))]
        if kept:
            blocks.append(kept)
    return blocks


def _is_title(text: str) -> bool:
    return bool(kinds_of([text])) and len(text) < 30


HOLDS_A_DAY = re.compile(r"\b\d{1,2}(?:er)? [^\W\d_]{3,} \d{4}\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b")
STREET = re.compile(
    r"(?i)^(?:\d+ ?(?:bis|ter)?,? ?)?(?:rue|avenue|av\.|boulevard|bd|place|chemin|route|impasse|all[ée]e|quai|cours|square|lieu-dit|bp)\b"
    r"|^\d{5}\b"
)


def _looks_like_a_name(text: str) -> bool:
    if STREET.match(text.strip()) or HOLDS_A_DAY.search(text) or re.search(r"\bn ?[°º]| : ", text) or split_label(text):
        return False
    return len(text) >= 2 and not is_placeholder(text) and not NOISE.match(text) and not values.day(text) and len(text) < 90


def _put_block(page: Page, draft: Draft, who: str, block: list[Position]) -> None:
    """Name, legal information and address of a block of free text, its first line being the name."""
    lines = [(place, line) for place in block for line in text_lines(page, place)]
    if not lines:
        return
    place, name = lines[0]
    rest = lines[1:]
    if rest and name.isupper() and rest[0][1].isupper() and not re.search(r"\d", rest[0][1]):
        name, rest = f"{name} {rest[0][1]}", rest[1:]
    draft.put(f"{who}.name", name, page.cell(place))
    page.claimed.update(block)
    address = []
    for position, text in [*rest, *_beside(page, block)]:
        if LEGAL_FORM.search(text):
            draft.put(f"{who}.legal_information", text, page.cell(position))
        elif not NOISE.match(text) and not EMAIL.search(text) and not re.fullmatch(r"[\d .+()/-]{8,}", text):
            address.append((position, text))
    put_address(page, draft, who, address)


def _put_detached_address(page: Page, draft: Draft, name: list[Position], blocks: list[list[Position]]) -> None:
    """The seller's address where a blank row parts it from the name: a block below, in nearly the same column, with a town in it."""
    for block in blocks:
        if block[0][0] > name[-1][0] and abs(block[0][1] - name[0][1]) <= 1:
            lines = [
                (place, line) for place in block for line in text_lines(page, place) if not NOISE.match(line) and not EMAIL.search(line)
            ]
            if parse_lines([line for _, line in lines]).city:
                put_address(page, draft, "seller", lines)
                page.claimed.update(block)
            return


def _beside(page: Page, block: list[Position]) -> Iterable[tuple[Position, str]]:
    """A postcode and a town that stand in two cells below a block (63400 | Exempleville)."""
    row, column = block[-1][0] + 1, block[-1][1]
    code, town = values.text_of(page.sheet.at(row, column)), page.sheet.at(row, column + 1)
    if code and re.fullmatch(r"\d{4,5}", code) and isinstance(town, str) and re.fullmatch(r"[^\d\W][\w’' .-]+", town.strip()):
        return [((row, column), f"{code.zfill(5)} {town.strip()}")]
    return []


def _put_lone_block(page: Page, draft: Draft, block: list[Position]) -> None:
    """The only block of a page that names nobody: on the right it is the client's place, on the left the seller's; it is said to be so."""
    left = min((column for _, column, value in page.outside_items() if value is not None), default=0)
    who, name = ("buyer", "le client") if block[0][1] > left + 1 else ("seller", "le vendeur")
    _put_block(page, draft, who, block)
    draft.say(rules.PARTY_BY_PLACE, who, page.cell(block[0]), party=name, text=str(draft.get(f"{who}.name")))


def _put_unlabelled_buyer(page: Page, draft: Draft, blocks: list[list[Position]], seller: list[Position] | None) -> None:
    """A block beside the seller's that no label announces; it is taken for the buyer and said to be so."""
    if seller is None:
        return
    candidates = [block for block in blocks if block is not seller and block[0][1] > seller[0][1] and len(block) >= 2]
    if not candidates or is_placeholder(shown(page, candidates[0][0])):
        return
    block = candidates[0]
    _put_block(page, draft, "buyer", block)
    lines: tuple[str, ...] = draft.get("buyer.address_lines") or ()
    if len(lines) == 1 and re.fullmatch(r"[^\W\d_]{3,}", lines[0]) and not draft.get("buyer.city"):
        draft.put("buyer.city", lines[0], draft.origin.pop("buyer.address", None))
        draft.drop("buyer.address_lines")
    if draft.get("buyer.name"):
        draft.say(rules.PARTY_BY_PLACE, "buyer", page.cell(block[0]), party="le client", text=str(draft.get("buyer.name")))


def _scan_identifiers(page: Page, draft: Draft, buyer_zone: set[Position]) -> None:
    """SIRET and French VAT numbers that stand inside other texts, and in page headers and footers: the seller's."""
    for row, column, value in page.outside_items():
        if not isinstance(value, str) or len(value) > 2000:
            continue
        if (row, column) not in buyer_zone and not (split_label(value) and page.is_above(row)):
            _put_identifiers(page, draft, value, (row, column))
            if len(value) < 120 and LEGAL_FORM.search(value) and not re.match(r"(?i)rcs\b", value.strip()):
                draft.put("seller.legal_information", " ".join(value.split()), page.cell((row, column)))
                page.claimed.add((row, column))
    for text in page.sheet.details.headers_footers or ():
        if draft.get("seller.siret") is None and draft.get("seller.vat_number") is None and _identifiers(text):
            draft.say(rules.IN_PAGE_FOOTER, text=" ".join(text.split())[:200])


def _identifiers(text: str) -> bool:
    return bool(SIRET.search(text) or FR_VAT.search(text) or re.search(r"(?i)\b(?:siret|siren|rcs|r\.?c\.?)\b", plain_text(text)))


def _put_identifiers(page: Page, draft: Draft, text: str, place: Position) -> None:
    if re.search(r"(?i)siret", text) and (found := SIRET.search(text)):
        draft.put("seller.siret", found[1].replace(" ", ""), page.cell(place))
    if found := FR_VAT.search(text):
        draft.put("seller.vat_number", found[1].replace(" ", "").upper(), page.cell(place))
