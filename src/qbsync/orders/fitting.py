"""From an order to the values that QuickBooks is to hold: names, addresses, numbers, texts.

Pure and deterministic: the same order and policy give the same values at staging, in a preview, and when the
order is sent. Nothing is altered without a remark; under the policy ``refuse`` the first alteration refuses
the order.

Lengths: customer names 41, first and last name 25, phone 21, e-mail 1023; item names 31; address lines 41,
city 31, state 21, postal code 13, country 31; ``RefNumber`` 11 (payments 20), ``PONumber`` 25, ``Memo`` and
``Desc`` 4095. Decisions:

- An item is named by its SKU, so limits of names concern the SKU; the product's name is its description,
  where it is whole (a ``:`` in it is remarked upon, since it would separate a parent in a name). Only a line
  without SKU names its item by the product's name.
- The customer's name is the company, else ``last_name, first_name``, else ``name`` as it is.
- A number of more than 11 characters is cut to its *last* 11, which differ more than the first; then the memo
  begins with ``Order`` and the full number. A number is never altered otherwise.
- An address is: company, person (where the address names one, or there is no company), street, wrapped at
  words into five lines.
- E-mail addresses and phone numbers are of no use when altered: they are left out instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from ..errors import InvalidOrderError
from ..qbxml.characters import encodable
from .names import MARK, Names, cut, fit_name, fit_text, fold, wrap
from .reports import Remark

if TYPE_CHECKING:
    from decimal import Decimal

    from .adding_up import Amounts
    from .names import Fit
    from .order import Address, Customer, Line, Order

__all__ = ["Fitted", "FittedAddress", "FittedCustomer", "FittedLine", "fit_order", "full_number_memo"]

_CUSTOMER_NAME, _PERSON_NAME, _PHONE, _EMAIL = 41, 25, 21, 1023
_ITEM_NAME = 31
_STREET, _STREETS = 41, 5
_CITY, _STATE, _POSTAL_CODE, _COUNTRY = 31, 21, 13, 31
_REF_NUMBER, _PAYMENT_REF_NUMBER, _PO_NUMBER, _TEXT = 11, 20, 25, 4095


@frozen(kw_only=True)
class FittedAddress:
    """An address as QuickBooks holds it."""

    #: One to five lines of at most 41 characters, or none.
    streets: tuple[str, ...] = ()
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


@frozen(kw_only=True)
class FittedCustomer:
    """A customer as QuickBooks holds it."""

    name: str
    company: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    contact: str | None = None
    phone: str | None = None
    fax: str | None = None
    email: str | None = None
    address: FittedAddress | None = None


@frozen(kw_only=True)
class FittedLine:
    """A line as QuickBooks holds it."""

    item: str
    description: str | None
    quantity: Decimal
    amount: Decimal


@frozen(kw_only=True)
class Fitted:
    """An order as QuickBooks is to hold it."""

    customer: FittedCustomer
    bill_to: FittedAddress | None
    ship_to: FittedAddress | None
    lines: tuple[FittedLine, ...]
    ref_number: str
    payment_ref_number: str
    po_number: str | None
    memo: str | None
    remarks: tuple[Remark, ...]
    #: What names became: (``customer`` or ``item``, the name in QuickBooks, the order's name, its path).
    named: tuple[tuple[str, str, str, str], ...] = field(repr=False)


@frozen
class _Fitter:
    """Fits values one by one and collects the remarks."""

    names: Names
    remarks: list[Remark] = field(factory=list)
    named: list[tuple[str, str, str, str]] = field(factory=list)

    def remark(self, path: str, rule: str, value: str, became: str | None) -> None:
        """Report an alteration, or refuse the order because of it."""
        found = Remark(path=path, rule=rule, value=value, became=became)
        if found.altered and self.names is Names.REFUSE:
            raise InvalidOrderError(path, rule, value)
        if found not in self.remarks:
            self.remarks.append(found)

    def _taken(self, path: str, value: str, fit: Fit) -> str:
        if fit.rules:
            self.remark(path, fit.rule, fold(value), fit.text)
        return fit.text

    def text(self, value: str | None, path: str, limit: int, *, lines: bool = False) -> str | None:
        """Fit a text; ``None`` when nothing is left of it."""
        if value is None or not value.strip():
            return None
        return self._taken(path, value, fit_text(value, limit, lines=lines)) or None

    def name(self, kind: str, value: str, path: str, limit: int) -> str:
        """Fit the name of a list object; one that cannot be spelt is refused under every policy."""
        fit = fit_name(value, limit)
        if fit.lossy or not any(char.isalnum() for char in fit.text):
            rule = "a name in letters that Windows-1252 has, or that have a neighbour there"
            raise InvalidOrderError(path, rule, value)
        self.named.append((kind, fit.text, fold(value), path))
        return self._taken(path, value, fit)

    def whole(self, value: str | None, path: str, limit: int) -> str | None:
        """Keep a value as it is, or leave it out."""
        folded = fold(value or "")
        if not folded:
            return None
        if encodable(folded) and len(folded) <= limit:
            return folded
        rule = f"at most {limit} characters of Windows-1252 (never altered: left out)"
        self.remark(path, rule, folded, None)
        return None


def fit_order(order: Order, amounts: Amounts, *, names: Names = Names.FIT) -> Fitted:
    """Return the values of *order* that QuickBooks is to hold.

    Args:
        order: a checked order.
        amounts: what it comes to.
        names: what to do with what does not fit.

    Raises:
        InvalidOrderError: a name cannot be spelt at all, the order names no customer, or (policy ``refuse``)
            a value does not fit.
    """
    fitter = _Fitter(names)
    customer = _customer(order, fitter)
    own = order.customer.address
    bill_path, bill = ("bill_to", order.bill_to) if order.bill_to else ("customer.address", own)
    return Fitted(
        customer=customer,
        bill_to=_address(bill, bill_path, order.customer, fitter),
        ship_to=_address(order.ship_to, "ship_to", order.customer, fitter),
        lines=tuple(
            _line(line, f"lines[{index}]", amount, fitter)
            for index, (line, amount) in enumerate(zip(order.lines, amounts.lines, strict=True))
        ),
        ref_number=_ref_number(order.number, _REF_NUMBER),
        payment_ref_number=_ref_number(order.number, _PAYMENT_REF_NUMBER),
        po_number=fitter.text(order.po_number, "po_number", _PO_NUMBER),
        memo=_memo(order, fitter),
        remarks=tuple(fitter.remarks),
        named=tuple(fitter.named),
    )


def _ref_number(number: str, limit: int) -> str:
    return number[-limit:].strip()


def full_number_memo(number: str, limit: int = _REF_NUMBER) -> str | None:
    """Return the first line of the memo for a number longer than *limit*, else ``None``."""
    return f"Order {number}" if len(number) > limit else None


def _memo(order: Order, fitter: _Fitter) -> str | None:
    first = full_number_memo(order.number)
    room = _TEXT - (len(first) + 1 if first else 0)
    note = fitter.text(order.note, "note", room, lines=True)
    return "\n".join(part for part in (first, note) if part) or None


def _customer_name(customer: Customer) -> tuple[str, str]:
    """Return the customer's name and its path."""
    company, name = fold(customer.company or ""), fold(customer.name or "")
    last, first = fold(customer.last_name or ""), fold(customer.first_name or "")
    if company:
        return company, "customer.company"
    if last and first:
        return f"{last}, {first}", "customer.name"
    for part, path in ((name, "name"), (last, "last_name"), (first, "first_name")):
        if part:
            return part, f"customer.{path}"
    raise InvalidOrderError("customer", "a company, a last and first name, or a name", None)


