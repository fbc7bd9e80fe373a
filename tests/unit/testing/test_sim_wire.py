"""The simulated Web Connector writes the .NET client's bytes and takes what that client takes."""

from __future__ import annotations

import gzip

import pytest
from lxml import etree

from qbsync.testing._judging import Rejected, judge
from qbsync.testing._wire import NAMESPACE, PARAMETERS, envelope

XML = "text/xml; charset=utf-8"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def reply(call: str, inner: str, *, soap: str = SOAP) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{soap}"><s:Body>'
        f'<{call}Response xmlns="{NAMESPACE}">{inner}</{call}Response></s:Body></s:Envelope>'
    ).encode()


def values_of(body: bytes) -> tuple[str, dict[str, str]]:
    call = etree.fromstring(body)[0][0]
    return etree.QName(call).localname, {etree.QName(child).localname: child.text or "" for child in call}


@pytest.mark.parametrize(
    "name",
    [
        "a01-receiveResponseXML-InvoiceAddRs",
        "a02-receiveResponseXML-ReceivePaymentAddRs",
        "a03-receiveResponseXML-three-Rs",
        "a04-receiveResponseXML-ItemInventoryQueryRs-20k",
        "a05-receiveResponseXML-status3100",
    ],
)
def test_recorded_calls_are_reproduced_byte_for_byte(shared, name):
    recorded = (shared / "data" / "qbwc" / f"{name}.xml").read_bytes()
    call, values = values_of(recorded)

    assert envelope(call, values) == recorded.rstrip(b"\n")


@pytest.mark.parametrize("number", ["a06", "b01", "b02", "b03", "b04", "b05", "b06", "b07"])
def test_indented_recordings_are_reproduced_as_equal_xml(shared, number):
    (path,) = (shared / "data" / "qbwc").glob(f"{number}-*.xml")
    call, values = values_of(path.read_bytes())
    ours = etree.fromstring(envelope(call, values))
    theirs = etree.fromstring(path.read_bytes(), etree.XMLParser(remove_blank_text=True))

    assert etree.tostring(ours, method="c14n") == etree.tostring(theirs, method="c14n")


def test_a_call_without_values_is_self_closed():
    body = envelope("serverVersion", {}).decode()

    assert body.endswith(f'<soap:Body><serverVersion xmlns="{NAMESPACE}" /></soap:Body></soap:Envelope>')


def test_an_empty_value_is_self_closed_with_a_space_and_null_is_left_out():
    body = envelope("connectionError", {"ticket": None, "hresult": "", "message": "m"}).decode()

    assert f'<connectionError xmlns="{NAMESPACE}"><hresult /><message>m</message></connectionError>' in body


def test_only_ampersand_and_angle_brackets_are_escaped_and_controls_written_as_net_does():
    body = envelope("authenticate", {"strUserName": "a&<>\"'é😀\n", "strPassword": "\x01\x0b"})

    assert "<strUserName>a&amp;&lt;&gt;\"'é😀\n</strUserName>".encode() in body
    assert b"<strPassword>&#x1;&#xB;</strPassword>" in body


@pytest.mark.parametrize(
    ("number", "call", "expected"),
    [
        ("r01", "serverVersion", "1.2.3"),
        ("r02", "clientVersion", None),
        ("r03", "authenticate", ["5c7e2e0d-8912-4f13-ad60-cac3a3e68bf5", "none", "", ""]),
        ("r04", "sendRequestXML", "<some><xml></xml></some>"),
        ("r05", "receiveResponseXML", 100),
        ("r06", "closeConnection", None),
        ("r08", "authenticate", ["", "nvu"]),
    ],
)
def test_recorded_replies_are_accepted(shared, number, call, expected):
    (path,) = (shared / "data" / "qbwc").glob(f"{number}-*.xml")

    assert judge(call, 200, XML, path.read_bytes()) == expected


