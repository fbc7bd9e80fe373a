"""A conversation call by call, against a service in this process: what a test says happens, and nothing else.

Time is the company file's clock, which moves only when QuickBooks works or a test lets it pass.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from qbsync import Outbox, Service
from qbsync.handlers import Done, Doubt, Fail, LookUp, Send
from qbsync.jobs import NewJob, Outcome, State
from qbsync.models import CustomerAdd, CustomerAddRq, InvoiceAdd, InvoiceAddRq, InvoiceLineAdd, Ref
from qbsync.service.batches import KIND, Batch
from qbsync.store.memory import MemoryStore
from qbsync.testing import Company
from qbsync.testing.company import QuickBooksError

SHOP = "Shop"
UNREADABLE = "0x80040400"


class Anyone:
    """Lets everybody in; the user's name is the company's."""

    def authenticate(self, user_name, _password):
        return user_name


def customer_add(name):
    """Return the bytes of a request that adds a customer."""
    return f"<CustomerAddRq><CustomerAdd><Name>{name}</Name></CustomerAdd></CustomerAddRq>"


class Picky(Company):
    """A QuickBooks that cannot read a document in which one of some texts stands.

    So it is with what no rule known here tells: characters, elements of another version, damage.
    """

    def __init__(self, *refused, **switches):
        super().__init__(**switches)
        self.refused = refused

    def process(self, document):
        if any(text in document for text in self.refused):
            raise QuickBooksError(UNREADABLE, "QuickBooks found an error when parsing the XML text stream.")
        return super().process(document)


def raw(*requests, on_error="continueOnError"):
    """Return a payload as the outbox would write it, of requests that nobody checked."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><?qbxml version="13.0"?>'
        f'<QBXML><QBXMLMsgsRq onError="{on_error}">{"".join(requests)}</QBXMLMsgsRq></QBXML>'
    ).encode()


def raw_job(key, *requests, **fields):
    """Return a job of raw requests that nobody checked."""
    return NewJob(company=SHOP, kind="requests", key=key, payload=raw(*requests), **fields)


def invoice(number, customer="Ann Lee", **fields):
    """Return a typed request for an invoice of one line."""
    return InvoiceAddRq(
        invoice_add=InvoiceAdd(
            customer_ref=Ref(full_name=customer),
            txn_date=date(2026, 11, 20),
            ref_number=number,
            lines=(
                InvoiceLineAdd(item_ref=Ref(full_name="Tea"), quantity=Decimal(1), amount=Decimal("5.00")),
            ),
            **fields,
        )
    )


class Desk:
    """A store, a service on it, a company file, and the outbox of the company.

    Args:
        company: the company file; its clock is the store's.
        store: a store with that clock; in memory without it.
        handlers: as for the service.
        options: more for the service.
    """

    def __init__(self, company=None, store=None, handlers=(), **options):
        self.company = company if company is not None else Company()
        self.store = store if store is not None else MemoryStore(clock=lambda: self.company.now)
        self.service = Service(
            store=self.store,
            handlers=handlers,
            **{"authenticator": Anyone(), "busy": timedelta(0), **options},
        )
        self.outbox = Outbox(self.store, company=SHOP)

    def furnish(self):
        """Put a customer and an item into the company file, for invoices."""
        self.company.begin_session("Shop Sync")
        self.company.process(
            raw(
                customer_add("Ann Lee"),
                "<ItemNonInventoryAddRq><ItemNonInventoryAdd><Name>Tea</Name><SalesOrPurchase>"
                "<AccountRef><FullName>Sales</FullName></AccountRef>"
                "</SalesOrPurchase></ItemNonInventoryAdd></ItemNonInventoryAddRq>",
            ).decode()
        )
        return self

    def customers(self, *names):
        """Put a job for each of *names* that adds a customer; return the ids."""
        puts = self.outbox.put_jobs([raw_job(f"add {name}", customer_add(name)) for name in names])
        return [put.job_id for put in puts]

    def job(self, job_id):
        """Return a job."""
        return self.outbox.get(job_id)

    def states(self):
        """Return how many jobs are in each state, without states that none is in."""
        return {str(state): count for state, count in self.outbox.counts().items() if count}

    def batches(self):
        """Return all stored batches, oldest first."""
        with self.store.begin() as t:
            return [Batch.from_record(one) for one in t.records.page(SHOP, KIND, limit=1000).items]

    def set_of(self, job_id):
        """Return the batch that a job went out in last."""
        return next(batch for batch in reversed(self.batches()) if job_id in batch.job_ids)

    def wait(self, seconds):
        """Let time pass."""
        self.company.wait(seconds)

    def log_in(self):
        """Return a talk: a session that has begun, its first document not yet asked for."""
        ticket, word = self.service.authenticate(SHOP, "")
        assert word == "", f"expected work, got {word!r}"
        return Talk(self, ticket)

    def word(self):
        """Return the word that a login gets."""
        return self.service.authenticate(SHOP, "")[1]

    def run(self, *, sessions=20):
        """Run undisturbed sessions until there is no work; return how many round trips that took."""
        trips = 0
        for _ in range(sessions):
            ticket, word = self.service.authenticate(SHOP, "")
            if word == "none":
                return trips
            trips += Talk(self, ticket).run()
            self.wait(60)
        raise AssertionError(f"work is left after {sessions} sessions: {self.states()}")

    def settled(self, *job_ids):
        """Return the states of jobs, as words."""
        return [str(self.job(one).state) for one in job_ids]

    def is_done(self):
        """Return whether every job is done."""
        with self.store.begin() as t:
            return all(job.state is State.DONE for job in t.jobs.page(company=SHOP, limit=1000).items)


