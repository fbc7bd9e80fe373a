"""The description of the service (WSDL 1.1, document/literal wrapped) for SOAP tools.

The Web Connector carries its own compiled proxy and does not read it; other clients and testers do.
It is made from the calls, so it cannot differ from what is served.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from .calls import CALLS, Call, Kind, parameters
from .soap import NAMESPACE

__all__ = ["wsdl"]

_HEAD = f"""<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" \
xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s="http://www.w3.org/2001/XMLSchema" \
xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}">
<wsdl:types><s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">
<s:complexType name="ArrayOfString"><s:sequence>\
<s:element minOccurs="0" maxOccurs="unbounded" name="string" nillable="true" type="s:string"/>\
</s:sequence></s:complexType>
"""
_TYPES = {Kind.TEXT: "s:string", Kind.TEXTS: "tns:ArrayOfString", Kind.NUMBER: "s:int"}
_PORT = "QBWebConnectorSvcSoap"


def wsdl(location: str) -> bytes:
    """Return the description of the service at *location* (its full URL)."""
    calls = list(CALLS.values())
    parts = [_HEAD]
    parts += [_elements(call) for call in calls]
    parts.append("</s:schema></wsdl:types>\n")
    parts += [_messages(call) for call in calls]
    parts.append(f'<wsdl:portType name="{_PORT}">\n')
    parts += [_operation(call) for call in calls]
    parts.append(f'</wsdl:portType>\n<wsdl:binding name="{_PORT}" type="tns:{_PORT}">')
    parts.append('<soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>\n')
    parts += [_bound(call) for call in calls]
    parts.append(
        f'</wsdl:binding>\n<wsdl:service name="QBWebConnectorSvc"><wsdl:port name="{_PORT}" '
        f'binding="tns:{_PORT}"><soap:address location={quoteattr(location)}/></wsdl:port>'
        "</wsdl:service>\n</wsdl:definitions>\n"
    )
    return "".join(parts).encode()


def _elements(call: type[Call]) -> str:
    """Return the schema elements of the call and of its response."""
    inside = "".join(
        f'<s:element minOccurs="1" maxOccurs="1" name="{p.wire}" type="s:int"/>'
        if p.type is int
        else f'<s:element minOccurs="0" maxOccurs="1" name="{p.wire}" type="s:string"/>'
        for p in parameters(call)
    )
    needed = 1 if call.kind is Kind.NUMBER else 0
    return (
        f'<s:element name="{call.name}"><s:complexType><s:sequence>{inside}</s:sequence>'
        f'</s:complexType></s:element><s:element name="{call.name}Response"><s:complexType><s:sequence>'
        f'<s:element minOccurs="{needed}" maxOccurs="1" name="{call.name}Result" '
        f'type="{_TYPES[call.kind]}"/></s:sequence></s:complexType></s:element>\n'
    )


def _messages(call: type[Call]) -> str:
    return "".join(
        f'<wsdl:message name="{call.name}Soap{way}"><wsdl:part name="parameters" '
        f'element="tns:{call.name}{suffix}"/></wsdl:message>\n'
        for way, suffix in (("In", ""), ("Out", "Response"))
    )


def _operation(call: type[Call]) -> str:
    summary = escape((call.__doc__ or "").strip().splitlines()[0])
    return (
        f'<wsdl:operation name="{call.name}"><wsdl:documentation>{summary}</wsdl:documentation>'
        f'<wsdl:input message="tns:{call.name}SoapIn"/><wsdl:output message="tns:{call.name}SoapOut"/>'
        "</wsdl:operation>\n"
    )


def _bound(call: type[Call]) -> str:
    literal = '<soap:body use="literal"/>'
    return (
        f'<wsdl:operation name="{call.name}"><soap:operation soapAction="{NAMESPACE}{call.name}" '
        f'style="document"/><wsdl:input>{literal}</wsdl:input><wsdl:output>{literal}</wsdl:output>'
        "</wsdl:operation>\n"
    )
