"""The secret of the control page: made at the first start, shown once, kept only as a hash."""

from __future__ import annotations

import secrets
import unicodedata
from pathlib import Path

import argon2

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.files import exclusive, write_atomically
from allpoints.kernel.folders import Folders

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o, u, so that what is read aloud or copied by hand is still right."""

_LENGTH, _GROUP = 20, 5
"""100 random bits in four groups. These bits are the protection; the cost of the hash is kept small, for a costly one
would let strangers keep the machine busy."""

_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
_LOOKALIKES = str.maketrans("oil", "011")


class SecretMissing(AllpointsError):
    """No secret has been made in this data folder."""

    code = "secret_missing"
    status = 503
    for_people = "There is no secret for the control page yet. Start “allpoints serve” once: it prints a new one."


class SecretDamaged(AllpointsError):
    """The file of the hash cannot be read as one. Nobody is let in until it is replaced."""

    code = "secret_damaged"
    status = 503
    for_people = (
        "The file {path} is blank or damaged, so nobody can sign in. "
        "Run “allpoints reset-secret” on the server for a new secret."
    )


class WrongSecret(AllpointsError):
    """The secret given is not the one in force."""

    code = "wrong_secret"
    status = 403
    for_people = (
        "That is not the secret of this control page. Type it as “allpoints serve” printed it at its first start, "
        "or run “allpoints reset-secret” on the server for a new one."
    )


def ensure_secret(folders: Folders) -> str | None:
    """Make the secret if there is none yet and return it, to be shown once; None if there is one already.

    Of several processes that start at once one gets it. Raises SecretDamaged.
    """
    with exclusive(_lock(folders)):
        if _path(folders).exists():
            read_hash(folders)
            return None
        return _replace(folders)


def replace_secret(folders: Folders) -> str:
    """Make a new secret in place of whatever was there, and return it, to be shown once."""
    with exclusive(_lock(folders)):
        return _replace(folders)


def read_hash(folders: Folders) -> str:
    """The hash in force, an argon2id PHC string. Raises SecretMissing and SecretDamaged."""
    path = _path(folders)
    try:
        encoded = path.read_bytes().decode("ascii").strip()
        parameters = argon2.extract_parameters(encoded)
    except FileNotFoundError:
        raise SecretMissing from None
    except (OSError, UnicodeDecodeError, argon2.exceptions.InvalidHashError):
        raise SecretDamaged(path=str(path)) from None
    whole = parameters.type is argon2.Type.ID and parameters.hash_len >= 32 and parameters.salt_len >= 16
    if not whole:
        raise SecretDamaged(path=str(path))
    return encoded


def matches(encoded: str, canonical: str) -> bool:
    """Whether ``canonical`` is the secret. Costs 19 MB and some 20 ms."""
    try:
        return _HASHER.verify(encoded, canonical)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def as_made(typed: str) -> str | None:
    """What somebody typed, brought to the form it was made in; None if it has not the form of a secret.

    Spaces, hyphens and capitals do not matter, nor which script's digits are used.
    """
    if len(typed) > 200:
        return None
    kept = [
        str(unicodedata.decimal(letter, letter)) for letter in unicodedata.normalize("NFKC", typed).lower()
        if unicodedata.category(letter)[0] not in "ZPC"
    ]
    canonical = "".join(kept).translate(_LOOKALIKES)
    return canonical if len(canonical) == _LENGTH and set(canonical) <= set(_ALPHABET) else None


def _replace(folders: Folders) -> str:
    made = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    write_atomically(_path(folders), _HASHER.hash(made).encode() + b"\n", durable=True, private=True)
    return "-".join(made[start:start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def _path(folders: Folders) -> Path:
    return folders.secrets / "control-secret.argon2"


def _lock(folders: Folders) -> Path:
    return folders.secrets / "control-secret.lock"
