"""Custom fields and private data: their definitions, and their values on objects.

Here: ``DataExtDefAdd``, ``…Mod``, ``…Del``, ``…Query``; ``DataExtAdd``, ``…Mod``, ``…Del``; fields of lines.
Not here: which owners a query asks for (``_queries`` and ``Layout.write``).
Facts: qbXML dossier 3.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ._books import ListObject, Transaction, fold
from ._context import Answer
from ._kinds import response_layout
from ._nodes import LINES, Macro
from ._pages import page
from ._refusals import Refusal
from ._values import Facts, converter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._context import Context
    from ._nodes import Node, Request

__all__ = ["REQUESTS", "claim"]

_CUSTOM: Final = "0"
_LENGTHS: Final = {"STR255TYPE": 255, "STR1024TYPE": 1024}
#: What a form takes its custom fields from.
_TAKEN_FROM: Final = ("Customer", "Vendor", "Employee")


# -- definitions


def _find(context: Context, node: Node) -> dict[str, Any] | None:
    owner, name = node["OwnerID"], fold(node["DataExtName"])
    return next(
        (
            one
            for one in context.books.definitions
            if one["OwnerID"] == owner and fold(one["DataExtName"]) == name
        ),
        None,
    )


def _defined(context: Context, node: Node) -> dict[str, Any]:
    found = _find(context, node)
    if found is None:
        raise Refusal(
            3120, f'The custom field "{node["DataExtName"]}" of the owner {node["OwnerID"]} is not defined.'
        )
    return found


def _add_definition(context: Context, request: Request) -> Answer:
    node = request.node["DataExtDefAdd"]
    if _find(context, node) is not None:
        raise Refusal(3100, f'The custom field "{node["DataExtName"]}" is defined already.')
    if node["OwnerID"] == _CUSTOM and node["DataExtType"] != "STR255TYPE":
        raise Refusal(3151, 'The field "DataExtType" can only be STR255TYPE for the owner 0.')
    made = {name: value for name, value in node.items() if value != ""}
    made["DataExtID"] = str(len(context.books.definitions) + 1)
    context.books.definitions.append(made)
    return _definition_answer(context, request, made)


def _modify_definition(context: Context, request: Request) -> Answer:
    node = request.node["DataExtDefMod"]
    found = _defined(context, node)
    new = node.get("DataExtNewName")
    if new and fold(new) != fold(found["DataExtName"]) and _find(context, {**node, "DataExtName": new}):
        raise Refusal(3100, f'The custom field "{new}" is defined already.')
    assigned = [*found.get("AssignToObject", ()), *node.get("AssignToObject", ())]
    dropped = node.get("RemoveFromObject", ())
    found["AssignToObject"] = [one for one in dict.fromkeys(assigned) if one not in dropped]
    for name in ("DataExtListRequire", "DataExtTxnRequire", "DataExtFormatString"):
        if node.get(name):
            found[name] = node[name]
    found["DataExtName"] = new or found["DataExtName"]
    return _definition_answer(context, request, found)


def _definition_answer(context: Context, request: Request, definition: Mapping[str, Any]) -> Answer:
    return Answer(
        body=_ret(context, request.name, "DataExtDefRet", definition), ids={"OwnerID": definition["OwnerID"]}
    )


def _delete_definition(context: Context, request: Request) -> Answer:
    found = _defined(context, request.node)
    context.books.definitions.remove(found)
    row = {**request.node, "TimeDeleted": context.books.stamp()}
    return Answer(
        body=_ret(context, request.name, "DataExtDefDelRet", row), ids={"OwnerID": found["OwnerID"]}
    )


def _query_definitions(context: Context, request: Request) -> Answer:
    owners, objects = request.node.get("OwnerID", ()), set(request.node.get("AssignToObject", ()))
    found = [
        one
        for one in context.books.definitions
        if (not owners or one["OwnerID"] in owners)
        and (not objects or objects & set(one.get("AssignToObject", ())))
    ]
    return page(context, request, found, write=lambda one: _ret(context, request.name, "DataExtDefRet", one))


def _ret(context: Context, request: str, element: str, fields: Mapping[str, Any]) -> list[str]:
    out = [f"<{element}>"]
    response_layout(f"{request}Rs", element, context.version, context.edition).write(fields, out)
    out.append(f"</{element}>")
    return out


# -- values


def _holder(context: Context, node: Node) -> tuple[Any, dict[str, Any], str]:
    """Return the object that a value stands on (``None`` for the company), its fields or line, and its kind.

    Raises:
        Refusal: 3000, 3120 or 3140 it is not there, 3151 private data on a line.
    """
    if "OtherDataExtType" in node:
        return None, {"DataExtRet": context.books.company_data}, node["OtherDataExtType"]
    if "ListDataExtType" in node:
        kind = node["ListDataExtType"]
        entry = context.books.resolve(f"{kind}Ref", node["ListObjRef"], "DataExt")
        if entry is None:
            raise Refusal(3140, 'The field "ListObjRef" names nothing.')
        return entry, entry.fields, kind
    kind = node["TxnDataExtType"]
    one = context.transaction("TxnID", node["TxnID"], (kind,))
    if not node.get("TxnLineID"):
        return one, one.fields, kind
    if node["OwnerID"] != _CUSTOM:
        raise Refusal(3151, "Lines hold custom fields only, no private data.")
    return one, _line(one, context.value(node["TxnLineID"])), "Item"


def _line(one: Transaction, line_id: str) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [line for _, line in one.fields.get(LINES, ())]
    for field in one.fields.values():
        if isinstance(field, list):
            lines.extend(line for line in field if isinstance(line, dict))
    for line in lines:
        if line.get("TxnLineID") == line_id:
            return line
    raise Refusal(3120, f'The line "{line_id}" cannot be found.')


def _checked(context: Context, node: Node, kind: str) -> dict[str, str]:
    """Return a value as it is stored."""
    found = _defined(context, node)
    assigned = found.get("AssignToObject", ())
    takes_over = found["OwnerID"] == _CUSTOM and any(one in _TAKEN_FROM for one in assigned)
    if assigned and kind not in assigned and not (takes_over and kind not in {"Item", "Company", "Account"}):
        raise Refusal(3151, f'The custom field "{found["DataExtName"]}" is not defined for {kind}.')
    scalar = found["DataExtType"]
    facts = Facts(field="DataExtValue", longest=_LENGTHS.get(scalar))
    convert = converter("STRTYPE" if scalar in _LENGTHS else scalar, facts)
    return {
        "OwnerID": found["OwnerID"],
        "DataExtName": found["DataExtName"],
        "DataExtType": scalar,
        "DataExtValue": convert(node.get("DataExtValue", "")),
    }


def claim(context: Context, line: dict[str, Any], kind: str) -> None:
    """Check the custom fields that stand in a new line, and complete their stored form.

    Raises:
        Refusal: 3120 no such field, 3151 private data, or not for this kind.
    """
    for name in ("DataExtRet", "DataExt"):
        for place, row in enumerate(line.get(name, ())):
            if "DataExtType" in row:
                continue
            if row["OwnerID"] != _CUSTOM:
                raise Refusal(3151, "Lines hold custom fields only, no private data.")
            line[name][place] = _checked(context, row, kind)


def _same(row: Mapping[str, str], node: Node) -> bool:
    return row["OwnerID"] == node["OwnerID"] and fold(row["DataExtName"]) == fold(node["DataExtName"])


def _set_value(context: Context, request: Request) -> Answer:
    """Answer ``DataExtAdd`` and ``DataExtMod``; the latter cannot clear."""
    node, is_add = request.node[request.name], request.name == "DataExtAdd"
    thing, fields, kind = _holder(context, node)
    row = _checked(context, node, kind)
    if not is_add and not row["DataExtValue"]:
        raise Refusal(3190, 'The field "DataExtValue" cannot be cleared; delete it instead.')
    present = next((one for one in fields.get("DataExtRet", ()) if _same(one, node)), None)
    if is_add and present is not None:
        raise Refusal(3100, f'The custom field "{node["DataExtName"]}" has a value already.')
    if not is_add and present is None:
        raise Refusal(3120, f'The custom field "{node["DataExtName"]}" has no value yet.')
    if present is None:
        fields.setdefault("DataExtRet", []).append(row)
    else:
        present.update(row)
    _touch(context, thing)
    return Answer(body=_ret(context, request.name, "DataExtRet", row), ids={"OwnerID": row["OwnerID"]})


def _delete_value(context: Context, request: Request) -> Answer:
    node = request.node["DataExtDel"]
    thing, fields, _ = _holder(context, node)
    present = next((one for one in fields.get("DataExtRet", ()) if _same(one, node)), None)
    if present is None:
        raise Refusal(3120, f'The custom field "{node["DataExtName"]}" has no value.')
    fields["DataExtRet"].remove(present)
    _touch(context, thing)
    row = {name: context.value(text) if isinstance(text, Macro) else text for name, text in node.items()}
    if isinstance(thing, ListObject):
        row["ListObjRef"] = thing.ref
    row["TimeDeleted"] = context.books.stamp()
    return Answer(body=_ret(context, request.name, "DataExtDelRet", row), ids={"OwnerID": present["OwnerID"]})


def _touch(context: Context, thing: ListObject | Transaction | None) -> None:
    if thing is not None:
        context.books.touch(thing)


#: What this module answers.
REQUESTS: Final[Mapping[str, Callable[[Context, Request], Answer]]] = {
    "DataExtDefAdd": _add_definition,
    "DataExtDefMod": _modify_definition,
    "DataExtDefDel": _delete_definition,
    "DataExtDefQuery": _query_definitions,
    "DataExtAdd": _set_value,
    "DataExtMod": _set_value,
    "DataExtDel": _delete_value,
}