@pytest.mark.parametrize(
    ("number", "reason"), [("r09", "outside the bounds"), ("r10", "outside the bounds"), ("r07", "not set")]
)
def test_recorded_bad_replies_are_rejected(shared, number, reason):
    """r07 is an answer to the RPC style, which the default style does not understand."""
    (path,) = (shared / "data" / "qbwc").glob(f"{number}-*.xml")
    call = "serverVersion" if number == "r07" else "authenticate"

    with pytest.raises(Rejected, match=reason):
        judge(call, 200, XML, path.read_bytes())


@pytest.mark.parametrize(
    ("status", "content_type", "body", "reason"),
    [
        (404, "text/html", b"x", "HTTP status 404"),
        (302, XML, b"x", "HTTP status 302"),
        (500, "text/html", b"<html/>", "HTTP status 500"),
        (200, "application/xml", reply("serverVersion", ""), "expected 'text/xml'"),
        (200, "", reply("serverVersion", ""), "expected 'text/xml'"),
        (200, XML, b"", "empty"),
        (200, XML, b"\n" + reply("serverVersion", ""), "not well-formed"),
        (200, XML, b"\xef\xbb\xbf" + reply("serverVersion", ""), "not well-formed"),
        (200, XML, b"<a>", "not well-formed"),
        (200, XML, b"<a>\xff</a>", "cannot be decoded"),
        (200, "text/xml; charset=nonsense", b"<a/>", "cannot be decoded"),
        (200, XML, b"<!DOCTYPE a><a/>", "DTD"),
        (200, XML, b"<a/>", "version mismatch"),
        (200, XML, f'<e:Envelope xmlns:e="{SOAP}"/>'.encode(), "no Body"),
        (200, XML, f'<e:Envelope xmlns:e="{SOAP}"><e:Body/></e:Envelope>'.encode(), "Body is empty"),
        (200, XML, reply("clientVersion", ""), "not set to an instance"),
        (200, XML, reply("serverVersion", "<serverVersionResult><a/></serverVersionResult>"), "not text"),
    ],
)
def test_replies_that_the_client_does_not_take(status, content_type, body, reason):
    with pytest.raises(Rejected, match=reason):
        judge("serverVersion", status, content_type, body)


@pytest.mark.parametrize(
    ("status", "tag"), [(500, "faultstring"), (200, "faultstring"), (400, "faultstring")]
)
def test_a_fault_is_an_exception_with_its_text(status, tag):
    body = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode>s:Server</faultcode><{tag}>why</{tag}>'
        "</s:Fault></s:Body></s:Envelope>"
    ).encode()

    with pytest.raises(Rejected, match="SOAP fault: why"):
        judge("serverVersion", status, XML, body)


def test_a_fault_without_a_text_is_a_fault_all_the_same():
    body = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault/></s:Body></s:Envelope>'.encode()

    with pytest.raises(Rejected, match="SOAP fault: no text"):
        judge("serverVersion", 500, XML, body)


@pytest.mark.parametrize("text", ["", "100.0", "x", "2147483648", "- 1"])
def test_progress_must_be_a_whole_number_of_32_bits(text):
    inner = f"<receiveResponseXMLResult>{text}</receiveResponseXMLResult>"

    with pytest.raises(Rejected, match="correct format"):
        judge("receiveResponseXML", 200, XML, reply("receiveResponseXML", inner))


@pytest.mark.parametrize(("text", "number"), [("42", 42), (" 100\n", 100), ("-1", -1)])
def test_progress_may_stand_between_blanks(text, number):
    inner = f"<receiveResponseXMLResult>{text}</receiveResponseXMLResult>"

    assert judge("receiveResponseXML", 200, XML, reply("receiveResponseXML", inner)) == number


def test_blanks_inside_a_string_belong_to_it():
    inner = "<authenticateResult><string>t</string><string>nvu\n</string></authenticateResult>"

    assert judge("authenticate", 200, XML, reply("authenticate", inner)) == ["t", "nvu\n"]


