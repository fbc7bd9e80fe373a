"""From orders to the values that QuickBooks is to hold."""

from __future__ import annotations

from collections import Counter

import pytest
from orders_support import order

from qbsync.errors import InvalidOrderError
from qbsync.orders import Names, read_file
from qbsync.orders.checks import check_order
from qbsync.orders.fitting import fit_order, full_number_memo


def fit(names=Names.FIT, **changes):
    found = order(**changes)
    return fit_order(found, check_order(found), names=names)


def remarks(fitted):
    return {(remark.path, remark.became) for remark in fitted.remarks}


def test_an_order_that_fits_has_no_remarks():
    """The sample goes into the books as it is, under both policies."""
    assert fit() == fit(Names.REFUSE)
    assert fit().remarks == ()
    assert fit().ref_number == fit().payment_ref_number == "1001"


@pytest.mark.parametrize(
    ("customer", "name"),
    [
        ({"company": "Acme  Ltd ", "last_name": "Lee", "first_name": "Ann", "name": "A"}, "Acme Ltd"),
        ({"last_name": "Lee", "first_name": "Ann", "name": "Dr Ann Lee"}, "Lee, Ann"),
        ({"last_name": "Lee", "name": "Dr Ann Lee"}, "Dr Ann Lee"),
        ({"last_name": "Lee"}, "Lee"),
        ({"first_name": "Ann"}, "Ann"),
        ({"company": "  ", "name": "Ann Lee"}, "Ann Lee"),
    ],
)
def test_the_customer_s_name(customer, name):
    """The company, else last name and first name, else the name as it is; spaces folded."""
    assert fit(customer=customer).customer.name == name


def test_ship_to_never_names_a_customer():
    """An order that names nobody is refused, even if its goods go to somebody."""
    with pytest.raises(InvalidOrderError) as caught:
        fit(customer={}, ship_to={"company": "Acme"}, bill_to={"company": "Acme"})
    assert caught.value.path == "customer"


def test_names_are_fitted_and_reported():
    """Each alteration names the field, the rule, what came and what it became."""
    found = fit(customer={"company": "Embraer - Empresa Brasileira de Aeronáutica S.A.", "name": "Ł"})
    assert found.customer.name == "Embraer - Empresa Brasileira de Aeronáut~"
    assert remarks(found) == {
        ("customer.company", "Embraer - Empresa Brasileira de Aeronáut~"),
        ("customer.name", "L"),
    }
    assert all(remark.rule and remark.altered for remark in found.remarks)
    assert (
        "customer",
        found.customer.name,
        "Embraer - Empresa Brasileira de Aeronáutica S.A.",
        "customer.company",
    ) in found.named


def test_the_policy_refuse_refuses_the_first():
    """Under ``refuse`` what would be altered is refused instead, with path, rule and value."""
    with pytest.raises(InvalidOrderError) as caught:
        fit(Names.REFUSE, customer={"name": "Stanisław"})
    assert (caught.value.path, caught.value.value) == ("customer.name", "Stanisław")


def test_names_that_cannot_be_spelt_are_refused():
    """Two customers called ``??`` would be one in the books, so neither policy takes them."""
    for name in ("李雷", ":::", "李 Lee"):
        with pytest.raises(InvalidOrderError, match=r"customer\.name"):
            fit(customer={"name": name})


def test_texts_that_cannot_be_spelt_are_reported():
    """A smile in a note does not stop an order; it becomes ``?`` and is reported."""
    found = fit(note="thanks 😀\nbye")
    assert found.memo == "thanks ?\nbye"
    assert remarks(found) == {("note", "thanks ?\nbye")}


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "stanisław@wp.pl"), ("email", "a" * 1024), ("phone", "0" * 22), ("fax", "ł")],
)
def test_addresses_of_machines_are_never_altered(field, value):
    """An e-mail address or a phone number that does not fit is left out and reported, or refused."""
    found = fit(customer={"name": "Ann", field: value})
    assert getattr(found.customer, field) is None
    assert remarks(found) == {(f"customer.{field}", None)}
    with pytest.raises(InvalidOrderError):
        fit(Names.REFUSE, customer={"name": "Ann", field: value})


def test_the_order_s_phone_serves_where_the_customer_has_none():
    """The order's own phone number is the customer's if there is no other."""
    assert fit(phone="5", customer={"name": "Ann"}).customer.phone == "5"
    assert fit(phone="5", customer={"name": "Ann", "phone": "6"}).customer.phone == "6"


def test_addresses_are_company_then_street():
    """Company, then street wrapped at words; a person where there is no company or the address names one."""
    street = {"line1": "Carrera 52 con Ave. Bolívar #65-98 Llano Largo", "city": "Barquisimeto "}
    customer = {"company": "LILA", "name": "Carlos"}
    found = fit(customer={**customer, "address": street}, ship_to={**street, "name": "Eva"})
    assert found.bill_to.streets == ("LILA", "Carrera 52 con Ave. Bolívar #65-98 Llano", "Largo")
    assert found.bill_to.city == "Barquisimeto"
    assert found.bill_to == found.customer.address
    assert found.ship_to.streets[0] == "Eva"
    assert fit().bill_to.streets == ("Ann Lee", "1 Long Road")
    assert found.remarks == ()


def test_bill_to_comes_before_the_customer_s_own_address():
    """What stands on the order counts; the customer keeps its own address."""
    found = fit(
        bill_to={"company": "Head Office", "line1": "2 Short Road", "region": "Kent", "region_code": "KEN"}
    )
    assert found.bill_to.streets == ("Head Office", "2 Short Road")
    assert found.bill_to.state == "KEN"
    assert found.customer.address.streets == ("Ann Lee", "1 Long Road")


