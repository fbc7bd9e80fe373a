"""Bad orders: each is refused with file, line, path, rule and value; all others go through."""

from __future__ import annotations

import json

import pytest
from programs import lines_of, orders_of, prepare, qbsync, run_until_idle, serving


def record(number, **changes):
    """Return a good order of 20.00 with some fields changed; ``...`` leaves a field out."""
    good = {
        "source": "web",
        "type": "order",
        "number": number,
        "date": "2026-03-01",
        "customer": {"name": "Ada Quimby"},
        "lines": [{"line": 1, "sku": "A-1", "name": "Thing", "quantity": "2", "unit_price": "10.00"}],
        "total": "20.00",
    }
    return json.dumps({key: value for key, value in {**good, **changes}.items() if value is not ...})


LINE = {"line": 1, "sku": "A-1", "name": "Thing", "quantity": "2", "unit_price": "10.00"}

#: What is wrong: the line of the file, the path that is named, what the value shown contains.
BAD = {
    "no lines": (record("B1", lines=[]), "lines", "[]"),
    "lines left out": (record("B2", lines=...), "lines", "[]"),
    "a total that does not add up": (record("B3", total="21.00"), "total", "21"),
    "a line that does not add up": (
        record("B4", lines=[{**LINE, "amount": "19.99"}]),
        "lines[0].amount",
        "19.99",
    ),
    "an unknown field": (record("B5", colour="red"), "colour", "red"),
    "an unknown field of a line": (record("B6", lines=[{**LINE, "weight": "3"}]), "lines[0].weight", "3"),
    "broken JSON": ('{"number": "B7", ', "", '{"number": "B7"'),
    "no object": ("[1, 2]", "", "[1, 2]"),
    "tax": (record("B8", tax="1.60", total="21.60"), "tax", "1.6"),
    "tax of a line": (record("B9", lines=[{**LINE, "tax": "1.60"}]), "lines[0].tax", "1.6"),
    "another type": (record("B10", type="cancellation"), "type", "cancellation"),
    "a float": (record("B11", total=20.5), "total", "20.5"),
    "an impossible date": (record("B12", date="2026-02-30"), "date", "2026-02-30"),
    "no number": (record(...), "number", None),
    "a field that stands twice": ('{"number": "B14", "number": "B15"}', "number", "number"),
    "too many decimals": (
        record("B16", lines=[{**LINE, "quantity": "2.0000001"}], total=...),
        "lines[0].quantity",
        "2.0000001",
    ),
}


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """A file with all bad orders between good ones, and the same number twice; staged once."""
    folder = tmp_path_factory.mktemp("bad")
    rows = [record("G0")]
    for index, (text, _, _) in enumerate(BAD.values(), 1):
        rows += [text, record(f"G{index}")]
    rows += [record("G0"), "", record("G1", note="other content")]
    file = folder / "orders.jsonl"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    store = folder / "store"
    return prepare(store, file, "--json"), file, store, len(rows)


@pytest.mark.xdist_group("bad")
@pytest.mark.parametrize("what", list(BAD))
def test_each_bad_order_is_refused_with_its_place(staged, what):
    """The refusal names file, line, path, rule and value."""
    finished, file, _, _ = staged
    _, path, value = BAD[what]
    line = 2 * (list(BAD).index(what) + 1)
    found = [entry for entry in lines_of(finished)[:-1] if entry["line"] == line]

    assert len(found) == 1
    assert set(found[0]) == {"file", "line", "path", "rule", "value", "reason"}
    assert found[0]["file"] == str(file)
    assert found[0]["path"] == path
    assert found[0]["rule"]
    assert (found[0]["value"] is None) if value is None else (value in found[0]["value"])
    assert f"{file}:{line}" in found[0]["reason"]


@pytest.mark.xdist_group("bad")
def test_one_number_twice_with_other_content_is_refused(staged):
    """The first stays; the refusal says where it stands."""
    finished, _, _, rows = staged
    last = lines_of(finished)[-2]

    assert last["line"] == rows
    assert last["path"] == "number"
    assert last["value"] == "G1"
    assert "other content" in last["reason"]


@pytest.mark.xdist_group("bad")
def test_all_others_go_through(staged, company):
    """17 good orders are staged (one stood twice) and posted; the refused ones are listed with reasons."""
    finished, _, store, _ = staged
    with serving(store) as server:
        run_until_idle(server.url, company)
    counts = lines_of(finished)[-1]
    listed = orders_of(store)
    refused = [order for order in listed if order["state"] == "refused"]

    assert finished.returncode == 3
    assert (counts["accepted"], counts["already_staged"], counts["refused"]) == (17, 1, 17)
    assert {invoice.ref_number for invoice in company.invoices} == {f"G{index}" for index in range(17)}
    assert len(refused) == 17
    assert all(order["reason"] for order in refused)
    assert {"B1", "B8", "G1"} <= {order["number"] for order in refused}
    assert orders_of(store, "--state", "refused", "--limit", "2") == refused[:2]


def test_refusals_are_on_standard_error_without_json(store, tmp_path):
    """People see a line for each; the counts stand on standard output."""
    file = tmp_path / "orders.jsonl"
    file.write_text(record("1", lines=[]) + "\n" + record("2") + "\n", encoding="utf-8")
    finished = qbsync("stage", file, "--company", "Shop", "--store", store)

    assert finished.returncode == 3
    assert f"refused: {file}:1: lines" in finished.stderr
    assert "1 staged, 0 staged before, 1 refused" in finished.stdout


def test_standard_input_is_a_file_too(store):
    """``-`` reads standard input."""
    finished = qbsync("stage", "-", "--company", "Shop", "--store", store, "--json", typed=record("1") + "\n")

    assert finished.returncode == 0
    assert lines_of(finished)[-1]["accepted"] == 1


@pytest.mark.parametrize("content", [None, "", "\n\n", "not an order\nneither\n"])
def test_nothing_that_could_be_read_is_exit_1(store, tmp_path, content):
    """A missing file, an empty one, another kind of file."""
    file = tmp_path / "orders.jsonl"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    finished = qbsync("stage", file, "--company", "Shop", "--store", store)

    assert finished.returncode == 1
    assert str(file) in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("stage",),
        ("stage", "x.jsonl", "--store", "s"),
        ("stage", "x.jsonl", "--company", "C", "--store", "s", "--posting", "gift"),
        ("stage", "x.jsonl", "--company", "C", "--store", "s", "--posting", "invoice", "--paid", "Cash"),
        ("orders", "--store", "s", "--state", "lost"),
        ("jobs", "resolve", "1", "--store", "s"),
        ("unknown",),
    ],
)
def test_wrong_usage_is_exit_2(arguments, tmp_path, monkeypatch):
    """The message says what was expected; nothing is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QBSYNC_STORE", raising=False)
    finished = qbsync(*arguments)

    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "s").exists()
