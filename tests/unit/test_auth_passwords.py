"""Passwords: made, hashed, told apart."""

from __future__ import annotations

import base64
import hashlib
import importlib.util

import pytest

from qbsync._passwords import ARGON2, LONGEST, SCRYPT, Hash, costs, generated, sieve
from qbsync.errors import StoreError, UsageError


def fits(stored, password):
    """Return whether *password* fits the stored form *stored*."""
    hashed = Hash.read(stored)
    return hashed.matches(hashed.again(password))


@pytest.mark.parametrize("made", [SCRYPT, ARGON2, ("scrypt", 2**10, 8, 2), ("argon2id", 1, 8, 1)])
def test_a_hash_fits_its_password_only_whatever_it_cost(made):
    """Costs are read from the stored form, so those of yesterday still verify."""
    stored = str(Hash.of("pässword 𝄞", made))

    assert stored.startswith("$".join(map(str, made)))
    assert fits(stored, "pässword 𝄞")
    assert not fits(stored, "password 𝄞")


def test_the_digest_is_what_the_standard_library_makes():
    """Somebody else can check a stored hash: scrypt of the UTF-8 bytes, base64."""
    salt = bytes(range(16))
    expected = hashlib.scrypt(b"secret", salt=salt, n=2**14, r=8, p=1, maxmem=2**26, dklen=32)

    stored = str(Hash.of("secret", SCRYPT, salt=salt))
    assert (
        stored == f"scrypt$16384$8$1${base64.b64encode(salt).decode()}${base64.b64encode(expected).decode()}"
    )


def test_the_argon2_digest_is_what_its_own_library_verifies():
    """The opponent is argon2-cffi's verifier of encoded hashes."""
    argon2 = pytest.importorskip("argon2")
    hashed = Hash.of("secret", ("argon2id", 2, 64, 1))
    salt, digest = (base64.b64encode(part).decode().rstrip("=") for part in (hashed.salt, hashed.digest))

    assert argon2.PasswordHasher().verify(f"$argon2id$v=19$m=64,t=2,p=1${salt}${digest}", "secret")


def test_salts_differ():
    """Two accounts with one password do not show it."""
    assert Hash.of("x", SCRYPT).salt != Hash.of("x", SCRYPT).salt


@pytest.mark.parametrize("stored", ["md5$1$2$3$YQ==$YQ==", "scrypt$1$2$YQ==", "", "plain"])
def test_an_unknown_stored_form_is_an_error_that_shows_nothing_of_it(stored):
    """What a newer version wrote is not taken for a wrong password."""
    with pytest.raises(StoreError) as caught:
        Hash.read(stored)
    assert "YQ==" not in str(caught.value)


def test_nothing_secret_is_in_a_repr():
    """Only the scheme and its costs are shown."""
    hashed = Hash.of("secret", SCRYPT)

    assert repr(hashed) == "Hash(costs=('scrypt', 16384, 8, 1))"


def test_generated_passwords_have_125_bits_and_no_look_alikes():
    """Five groups of five out of 32 letters and digits; never twice the same."""
    made = [generated() for _ in range(200)]
    used = set("".join(made)) - {"-"}

    assert len(set(made)) == 200
    assert {len(word) for word in made} == {29}
    assert used <= set("abcdefghijkmnpqrstuvwxyz23456789")
    assert len(used) > 25


def test_a_sieve_tells_wrong_from_maybe_and_depends_on_the_salt():
    """32 bits: the right password always passes."""
    salt = bytes(16)

    assert sieve("right", salt) == sieve("right", salt)
    assert sieve("right", salt) != sieve("wrong", salt)
    assert sieve("right", salt) != sieve("right", bytes(15) + b"x")
    assert len(sieve("right", salt)) == 8


def test_more_than_the_longest_password_costs_no_more():
    """What is beyond is not hashed; who asks must compare the length."""
    salt = bytes(16)

    assert Hash.of("x" * LONGEST, SCRYPT, salt=salt) == Hash.of("x" * 10_000_000, SCRYPT, salt=salt)


def test_schemes_are_named(monkeypatch):
    """A wrong name and a missing extra are said before anything is hashed."""
    assert costs("scrypt") == SCRYPT
    assert costs("argon2") == ARGON2
    with pytest.raises(UsageError, match="expected 'scrypt' or 'argon2', got 'md5'"):
        costs("md5")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'qbsync\[argon2\]'"):
        costs("argon2")


def test_an_argon2_hash_without_its_extra_says_what_to_install(monkeypatch):
    """It is not answered like a wrong password."""
    hashed = Hash.of("secret", ("argon2id", 1, 8, 1))
    monkeypatch.setitem(__import__("sys").modules, "argon2.low_level", None)

    with pytest.raises(UsageError, match=r"pip install 'qbsync\[argon2\]'"):
        hashed.again("secret")
