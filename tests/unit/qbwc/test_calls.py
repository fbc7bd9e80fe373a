"""The thirteen calls as values."""

from __future__ import annotations

import pytest
from attrs.exceptions import FrozenInstanceError

from qbsync.qbwc import calls
from qbsync.testing._wire import PARAMETERS


def test_the_thirteen_names_of_the_host_checklist():
    """Item 4: both names of the poll, both of the version."""
    assert list(calls.CALLS) == [
        "serverVersion",
        "getServerVersion",
        "clientVersion",
        "authenticate",
        "sendRequestXML",
        "receiveResponseXML",
        "connectionError",
        "getLastError",
        "closeConnection",
        "getInteractiveURL",
        "interactiveRejected",
        "interactiveDone",
        "isInteractiveDone",
    ]


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_those_that_the_simulated_web_connector_sends(name):
    """In its order; written down there by other people."""
    assert tuple(p.wire for p in calls.parameters(calls.CALLS[name])) == PARAMETERS[name]


@pytest.mark.parametrize("call", calls.CALLS.values())
def test_secrets_are_not_in_a_repr(call):
    """Tickets, passwords and documents do not reach a log by accident."""
    secret = {p.attribute: "secret" for p in calls.parameters(call) if p.type is str}
    shown = repr(call(**secret))

    for name in ("ticket", "password", "response", "hcp_response"):
        assert f"{name}=" not in shown


def test_calls_are_frozen():
    """They can be logged, compared and passed on."""
    call = calls.ClientVersion(version="2.3")

    assert call == calls.ClientVersion(version="2.3")
    with pytest.raises(FrozenInstanceError):
        call.version = "2.4"
