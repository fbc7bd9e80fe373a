"""What may be one way or the other: settings of a company file, and what no source settles.

Here: ``Switches``, one documented field a switch, its checks, and the options of ``Company`` as a type.
Not here: what the switches do; each is read where the rule stands.
Facts: the sections of the qbXML dossier that each field names; ``docs/reference/simulator-rules.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

import attrs

from ..errors import UsageError
from ._refusals import PARSE_ERROR, UNKNOWN_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FEATURES", "SwitchOptions", "Switches"]

#: What a product may lack or a file may have switched off (3250).
FEATURES: Final = (
    "assemblies",
    "bar_codes",
    "classes",
    "estimates",
    "inventory",
    "inventory_sites",
    "payroll",
    "price_levels",
    "sales_orders",
    "serial_lot_numbers",
    "time_tracking",
    "units_of_measure",
)
_ROUNDINGS: Final = ("half_even", "half_up")
_FEWEST_DECIMALS, _MOST_DECIMALS = 2, 5


def _one_of(*known: object) -> Any:
    def check(_instance: Switches, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in known:
            raise UsageError(f"{attribute.name}: expected one of {', '.join(map(str, known))}, got {value!r}")

    return check


def _features(_instance: Switches, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    for one in value:
        if one not in FEATURES:
            raise UsageError(f"{attribute.name}: expected some of {', '.join(FEATURES)}, got {one!r}")


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _decimals(_instance: Switches, attribute: attrs.Attribute[Any], value: int) -> None:
    if not _FEWEST_DECIMALS <= value <= _MOST_DECIMALS:
        raise UsageError(f"{attribute.name}: expected 2 to 5, got {value!r}")


@attrs.frozen(kw_only=True)
class Switches:
    """Settings of the company file, and behaviours that no source settles; every field is a switch."""

    # -- settings of the file and of the product

    #: Whether the file charges sales tax (3.6); the answer of Preferences follows.
    charges_sales_tax: bool = False
    #: Whether several currencies are on (3.6); off: a currency in a request is 3250.
    multicurrency: bool = False
    #: What the product lacks or the file has switched off (5.2, 7.3): 3250.
    features_off: tuple[str, ...] = attrs.field(default=(), converter=_sorted, validator=_features)
    #: Kinds of objects and reports that the user may not touch (5.2): 3260.
    forbidden: tuple[str, ...] = attrs.field(default=(), converter=_sorted)
    #: Whether the application may see personal data (9, reading); without it such fields are left out.
    personal_data: bool = False
    #: Whether the file is open read-only (5.2): every change is 3263.
    read_only: bool = False
    #: Whether other users have the file open (3.4, 5.2): list deletes are 3162.
    multi_user: bool = False
    #: No change to transactions on or before this date (5.2): 3171, 3161; ``""`` for none.
    closing_date: str = ""
    #: Whether nothing can be added on or before that date either (5.2 speaks of changes only): 3171.
    closing_blocks_adds: bool = False

    # -- the document

    #: Message-set recovery (6.1, 10): ``on``, ``off`` (ignored), ``forgetful`` (never remembers).
    recovery: str = attrs.field(default="on", validator=_one_of("on", "off", "forgetful"))
    #: How many outcomes are kept per application (6.2, unknown); ``None`` for all.
    kept_outcomes: int | None = None
    #: Characters of a message set ID (6.1, sources disagree): 23 or 24; longer is 9004.
    longest_set_id: int = attrs.field(default=23, validator=_one_of(23, 24))
    #: Whether a stored ID is recognised when another old ID comes with it (6.1, not spelled out).
    recognises_repeat_with_old: bool = False
    #: What is stored of a set in whose middle QuickBooks dies (6.2, unknown): ``none`` or ``partial``.
    crash_stores: str = attrs.field(default="none", validator=_one_of("none", "partial"))
    #: Whether characters above U+007F must be written as references (2.2, some versions).
    ascii_only: bool = False
    #: Elements of other editions (7.3, 10): ``refuse`` the document or ``warn`` with 530.
    other_editions: str = attrs.field(default="refuse", validator=_one_of("refuse", "warn"))
    #: The HRESULT for a qbXML version that is not known (5.4, sources disagree).
    unknown_version: str = attrs.field(default=PARSE_ERROR, validator=_one_of(PARSE_ERROR, UNKNOWN_VERSION))
    #: Whether a warning stops a set under ``stopOnError`` too (1.1, believed not).
    warnings_stop: bool = False
    #: The most requests of a set (1.3, no maximum known); one more refuses the document.
    max_requests: int | None = None

    # -- queries

    #: Whether a query by a list of names gives up at the first that is missing (5.5, unknown).
    list_query_stops_at_first_missing: bool = False
    #: Whether queries by ID or name return inactive entries (4.2, believed).
    lookups_find_inactive: bool = True
    #: Whether name filters look at full names or at names (4.2).
    name_filters_see_full_names: bool = True
    #: The status when all numbers of a list are missing (5.5): 1 or 500.
    all_numbers_missing: int = attrs.field(default=1, validator=_one_of(1, 500))
    #: The most values in the list of one query (10, unknown); more is 1000.
    max_keys: int | None = None
    #: How many iterators may be open (4.4): one more is 3390.
    max_iterators: int = 20
    #: Seconds after which an idle iterator is gone (4.4, unknown): 3391; ``None`` for never.
    iterator_idle_seconds: float | None = None
    #: Whether an iterator over nothing has an ID (4.4, believed not).
    empty_iterator_has_id: bool = False

    # -- objects

    #: Whether a reference to an inactive entry fails (9, depends on the kind).
    refuses_inactive_references: bool = False
    #: Whether blanks around names are cut off (2.2).
    trims_names: bool = True
    #: Whether a repeated ExternalGUID is refused (6.3, 10, undocumented): 3100.
    external_guids_unique: bool = False
    #: The date of a form without one (9): of the ``last`` of its kind, or ``today``.
    default_date: str = attrs.field(default="last", validator=_one_of("last", "today"))
    #: Whether terms, addresses and the like are taken from the customer (9).
    forms_take_from_customer: bool = True
    #: Whether the currency of a customer or vendor is fixed by its first transaction (3.6): 3170.
    fixes_currencies: bool = True
    #: Whether an item with transactions needs ``Apply…ToExistingTxns`` for another account (9): else 3170.
    account_changes_need_apply: bool = True
    #: Whether an invoice beyond the customer's credit limit is refused (5.2): 3180.
    enforces_credit_limits: bool = False
    #: Whether more than is in stock can be sold (5.2): else 3180.
    sells_beyond_stock: bool = True
    #: Whether a void puts ``VOID:`` before the memo (9).
    voids_mark_memo: bool = True

    # -- money

    #: How computed amounts are rounded to cents (9, unknown).
    rounding: str = attrs.field(default="half_even", validator=_one_of(*_ROUNDINGS))
    #: How many decimals a computed rate has (9, unknown): 2 to 5.
    rate_decimals: int = attrs.field(default=5, validator=_decimals)
    #: How a computed rate is rounded (9, unknown).
    rate_rounding: str = attrs.field(default="half_even", validator=_one_of(*_ROUNDINGS))
    #: Whether a new quantity alone counts the amount anew (9).
    quantity_recounts_amount: bool = True
    #: Whether a payment changes the edit sequence of its invoice (3.1, 9).
    payments_touch_invoices: bool = True
    #: The severity of 3210 (5.1): ``Error``, or ``Info`` as it has been logged.
    severity_of_3210: str = attrs.field(default="Error", validator=_one_of("Error", "Info"))


class SwitchOptions(TypedDict, total=False):
    """The switches as keyword arguments of ``Company``; see ``Switches``."""

    charges_sales_tax: bool
    multicurrency: bool
    features_off: Iterable[str]
    forbidden: Iterable[str]
    personal_data: bool
    read_only: bool
    multi_user: bool
    closing_date: str
    closing_blocks_adds: bool
    recovery: str
    kept_outcomes: int | None
    longest_set_id: int
    recognises_repeat_with_old: bool
    crash_stores: str
    ascii_only: bool
    other_editions: str
    unknown_version: str
    warnings_stop: bool
    max_requests: int | None
    list_query_stops_at_first_missing: bool
    lookups_find_inactive: bool
    name_filters_see_full_names: bool
    all_numbers_missing: int
    max_keys: int | None
    max_iterators: int
    iterator_idle_seconds: float | None
    empty_iterator_has_id: bool
    refuses_inactive_references: bool
    trims_names: bool
    external_guids_unique: bool
    default_date: str
    forms_take_from_customer: bool
    fixes_currencies: bool
    account_changes_need_apply: bool
    enforces_credit_limits: bool
    sells_beyond_stock: bool
    voids_mark_memo: bool
    rounding: str
    rate_decimals: int
    rate_rounding: str
    quantity_recounts_amount: bool
    payments_touch_invoices: bool
    severity_of_3210: str