def test_a_missing_array_is_a_null_reference():
    with pytest.raises(Rejected, match="not set to an instance"):
        judge("authenticate", 200, XML, reply("authenticate", ""))


def test_soap_12_envelopes_and_unknown_elements_are_accepted():
    inner = "<other>1</other><serverVersionResult>v</serverVersionResult>"
    body = reply("serverVersion", inner, soap="http://www.w3.org/2003/05/soap-envelope")

    assert judge("serverVersion", 200, "text/xml", body) == "v"


def test_the_charset_of_the_header_wins_over_the_declaration():
    body = reply("serverVersion", "<serverVersionResult>é</serverVersionResult>").decode().encode("latin-1")

    assert judge("serverVersion", 200, "text/xml; charset=iso-8859-1", body) == "é"


def test_every_call_of_a_session_has_its_parameters():
    assert set(PARAMETERS) >= {"serverVersion", "authenticate", "sendRequestXML", "receiveResponseXML"}
    assert PARAMETERS["sendRequestXML"][2] == "strCompanyFileName"


@pytest.mark.parametrize("number", ["e01", "e02"])
def test_recorded_calls_of_the_rpc_style_are_reproduced_as_equal_xml(shared, number):
    (path,) = (shared / "data" / "qbwc").glob(f"{number}-*.xml")
    call, values = values_of(path.read_bytes())
    ours = etree.fromstring(envelope(call, values, style="rpc"))
    theirs = etree.fromstring(path.read_bytes(), etree.XMLParser(remove_blank_text=True))

    assert etree.tostring(ours, method="c14n") == etree.tostring(theirs, method="c14n")


def test_the_rpc_style_types_its_values_and_writes_null_as_nil():
    values = {
        "ticket": None, "strHCPResponse": "", "strCompanyFileName": "a&b", "qbXMLCountry": "US",
        "qbXMLMajorVers": "13", "qbXMLMinorVers": "0",
    }  # fmt: skip
    body = envelope("sendRequestXML", values, style="rpc").decode()

    assert '<ticket xsi:nil="true" /><strHCPResponse xsi:type="xsd:string" />' in body
    assert '<strCompanyFileName xsi:type="xsd:string">a&amp;b</strCompanyFileName>' in body
    assert '<qbXMLMajorVers xsi:type="xsd:int">13</qbXMLMajorVers>' in body


def test_a_recorded_reply_of_the_rpc_style_is_read_where_that_is_wanted(shared):
    (path,) = (shared / "data" / "qbwc").glob("r07-*.xml")
    reply_bytes = path.read_bytes()

    assert judge("serverVersion", 200, XML, reply_bytes, accepts_rpc_replies=True) == "Your App 1.0"


def test_an_array_of_the_rpc_style_has_items_of_any_name():
    inner = '<return xmlns=""><item>t</item><item>none</item></return>'

    assert judge("authenticate", 200, XML, reply("authenticate", inner), accepts_rpc_replies=True) == [
        "t", "none",
    ]  # fmt: skip


def test_the_media_type_of_soap_12_is_a_switch():
    body = reply("serverVersion", "<serverVersionResult>v</serverVersionResult>")

    assert judge("serverVersion", 200, "application/soap+xml", body, accepts_soap12_type=True) == "v"
    with pytest.raises(Rejected, match="content type"):
        judge("serverVersion", 200, "application/soap+xml", body)


def test_cdata_and_chopped_text_are_one_text():
    inner = "<serverVersionResult>a<![CDATA[<b>]]><!-- c -->d</serverVersionResult>"

    assert judge("serverVersion", 200, XML, reply("serverVersion", inner)) == "a<b>d"


def test_a_gzipped_reply_is_not_decoded():
    with pytest.raises(Rejected, match="cannot be decoded"):
        judge("serverVersion", 200, XML, gzip.compress(reply("serverVersion", "")))
