"""Orders and answers of a pretended QuickBooks, for the tests of the order job."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import define, field

from qbsync import models
from qbsync.handlers import Context, LookUp, Reply
from qbsync.jobs import Job, State
from qbsync.orders.names import same
from qbsync.orders.record import from_record
from qbsync.orders.rules import KIND, Rules, StagedOrder, job_key

if TYPE_CHECKING:
    from qbsync.qbxml.status import Status

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
CONTEXT = Context(company="Shop", version="13.0", edition="US", now=NOW)

RECORD = {
    "source": "shop",
    "type": "order",
    "number": "1001",
    "date": "2024-05-06",
    "customer": {
        "id": "C1",
        "first_name": "Ann",
        "last_name": "Lee",
        "name": "Ann Lee",
        "email": "ann@lee.example",
        "address": {"line1": "1 Long Road", "city": "Leeds", "postal_code": "LS1", "country": "UK"},
    },
    "lines": [
        {"line": 1, "sku": "T1", "name": "Tea", "quantity": "2", "unit_price": "4.5"},
        {"line": 2, "sku": "C1", "name": "Cup", "quantity": "1", "unit_price": "6", "discount_rate": "0.5"},
    ],
    "shipping_charge": "3.00",
    "total": "15.00",
}


def record(**changes):
    """The sample record with changes; a value of ``...`` takes the field away."""
    data = {**copy.deepcopy(RECORD), **changes}
    return {name: value for name, value in data.items() if value is not ...}


def order(**changes):
    return from_record(record(**changes))


def make_job(*, attempts=0, rules=None, **changes):
    """A leased job of the sample order."""
    staged = StagedOrder(order=order(**changes), rules=rules or Rules())
    return Job(
        id="7",
        company="Shop",
        kind=KIND,
        key=job_key(staged.order.channel, staged.order.number),
        state=State.LEASED,
        payload=staged.to_bytes(),
        priority=0,
        not_before=None,
        depends_on=(),
        attempts=attempts,
        reason=None,
        outcome=None,
        plan=None,
        batch=None,
        created_at=NOW,
        updated_at=NOW,
    )


def ref(name):
    return models.Ref(list_id="80-1", full_name=name)


def account(name, *, full_name=None, active=True, kind="Income"):
    return models.AccountRet(name=name, full_name=full_name or name, is_active=active, account_type=kind)


def customer(name, *, active=True):
    return models.CustomerRet(list_id="80-2", full_name=name, name=name, is_active=active)


def item(name, *, active=True):
    return models.ItemNonInventoryRet(list_id="80-3", full_name=name, name=name, is_active=active)


def invoice(**changes):
    """The sample order's invoice as the books hold it."""
    fields = {
        "txn_id": "1A-1",
        "ref_number": "1001",
        "customer_ref": ref("Lee, Ann"),
        "txn_date": dt.date(2024, 5, 6),
        "subtotal": Decimal("15.00"),
        "sales_tax_total": Decimal("0.00"),
        "is_paid": False,
        "balance_remaining": Decimal("15.00"),
    }
    return models.InvoiceRet(**{**fields, **changes})


def taxing():
    code = models.SalesTaxPreferences(default_non_taxable_sales_tax_code_ref=ref("NON"))
    return models.PreferencesRet(sales_tax_preferences=code)


def _key_of(ret, by):
    if by == "ref_number":
        return ret.ref_number or ""
    return getattr(ret, "full_name", None) or ret.name or ""


@define
class Books:
    """Answers out of objects by query; everything that is asked with proof is proven, unless told."""

    there: dict[str, list[object]] = field(factory=dict)
    errors: dict[str, Status] = field(factory=dict)
    #: Queries whose absences are not proven.
    unsure: set[str] = field(factory=set)
    asked: list[LookUp] = field(factory=list)

    def rets(self, look_up):
        self.asked.append(look_up)
        rets = self.there.get(look_up.query, [])
        if look_up.by is None:
            return tuple(rets)
        keys = {same(key) for key in look_up.keys}
        return tuple(ret for ret in rets if same(_key_of(ret, look_up.by)) in keys)

    def absent(self, look_up, key):
        found = [ret for ret in self.rets(look_up) if same(_key_of(ret, look_up.by)) == same(key)]
        return not found and look_up.proof and look_up.query not in self.unsure

    def error(self, look_up):
        return self.errors.get(look_up.query)


def books(**changes):
    """Books with one Income account and the method Cash; by query, without ``QueryRq``."""
    there = {"Account": [account("Sales")], "PaymentMethod": [models.PaymentMethodRet(name="Cash")]}
    return Books({f"{name}QueryRq": list(rets) for name, rets in {**there, **changes}.items()})


def full_books(**changes):
    """Books in which the customer and all items of the sample order are."""
    there = {"Customer": [customer("Lee, Ann")], "Item": [item("T1"), item("C1"), item("Shipping")]}
    return books(**{**there, **changes})


def reply(request_id, name, *, code=0, severity="Info", message="Status OK", need=None, ids=None, **ret):
    """An answer to one request; *code* ``None``: none came."""
    response = None
    if code is not None:
        kind = getattr(models, name.removesuffix("Rq") + "Rs")
        response = kind(
            request_id=request_id, status_code=code, status_severity=severity, status_message=message, **ret
        )
    return Reply(request_id=request_id, name=name, need=need, response=response, ids=ids or {})


def refusal(request_id, name, code, message="No.", *, need=None):
    return reply(request_id, name, code=code, severity="Error", message=message, need=need)
