"""Passwords: making them, hashing them, telling whether one fits.

What is stored names its scheme and its costs, ``scrypt$n$r$p$salt$digest`` or
``argon2id$t$m$p$salt$digest``, so a hash made with other costs, or by the other scheme, still verifies.

Not here: who has which password (:mod:`qbsync.auth`) and how many guesses are looked at (``_guesses``).
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import secrets
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import field, frozen

from .errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

__all__ = [
    "ARGON2",
    "LONGEST",
    "SCRYPT",
    "Costs",
    "Hash",
    "Scheme",
    "costs",
    "generated",
    "is_possible",
    "sieve",
]

#: The scheme of new hashes.
Scheme: TypeAlias = Literal["scrypt", "argon2"]

#: The scheme as it is stored, and its three costs.
Costs: TypeAlias = tuple[str, int, int, int]

#: Cost of scrypt in CPU and memory, block size, parallelism: 16 MiB and some 50 ms, usual for logins.
SCRYPT: Final[Costs] = ("scrypt", 2**14, 8, 1)
#: Passes, memory in KiB, lanes of Argon2id: the second recommended option of RFC 9106 (64 MiB), one lane.
ARGON2: Final[Costs] = ("argon2id", 3, 2**16, 1)

#: Characters; a longer password fits nothing, so that nobody makes us hash megabytes.
LONGEST: Final = 1024

_SALT_BYTES: Final = 16
_DIGEST_BYTES: Final = 32
_SIEVE_BYTES: Final = 4
_PARTS: Final = 6
#: Letters and digits that nobody mistakes for each other when typing them from a sheet: 32, so 5 bits each.
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 5


def generated() -> str:
    """Return a new password of 125 random bits: five groups of five letters and digits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def is_possible(password: str) -> bool:
    """Return whether *password* can be one: 1 to 1024 characters, no NUL.

    HMAC, inside scrypt, fills short keys up with NUL bytes, so to it a NUL at the end is not there.
    """
    return 0 < len(password) <= LONGEST and "\0" not in password


def costs(scheme: Scheme) -> Costs:
    """Return the costs of new hashes.

    Raises:
        UsageError: there is no such scheme, or its extra is not installed.
    """
    if scheme == "scrypt":
        return SCRYPT
    if scheme != "argon2":
        raise UsageError(f"hashing: expected 'scrypt' or 'argon2', got {scheme!r}")
    if importlib.util.find_spec("argon2") is None:
        raise UsageError("hashing: argon2 needs its extra: pip install 'qbsync[argon2]'")
    return ARGON2


def sieve(password: str, salt: bytes) -> str:
    """Return 32 bits that tell a wrong guess from the right password at no cost, as text.

    Kept for generated passwords only: of their 125 bits, 93 are still behind the slow hash.
    """
    raw = password[:LONGEST].encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=_SIEVE_BYTES, salt=salt, person=b"qbsync-sieve").hexdigest()


@frozen
class Hash:
    """What is stored of a password. Its repr shows the scheme only."""

    #: ``scrypt`` or ``argon2id`` and its three costs.
    costs: Costs
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, password: str, made: Costs, *, salt: bytes | None = None) -> Self:
        """Hash *password* with the costs *made*; *salt* is random unless it is given."""
        salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
        return cls(made, salt, _digest(password, made, salt))

    @classmethod
    def read(cls, stored: str) -> Self:
        """Read the stored form back.

        Raises:
            StoreError: it is not one that this version knows.
        """
        parts = stored.split("$")
        if len(parts) != _PARTS or parts[0] not in _SCHEMES:
            raise StoreError(
                "account: expected a password hashed with scrypt or argon2id, got another scheme"
            )
        first, second, third = (int(part) for part in parts[1:4])
        salt, digest = (base64.b64decode(part) for part in parts[4:])
        return cls((parts[0], first, second, third), salt, digest)

    def __str__(self) -> str:
        return "$".join(
            [str(part) for part in self.costs]
            + [base64.b64encode(part).decode("ascii") for part in (self.salt, self.digest)]
        )

    def again(self, password: str) -> bytes:
        """Return the digest of *password* with this salt and these costs."""
        return _digest(password, self.costs, self.salt)

    def matches(self, digest: bytes) -> bool:
        """Return whether *digest*, made with this salt and these costs, is this one, in constant time."""
        return secrets.compare_digest(digest, self.digest)


def _digest(password: str, made: Costs, salt: bytes) -> bytes:
    raw = password[:LONGEST].encode("utf-8", "surrogatepass")
    return _SCHEMES[made[0]](raw, salt, made)


def _scrypt(raw: bytes, salt: bytes, made: Costs) -> bytes:
    _, n, r, p = made
    # OpenSSL wants to be told how much memory it may take: 128·n·r, and room for the rest.
    most = 128 * n * r + 1024 * 1024 + 256 * r * p
    return hashlib.scrypt(raw, salt=salt, n=n, r=r, p=p, maxmem=most, dklen=_DIGEST_BYTES)


def _argon2id(raw: bytes, salt: bytes, made: Costs) -> bytes:
    try:
        from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415 - an extra
    except ImportError as error:
        message = "account: its password is hashed with argon2: pip install 'qbsync[argon2]'"
        raise UsageError(message) from error
    _, passes, memory, lanes = made
    return hash_secret_raw(raw, salt, passes, memory, lanes, _DIGEST_BYTES, Type.ID)


_SCHEMES: Mapping[str, Callable[[bytes, bytes, Costs], bytes]] = {
    "scrypt": _scrypt,
    "argon2id": _argon2id,
}
