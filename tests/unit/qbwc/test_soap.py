"""SOAP in and out: generous with what comes, strict with what goes.

Replies are judged by the simulated Web Connector's client, which shares no code with the codec.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import textwrap
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from qbsync.errors import ParseError
from qbsync.qbwc import calls, soap
from qbsync.testing._judging import Rejected, judge
from qbsync.testing._wire import PARAMETERS, envelope

NS = "http://developer.intuit.com/"


def wrapped(inside, *, head="", declaration='<?xml version="1.0" encoding="utf-8"?>'):
    """Return an envelope with *inside* in its Body, as bytes."""
    return (
        f'{declaration}<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">{head}'
        f"<soap:Body>{inside}</soap:Body></soap:Envelope>"
    ).encode()


def version(text):
    """Return a ``clientVersion`` call whose parameter is the markup *text*."""
    return wrapped(f'<clientVersion xmlns="{NS}"><strVersion>{text}</strVersion></clientVersion>')


def response(text):
    """Return a ``receiveResponseXML`` call whose response is the markup *text*."""
    return wrapped(
        f'<receiveResponseXML xmlns="{NS}"><ticket>t</ticket><response>{text}</response>'
        "<hresult /><message /></receiveResponseXML>"
    )


def shared_call(shared, name):
    """Return what is read from a recorded request."""
    return soap.decode((shared / "data" / "qbwc" / name).read_bytes())


# -- reading


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_call_of_the_simulated_web_connector_is_read(name):
    """Written by other code, with markup, line ends and characters beyond the first plane in every value."""
    values = {wire: f"{wire} <&>\"' \n ä€𝄞" for wire in PARAMETERS[name]}
    values.update({wire: "13" for wire in PARAMETERS[name] if wire.endswith("Vers")})
    received = soap.decode(envelope(name, values))

    assert not received.sanitised
    assert type(received.call) is calls.CALLS[name]
    for parameter in calls.parameters(calls.CALLS[name]):
        expected = parameter.type(values[parameter.wire])
        assert getattr(received.call, parameter.attribute) == expected


@pytest.mark.parametrize("name", calls.CALLS)
def test_a_call_without_parameters_has_empty_ones(name):
    """.NET leaves out what is null; a value that is not there is empty, or 0."""
    for form in (f'<{name} xmlns="{NS}" />', f'<{name} xmlns="{NS}"></{name}>', f"<{name}/>"):
        call = soap.decode(wrapped(form)).call
        assert call == calls.CALLS[name]()


@pytest.mark.parametrize(
    "inside",
    [
        f'<clientVersion xmlns="{NS}"><strVersion>2.3</strVersion></clientVersion>',
        f'<q1:clientVersion xmlns:q1="{NS}"><strVersion>2.3</strVersion></q1:clientVersion>',
        f'<q1:clientVersion xmlns:q1="{NS}"><q1:strVersion>2.3</q1:strVersion></q1:clientVersion>',
        '<n:clientVersion xmlns:n="urn:a"><strVersion type="y">2.3</strVersion></n:clientVersion>',
        "<clientVersion><other>9</other><strVersion>2.3</strVersion><strVersion>9</strVersion></clientVersion>",
        "\n  <!-- a comment -->\n  <clientVersion>\n <strVersion>2.3</strVersion>\n</clientVersion>\n ",
        "<clientVersion><strVersion><![CDATA[2.3]]></strVersion></clientVersion>",
        "<clientVersion><strVersion>2<!-- a comment -->.3</strVersion></clientVersion>",
        "<clientVersion><strVersion>2.3</strVersion></clientVersion><clientVersion/>",
    ],
)
def test_forms_of_a_call_mean_the_same(inside):
    """Any prefix or namespace, qualified or not, blanks, comments, CDATA, unknown and repeated elements."""
    assert soap.decode(wrapped(inside)).call == calls.ClientVersion(version="2.3")


@pytest.mark.parametrize("envelope_ns", ["http://www.w3.org/2003/05/soap-envelope", "urn:x"])
def test_any_envelope_is_taken(envelope_ns):
    """SOAP 1.2 too, with a header in front."""
    body = (
        f'<e:Envelope xmlns:e="{envelope_ns}"><e:Header><clientVersion/></e:Header>'
        "<e:Body><serverVersion/></e:Body></e:Envelope>"
    )

    assert soap.decode(body.encode()).call == calls.ServerVersion()


def test_nil_parameters_are_empty():
    """As some toolkits write null."""
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
    body = wrapped(f"<authenticate><strUserName {nil}/><strPassword {nil}></strPassword></authenticate>")

    assert soap.decode(body).call == calls.Authenticate()


@pytest.mark.parametrize(
    ("text", "number"), [("13", 13), (" 13\n", 13), ("", 0), ("x", 0), ("13.0", 0), ("-1", 0)]
)
def test_a_version_number_that_cannot_be_read_is_0(text, number):
    """Better a session with an unknown version than a fault."""
    body = wrapped(f"<sendRequestXML><qbXMLMajorVers>{text}</qbXMLMajorVers></sendRequestXML>")

    assert soap.decode(body).call.major == number


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("b01-serverVersion.xml", calls.ServerVersion()),
        ("e01-rpc-serverVersion.xml", calls.ServerVersion()),
    ],
)
def test_recorded_calls_without_parameters(shared, name, expected):
    """Document and RPC form."""
    assert shared_call(shared, name).call == expected


@pytest.mark.parametrize("name", ["b02-clientVersion.xml", "e02-rpc-clientVersion.xml"])
def test_recorded_client_versions(shared, name):
    """Qualified and unqualified parameters."""
    assert re.fullmatch(r"\d+(\.\d+){3}", shared_call(shared, name).call.version)


def test_recorded_session(shared):
    """Each recorded call is read whole: what stands in the file, unescaped once."""
    authenticate = shared_call(shared, "b03-authenticate.xml").call
    hcp = shared_call(shared, "b07-sendRequestXML-HCP-QB2012.xml").call
    failed = shared_call(shared, "a06-receiveResponseXML-hresult-80040400.xml").call
    padded = shared_call(shared, "b05-receiveResponseXML.xml").call

    assert authenticate.user_name
    assert authenticate.password
    assert hcp.hcp_response.lstrip().startswith("<?xml")
    assert hcp.hcp_response.rstrip().endswith("</QBXML>")
    assert failed.response == ""
    assert failed.hresult == "0x80040400"
    assert failed.message.startswith("QuickBooks found an error when parsing")
    assert padded.response.strip().startswith("<?xml")


@pytest.mark.parametrize("number", range(1, 6))
def test_recorded_answers_keep_every_character(shared, number):
    """Compared with a cut of the file that was unescaped by other code."""
    (path,) = (shared / "data" / "qbwc").glob(f"a0{number}-*.xml")
    text = path.read_bytes().decode("utf-8")
    inside = text.partition("<response>")[2].partition("</response>")[0]
    unescaped = etree.fromstring(f"<a>{inside}</a>".encode()).text

    call = soap.decode(path.read_bytes()).call
    assert call.response == unescaped
    assert call.ticket


def test_an_answer_that_was_not_escaped_is_given_back_as_text():
    """With its own declaration and instructions, and without the namespace that the envelope laid on it."""
    payload = '<?qbxml version="13.0"?><QBXML a="&quot;1&lt;"><B/>x &amp; y<C>\n</C></QBXML>'
    text = soap.decode(response(f'<?xml version="1.0" ?>\n{payload}')).call.response

    root = etree.fromstring(text.strip().encode())
    assert etree.tostring(root, method="c14n") == b'<QBXML a="&quot;1&lt;"><B></B>x &amp; y<C>\n</C></QBXML>'
    assert '<?qbxml version="13.0"?>' in text


def test_an_answer_in_cdata_is_text():
    """Also with a declaration in it."""
    payload = '<?xml version="1.0" ?><QBXML>&amp;</QBXML>'

    assert soap.decode(response(f"<![CDATA[{payload}]]>")).call.response == payload


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a&#x1;b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ufffeb\uffff", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"),
        ("a&#0;b&#31;c", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"),
        ("a\x01b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a&#xFFFF;b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a&#xD834;b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a&#x110000;b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a&#xD834;&#xDD1E;b", "a𝄞b"),
        ("a&#55348;&#56606;b", "a𝄞b"),
        ("a&#56606;&#55348;b", "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"),
        ("a&#55000;&#57999;&#x1;", "a\ud6d8\ue28f\N{REPLACEMENT CHARACTER}"),
        ("a&#55000;&#56606;", "a\ud6d8\N{REPLACEMENT CHARACTER}"),
        ("&#x1;&#x9;&#xA;&#xD;&#x20AC;", "\N{REPLACEMENT CHARACTER}\t\n\r€"),
    ],
)
def test_what_xml_forbids_is_replaced_and_flagged(markup, text):
    """The .NET writer makes such references; the rest of the call is good."""
    received = soap.decode(version(markup))

    assert received.call.version == text
    assert received.sanitised


def test_what_needs_no_replacing_is_not_flagged():
    """Also where an inner declaration was taken out."""
    assert not soap.decode(version("a&#x20AC;b")).sanitised
    assert not soap.decode(response('<?xml version="1.0"?><QBXML/>')).sanitised


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "got nothing"),
        (b"hello", "well-formed"),
        (b"ticket=1&user=2", "well-formed"),
        (b"<a/>", "expected a SOAP Envelope"),
        (wrapped(""), "expected a call, got nothing"),
        (b'<s:Envelope xmlns:s="s"><s:Header/></s:Envelope>', "expected a Body, got none"),
        (wrapped("<deleteEverything/>"), "expected a call of the Web Connector, got 'deleteEverything'"),
        (wrapped("<authenticate2/>"), "got 'authenticate2'"),
        (version("a")[:-9], "well-formed"),
        (version("a < b"), "well-formed|tags"),
        (version("&nbsp;"), "not defined"),
        (version("<!-- never closed"), "well-formed"),
        (version("<![CDATA[ never closed"), "well-formed"),
        (version("<" + "a" * 5_000_000), "at most 250000 tags of 4194304 bytes"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + wrapped("<serverVersion/>", declaration=""), "without DOCTYPE"),
        (b"<!-- x --><!doctype a>" + wrapped("<serverVersion/>", declaration=""), "DOCTYPE"),
    ],
)
def test_what_is_no_call_is_refused_in_words(body, says):
    """Where, what was expected, what came."""
    with pytest.raises(ParseError, match=says):
        soap.decode(body)


def test_errors_show_nothing_of_the_parameters():
    """They go into logs and faults."""
    body = wrapped("<authenticat><strPassword>secret</strPassword></authenticat>")

    with pytest.raises(ParseError) as caught:
        soap.decode(body)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(
        soap.decode(wrapped("<authenticate><strPassword>secret</strPassword></authenticate>"))
    )


# -- hostile bodies

BOMBS = {
    "entities": '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>',
    "entities in utf-16": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY a "ha">]><a>&a;</a>',
    "a file": '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]><a>&a;</a>',
    "a page": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "parameter entities": '<!DOCTYPE a [<!ENTITY % a SYSTEM "file:///etc/hostname">%a;]><a/>',
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_doctype_is_refused_before_it_is_read(name):
    """There is nothing to expand, no file and no page is opened."""
    encoding = "utf-16" if "utf-16" in name else "utf-8"

    with pytest.raises(ParseError, match="DOCTYPE"):
        soap.decode(BOMBS[name].encode(encoding))


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("utf-7", "utf-7"),
        ("cp037", "cp037"),
        ("utf-32", "utf-32"),
        ("UCS-4", "utf-8"),
        ("x-unknown", "utf-8"),
    ],
)
def test_encodings_that_could_hide_a_doctype_are_refused(head, encoding):
    """Or cannot be known at all."""
    body = f'<?xml version="1.0" encoding="{head}"?><!DOCTYPE a [<!ENTITY a "b">]><a b="&a;"/>'.encode(
        encoding
    )

    with pytest.raises(ParseError):
        soap.decode(body)


@pytest.mark.parametrize(
    ("label", "charset", "encoding"),
    [
        ("", "", "utf-8"),
        ("", "utf-8", "utf-8-sig"),
        ("utf-8", "iso-8859-1", "utf-8"),
        ("iso-8859-1", "", "iso-8859-1"),
        ("Windows-1252", "utf-8", "cp1252"),
        ("", "windows-1252", "cp1252"),
        ("", '"ISO-8859-1"', "iso-8859-1"),
        ("utf-16", "", "utf-16"),
        ("", "utf-16", "utf-16"),
        ("", "", "utf-16-le"),
        ("", "", "utf-16-be"),
        ("utf-16", "utf-16", "utf-8"),
    ],
)
def test_encodings_are_taken_from_the_document_then_from_the_header(label, charset, encoding):
    """The Web Connector sends UTF-8; others send what they like and say so, or say UTF-16 and send UTF-8."""
    declaration = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    body = wrapped("<clientVersion><strVersion>ä</strVersion></clientVersion>", declaration=declaration)
    content_type = f"text/xml; charset={charset}" if charset else "text/xml"

    received = soap.decode(body.decode().encode(encoding), content_type=content_type)
    assert received.call == calls.ClientVersion(version="ä")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (version("ä").decode().encode("iso-8859-1"), "text/xml; charset=utf-8"),
        (version("a").decode().encode("utf-16")[:-1], "text/xml"),
        (wrapped("<serverVersion/>", declaration=""), "text/xml; charset=utf-7"),
        (b"\xff\xfe" + b"\x00\xd8" * 10, "text/xml"),
    ],
)
def test_bytes_in_another_encoding_than_they_say_are_refused(body, content_type):
    """Nothing is guessed: a guess would put wrong names into the books."""
    with pytest.raises(ParseError):
        soap.decode(body, content_type=content_type)


def measured(program):
    """Run *program*, which makes ``body`` and decodes it; return what it says, its MiB and its seconds."""
    frame = f"""
        import resource, sys, time
        from qbsync.errors import ParseError
        from qbsync.qbwc import soap
        {program}
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        try:
            soap.decode(body)
        except ParseError as error:
            print(error)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print((after - before) // 1024, time.perf_counter() - start)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(frame)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    *said, figures = done.stdout.splitlines()
    mebibytes, seconds = figures.split()
    return " ".join(said), int(mebibytes), float(seconds)


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is read the POSIX way")
@pytest.mark.parametrize(
    ("program", "says"),
    [
        ('body = b"<a>" * 100_000 + b"</a>" * 100_000', "Excessive depth"),
        ('body = b"<a>" + b"<b/>" * 16_000_000 + b"</a>"', "at most 250000 tags"),
        ('body = b"<a " + b\'a=""\\n\' * 12_000_000 + b"/>"', "at most 250000 tags"),
        ('body = b"<a " + b"x" * 64_000_000 + b"/>"', "at most 250000 tags"),
        ('body = b"<a><!--" + b"<b/>" * 16_000_000 + b"-->"', "well-formed"),
        ('body = b"<a>" + b"&#x41;" * 10_000_000 + b"</a>"', "expected a SOAP Envelope"),
        ('body = b"<a>" + b"]]>" * 20_000_000', "well-formed"),
        ('body = b"<" * 64_000_000', "well-formed|at most"),
        ('body = b"<a" + b" xmlns:a" * 8_000_000', "well-formed|at most"),
    ],
)
def test_a_bomb_takes_little_memory_and_time(program, says):
    """64 MiB of body, at most as much again and a few seconds, whatever is in it."""
    said, mebibytes, seconds = measured(program)

    assert re.search(says, said), said
    assert mebibytes < 220
    assert seconds < 10


# -- writing


def test_the_bytes_of_a_reply():
    """One line, declaration first, SOAP 1.1, the result in the target namespace, empty elements short."""
    head = (
        b'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/'
        b'envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/'
        b'XMLSchema"><soap:Body>'
    )
    tail = b"</soap:Body></soap:Envelope>"
    name = b'<authenticateResponse xmlns="http://developer.intuit.com/">'

    assert soap.encode("authenticate", ["t<&>", ""]) == (
        head + name + b"<authenticateResult><string>t&lt;&amp;&gt;</string><string /></authenticateResult>"
        b"</authenticateResponse>" + tail
    )
    assert soap.encode("clientVersion", "") == (
        head + b'<clientVersionResponse xmlns="http://developer.intuit.com/"><clientVersionResult />'
        b"</clientVersionResponse>" + tail
    )
    assert b"<receiveResponseXMLResult>42</receiveResponseXMLResult>" in soap.encode("receiveResponseXML", 42)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200).filter(
    lambda text: not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)
)


