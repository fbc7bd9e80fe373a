"""The scalar types of qbXML as XML Schema types: the forms that their texts may have.

Follows the data types of the qbXML reference.  A type that has an empty form (an empty element clears a
field) takes the empty text; ``INTTYPE`` and ``GUIDTYPE`` have none.  Dates are checked against the
calendar; date-times, whose one-digit parts no type of XML Schema knows, by a pattern that holds the
calendar and the range from 1970-01-01 to 2038-01-19T03:14:07.
"""

from __future__ import annotations

from typing import Final

__all__ = ["BASES", "FIVE_DECIMALS", "PERCENT_READ", "XSD_NAMESPACE"]

XSD_NAMESPACE: Final = "http://www.w3.org/2001/XMLSchema"


def _pattern(name: str, pattern: str, *, base: str = "xs:string") -> str:
    return (
        f'<xs:simpleType name="{name}"><xs:restriction base="{base}">'
        f'<xs:pattern value="{pattern}"/></xs:restriction></xs:simpleType>\n'
    )


def _text(name: str, facets: str = "") -> str:
    return (
        f'<xs:simpleType name="{name}"><xs:restriction base="xs:string">{facets}'
        "</xs:restriction></xs:simpleType>\n"
    )


_LONG: Final = "0?[13578]|1[02]"
#: Leap years from 1970 to 2037.
_LEAP: Final = "19(7[26]|8[048]|9[26])|20([02][048]|[13][26])"
_YEAR: Final = "19[7-9][0-9]|20[0-2][0-9]|203[0-7]"
_UP_TO_28: Final = "0?[1-9]|1[0-9]|2[0-8]"
_DAYS: Final = (
    f"({_YEAR})-("
    f"(0?[1-9]|1[0-2])-({_UP_TO_28})"
    f"|(0?[13-9]|1[0-2])-(29|30)"
    f"|({_LONG})-31)"
    f"|({_LEAP})-0?2-29"
    "|2038-0?1-(0?[1-9]|1[0-8])"
)
_OFFSET: Final = r"([+\-][0-9]{1,2}(:[0-9]{1,2})?|Z)?"
_SIXTY: Final = "[0-5]?[0-9]"
_CLOCK: Final = rf"T([01]?[0-9]|2[0-3])(:{_SIXTY}(:{_SIXTY})?)?{_OFFSET}"
_LAST_DAY: Final = (
    rf"2038-0?1-19(T(0?[0-2](:{_SIXTY}(:{_SIXTY})?)?"
    rf"|0?3(:(0?[0-9]|1[0-3])(:{_SIXTY})?)?"
    rf"|0?3:14(:0?[0-7])?){_OFFSET})?"
)
_DATETIME: Final = f"(({_DAYS})({_CLOCK})?|{_LAST_DAY})?"
#: What prices, quantities and percentages look like.
FIVE_DECIMALS: Final = r"[+\-]?[0-9]{1,10}(\.[0-9]{1,5})?"
_HEX: Final = "[0-9a-fA-F]"

#: The types by their qbXML names, and two of our own.
BASES: Final[dict[str, str]] = {
    "EMPTY": _text("EMPTY", '<xs:length value="0"/>'),
    "STRTYPE": _text("STRTYPE"),
    "IDTYPE": _text("IDTYPE", '<xs:maxLength value="36"/>'),
    "UUIDTYPE": _text("UUIDTYPE", '<xs:minLength value="1"/>'),
    "MACROTYPE": _text("MACROTYPE", '<xs:minLength value="1"/>'),
    "ENUMTYPE": _text("ENUMTYPE", '<xs:minLength value="1"/>'),
    "GUIDTYPE": _pattern("GUIDTYPE", rf"0|\{{{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}\}}"),
    "BOOLTYPE": _pattern("BOOLTYPE", "(true|false|1|0)?"),
    "INTTYPE": _pattern("INTTYPE", r"[+\-]?[0-9]+", base="xs:integer"),
    "FLOATTYPE": _pattern("FLOATTYPE", r"([+\-]?[0-9]{1,20}(\.[0-9]{1,20})?)?"),
    "AMTTYPE": _pattern("AMTTYPE", r"([+\-]?[0-9]{1,13}(\.[0-9]{2})?)?"),
    "PRICETYPE": _pattern("PRICETYPE", f"({FIVE_DECIMALS})?"),
    "QUANTYPE": _pattern("QUANTYPE", f"({FIVE_DECIMALS})?"),
    "PERCENTTYPE": _pattern("PERCENTTYPE", f"({FIVE_DECIMALS})?"),
    "TIMEINTERVALTYPE": _pattern("TIMEINTERVALTYPE", r"([+\-]?PT([0-9]+H)?([0-9]+M)?([0-9]+S)?)?"),
    "DAY": _pattern("DAY", "[0-9]{4}-[0-9]{2}-[0-9]{2}", base="xs:date"),
    "DATETYPE": '<xs:simpleType name="DATETYPE"><xs:union memberTypes="DAY EMPTY"/></xs:simpleType>\n',
    "DATETIMETYPE": _pattern("DATETIMETYPE", _DATETIME),
}

#: QuickBooks has been seen to write a percent sign; nobody should send one.
PERCENT_READ: Final = _pattern("PERCENTTYPE.read", f"({FIVE_DECIMALS}%?)?")