def _customer(order: Order, fitter: _Fitter) -> FittedCustomer:
    customer = order.customer
    name, path = _customer_name(customer)
    own_path, own = ("customer.address", customer.address) if customer.address else ("bill_to", order.bill_to)
    phone, phone_path = (customer.phone, "customer.phone") if customer.phone else (order.phone, "phone")
    return FittedCustomer(
        name=fitter.name("customer", name, path, _CUSTOMER_NAME),
        company=fitter.text(customer.company, "customer.company", _CUSTOMER_NAME),
        first_name=fitter.text(customer.first_name, "customer.first_name", _PERSON_NAME),
        last_name=fitter.text(customer.last_name, "customer.last_name", _PERSON_NAME),
        contact=fitter.text(customer.name, "customer.name", _CUSTOMER_NAME),
        phone=fitter.whole(phone, phone_path, _PHONE),
        fax=fitter.whole(customer.fax, "customer.fax", _PHONE),
        email=fitter.whole(customer.email, "customer.email", _EMAIL),
        address=_address(own, own_path, customer, fitter),
    )


def _address(address: Address | None, path: str, customer: Customer, fitter: _Fitter) -> FittedAddress | None:
    if address is None:
        return None
    shipping = path == "ship_to"
    company = address.company or (None if shipping and address.name else customer.company)
    own_person = None if company else customer.name
    first = (
        (company, f"{path}.company" if address.company else "customer.company"),
        (address.name, f"{path}.name") if address.name else (own_person, "customer.name"),
    )
    street = tuple((line, f"{path}.line{index}") for index, line in enumerate(address.lines, 1))
    fitted = FittedAddress(
        streets=_streets((*first, *street), path, fitter),
        city=fitter.text(address.city, f"{path}.city", _CITY),
        state=fitter.text(address.region_code or address.region, f"{path}.region", _STATE),
        postal_code=fitter.text(address.postal_code, f"{path}.postal_code", _POSTAL_CODE),
        country=fitter.text(address.country or address.country_code, f"{path}.country", _COUNTRY),
    )
    return fitted if fitted != FittedAddress() else None


def _streets(parts: tuple[tuple[str | None, str], ...], path: str, fitter: _Fitter) -> tuple[str, ...]:
    lines: list[str] = []
    for part, part_path in parts:
        spelt = fitter.text(part, part_path, _TEXT)
        if spelt:
            lines.extend(wrap(spelt, _STREET))
    if len(lines) <= _STREETS:
        return tuple(lines)
    kept = lines[: _STREETS - 1]
    rest = " ".join(lines[_STREETS - 1 :])
    last = cut(rest, _STREET)
    if not last.endswith(MARK):
        last = lines[_STREETS - 1][: _STREET - 1].rstrip() + MARK
    fitted = (*kept, last)
    rule = f"at most {_STREETS} lines of {_STREET} characters"
    fitter.remark(path, rule, " / ".join(lines), " / ".join(fitted))
    return fitted


def _line(line: Line, path: str, amount: Decimal, fitter: _Fitter) -> FittedLine:
    product = line.name or line.description
    if line.sku and line.sku.strip():
        item = fitter.name("item", line.sku, f"{path}.sku", _ITEM_NAME)
        if line.name and ":" in line.name:
            rule = "no ':' in a name; the item is named by its SKU, this is its description"
            fitter.remark(f"{path}.name", rule, line.name, line.name)
    else:
        item = fitter.name("item", line.name or "", f"{path}.name", _ITEM_NAME)
    assert line.quantity is not None, "check_order was called before"
    return FittedLine(
        item=item,
        description=fitter.text(
            product, f"{path}.name" if line.name else f"{path}.description", _TEXT, lines=True
        ),
        quantity=line.quantity,
        amount=amount,
    )