@given(
    text=texts, name=st.sampled_from(["sendRequestXML", "getLastError", "closeConnection", "serverVersion"])
)
def test_any_text_reaches_the_web_connector_unchanged(text, name):
    """The judge is the simulated .NET client."""
    reply = soap.encode(name, text)

    assert judge(name, 200, soap.CONTENT_TYPE, reply) == text
    assert reply.isascii()
    assert reply.startswith(b"<?xml ")


@given(texts_=st.lists(texts, min_size=2, max_size=4), number=st.integers(-(2**31), 2**31 - 1))
def test_any_list_and_number_reach_the_web_connector_unchanged(texts_, number):
    """Blank and empty strings included; numbers as plain digits."""
    assert judge("authenticate", 200, soap.CONTENT_TYPE, soap.encode("authenticate", texts_)) == texts_
    assert (
        judge("receiveResponseXML", 200, soap.CONTENT_TYPE, soap.encode("receiveResponseXML", number))
        == number
    )


def test_carriage_returns_survive():
    """A raw one would arrive as a line feed."""
    assert (
        judge("getLastError", 200, soap.CONTENT_TYPE, soap.encode("getLastError", "a\r\nb\r")) == "a\r\nb\r"
    )


@pytest.mark.parametrize("text", ["a\x01b", "a\x00b", "a\ud800b", "a\uffffb"])
def test_what_xml_cannot_hold_goes_out_as_the_replacement_character(text):
    """A reply that cannot be read would end the session with a code that explains nothing."""
    reply = soap.encode("getLastError", text)

    assert judge("getLastError", 200, soap.CONTENT_TYPE, reply) == "a\N{REPLACEMENT CHARACTER}b"


