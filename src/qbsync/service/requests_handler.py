"""The default handler: raw requests, put by ``Outbox.put`` as a qbXML request document.

They go out as they are, in order; nothing is looked up, so a job in doubt cannot be told by looking
(``verifies`` is false): the stored outcome of the message set, or a person, settles it.
A job that was partly applied and is tried again sends only what is missing, with the macros of what is done
replaced by the recorded ids.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..errors import ParseError
from ..handlers import Done, Fail, Send
from ..jobs import Outcome, RequestOutcome
from ..qbxml import parser

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..handlers import Answers, Context, Decision, LookUp, Reply, Verdict
    from ..jobs import Job

__all__ = ["RequestsHandler"]

_USES = re.compile(rb'<(\w+) useMacro="((Txn(?:Line)?ID):[^"]*)"\s*(?:/>|></\1>)')
_MACROS = re.compile(rb'(<[^<>]*\b(?:def|use)Macro="[^"<>]*)"')
_DEFINES = re.compile(rb'defMacro="([^"]*)"')


class RequestsHandler:
    """Sends raw requests (jobs of kind ``requests``)."""

    @property
    def kind(self) -> str:
        """The kind of job it is for."""
        return "requests"

    def look_up(self, job: Job, context: Context) -> Sequence[LookUp]:  # noqa: ARG002 - the protocol's
        """Return nothing: nothing must be known."""
        return ()

    def decide(self, job: Job, answers: Answers, context: Context) -> Decision:  # noqa: ARG002 - the protocol's
        """Return the requests that are still to be sent."""
        try:
            document = parser.parse(job.payload)
        except ParseError as error:
            return Fail(f"the stored requests cannot be read: {error}")
        before = _outcomes(job)
        done = {n for n, old in before.items() if old.applied}
        messages = parser.parse(_own_macros(_resolved(job.payload, before), job.id)).messages
        left = [(n, message) for n, message in enumerate(messages) if n not in done]
        if not left:
            return Done(Outcome(label="done", requests=tuple(before[n] for n in sorted(before))))
        return Send(
            tuple(evolve(message, request_id=None) for _, message in left),
            stop_on_error=document.on_error == "stopOnError" and len(left) > 1,
            memo={"places": [n for n, _ in left]},
        )

    def settle(
        self,
        job: Job,
        memo: Mapping[str, object],
        replies: Sequence[Reply],
        context: Context,  # noqa: ARG002 - the protocol's
    ) -> Verdict:
        """Return ``done`` if all were applied, else what QuickBooks said of the first that was not."""
        merged: dict[int, RequestOutcome] = dict(_outcomes(job))
        places: Any = memo["places"]
        for place, reply in zip(places, replies, strict=True):
            merged[place] = _outcome(reply)
        outcome = Outcome(label="done", requests=tuple(merged[n] for n in sorted(merged)))
        refused = next((one for one in outcome.requests if not one.applied), None)
        if refused is None:
            return Done(outcome)
        applied = any(one.applied for one in outcome.requests)
        reason = (
            f"{refused.name}: QuickBooks refused it with status {refused.status_code} "
            f"({refused.severity}): {refused.message}"
        )
        return Fail(reason, evolve(outcome, label="partly_done" if applied else "refused"))

    def done(self, job: Job) -> None:
        """Tell nobody: the host looks at the job."""


def _outcomes(job: Job) -> dict[int, RequestOutcome]:
    """Return what is known of the requests of *job*, by their place in its document."""
    return dict(enumerate(job.outcome.requests)) if job.outcome is not None else {}


def _outcome(reply: Reply) -> RequestOutcome:
    """Return one reply as it is kept."""
    response = reply.response
    return RequestOutcome(
        request_id=reply.request_id,
        name=reply.name,
        applied=reply.applied,
        status_code=response.status_code if response is not None else None,
        severity=response.status_severity if response is not None else None,
        message=response.status_message if response is not None else None,
        ids=reply.ids,
        response=reply.text,
    )


def _own_macros(payload: bytes, job_id: str) -> bytes:
    """Return the document with the job's id in its macros: their scope is a set, which many jobs share."""
    return _MACROS.sub(rb'\1.%b"' % job_id.encode("ascii"), payload)


def _resolved(payload: bytes, outcomes: Mapping[int, RequestOutcome]) -> bytes:
    """Return the document with uses of macros replaced by the ids that their definers got.

    The payload was written by our own builder, so attributes have one form.
    """
    ids: dict[bytes, Mapping[str, str]] = {}
    if not any(outcome.applied for outcome in outcomes.values()):
        return payload
    elements = parser.parse(payload).messages
    for place, message in enumerate(elements):
        outcome = outcomes.get(place)
        if outcome is not None and outcome.applied:
            raw = parser.message_text(message).encode("ascii", "xmlcharrefreplace")
            ids |= dict.fromkeys(_DEFINES.findall(raw), outcome.ids)

    def put_id(found: re.Match[bytes]) -> bytes:
        name, macro, field = found.groups()
        value = ids.get(macro, {}).get(field.decode())
        if value is None:
            return found[0]
        return b"<%b>%b</%b>" % (name, value.encode("ascii", "xmlcharrefreplace"), name)

    return _USES.sub(put_id, payload)
