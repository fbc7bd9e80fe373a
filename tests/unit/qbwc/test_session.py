"""The table of a session: every state against every event, and the stored form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbsync.qbwc.session import CALL_EVENTS, OVER, TABLE, Decision, Event, Session, State, Step, step

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(seconds=7)

D, S = Decision, State


def session(state=State.OPEN, **changes):
    """Return a session in *state*."""
    return Session(company="Shop", account="shop", state=state, opened_at=AT, called_at=AT, **changes)


#: What the guide and the host checklist ask for, written down a second time: state x call.
EXPECTED = {
    S.OPEN: {
        Event.SEND: (D.BEGIN, S.READY),
        Event.RECEIVE: (D.REFUSE, S.FAILED),
        Event.GET_LAST_ERROR: (D.TELL, S.OPEN),
        Event.CLOSE: (D.FAREWELL, S.CLOSED),
    },
    S.READY: {
        Event.SEND: (D.NEXT, S.READY),
        Event.RECEIVE: (D.REFUSE, S.FAILED),
        Event.RECEIVE_AGAIN: (D.REPLAY, S.READY),
        Event.CONNECTION_ERROR: (D.STOP, S.FAILED),
        Event.GET_LAST_ERROR: (D.TELL, S.READY),
        Event.CLOSE: (D.FAREWELL, S.CLOSED),
    },
    S.AWAITING: {
        Event.SEND: (D.REPEAT, S.AWAITING),
        Event.RECEIVE: (D.RECORD, S.AWAITING),
        Event.RECEIVE_AGAIN: (D.REPLAY, S.AWAITING),
        Event.CONNECTION_ERROR: (D.STOP, S.FAILED),
        Event.GET_LAST_ERROR: (D.TELL, S.AWAITING),
        Event.CLOSE: (D.FAREWELL, S.CLOSED),
    },
    **{
        state: {
            Event.SEND: (D.NOTHING, state),
            Event.RECEIVE: (D.RECORD_LATE, state),
            Event.RECEIVE_AGAIN: (D.REPLAY, state),
            Event.CONNECTION_ERROR: (D.STOP, state),
            Event.GET_LAST_ERROR: (D.TELL, state),
            Event.CLOSE: (D.FAREWELL, S.CLOSED),
        }
        for state in (S.FAILED, S.SUPERSEDED, S.CLOSED)
    },
}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_pair_is_a_step_or_refused(state, event):
    """A pair in the table leads where it says; any other raises and names both."""
    cell = TABLE[state].get(event)
    if cell is None:
        with pytest.raises(ValueError, match=f"{state} cannot see {event}"):
            step(session(state), event, LATER)
        return
    after, decision = step(session(state, error="kept"), event, LATER)

    assert (decision, after.state) == (cell.decision, cell.state)
    assert after.error == "kept"


@pytest.mark.parametrize("state", State)
def test_every_call_is_known_in_every_state(state):
    """The Web Connector gets a reply whatever it calls."""
    assert set(TABLE[state]) >= CALL_EVENTS


@pytest.mark.parametrize(
    ("state", "event"), [(state, event) for state, row in EXPECTED.items() for event in row]
)
def test_calls_do_what_the_guide_asks(state, event):
    """The table says what is written down here a second time."""
    assert TABLE[state][event] == Step(*EXPECTED[state][event])


@pytest.mark.parametrize("state", sorted(OVER))
@pytest.mark.parametrize("event", Event)
def test_no_way_leads_back_from_the_end(state, event):
    """A session that is over hands nothing out any more, whatever comes."""
    cell = TABLE[state].get(event)

    assert cell is None or cell.state in OVER
    assert cell is None or cell.decision not in {D.BEGIN, D.NEXT, D.REPEAT, D.RECORD}


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_and_can_be_left_or_ended(state):
    """From OPEN every state is reached, and closing ends each of them."""
    reached, todo = {State.OPEN}, [State.OPEN]
    while todo:
        new = {cell.state for cell in TABLE[todo.pop()].values()} - reached
        reached |= new
        todo += sorted(new)

    assert state in reached
    assert TABLE[state][Event.CLOSE].state is State.CLOSED


@pytest.mark.parametrize("state", State)
def test_closing_twice_is_closing_once(state):
    """A second closeConnection changes nothing."""
    once, _ = step(session(state), Event.CLOSE, LATER)
    twice, decision = step(once, Event.CLOSE, LATER)

    assert twice == once
    assert decision is Decision.FAREWELL


def test_only_calls_count_as_contact():
    """The moment of the last call is what idleness is counted from."""
    called, _ = step(session(State.READY), Event.SEND, LATER)
    noted, _ = step(session(State.READY), Event.HANDED_OUT, LATER)

    assert called.called_at == LATER
    assert noted.called_at == AT


def test_a_step_leaves_the_state_before_as_it_was():
    """States are values."""
    before = session()
    step(before, Event.SEND, LATER)

    assert before == session()


words = st.text(max_size=20)
groups = st.lists(st.lists(words, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)
sessions = st.builds(
    Session,
    company=words,
    account=words,
    state=st.sampled_from(State),
    opened_at=st.datetimes(timezones=st.just(UTC)),
    called_at=st.datetimes(timezones=st.just(UTC)),
    version=st.sampled_from(["1.0", "13.0", "16.0"]),
    edition=st.sampled_from(["US", "CA", "UK", "AU"]),
    batch=st.none() | words,
    checking=st.booleans(),
    digest=st.none() | words,
    reply=st.integers(-1, 100),
    named=st.booleans(),
    error=words,
    failures=st.integers(0, 9),
    met=st.lists(words, max_size=3).map(tuple),
    suspects=groups,
    accepted=st.lists(words, max_size=3).map(tuple),
    probe=st.none() | words,
    ended=st.integers(0, 10**6),
)


@given(sessions)
def test_what_is_stored_is_read_back(one):
    """Another process goes on where this one stopped: nothing is lost in the stored form."""
    assert Session.from_json(one.to_json()) == one


def test_the_stored_form_has_a_format_number():
    """A later release can tell what it reads."""
    assert b'"format":1' in session().to_json()
