"""Merging the questions of many jobs, and what their answers prove."""

from __future__ import annotations

import pytest

from qbsync.errors import InvalidValueError, UsageError
from qbsync.handlers import LookUp
from qbsync.qbxml import parse
from qbsync.service.look_ups import Asked, Found, Question, Templates, Wanted, fold, merge, requests, rets_of

PLACE = ("CustomerQueryRq", "full_name")


@pytest.fixture
def templates():
    return Templates(version="13.0", edition="US")


def names(*keys, proof=True, **more):
    """Return a look-up of customers by name."""
    return LookUp("CustomerQueryRq", by="full_name", keys=keys, proof=proof, **more)


def merged(templates, *look_ups, sentinels=None, singly=(), max_keys=100):
    """Return what is asked, as (keys, sentinel)."""
    asked = merge(
        map(templates.wanted, look_ups),
        sentinels=sentinels or {},
        singly=map(templates.wanted, singly),
        max_keys=max_keys,
    )
    return [(one.keys, one.sentinel) for one in asked]


# -- questions


def test_equal_questions_are_asked_once(templates):
    """The keys of all are together, each once, in order."""
    found = merged(templates, names("a", "b", proof=False), names("b", "c", proof=False))

    assert found == [(("a", "b", "c"), None)]


def test_other_options_make_another_question(templates):
    """What differs in more than keys is not merged."""
    options = (("include_ret_element", ("ListID",)),)

    assert len(merged(templates, names("a", proof=False), names("b", proof=False, options=options))) == 2


def test_a_known_key_stands_last_where_proof_is_wanted(templates):
    """It shows that the list was not cut short."""
    assert merged(templates, names("a", "b"), sentinels={PLACE: "k"}) == [(("a", "b"), "k")]


def test_without_a_known_key_each_is_asked_alone(templates):
    """Then nothing can have been cut short."""
    assert merged(templates, names("a", "b")) == [(("a",), None), (("b",), None)]


def test_a_known_key_that_is_wanted_itself_is_asked_once(templates):
    """It needs no proof beside itself."""
    assert merged(templates, names("k"), sentinels={PLACE: "k"}) == [((), "k")]


def test_keys_that_are_asked_alone_are_in_no_list(templates):
    """Plain, proven and single ones of one question do not repeat each other."""
    found = merged(
        templates,
        names("a", "b"),
        names("b", "c", "d", proof=False),
        sentinels={PLACE: "k"},
        singly=[names("a", "d")],
    )

    assert found == [(("a",), None), (("d",), None), (("b",), "k"), (("c",), None)]


@pytest.mark.parametrize("max_keys", [2, 3, 100])
def test_long_lists_are_cut(templates, max_keys):
    """No request has more keys than that, the known one counted in."""
    keys = [f"n{n}" for n in range(10)]
    found = merged(templates, names(*keys), sentinels={PLACE: "k"}, max_keys=max_keys)

    assert [key for some, _ in found for key in some] == keys
    assert all(len(some) + 1 <= max_keys for some, _ in found)
    assert {sentinel for _, sentinel in found} == {"k"}


def test_a_question_without_keys_stands_as_it_is(templates):
    """Two of them are one."""
    asked = merge(map(templates.wanted, [LookUp("PreferencesQueryRq")] * 2), sentinels={})

    assert [(one.question.query, one.keys) for one in asked] == [("PreferencesQueryRq", ())]


def test_requests_have_their_keys_and_ids(templates):
    """The known key is the last one in the document."""
    question = templates.question(names("a", options=(("active_status", "All"),)))
    (request,) = requests(
        [Asked(question=question, request_id="7", keys=("a",), sentinel="k")], version="13.0"
    )

    assert request.request_id == "7"
    assert request.full_name == ("a", "k")
    assert request.active_status == "All"


@pytest.mark.parametrize(
    ("look_up", "words"),
    [
        (LookUp("CustomerAddRq"), "name of a query"),
        (LookUp("NonsenseQueryRq"), "name of a query"),
        (LookUp("CustomerQueryRq", keys=("a",)), "expected a field for its keys"),
        (LookUp("CustomerQueryRq", by="nonsense", keys=("a",)), "one of its fields"),
        (LookUp("CustomerQueryRq", options=(("nonsense", 1),)), "options that it has"),
        (LookUp("CustomerQueryRq", options=(("iterator", "Start"), ("max_returned", 5))), "no iterator"),
    ],
)
def test_what_cannot_be_asked_is_told(templates, look_up, words):
    """Before anything is sent."""
    with pytest.raises(UsageError, match=words):
        templates.wanted(look_up)


def test_options_that_cannot_be_hashed_are_refused_with_their_path(templates):
    """A list in place of a tuple: the message says where."""
    options = (("include_ret_element", ["Name"]),)

    with pytest.raises(InvalidValueError, match="include_ret_element: expected a tuple"):
        templates.question(names("a", options=options))


