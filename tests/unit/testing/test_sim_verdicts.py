"""What people are told beside a verdict."""

from __future__ import annotations

import pytest

from qbsync.testing._wire import CODES
from qbsync.testing.verdicts import HELP, help_for, remarks_on


def test_every_code_of_a_call_and_of_a_session_has_a_help():
    assert set(HELP) == {*CODES.values(), 1013, 1014, 1037, 1040, 1046, 1048}
    assert help_for(1040) == HELP[1040]
    assert help_for(None) is help_for(9999) is None


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://shop.example/qbwc", None),
        ("http://localhost:8080/qbwc", None),
        ("http://127.0.0.1:8080/qbwc", "QBWC1001"),
        ("https://[::1]/qbwc", "QBWC1001"),
        ("http://shop.example/qbwc", "QBWC1010"),
    ],
)
def test_what_adding_the_application_would_be_refused_for(url, code):
    assert [remark.partition(":")[0] for remark in remarks_on(url)] == ([] if code is None else [code])