def test_no_address_is_no_address():
    """Where nothing is stated nothing is sent."""
    found = fit(customer={"company": "Acme"})
    assert (found.bill_to, found.ship_to, found.customer.address) == (None, None, None)
    assert fit(customer={"name": "A"}, ship_to={"postal_code": "1"}).ship_to.postal_code == "1"


def test_an_address_of_too_many_lines_is_cut_with_a_mark():
    """Five lines of 41 characters are all there is; the fifth ends with the mark, and it is reported."""
    address = {f"line{index}": f"street {index}" for index in range(1, 7)}
    found = fit(customer={"company": "Acme", "address": address})
    assert len(found.bill_to.streets) == 5
    assert found.bill_to.streets[4].endswith("~")
    assert ("customer.address", " / ".join(found.bill_to.streets)) in remarks(found)
    with pytest.raises(InvalidOrderError, match="at most 5 lines"):
        fit(Names.REFUSE, customer={"company": "Acme", "address": address})


@pytest.mark.parametrize(
    ("field", "limit"), [("city", 31), ("region", 21), ("postal_code", 13), ("country", 31)]
)
def test_parts_of_addresses_have_their_lengths(field, limit):
    """City, region, postal code and country are cut to QuickBooks' lengths and reported."""
    found = fit(ship_to={field: "x" * (limit + 1)})
    assert remarks(found) == {(f"ship_to.{field}", "x" * (limit - 1) + "~")}


def test_items_are_named_by_their_sku():
    """The SKU is the name, the product's name the description, whole; a ``:`` in it is remarked upon."""
    name = "Suite No. 3: Gavotte " + "x" * 40
    lines = [{"sku": "S-1", "name": name, "quantity": "1", "unit_price": "1"}]
    found = fit(lines=lines, total=...)
    assert (found.lines[0].item, found.lines[0].description) == ("S-1", name)
    (remark,) = found.remarks
    assert (remark.path, remark.became, remark.altered) == ("lines[0].name", name, False)
    assert "stays" in str(remark)
    assert fit(Names.REFUSE, lines=lines, total=...).lines == found.lines


def test_an_item_without_sku_is_named_by_its_name():
    """Then the limits of names are the product name's."""
    lines = [{"name": "Suite: " + "x" * 40, "quantity": "1", "unit_price": "1"}]
    found = fit(lines=lines, total=...)
    assert found.lines[0].item == "Suite- " + "x" * 23 + "~"
    assert found.lines[0].description == "Suite: " + "x" * 40
    with pytest.raises(InvalidOrderError, match=r"lines\[0\]\.name"):
        fit(Names.REFUSE, lines=lines, total=...)


def test_descriptions_come_from_name_or_description():
    """Without a name the description serves; without both there is none."""
    lines = [
        {"sku": "A", "description": "100 g", "quantity": "1", "unit_price": "1"},
        {"sku": "B", "quantity": "1", "unit_price": "1"},
    ]
    assert [line.description for line in fit(lines=lines, total=...).lines] == ["100 g", None]


def test_long_numbers_keep_their_end_and_stand_whole_in_the_memo():
    """QuickBooks' 11 (payments: 20) characters hold the number's end, the memo's first line all of it."""
    found = fit(number="SHOP-2024-0000123", note="gift")
    assert found.ref_number == "024-0000123"
    assert found.payment_ref_number == "SHOP-2024-0000123"
    assert found.memo == "Order SHOP-2024-0000123\ngift"
    assert full_number_memo("12345678901") is None
    assert fit(note="gift").memo == "gift"
    assert fit().memo is None


def test_purchase_order_numbers_have_25_characters():
    """A longer one is cut and reported."""
    assert fit(po_number="p" * 26).po_number == "p" * 24 + "~"
    assert fit(po_number="P-7").po_number == "P-7"


def fit_all(shared, source, names):
    fitted, refused = [], []
    for item in read_file(shared / "data" / "orders" / source / "orders.jsonl"):
        try:
            fitted.append(fit_order(item.order, check_order(item.order), names=names))
        except InvalidOrderError as error:
            refused.append(error)
    return fitted, refused


@pytest.mark.parametrize("names", list(Names))
def test_northwind_fits_as_it_is(shared, names):
    """830 orders of 89 customers and 77 items, and nothing of them has to be altered."""
    fitted, refused = fit_all(shared, "northwind", names)
    assert (len(fitted), refused) == (830, [])
    assert len({one.customer.name for one in fitted}) == 89
    assert len({line.item for one in fitted for line in one.lines}) == 77
    assert not any(one.remarks for one in fitted)


def test_chinook_is_fitted_and_says_what(shared):
    """412 orders, 59 customers, 1,984 items; the long company, the ł, the colons are reported."""
    fitted, refused = fit_all(shared, "chinook", Names.FIT)
    assert (len(fitted), refused) == (412, [])
    assert len({one.customer.name for one in fitted}) == 59
    assert len({line.item for one in fitted for line in one.lines}) == 1984
    found = Counter(remark.path.split("[")[0] for one in fitted for remark in one.remarks)
    assert found == {
        "customer.company": 7,
        "customer.name": 14,
        "customer.first_name": 7,
        "customer.email": 7,
        "lines": 36,
    }


def test_chinook_refuses_exactly_what_would_be_altered(shared):
    """Under ``refuse`` the seven orders each of the long company and of the ł are refused."""
    fitted, refused = fit_all(shared, "chinook", Names.REFUSE)
    assert (len(fitted), len(refused)) == (398, 14)
    assert Counter(error.value for error in refused) == {
        "Embraer - Empresa Brasileira de Aeronáutica S.A.": 7,
        "Wójcik, Stanisław": 7,
    }
