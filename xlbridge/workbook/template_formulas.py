"""The formulas of our template's tables, and the values that they have when it is written.

They serve the eye: what an empty cell takes from « Articles » or « Clients », what is missing, what the total will be. No program reads
them; the amounts of a document are computed from what is typed. Where a formula cannot be sure, it shows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xlbridge.model.money import ZERO, amount
from xlbridge.workbook.template_layout import ARTICLES, CLIENTS, DRAFTS, LINES, VAT_RATES
from xlbridge.workbook.template_rows import Cells, Percent, TemplateRows
from xlbridge.workbook.template_terms import due_date

NO_ARTICLE, NO_CLIENT = "article inconnu", "client inconnu"
REASON = "Motif d''exonération"  # an apostrophe in a column's name is doubled


def _of_article(column: str) -> str:
    """What the article says, "" where its cell is empty (INDEX alone would give 0)."""
    found = f"INDEX(Articles[{column}],MATCH({{Article}},Articles[Code],0))"
    return f'IF({found}="","",{found})'


PRICE = f'IF({{P.U. HT}}<>"",{{P.U. HT}},{_of_article("P.U. HT")})'
# The line speaks for itself of rate and reason where it says either.
OWN_VAT = f'OR({{Article}}="",AND({{TVA %}}<>"",{{TVA %}}<>0),{{{REASON}}}<>"")'
_TERMS = ("", "j", "jour", "jours", "jours nets", "jours date de facture")
_REST = '{Délai repris}&" ",FIND(" ",{Délai repris}&" ")'
_DUE = f"{{Date}}+VALUE(LEFT({_REST}-1))"
UNDERSTOOD = re.compile(rf"\d{{1,3}}(?: (?:{'|'.join((*_TERMS[1:], 'jours fin de mois'))}))?|comptant|à réception", re.IGNORECASE)
_AFTER = f"TRIM(MID({_REST},99))"
_NET = ",".join(f'{_AFTER}="{word}"' for word in _TERMS)
_KEY = "Lignes[Brouillon],{Brouillon}"
_BASES = f"SUMIFS(Lignes[Total HT],{_KEY},Lignes[TVA facturée],liste_rates)"
_LINES_READY = f'COUNTIF({_KEY})*(COUNTIFS({_KEY},Lignes[À compléter],"?*")=0)'
_FIRST_RATE = "INDEX(Lignes[TVA facturée],MATCH({Brouillon},Lignes[Brouillon],0))"
_OFF = "N({Remise})"

_FORMULAS = {
    LINES: {
        "Total HT": f'IF({{Quantité}}="","",IFERROR(ROUND({{Quantité}}*{PRICE}-ROUND(ROUND({{Quantité}}*{PRICE},2)*{{Remise %}},2),2),""))',
        "Désignation facturée": 'IF({Désignation}<>"",{Désignation},IF({Article}="","",'
        f'IF(COUNTIF(Articles[Code],{{Article}})=1,{_of_article("Désignation")},"{NO_ARTICLE}")))',
        "Prix facturé": f'IF({{P.U. HT}}<>"",{{P.U. HT}},IF({{Article}}="","",IFERROR({_of_article("P.U. HT")},"")))',
        "TVA facturée": f'IF({OWN_VAT},IF({{{REASON}}}<>"",0,IF({{TVA %}}="","",{{TVA %}})),'
        f'IFERROR(IF({_of_article(REASON)}<>"",0,IF({{TVA %}}="",{_of_article("TVA %")},0)),""))',
        "À compléter": 'IF({Brouillon}&{Article}&{Désignation}&{Quantité}="","",IF({Brouillon}="","brouillon",'
        'IF({Désignation facturée}="","désignation",'
        f'IF({{Désignation facturée}}="{NO_ARTICLE}","article",IF({{Quantité}}="","quantité",IF({{Prix facturé}}="","prix",'
        'IF({TVA facturée}="","TVA","")))))))',
    },
    DRAFTS: {
        "Nom du client": 'IF({Client}="","",IF(COUNTIF(Clients[Code],{Client})=1,'
        f'INDEX(Clients[Nom],MATCH({{Client}},Clients[Code],0))&"","{NO_CLIENT}"))',
        "Délai repris": 'IF({Client}="","",IFERROR(INDEX(Clients[Délai],MATCH({Client},Clients[Code],0))&"",""))',
        "Échéance prévue": 'IF({Échéance}<>"",{Échéance},IF(OR({Date}="",{Délai repris}=""),"",'
        'IF(OR({Délai repris}="comptant",{Délai repris}="à réception"),{Date},'
        f"IFERROR(IF(OR({_NET}),{_DUE},"
        f'IF({_AFTER}="jours fin de mois",EOMONTH({_DUE},0),"")),""))))',
        "HT prévu": f'IF({_LINES_READY},IF({{Remise}}="",SUMIFS(Lignes[Total HT],{_KEY}),IF(NOT(ISNUMBER({{Remise}})),"",'
        f'SUMIFS(Lignes[Total HT],{_KEY})-IF(ABS({_OFF})<1,SUMPRODUCT(ROUND({_BASES}*{_OFF},2)),{_OFF}))),"")',
        "TVA prévue": f'IF(OR({{HT prévu}}="",SUMPRODUCT(COUNTIFS({_KEY},Lignes[TVA facturée],liste_rates))<>COUNTIF({_KEY})),"",'
        f"IF(ABS({_OFF})<1,SUMPRODUCT(ROUND(({_BASES}-ROUND({_BASES}*{_OFF},2))*liste_rates,2)),"
        f'IF(COUNTIFS({_KEY},Lignes[TVA facturée],{_FIRST_RATE})=COUNTIF({_KEY}),ROUND({{HT prévu}}*{_FIRST_RATE},2),"")))',
        "TTC prévu": 'IF({TVA prévue}="","",{HT prévu}+{TVA prévue})',
        "À compléter": 'IF({Brouillon}&{Client}&{Date}="","",IF({Brouillon}="","brouillon",IF({Client}="","client",'
        f'IF({{Nom du client}}="{NO_CLIENT}","{NO_CLIENT}",IF({{Date}}="","date",IF(COUNTIF({_KEY})=0,"lignes",'
        f'IF(COUNTIFS({_KEY},Lignes[À compléter],"?*")>0,"lignes à compléter","")))))))',
    },
}
# As the file stores them: `{x}` is the column x in this row of the table.
FORMULAS: dict[str, dict[str, str]] = {
    table: {name: "=" + re.sub(r"{(.+?)}", rf"{table}[[#This Row],[\1]]", text) for name, text in formulas.items()}
    for table, formulas in _FORMULAS.items()
}


def compute(rows: TemplateRows) -> None:
    """Add to the rows of drafts and lines the values of the formulas beside them."""
    articles = {row.get("Code"): row for row in rows.tables[ARTICLES]}
    for line in rows.tables[LINES]:
        line.update(_of_line(line, articles.get(line.get("Article") or "", {})))
    clients = {row.get("Code"): row for row in rows.tables[CLIENTS]}
    for head in rows.tables[DRAFTS]:
        own = [line for line in rows.tables[LINES] if line.get("Brouillon") == head.get("Brouillon")]
        head.update(_of_head(head, own, clients.get(head.get("Client") or "", {})))


def _of_line(line: Cells, article: Mapping[str, Any]) -> Cells:
    reason, rate = line.get("Motif d'exonération"), line.get("TVA %")
    if article and not reason and (rate is None or not rate.points):
        reason, rate = article.get("Motif d'exonération"), rate or article.get("TVA %")
    values = {
        "Désignation facturée": line.get("Désignation")
        or article.get("Désignation")
        or (NO_ARTICLE if line.get("Article") and not article else None),
        "Prix facturé": article.get("P.U. HT") if line.get("P.U. HT") is None else line["P.U. HT"],
        "TVA facturée": Percent(ZERO) if reason else rate,
    }
    needed = {
        "désignation": values["Désignation facturée"],
        "quantité": line.get("Quantité"),
        "prix": values["Prix facturé"],
        "TVA": values["TVA facturée"],
    }
    return values | {"À compléter": next((word for word, value in needed.items() if value is None), None)}


def _of_head(head: Cells, lines: list[Cells], client: Mapping[str, Any]) -> Cells:
    terms = client.get("Délai")
    values: Cells = {
        "Nom du client": client.get("Nom"),
        "Délai repris": terms,
        "Échéance prévue": head.get("Échéance") or (due_date(head.get("Date"), terms) if terms and UNDERSTOOD.fullmatch(terms) else None),
    }
    unfinished = any(line["À compléter"] for line in lines)
    missing = {"client": not client, "date": not head.get("Date"), "lignes": not lines, "lignes à compléter": unfinished}
    values["À compléter"] = next((word for word, lacks in missing.items() if lacks), None)
    if not lines or unfinished:
        return values
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line["TVA facturée"].points
        bases[rate] = bases.get(rate, ZERO) + line["Total HT"]
    off = head.get("Remise")
    if isinstance(off, Percent):
        bases = {rate: base - amount(base * off.points / 100) for rate, base in bases.items()}
    net = sum(bases.values(), ZERO)
    if isinstance(off, Decimal):
        net -= off
        bases = {rate: net for rate in bases if len(bases) == 1}
    values["HT prévu"] = net
    if bases and {f"{rate.normalize():f}" for rate in bases} <= set(VAT_RATES):
        values["TVA prévue"] = sum((amount(base * rate / 100) for rate, base in bases.items()), ZERO)
        values["TTC prévu"] = net + values["TVA prévue"]
    return values
