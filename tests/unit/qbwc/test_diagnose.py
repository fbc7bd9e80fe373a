"""Reading a Web Connector's log: sessions told, causes named, "Authentication failed" told apart.

Logs come from the simulated Web Connector, which shares no code with the reader; wordings of the .NET client
and of real logs are put in by hand.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbsync import Outbox, Service
from qbsync.auth import add_account
from qbsync.models import CustomerAdd, CustomerAddRq
from qbsync.qbwc._codes import CODES
from qbsync.qbwc.diagnose import Who, diagnose
from qbsync.store.memory import MemoryStore
from qbsync.testing import Company, WebConnector

# The host of a few lines stands beside the tests of the simulator.
sys.path.insert(0, str(Path(__file__).parents[1] / "testing"))

from sim_host import ADD, Host, connect

PLACE = "QBWebConnector.SOAPWebService"


def told(log):
    """Return the stories in a log given as text."""
    return diagnose(log.splitlines(keepends=True))


def line(at, text, place="do_x"):
    return f"20261103.{at} UTC\t: {PLACE}.{place}() : {text}\n"


def failed(call, code, text, *, seconds=1):
    """Return the log of a session in which *call* fails."""
    return (
        line("10:00:00", "*** Calling serverVersion().")
        + line(
            "10:00:00", '*** Calling clientVersion() with following parameters:<productVersion="2.3.0.207">'
        )
        + line(
            "10:00:01",
            '*** Calling authenticate() with following parameters:<userName="shop"><password=<Masked>',
        )
        + (line("10:00:02", f"*** Calling {call}().") if call != "authenticate" else "")
        + line(
            f"10:{(1 + seconds) // 60:02}:{(1 + seconds) % 60:02}",
            f"QBWC{code}: {call} failed.\n{text}\nStackTrace =\n at x",
        )
    )


@pytest.fixture
def service():
    store = MemoryStore()
    add_account(store, "shop", company="Shop", password="right")
    Outbox(store, company="Shop").put(CustomerAddRq(customer_add=CustomerAdd(name="A")), key="a")
    return Service(store=store)


@pytest.mark.parametrize("level", ["DEBUG", "VERBOSE"])
def test_the_story_of_a_simulated_day(service, level):
    """Work, nothing to do, a wrong password: three sessions, each with its end."""
    company = Company()
    day = "".join(
        connector.log
        for password in ("right", "right", "wrong")
        for connector in [
            WebConnector(service, company=company, user_name="shop", password=password, log_level=level)
        ]
        if connector.run_session()
    )
    done, nothing, refused = told(day)

    assert done.end == "everything was done"
    assert done.user_name == "shop"
    assert list(done.calls)[:4] == ["serverVersion", "clientVersion", "authenticate", "sendRequestXML"]
    assert done.calls["sendRequestXML"] == done.calls["receiveResponseXML"] >= 1
    assert done.began <= done.ended
    assert nothing.end == "there was nothing to do"
    assert nothing.findings == ()
    assert refused.end == "user name or password were refused"
    assert [(each.code, each.kind, each.who) for each in refused.findings] == [
        ("QBWC1040", "wrong password", Who.PC)
    ]


@pytest.mark.parametrize(
    ("text", "kind", "who"),
    [
        ("The operation has timed out", "time-out", Who.HOST),
        ("The underlying connection was closed: An unexpected error occurred on a send.", "TLS", Who.PC),
        ("Could not create SSL/TLS secure channel.", "TLS", Who.PC),
        (
            "Could not establish trust relationship for the SSL/TLS secure channel.",
            "certificate",
            Who.HOST,
        ),
        (
            "The underlying connection was closed: The connection was closed unexpectedly.",
            "cut connection",
            Who.HOST,
        ),
        ("The remote name could not be resolved: 'shop.example'", "DNS", Who.PC),
        ("Unable to connect to the remote server", "unreachable", Who.HOST),
        ("The request failed with HTTP status 502: Bad Gateway.", "HTTP status", Who.HOST),
        (
            "Client found response content type of 'text/html', but expected 'text/xml'.",
            "bad reply",
            Who.HOST,
        ),
        ("The request failed with HTTP status 504: Gateway Timeout.", "HTTP status", Who.HOST),
        ("Server was unable to process request. ---> Timeout expired.", "fault", Who.HOST),
        ("Response is not well-formed XML.", "bad reply", Who.HOST),
        ("Object reference not set to an instance of an object.", "bad reply", Who.HOST),
        ("Index was outside the bounds of the array.", "bad reply", Who.HOST),
        ("Server was unable to process request. ---> boom", "fault", Who.HOST),
    ],
)
@pytest.mark.parametrize(("call", "code"), [("authenticate", 1012), ("sendRequestXML", 1041)])
def test_what_lies_behind_a_failed_call(call, code, text, kind, who):
    """For "Authentication failed" none of these is a wrong password."""
    (story,) = told(failed(call, code, text))
    (finding,) = story.findings

    assert (finding.code, finding.kind, finding.who) == (f"QBWC{code}", kind, who)
    assert finding.remedy
    assert story.end == f"stopped by QBWC{code} ({kind})"
    assert text.split("'")[0] in finding.said


def test_a_stack_trace_says_nothing_of_the_cause():
    """Its lines name classes such as TlsStream whatever went wrong."""
    text = "Quelque chose\nStackTrace = at System.Net.TlsStream.EndWrite() at System.Timeout()"

    assert told(failed("authenticate", 1012, text))[0].findings[0].kind == ""


def test_silence_of_a_hundred_seconds_is_a_time_out_whatever_the_words():
    """The words may be in the language of that Windows."""
    (slow,) = told(failed("authenticate", 1012, "Le délai est dépassé", seconds=100))
    (quick,) = told(failed("authenticate", 1012, "Le délai est dépassé", seconds=3))

    assert slow.findings[0].kind == "time-out"
    assert quick.findings[0].kind == ""
    assert "says nothing about the password" in quick.findings[0].cause


def test_a_result_of_quickbooks_is_explained_with_who_must_act():
    """In any case of its digits, once a session."""
    log = failed("connectionError", 1013, "Error: 0x80040408 Could not start QuickBooks.") + line(
        "10:00:09", "again 0X80040408 and 0x80040400"
    )
    (story,) = told(log)
    found = {each.code: each for each in story.findings}

    assert list(found) == ["QBWC1013", "0x80040408", "0x80040400"]
    assert found["0x80040400"].who is Who.HOST
    assert found["QBWC1013"].who is Who.PC


def test_the_text_of_the_service_is_shown():
    """What getLastError said ends the session."""
    log = failed("sendRequestXML", 1031, "x").replace("QBWC1031: ", "") + line(
        "10:00:05",
        "Error message received from application via getLastError(): wrong company file",
        "do_getLastError",
    )
    (story,) = told(log)

    assert story.end == "stopped by the service"
    assert story.findings[0].cause.endswith("wrong company file")


def test_the_answer_nvu_is_a_wrong_password_without_any_code():
    """Some versions log the answer only."""
    log = line("10:00:00", "*** Calling authenticate()") + line(
        "10:00:01", '<authRet[0]="t"><authRet[1]="NVU">'
    )
    (story,) = told(log)

    assert story.end == "user name or password were refused"
    assert [(each.code, each.kind) for each in story.findings] == [("QBWC1040", "wrong password")]


def test_a_lock_left_behind_is_named():
    """Another machine holds the company file."""
    (story,) = told(line("10:00:00", "Update aborted. The company file is locked by another client."))

    assert story.findings[0].code == "AppLock"
    assert story.findings[0].who is Who.PC
    assert story.end == "the company file was locked by another Web Connector"


def simulated(level, **answers):
    """Return the one story of a session with a host that answers so."""
    connector = connect(Host(**answers), Company(), log_level=level)
    connector.run_session()
    (story,) = told(connector.log)
    return story


@pytest.mark.parametrize("level", ["DEBUG", "VERBOSE"])
def test_a_pause_is_not_the_end_of_a_session(level):
    """After NoOp the session goes on; the place ``do_getLastError() :`` is no text of the service."""
    story = simulated(level, sendRequestXML=["", ADD], getLastError=["NoOp"])

    assert story.calls["getLastError"] == 1
    assert (story.findings, story.end) == ((), "everything was done")


@pytest.mark.parametrize("level", ["DEBUG", "VERBOSE"])
def test_the_text_of_the_service_is_the_answer_to_get_last_error(level):
    """Not the call that asks for it."""
    story = simulated(level, receiveResponseXML=[-1], getLastError=["wrong company file"])

    assert [(each.code, each.cause) for each in story.findings] == [
        ("getLastError", "the service stopped the session: wrong company file")
    ]
    assert story.end == "stopped by the service"


@pytest.mark.parametrize("level", ["DEBUG", "VERBOSE"])
def test_what_stands_in_a_payload_is_no_finding(level):
    """A customer may be called like a code."""
    story = simulated(level, sendRequestXML=[ADD.replace("Ann Lee", "QBWC1012 0x80040408 timed out")])

    assert (story.findings, story.end) == ((), "everything was done")


def test_an_error_told_of_a_call_is_no_payload():
    """Not every line that names a call shows its values."""
    log = line("10:00:00", "*** Calling authenticate()") + line(
        "10:00:01", "Error while calling authenticate(). QBWC1012: timed out\n0x80040408 as well"
    )
    (story,) = told(log)

    assert [each.code for each in story.findings] == ["QBWC1012", "0x80040408"]


def test_a_payload_makes_no_call_and_no_name():
    """People write anything into notes."""
    notes = "Calling Bob (mobile), AppName: Evil, Update session unlocked, received from closeConnection()"
    story = simulated("VERBOSE", sendRequestXML=[ADD.replace("</Name>", f"</Name><Notes>{notes}</Notes>")])

    assert set(story.calls) == {
        "serverVersion", "clientVersion", "authenticate", "sendRequestXML", "receiveResponseXML",
        "closeConnection",
    }  # fmt: skip
    assert (story.application, story.end) == ("Shop Sync", "everything was done")


def test_the_result_among_the_values_of_a_call_is_a_finding():
    """Some versions log what QuickBooks said only where it is handed over."""
    log = line("10:00:00", "*** Calling authenticate()") + line(
        "10:00:01",
        '*** Calling receiveResponseXML() with following parameters:<response=""><hresult="0x80040400">'
        '<message="QuickBooks found an error">',
    )
    (story,) = told(log)

    assert [each.code for each in story.findings] == ["0x80040400"]


@pytest.mark.parametrize("word", ["", "none", "busy"])
def test_a_postponed_session_says_so(word):
    """Postponing hides the reason."""
    assert simulated("DEBUG", authenticate=[["t", word, "60"]]).end == "the service asked to come again"


def test_quickbooks_that_cannot_be_opened_ends_a_session():
    """The first try has a code, connectionError tells the rest."""
    log = (
        line("10:00:00", "*** Calling authenticate()")
        + line("10:00:09", "QBWC1007: Error connecting to QuickBooks. Error=0x80040408")
        + line("10:00:10", '*** Calling connectionError() with following parameters:<hresult="0x80040408">')
        + line("10:00:11", "*** Calling closeConnection()")
    )
    (story,) = told(log)

    assert story.end == "QuickBooks could not be opened"
    assert [each.code for each in story.findings] == ["QBWC1007", "0x80040408"]


def test_what_announces_an_update_belongs_to_it():
    """An application is named and the lock looked at before the lock is taken."""
    first = line("09:00:00", "*** Calling serverVersion()") + line("09:00:01", "setUpdateLock() : FALSE")
    second = line("10:00:00", "updateWS() for application = 'Shop' has STARTED") + line(
        "10:00:01", "*** Calling serverVersion()"
    )
    before, after = told(first + second)

    assert (before.ended.hour, after.began.hour, after.began.minute) == (9, 10, 0)


def test_a_second_try_that_connects_is_no_end():
    """QBWC1007 offers to try again; QBWC1008 would be the end."""
    log = failed("authenticate", 1007, "QuickBooks is starting").replace("StackTrace", "x") + line(
        "10:00:20", 'Received from receiveResponseXML() following parameters:<receiveResponseXMLRet="100">'
    )
    (story,) = told(log + line("10:00:21", "*** Calling closeConnection()"))

    assert story.end == "everything was done"
    assert [each.code for each in story.findings] == ["QBWC1007"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[Errno 111] Connection refused", "unreachable"),
        ("[Errno -2] Name or service not known", "DNS"),
        ("[Errno 104] Connection reset by peer", "cut connection"),
    ],
)
def test_words_of_the_simulated_client_are_understood(text, kind):
    """It speaks as its operating system does."""
    assert told(failed("authenticate", 1012, text))[0].findings[0].kind == kind


def test_a_session_that_breaks_off_is_told_from_the_next():
    """The Web Connector was killed; the next run begins with serverVersion."""
    first = line("09:00:00", "*** Calling authenticate()") + line("09:00:01", "*** Calling sendRequestXML()")
    broken, done = told(first + failed("sendRequestXML", 1041, "timed out"))

    assert broken.end == "the log breaks off: the Web Connector or Windows was ended"
    assert done.calls["serverVersion"] == 1


def test_two_applications_are_told_apart():
    """What is said of the second before its first call belongs to it."""

    def session(hour, name):
        return (
            line(f"{hour}:00:00", f"AppName: {name}", "instantiateWebService")
            + line(f"{hour}:00:00", "********** Update session locked **********")
            + line(f"{hour}:00:01", "*** Calling serverVersion().")
            + line(f"{hour}:00:02", "*** Calling closeConnection().")
            + line(
                f"{hour}:00:02",
                'Received from closeConnection() following parameters:<closeConnectionRet="OK">',
            )
            + line(f"{hour}:00:03", "********** Update session unlocked **********")
        )

    stories = told(session("08", "Shop Sync") + session("09", "Other"))
    assert [(story.application, story.end) for story in stories] == [
        ("Shop Sync", "closed"),
        ("Other", "closed"),
    ]


def test_payload_lines_that_look_like_stamps_begin_nothing():
    """VERBOSE shows whole documents, and there is no 45th of a month."""
    log = (
        line("10:00:00", 'Received from sendRequestXML():<ret="<?xml?>')
        + "20261145.10:00:00 UTC : x\n<QBXML>\n"
    )
    (story,) = told(log)

    assert story.ended.hour == 10


@pytest.mark.parametrize("text", ["", "\n\n", "no log at all", "\x00\x01", "20261103"])
def test_what_is_no_log_has_no_sessions(text):
    """Nothing is made up."""
    assert told(text) == []


@given(st.text(max_size=400) | st.text(alphabet='0123456789.: UTC\nQBWCx<>"[]', max_size=400))
def test_any_text_is_read(text):
    """Never an exception; each session that is told has an end."""
    assert all(story.end for story in told(text))


@pytest.mark.parametrize("number", sorted(CODES))
def test_each_code_has_cause_actor_and_remedy(number):
    """Whoever reads it knows what to do."""
    code = CODES[number]

    assert code.cause
    assert code.remedy
    assert code.who in Who


def test_every_code_of_the_dossier_is_known(shared):
    """The table of codes in the reference, but for the one that it calls undocumented."""
    text = (shared / "reference" / "qbwc.md").read_text(encoding="utf-8")
    table = text.partition("### 5.1")[2].partition("### 5.2")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| 1")]
    numbers = {int(number) for row in rows for number in re.findall(r"\d{4}", row)}

    assert numbers - {1047} == set(CODES)
