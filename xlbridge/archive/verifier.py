"""Vérifie ce dossier d’archives sans xlbridge :   python3 verifier.py

Python 3.8 ou plus récent, rien à installer ; openssl 3.0 ou plus récent vérifie les signatures. Codes de sortie : 0 tout est conforme,
1 une différence au moins, 2 quelque chose n’a pas pu être vérifié. Les textes et les montants de l’index ne sont pas comparés aux maillons.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OPENSSL = shutil.which("openssl")
KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")  # une clé publique Ed25519 (RFC 8410)

faults: list[str] = []  # ce qui diffère
unchecked: list[str] = []  # ce qui n’a pas pu être vérifié
digests: dict[str, str] = {}  # nom de chaque fichier du dossier → SHA-256


def data_of(name: str) -> bytes:
    return (HERE / name).read_bytes()


def rows_of(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data_of(name).decode("utf-8-sig"), newline=""), delimiter=";"))


def check_sums() -> None:
    """Chaque fichier est celui de SHA256SUMS ; aucun ne manque, aucun n’est en trop."""
    for path in sorted(HERE.rglob("*")):
        name = path.relative_to(HERE).as_posix()
        if path.is_symlink() or (path.is_file() and path.name not in {".DS_Store", "Thumbs.db", "desktop.ini"}):
            digests[name] = "un lien" if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
    listed = dict(line.split("  ", 1)[::-1] for line in data_of("SHA256SUMS").decode("utf-8").split("\n") if line)
    for name in sorted(listed.keys() | digests.keys() - {"SHA256SUMS"}):
        if digests.get(name) != listed.get(name):
            why = "fichier manquant" if name not in digests else "fichier en trop" if name not in listed else "contenu modifié"
            faults.append(f"{name} : {why}")


def check_signature(name: str) -> None:
    """`name`.sig est la signature Ed25519 de `name`.json, par openssl."""
    words = f"pkeyutl -verify -pubin -inkey cle-publique.pem -rawin -in {name}.json -sigfile {name}.sig".split()
    answer = subprocess.run([OPENSSL, *words], cwd=HERE, capture_output=True, check=False).stdout if OPENSSL else b""  # noqa: S603
    if b"Verification Failure" in answer or f"{name}.sig" not in digests:
        faults.append(f"{name}.sig : ce n’est pas la signature de {name}.json")
    elif b"Verified Successfully" not in answer:
        unchecked.append(f"{name}.sig : " + ("cet openssl ne sait pas la vérifier" if OPENSSL else "openssl manque"))


def check_chain(folder: str, previous: str, year: str) -> tuple[dict[int, Any], dict[int, str]]:
    """Chaque maillon tient au précédent ; chaque contenu présent est celui de son maillon, et signé ; aucun de l’année ne manque."""
    bodies: dict[int, Any] = {}
    hashes: dict[int, str] = {}
    for seq, row in enumerate(rows_of(f"{folder}/chaine.csv"), 1):
        name = f"{folder}/{seq:06d}"
        if (row["maillon"], row["precedent"]) != (str(seq), previous):
            faults.append(f"{folder}/chaine.csv : le maillon {seq} ne tient pas au précédent")
        previous = hashes[seq] = row["empreinte"]
        if f"{name}.json" in digests:
            body = bodies[seq] = json.loads(data_of(f"{name}.json"))
            told = (digests[f"{name}.json"], body["seq"], body["kind"], body["previous"])
            if told != (row["empreinte"], seq, row["type"], row["precedent"]):
                faults.append(f"{name}.json : ce n’est pas le contenu du maillon {seq}")
            check_signature(name)
        elif row["type"] in {"opening", "series", "closing"}:
            faults.append(f"{name}.json : maillon manquant ({row['type']})")
    # L’heure des maillons ne recule jamais : entre le dernier d’avant l’année et le premier d’après, tous sont de l’année.
    before = max((seq for seq, body in bodies.items() if body["at"][:4] < year), default=0)
    after = min((seq for seq, body in bodies.items() if body["at"][:4] > year), default=len(hashes) + 1)
    faults.extend(f"{folder}/{seq:06d}.json : maillon de {year} manquant" for seq in range(before + 1, after) if seq not in bodies)
    return bodies, hashes


def check_head(opening: Any, hashes: dict[int, str], event_hashes: dict[int, str]) -> None:
    """La clé est celle que nomme l’ouverture ; la tête est signée, de ce registre, et les chaînes vont au moins jusqu’à elle."""
    if base64.b64decode(data_of("cle-publique.pem").split(b"-----")[2]) != KEY_PREFIX + bytes.fromhex(opening["public_key"]):
        faults.append("cle-publique.pem : n’est pas la clé que nomme le premier maillon")
    if "tete-enonce.json" not in digests:
        unchecked.append("tete-enonce.json : ce dossier n’a pas de tête de registre")
        return
    head = json.loads(data_of("tete-enonce.json"))
    known = (opening["identifier"], hashes.get(head["seq"]), event_hashes.get(head["events_seq"]))
    if (head["ledger"], head["hash"], head["events_hash"]) != known:
        faults.append("tete-enonce.json : contredit les chaînes du registre")
    check_signature("tete-enonce")


def check_files(records: dict[int, Any], year: str) -> int:
    """index.csv a une ligne par document daté de l’année et nomme ses fichiers ; ce sont ceux que le maillon a scellés, sans autres."""
    documents = {seq: body["content"] for seq, body in records.items() if body["kind"] in {"document", "taken_over"}}
    dated = {seq for seq, content in documents.items() if (content["invoice"].get("issue_date") or records[seq]["at"])[:4] == year}
    rows = {int(row["Maillon"]): row for row in rows_of("index.csv")}
    faults.extend(f"index.csv : le maillon {seq} manque, ou n’est pas un document de {year}" for seq in sorted(rows.keys() ^ dated))
    named = {row[column] for row in rows.values() for column in ("PDF", "XML", "Classeur")}
    strays = [name for name in digests if name.startswith(("pdf/", "xml/", "classeurs/")) and name not in named]
    faults.extend(f"{name} : index.csv ne le nomme pas" for name in strays)
    for seq in sorted(rows.keys() & dated):
        for column, kind in (("PDF", "pdf"), ("XML", "xml"), ("Classeur", "workbook")):
            if digests.get(rows[seq][column]) != documents[seq]["files"].get(kind):
                faults.append(f"{rows[seq][column] or column} : n’est pas le fichier scellé par le maillon {seq}")
    return len(dated)


def check_closings(known: set[str]) -> None:
    """Chaque fichier de clôture répète un maillon."""
    closings = {name: json.loads(data_of(name))["body"].encode("utf-8") for name in digests if name.startswith("clotures/")}
    faults.extend(f"{name} : inconnue de la chaîne" for name, body in closings.items() if hashlib.sha256(body).hexdigest() not in known)


def check_numbers(records: dict[int, Any]) -> None:
    """Les numéros de chaque série se suivent."""
    counters: dict[tuple[str, str], set[int]] = {}
    for content in (body["content"] for body in records.values() if body["kind"] == "document"):
        counters.setdefault((content["series"], content["period"]), set()).add(content["counter"])
    for (series, period), found in counters.items():
        missing = sorted(set(range(min(found), max(found))) - found)
        if missing:
            faults.append(f"registre : la série {series} {period} saute les compteurs {missing}")


def main() -> int:
    lines = []
    try:
        check_sums()
        year = str(json.loads(data_of("manifeste.json"))["year"])
        records, hashes = check_chain("registre", "0" * 64, year)
        _, event_hashes = check_chain("evenements", hashes[1], year)
        check_head(records[1]["content"], hashes, event_hashes)
        count = check_files(records, year)
        check_closings(set(hashes.values()))
        check_numbers(records)
        lines.append(f"Année {year} : {len(digests)} fichiers, {count} documents ; maillons lus : {len(records)} sur {len(hashes)}.")
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as problem:
        faults.append(f"Le contrôle s’arrête : {type(problem).__name__}, {problem}")
    lines.extend([f"DIFFÉRENCE   {text}" for text in faults] + [f"NON VÉRIFIÉ  {text}" for text in unchecked])
    lines.append("Ce dossier n’est pas conforme." if faults else "Tout n’a pas été vérifié." if unchecked else "Tout est conforme.")
    sys.stdout.buffer.write("\n".join([*lines, ""]).encode(sys.stdout.encoding, "replace"))
    return 1 if faults else 2 if unchecked else 0


if __name__ == "__main__":
    sys.exit(main())
