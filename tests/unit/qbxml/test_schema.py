"""The schema written from the catalogue, and documents judged by it.

The valid documents are made here from the catalogue alone, without the builder.
"""

from __future__ import annotations

import sys

import pytest
from lxml import etree

from qbsync.errors import InvalidValueError, ParseError, UsageError
from qbsync.qbxml import catalogue, check, parse, schema
from qbsync.qbxml._schema_problems import CONTENT, Finding, Judge
from qbsync.qbxml.catalogue import Element
from qbsync.qbxml.rules import Code
from qbsync.qbxml.versions import KNOWN, Version, attribute_since

TEXTS = {
    "STRTYPE": "A",
    "IDTYPE": "80000001-1234567890",
    "GUIDTYPE": "{01234567-89ab-CDEF-0123-456789abcdef}",
    "BOOLTYPE": "true",
    "DATETYPE": "2024-02-29",
    "DATETIMETYPE": "2024-02-29T23:59:59-08:00",
    "TIMEINTERVALTYPE": "PT8H30M0S",
    "AMTTYPE": "-1234567890123.45",
    "PRICETYPE": "0.12345",
    "QUANTYPE": "3",
    "PERCENTTYPE": "8.25",
    "FLOATTYPE": "1.5",
    "INTTYPE": "7",
    "UUIDTYPE": "x",
    "MACROTYPE": "TxnID:i1",
}
HOSTS = [(version, "US") for version in KNOWN] + [("13.0", edition) for edition in ("CA", "UK", "AU", "OE")]


class Maker:
    """Makes the element trees of valid messages."""

    def __init__(self, version="13.0", edition="US", *, full=True):
        self.version, self.edition, self.full = Version.parse(version), edition, full

    def knows(self, element):
        return Version.parse(element.since) <= self.version and self.edition not in element.not_in

    def message(self, name):
        return self.node(catalogue.element(name))

    def node(self, element):
        made = etree.Element(element.name)
        if element.shape is None:
            made.text = "1" if element.min_value else (*element.values, TEXTS.get(element.type))[0]
            longest = element.max_length(self.edition)
            if longest is not None and element.type == "STRTYPE":
                made.text = "é" * longest
            return made
        for entry in element.shape.attributes:
            if entry.name in {"iterator", "iteratorID"}:
                continue  # they have rules of their own that no schema can state
            if Version.parse(attribute_since(entry.name)) <= self.version and (self.full or entry.required):
                made.set(entry.name, entry.values[0] if entry.values else TEXTS[entry.type])
        self.fill(made, element.shape.particles)
        return made

    def fill(self, parent, particles):
        for particle in particles:
            if isinstance(particle, Element):
                if self.knows(particle) and (self.full or particle.min):
                    parent.append(self.node(particle))
                    if self.full and particle.max != 1:
                        parent.append(self.node(particle))
            elif self.full or particle.min:
                branches = [b for b in particle.branches if self.whole(b)]
                mixed = particle.max is None and self.full
                for branch in [*branches, *branches[::-1]] if mixed else branches[:1]:
                    self.fill(parent, branch)

    def whole(self, branch):
        return all(self.knows(p) or not p.min for p in branch if isinstance(p, Element)) and any(
            not isinstance(p, Element) or self.knows(p) for p in branch
        )


def names(version="13.0", edition="US"):
    maker = Maker(version, edition)
    return [name for name in catalogue.names() if maker.knows(catalogue.element(name))]


def document(message):
    set_ = etree.Element("QBXMLMsgsRs" if message.tag.endswith("Rs") else "QBXMLMsgsRq")
    if set_.tag.endswith("Rq"):
        set_.set("onError", "stopOnError")
    set_.append(message)
    root = etree.Element("QBXML")
    root.append(set_)
    return etree.tostring(root)


def found(raw, **options):
    return {(problem.path, problem.code) for problem in schema.validate(raw, **options)}


@pytest.mark.parametrize(("version", "edition"), HOSTS)
@pytest.mark.parametrize("full", [True, False])
def test_valid_messages_are_valid(version, edition, full):
    """Every message that a version and edition know, least and fullest, passes strictly by libxml2."""
    maker = Maker(version, edition, full=full)
    known = names(version, edition)
    wrong = {
        name: problems
        for name in known
        if (
            problems := schema.validate(
                document(maker.message(name)), version=version, edition=edition, strict=True
            )
        )
    }
    assert wrong == {}
    assert len(known) >= (464 - 6 if (version, edition) == ("13.0", "US") else 100)


