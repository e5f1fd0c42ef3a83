"""The key that signs the ledger (Ed25519, RFC 8032), kept outside the database: in a file that only its owner reads, or in the keyring.

A signature shows that whoever wrote a record held the key; not when, and not that the owner of the key is honest.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlbridge.errors import LedgerBroken, WrongUse, why

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PASSPHRASE = "XLBRIDGE_KEY_PASSPHRASE"  # noqa: S105  the name of the variable
KEYRING = "keyring"
SERVICE = "xlbridge"


@dataclass(frozen=True)
class SigningKey:
    """A private key with its public half (raw, hexadecimal) and its short name."""

    private: Ed25519PrivateKey
    public: str

    @property
    def key_id(self) -> str:
        return key_id(self.public)

    def sign(self, data: bytes) -> str:
        """The signature of `data` in base64."""
        return base64.b64encode(self.private.sign(data)).decode()


def key_id(public: str) -> str:
    """The short name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def is_signed(public: str, data: bytes, signature: str) -> bool:
    """Whether `signature` (base64) is that of `data` by the key whose public half is `public` (hexadecimal)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        raw = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(raw, data)
    except (InvalidSignature, ValueError):
        return False
    return base64.b64encode(raw).decode() == signature  # base64 has several texts for the same bytes: only one is ours


def public_pem(public: str) -> bytes:
    """The public key as openssl reads it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def create_key(place: Path | str, ledger: str) -> SigningKey:
    """The key of a new ledger at `place`: a file, or the word `keyring`. Encrypted where XLBRIDGE_KEY_PASSPHRASE is set.

    Never over an older one: the key that lies there, of a beginning that was stopped, is taken.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

    if place != KEYRING and Path(place).exists():
        if Path(place).stat().st_size:
            return load_key(place, ledger)
        Path(place).unlink()  # it was stopped before the key was in it
    private = Ed25519PrivateKey.generate()
    passphrase = os.environ.get(PASSPHRASE)
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    store_key(place, ledger, pem)
    return _signing(private)


def store_key(place: Path | str, ledger: str, pem: bytes) -> None:
    """Keep the PEM text of a key at `place`: a file, or the word `keyring`."""
    if place == KEYRING:
        _keyring().set_password(SERVICE, ledger, pem.decode())
    else:
        write_key(Path(place), pem)


def write_key(path: Path, pem: bytes) -> None:
    """Write a key file that only its owner reads (mode 0600), whole and on the disk before this returns; never over an older one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  the mode from the first moment
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as fault:
        raise LedgerBroken(
            f"Une clé existe déjà dans « {path} ».", "Elle n’est jamais remplacée : déplacez-la si elle ne sert plus."
        ) from fault
    except OSError as fault:
        raise LedgerBroken(
            f"La clé ne peut pas être écrite dans « {path} » ({why(fault)}).", "Vérifiez le dossier et vos droits."
        ) from fault


def load_key(place: Path | str, ledger: str) -> SigningKey:
    """The key at `place`. Raises LedgerBroken where it is missing or no such key, WrongUse where its passphrase is missing or wrong, or
    where others than its owner may read it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    passphrase = os.environ.get(PASSPHRASE)
    pem = read_key(place, ledger)
    encrypted = b"ENCRYPTED" in pem
    try:
        private = load_pem_private_key(pem, passphrase.encode() if passphrase and encrypted else None)
    except TypeError as fault:
        raise WrongUse("La clé du registre est protégée par une phrase secrète.", f"Donnez-la dans la variable {PASSPHRASE}.") from fault
    except (ValueError, UnsupportedAlgorithm) as fault:
        if encrypted:
            raise WrongUse("La phrase secrète de la clé est fausse.", f"Corrigez la variable {PASSPHRASE}.") from fault
        raise LedgerBroken(f"« {place} » n’est pas une clé de registre.", "Remettez la clé depuis une sauvegarde.") from fault
    if not isinstance(private, Ed25519PrivateKey):
        raise LedgerBroken(f"« {place} » n’est pas une clé Ed25519.", "Remettez la clé depuis une sauvegarde.")
    if place != KEYRING:
        _refuse_open(Path(place))
    return _signing(private)


def _refuse_open(path: Path) -> None:
    """A key that others may read signs nothing, as with ssh. Windows has no such modes: there the user's folder guards it."""
    mode = path.stat().st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        raise WrongUse(
            f"La clé du registre « {path} » est ouverte à d’autres que vous (droits {mode:o}).",
            f"Fermez-la : chmod 600 {shlex.quote(str(path))}. Là où cela ne prend pas (clé USB), mettez-la dans votre dossier personnel.",
        )


def read_key(place: Path | str, ledger: str) -> bytes:
    """The PEM text of the key at `place`. Raises LedgerBroken where there is none."""
    remedy = "Copiez-la depuis le poste qui l’a, ou remettez une sauvegarde (xlbridge ledger restore) : sans elle, rien n’est émis."
    if place == KEYRING:
        text = _keyring().get_password(SERVICE, ledger)
        if text is None:
            raise LedgerBroken("La clé du registre n’est pas dans le trousseau du système.", remedy)
        return text.encode()
    try:
        return Path(place).read_bytes()
    except FileNotFoundError as fault:
        raise LedgerBroken(f"La clé du registre manque : « {place} ».", remedy) from fault
    except OSError as fault:
        raise LedgerBroken(f"La clé du registre « {place} » ne peut pas être lue ({why(fault)}).", "Vérifiez vos droits.") from fault


class _Keyring:
    """The system keyring, with its failures in French."""

    def set_password(self, service: str, name: str, text: str) -> None:
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(service, name, text)
        except KeyringError as fault:
            raise _no_keyring(fault, "Gardez plutôt la clé dans un fichier : sans --key, ou avec --key et son chemin.") from fault

    def get_password(self, service: str, name: str) -> str | None:
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(service, name)
        except KeyringError as fault:
            raise _no_keyring(fault, "Ouvrez votre session, ou donnez le fichier de la clé par --key.") from fault


def _no_keyring(fault: Exception, remedy: str) -> LedgerBroken:
    """What is to be said where the keyring fails: its own words are English, and tell of Python packages."""
    from keyring.errors import KeyringLocked, NoKeyringError

    if isinstance(fault, NoKeyringError):
        return LedgerBroken("Cet ordinateur n’a pas de trousseau de clés dont xlbridge puisse se servir.", remedy)
    said = "est resté fermé" if isinstance(fault, KeyringLocked) else "n’a pas accepté la demande"
    return LedgerBroken(f"Le trousseau du système {said}.", remedy)


def _keyring() -> _Keyring:
    return _Keyring()


def _signing(private: Ed25519PrivateKey) -> SigningKey:
    return SigningKey(private, private.public_key().public_bytes_raw().hex())
