"""Accounts in the store: who gets in, who never does, and what it costs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from attrs import evolve

from qbsync import Service, _passwords, auth
from qbsync._guesses import Guesses
from qbsync._passwords import Hash
from qbsync.auth import (
    Accounts,
    accounts,
    add_account,
    new_ticket,
    remove_account,
    rotate_password,
    session_key,
)
from qbsync.errors import RevisionError, StoreError, TooManyGuessesError, UsageError
from qbsync.store.memory import MemoryRecords, MemoryStore


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 1, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock):
    return MemoryStore(clock=clock)


@pytest.fixture
def hashed(monkeypatch):
    """A cheap hash, and a list with an entry for each time that it was worked out."""
    done = []
    digest = _passwords._digest

    def counted(password, made, salt):
        done.append(made)
        return digest(password, ("scrypt", 2, 1, 1), salt)

    monkeypatch.setattr(_passwords, "_digest", counted)
    auth._nobody.cache_clear()
    auth._nobody()
    done.clear()
    yield done
    auth._nobody.cache_clear()


def still(store):
    """Accounts of a process in which no time passes."""
    return Accounts(store, guesses=Guesses(clock=lambda: 0.0, sleep=lambda _: None))


def test_user_name_and_password_give_the_company(store):
    """Blanks around the user name are not part of it; the password is taken as it is."""
    add_account(store, " shop ", company="Shop", password=" p&w <ä> ")

    assert Accounts(store).authenticate("shop ", " p&w <ä> ") == "Shop"
    assert Accounts(store).authenticate("shop", "p&w <ä>") is None


@pytest.mark.parametrize(
    "name", ["", "  ", "nobody", "SHOP", "a\0b", "\ud800", "x" * 300, "shop'; DROP TABLE records; --"]
)
def test_whoever_is_not_there_is_refused(store, name):
    """Whatever is typed in as user name, nothing breaks."""
    add_account(store, "shop", company="Shop", password="right")

    assert Accounts(store).authenticate(name, "right") is None


@pytest.mark.parametrize("password", ["", "Right", "right ", "right\0", "\ud800", "right" * 1000])
def test_a_wrong_password_is_refused(store, password):
    """Both must be right; a login that tests only one of them lets anybody in."""
    add_account(store, "shop", company="Shop", password="right")

    assert Accounts(store).authenticate("shop", password) is None


@pytest.mark.usefixtures("hashed")
def test_a_password_longer_than_the_longest_fits_nothing(store):
    """Though its first 1024 characters are those of the account."""
    add_account(store, "shop", company="Shop", password="x" * 1024)

    assert still(store).authenticate("shop", "x" * 1025) is None
    assert still(store).authenticate("shop", "x" * 1024) == "Shop"


def test_nobody_costs_what_a_wrong_password_costs(store, hashed):
    """The time of an answer does not tell which user names exist: one hash of the same costs."""
    add_account(store, "shop", company="Shop", password="right")
    hashed.clear()

    still(store).authenticate("shop", "wrong")
    wrong = list(hashed)
    hashed.clear()
    still(store).authenticate("nobody", "wrong")
    assert hashed == wrong == [_passwords.SCRYPT]


def test_a_second_login_of_a_process_costs_no_hash(store, hashed):
    """The Web Connector comes every few minutes with the same password."""
    add_account(store, "shop", company="Shop", password="right")
    process = still(store)
    assert process.authenticate("shop", "right") == "Shop"
    hashed.clear()

    assert process.authenticate("shop", "right") == "Shop"
    assert hashed == []


@pytest.mark.usefixtures("hashed")
def test_what_is_remembered_ends_with_the_account_and_its_password(store):
    """Removed, or changed: the next login is looked at anew."""
    add_account(store, "shop", company="Shop", password="right")
    process = still(store)
    process.authenticate("shop", "right")
    add_account(store, "shop", company="Other", password="another")
    assert process.authenticate("shop", "right") is None
    assert process.authenticate("shop", "another") == "Other"

    remove_account(store, "shop")
    assert process.authenticate("shop", "another") is None


@pytest.mark.usefixtures("hashed")
def test_a_flood_of_guesses_never_refuses_the_right_password(store):
    """Chosen or generated, in a process that never saw it."""
    add_account(store, "chosen", company="Shop", password="right")
    word = add_account(store, "made", company="Shop")
    process = still(store)
    for name in ("chosen", "made", "nobody"):
        for number in range(500):
            assert process.authenticate(name, f"guess {number}") is None

    assert process.authenticate("chosen", "right") == "Shop"
    assert process.authenticate("made", word) == "Shop"


def test_guesses_at_a_generated_password_cost_five_hashes_and_no_more(store, hashed):
    """Then the sieve tells without work."""
    add_account(store, "made", company="Shop")
    process = still(store)
    hashed.clear()
    for number in range(1000):
        process.authenticate("made", f"guess {number}")
    assert len(hashed) == 5

    for number in range(1000):
        process.authenticate(f"nobody {number}", "guess")
    assert len(hashed) <= 50


@pytest.mark.usefixtures("hashed")
def test_a_guess_that_cannot_be_looked_at_is_not_called_wrong(store):
    """It raises, which is answered with busy: the Web Connector comes again."""
    add_account(store, "shop", company="Shop", password="right")
    process = still(store)
    for number in range(5):
        process.authenticate("shop", f"guess {number}")
    for _ in range(2):  # one works, one waits
        process._guesses._queue.acquire()
    with pytest.raises(TooManyGuessesError, match="will try again") as caught:
        process.authenticate("shop", "right")
    for _ in range(2):
        process._guesses._queue.release()

    assert "right" not in str(caught.value)
    assert process.authenticate("shop", "right") == "Shop"


def test_the_service_answers_busy_where_a_login_was_not_looked_at(store, caplog):
    """One line in the log, without the password."""

    class Flooded:
        def authenticate(self, _user_name, _password):
            raise TooManyGuessesError

    ticket, answer = Service(store=store, authenticator=Flooded()).authenticate("shop", "secret word")

    assert answer == "busy"
    assert len(ticket) == 43
    assert "a login was put off" in caplog.messages
    assert "secret" not in caplog.text


@pytest.mark.usefixtures("hashed")
def test_after_a_rotation_both_passwords_are_taken_until_the_overlap_ends(store, clock):
    """Then the old one is wrong, also where it is remembered."""
    add_account(store, "shop", company="Shop", password="old")
    process = still(store)
    assert process.authenticate("shop", "old") == "Shop"
    rotate_password(store, "shop", overlap=timedelta(hours=72), password="new")
    assert process.authenticate("shop", "old") == "Shop"
    assert process.authenticate("shop", "new") == "Shop"
    assert [each.overlap_until for each in accounts(store)] == [clock.now + timedelta(hours=72)]

    clock.now += timedelta(hours=72)
    assert process.authenticate("shop", "old") is None
    assert process.authenticate("shop", "new") == "Shop"


def test_a_guess_during_the_overlap_costs_one_hash(store, hashed):
    """Both passwords are hashed under one salt, so the overlap does not show in the time."""
    add_account(store, "shop", company="Shop", password="old")
    rotate_password(store, "shop", overlap=timedelta(hours=1), password="new")
    hashed.clear()

    assert still(store).authenticate("shop", "guess") is None
    assert len(hashed) == 1


@pytest.mark.usefixtures("hashed")
def test_a_second_rotation_ends_the_first_password(store):
    """Two are taken at one time, never three."""
    add_account(store, "shop", company="Shop", password="first")
    rotate_password(store, "shop", overlap=timedelta(hours=1), password="second")
    made = rotate_password(store, "shop", overlap=timedelta(hours=1))

    assert still(store).authenticate("shop", "first") is None
    assert still(store).authenticate("shop", "second") == "Shop"
    assert still(store).authenticate("shop", made) == "Shop"


@pytest.mark.usefixtures("hashed")
def test_a_rotation_without_overlap_ends_the_password_at_once(store):
    """For a password that somebody else has seen."""
    add_account(store, "shop", company="Shop", password="seen")
    made = rotate_password(store, "shop", overlap=timedelta(0))

    assert still(store).authenticate("shop", "seen") is None
    assert still(store).authenticate("shop", made) == "Shop"


def test_old_costs_still_verify_and_are_renewed_at_login(store):
    """A store written with a cheaper hash is brought up to date by whoever logs in."""
    add_account(store, "shop", company="Shop", password="right")
    with store.begin() as t:
        record = t.records.get("", "account", "shop")
        content = json.loads(record.value)
        content["password"]["hash"] = str(Hash.of("right", ("scrypt", 2**4, 8, 1)))
        t.records.put(evolve(record, value=json.dumps(content, separators=(",", ":")).encode()))
    assert Accounts(store).authenticate("shop", "right") == "Shop"

    with store.begin() as t:
        stored = json.loads(t.records.get("", "account", "shop").value)["password"]["hash"]
    assert stored.startswith("scrypt$16384$8$1$")
    assert Accounts(store).authenticate("shop", "right") == "Shop"


@pytest.mark.parametrize("change", ["another password", "a race"])
def test_a_login_while_the_account_changes_undoes_nothing(store, change, monkeypatch):
    """The costs are renewed only if the account is still as it was read."""
    add_account(store, "shop", company="Shop", password="right")
    monkeypatch.setattr(auth, "SCRYPT", ("scrypt", 2**4, 8, 1))  # those of the account are old now
    process = Accounts(store)
    rehashed = auth.Account.rehashed

    def meanwhile(account, password):
        if change == "another password":
            rotate_password(store, "shop", overlap=timedelta(hours=1), password="new")
        else:
            monkeypatch.setattr(MemoryRecords, "put", lost)
        return rehashed(account, password)

    def lost(_records, record):
        raise RevisionError("account", record.revision, record.revision + 1)

    monkeypatch.setattr(auth.Account, "rehashed", meanwhile)
    before = [each.to_json() for each in accounts(store)]

    assert process.authenticate("shop", "right") == "Shop"
    if change == "a race":
        assert [each.to_json() for each in accounts(store)] == before
    else:
        assert still(store).authenticate("shop", "new") == "Shop"


def test_argon2_accounts_log_in_beside_scrypt_ones(store):
    """The scheme stands with each password."""
    add_account(store, "a", company="A", password="right", hashing="argon2")
    add_account(store, "b", company="B", password="right")

    assert Accounts(store).authenticate("a", "right") == "A"
    assert Accounts(store).authenticate("b", "right") == "B"
    assert Accounts(store).authenticate("a", "wrong") is None


def test_an_account_that_cannot_be_read_is_no_wrong_password(store):
    """It raises, which is answered with busy, and the log says why."""
    add_account(store, "shop", company="Shop", password="right")
    with store.begin() as t:
        record = t.records.get("", "account", "shop")
        content = json.loads(record.value)
        content["password"]["hash"] = "bcrypt$1$2$3$YQ==$YQ=="
        t.records.put(evolve(record, value=json.dumps(content).encode()))

    with pytest.raises(StoreError, match="another scheme"):
        Accounts(store).authenticate("shop", "right")


@pytest.mark.parametrize(
    ("name", "company", "password", "what"),
    [
        ("", "C", "p", "user name"),
        ("  ", "C", "p", "user name"),
        ("n" * 257, "C", "p", "user name"),
        ("n", "", "p", "company"),
        ("n", "C", "", "password"),
        ("n", "C", "p" * 1025, "password"),
    ],
)
def test_an_account_needs_a_name_a_company_and_a_password(store, name, company, password, what):
    """Nothing is kept otherwise, and the password is not in the message."""
    with pytest.raises(UsageError, match=f"^{what}: expected") as caught:
        add_account(store, name, company=company, password=password)

    assert "pp" not in str(caught.value)
    assert list(accounts(store)) == []


def test_rotation_and_removal_need_an_account(store):
    """A typing error in the name is said, with where to look."""
    for change in (remove_account, lambda s, n: rotate_password(s, n, overlap=timedelta(1))):
        with pytest.raises(UsageError, match="there is none called 'shpo'; see: qbsync user list"):
            change(store, "shpo")
    add_account(store, "shop", company="Shop", password="right")
    with pytest.raises(UsageError, match="overlap: expected no negative time"):
        rotate_password(store, "shop", overlap=timedelta(-1))


@pytest.mark.usefixtures("hashed")
def test_accounts_are_listed_by_name_in_pages_and_by_company(store):
    """More than one page of the store."""
    for number in range(120):
        add_account(store, f"user {number:03}", company=f"C{number % 2}", password="p")

    assert [each.user_name for each in accounts(store)] == [f"user {number:03}" for number in range(120)]
    assert len(list(accounts(store, company="C1"))) == 60


def test_nothing_secret_is_in_a_repr_or_in_the_stored_record(store):
    """Neither the password nor its hash is shown; what is stored is no password."""
    word = add_account(store, "shop", company="Shop")
    (account,) = accounts(store)
    with store.begin() as t:
        stored = t.records.get("", "account", "shop").value

    assert repr(account) == "Account(user_name='shop', company='Shop', overlap_until=None)"
    assert word.encode() not in stored
    assert "scrypt" not in repr(Accounts(store))


def test_tickets_are_long_random_and_stored_as_a_hash():
    """256 bits of text that needs no escaping; the key of a session does not give its ticket back."""
    tickets = [new_ticket() for _ in range(100)]

    assert len(set(tickets)) == 100
    assert {len(ticket) for ticket in tickets} == {43}
    assert all(quote(ticket, safe="-_") == ticket for ticket in tickets)
    assert session_key(tickets[0]) != session_key(tickets[1])
    assert tickets[0] not in session_key(tickets[0])
    assert len(session_key("\ud800")) == 64