class Talk:
    """One session, call by call."""

    def __init__(self, desk, ticket):
        self.desk = desk
        self.ticket = ticket
        self.said = False
        desk.company.begin_session("Shop Sync")

    def send(self, **values):
        """Ask for a document; the first call brings what QuickBooks says of itself."""
        company = self.desk.company
        if not self.said:
            values.setdefault("hcp_response", company.host_answer())
            self.said = True
        values.setdefault("company_file_name", company.file)
        major, minor = company.version
        return self.desk.service.send_request_xml(
            self.ticket, country=company.country, major=major, minor=minor, **values
        )

    def receive(self, response="", hresult="", message=""):
        """Bring an answer; return the number."""
        return self.desk.service.receive_response_xml(self.ticket, response, hresult, message)

    def error(self):
        """Ask for the last error."""
        return self.desk.service.get_last_error(self.ticket)

    def close(self):
        """End the session."""
        return self.desk.service.close_connection(self.ticket)

    def process(self, document):
        """Let QuickBooks run a document; return its answer, or result and text of the call."""
        try:
            return self.desk.company.process(document), "", ""
        except QuickBooksError as error:
            return "", error.hresult, error.message

    def trip(self):
        """Make one round trip; return document and number, ``("", None)`` when there is none."""
        document = self.send()
        if not document:
            return "", None
        return document, self.receive(*self.process(document))

    def run(self):
        """Go on until the service says that this is all; return how many round trips that took."""
        trips = 0
        while True:
            document, number = self.trip()
            trips += bool(document)
            if number is None or number < 0:
                assert self.error(), "a session stops with a reason"
                break
            if number == 100:
                break
            assert trips < 500, "a session comes to an end"
        self.close()
        return trips


def without(response, request_id):
    """Return a response document without the answer to one request."""
    pattern = rf'<(\w+Rs) requestID="{re.escape(request_id)}"(?:[^>]*/>|.*?</\1>)\n?'
    shorter, count = re.subn(pattern, "", response, flags=re.DOTALL)
    assert count == 1, f"expected one answer to {request_id}, found {count}"
    return shorter


def doubled(response, request_id):
    """Return a response document that answers one request twice."""
    pattern = rf'<(\w+Rs) requestID="{re.escape(request_id)}"(?:[^>]*/>|.*?</\1>)\n?'
    twice, count = re.subn(pattern, lambda found: found[0] * 2, response, flags=re.DOTALL)
    assert count == 1, f"expected one answer to {request_id}, found {count}"
    return twice


class Scripted:
    """A handler of jobs of kind ``scripted``; each method is what a test gives, or adds one customer.

    The job's payload is the customer's name. What is given gets what the method gets.
    """

    kind = "scripted"

    def __init__(self, *, look_up=None, decide=None, settle=None, done=None):
        self._look_up, self._decide, self._settle, self._done = look_up, decide, settle, done
        self.told = []

    @staticmethod
    def question(job):
        """Return the look-up that shows whether the customer is there."""
        return LookUp("CustomerQueryRq", by="full_name", keys=(job.payload.decode(),), proof=True)

    @staticmethod
    def request(job):
        """Return the request that adds the customer."""
        return CustomerAddRq(customer_add=CustomerAdd(name=job.payload.decode()))

    def look_up(self, job, context):
        if self._look_up is not None:
            return self._look_up(job, context)
        return (self.question(job),)

    def decide(self, job, answers, context):
        if self._decide is not None:
            return self._decide(job, answers, context)
        if answers.rets(self.question(job)):
            return Done(Outcome(label="there"))
        if not answers.absent(self.question(job), job.payload.decode()):
            return Doubt("it cannot be told")
        return Send((self.request(job),))

    def settle(self, job, memo, replies, context):
        if self._settle is not None:
            return self._settle(job, memo, replies, context)
        reply = replies[0]
        if reply.applied is None:
            return Doubt("no answer came for it")
        return Done(Outcome(label="made", ids=dict(reply.ids))) if reply.applied else Fail("refused")

    def done(self, job):
        self.told.append(job.key)
        if self._done is not None:
            self._done(job)


def scripted(*names):
    """Return jobs for :class:`Scripted`, one for each name."""
    return [NewJob(company=SHOP, kind="scripted", key=name, payload=name.encode()) for name in names]