@pytest.mark.parametrize("full", [True, False])
def test_xmlschema_agrees_about_valid_messages(full):
    """The other implementation of XML Schema takes the same documents."""
    maker = Maker(full=full)
    wrong = [
        name
        for name in names()
        if schema.validate(document(maker.message(name)), engine="xmlschema", strict=True)
    ]
    assert wrong == []


def test_every_message_is_in_some_schema():
    """All 464 messages stand in the schema of an edition that knows them."""
    covered = {name for edition in ("US", "CA", "AU", "OE") for name in names("14.0", edition)}
    assert covered == set(catalogue.names())
    assert len(covered) == 464


@pytest.mark.parametrize("version", KNOWN)
def test_every_schema_is_accepted_by_libxml2(version):
    """The schema of every version and edition is one, with unambiguous content, for libxml2."""
    for edition in catalogue.EDITIONS.values():
        for strict in (False, True):
            etree.XMLSchema(etree.fromstring(schema.write(version, edition, strict=strict)))


@pytest.mark.parametrize(
    ("version", "edition"), [("1.0", "US"), ("3.0", "OE"), ("6.1", "UK"), ("8.0", "AU"), ("14.0", "CA")]
)
def test_schemas_are_accepted_by_xmlschema(version, edition):
    """The other implementation finds no fault with the schemas either."""
    _accepted_by_xmlschema(version, edition)


@pytest.mark.nightly
@pytest.mark.parametrize("version", KNOWN)
@pytest.mark.parametrize("edition", ["US", "CA", "UK", "AU", "OE"])
def test_every_schema_is_accepted_by_xmlschema(version, edition):
    """The other implementation takes the schema of every version and edition."""
    _accepted_by_xmlschema(version, edition)


def _accepted_by_xmlschema(version, edition):
    xmlschema = pytest.importorskip("xmlschema")
    made = xmlschema.XMLSchema10(schema.write(version, edition).decode())
    assert set(made.elements) == {"QBXML", "QBXMLMsgsRq", "QBXMLMsgsRs", *names(version, edition)}


def _too_long(message):
    """Lengthen the first limited text; return its path, or None."""
    return _spoil(message, "STRTYPE", lambda node, longest: node.text + "x" if longest else None)


def _spoil(message, kind, change, *, enumerated=False):
    for path, node, element in _leaves(message):
        if element.type != kind or bool(element.values) is not enumerated:
            continue
        text = change(node, element.max_length("US"))
        if text is not None:
            node.text = text
            return path
    return None


def _leaves(message):
    def walk(node, element, path):
        if element.shape is None:
            yield path, node, element
            return
        members = {member.name: member for member in element.shape.elements()}
        mixed = {
            e.name for p in element.shape.particles
            if not isinstance(p, Element) and p.max is None for b in p.branches for e in b
        }  # fmt: skip
        for child in node:
            member = members[child.tag]
            number = 1 + sum(1 for _ in child.itersiblings(child.tag, preceding=True))
            many = member.max != 1 or child.tag in mixed
            yield from walk(child, member, f"{path}/{child.tag}" + (f"[{number}]" if many else ""))

    yield from walk(message, catalogue.element(message.tag), message.tag)


FAULTS = {
    "length": (Code.LENGTH, _too_long),
    "enumeration": (
        Code.ENUMERATION,
        lambda m: _spoil(m, "ENUMTYPE", lambda *_: "Nonsense", enumerated=True),
    ),
    "amount": (Code.LEXICAL, lambda m: _spoil(m, "AMTTYPE", lambda *_: "1.234")),
    "price": (Code.LEXICAL, lambda m: _spoil(m, "PRICETYPE", lambda *_: "1.2345678")),
    "date": (Code.LEXICAL, lambda m: _spoil(m, "DATETYPE", lambda *_: "2023-02-29")),
    "datetime": (Code.LEXICAL, lambda m: _spoil(m, "DATETIMETYPE", lambda *_: "2023-02-29T10:00:00")),
    "boolean": (Code.LEXICAL, lambda m: _spoil(m, "BOOLTYPE", lambda *_: "True")),
    "integer": (Code.LEXICAL, lambda m: _spoil(m, "INTTYPE", lambda *_: "1.0")),
    "guid": (Code.LEXICAL, lambda m: _spoil(m, "GUIDTYPE", lambda *_: "0123")),
}


