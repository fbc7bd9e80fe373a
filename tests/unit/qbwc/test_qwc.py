"""The ``.qwc`` file: every element, checked before it is written; identifiers that stay."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from attrs import evolve, fields
from lxml import etree

from qbsync import Service
from qbsync.auth import add_account
from qbsync.cli import main
from qbsync.errors import UsageError
from qbsync.identities import local_name, qwc_file
from qbsync.qbwc.qwc import QWCFile, new_guid
from qbsync.store.memory import MemoryStore

GUID = "{3F2A8C1E-7B54-4D2E-9A61-0C5D7E8F1A23}"
FILE = QWCFile(
    app_name="Shop & Sons",
    app_url="https://shop.example/qbwc",
    app_support="https://shop.example/help",
    user_name="shop",
    owner_id=GUID,
    file_id=GUID,
)


def elements(file):
    """Return the elements of the file as a mapping, read by an XML parser."""
    root = etree.fromstring(file.to_xml())
    assert root.tag == "QBWCXML"
    return {child.tag: "".join(child.itertext()) for child in root}


def test_the_least_file():
    """What the Web Connector requires, and nothing that it does not."""
    assert elements(FILE) == {
        "AppName": "Shop & Sons",
        "AppID": "",
        "AppURL": "https://shop.example/qbwc",
        "AppDescription": "Brings orders into QuickBooks",
        "AppSupport": "https://shop.example/help",
        "UserName": "shop",
        "OwnerID": GUID,
        "FileID": GUID,
        "QBType": "QBFS",
        "IsReadOnly": "false",
        "Scheduler": "15",
    }


def test_every_element_of_the_dossier_can_be_written(shared):
    """The rows of its table are the elements of a file in which everything is set."""
    table = (shared / "reference" / "qbwc.md").read_text(encoding="utf-8").partition("## 4.")[2]
    known = re.findall(r"^\| `(\w+)` \|", table.partition("Minimal file")[0], re.MULTILINE)
    full = evolve(
        FILE,
        app_display_name="Shop",
        app_unique_name="shop-sync",
        app_id="1",
        cert_url="https://shop.example/cert",
        style="Document",
        auth_flags=0xF,
        notify=True,
        personal_data="pdpNotNeeded",
        unattended_mode="umpOptional",
    )
    written = elements(full)

    assert sorted(written) == sorted(known)
    assert written["AuthFlags"] == "0xF"
    assert written["Notify"] == "true"


def test_the_bytes_are_plain():
    """ASCII, no byte order mark, the declaration first; texts escaped once."""
    content = evolve(FILE, app_name="Käse & <Brot>").to_xml()

    assert content.startswith(b'<?xml version="1.0"?>\n<QBWCXML>\n')
    assert content.isascii()
    assert b"<AppName>K&#228;se &amp; &lt;Brot&gt;</AppName>" in content
    assert b"<AppID></AppID>" in content


@pytest.mark.parametrize(
    ("every", "written"),
    [
        (timedelta(minutes=1), b"<Scheduler><RunEveryNMinutes>1</RunEveryNMinutes></Scheduler>"),
        (timedelta(seconds=90), b"<Scheduler><RunEveryNSeconds>90</RunEveryNSeconds></Scheduler>"),
        (None, None),
    ],
)
def test_the_scheduler_has_one_unit(every, written):
    """With two the Web Connector takes the first in the file."""
    content = evolve(FILE, run_every=every).to_xml()

    assert (written in content) if written else (b"Scheduler" not in content)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"app_url": "http://shop.example/qbwc"}, "QBWC1010"),
        ({"app_url": "https://10.0.0.1/qbwc"}, "QBWC1001"),
        ({"app_url": "https://[2001:db8::1]/qbwc"}, "QBWC1001"),
        ({"app_url": "https://127.1/qbwc"}, "QBWC1001"),
        ({"app_url": "https://0x7f.1/qbwc"}, "QBWC1001"),
        ({"app_url": "https://2130706433/qbwc"}, "QBWC1001"),
        ({"app_url": "https://shop:secret@shop.example/qbwc"}, "app_url: expected no user name in the URL"),
        ({"app_support": "https://10.0.0.1/"}, "QBWC1002"),
        ({"app_support": "https://other.example/"}, "QBWC1000"),
        ({"app_url": "shop.example/qbwc"}, "expected an https URL"),
        ({"app_url": "ftp://shop.example/"}, "expected an https URL"),
        ({"app_url": "https://shop.example/a b"}, "expected an https URL"),
        ({"app_url": "https://shop.example:x/"}, "expected an URL"),
        ({"cert_url": "http://shop.example/"}, "cert_url: expected https"),
        ({"owner_id": GUID.strip("{}")}, "owner_id: expected a GUID in braces"),
        ({"file_id": "{1}"}, "file_id: expected a GUID in braces"),
        ({"app_name": " "}, "app_name: expected some text"),
        ({"user_name": ""}, "user_name: expected some text"),
        ({"app_name": "a\nb"}, "app_name: expected one line"),
        ({"app_description": "x" * 81}, "at most 80 characters, got 81"),
        ({"qb_type": "QBO"}, "qb_type: expected one of QBFS, QBPOS"),
        ({"style": "rpc"}, "style: expected one of Document, DocWrapped, RPC"),
        ({"personal_data": "yes"}, "personal_data"),
        ({"unattended_mode": "yes"}, "unattended_mode"),
        ({"auth_flags": 16}, "auth_flags: expected 0 to 15"),
        ({"run_every": timedelta(0)}, "run_every: expected whole seconds"),
        ({"run_every": timedelta(seconds=1.5)}, "run_every: expected whole seconds"),
    ],
)
def test_what_the_web_connector_would_refuse_is_refused_in_words(changes, says):
    """With its code where it has one."""
    file = evolve(FILE, **changes)

    assert len(file.problems()) == 1
    with pytest.raises(UsageError, match=re.escape(says)):
        file.to_xml()


def test_all_problems_are_told_at_once():
    """Not the first one only."""
    with pytest.raises(UsageError, match=r"app_name.*owner_id"):
        evolve(FILE, app_name="", owner_id="x").to_xml()


@pytest.mark.parametrize(
    "url", ["http://localhost/qbwc", "http://localhost:8080/qbwc", "https://localhost/q"]
)
def test_http_is_for_localhost(url):
    """And https is good everywhere."""
    assert evolve(FILE, app_url=url, app_support=url).problems() == []


def test_new_identifiers_have_the_form_of_the_file():
    """Upper case in braces, never twice the same."""
    made = {new_guid() for _ in range(50)}

    assert len(made) == 50
    assert all(evolve(FILE, owner_id=guid).problems() == [] for guid in made)


# -- kept in the store


@pytest.fixture
def store():
    store = MemoryStore()
    for name, company in (("shop", "Shop"), ("shop2", "Shop"), ("other", "Other")):
        add_account(store, name, company=company, password="p")
    return store


URL = "https://shop.example/qbwc"


def test_identifiers_stay_and_are_one_for_a_company_and_one_for_an_account(store):
    """Another OwnerID would be another application to QuickBooks, another FileID another file."""
    first, again, second, other = (
        qwc_file(store, name, app_url=URL) for name in ("shop", " shop ", "shop2", "other")
    )

    assert first == again
    assert first.owner_id == second.owner_id != other.owner_id
    assert len({first.file_id, second.file_id, other.file_id}) == 3


def test_settings_are_kept_for_the_next_time(store):
    """The same file comes from wherever it is asked for."""
    first = qwc_file(store, "shop", app_url=URL, app_name="Shop Sync", run_every=timedelta(seconds=45))
    later = qwc_file(store, "shop", app_url=URL, notify=False)

    assert later == evolve(first, notify=False)
    assert qwc_file(store, "shop", app_url=URL, run_every=None).run_every is None
    assert qwc_file(store, "shop", app_url=URL).run_every is None


def test_a_file_with_problems_keeps_nothing(store):
    """Neither the settings nor identifiers."""
    with pytest.raises(UsageError, match="QBWC1010"):
        qwc_file(store, "shop", app_url="http://shop.example/", app_name="Bad")

    assert qwc_file(store, "shop", app_url=URL).app_name == "qbsync (Shop)"


@pytest.mark.parametrize("setting", ["owner_id", "file_id", "colour"])
def test_identifiers_are_no_settings(store, setting):
    """They are made here; unknown settings are named."""
    with pytest.raises(UsageError, match=f"expected settings of a QWCFile, got {setting}"):
        qwc_file(store, "shop", app_url=URL, **{setting: "x"})


def test_there_is_no_file_without_an_account(store):
    """A typing error makes no identifiers."""
    with pytest.raises(UsageError, match="there is none called 'shpo'"):
        qwc_file(store, "shpo", app_url=URL)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://127.0.0.1:8080/qbwc", "http://localhost:8080/qbwc"),
        ("http://[::1]/qbwc", "http://localhost/qbwc"),
        ("https://shop.example/qbwc", "https://shop.example/qbwc"),
        ("https://10.0.0.1/qbwc", "https://10.0.0.1/qbwc"),
    ],
)
def test_this_machine_has_a_name(url, named):
    """The Web Connector takes no address, and other machines have no such name."""
    assert local_name(url) == named


# -- from the service and the command line


def test_the_service_gives_the_file_to_whom_it_is_told_to(store):
    """Not to others, whether there is such a user or not."""
    service = Service(store=store)
    given = service.page("/shop.qwc", base_url=URL, authorised=True)
    refused = [service.page(path, base_url=URL) for path in ("/shop.qwc", "/nobody.qwc")]

    assert (given.status, given.content_type) == (200, "application/octet-stream")
    assert given.body == qwc_file(store, "shop", app_url=URL).to_xml()
    assert {reply.status for reply in refused} == {403}
    assert refused[0] == refused[1]
    assert service.page("/nobody.qwc", base_url=URL, authorised=True).status == 404


def test_the_page_warns_where_the_web_connector_would_not_call():
    """With http on another machine than this."""
    service = Service(store=MemoryStore())
    pages = [
        service.page("", base_url=url).body for url in ("http://shop.example/q", "https://shop.example/q")
    ]

    assert [b"only https" in page for page in pages] == [True, False]
    assert b"only https" not in service.page("/", base_url="http://127.0.0.1:80/q").body


def test_qbsync_qwc_writes_the_file(tmp_path, capsys):
    """To a file or to standard output; every setting has an option."""
    store, out = str(tmp_path / "s"), tmp_path / "shop.qwc"
    main(["user", "add", "shop", "--company", "Shop", "--store", store])
    options = ["--every", "5", "--app-name", "Shop Sync", "--notify", "--auth-flags", "8"]
    capsys.readouterr()

    assert main(["qwc", "shop", "--url", URL, "--store", store, "--output", str(out), *options]) == 0
    assert b"<RunEveryNMinutes>5</RunEveryNMinutes>" in out.read_bytes()
    assert b"<AuthFlags>0x8</AuthFlags>" in out.read_bytes()
    capsys.readouterr()
    assert main(["qwc", "shop", "--url", URL, "--store", store]) == 0
    assert capsys.readouterr().out.encode() == out.read_bytes()
    assert main(["qwc", "shop", "--url", "http://shop.example", "--store", store]) == 1
    assert "QBWC1010" in capsys.readouterr().err
    assert main(["qwc", "shop", "--help"]) == 0
    helped = capsys.readouterr().out
    assert helped.count("--") >= len(fields(QWCFile)) - 4
