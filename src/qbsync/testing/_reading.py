"""Reading the frame of request documents as strictly as QuickBooks does.

Here: the declaration, the qbxml instruction, the message set and its attributes.
Not here: the requests inside (``_requests``) and what they do.
Facts: qbXML dossier 1.1, 2.2, 5.4, 7.2. Nothing is shared with builder, parser or rules.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from ._nodes import VERSIONS, MessageSet, number
from ._refusals import PARSE_ERROR, QuickBooksError, unparsable
from ._requests import reader, refuse_text

__all__ = ["read"]

_DECLARATION: Final = re.compile(r"\A<\?xml\s[^>]*?\?>")
_INSTRUCTION: Final = re.compile(r"""<\?qbxml\s+version\s*=\s*(["'])([^"']*)\1\s*\?>""")
_ROOT: Final = re.compile(r"<(?![?!])")
_BODY: Final = re.compile(r"<QBXMLMsgsRq\b[^>]*?(/?)>")
_SET_ATTRIBUTES: Final = frozenset({"onError", "responseData", "newMessageSetID", "oldMessageSetID"})


def read(
    document: str,
    *,
    newest: str,
    edition: str,
    ascii_only: bool = False,
    other_editions: str = "refuse",
    unknown_version: str = PARSE_ERROR,
) -> MessageSet:
    """Read one request document.

    Args:
        document: the text.
        newest: the highest qbXML version that is known.
        edition: the edition of this QuickBooks.
        ascii_only: refuse characters above U+007F that are not written as references.
        other_editions: ``refuse`` elements of other editions, or ``warn``.
        unknown_version: the HRESULT for a version that is not known.

    Raises:
        QuickBooksError: the document is refused as a whole; nothing may be executed.
    """
    if not document.startswith("<"):
        raise unparsable("something stands before the XML declaration or the root")
    if ascii_only and not document.isascii():
        raise unparsable("a character above U+007F is not written as a reference")
    version = _declared_version(document, newest, unknown_version)
    root = _parse(document)
    message_set = _message_set_element(root)
    values = dict(message_set.attrib)
    compiled = reader(version, other_editions, edition)
    on_error = str(values["onError"])
    return MessageSet(
        version=version,
        on_error=on_error,
        include_data=values.get("responseData") != "includeNone",
        new_id=_text_or_none(values.get("newMessageSetID")),
        old_id=_text_or_none(values.get("oldMessageSetID")),
        body=_body(document),
        requests=tuple(compiled.request(element) for element in message_set),
    )


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _declared_version(document: str, newest: str, hresult: str) -> str:
    root = _ROOT.search(document)
    instruction = _INSTRUCTION.search(document, 0, root.start() if root else len(document))
    if instruction is None:
        raise unparsable("the qbxml instruction is missing")
    version = instruction[2]
    if version not in VERSIONS or number(version) > number(newest):
        why = f"{version!r} is declared, {newest} is the highest here"
        if hresult == PARSE_ERROR:
            raise unparsable(why)
        raise QuickBooksError(hresult, "The qbXML version of the request is unknown or not supported.", why)
    return version


def _parse(document: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_DECLARATION.sub("", document, count=1), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise unparsable(f"not well-formed: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise unparsable("a DOCTYPE stands in the document")
    return root


def _message_set_element(root: etree._Element) -> etree._Element:
    if root.tag != "QBXML" or root.attrib:
        raise unparsable(f"expected the root QBXML without attributes, got {root.tag!r}")
    children = list(root)
    if len(children) != 1 or children[0].tag != "QBXMLMsgsRq":
        raise unparsable("expected exactly one QBXMLMsgsRq in QBXML")
    message_set = children[0]
    refuse_text(root, children)
    refuse_text(message_set, list(message_set))
    unknown = set(message_set.attrib) - _SET_ATTRIBUTES
    if unknown:
        raise unparsable(f"QBXMLMsgsRq: unknown attributes {sorted(map(str, unknown))}")
    on_error = message_set.get("onError")
    if on_error not in {"stopOnError", "continueOnError"}:
        raise unparsable(
            f"QBXMLMsgsRq: onError is {on_error!r}; QuickBooks takes stopOnError and continueOnError"
        )
    if message_set.get("responseData", "includeAll") not in {"includeAll", "includeNone"}:
        raise unparsable(f"QBXMLMsgsRq: responseData is {message_set.get('responseData')!r}")
    return message_set


def _body(document: str) -> str:
    start = _BODY.search(document)
    if start is None or start[1]:
        return ""
    return document[start.end() : document.rindex("</QBXMLMsgsRq")]