def _spoiled(fault, names_):
    code, spoil = FAULTS[fault]
    for name in names_:
        message = Maker().message(name)
        path = spoil(message)
        if path is not None:
            yield document(message), path, code


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_values_are_found_where_they_are(fault):
    """One wrong value in any message is the one problem, and the rules give the same path and code."""
    count = 0
    for raw, path, code in _spoiled(fault, names()):
        assert found(raw, strict=True) == {(path, code)}
        told = check(parse(raw).messages[0], version="13.0", edition="US")
        assert {(problem.path, problem.code) for problem in told} == {(path, code)}
        count += 1
    assert count >= 15


@pytest.mark.parametrize("fault", FAULTS)
def test_xmlschema_finds_the_same_bad_values(fault):
    """The other implementation agrees about wrong values, on a sample of the messages."""
    spoiled = list(_spoiled(fault, names()))[::4]
    assert spoiled
    for raw, path, code in spoiled:
        assert found(raw, engine="xmlschema", strict=True) == {(path, code)}


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
def test_unknown_elements_and_attributes_are_found_in_every_message(engine):
    """What is not in the language is refused in every message."""
    for name in names()[:: 1 if engine == "lxml" else 7]:
        message = Maker(full=False).message(name)
        etree.SubElement(message, "Wrong").text = "x"
        message.set("bad", "1")
        problems = found(document(message), engine=engine)
        assert {(f"{name}/Wrong", Code.UNKNOWN), (f"{name}@bad", Code.UNKNOWN)} <= problems


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
def test_each_required_element_is_missed(engine):
    """An Add or Mod without the first thing that it requires is refused with the path of that thing."""
    count = 0
    for name in names()[:: 1 if engine == "lxml" else 5]:
        shape = catalogue.message(name)
        first = next((p for p in shape.particles if isinstance(p, Element) and p.min), None)
        if first is None:
            continue
        raw = document(etree.Element(name))
        assert (f"{name}/{first.name}", Code.MISSING) in found(raw, engine=engine)
        count += 1
    assert count >= 20


def request(text, name="InvoiceAdd"):
    return f"<{name}Rq><{name}>{text}</{name}></{name}Rq>"


REF = "<CustomerRef><FullName>A</FullName></CustomerRef>"
CASES = {
    "order": (
        request(f"<RefNumber>1</RefNumber>{REF}"),
        {("InvoiceAddRq/InvoiceAdd/CustomerRef", Code.ORDER)},
    ),
    "too many": (
        request(f"{REF}<RefNumber>1</RefNumber><RefNumber>2</RefNumber>"),
        {("InvoiceAddRq/InvoiceAdd/RefNumber", Code.TOO_MANY)},
    ),
    "capped": (
        request("<Name>A</Name>" + "<ShipToAddress><Name>a</Name></ShipToAddress>" * 51, "CustomerAdd"),
        {("CustomerAddRq/CustomerAdd/ShipToAddress", Code.TOO_MANY)},
    ),
    "two branches": (
        request(f"{REF}<InvoiceLineAdd><Rate>1</Rate><RatePercent>1</RatePercent></InvoiceLineAdd>"),
        {("InvoiceAddRq/InvoiceAdd/InvoiceLineAdd[1]", Code.CHOICE)},
    ),
    "no branch": (
        request("<Name>A</Name>", "ItemServiceAdd"),
        {("ItemServiceAddRq/ItemServiceAdd", Code.CHOICE)},
    ),
    "no line": (
        request(REF, "SalesOrderAdd"),
        {("SalesOrderAddRq/SalesOrderAdd.lines", Code.MISSING)},
    ),
    "newer": (
        "<CustomerAddRq><CustomerAdd><Name>A</Name><Cc>a</Cc></CustomerAdd></CustomerAddRq>",
        {("CustomerAddRq/CustomerAdd/Cc", Code.VERSION)},
    ),
    "other edition": (
        request("<Name>A</Name><Suffix>x</Suffix>", "CustomerAdd"),
        {("CustomerAddRq/CustomerAdd/Suffix", Code.EDITION)},
    ),
    "newer message": (
        "<LeadQueryRq/>",
        {("LeadQueryRq", Code.VERSION)},
    ),
    "below the bound": (
        "<CustomerQueryRq><MaxReturned>0</MaxReturned></CustomerQueryRq>",
        {("CustomerQueryRq/MaxReturned", Code.BOUNDS)},
    ),
    "empty enumeration": (
        "<CustomerQueryRq><ActiveStatus/></CustomerQueryRq>",
        {("CustomerQueryRq/ActiveStatus", Code.EMPTY)},
    ),
    "long request id": (
        f'<CustomerQueryRq requestID="{"x" * 51}"/>',
        {("CustomerQueryRq@requestID", Code.LENGTH)},
    ),
    "attribute enumeration": (
        '<CustomerQueryRq iterator="Begin"/>',
        {("CustomerQueryRq@iterator", Code.ENUMERATION)},
    ),
    "text between": (
        "<CustomerQueryRq>hello<MaxReturned>1</MaxReturned></CustomerQueryRq>",
        {("CustomerQueryRq", Code.UNKNOWN)},
    ),
    "element in a text": (
        "<CustomerQueryRq><MaxReturned><b/></MaxReturned></CustomerQueryRq>",
        {("CustomerQueryRq/MaxReturned", Code.UNKNOWN)},
    ),
    "no message": ("<FooRq/>", {("FooRq", Code.UNKNOWN)}),
}
VERSIONS = {"newer": "11.0", "newer message": "12.0"}


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
@pytest.mark.parametrize("case", CASES)
def test_problems_have_the_codes_of_the_rules(case, engine):
    """Every kind of fault is told with the path and code that the rules use."""
    text, expected = CASES[case]
    raw = f'<QBXML><QBXMLMsgsRq onError="stopOnError">{text}</QBXMLMsgsRq></QBXML>'
    problems = found(raw, engine=engine, version=VERSIONS.get(case, "13.0"))
    if case == "element in a text":
        assert expected <= problems
    else:
        assert problems == expected