def test_a_finished_document_goes_out_escaped_once():
    """As bytes, which is the fast way, or as text: the same."""
    document = b'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML a="1">&#8364; &amp; ]]&gt;</QBXML>'
    reply = soap.encode("sendRequestXML", document)

    assert reply == soap.encode("sendRequestXML", document.decode())
    assert judge("sendRequestXML", 200, soap.CONTENT_TYPE, reply) == document.decode()


@pytest.mark.parametrize("name", calls.CALLS)
def test_the_polite_reply_of_each_call_can_be_written(name):
    """And is of the type that the description of the service promises."""
    call = calls.CALLS[name]
    root = etree.fromstring(soap.encode(name, call.polite))

    (result,) = root.iter(f"{{{NS}}}{name}Result")
    if call.kind is calls.Kind.NUMBER:
        assert int(result.text) == call.polite
    elif call.kind is calls.Kind.TEXT:
        assert (result.text or "") == call.polite


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("receiveResponseXML", "50"),
        ("receiveResponseXML", None),
        ("authenticate", "nvu"),
        ("authenticate", b"nvu"),
        ("authenticate", None),
        ("sendRequestXML", None),
        ("sendRequestXML", 1),
        ("getLastError", ["a"]),
    ],
)
def test_a_result_of_another_type_is_a_programming_error(name, result):
    """It is found here, not by the Web Connector."""
    with pytest.raises(TypeError, match=f"^{name}: expected"):
        soap.encode(name, result)


def test_a_fault_is_read_as_one():
    """The Web Connector shows its text; the code says whose fault it is."""
    written = soap.fault("store locked <now>")
    blamed = soap.fault("no call", blame="Client")

    with pytest.raises(Rejected, match="SOAP fault: store locked <now>"):
        judge("authenticate", 500, soap.CONTENT_TYPE, written)
    assert b"<faultcode>soap:Server</faultcode>" in written
    assert b"<faultcode>soap:Client</faultcode>" in blamed


@given(
    st.binary(max_size=300)
    | st.text(max_size=100).map(lambda text: wrapped(f"<clientVersion>{escape(text)}"))
)
def test_whatever_comes_is_read_or_refused(body):
    """Never any other exception."""
    names = set()
    with contextlib.suppress(ParseError):
        names.add(soap.decode(body).call.name)

    assert names <= set(calls.CALLS)