def test_what_is_stored_is_read_back(templates):
    """Another process reads the answer."""
    wanted = templates.wanted(names("a", "b"))
    asked = Asked(question=wanted.question, request_id="1", keys=("a",), sentinel="k")

    assert Wanted.from_list(wanted.to_list()) == wanted
    assert Asked.from_list(asked.to_list()) == asked
    assert asked.place == PLACE


# -- answers


def found_for(templates, answers):
    """Return what was found; *answers* are (look-up, keys, sentinel, response as text)."""
    asked, responses = [], {}
    for place, (look_up, keys, sentinel, text) in enumerate(answers):
        asked.append(
            Asked(question=templates.question(look_up), request_id=str(place), keys=keys, sentinel=sentinel)
        )
        (responses[str(place)],) = parse(f"<QBXML><QBXMLMsgsRs>{text}</QBXMLMsgsRs></QBXML>").messages
    return Found(asked, responses, templates)


def customers(*there, code=0):
    """Return a response with these customers."""
    severity = "Info" if code < 500 else "Warn" if code < 1000 else "Error"
    rets = "".join(f"<CustomerRet><FullName>{name}</FullName></CustomerRet>" for name in there)
    head = f'<CustomerQueryRs requestID="0" statusCode="{code}" statusSeverity="{severity}" statusMessage="s"'
    return f"{head}>{rets}</CustomerQueryRs>"


def test_a_key_is_absent_when_the_known_one_came_back(templates):
    """The list was read to its end."""
    found = found_for(templates, [(names("a"), ("a", "b"), "k", customers("b", "k", code=500))])

    assert found.absent(names("a"), "a")
    assert not found.absent(names("b"), "b")
    assert [one.full_name for one in found.rets(names("b"))] == ["b"]
    assert found.known == {PLACE: "b"}
    assert not found.unproven(templates.wanted(names("a", "b")))


def test_nothing_is_absent_when_the_known_one_is_missing(templates):
    """The list may have been cut short at the first missing key; the known one is known no more."""
    found = found_for(templates, [(names("a"), ("a",), "k", customers(code=500))])

    assert not found.absent(names("a"), "a")
    assert found.lost == {PLACE}
    assert found.unproven(templates.wanted(names("a")))


def test_a_key_asked_alone_is_absent_when_nothing_came(templates):
    """Status 1 and 500 are answers."""
    for code in (0, 1, 500):
        found = found_for(templates, [(names("a"), ("a",), None, customers(code=code))])

        assert found.absent(names("a"), "a")


def test_a_list_without_a_known_key_proves_nothing(templates):
    """But what came, came."""
    found = found_for(templates, [(names("a"), ("a", "b"), None, customers("a"))])

    assert not found.absent(names("b"), "b")
    assert found.unproven(templates.wanted(names("b")))
    assert not found.unproven(templates.wanted(names("b", proof=False)))
    assert len(found.rets(names("a"))) == 1


def test_a_query_that_was_refused_proves_nothing(templates):
    """The status is there for the handler; absence is not concluded."""
    found = found_for(templates, [(names("a"), ("a",), None, customers(code=1000))])

    assert found.error(names("a")).code == 1000
    assert not found.absent(names("a"), "a")
    assert not found.unproven(templates.wanted(names("a")))


def test_what_came_once_is_not_absent_by_another_answer(templates):
    """Two requests of one question: the one that found it counts."""
    both = [
        (names("a"), ("a",), None, customers(code=500)),
        (names("a"), ("a", "b"), "k", customers("a", "k")),
    ]

    assert not found_for(templates, both).absent(names("a"), "a")
    assert not found_for(templates, both[::-1]).absent(names("a"), "a")


def test_keys_match_folded(templates):
    """Case, blanks around and between do not count, as QuickBooks compares."""
    found = found_for(templates, [(names("a"), ("ann  lee ",), None, customers("Ann Lee"))])

    assert len(found.rets(names(" ANN lee"))) == 1
    assert fold(" Ann \t LEE ") == "ann lee"


def test_what_was_not_asked_is_neither_there_nor_absent(templates):
    """No answer, no conclusion."""
    found = found_for(templates, [])

    assert found.rets(names("a")) == ()
    assert not found.absent(names("a"), "a")
    assert found.error(names("a")) is None
    assert found.unproven(templates.wanted(names("a")))


def test_objects_without_a_full_name_are_found_by_their_name(templates):
    """Lists without levels have a name only."""
    text = (
        '<VendorQueryRs requestID="0" statusCode="0" statusSeverity="Info" statusMessage="s">'
        "<VendorRet><Name>V</Name></VendorRet></VendorQueryRs>"
    )
    look_up = LookUp("VendorQueryRq", by="full_name", keys=("v",))

    assert len(found_for(templates, [(look_up, ("v",), None, text)]).rets(look_up)) == 1


def test_everything_comes_for_a_question_without_keys(templates):
    """All objects, in order."""
    look_up = LookUp("CustomerQueryRq")

    assert len(found_for(templates, [(look_up, (), None, customers("a", "b"))]).rets(look_up)) == 2


def test_rets_of_what_has_none():
    """Anything else than a response has no objects."""
    assert rets_of(object()) == []
    assert Question("<HostQueryRq/>", None).query == "HostQueryRq"
