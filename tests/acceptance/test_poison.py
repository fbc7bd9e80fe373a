"""One job that QuickBooks cannot read: it is found and failed, its neighbours go through, nobody else fails.

What counts are the round trips between the first refusal and the failure of the job at fault: one among n at
most ⌈log2 n⌉ + 2, k of them at most k times that.
"""

from __future__ import annotations

from math import ceil, log2

import pytest
from talking import SHOP, UNREADABLE, Desk, Picky, Scripted, Talk, raw_job, scripted

from qbsync.handlers import LookUp
from qbsync.planner import Budgets, CostModel
from qbsync.service.costs import MeasuredCosts
from qbsync.testing import Company
from qbsync.testing.company import QuickBooksError

MARK = "Unreadable"
#: So that 500 jobs go out in one document.
WIDE = Budgets(max_writes=1000, max_requests=1000, max_look_ups=1000, seconds=600.0)


def bound(n):
    """Return how many round trips may follow the first refusal."""
    return ceil(log2(n)) + 2


def names_of(n, places):
    """Return n names, of which those at *places* break QuickBooks' parser."""
    return [f"{MARK if place in places else 'Customer'} {place}" for place in range(n)]


class Counted(Desk):
    """A desk that counts round trips from the first refusal on."""

    def __init__(self, company, **options):
        super().__init__(company, budgets=WIDE, **options)
        self.after = None
        self.sent = []

    def play(self):
        """Run sessions until there is no work; count until the last culprit is failed."""
        for _ in range(5):
            ticket, word = self.service.authenticate("Shop", "")
            if word == "none":
                return self
            talk = Talk(self, ticket)
            while self.trip(talk):
                pass
            talk.close()
            self.wait(60)
        raise AssertionError(f"work is left: {self.states()}")

    def trip(self, talk):
        """Make one round trip; return whether the session goes on."""
        document = talk.send()
        if not document:
            return False
        self.sent.append(document)
        counted = self.after is not None
        answer = talk.process(document)
        if answer[1] and self.after is None:
            self.after = 0
        elif counted and any(MARK in job.key for job in self.outbox.list(state="leased", limit=1000).items):
            self.after += 1
        return 0 <= talk.receive(*answer) < 100


def check(desk, n, places):
    """Assert that exactly the jobs at *places* failed, within the bound, the books holding the others."""
    failed = desk.outbox.list(state="failed", limit=1000).items

    assert len(failed) == len(places)
    assert all(MARK in job.key for job in failed)
    assert all("0x80040400" in job.reason for job in failed)
    assert desk.states().get("done", 0) == n - len(places)
    assert len(desk.company.customers) == n - len(places)
    assert desk.after <= len(places) * bound(n)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_one_among_few_is_found_at_every_position(n):
    """Raw requests, nothing taken before."""
    for place in range(n):
        desk = Counted(Picky(MARK))
        desk.customers(*names_of(n, {place}))

        check(desk.play(), n, {place})


@pytest.mark.parametrize("place", [0, *range(7, 50, 8), 49])
def test_one_among_fifty_is_found(place):
    """First, last and every eighth position."""
    desk = Counted(Picky(MARK))
    desk.customers(*names_of(50, {place}))

    check(desk.play(), 50, {place})


PLACES = [0, *range(7, 500, 8), 499]


@pytest.mark.parametrize("place", [0, 255, 499])
def test_one_among_five_hundred_is_found(place):
    """All of them go out in one document first."""
    five_hundred(place)


@pytest.mark.nightly
@pytest.mark.parametrize("place", PLACES)
def test_one_among_five_hundred_is_found_at_every_eighth_position(place):
    """First, last and every eighth position."""
    five_hundred(place)


def five_hundred(place):
    """Send 500 jobs of which one cannot be read."""
    desk = Counted(Picky(MARK))
    with desk.store.begin() as t:
        costs = MeasuredCosts.load(t, SHOP)
        costs.model = CostModel(writes_allowed=1000)
        costs.save(t)
    desk.customers(*names_of(500, {place}))
    desk.play()

    assert len({batch.id for batch in desk.batches() if len(batch.job_ids) == 500}) == 1
    check(desk, 500, {place})


