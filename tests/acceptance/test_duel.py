"""Two Web Connectors of one company at once, in every order that a seed draws.

QuickBooks runs one set after another in the order of their arrival, whoever brought them; with recovery a set
may also be overtaken on its way. Each Web Connector may be killed at any moment, also while QuickBooks still
runs its set, and then logs in anew. The rules: the company belongs to whoever asked for a document first
after logging in last; the other one gets nothing more and is told why; nothing is done twice.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from datetime import timedelta

import pytest
from talking import SHOP, Desk, Talk, customer_add, invoice, raw_job

from qbsync.testing import Company

BUSY = timedelta(seconds=2)
RECOVERY = ("on", "off", "forgetful")
TAKEN_OVER = "another Web Connector session of this company has begun"


class QuickBooks:
    """Runs what arrives, one after the other."""

    def __init__(self, company, drawn):
        self.company, self.drawn = company, drawn
        self.queue = deque()

    def arrives(self, talk, document):
        """Take a document; with recovery it may overtake the one before."""
        work = {"talk": talk, "document": document, "answer": None}
        overtakes = self.company.switches.recovery == "on" and self.drawn.random() < 0.2
        if overtakes and self.queue:
            self.queue.insert(len(self.queue) - 1, work)
        else:
            self.queue.append(work)
        return work

    def runs(self):
        """Finish the set that stands first."""
        if self.queue:
            work = self.queue.popleft()
            work["answer"] = work["talk"].process(work["document"])


class Fighter:
    """One Web Connector, one call at a time."""

    def __init__(self, ring):
        self.ring = ring
        self.talk = self.work = None
        self.began = False

    @property
    def is_loser(self):
        """Whether another one has taken the company since this one's session began."""
        return self.began and self.ring.owner is not self

    def acts(self):
        """Make the next call, if QuickBooks is done with what was given to it."""
        if self.talk is None:
            self.logs_in()
        elif self.work is None:
            self.asks()
        elif self.work["answer"] is not None:
            self.answers()

    def is_killed(self):
        """Be gone without a word; what QuickBooks runs, it goes on running."""
        self.talk = self.work = None
        self.began = False

    def logs_in(self):
        ticket, word = self.ring.desk.service.authenticate(SHOP, "")
        self.ring.told[f"login {word!r}"] += 1
        assert word in {"", "busy", "none"}
        if word == "":
            self.talk = Talk(self.ring.desk, ticket)

    def asks(self):
        loser = self.is_loser
        document = self.talk.send()
        if not self.began:
            self.began, self.ring.owner = True, self
        if loser:
            assert document == ""
        if document == "":
            self.ends(loser=loser)
        else:
            self.ring.handed_out[document] += 1
            self.work = self.ring.quickbooks.arrives(self.talk, document)

    def answers(self):
        loser = self.is_loser
        number = self.talk.receive(*self.work["answer"])
        self.work = None
        assert -1 <= number <= 100
        if loser:
            assert number < 0
        if number < 0:
            self.ends(loser=loser)
        elif number == 100:
            self.ends(loser=False)

    def ends(self, *, loser):
        reason = self.talk.error()
        if loser:
            assert TAKEN_OVER in reason
            self.ring.told["loser"] += 1
        assert reason
        self.talk.close()
        self.is_killed()


class Ring:
    """Two Web Connectors, one QuickBooks, one service."""

    def __init__(self, seed):
        self.drawn = random.Random(seed)
        self.desk = Desk(Company(recovery=RECOVERY[seed % 3]), busy=BUSY).furnish()
        self.quickbooks = QuickBooks(self.desk.company, self.drawn)
        self.owner = None
        self.told, self.handed_out = Counter(), Counter()
        self.ids = [self.desk.outbox.put(invoice(f"N{n}"), key=f"n{n}").job_id for n in range(8)]
        self.ids += [
            put.job_id
            for put in self.desk.outbox.put_jobs([raw_job(f"c{n}", customer_add(f"C{n}")) for n in range(8)])
        ]

    def fight(self, steps=60):
        """Let chance decide who does what; then let everything come to an end."""
        fighters = (Fighter(self), Fighter(self))
        for _ in range(steps):
            one = self.drawn.choice(fighters)
            what = self.drawn.random()
            if what < 0.08:
                one.is_killed()
            elif what < 0.4:
                self.quickbooks.runs()
            else:
                one.acts()
            self.desk.wait(self.drawn.choice((0, 0.5, 1, 3, 60)))
        while self.quickbooks.queue:
            self.quickbooks.runs()
        self.desk.wait(60)
        self.desk.run()
        return self

    def judge(self):
        """Everything is in the books once, and every job is done, or waits for a person."""
        numbers = Counter(one.ref_number for one in self.desk.company.invoices)
        names = Counter(one.full_name for one in self.desk.company.customers)
        states = Counter(self.desk.settled(*self.ids))

        assert numbers == {f"N{n}": 1 for n in range(8)} or set(states) > {"done"}
        assert max(numbers.values(), default=0) <= 1
        assert set(names.values()) <= {1}
        assert set(states) <= {"done", "in_doubt"}
        return states


def duel(seed):
    """Fight with *seed* and judge; return what was told and the states of all jobs."""
    ring = Ring(seed)
    try:
        return ring.fight().told, ring.judge()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}, recovery {RECOVERY[seed % 3]}: {error}") from error


def duels(seeds, record_property):
    """Fight with all *seeds*; record what happened, and see that it was a fight at all."""
    told, states = Counter(), Counter()
    for seed in seeds:
        one, ended = duel(seed)
        told += one
        states += ended
    lines = [f"{len(seeds)} duels: jobs {dict(states)}"]
    lines += [f"  {what}: {count}" for what, count in sorted(told.items())]
    record_property("outcome table", "\n".join(lines))

    assert told["loser"] > len(seeds) / 4
    assert told["login 'busy'"] > 0
    return states


def test_fifty_duels(record_property):
    """Nothing is doubled, the loser is told why."""
    duels(range(50), record_property)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_a_thousand_duels(record_property):
    """The same, a thousand times."""
    duels(range(1000), record_property)


def test_a_second_login_is_busy_while_the_first_one_is_lively():
    """No answer is awaited and the last call was a moment ago; a little later the company is free."""
    desk = Desk(busy=BUSY)
    desk.customers("A", "B")
    talk = desk.log_in()
    document = talk.send()
    desk.outbox.put_jobs([raw_job("more", customer_add("C"))])
    talk.receive(*talk.process(document))

    assert desk.word() == "busy"

    desk.wait(3)

    assert desk.word() == ""


def test_a_candidate_takes_nothing_from_the_first_one():
    """A login alone changes nothing: only the first request for a document does."""
    desk = Desk()
    desk.customers("A")
    first = desk.log_in()
    document = first.send()
    second = desk.log_in()

    assert first.send() == document
    assert first.receive(*first.process(document)) == 100
    assert second.send() == ""
    assert "nothing is left" in second.error()


def test_the_answer_of_the_first_one_counts_while_the_second_one_asks():
    """QuickBooks was still running the set; its answer settles it, and the first one is told to stop."""
    desk = Desk(Company(recovery="off")).furnish()
    put = desk.outbox.put(invoice("N1"), key="n1")
    first = desk.log_in()
    answer = first.process(first.send())
    second = desk.log_in()
    question = second.send()

    assert first.receive(*answer) == -1
    assert TAKEN_OVER in first.error()
    assert first.send() == ""
    assert desk.settled(put.job_id) == ["done"]
    assert second.receive(*second.process(question)) == 100
    assert len(desk.company.invoices) == 1
