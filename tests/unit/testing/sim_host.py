"""A host of a few lines that answers as it is told, and remembers what it was asked."""

from __future__ import annotations

from lxml import etree

from qbsync.testing import WebConnector

NAMESPACE = "http://developer.intuit.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ADD = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">'
    "<CustomerAddRq><CustomerAdd><Name>Ann Lee</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"
)


class Host:
    """Answers each call with the next of its answers; the last one stays."""

    def __init__(self, **answers) -> None:
        self.answers = {
            "serverVersion": ["1.0"],
            "clientVersion": [""],
            "authenticate": [["t1", ""]],
            "sendRequestXML": [ADD],
            "receiveResponseXML": [100],
            "getLastError": ["the reason"],
            "closeConnection": ["OK"],
            "connectionError": ["done"],
            "interactiveRejected": [""],
        }
        self.answers.update({call: list(given) for call, given in answers.items()})
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.halves: list[bytes] = []

    def __call__(self, body: bytes, content_type: str, soap_action: str) -> tuple[int, str, bytes]:
        try:
            call = etree.fromstring(body)[0][0]
        except etree.XMLSyntaxError:
            self.halves.append(body)
            return 400, "text/html", b"not well-formed"
        name = etree.QName(call).localname
        assert content_type == "text/xml; charset=utf-8"
        assert soap_action == f'"{NAMESPACE}{name}"'
        self.calls.append((name, {etree.QName(child).localname: child.text or "" for child in call}))
        given = self.answers[name]
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, tuple):
            return answer
        if isinstance(answer, Exception):
            raise answer
        return 200, "text/xml; charset=utf-8", self.reply(name, answer)

    @staticmethod
    def reply(name: str, answer: object) -> bytes:
        root = etree.Element(f"{{{SOAP}}}Envelope")
        response = etree.SubElement(
            etree.SubElement(root, f"{{{SOAP}}}Body"), f"{{{NAMESPACE}}}{name}Response"
        )
        result = etree.SubElement(response, f"{{{NAMESPACE}}}{name}Result")
        if isinstance(answer, list):
            for item in answer:
                etree.SubElement(result, f"{{{NAMESPACE}}}string").text = item
        else:
            result.text = str(answer)
        return etree.tostring(root)

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def values(self, name: str, place: int = 0) -> dict[str, str]:
        return [values for call, values in self.calls if call == name][place]


def connect(host, company, **options) -> WebConnector:
    return WebConnector(host, company=company, user_name="shop", password="p&w", **options)
