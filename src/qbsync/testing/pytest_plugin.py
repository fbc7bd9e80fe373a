"""Fixtures for the tests of host applications: QuickBooks, a Web Connector, and the books.

::

    def test_an_order_becomes_one_invoice(qb_connector, qb_books):
        qb_connector("http://127.0.0.1:8080/qbwc").run()
        assert qb_books.invoice("W1001").total == 15

Here: ``qb_company``, ``qb_connector``, ``qb_books``, the mark ``qb_company(...)`` that sets switches of the
company, and ``--qb-plan``, which replays a plan of faults that a failed test has shown.
pytest loads it by itself where ``qbsync`` is installed. The rest of the package is imported when a fixture is
asked for, so that other projects' tests do not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ._transport import Endpoint
    from .books_view import BooksView
    from .company import Company
    from .connector import WebConnector
    from .faults import Plan

__all__ = ["MakeConnector", "qb_books", "qb_company", "qb_connector"]

_MADE = pytest.StashKey["list[WebConnector]"]()


class MakeConnector:
    """What the fixture ``qb_connector`` is: call it with an endpoint to get a Web Connector."""

    def __init__(self, company: Company, plan: Plan | None) -> None:
        self._company = company
        self._plan = plan
        self.made: list[WebConnector] = []

    def __call__(
        self,
        endpoint: Endpoint,
        *,
        user_name: str = "shop",
        password: str = "secret",  # noqa: S107 - of a simulated user
        **options: Any,
    ) -> WebConnector:
        """Return a Web Connector for the test's company file.

        Args:
            endpoint: an URL, or an endpoint in this process; see ``WebConnector``.
            user_name: what the host knows the user by.
            password: what the host wants from the user.
            **options: as for ``WebConnector``. A plan given by ``--qb-plan`` replaces *plan*.
        """
        from .connector import WebConnector  # noqa: PLC0415 - see the module's docstring

        if self._plan is not None:
            options["plan"] = self._plan
        connector = WebConnector(
            endpoint,
            company=options.pop("company", self._company),
            user_name=user_name,
            password=password,
            **options,
        )
        self.made.append(connector)
        return connector


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--qb-plan``."""
    parser.getgroup("qbsync").addoption(
        "--qb-plan",
        metavar="PLAN",
        help="Carry out this plan of faults in every Web Connector: \"Plan(LostReply('authenticate'))\".",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "qb_company(**switches): how the simulated company file is set up.")


@pytest.fixture
def qb_company(request: pytest.FixtureRequest) -> Company:
    """A new company file of a small shop; set its switches by the mark ``qb_company``."""
    from .company import Company  # noqa: PLC0415 - see the module's docstring

    switches: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("qb_company"))):
        switches.update(mark.kwargs)
    return Company(**switches)


@pytest.fixture
def qb_books(qb_company: Company) -> BooksView:
    """What the books of the company hold, as they are when they are asked."""
    from .books_view import BooksView  # noqa: PLC0415 - see the module's docstring

    return BooksView(qb_company)


@pytest.fixture
def qb_connector(request: pytest.FixtureRequest, qb_company: Company) -> Iterator[MakeConnector]:
    """A maker of Web Connectors for the company file; their logs are shown when the test fails."""
    from .faults import Plan  # noqa: PLC0415 - see the module's docstring

    text = request.config.getoption("--qb-plan")
    maker = MakeConnector(qb_company, None if text is None else Plan.parse(text))
    request.node.stash[_MADE] = maker.made
    yield maker
    for connector in maker.made:
        connector.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show plan and log of each Web Connector beside the failure of a test."""
    report = yield
    if call.when == "call" and report.failed:
        for connector in item.stash.get(_MADE, []):
            if connector.plan.faults:
                text = f'the plan was {connector.plan!r}\nreplay it with --qb-plan "{connector.plan!r}"'
                report.sections.append(("Web Connector: plan", text))
            report.sections.append(("Web Connector: log", connector.log))
    return report
