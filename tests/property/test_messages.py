"""What holds for any message that the strategies make: valid ones, and ones with one known fault."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qbsync import _xml
from qbsync.errors import InvalidRequestError, InvalidValueError
from qbsync.qbxml import build, catalogue, check, check_document, compiled, parse, schema
from qbsync.qbxml.rules import Code, find_problems
from qbsync.qbxml.versions import KNOWN
from qbsync.testing import strategies

NAMES = catalogue.names()
EDITIONS = ("US", "CA", "UK", "AU", "OE")
VERSION = "14.0"
HOSTS = [*((version, "US") for version in KNOWN), *(("13.0", edition) for edition in EDITIONS[1:])]

#: Faults that no schema can see, by their code, or by what was done.
BEYOND_SCHEMA = {Code.CHARACTERS, Code.ITERATOR}
BEYOND_SCHEMA_TOO = {"an empty text", "a field that cannot be cleared"}
#: Faults that the schema lets pass in responses, which it reads openly unless it is to be strict.
OPEN_IN_RESPONSES = {
    "a value that is not listed",
    "a type without an empty form",
    "an attribute left out",
}

few = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
many = settings(few, max_examples=200)


def edition_of(name):
    """The first edition that knows the message."""
    return next(edition for edition in EDITIONS if name in strategies.names(version=VERSION, edition=edition))


def holds_for_valid(message, version, edition):
    """A valid message has no problems, comes back from its document, and the schema agrees."""
    assert check(message, version=version, edition=edition) == []
    assert find_problems(message, version=version, edition=edition) == []
    document = build([message], version=version, edition=edition)
    parsed = parse(document)
    assert parsed.messages == (message,)
    assert parsed.messages[0] == message
    assert _xml.c14n(parsed.to_xml()) == _xml.c14n(document)
    assert schema.validate(document, version=version, edition=edition) == []
    assert in_document(document, version, edition) == []
    assert type(message).from_dict(json.loads(json.dumps(message.to_dict()))) == message


def in_document(document, version, edition):
    """What is wrong with the document as it stands, macros that another request would define apart."""
    found = check_document(document, version=version, edition=edition)
    return [(p.path, p.code) for p in found if not (p.code is Code.MACRO and p.path.endswith("@useMacro"))]


def holds_for_invalid(message, fault, version, edition):
    """Exactly the fault is told, nothing is built, and the schema says the same of the document."""
    problems = check(message, version=version, edition=edition)
    assert [(problem.path, problem.code) for problem in problems] == [(fault.path, fault.code)]
    assert compiled.write(message, version=version, edition=edition) is None
    with pytest.raises(InvalidRequestError) as caught:
        build([message], version=version, edition=edition)
    assert list(caught.value.problems) == problems
    try:
        document = build([message], version=version, edition=edition, check=False)
    except InvalidValueError:
        assert fault.code in {Code.TYPE, Code.LEXICAL, Code.CHARACTERS}
        return
    raw = in_document(document, version, edition)
    assert raw == ([] if fault.detail == "an empty text" else [(fault.path, fault.code)])
    found = schema.validate(document, version=version, edition=edition)
    told = [(problem.path, problem.code) for problem in found]
    if fault.code in BEYOND_SCHEMA or fault.detail in BEYOND_SCHEMA_TOO:
        assert told == []
    elif fault.path.partition("/")[0].partition("@")[0].endswith("Rs") and fault.detail in OPEN_IN_RESPONSES:
        assert told in ([], [(fault.path, fault.code)])
    else:
        assert told == [(fault.path, fault.code)]


def run_valid(name, how, record_property):
    edition, seen = edition_of(name), 0

    @how
    @given(message=strategies.messages(name, version=VERSION, edition=edition))
    def run(message):
        nonlocal seen
        seen += 1
        holds_for_valid(message, VERSION, edition)

    run()
    tell(record_property, name, "valid", seen)


def run_invalid(name, how, record_property):
    edition, seen = edition_of(name), 0

    @how
    @given(pair=strategies.invalid_messages(name, version=VERSION, edition=edition))
    def run(pair):
        nonlocal seen
        seen += 1
        holds_for_invalid(*pair, VERSION, edition)

    run()
    tell(record_property, name, "invalid", seen)


def tell(record_property, name, kind, examples):
    record_property("message type", name)
    record_property("kind", kind)
    record_property("examples", examples)


@pytest.mark.parametrize("name", NAMES)
def test_valid_messages(name, record_property):
    """Every kind of message: silent rules, a round trip without loss, and a schema that agrees."""
    run_valid(name, few, record_property)


@pytest.mark.parametrize("name", NAMES)
def test_invalid_messages(name, record_property):
    """Every kind of message with one fault: the rules, the builder and the schema name just that."""
    run_invalid(name, few, record_property)


@pytest.mark.nightly
@pytest.mark.parametrize("name", NAMES)
def test_many_valid_messages(name, record_property):
    """As above, with ten times as many examples."""
    run_valid(name, many, record_property)


@pytest.mark.nightly
@pytest.mark.parametrize("name", NAMES)
def test_many_invalid_messages(name, record_property):
    """As above, with ten times as many examples."""
    run_invalid(name, many, record_property)


@pytest.mark.parametrize(("version", "edition"), HOSTS)
def test_every_version_and_edition(version, edition):
    """For each version and edition: messages of any kind that it knows, valid and with a fault."""

    @few
    @given(
        message=strategies.messages(version=version, edition=edition),
        pair=strategies.invalid_messages(version=version, edition=edition),
    )
    def run(message, pair):
        holds_for_valid(message, version, edition)
        holds_for_invalid(*pair, version, edition)

    run()


@settings(few, max_examples=40)
@given(data=st.data(), host=st.sampled_from([("13.0", "US"), ("13.0", "CA"), ("8.0", "US")]))
def test_another_validator_agrees(data, host):
    """xmlschema, which is not libxml2, says of valid and invalid messages what libxml2 says."""
    version, edition = host
    message = data.draw(strategies.messages(version=version, edition=edition))
    wrong, fault = data.draw(strategies.invalid_messages(version=version, edition=edition))

    document = build([message], version=version, edition=edition)
    assert schema.validate(document, version=version, edition=edition, engine="xmlschema") == []
    try:
        document = build([wrong], version=version, edition=edition, check=False)
    except InvalidValueError:
        return
    one, other = (
        {(p.path, p.code) for p in schema.validate(document, version=version, edition=edition, engine=engine)}
        for engine in ("lxml", "xmlschema")
    )
    assert one == other, fault


@few
@given(messages=strategies.message_sets(), responses=strategies.message_sets(direction="response"))
def test_sets_come_back(messages, responses):
    """Whole sets of requests, and of responses, come back from their documents in order."""
    for listed in (messages, responses):
        assert parse(build(listed)).messages == tuple(listed)


def test_all_kinds_are_covered():
    """The tests above run over all 464 messages, 232 each way, each for an edition that knows it."""
    assert len(NAMES) == 464
    assert sum(name.endswith("Rq") for name in NAMES) == 232
    assert all(edition_of(name) for name in NAMES)
