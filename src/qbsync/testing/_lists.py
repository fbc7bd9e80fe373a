"""List objects: adding, changing and deleting them, generically for every kind with a name.

Here: ``XxxAdd``, ``XxxMod``, ``ListDel`` over the lists of the catalogue.
Not here: queries (``_queries``), transactions (``_forms``, ``_payments``).
Facts: qbXML dossier 3.2 (names), 3.4 (changes), 8.3 (what the server requires), 5.5.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ..qbxml import catalogue
from ._books import ListObject, Transaction
from ._context import Answer, Context
from ._kinds import Kind, kinds, layout, plan
from ._list_details import complete, moves_account
from ._nodes import LINES, Macro, Node, Request
from ._refusals import Refusal
from ._seed import HOME_CURRENCY
from ._values import cents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..qbxml.catalogue import Shape

__all__ = [
    "add",
    "check_guid",
    "delete",
    "modify",
    "recovery_ids",
    "sent_shape",
    "set_blocks",
    "set_currency",
    "wanted",
    "without_empty",
    "written",
]

#: Fields that the schema leaves open and the server requires.
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "ItemInventory": ("IncomeAccountRef", "COGSAccountRef", "AssetAccountRef"),
    "ItemInventoryAssembly": ("IncomeAccountRef", "COGSAccountRef", "AssetAccountRef"),
    "ItemDiscount": ("AccountRef",),
    "ItemSalesTax": ("TaxVendorRef",),
}
_DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "Customer": {"JobStatus": "None"},
    "ItemInventory": {"QuantityOnHand": "0", "AverageCost": "0.00", "QuantityOnSalesOrder": "0"},
    "ItemSalesTax": {"TaxRate": "0.00"},
}
#: What is left out without the permission to see personal data.
_PERSONAL: Final = (
    "CreditCardInfo", "SSN", "BirthDate", "Gender", "Ethnicity", "EmployeePayrollInfo", "VendorTaxIdent",
)  # fmt: skip
#: So many characters of a printed line of an address are kept.
_PRINTED: Final = 41
#: The accounts inside the blocks of service, non-inventory and other-charge items.
_BLOCKS: Final = (("SalesOrPurchase", ("AccountRef",)), ("SalesAndPurchase", ("IncomeAccountRef",)))


@cache
def sent_shape(request: str) -> Shape:
    """Return what the first child of a request holds, e.g. ``CustomerAdd`` of ``CustomerAddRq``."""
    shape = next(iter(catalogue.message(f"{request}Rq").elements())).shape
    assert shape is not None
    return shape


def recovery_ids(thing: ListObject | Transaction) -> dict[str, str]:
    """Return what message-set recovery remembers of an object."""
    names = ("TxnNumber", "EditSequence", "ExternalGUID")
    ids = {"TxnID" if isinstance(thing, Transaction) else "ListID": thing.id}
    ids.update({name: str(thing.fields[name]) for name in names if name in thing.fields})
    return ids


def written(
    context: Context,
    thing: ListObject | Transaction,
    only: frozenset[str] | None = None,
    without: tuple[str, ...] = (),
    owners: frozenset[str] = frozenset(),
) -> list[str]:
    """Return an object as the lines of its ``…Ret`` element.

    Args:
        context: the message set.
        thing: the object.
        only: the children that are wanted, ``None`` for all.
        without: children of a transaction that were not asked for.
        owners: whose custom fields and private data are wanted.
    """
    name = f"{thing.kind}Ret"
    out = [f"<{name}>"]
    fields = context.books.shown(thing)
    hidden = without if context.switches.personal_data else (*without, *_PERSONAL)
    if any(child in fields for child in hidden):
        fields = {field: value for field, value in fields.items() if field not in hidden}
    layout(thing.kind, context.version, context.edition).write(fields, out, only, owners)
    out.append(f"</{name}>")
    return out


def wanted(node: Node) -> frozenset[str] | None:
    """Return the names in ``IncludeRetElement``, ``None`` when everything is wanted."""
    names = node.get("IncludeRetElement")
    return frozenset(names) if names else None


def add(context: Context, request: Request) -> Answer:
    """Answer an ``XxxAdd`` of a list."""
    kind = kinds()[request.name[:-3]]
    node = request.node[request.name]
    parent = _parent(context, kind, node)
    name = _name_of(context, _new_name(kind, node))
    fields = plan(sent_shape(request.name), kind.ret).apply(without_empty(node), context.resolve(kind.name))
    if kind.name_field:
        fields[kind.name_field] = name
        context.books.claim(kind.name, name, parent)
    _check_required(kind.name, fields)
    check_guid(context, fields)
    for field, value in _DEFAULTS.get(kind.name, {}).items():
        fields.setdefault(field, value)
    set_currency(context, kind.name, fields)
    complete(context, kind.name, node, fields)
    set_blocks(fields)
    entry = context.books.add_entry(kind.name, fields, parent)
    if node.get("OpenBalance"):
        entry.balance = cents(node["OpenBalance"])
    return Answer(body=written(context, entry, wanted(request.node)), ids=recovery_ids(entry))


def modify(context: Context, request: Request) -> Answer:
    """Answer an ``XxxMod`` of a list."""
    kind = kinds()[request.name[:-3]]
    node = request.node[request.name]
    entry = context.books.table(kind.name).by_id.get(node["ListID"])
    if entry is None or entry.kind != kind.name:
        raise Refusal(3120, f'The object "{node["ListID"]}" of the {request.name} cannot be found.')
    if node["EditSequence"] != entry.fields["EditSequence"]:
        raise Refusal(3200, f'The edit sequence "{node["EditSequence"]}" is out of date.', entry)
    name = _name_of(context, str(node.get(kind.name_field, entry.fields.get(kind.name_field, ""))))
    parent = _parent(context, kind, node) if "ParentRef" in node else entry.parent
    if parent is not None and (parent is entry or parent.full_name.startswith(f"{entry.full_name}:")):
        raise Refusal(3130, f'"{entry.full_name}" cannot stand below itself.')
    if kind.name_field:
        context.books.claim(kind.name, name, parent, entry)
    changes = plan(sent_shape(request.name), kind.ret).apply(node, context.resolve(kind.name))
    _check_blocks(entry, changes)
    _check_currency(context, entry, changes)
    _check_accounts(context, entry, node, changes)
    for field in (kind.name_field, "ListID", "EditSequence", "ParentRef"):
        changes.pop(field, None)
    _merge(entry.fields, changes)
    complete(context, kind.name, node, entry.fields)
    set_blocks(entry.fields)
    if kind.name_field and (name != entry.fields[kind.name_field] or parent is not entry.parent):
        context.books.rename(entry, name, parent)
    context.books.touch(entry)
    return Answer(body=written(context, entry, wanted(request.node)), ids=recovery_ids(entry))


def delete(context: Context, request: Request) -> Answer:
    """Answer a ``ListDel``."""
    kind, identifier = request.node["ListDelType"], request.node["ListID"]
    books = context.books
    if context.switches.multi_user:
        raise Refusal(
            3162, "List entries cannot be deleted while the company file is open in multi-user mode."
        )
    entry = books.table(kind).by_id.get(identifier)
    if entry is None or entry.kind != kind:
        raise Refusal(3120, f'The object "{identifier}" of the ListDel cannot be found.')
    if entry.children or _is_in_use(context, entry):
        raise Refusal(3160, f'"{entry.full_name}" cannot be deleted: it is in use.')
    books.remove_entry(entry)
    body = [
        f"<ListDelType>{kind}</ListDelType>",
        f"<ListID>{identifier}</ListID>",
        f"<TimeDeleted>{books.stamp()}</TimeDeleted>",
        f"<FullName>{entry.full_name.replace('&', '&amp;').replace('<', '&lt;')}</FullName>",
    ]
    return Answer(body=body, ids={"ListID": identifier})


def _name_of(context: Context, text: str) -> str:
    return text.strip() if context.switches.trims_names else text


def check_guid(context: Context, fields: Mapping[str, Any]) -> None:
    """Refuse an ExternalGUID that was given before, where such are held to be unique."""
    guid = fields.get("ExternalGUID")
    if guid is not None and context.switches.external_guids_unique and guid in context.books.guids:
        raise Refusal(3100, f'The ExternalGUID "{guid}" is already in use.')


def set_currency(context: Context, kind: str, fields: dict[str, Any]) -> None:
    """Give customers, vendors and accounts the home currency where several are on."""
    home = context.books.find("Currency", HOME_CURRENCY) if context.switches.multicurrency else None
    if home is not None and kind in {"Customer", "Vendor", "Account"}:
        fields.setdefault("CurrencyRef", home.ref)


def _new_name(kind: Kind, node: Node) -> str:
    """Return the name of a new entry; that of an employee is made of its parts."""
    if kind.name_field in node:
        return str(node[kind.name_field])
    return " ".join(node[part] for part in ("FirstName", "MiddleName", "LastName") if node.get(part))


def _parent(context: Context, kind: Kind, node: Node) -> ListObject | None:
    ref = node.get("ParentRef")
    if not ref:
        return None
    try:
        parent = context.entry("ParentRef", ref, kind.name)
    except Refusal as fault:
        raise Refusal(3130, fault.message) from fault
    if parent is not None and parent.kind != kind.name:
        raise Refusal(3130, f'The parent "{parent.full_name}" is a {parent.kind}, not a {kind.name}.')
    return parent


def without_empty(node: Node) -> Node:
    """Leave out what is empty: in an Add it means no value."""
    kept: Node = {}
    for name, value in node.items():
        if name == LINES:
            kept[name] = [(line, without_empty(inner)) for line, inner in value]
        elif isinstance(value, dict):
            kept[name] = without_empty(value)
        elif value != "" or isinstance(value, Macro):
            kept[name] = value
    return kept


def _check_required(kind: str, fields: Mapping[str, Any]) -> None:
    for field in _REQUIRED.get(kind, ()):
        if field not in fields:
            raise Refusal(3150, f'The field "{field}" is required.')
    for block, accounts in _BLOCKS:
        if block in fields:
            for field in accounts:
                if field not in fields[block]:
                    raise Refusal(3150, f'The field "{field}" is required.')


def _check_blocks(entry: ListObject, changes: Mapping[str, Any]) -> None:
    for block, _ in _BLOCKS:
        if block in changes and block not in entry.fields:
            raise Refusal(3151, f'The item "{entry.full_name}" has no {block}; that cannot be changed.')


def _check_currency(context: Context, entry: ListObject, changes: Mapping[str, Any]) -> None:
    new = changes.get("CurrencyRef")
    if new is None or new is entry.fields.get("CurrencyRef") or not context.switches.fixes_currencies:
        return
    if _has_transactions(context, entry):
        raise Refusal(3170, f'The currency of "{entry.full_name}" cannot be changed: it has transactions.')


def _check_accounts(context: Context, entry: ListObject, node: Node, changes: Mapping[str, Any]) -> None:
    if not context.switches.account_changes_need_apply or not entry.kind.startswith("Item"):
        return
    if moves_account(entry, node, changes) and _has_transactions(context, entry):
        raise Refusal(
            3170,
            f'The account of "{entry.full_name}" cannot be changed without its Apply…ToExistingTxns:'
            " it has transactions.",
        )


def _has_transactions(context: Context, entry: ListObject) -> bool:
    return any(_mentions(one.fields, entry.ref) for one in context.books.transactions.values())


def _merge(fields: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Lay changes over what is stored: an empty text clears, an aggregate is merged, a list replaces."""
    for name, value in changes.items():
        if value == "":
            fields.pop(name, None)
        elif isinstance(value, dict) and isinstance(fields.get(name), dict) and "ListID" not in value:
            _merge(fields[name], value)
        else:
            fields[name] = value


