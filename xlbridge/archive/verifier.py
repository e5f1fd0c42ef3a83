"""Vérifie ce dossier d’archives sans xlbridge :   python3 verifier.py

Python 3.8 ou plus récent, sans rien installer. Les signatures sont vérifiées par le programme openssl (3.0 ou plus récent) ; sans lui elles
sont annoncées « NON VÉRIFIÉ ». Codes de sortie : 0 tout est conforme, 1 une différence au moins, 2 quelque chose n’a pas pu être vérifié.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OF_THE_SYSTEM = {".DS_Store", "Thumbs.db", "desktop.ini"}
ALWAYS_THERE = {"opening", "series", "closing"}
CREDIT_NOTES = {"261", "262", "381", "396", "502", "503"}
ORIGINS = {"issued": "émis", "specimen": "spécimen", "taken_over": "repris"}
KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")  # une clé Ed25519 (RFC 8410)
FILES = {"PDF": ("pdf", "pdf/"), "XML": ("xml", "xml/"), "Classeur": ("workbook", "classeurs/")}
OPENSSL = shutil.which("openssl")

faults: list[str] = []  # ce qui diffère
unchecked: list[str] = []  # ce qui n’a pas pu être vérifié
digests: dict[str, str] = {}  # nom de chaque fichier du dossier → SHA-256
signatures: list[str] = []  # ce dont la signature est juste


def data_of(name: str) -> bytes:
    return (HERE / name).read_bytes()


def json_of(name: str) -> Any:
    return json.loads(data_of(name).decode("utf-8"))


def rows_of(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data_of(name).decode("utf-8-sig"), newline=""), delimiter=";"))


def check_sums() -> None:
    """Chaque fichier est celui de SHA256SUMS et du manifeste ; aucun ne manque, aucun n’est en trop."""
    for path in sorted(HERE.rglob("*")):
        name = path.relative_to(HERE).as_posix()
        if path.is_symlink():
            faults.append(f"{name} : un lien, pas un fichier")
        elif path.is_file() and path.name not in OF_THE_SYSTEM:
            digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    listed = dict(line.split("  ", 1)[::-1] for line in data_of("SHA256SUMS").decode("utf-8").split("\n") if line)
    for name in sorted(listed.keys() | digests.keys() - {"SHA256SUMS"}):
        if digests.get(name) != listed.get(name):
            why = "fichier manquant" if name not in digests else "fichier en trop" if name not in listed else "contenu modifié"
            faults.append(f"{name} : {why}")
    told = {item["name"]: item["sha256"] for item in json_of("manifeste.json")["files"]}
    if told != {name: digest for name, digest in listed.items() if name != "manifeste.json"}:
        faults.append("manifeste.json : ne nomme pas les mêmes fichiers que SHA256SUMS")


def check_signature(name: str, signature: str) -> None:
    """La signature Ed25519 d’un fichier, par openssl."""
    key, data, sig = HERE / "cle-publique.pem", HERE / name, HERE / signature
    if OPENSSL is None:
        unchecked.append(f"{name} : signature (openssl manque)")
        return
    command = [OPENSSL, "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", data, "-sigfile", sig]
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # noqa: S603
    if done.returncode == 0 and b"Verified Successfully" in done.stdout:
        signatures.append(name)
    elif b"Verification Failure" in done.stdout:
        faults.append(f"{signature} : ce n’est pas la signature de {name}")
    else:
        unchecked.append(f"{name} : signature (cet openssl ne sait pas la vérifier)")


def check_chain(folder: str, previous: str) -> tuple[dict[int, Any], dict[int, str]]:
    """Chaque maillon tient au précédent ; les contenus présents ont l’empreinte et la signature de leur maillon. Réponse : ces contenus."""
    bodies: dict[int, Any] = {}
    hashes: dict[int, str] = {}
    table = f"{folder}/chaine.csv"
    for seq, row in enumerate(rows_of(table), 1):
        name = f"{folder}/{seq:06d}"
        if (row["maillon"], row["precedent"]) != (str(seq), previous):
            faults.append(f"{table} : le maillon {seq} ne tient pas au précédent")
        previous = hashes[seq] = row["empreinte"]
        if name + ".json" not in digests:
            if row["type"] in ALWAYS_THERE:
                faults.append(f"{name}.json : maillon manquant ({row['type']})")
            continue
        data = bodies[seq] = json_of(name + ".json")
        if digests[name + ".json"] != row["empreinte"]:
            faults.append(f"{name}.json : ce n’est pas le contenu du maillon {seq}")
        if (data["seq"], data["kind"], data["previous"]) != (seq, row["type"], row["precedent"]):
            faults.append(f"{name}.json : contredit {table}")
        if data_of(name + ".sig") != base64.b64decode(row["signature"]):
            faults.append(f"{name}.sig : n’est pas la signature de {table}")
        check_signature(name + ".json", name + ".sig")
    known = {table} | {f"{folder}/{seq:06d}{suffix}" for seq in bodies for suffix in (".json", ".sig")}
    faults.extend(f"{name} : inconnu de la chaîne" for name in digests if name.startswith(folder + "/") and name not in known)
    return bodies, hashes


def year_of(data: Any) -> str:
    return str(data["content"]["invoice"].get("issue_date") or data["at"])[:4]


def cells_of(data: Any) -> dict[str, str]:
    """Les cellules de index.csv que dit un maillon."""
    content, invoice = data["content"], data["content"]["invoice"]
    totals, code = invoice.get("totals", {}), invoice.get("type_code") or ""
    cells = {"Numéro": invoice.get("number"), "Date": invoice.get("issue_date"), "Type": code, "Devise": invoice.get("currency")}
    cells.update({"Document": "Avoir" if code in CREDIT_NOTES else "Facture", "Client": invoice.get("buyer", {}).get("name")})
    cells.update({"Origine": ORIGINS[content["origin"]], "Conserver jusqu’au": content["kept_until"]})
    cells.update({"SHA-256 " + column: content["files"].get(kind) for column, (kind, _) in FILES.items()})
    texts = {column: re.sub(r"[\x00-\x1f]+", " ", value or "") for column, value in cells.items()}
    texts = {column: "'" + text if text.startswith(("=", "+", "-", "@")) else text for column, text in texts.items()}
    amounts = {"Total HT": "net", "TVA": "vat", "Total TTC": "gross", "À payer": "due"}
    return {**texts, **{column: (totals.get(name) or "").replace(".", ",") for column, name in amounts.items()}}


def check_index(records: dict[int, Any], year: str) -> int:
    """index.csv dit de chaque document de l’année ce que dit son maillon, et nomme les fichiers scellés. Réponse : combien."""
    rows, named = {row["Maillon"]: row for row in rows_of("index.csv")}, set()
    count = len(rows)
    if count != len(rows_of("index.csv")):
        faults.append("index.csv : un maillon y est deux fois")
    for seq, data in records.items():
        if data["kind"] not in {"document", "taken_over"} or year_of(data) != year:
            continue
        row = rows.pop(str(seq), None)
        if row is None:
            faults.append(f"index.csv : le document du maillon {seq} ({data['content']['invoice'].get('number')}) manque")
            continue
        for column, text in cells_of(data).items():
            if row[column] != text:
                faults.append(f"index.csv : maillon {seq}, « {column} » : « {row[column]} » au lieu de « {text} »")
        for column, (kind, _) in FILES.items():
            named.add(row[column])
            if digests.get(row[column]) != data["content"]["files"].get(kind):
                faults.append(f"{row[column] or column} : n’est pas le fichier scellé par le maillon {seq}")
    faults.extend(f"index.csv : le maillon {seq} n’est pas un document de {year}" for seq in rows)
    folders = tuple(folder for _, folder in FILES.values())
    faults.extend(f"{name} : index.csv ne le nomme pas" for name in digests if name.startswith(folders) and name not in named)
    return count


def check_numbers(records: dict[int, Any], year: str) -> None:
    """Les numéros de chaque série se suivent ; une série de l’année commence à son premier numéro."""
    series = {data["content"]["name"]: data["content"] for data in records.values() if data["kind"] == "series"}
    counters: dict[tuple[str, str], set[int]] = {}
    for data in records.values():
        content = data["content"]
        if data["kind"] == "document":
            counters.setdefault((content["series"], content["period"]), set()).add(content["counter"])
    for (name, period), found in counters.items():
        start = min(found)
        if period.startswith(year):
            start = series[name]["first"] if series[name]["first_period"] in {None, period} else 1
        missing = sorted(set(range(start, max(found) + 1)) - found)
        if missing:
            faults.append(f"registre : la série {name} {period} saute les compteurs {missing}")


def check_events(events: dict[int, Any], hashes: dict[int, str], year: str) -> None:
    """Les événements de l’année se suivent tous, avec celui d’avant et celui d’après."""
    first, last = min(events, default=1), max(events, default=0)
    begins = first == 1 or events[first]["at"][:4] < year
    ends = last == len(hashes) or (last > 0 and events[last]["at"][:4] > year)
    if len(events) != last - first + 1 or not begins or not ends:
        faults.append(f"evenements : il manque des événements de {year}")


def check_closings(records: dict[int, Any], event_hashes: dict[int, str], year: str) -> None:
    """Chaque clôture scellée a son fichier, et la clôture de l’année compte les documents qui sont là."""
    closings = {data["content"]["period"]: seq for seq, data in records.items() if data["kind"] == "closing"}
    for period, seq in closings.items():
        name = f"clotures/{period}.json"
        if name not in digests or json_of(name)["body"].encode("utf-8") != data_of(f"registre/{seq:06d}.json"):
            faults.append(f"{name} : manque, ou contredit le maillon {seq}")
        content = records[seq]["content"]
        if content["events_seq"] and event_hashes.get(content["events_seq"]) != content["events_hash"]:
            faults.append(f"evenements/chaine.csv : contredit la clôture {period}")
    files = {name for name in digests if name.startswith("clotures/")}
    faults.extend(f"{name} : aucun maillon ne la scelle" for name in files - {f"clotures/{period}.json" for period in closings})
    if year in closings:
        content = records[closings[year]]["content"]
        sealed = range(content["first_seq"] or 0, (content["last_seq"] or -1) + 1)
        issued = [seq for seq in sealed if records.get(seq, {}).get("content", {}).get("origin") == "issued"]
        if len(issued) != content["count"]:
            faults.append(f"registre : la clôture {year} compte {content['count']} documents, il y en a {len(issued)} ici")


def check_head(opening: Any, hashes: dict[int, str], event_hashes: dict[int, str]) -> None:
    """La tête du registre : signée, de ce registre, et son maillon est dans la chaîne ; la clé est celle de l’ouverture."""
    pem = data_of("cle-publique.pem").decode("ascii").split("-----")
    if base64.b64decode(pem[2]) != KEY_PREFIX + bytes.fromhex(opening["public_key"]):
        faults.append("cle-publique.pem : n’est pas la clé que nomme le premier maillon")
    if "tete.json" not in digests:
        unchecked.append("tete.json : ce dossier n’a pas de tête de registre")
        return
    head, statement = json_of("tete.json"), json_of("tete-enonce.json")
    if {**statement, "signature": base64.b64encode(data_of("tete.sig")).decode("ascii")} != head:
        faults.append("tete-enonce.json : ne dit pas la même chose que tete.json et tete.sig")
    if (head["ledger"], head["public"], head["hash"]) != (opening["identifier"], opening["public_key"], hashes.get(head["seq"])):
        faults.append("tete.json : contredit la chaîne du registre")
    if head["events_seq"] and head["events_hash"] != event_hashes.get(head["events_seq"]):
        faults.append("tete.json : contredit la chaîne des événements")
    check_signature("tete-enonce.json", "tete.sig")


def main() -> int:
    """Tout vérifier, et le dire."""
    done = "la lecture du dossier"
    try:
        check_sums()
        year = str(json_of("manifeste.json")["year"])
        done = "le registre"
        records, hashes = check_chain("registre", "0" * 64)
        events, event_hashes = check_chain("evenements", hashes[1])
        check_head(records[1]["content"], hashes, event_hashes)
        check_events(events, event_hashes, year)
        done = "l’index et les clôtures"
        count = check_index(records, year)
        check_numbers(records, year)
        check_closings(records, event_hashes, year)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as problem:
        faults.append(f"Le contrôle s’arrête pendant {done} : {type(problem).__name__}, {problem}")
    lines = [f"DIFFÉRENCE   {text}" for text in faults] + [f"NON VÉRIFIÉ  {text}" for text in unchecked[:5]]
    if len(unchecked) > 5:
        lines.append(f"NON VÉRIFIÉ  et {len(unchecked) - 5} autres")
    if faults:
        lines.append(f"Ce dossier n’est pas conforme : {len(faults)} différence(s).")
    else:
        rest = len(hashes) - len(records)
        lines.append(f"Année {year} : {len(digests)} fichiers, {count} documents, {len(signatures)} signatures justes.")
        lines.append(f"{rest} maillons d’autres années ne sont ici que par leur empreinte : leur contenu se vérifie ailleurs.")
        lines.append("Tout n’a pas été vérifié." if unchecked else "Tout est conforme.")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if faults else 2 if unchecked else 0


if __name__ == "__main__":
    sys.exit(main())
