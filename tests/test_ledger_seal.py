"""The key: only its owner reads it, it is never replaced, and what goes wrong with it is said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

from xlbridge.errors import LedgerBroken, WrongUse
from xlbridge.ledger.seal import KEYRING, PASSPHRASE, create_key, is_signed, load_key, read_key, store_key, write_key

LEDGER = "a" * 32


@pytest.fixture(autouse=True)
def home(key_home: Path) -> None:
    """No key of the user's, no passphrase, no keyring."""


def test_what_a_key_signs_is_recognised_after_loading(tmp_path: Path) -> None:
    made = create_key(tmp_path / "cles" / "x.pem", LEDGER)
    key = load_key(tmp_path / "cles" / "x.pem", LEDGER)
    assert (key.public, key.key_id) == (made.public, made.key_id)
    assert is_signed(made.public, b"texte", key.sign(b"texte"))
    assert not is_signed(made.public, b"autre", key.sign(b"texte"))
    assert not is_signed(create_key(tmp_path / "y.pem", LEDGER).public, b"texte", key.sign(b"texte"))
    assert not is_signed(made.public, b"texte", "pas de base64")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    create_key(tmp_path / "x.pem", LEDGER)
    assert (tmp_path / "x.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_or_change_signs_nothing(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "ma clé.pem"
    made = create_key(path, LEDGER)
    path.chmod(mode)
    for opened in (load_key, create_key):
        with pytest.raises(WrongUse, match=f"droits {mode:o}") as told:
            opened(path, LEDGER)
        assert f"chmod 600 '{path}'" in told.value.remedy
    assert read_key(path, LEDGER)  # it can still be saved
    path.chmod(0o400)
    assert load_key(path, LEDGER).public == made.public


def test_it_is_never_replaced(tmp_path: Path) -> None:
    made = create_key(tmp_path / "x.pem", LEDGER)
    before = (tmp_path / "x.pem").read_bytes()
    assert create_key(tmp_path / "x.pem", LEDGER).public == made.public
    with pytest.raises(LedgerBroken, match="existe déjà"):
        write_key(tmp_path / "x.pem", b"")
    assert (tmp_path / "x.pem").read_bytes() == before


def test_a_passphrase_protects_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "soleil d’été")
    made = create_key(tmp_path / "x.pem", LEDGER)
    assert b"ENCRYPTED" in (tmp_path / "x.pem").read_bytes()
    assert load_key(tmp_path / "x.pem", LEDGER).public == made.public
    monkeypatch.setenv(PASSPHRASE, "lune")
    with pytest.raises(WrongUse, match="fausse"):
        load_key(tmp_path / "x.pem", LEDGER)
    monkeypatch.delenv(PASSPHRASE)
    with pytest.raises(WrongUse, match="protégée") as told:
        load_key(tmp_path / "x.pem", LEDGER)
    assert PASSPHRASE in told.value.remedy


def test_a_passphrase_does_not_hinder_a_key_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = create_key(tmp_path / "x.pem", LEDGER)
    monkeypatch.setenv(PASSPHRASE, "lune")
    assert load_key(tmp_path / "x.pem", LEDGER).public == made.public


RSA = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


@pytest.mark.parametrize("content", ["", "pas une clé", RSA])
def test_what_is_no_key_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.pem").write_text(content)
    with pytest.raises(LedgerBroken, match="pas une clé"):
        load_key(tmp_path / "x.pem", LEDGER)


def test_a_key_of_another_kind_is_named(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "x.pem").write_bytes(pem)
    with pytest.raises(LedgerBroken, match="Ed25519"):
        load_key(tmp_path / "x.pem", LEDGER)


def test_a_missing_key_and_a_missing_keyring_are_told(tmp_path: Path) -> None:
    with pytest.raises(LedgerBroken, match="manque"):
        load_key(tmp_path / "x.pem", LEDGER)


class InMemory(KeyringBackend):
    """A keyring that forgets."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def known_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("known_keyring")
def test_the_keyring_keeps_it() -> None:
    with pytest.raises(LedgerBroken, match="pas dans le trousseau"):
        load_key(KEYRING, LEDGER)
    made = create_key(KEYRING, LEDGER)
    assert load_key(KEYRING, LEDGER).public == made.public
    store_key(KEYRING, "b" * 32, read_key(KEYRING, LEDGER))
    assert load_key(KEYRING, "b" * 32).public == made.public


@pytest.mark.parametrize("fault", [NoKeyringError("No recommended backend was available."), KeyringLocked("Failed to unlock the item!")])
def test_a_keyring_that_fails_is_told_in_french(monkeypatch: pytest.MonkeyPatch, fault: KeyringError) -> None:
    def fail(*_: str) -> None:
        raise fault

    for name in ("get_password", "set_password"):
        monkeypatch.setattr(keyring, name, fail)
    for use in (create_key, load_key):
        with pytest.raises(LedgerBroken, match="trousseau") as told:
            use(KEYRING, LEDGER)
        assert str(fault) not in str(told.value)
        assert "--key" in told.value.remedy
