"""The default handler: raw requests, put by ``Outbox.put`` as a qbXML request document.

They go out as they are, in order. What became of a request that was handed out and not answered is looked up
by the rules of :mod:`.effects`; where none can tell, the job stays in doubt for a person.
A job that was partly applied and is tried again sends only what is missing, with the macros of what is done
replaced by the recorded ids.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from ..errors import ParseError
from ..handlers import Again, Done, Doubt, Fail, Hold, Send
from ..jobs import Outcome, RequestOutcome, State
from ..qbxml import parser
from ..qbxml.status import Actor, Retry, explain, is_name_taken, is_not_run
from .effects import AddedToList, rule_for
from .replies import ids_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..handlers import Answers, Context, Decision, LookUp, Reply, Verdict
    from ..jobs import Job
    from ..models._base import Request
    from .effects import Rule

__all__ = ["RequestsHandler"]

_USES = re.compile(rb'<(\w+) useMacro="((Txn(?:Line)?ID):[^"]*)"\s*(?:/>|></\1>)')
_MACROS = re.compile(rb'(<[^<>]*\b(?:def|use)Macro="[^"<>]*)"')
_DEFINES = re.compile(rb'defMacro="([^"]*)"')

#: A form open on a screen may stay open for hours: not every few seconds.
_LOCK_DELAY: Final = timedelta(minutes=1)


@frozen
class _Effect:
    """What is known of a request after a look."""

    #: ``True``: it was done. ``False``: it was not, or may be sent again. ``None``: that cannot be told.
    done: bool | None
    ids: Mapping[str, str]


class RequestsHandler:
    """Sends raw requests (jobs of kind ``requests``).

    Args:
        rules: how to see whether a request was done, by its name (``InvoiceAddRq``); they go before ours.
    """

    def __init__(self, *, rules: Mapping[str, Rule] | None = None) -> None:
        self._rules = dict(rules or {})

    @property
    def kind(self) -> str:
        """The kind of job it is for."""
        return "requests"

    def look_up(self, job: Job, context: Context) -> Sequence[LookUp]:
        """Return what would show that requests in doubt were done; for others nothing need be known."""
        try:
            doubtful = list(self._doubtful(job, context))
        except ParseError:
            return ()  # decide says why it fails
        asked = [rule.look_up(message) for _, message, rule in doubtful if rule is not None]
        return [look_up for look_up in asked if look_up is not None]

    def decide(self, job: Job, answers: Answers, context: Context) -> Decision:
        """Return the requests that are still to be sent."""
        try:
            document = parser.parse(job.payload)
            known = _known(job, document.messages)
            for place, message, rule in self._doubtful(job, context):
                effect = _effect(message, rule, answers)
                if effect.done is None:
                    name = type(message).__name__
                    return Doubt(f"whether QuickBooks did {name} cannot be told: look there, then resolve it")
                if effect.done:
                    known[place] = evolve(known[place], applied=True, ids=effect.ids)
                elif is_name_taken(known[place].status_code):
                    return Fail(_refusal(known[place]), _outcome(known))
            done = {n for n, old in known.items() if old.applied}
            messages = parser.parse(_own_macros(_resolved(job.payload, known), job.id)).messages
        except ParseError as error:
            return Fail(f"the stored requests cannot be read: {error}")
        left = [(n, message) for n, message in enumerate(messages) if n not in done]
        if not left:
            return Done(_outcome(known))
        return Send(
            tuple(evolve(message, request_id=None) for _, message in left),
            stop_on_error=document.on_error == "stopOnError" and len(left) > 1,
            memo={"places": [n for n, _ in left]},
            outcome=_outcome(known) if done else None,
        )

    def settle(
        self,
        job: Job,
        memo: Mapping[str, object],
        replies: Sequence[Reply],
        context: Context,  # noqa: ARG002 - the protocol's
    ) -> Verdict:
        """Return ``done`` if all were applied, else what QuickBooks said of the first that was not."""
        known = _known(job, parser.parse(job.payload).messages)
        places: Any = memo["places"]
        for place, reply in zip(places, replies, strict=True):
            known[place] = _replied(reply)
        outcome = _outcome(known)
        silent = [one.name for one in outcome.requests if one.applied is None]
        if silent:
            return Doubt(f"QuickBooks' answer says nothing of {' and '.join(silent)}", outcome)
        refused = [one for one in outcome.requests if not one.applied]
        if not refused:
            return Done(outcome)
        cause = next((one for one in refused if not is_not_run(one.status_code)), refused[0])
        return self._refused(cause, outcome)

    def _refused(self, cause: RequestOutcome, outcome: Outcome) -> Verdict:
        """Return what follows from a refusal, by who must act."""
        reason = _refusal(cause)
        if is_name_taken(cause.status_code) and isinstance(self._rule(cause.name), AddedToList):
            return Again(f"{reason}; looked up whether it is the same", outcome=outcome)
        info = explain(cause.status_code, cause.message)
        if info.actor is Actor.NOBODY and info.retry is Retry.YES:
            return Again(reason, _LOCK_DELAY, outcome=outcome)
        if info.actor is Actor.OPERATOR:
            return Hold(f"{reason}; {info.remedy}, then retry", outcome)
        return Fail(f"{reason}; {info.remedy}", outcome)

    def done(self, job: Job) -> None:
        """Tell nobody: the host looks at the job."""

    def _rule(self, name: str) -> Rule | None:
        return self._rules.get(name) or rule_for(name)

    def _doubtful(self, job: Job, context: Context) -> Iterator[tuple[int, Request, Rule | None]]:
        """Yield the requests that may have been done without our knowing: (place, request, rule)."""
        messages = parser.parse(job.payload).messages
        for place, one in _known(job, messages).items():
            unknown = one.applied is None and (job.state is State.IN_DOUBT or context.restored)
            if unknown or (one.applied is False and is_name_taken(one.status_code)):
                rule = self._rule(one.name)
                if rule is None or not rule.harmless:
                    yield place, messages[place], rule


def _effect(message: Request, rule: Rule | None, answers: Answers) -> _Effect:
    look_up = rule.look_up(message) if rule is not None else None
    if rule is None or look_up is None or answers.error(look_up) is not None:
        return _Effect(None, {})
    rets = answers.rets(look_up)
    told = [(ret, rule.finds(message, ret)) for ret in rets]
    there = next((ret for ret, same in told if same), None)
    if there is not None:
        return _Effect(done=True, ids=ids_of([there]))
    if any(same is None for _, same in told):
        return _Effect(None, {})
    if rets or all(answers.absent(look_up, key) for key in look_up.keys):
        return _Effect(done=False, ids={})
    return _Effect(None, {})


def _known(job: Job, messages: Sequence[Any]) -> dict[int, RequestOutcome]:
    """Return what is known of each request of *job*, by its place in its document."""
    known = {
        place: RequestOutcome(request_id="", name=type(message).__name__, applied=None)
        for place, message in enumerate(messages)
    }
    if job.outcome is not None:
        known |= dict(enumerate(job.outcome.requests))
    return known


def _outcome(known: Mapping[int, RequestOutcome]) -> Outcome:
    """Return the outcome of all requests together."""
    requests = tuple(known[place] for place in sorted(known))
    applied = [bool(one.applied) for one in requests]
    label = "done" if all(applied) else "partly_done" if any(applied) else "refused"
    return Outcome(label=label, requests=requests)


def _refusal(one: RequestOutcome) -> str:
    return f"{one.name}: QuickBooks refused it with status {one.status_code} ({one.severity}): {one.message}"


def _replied(reply: Reply) -> RequestOutcome:
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
