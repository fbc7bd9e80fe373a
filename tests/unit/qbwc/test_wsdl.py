"""The description of the service, read by a tool that is not ours."""

from __future__ import annotations

import io

import pytest
import zeep
from lxml import etree

from qbsync.qbwc.calls import CALLS, Kind, parameters
from qbsync.qbwc.wsdl import wsdl

URL = "https://shop.example/qbwc?a=1&b=2"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The port, as zeep understands it."""
    path = tmp_path_factory.mktemp("wsdl") / "service.wsdl"
    path.write_bytes(wsdl(URL))
    return zeep.Client(str(path)).wsdl.services["QBWebConnectorSvc"].ports["QBWebConnectorSvcSoap"]


def test_all_thirteen_calls_are_described(service):
    """Names as on the wire, each with its SOAPAction."""
    operations = service.binding._operations

    assert set(operations) == set(CALLS)
    assert len(operations) == 13
    assert operations["authenticate"].soapaction == "http://developer.intuit.com/authenticate"


@pytest.mark.parametrize("name", CALLS)
def test_parameters_stand_in_the_order_of_the_wire_with_their_types(service, name):
    """Texts may be left out, numbers may not."""
    described = service.binding._operations[name].input.body.type.elements
    expected = [(p.wire, p.type is int) for p in parameters(CALLS[name])]

    assert [(wire, element.type.name == "int") for wire, element in described] == expected
    assert all(element.min_occurs == int(element.type.name == "int") for _, element in described)


@pytest.mark.parametrize("name", CALLS)
def test_results_have_the_types_of_the_calls(service, name):
    """A required number, an optional text, a list of texts."""
    ((result, element),) = service.binding._operations[name].output.body.type.elements
    types = {Kind.TEXT: "string", Kind.NUMBER: "int", Kind.TEXTS: "ArrayOfString"}

    assert result == f"{name}Result"
    assert element.type.name == types[CALLS[name].kind]
    assert element.min_occurs == int(CALLS[name].kind is Kind.NUMBER)


def test_the_address_is_the_one_asked_for(service):
    """Escaped once."""
    assert service.binding_options["address"] == URL


def test_it_is_one_well_formed_document():
    """Read by libxml2, in the namespace of WSDL 1.1."""
    root = etree.parse(io.BytesIO(wsdl('https://x/"<>'))).getroot()

    assert root.tag == "{http://schemas.xmlsoap.org/wsdl/}definitions"