def test_the_rules_say_the_same_of_cases():
    """The cases that typed messages can show get the same path and code from ``check``."""
    for case in ("capped", "two branches", "no branch", "no line", "newer", "other edition", "order"):
        text, expected = CASES[case]
        raw = f'<QBXML><QBXMLMsgsRq onError="stopOnError">{text}</QBXMLMsgsRq></QBXML>'
        version = VERSIONS.get(case, "13.0")
        told = {(p.path, p.code) for p in check(parse(raw).messages[0], version=version, edition="US")}
        assert told == expected, case


def test_messages_of_a_set_are_counted():
    """In a set of several messages the path holds the position of the message."""
    raw = '<QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/><FooRq/></QBXMLMsgsRq></QBXML>'
    assert found(raw) == {("FooRq[2]", Code.UNKNOWN)}


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<QBXML/>", ("QBXML/QBXMLMsgsRq", Code.MISSING)),
        ("<QBXML><QBXMLMsgsRq/></QBXML>", ("QBXMLMsgsRq@onError", Code.MISSING)),
        (
            '<QBXML><QBXMLMsgsRq onError="rollbackOnError"/></QBXML>',
            ("QBXMLMsgsRq@onError", Code.ENUMERATION),
        ),
        (
            f'<QBXML><QBXMLMsgsRq onError="stopOnError" newMessageSetID="{"x" * 24}"/></QBXML>',
            ("QBXMLMsgsRq@newMessageSetID", Code.LENGTH),
        ),
        (
            '<QBXML><QBXMLMsgsRs messageSetStatusCode="none"/></QBXML>',
            ("QBXMLMsgsRs@messageSetStatusCode", Code.LEXICAL),
        ),
        ("<Foo/>", ("Foo", Code.UNKNOWN)),
    ],
)
def test_the_frame(text, expected, engine):
    """The frame is judged too: QuickBooks refuses rollbackOnError and long message set ids."""
    assert found(text, engine=engine) == {expected}


