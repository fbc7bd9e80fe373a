"""Merging two entries of a list into one: ``ListMerge``.

Facts: qbXML dossier 3.4 (the from object disappears), 5.2 (3120, 3200, 3500).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._context import Answer
from ._kinds import response_layout
from ._nodes import LINES
from ._refusals import Refusal

if TYPE_CHECKING:
    from ._books import ListObject
    from ._context import Context
    from ._nodes import Node, Request

__all__ = ["merge"]


def merge(context: Context, request: Request) -> Answer:
    """Answer a ``ListMerge``: everything that named the one names the other now."""
    node, books = request.node, context.books
    kind = node["ListMergeType"]
    source, target = (_entry(context, kind, node[name]) for name in ("MergeFrom", "MergeTo"))
    if source is target or target.full_name.startswith(f"{source.full_name}:"):
        raise Refusal(3500, "An entry cannot be merged into itself or into its own child.")
    if source.fields.get("AccountType") != target.fields.get("AccountType"):
        raise Refusal(3500, "Accounts of different types cannot be merged.")
    addresses = [entry.fields.get("ShipAddress") for entry in (source, target)]
    if addresses[0] != addresses[1] and node.get("SameShipAddrOk") != "true":
        raise Refusal(3500, "The entries have different shipping addresses.")
    for child in source.children:
        books.claim(child.kind, str(child.fields["Name"]), target)
    for child in list(source.children):
        books.rename(child, str(child.fields["Name"]), target)
    for table in books.tables.values():
        for entry in table.by_id.values():
            _replace(entry.fields, source.ref, target.ref)
    for one in books.transactions.values():
        _replace(one.fields, source.ref, target.ref)
    target.balance += source.balance
    books.remove_entry(source)
    books.touch(target)
    return Answer(body=_body(context, request.node, source, target), ids={"ListID": target.id})


def _entry(context: Context, kind: str, node: Node) -> ListObject:
    entry = context.books.table(kind).by_id.get(node["ListID"])
    if entry is None or entry.kind != kind:
        raise Refusal(3120, f'The object "{node["ListID"]}" of the ListMerge cannot be found.')
    if node["EditSequence"] != entry.fields["EditSequence"]:
        raise Refusal(3200, f'The edit sequence "{node["EditSequence"]}" is out of date.')
    return entry


def _body(context: Context, node: Node, source: ListObject, target: ListObject) -> list[str]:
    out = [f"<ListMergeType>{node['ListMergeType']}</ListMergeType>"]
    merged = {"ListID": source.id, "TimeDeleted": context.books.stamp(), "FullName": source.full_name}
    names = ("ListID", "TimeCreated", "TimeModified", "EditSequence")
    kept = {**{name: target.fields[name] for name in names}, "FullName": target.full_name}
    for element, fields in (("MergedFrom", merged), ("MergedTo", kept)):
        out.append(f"<{element}>")
        response_layout("ListMergeRs", element, context.version, context.edition).write(fields, out)
        out.append(f"</{element}>")
    return out


def _replace(value: Any, old: dict[str, str], new: dict[str, str]) -> None:
    """Let everything below *value* that refers to *old* refer to *new*."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if inner is old:
                value[name] = new
            elif name == LINES:
                for _, line in inner:
                    _replace(line, old, new)
            else:
                _replace(inner, old, new)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            if inner is old:
                value[place] = new
            else:
                _replace(inner, old, new)
