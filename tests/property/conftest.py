"""What the property tests count is told at the end of a run."""

from __future__ import annotations


def pytest_terminal_summary(terminalreporter):
    """Write how many message types were covered, with how many examples."""
    types: set[str] = set()
    examples = {"valid": 0, "invalid": 0}
    for report in terminalreporter.stats.get("passed", []):
        told = dict(report.user_properties)
        if "message type" in told:
            types.add(told["message type"])
            examples[told["kind"]] += told["examples"]
    if types:
        terminalreporter.write_line(
            f"qbXML messages: {len(types)} types, {examples['valid']} valid and "
            f"{examples['invalid']} invalid examples"
        )
