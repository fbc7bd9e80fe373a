"""One conversation, played through every mount in real servers with several workers, and in process.

Every reply is compared as the Web Connector's client reads it, tickets and message set ids made equal.
Any call may land on any worker; between any two calls all workers may be killed and started anew.
"""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from servers import serving

from qbsync import Outbox, Service, State
from qbsync.auth import add_account
from qbsync.cli._stores import open_store
from qbsync.models import CustomerAdd, CustomerAddRq, CustomerQueryRq
from qbsync.testing import Company, WebConnector

PASSWORD = "a password <of> six & more"
COMPANY = "Café"
REQUESTS = 12

HOSTS = [
    ("waitress", "wsgi"),
    ("gunicorn", "wsgi"),
    ("gunicorn", "flask"),
    ("gunicorn", "django_wsgi"),
    ("uvicorn", "asgi"),
    ("uvicorn", "fastapi"),
    ("uvicorn", "django_asgi"),
]


def put_work(store_text):
    """Make the account, and jobs whose texts need every kind of care."""
    with closing(open_store(store_text)) as store:
        add_account(store, "shop", company=COMPANY, password=PASSWORD)
        outbox = Outbox(store, company=COMPANY)
        for number in range(REQUESTS - 1):
            add = CustomerAdd(name=f'Müller & "Söhne" <{number}>')
            outbox.put(CustomerAddRq(customer_add=add), key=f"customer:{number}")
        outbox.put(CustomerQueryRq(), key="all customers")


def played(endpoint, *, before_call=None):
    """Run sessions until there is no work; return what came of each call."""
    replies = []

    def on_step(step):
        if step.phase == "after" and step.call != "ProcessRequest":
            replies.append((step.call, plain(step.result)))
        if step.phase == "before" and step.call != "ProcessRequest" and before_call:
            before_call()

    connector = WebConnector(
        endpoint, company=Company(), user_name="shop", password=PASSWORD, on_step=on_step, timeout=60
    )
    try:
        ended = [connector.run_session().end, connector.run_session().end]
    finally:
        connector.close()
    return replies, [str(end) for end in ended]


def plain(result):
    """Return a result without what is random: tickets, ids of message sets, times."""
    if isinstance(result, list):
        return ["TICKET", *result[1:]]
    if isinstance(result, str):
        return re.sub(r'(MessageSetID|requestID)="[^"]*"', r'\1="ID"', result)
    return result


def states(store_text):
    """Return how many jobs ended how."""
    with closing(open_store(store_text)) as store:
        jobs = Outbox(store, company=COMPANY).list().items
        return [job.state for job in jobs]


@pytest.fixture(scope="module")
def in_process(tmp_path_factory):
    """The same conversation without any server."""
    path = str(tmp_path_factory.mktemp("reference") / "store")
    put_work(path)
    with closing(open_store(path)) as store:
        return played(Service(store=store))


def test_the_conversation_is_worth_playing(in_process):
    """Both kinds of end, several rounds, and more than ASCII on the wire."""
    replies, ended = in_process
    calls = [call for call, _ in replies]

    assert ended == ["completed", "no work"]
    assert calls.count("sendRequestXML") >= 2
    assert calls.count("closeConnection") >= 1
    assert any("M&#252;ller" in reply for _, reply in replies if isinstance(reply, str))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("server", "host"), HOSTS)
def test_every_mount_gives_the_same_answers(in_process, store_text, server, host):
    """Real frameworks, real HTTP, several processes that share nothing but the store."""
    put_work(store_text)
    with serving(server, host, store_text) as running:
        result = played(running.url)

    assert result == in_process
    assert states(store_text) == [State.DONE] * REQUESTS


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("server", "host"), [("gunicorn", "wsgi"), ("uvicorn", "asgi")])
def test_killing_all_workers_between_any_two_calls_changes_nothing(in_process, store_text, server, host):
    """Before each call of the whole conversation."""
    put_work(store_text)
    with serving(server, host, store_text) as running:
        result = played(running.url, before_call=running.restart)

    assert result == in_process
    assert states(store_text) == [State.DONE] * REQUESTS