def test_a_message_alone_is_judged():
    """A message needs no frame around it."""
    assert found("<HostQueryRq/>") == set()
    assert found("<ClassAddRq><ClassAdd/></ClassAddRq>") == {("ClassAddRq/ClassAdd/Name", Code.MISSING)}


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
def test_responses_are_read_openly_unless_strict(engine):
    """In responses unlisted enumeration values and percent signs pass, unless strictness is asked for."""
    raw = (
        "<QBXML><QBXMLMsgsRs><AccountQueryRs><AccountRet><AccountType>Crypto</AccountType></AccountRet>"
        "</AccountQueryRs><ItemSalesTaxQueryRs><ItemSalesTaxRet><TaxRate>8.0%</TaxRate></ItemSalesTaxRet>"
        "</ItemSalesTaxQueryRs></QBXMLMsgsRs></QBXML>"
    )
    assert found(raw, engine=engine) == set()
    assert found(raw, engine=engine, strict=True) == {
        ("AccountQueryRs[1]/AccountRet[1]/AccountType", Code.ENUMERATION),
        ("ItemSalesTaxQueryRs[2]/ItemSalesTaxRet[1]/TaxRate", Code.LEXICAL),
    }


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
def test_macros(engine):
    """A macro may stand where the language takes one, since 2.0, and nowhere else."""
    text = (
        f"<ReceivePaymentAddRq><ReceivePaymentAdd>{REF}<AppliedToTxnAdd>"
        '<TxnID useMacro="TxnID:i1"/></AppliedToTxnAdd></ReceivePaymentAdd></ReceivePaymentAddRq>'
    )
    path = "ReceivePaymentAddRq/ReceivePaymentAdd/AppliedToTxnAdd[1]/TxnID@useMacro"
    assert found(text, engine=engine) == set()
    assert {place for place, _ in found(text, engine=engine, version="1.1")} == {path}
    elsewhere = request(f'{REF}<RefNumber useMacro="x">1</RefNumber>')
    assert found(elsewhere, engine=engine) == {("InvoiceAddRq/InvoiceAdd/RefNumber", Code.MACRO)}


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
def test_attributes_have_versions(engine):
    """Iterators came with 5.0; an older QuickBooks does not know the attribute."""
    text = '<CustomerQueryRq iterator="Start"><MaxReturned>1</MaxReturned></CustomerQueryRq>'
    assert found(text, engine=engine, version="5.0") == set()
    assert found(text, engine=engine, version="4.1") == {("CustomerQueryRq@iterator", Code.VERSION)}


def test_empty_elements_clear_where_the_type_has_an_empty_form():
    """An empty element passes for texts, dates, amounts and booleans, not for whole numbers."""
    text = request(f"{REF}<TxnDate/><RefNumber/><IsPending/>")
    assert found(text) == set()
    terms = request("<Name>A</Name><DayOfMonthDue/>", "DateDrivenTermsAdd")
    assert found(terms) == {("DateDrivenTermsAddRq/DateDrivenTermsAdd/DayOfMonthDue", Code.EMPTY)}


DATETIMES = {
    "2024-02-29": True, "2023-02-29": False, "2000-02-29": True, "2036-2-29": True, "2024-04-31": False,
    "2024-12-31T23:59:59": True, "2024-1-1T1:2:3+1": True, "2024-01-01T24:00:00": False,
    "2024-01-01T10": True, "2024-01-01T10:60": False, "1970-01-01": True, "1969-12-31": False,
    "2038-01-19": True, "2038-01-19T03:14:07": True, "2038-01-19T03:14:08": False, "2038-01-20": False,
    "2038-01-19T04:00": False, "2038-02-01": False, "2024-13-01": False, "2024-00-10": False,
    "2024-01-00": False, "2024-06-30T12:00:00-08:00": True, "2024-06-30T12:00:00Z": True,
    "20240630": False, "2024-06-30 12:00:00": False, "": True,
}  # fmt: skip


@pytest.mark.parametrize("text", DATETIMES)
def test_date_times_are_checked_against_calendar_and_range(text):
    """Days exist, and lie from 1970-01-01 to 2038-01-19T03:14:07."""
    raw = f"<CustomerQueryRq><FromModifiedDate>{text}</FromModifiedDate></CustomerQueryRq>"
    expected = set() if DATETIMES[text] else {("CustomerQueryRq/FromModifiedDate", Code.LEXICAL)}
    assert found(raw) == expected
    assert found(raw, engine="xmlschema") == expected


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.001", None),
        ("5000", None),
        ("", None),
        ("5000.1", Code.BOUNDS),
        ("0.0001", Code.BOUNDS),
        ("x", Code.LEXICAL),
    ],
)
def test_bounds_of_decimals(text, code, engine):
    """A conversion ratio lies between .001 and 5000."""
    raw = request(
        "<Name>A</Name><UnitOfMeasureType>Count</UnitOfMeasureType><BaseUnit><Name>a</Name><Abbreviation>a"
        "</Abbreviation></BaseUnit><RelatedUnit><Name>b</Name><Abbreviation>b</Abbreviation>"
        f"<ConversionRatio>{text}</ConversionRatio></RelatedUnit>",
        "UnitOfMeasureSetAdd",
    )
    path = "UnitOfMeasureSetAddRq/UnitOfMeasureSetAdd/RelatedUnit[1]/ConversionRatio"
    assert found(raw, engine=engine) == (set() if code is None else {(path, code)})