def set_blocks(fields: dict[str, Any]) -> None:
    """Set the printed lines of each address (``…AddressBlock``)."""
    for name in ("BillAddress", "ShipAddress", "VendorAddress", "Address"):
        address = fields.get(name)
        if not address:
            continue
        lines = [address[part] for part in ("Addr1", "Addr2", "Addr3", "Addr4", "Addr5") if address.get(part)]
        city = ", ".join(part for part in (address.get("City"), address.get("State")) if part)
        place = " ".join(part for part in (city, address.get("PostalCode")) if part)
        lines.extend(part for part in (place, address.get("Country")) if part)
        fields[f"{name}Block"] = {
            f"Addr{place}": line[:_PRINTED] for place, line in enumerate(lines[:5], start=1)
        }


def _is_in_use(context: Context, entry: ListObject) -> bool:
    books = context.books
    return _has_transactions(context, entry) or any(
        _mentions(other.fields, entry.ref)
        for table in books.tables.values()
        for other in table.by_id.values()
        if other is not entry
    )


def _mentions(value: Any, ref: dict[str, str]) -> bool:
    if value is ref:
        return True
    if isinstance(value, dict):
        if LINES in value and any(_mentions(node, ref) for _, node in value[LINES]):
            return True
        return any(_mentions(inner, ref) for name, inner in value.items() if name != LINES)
    return isinstance(value, list) and any(_mentions(inner, ref) for inner in value)
