"""The bundle of a year is whole, proves itself on a machine without this program, and every change of it is named."""

from __future__ import annotations

import ast
import base64
import csv
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.archive_office import EVIL, WORKBOOK, Office, empty_office, numbered, office
from tests.stores import Store
from xlbridge.archive import verifier
from xlbridge.archive.bundle import bundle
from xlbridge.archive.export import XML, duplicata, export, record_of
from xlbridge.archive.index import inert
from xlbridge.archive.parcel import Parcel
from xlbridge.archive.search import find, the_one
from xlbridge.errors import LedgerBroken, WrongUse
from xlbridge.ledger.closings import Sums

pytestmark = pytest.mark.slow

posix = pytest.mark.skipif(os.name == "nt", reason="a shell")
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
SEQ = {"F2026-0001": 6, "F2026-0002": 7, "A2026-0001": 8, "TEST2026-0001": 9, "F2026-0003": 11}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return office(tmp_path_factory.mktemp("registre"))


@pytest.fixture(scope="module")
def made(place: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dossier") / "archives-2026"
    seen: list[tuple[int, int, str]] = []
    told = bundle(place.ledger, place.vault, 2026, target, lambda *step: seen.append(step))
    assert told.documents == 6 == len(seen)
    assert seen[-1] == (6, 6, "F2026-0003")
    assert told.files == sum(1 for path in target.rglob("*") if path.is_file())
    return target


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A bundle to be spoiled."""
    return Path(shutil.copytree(made, tmp_path / "dossier"))


def verified(folder: Path, path: str = os.defpath) -> tuple[int, str]:
    """What the verifier answers, run by a Python that knows nothing of this program, in an empty environment."""
    done = subprocess.run(
        [PYTHON, "-I", str(folder / "verifier.py")], env={"PATH": path}, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def resealed(folder: Path) -> None:
    """Manifest and sums made anew, as whoever changes the bundle would do."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    sums = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names if name not in {"manifeste.json", "SHA256SUMS"}
    }
    manifest = json.loads((folder / "manifeste.json").read_text("utf-8"))
    manifest["files"] = [{"name": name, "size": (folder / name).stat().st_size, "sha256": digest} for name, digest in sums.items()]
    (folder / "manifeste.json").write_text(json.dumps(manifest), "utf-8")
    sums["manifeste.json"] = hashlib.sha256((folder / "manifeste.json").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()), "utf-8", newline="\n")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def write_rows(path: Path, rows: list[dict[str, str]], header: list[str]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, header, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


# What is in it


def test_the_bundle_proves_itself_with_python_alone(made: Path) -> None:
    code, text = verified(made)
    assert (code, text.splitlines()[-1]) == (0, "Tout est conforme.")
    assert "6 documents ; maillons lus : 14 sur 18" in text


def test_the_verifier_is_python_3_8_and_the_standard_library(made: Path) -> None:
    source = (made / "verifier.py").read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= set(sys.stdlib_module_names)
    assert source == Path(verifier.__file__).read_text("utf-8")
    assert sum(1 for line in source.splitlines() if line.strip()) <= 125  # a stranger reads it in a few minutes


@posix
def test_the_steps_by_hand_work_as_they_are_written(made: Path, copy: Path) -> None:
    steps = [line.strip() for line in (made / "VERIFIER.txt").read_text("utf-8").splitlines() if line.startswith("    ")]
    assert [step.split()[0] for step in steps] == ["sha256sum", "openssl", "grep", "for", "for", "for", "["]

    def answers(folder: Path) -> list[tuple[int, str]]:
        runs = [subprocess.run(["sh", "-c", step], cwd=folder, capture_output=True, text=True, check=False) for step in steps]
        return [(run.returncode, run.stdout.strip()) for run in runs]

    right = "Signature Verified Successfully"
    assert answers(made) == [(0, ""), (0, right), (0, ""), (0, ""), (0, ""), (0, ""), (0, right)]
    for name in ("registre/000001.json", "cle-publique.pem", "pdf/F2026-0001.pdf", "tete-enonce.json"):
        flip(copy / name)
    told = answers(copy)
    assert "pdf/F2026-0001.pdf: FAILED" in told[0][1]
    assert told[2][1] == "autre clé"
    assert told[3][1].split()[:1] == ["registre/000001.json"]
    assert told[4][1] == "registre/000001.json"
    assert told[5][1] == "pdf/F2026-0001.pdf"
    assert all(code != 0 for code, _ in (told[1], told[6]))


def test_a_zip_holds_the_same_in_one_folder(place: Office, made: Path, tmp_path: Path) -> None:
    bundle(place.ledger, place.vault, 2026, tmp_path / "archives.zip")
    with ZipFile(tmp_path / "archives.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    assert verified(tmp_path / "archives")[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {"archives", "archives.zip"}
    assert (tmp_path / "archives/pdf/F2026-0001.pdf").read_bytes() == (made / "pdf/F2026-0001.pdf").read_bytes()


def test_each_year_stands_alone(place: Office, tmp_path: Path) -> None:
    bundle(place.ledger, place.vault, 2027, tmp_path / "2027")
    assert verified(tmp_path / "2027")[0] == 0
    names = {path.name for path in (tmp_path / "2027/pdf").iterdir()}
    assert names == {"F2027-0001.pdf", "A2027-0001.pdf", "F2027-0002.pdf", "F2027-0003.pdf"}
    held = {path.stem for path in (tmp_path / "2027/registre").glob("*.json")}
    assert held == {f"{seq:06d}" for seq in (1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18)}
    assert {path.name for path in (tmp_path / "2027/clotures").iterdir()} == {"2026-11.json", "2026-12.json", "2026.json", "2027-01.json"}


def test_the_files_are_those_of_the_vault_and_workbooks_come_once(made: Path) -> None:
    record = json.loads((made / "registre/000006.json").read_bytes())
    for kind in ("pdf", "xml"):
        assert hashlib.sha256((made / kind / f"F2026-0001.{kind}").read_bytes()).hexdigest() == record["content"]["files"][kind]
    assert {path.name: path.read_bytes() for path in (made / "classeurs").iterdir()} == {
        "facturier ete.xlsx": WORKBOOK,
        "facturier ete-2.xlsx": WORKBOOK + b" of December",
    }


def test_no_cell_of_the_index_is_a_formula(made: Path) -> None:
    rows = {row["Numéro"]: row for row in rows_of(made / "index.csv")}
    assert (made / "index.csv").read_bytes().startswith(b"\xef\xbb\xbfMaillon;")
    assert rows["F2026-0002"]["Client"] == "'" + EVIL
    assert not [cell for row in rows.values() for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert (rows["A2026-0001"]["Document"], rows["VIEUX/7"]["Origine"], rows["VIEUX/7"]["PDF"]) == ("Avoir", "repris", "")
    assert rows["F2026-0001"]["Conserver jusqu’au"] == "2036-12-31"


@given(st.text(max_size=20))
def test_text_in_a_cell_is_inert(text: str) -> None:
    cell = inert(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert "\n" not in cell
    assert cell.lstrip("'").strip() == text.lstrip("'").strip() or any(char < " " for char in text)


def test_the_page_is_escaped_and_needs_nothing(made: Path, place: Office) -> None:
    page = (made / "index.html").read_text("utf-8")
    assert "<b>Payer" not in page
    assert "&lt;b&gt;Payer&lt;/b&gt;" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://example.invalid", "")
    assert 'href="pdf/F2026-0001.pdf"' in page
    assert 'href="classeurs/facturier%20ete.xlsx"' in page
    assert "31/12/2036 (dix ans après la clôture de l’exercice, au 31 décembre)" in page
    sums = Sums()
    for number in ("F2026-0001", "F2026-0002", "A2026-0001", "F2026-0003"):
        sums.add(json.loads((made / f"registre/{SEQ[number]:06d}.json").read_bytes())["content"]["invoice"])
    gross = f"{sums.totals['EUR', False]['gross']:,.2f}".replace(",", "\u00a0").replace(".", ",")
    assert f"{gross}\u00a0€ TTC</li>" in page
    assert "Émis : 4 documents<" in page
    assert "Repris d’un registre plus ancien : 1 document<" in page


@given(st.lists(st.text(max_size=12), max_size=12))
def test_readable_names_never_clash_and_stay_in_their_folder(wanted: list[str]) -> None:
    parcel = Parcel(lambda name, data: None)
    names = [parcel.named("pdf", text, ".pdf") for text in wanted]
    assert len({name.casefold() for name in names}) == len(wanted)
    assert all(name.isascii() and name.count("/") == 1 and "\\" not in name and ":" not in name for name in names)


# What is changed is named


def flip(path: Path) -> None:
    """One bit of the byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "name",
    [
        "pdf/F2026-0001.pdf", "xml/F2026-0002.xml", "classeurs/facturier ete.xlsx", "index.csv", "index.html", "registre/000006.json",
        "registre/000006.sig", "registre/chaine.csv", "evenements/000001.json", "evenements/000001.sig", "clotures/2026.json",
        "tete-enonce.json", "tete-enonce.sig", "cle-publique.pem", "manifeste.json", "VERIFIER.txt",
    ],
)  # fmt: skip
def test_a_changed_byte_and_a_missing_file_are_named(copy: Path, name: str) -> None:
    flip(copy / name)
    code, text = verified(copy)
    assert code == 1
    assert f"{name} : contenu modifié" in text
    (copy / name).unlink()
    code, text = verified(copy)
    assert code == 1
    assert f"{name} : fichier manquant" in text


def test_changed_sums_and_added_files_are_named(copy: Path) -> None:
    (copy / "pdf" / "F2026-0009.pdf").write_bytes(b"%PDF-1.7")
    code, text = verified(copy)
    assert code == 1
    assert "pdf/F2026-0009.pdf : fichier en trop" in text
    (copy / "SHA256SUMS").unlink()
    code, text = verified(copy)
    assert code == 1
    assert "SHA256SUMS" in text


def change_pdf(folder: Path) -> str:
    flip(folder / "pdf/F2026-0001.pdf")
    return "pdf/F2026-0001.pdf : n’est pas le fichier scellé par le maillon 6"


def change_workbook(folder: Path) -> str:
    flip(folder / "classeurs/facturier ete.xlsx")
    return "classeurs/facturier ete.xlsx : n’est pas le fichier scellé par le maillon 7"


def swap_xml(folder: Path) -> str:
    one, other = folder / "xml/F2026-0001.xml", folder / "xml/F2026-0002.xml"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    return "xml/F2026-0002.xml : n’est pas le fichier scellé par le maillon 7"


def add_pdf(folder: Path) -> str:
    shutil.copy(folder / "pdf/F2026-0001.pdf", folder / "pdf/F2026-0009.pdf")
    return "pdf/F2026-0009.pdf : index.csv ne le nomme pas"


def remove_line_of_index(folder: Path) -> str:
    rows = rows_of(folder / "index.csv")
    write_rows(folder / "index.csv", [row for row in rows if row["Numéro"] != "F2026-0002"], list(rows[0]))
    return "index.csv : le maillon 7 manque, ou n’est pas un document de 2026"


def change_record(folder: Path) -> str:
    path = folder / "registre/000006.json"
    path.write_bytes(path.read_bytes().replace(b"26613.34", b"16613.34"))
    return "registre/000006.json : ce n’est pas le contenu du maillon 6"


def change_record_and_hash(folder: Path) -> str:
    path, table = folder / "registre/000006.json", folder / "registre/chaine.csv"
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    change_record(folder)
    table.write_text(table.read_text("utf-8-sig").replace(old, hashlib.sha256(path.read_bytes()).hexdigest()), "utf-8-sig")
    return "registre/000006.sig : ce n’est pas la signature de registre/000006.json"


def swap_signatures(folder: Path) -> str:
    shutil.copy(folder / "registre/000007.sig", folder / "registre/000006.sig")
    return "registre/000006.sig : ce n’est pas la signature de registre/000006.json"


def remove_document(folder: Path, number: str = "F2026-0001") -> str:
    """Every trace of a document but its line in the chain, which then looks like one of another year."""
    seq = SEQ[number]
    for name in (f"registre/{seq:06d}.json", f"registre/{seq:06d}.sig", f"pdf/{number}.pdf", f"xml/{number}.xml"):
        (folder / name).unlink()
    rows = rows_of(folder / "index.csv")
    write_rows(folder / "index.csv", [row for row in rows if row["Numéro"] != number], list(rows[0]))
    return f"registre/{seq:06d}.json : maillon de 2026 manquant"


def remove_last_document(folder: Path) -> str:
    return remove_document(folder, "F2026-0003")


def remove_middle_document(folder: Path) -> str:
    remove_document(folder, "F2026-0002")
    return "registre : la série factures 2026 saute les compteurs [2]"


def remove_closing(folder: Path) -> str:
    for name in ("clotures/2026.json", "registre/000013.json", "registre/000013.sig"):
        (folder / name).unlink()
    return "registre/000013.json : maillon manquant (closing)"


def change_closing_file(folder: Path) -> str:
    path = folder / "clotures/2026-11.json"
    path.write_text(path.read_text("utf-8").replace("F2026-0001", "F2026-0000"), "utf-8")
    return "clotures/2026-11.json : inconnue de la chaîne"


def invent_closing(folder: Path) -> str:
    text = (folder / "clotures/2026.json").read_text("utf-8")
    (folder / "clotures/2025.json").write_text(text.replace("2026", "2025"), "utf-8")
    return "clotures/2025.json : inconnue de la chaîne"


def cut_chain(folder: Path) -> str:
    rows = rows_of(folder / "registre/chaine.csv")
    write_rows(folder / "registre/chaine.csv", rows[:-1], list(rows[0]))
    return "tete-enonce.json : contredit les chaînes du registre"


def change_link(folder: Path) -> str:
    rows = rows_of(folder / "registre/chaine.csv")
    rows[13]["empreinte"] = "0" * 64
    write_rows(folder / "registre/chaine.csv", rows, list(rows[0]))
    return "registre/chaine.csv : le maillon 15 ne tient pas au précédent"


def remove_event(folder: Path) -> str:
    for suffix in (".json", ".sig"):
        (folder / "evenements" / f"000001{suffix}").unlink()
    return "evenements/000001.json : maillon de 2026 manquant"


def cut_events(folder: Path) -> str:
    remove_event(folder)
    write_rows(folder / "evenements/chaine.csv", [], list(rows_of(folder / "evenements/chaine.csv")[0]))
    return "tete-enonce.json : contredit les chaînes du registre"


def other_key(folder: Path) -> str:
    data = base64.b64decode((folder / "cle-publique.pem").read_text().split("-----")[2])
    text = base64.b64encode(data[:-1] + bytes([data[-1] ^ 1])).decode()
    (folder / "cle-publique.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    return "cle-publique.pem : n’est pas la clé que nomme le premier maillon"


def change_head(folder: Path) -> str:
    path = folder / "tete-enonce.json"
    path.write_text(path.read_text("utf-8").replace('"count":8', '"count":7'), "utf-8")
    return "tete-enonce.sig : ce n’est pas la signature de tete-enonce.json"


def remove_signature(folder: Path) -> str:
    (folder / "registre/000006.sig").unlink()
    return "registre/000006.sig : ce n’est pas la signature de registre/000006.json"


def shift_record(folder: Path) -> str:
    """A right record with its right signature under the number of another one."""
    for suffix in (".json", ".sig"):
        shutil.copy(folder / f"registre/000007{suffix}", folder / f"registre/000014{suffix}")
    return "registre/000014.json : ce n’est pas le contenu du maillon 14"


CHANGES = (
    change_pdf, change_workbook, swap_xml, add_pdf, remove_line_of_index, change_record, change_record_and_hash, swap_signatures,
    remove_signature, remove_document, remove_middle_document, remove_last_document, remove_closing, change_closing_file, invent_closing,
    cut_chain, change_link, remove_event, cut_events, other_key, change_head, shift_record,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_is_changed_with_its_sums_made_anew_is_named(copy: Path, change: Callable[[Path], str]) -> None:
    told = change(copy)
    resealed(copy)
    code, text = verified(copy)
    assert code == 1
    assert told in text
    assert " : contenu modifié" not in text


def change_amount_of_index(folder: Path) -> None:
    text = (folder / "index.csv").read_text("utf-8-sig")
    assert "26613,34" in text
    (folder / "index.csv").write_text(text.replace("26613,34", "16613,34"), "utf-8-sig")


def change_page(folder: Path) -> None:
    flip(folder / "index.html")


def remove_closing_file(folder: Path) -> None:
    (folder / "clotures/2026.json").unlink()


def add_record(folder: Path) -> None:
    (folder / "registre/000099.json").write_bytes((folder / "registre/000007.json").read_bytes())


UNSEALED = (change_amount_of_index, change_page, remove_closing_file, add_record)


@pytest.mark.parametrize("change", UNSEALED, ids=lambda change: change.__name__)
def test_what_only_the_sums_tell(copy: Path, change: Callable[[Path], None]) -> None:
    """What the verifier does not compare with the records, as the documentation says."""
    change(copy)
    assert verified(copy)[0] == 1
    resealed(copy)
    assert verified(copy)[0] == 0


def test_sums_made_anew_change_nothing(copy: Path) -> None:
    """What the test above relies on."""
    resealed(copy)
    assert verified(copy)[0] == 0


@posix
def test_a_link_out_of_the_folder_is_named(copy: Path, tmp_path: Path) -> None:
    shutil.move(copy / "pdf/F2026-0001.pdf", tmp_path / "elsewhere.pdf")
    (copy / "pdf/F2026-0001.pdf").symlink_to(tmp_path / "elsewhere.pdf")
    code, text = verified(copy)
    assert code == 1
    assert "pdf/F2026-0001.pdf : contenu modifié" in text  # the same bytes, but not in the folder


def test_without_openssl_nothing_is_said_to_be_right(copy: Path, tmp_path: Path) -> None:
    code, text = verified(copy, path=str(tmp_path / "nothing"))
    assert code == 2
    assert "NON VÉRIFIÉ  registre/000001.sig : openssl manque" in text
    assert text.splitlines()[-1] == "Tout n’a pas été vérifié."
    flip(copy / "pdf/F2026-0001.pdf")
    assert verified(copy, path=str(tmp_path / "nothing"))[0] == 1


@posix
def test_an_openssl_that_cannot_is_no_pass(copy: Path, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "openssl"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho pkeyutl: unknown option -rawin\nexit 1\n")
    program.chmod(0o755)
    code, text = verified(copy, path=str(program.parent))
    assert code == 2
    assert "cet openssl ne sait pas la vérifier" in text


def test_without_a_head_it_is_no_pass(copy: Path) -> None:
    for name in ("tete-enonce.json", "tete-enonce.sig"):
        (copy / name).unlink()
    resealed(copy)
    code, text = verified(copy)
    assert code == 2
    assert "n’a pas de tête" in text


# What stops a bundle


@pytest.fixture
def own(tmp_path: Path) -> Office:
    """A small ledger to be spoiled."""
    small = empty_office(tmp_path)
    small.issue(numbered(0, "F2026-0001", date(2026, 11, 3)))
    small.issue(numbered(1, "F2026-0002", date(2026, 12, 4)))
    return small


def refused(spoiled: Office, tmp_path: Path, fault: type[Exception] = LedgerBroken, name: str = "out", year: int = 2026) -> str:
    before = set(tmp_path.iterdir())
    with pytest.raises(fault) as told:
        bundle(spoiled.ledger, spoiled.vault, year, tmp_path / name)
    assert set(tmp_path.iterdir()) == before
    return str(told.value)


@pytest.mark.parametrize("target", ["out", "out.zip"])
@pytest.mark.parametrize("kind", ["pdf", "xml", "workbook"])
def test_a_broken_file_of_the_vault_stops_it_by_name(own: Office, tmp_path: Path, kind: str, target: str) -> None:
    with own.ledger.reading() as connection:
        digest = getattr(the_one(connection, "F2026-0002"), kind)
    path = next((own.vault.folder / "objects" / digest[:2]).glob(f"{digest}.*"))
    path.chmod(0o600)
    flip(path)
    assert f"{digest}" in refused(own, tmp_path, name=target)
    path.unlink()
    assert f"{digest}" in refused(own, tmp_path, name=target)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE records SET body = replace(body, 'F2026-0001', 'F2026-0007') WHERE seq = 5", "Le maillon 5"),
        ("DELETE FROM records WHERE seq = 5", "Le maillon 5"),
        ("UPDATE records SET signature = (SELECT signature FROM records WHERE seq = 7) WHERE seq = 5", "Le maillon 5"),
        ("DELETE FROM records WHERE seq = 7", "tete.json"),
    ],
)
def test_a_broken_ledger_stops_it(own: Office, tmp_path: Path, statement: str, told: str) -> None:
    with sqlite3.connect(tmp_path / "registre.sqlite") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        assert connection.execute(statement).rowcount == 1
    connection.close()
    assert told in refused(own, tmp_path)


def test_a_false_head_or_closing_stops_it(own: Office, tmp_path: Path) -> None:
    head = own.vault.folder / "tete.json"
    right = head.read_bytes()
    for wrong in (right.replace(b'"count":2', b'"count":1'), b"{}"):
        assert wrong != right
        head.write_bytes(wrong)
        assert "tete.json" in refused(own, tmp_path)
    head.unlink()
    assert "tete.json" in refused(own, tmp_path)
    head.write_bytes(right)
    closing = own.vault.folder / "clotures/2026-11.json"
    shutil.copy(closing, own.vault.folder / "clotures/2025.json")
    assert "clotures/2025.json" in refused(own, tmp_path)
    (own.vault.folder / "clotures/2025.json").unlink()
    closing.chmod(0o600)
    flip(closing)
    assert "clotures/2026-11.json" in refused(own, tmp_path)
    closing.unlink()
    bundle(own.ledger, own.vault, 2026, tmp_path / "out")  # the ledger has it: a crash may have come before its file
    assert verified(tmp_path / "out")[0] == 0


def test_what_exists_is_never_replaced_and_an_empty_year_is_none(own: Office, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert "existe déjà" in refused(own, tmp_path, WrongUse)
    (tmp_path / "out.zip").write_bytes(b"mine")
    assert "existe déjà" in refused(own, tmp_path, WrongUse, "out.zip")
    assert (tmp_path / "out.zip").read_bytes() == b"mine"
    assert "Années du registre : 2026" in refused(own, tmp_path, WrongUse, "other", 2031)
    assert "ne peut pas être écrit" in refused(own, tmp_path, WrongUse, "no/such/folder")


def test_a_ledger_on_a_server_gives_the_same(postgresql_store: Store, tmp_path: Path) -> None:
    shared = empty_office(tmp_path, postgresql_store.url)
    link = shared.issue(numbered(0, "F2026-0001", date(2026, 11, 3)))
    with shared.ledger.reading() as connection:
        assert [entry.seq for entry in find(connection, buyer="moulins", day=date(2026, 11, 3))] == [link.seq]
    bundle(shared.ledger, shared.vault, 2026, tmp_path / "out")
    assert verified(tmp_path / "out")[0] == 0
    assert (tmp_path / f"out/registre/{link.seq:06d}.json").read_text("utf-8") == link.body


def test_a_document_dated_before_the_year_it_was_sealed_in(own: Office, tmp_path: Path) -> None:
    own.clock.set(date(2027, 1, 2))
    own.issue(numbered(2, "F2026-0003", date(2026, 12, 31)))
    own.issue(numbered(3, "F2027-0001", date(2027, 1, 3)))
    own.clock.set(date(2028, 1, 2))
    own.close()
    for year, numbers in ((2026, {"F2026-0001", "F2026-0002", "F2026-0003"}), (2027, {"F2027-0001"})):
        bundle(own.ledger, own.vault, year, tmp_path / str(year))
        assert verified(tmp_path / str(year))[0] == 0
        assert {row["Numéro"] for row in rows_of(tmp_path / str(year) / "index.csv")} == numbers


def test_events_of_a_year_come_with_their_neighbours(own: Office, tmp_path: Path) -> None:
    for year in (2026, 2027, 2027, 2029, 2030):
        own.clock.set(date(year, 12, 20))
        own.note("payment", {"document": 5, "amount": "1.00"})
    own.issue(numbered(2, "F2031-0001", date(2031, 1, 3)))
    held = {}
    for year in (2026, 2031):
        bundle(own.ledger, own.vault, year, tmp_path / str(year))
        assert verified(tmp_path / str(year))[0] == 0
        held[year] = {int(path.stem) for path in (tmp_path / str(year) / "evenements").glob("*.json")}
    assert held == {2026: {1, 2}, 2031: {5}}
    for suffix in (".json", ".sig"):
        (tmp_path / "2026/evenements" / f"000002{suffix}").unlink()
    resealed(tmp_path / "2026")
    assert "evenements/000002.json : maillon de 2026 manquant" in verified(tmp_path / "2026")[1]


# One document


def test_an_archived_file_comes_out_byte_for_byte(place: Office, made: Path, tmp_path: Path) -> None:
    with place.ledger.reading() as connection:
        entry, old = the_one(connection, "F2026-0002"), the_one(connection, "VIEUX/7")
    export(place.vault, entry, tmp_path / "a.pdf")
    export(place.vault, entry, tmp_path / "a.xml", XML)
    assert hashlib.sha256((tmp_path / "a.pdf").read_bytes()).hexdigest() == entry.pdf
    assert (tmp_path / "a.pdf").read_bytes() == (made / "pdf/F2026-0002.pdf").read_bytes()
    assert (tmp_path / "a.xml").read_bytes() == (made / "xml/F2026-0002.xml").read_bytes()
    with pytest.raises(WrongUse, match="existe déjà"):
        export(place.vault, entry, tmp_path / "a.pdf")
    with pytest.raises(WrongUse, match="repris d’un registre plus ancien"):
        export(place.vault, old, tmp_path / "b.pdf")
    with pytest.raises(WrongUse, match="ne peut pas être écrit"):
        export(place.vault, entry, tmp_path / "no" / "b.pdf")
    assert {path.name for path in tmp_path.iterdir()} == {"a.pdf", "a.xml"}


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils")
def test_a_duplicata_says_so_on_every_page_and_has_no_xml(place: Office, made: Path, tmp_path: Path) -> None:
    with place.ledger.reading() as connection:
        link, old = (record_of(connection, the_one(connection, number)) for number in ("F2026-0001", "VIEUX/7"))
    duplicata(link, tmp_path / "d.pdf", date(2028, 5, 6))
    with pikepdf.open(tmp_path / "d.pdf") as pdf, pikepdf.open(made / "pdf/F2026-0001.pdf") as original:
        assert (len(pdf.attachments), len(original.attachments)) == (0, 1)
        pages = len(pdf.pages)
    assert b"factur-x" not in (tmp_path / "d.pdf").read_bytes().lower()

    def page_text(path: Path, page: int) -> str:
        command = ["pdftotext", "-f", str(page), "-l", str(page), "-layout", str(path), "-"]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()

    for page in range(1, pages + 1):
        text = page_text(tmp_path / "d.pdf", page)
        assert "Duplicata du 06/05/2028 – l’original électronique fait foi" in text
        assert f"maillon 6 du registre · {link.hash[:16]}" in text
    assert "F2026-0001" in text
    assert "Duplicata" not in page_text(made / "pdf/F2026-0001.pdf", 1)
    with pytest.raises(WrongUse, match="repris"):
        duplicata(old, tmp_path / "e.pdf", date(2028, 5, 6))