def test_the_version_of_the_document_counts_unless_another_is_named():
    """Without an argument the qbxml instruction says by which version to judge."""
    body = '<QBXML><QBXMLMsgsRq onError="stopOnError"><LeadQueryRq/></QBXMLMsgsRq></QBXML>'
    raw = f'<?xml version="1.0"?><?qbxml version="12.0"?>{body}'
    assert found(raw) == {("LeadQueryRq", Code.VERSION)}
    assert found(raw, version="13.0") == set()
    assert found(body) == set()


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
def test_another_schema(tmp_path, engine):
    """A schema file of the user's is used instead, with what it includes from beside it."""
    head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    (tmp_path / "types.xsd").write_text(
        f'{head}<xs:simpleType name="T"><xs:restriction base="xs:string"><xs:maxLength value="2"/>'
        "</xs:restriction></xs:simpleType></xs:schema>",
        encoding="utf-8",
    )
    own = tmp_path / "own.xsd"
    own.write_text(
        f'{head}<xs:include schemaLocation="types.xsd"/><xs:element name="ClassAddRq"><xs:complexType>'
        '<xs:sequence><xs:element name="ClassAdd"><xs:complexType><xs:sequence>'
        '<xs:element name="Name" type="T"/></xs:sequence></xs:complexType></xs:element></xs:sequence>'
        "</xs:complexType></xs:element></xs:schema>",
        encoding="utf-8",
    )
    good, bad = (f"<ClassAddRq><ClassAdd><Name>{n}</Name></ClassAdd></ClassAddRq>" for n in ("ab", "abc"))
    assert schema.validate(good, xsd=own, engine=engine) == []
    (problem,) = schema.validate(bad, xsd=own, engine=engine)
    assert problem.path == "ClassAddRq/ClassAdd/Name"


@pytest.mark.parametrize("engine", ["lxml", "xmlschema"])
@pytest.mark.parametrize("text", [None, "no schema", "<xs/>"])
def test_a_schema_that_cannot_be_read(tmp_path, engine, text):
    """A file that is missing or no schema is a mistake of the caller, told with its name."""
    path = tmp_path / "broken.xsd"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"broken\.xsd: expected an XML Schema"):
        schema.validate("<HostQueryRq/>", xsd=path, engine=engine)


def test_without_the_package_the_extra_is_named(monkeypatch):
    """Where xmlschema is not installed, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "xmlschema", None)
    schema._xmlschema_own.cache_clear()
    with pytest.raises(UsageError, match=r"pip install qbsync\[schema\]"):
        schema.validate("<HostQueryRq/>", engine="xmlschema")


@pytest.mark.parametrize("options", [{"edition": "QBD"}, {"version": "CA3.0"}, {"engine": "xerces"}])
def test_arguments_that_cannot_be(options):
    """An unknown edition, version or engine is refused by name."""
    with pytest.raises(InvalidValueError, match=next(iter(options))):
        schema.validate("<HostQueryRq/>", **options)


def test_what_is_no_xml_is_a_parse_error():
    """A document that is not well-formed cannot be judged; a DOCTYPE is refused as everywhere."""
    with pytest.raises(ParseError):
        schema.validate("<HostQueryRq>")
    with pytest.raises(ParseError, match="DOCTYPE"):
        schema.validate("<!DOCTYPE HostQueryRq><HostQueryRq/>")


def test_the_words_of_the_validator_stand_where_the_catalogue_sees_nothing():
    """A finding that the catalogue cannot explain is told in the validator's own words."""
    node = etree.fromstring("<HostQueryRq/>")
    (problem,) = Judge("13.0", "US").problems([Finding(node, CONTENT, "stricter here")])
    assert (problem.path, problem.got) == ("HostQueryRq", "stricter here")


def test_the_schema_is_the_same_each_time():
    """Writing is deterministic, and says for what version and edition it was."""
    schema._cached.cache_clear()
    first = schema.write("13.0", "US")
    schema._cached.cache_clear()
    assert schema.write("13.0", "US") == first
    assert b'version="13.0-US"' in first[:300]
    assert schema.write("12.0") != first != schema.write(edition="CA")
