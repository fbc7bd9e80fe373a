"""The catalogue against the sample it was made from, its corrections, and its reading side."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from lxml import etree

from qbsync.qbxml import catalogue
from qbsync.qbxml.catalogue import EDITIONS, Catalogue, Choice, Element

ROOT = Path(__file__).resolve().parents[3]
FILE = "qbxml140.json"
NAMES = {"QBD": "US", "QBCA": "CA", "QBUK": "UK", "QBAU": "AU", "QBOE": "OE"}


def table() -> str:
    return resources.files(catalogue).joinpath(FILE).read_text(encoding="ascii")


@pytest.fixture(scope="module")
def raw():
    """The table without corrections."""
    return Catalogue(table(), corrected=False)


@pytest.fixture(scope="module")
def sample(shared):
    path = shared / "sdk" / "qbxmlops140.xml"
    if not path.exists():
        pytest.skip("the SDK sample is not here")
    return path


def behind(node) -> str:
    """The comment on the same line behind a node of the sample: its own reading, by the XML tree."""
    inside = len(node) > 0
    gap, comment = (node.text, node[0]) if inside else (node.tail, node.getnext())
    if comment is None or comment.tag is not etree.Comment or "\n" in (gap or ""):
        return ""
    return comment.text.strip()


def lengths_of(said: str) -> dict[str, int]:
    found = {}
    for size, where in re.findall(r"max length = (\d+)(?: for ([\w|]+))?", said):
        for name in where.split("|") if where else NAMES:
            found[NAMES[name]] = int(size)
    return found


def walk_sample(node, path=()):
    """Yield (path, kind, facts) of each element below a message of the sample, in document order."""
    for child in node:
        if child.tag is etree.Comment:
            continue
        here = (*path, child.tag)
        said = behind(child)
        kind = (child.text or "").strip() if not any(isinstance(c.tag, str) for c in child) else ""
        facts = {
            "optional": bool(re.search(r"\bopt\b", said)),
            "repeats": "may rep" in said or "rep (1 or more)" in said,
            "since": (re.search(r"\bv(\d+\.\d+)", said) or ["", "1.0"])[1],
            "not_in": {NAMES[n] for m in re.findall(r"not in ([\w|]+)", said) for n in m.split("|")},
            "lengths": lengths_of(said),
            "macro": "may be macro value" in said,
            "bounds": dict(re.findall(r"(min|max) value = ([\d.]+)", said)),
            "attributes": tuple(child.attrib),
        }
        yield here, kind, facts
        yield from walk_sample(child, here)


def walk_catalogue(particles, path=()):
    for particle in particles:
        if isinstance(particle, Choice):
            for branch in particle.branches:
                yield from walk_catalogue(branch, path)
            continue
        here = (*path, particle.name)
        yield here, particle
        if particle.shape:
            yield from walk_catalogue(particle.shape.particles, here)


def travelling(sample) -> str:
    """The text of the sample without what is about subscriptions and events."""
    requests, rest = sample.read_text().split("<QBXMLSubscriptionMsgsRq>")
    return requests + rest.split("</QBXMLSubscriptionMsgsRq>")[1].split("<QBXMLSubscriptionMsgsRs>")[0]


def block_tokens(node) -> tuple[str, set[str]]:
    """The version and the editions of the choices around a node, from the comments before it."""
    depth, since, missing = 0, "1.0", set()
    previous = node.getprevious()
    while previous is not None:
        if previous.tag is etree.Comment:
            said = previous.text.strip()
            if said == "END OR":
                depth += 1
            elif "BEGIN OR" in said:
                if depth:
                    depth -= 1
                else:
                    head = said.split("BEGIN OR")[0]
                    version = re.search(r"v(\d+\.\d+)", head)
                    since = max(since, version[1] if version else "1.0", key=float)
                    missing |= {NAMES[n] for m in re.findall(r"not in ([\w|]+)", head) for n in m.split("|")}
        previous = previous.getprevious()
    return since, missing


def test_catalogue_is_the_sample_node_for_node(sample, raw):
    """Order, types, occurrence, lengths, versions, editions, bounds and macros are those of the sample."""
    root = etree.parse(sample).getroot()
    compared = 0
    for body in (root.find("QBXMLMsgsRq"), root.find("QBXMLMsgsRs")):
        for message in body:
            if message.tag is etree.Comment:
                continue
            nodes = [n for n in message.iterdescendants() if isinstance(n.tag, str)]
            wanted = list(walk_sample(message))
            found = list(walk_catalogue(raw.message(message.tag).particles))
            assert [path for path, _, _ in wanted] == [path for path, _ in found]
            for node, (path, kind, facts), (_, element) in zip(nodes, wanted, found, strict=True):
                since, missing = block_tokens(node)
                assert (element.type or "") == kind, path
                assert (element.min == 0) == facts["optional"], path
                assert (element.max is None) == facts["repeats"], path
                assert element.since == max(since, facts["since"], key=float), path
                assert element.not_in == facts["not_in"] | missing, path
                shown = {name: element.max_length(name) for name in EDITIONS.values()}
                assert {k: v for k, v in shown.items() if v} == facts["lengths"], path
                assert element.macro == facts["macro"], path
                assert (element.min_value, element.max_value) == (
                    facts["bounds"].get("min"),
                    facts["bounds"].get("max"),
                ), path
                attributes = element.shape.attributes if element.shape else ()
                assert tuple(a.name for a in attributes) == facts["attributes"], path
                compared += 1
    assert compared > 23_000


def test_enumerations_are_those_of_the_sample(sample, raw):
    """Every enumeration has the values that the comment before the element lists, in their order."""
    listed = re.findall(r"<!-- (\w+) may have one of the following values: (.*?) -->", travelling(sample))
    wanted = {
        (name, tuple(re.sub(r"\s*\[\w+\]", "", v).strip() for v in values.split(",") if v.strip()))
        for name, values in listed
    }
    found = {
        (element.name, element.values)
        for message in raw.names()
        for _, element in walk_catalogue(raw.message(message).particles)
        if element.values
    }

    assert found == wanted
    assert all(
        element.values
        for message in raw.names()
        for _, element in walk_catalogue(raw.message(message).particles)
        if element.type == "ENUMTYPE"
    )


def test_choices_are_those_of_the_sample(sample, raw):
    """There are as many choices of each kind as the sample has blocks in its two message sets."""
    text = travelling(sample)
    kinds = {
        "have": (1, 1),
        "optionally have": (0, 1),
        "have 0 or more": (0, None),
        "have 1 or more": (1, None),
    }
    said = re.findall(r"BEGIN OR: You may (have 0 or more|have 1 or more|optionally have|have)\b", text)
    wanted = {occurs: said.count(kind) for kind, occurs in kinds.items()}
    found = dict.fromkeys(wanted, 0)

    def count(particles) -> None:
        for particle in particles:
            if isinstance(particle, Choice):
                found[particle.min, particle.max] += 1
                for branch in particle.branches:
                    count(branch)
            elif particle.shape:
                count(particle.shape.particles)

    for message in raw.names():
        count(raw.message(message).particles)

    assert found == wanted


@pytest.mark.parametrize("program", ["make_catalogue.py", "make_models.py"])
def test_generating_again_gives_the_same_bytes(program, tmp_path, request):
    """The scripts write exactly the files that are in the package."""
    arguments = [str(tmp_path)]
    folder = ROOT / "src/qbsync/models"
    if program == "make_catalogue.py":
        arguments = [str(request.getfixturevalue("sample")), str(tmp_path)]
        folder = ROOT / "src/qbsync/qbxml/catalogue"

    subprocess.run(
        [sys.executable, str(ROOT / "scripts" / program), *arguments], check=True, capture_output=True
    )
    made = sorted(tmp_path.iterdir())

    assert made
    for path in made:
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name
    if program == "make_models.py":
        by_hand = {"__init__.py", "_base.py"}
        there = {path.name for path in folder.glob("*.py*")} - by_hand
        assert there == {path.name for path in made}


def test_numbers_of_messages():
    """The language has 232 requests and 232 responses."""
    names = catalogue.names()

    assert sum(name.endswith("Rq") for name in names) == 232
    assert sum(name.endswith("Rs") for name in names) == 232
    assert catalogue.source() == "qbXML 14.0"


def member(shape, name) -> Element:
    return next(element for element in shape.elements() if element.name == name)


@pytest.mark.parametrize(
    ("aggregate", "name", "most"),
    [
        ("CustomerAdd", "ShipToAddress", 50),
        ("CustomerMod", "AdditionalContactRef", 8),
        ("Contacts", "AdditionalContactRef", 5),
        ("LeadAdd", "AdditionalContactRef", 3),
        ("VendorAdd", "PrefillAccountRef", 3),
        ("InvoiceAdd", "SetCredit", None),
    ],
)
def test_upper_bounds_come_from_the_corrections(aggregate, name, most):
    """Repetition caps that the sample lacks are there; others stay open."""
    assert member(catalogue.aggregate(aggregate), name).max == most


@pytest.mark.parametrize(
    ("aggregate", "name", "since"),
    [
        ("DepositLineAdd", "OverrideMemo", "8.0"),
        ("EmployeePayrollInfo", "ClearEarnings", "5.0"),
        ("Form1099CategoryAccountMappingMod", "FormType", "14.0"),
        ("SalesTaxPreferences", "IsUsingVendorTaxCode", "8.0"),
        ("ARRefundCreditCardRet", "CurrencyRef", "8.0"),
        ("InvoiceLineAdd", "SerialNumber", "11.0"),
    ],
)
def test_versions_are_corrected(aggregate, name, since):
    """Versions that the sample does not mark, and those that stand on a whole choice, are right."""
    assert member(catalogue.aggregate(aggregate), name).since == since


def test_response_elements_are_optional_and_request_elements_not():
    """Every element of a response may be missing; a request keeps what is required."""
    ret = member(catalogue.message("InvoiceAddRs"), "InvoiceRet")
    add = member(catalogue.message("InvoiceAddRq"), "InvoiceAdd")

    assert member(ret.shape, "TxnID").min == 0
    assert member(add.shape, "CustomerRef").min == 1


def test_lengths_are_by_edition():
    """A sales tax code has three characters, in Australia six."""
    element = member(catalogue.message("InvoiceAddRq"), "InvoiceAdd")
    code = member(member(element.shape, "CustomerSalesTaxCodeRef").shape, "FullName")

    assert code.max_length("US") == 3
    assert code.max_length("AU") == 6


def test_attributes_carry_iterator_metadata_and_macro_support():
    """What can be iterated, counted and defined as a macro shows in the attributes."""

    def names_with(attribute: str) -> int:
        return sum(
            any(a.name == attribute for a in catalogue.aggregate(name).attributes)
            for name in catalogue.aggregate_names()
            if not name.endswith("Rs")
        )

    assert names_with("iterator") == 46
    assert names_with("metaData") == 80
    assert names_with("defMacro") == 36


def test_unknown_names_are_key_errors():
    """Asking for what is not there is a ``KeyError``."""
    with pytest.raises(KeyError):
        catalogue.message("NoSuchRq")
    with pytest.raises(KeyError):
        catalogue.aggregate("NoSuch")