@pytest.mark.parametrize(
    "places", [{0, 1, 2}, {47, 48, 49}, {0, 25, 49}, {10, 11, 40}, {24, 25, 26}], ids=str
)
def test_three_at_once_are_found(places):
    """Neighbours or far apart."""
    desk = Counted(Picky(MARK))
    desk.customers(*names_of(50, places))

    check(desk.play(), 50, places)


@pytest.mark.parametrize("n", [1, 3, 50])
def test_a_question_that_cannot_be_read_fails_its_own_job_only(n):
    """The look-up of one job breaks the document in which all are asked."""

    def look_up(job, _context):
        return (LookUp("CustomerQueryRq", by="full_name", keys=(job.payload.decode(),), proof=True),)

    desk = Counted(Picky(MARK), handlers=(Scripted(look_up=look_up),))
    desk.outbox.put_jobs(scripted(*names_of(n, {n // 2})))

    check(desk.play(), n, {n // 2})


def test_a_need_that_cannot_be_read_is_found_with_its_job():
    """Something that cannot be read among jobs that were taken in an earlier document."""
    desk = Counted(Picky(MARK))
    desk.customers("First")
    desk.play()
    desk.customers(*names_of(20, {13}))
    desk.play()

    assert desk.states() == {"done": 20, "failed": 1}
    assert desk.after <= bound(20)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 50, 500])
def test_a_bad_version_fails_nobody(n):
    """QuickBooks refuses every document: a harmless one is tried, and the session stops for the operator."""

    class Old(Company):
        """Reads no document of the version that is spoken."""

        def process(self, _document):
            raise QuickBooksError(UNREADABLE, "QuickBooks found an error when parsing the XML text stream.")

    desk = Counted(Old())
    desk.customers(*names_of(n, {0}))
    talk = desk.log_in()
    while desk.trip(talk):
        pass

    assert "no job" in talk.error()
    assert desk.states() == {"waiting": n}
    assert desk.after <= 3
    assert "HostQueryRq" in desk.sent[-1]


def test_a_probe_that_gets_another_result_blames_nobody():
    """QuickBooks is closed while the harmless request is out: the next session finds the culprit."""
    desk = Counted(Picky(MARK))
    desk.customers(*names_of(1, {0}))
    talk = desk.log_in()
    talk.receive(*talk.process(talk.send()))

    assert "HostQueryRq" in talk.send()
    assert talk.receive("", "0x8004040D", "") == -1
    assert desk.states() == {"waiting": 1}

    desk.play()

    assert desk.states() == {"failed": 1}


def test_a_probe_that_is_answered_wrongly_blames_nobody():
    """The answer to a harmless request must answer it."""
    desk = Counted(Picky(MARK))
    desk.customers(*names_of(1, {0}))
    talk = desk.log_in()
    talk.receive(*talk.process(talk.send()))
    talk.send()

    assert talk.receive("<QBXML><QBXMLMsgsRs/></QBXML>") == -1
    assert "harmless" in talk.error()
    assert desk.states() == {"waiting": 1}


def test_a_failed_job_that_is_put_right_goes_through():
    """The operator repairs QuickBooks, and the job is tried again."""
    desk = Counted(Picky(MARK))
    desk.customers(*names_of(3, {1}))
    desk.play()
    (failed,) = desk.outbox.list(state="failed").items
    desk.company.refused = ()
    desk.outbox.retry(failed.id)
    desk.play()

    assert desk.states() == {"done": 3}


def test_a_set_of_reads_is_searched_like_a_set_of_writes():
    """Read-only jobs have no message set id; one of them breaks the document."""
    desk = Counted(Picky(MARK))
    query = "<CustomerQueryRq><FullName>{}</FullName></CustomerQueryRq>"
    desk.outbox.put_jobs([raw_job(name, query.format(name)) for name in names_of(8, {5})])
    desk.play()

    assert desk.states() == {"done": 7, "failed": 1}
    assert desk.after <= bound(8)
    assert not any("MessageSetID" in document for document in desk.sent if "CustomerQueryRq" in document)
