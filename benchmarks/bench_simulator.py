"""How fast the simulated company file works, and whether it slows down as it grows.

Run it with ``python benchmarks/bench_simulator.py [invoices]`` (100,000 by default). It prints the seconds
and the memory of filling one company with invoices, and for queries by lists of numbers and names the ratio
between a company of that size and one of 1,000 records. Only the ratios say something on another machine; the
exit status is 1 when one is above 1.5.
"""

from __future__ import annotations

import sys
import time

from qbsync.testing import Company

SMALL = 1_000
KEYS = 100
ROUNDS = 30
MOST = 1.5


def document(body: str) -> str:
    """Return a request document."""
    head = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
    return f"{head}{body}</QBXMLMsgsRq></QBXML>"


def customer(number: int) -> str:
    """Return the request that adds a customer."""
    return f"<CustomerAddRq><CustomerAdd><Name>Customer {number}</Name></CustomerAdd></CustomerAddRq>"


def invoice(number: int) -> str:
    """Return the request that adds an invoice of two lines."""
    item = "<ItemRef><FullName>A1</FullName></ItemRef>"
    return (
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Customer 0</FullName></CustomerRef>"
        f"<TxnDate>2024-01-05</TxnDate><RefNumber>R{number}</RefNumber>"
        f"<InvoiceLineAdd>{item}<Quantity>2</Quantity><Amount>5.00</Amount></InvoiceLineAdd>"
        f"<InvoiceLineAdd>{item}<Quantity>1</Quantity><Amount>3.00</Amount></InvoiceLineAdd>"
        "</InvoiceAdd></InvoiceAddRq>"
    )


def filled(invoices: int, customers: int) -> tuple[Company, float, float]:
    """Return a company with so many records, and the seconds and CPU seconds that the invoices took."""
    company = Company()
    account = "<AccountRef><FullName>Sales</FullName></AccountRef>"
    price = f"<SalesOrPurchase><Price>1.00</Price>{account}</SalesOrPurchase>"
    item = f"<ItemServiceAdd><Name>A1</Name>{price}</ItemServiceAdd>"
    company.process(document(f"<ItemServiceAddRq>{item}</ItemServiceAddRq>"))
    for start in range(0, customers, 100):
        company.process(document("".join(map(customer, range(start, start + 100)))))
    begin, worked = time.perf_counter(), time.process_time()
    for start in range(0, invoices, 100):
        company.process(document("".join(map(invoice, range(start, start + 100)))))
    return company, time.perf_counter() - begin, time.process_time() - worked


def seconds(company: Company, query: str, element: str, names: list[str]) -> float:
    """Return the best of some rounds of one query that names so many objects."""
    keys = "".join(f"<{element}>{name}</{element}>" for name in names)
    text = document(f"<{query}Rq>{keys}</{query}Rq>")
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        answer = company.process(text)
        best = min(best, time.perf_counter() - begin)
        assert answer.count("<TimeCreated>") == len(names), "every object is found"
    return best


def peak() -> str:
    """Return the most memory that this process has held, where the system tells."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return "unknown"
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{kilobytes / 1024:.0f} MiB"


def main(size: int) -> int:
    """Print the figures; 1 when a query slows down with the size."""
    small, _, _ = filled(SMALL, SMALL)
    big, took, worked = filled(size, size)
    print(f"{size} InvoiceAdd: {took:.1f} s ({worked:.1f} s of CPU), peak memory {peak()}")
    worst = 0.0
    for query, element, name in (
        ("InvoiceQuery", "RefNumber", "R{}"),
        ("CustomerQuery", "FullName", "Customer {}"),
    ):
        few, many = (
            seconds(company, query, element, [name.format(number * count // KEYS) for number in range(KEYS)])
            for company, count in ((small, SMALL), (big, size))
        )
        worst = max(worst, many / few)
        times = f"{few * 1000:.2f} ms of {SMALL}, {many * 1000:.2f} ms of {size}"
        print(f"{query} by {KEYS} of {element}: {times}, ratio {many / few:.2f}")
    return 0 if worst <= MOST else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
