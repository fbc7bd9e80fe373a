"""The commands about the language: check, describe, status."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from qbsync.cli._commands import cli, run
from qbsync.qbxml import schema

GOOD = (
    '<?xml version="1.0"?>\n<?qbxml version="13.0"?>\n<QBXML><QBXMLMsgsRq onError="stopOnError">\n'
    "<HostQueryRq/>\n</QBXMLMsgsRq></QBXML>\n"
)
BAD = GOOD.replace(
    "<HostQueryRq/>", "<CustomerQueryRq>\n<MaxReturned>0</MaxReturned><New/></CustomerQueryRq>"
)


@pytest.fixture
def files(tmp_path):
    """A good document, one with two problems, and one that is no XML."""
    for name, text in {"good": GOOD, "bad": BAD, "broken": "<QBXML>\n<a></b>"}.items():
        (tmp_path / f"{name}.xml").write_text(text, encoding="utf-8")
    return tmp_path


def test_check_is_silent_about_nothing(files, capsys):
    """A good document is exit status 0, and it is said that nothing is wrong."""
    path = str(files / "good.xml")

    assert run(["check", path]) == 0
    assert capsys.readouterr().out == f"{path}: nothing is wrong\n"


def test_check_tells_every_problem_with_its_line(files, capsys):
    """Each problem is a line with file, line, place and code; the exit status is 3."""
    good, bad = str(files / "good.xml"), str(files / "bad.xml")

    assert run(["check", good, bad]) == 3
    assert capsys.readouterr().out.splitlines() == [
        f"{good}: nothing is wrong",
        f"{bad}:5: CustomerQueryRq/MaxReturned: expected at least 1, got 0 [bounds]",
        f"{bad}:5: CustomerQueryRq/New: expected an element of the language, got New [unknown]",
    ]


def test_check_for_programs(files, capsys):
    """With --json each problem is an object, and nothing else is written."""
    bad = str(files / "bad.xml")

    assert run(["check", "--json", bad, str(files / "good.xml")]) == 3
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(row["file"], row["line"], row["path"], row["code"]) for row in rows} == {
        (bad, 5, "CustomerQueryRq/MaxReturned", "bounds"),
        (bad, 5, "CustomerQueryRq/New", "unknown"),
    }
    assert all(row["message"].startswith(f"{row['path']}: expected {row['expected']}") for row in rows)


def test_check_tells_where_a_document_breaks(files, capsys):
    """What is not well-formed is one problem with its line."""
    path = str(files / "broken.xml")

    assert run(["check", path]) == 3
    out = capsys.readouterr().out
    assert out.startswith(f"{path}:2: ")
    assert out.rstrip().endswith("[parse]")


def test_check_reads_standard_input():
    """A dash is standard input."""
    result = CliRunner().invoke(cli, ["check", "-"], input=BAD, standalone_mode=False)

    assert result.return_value == 3
    assert result.output.startswith("-:5: CustomerQueryRq")


def test_check_by_version_edition_and_schema(files, tmp_path, capsys):
    """The version, the edition, and a schema of one's own can be named."""
    bad = str(files / "bad.xml")
    own = tmp_path / "own.xsd"
    own.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="QBXML"/></xs:schema>',
        encoding="utf-8",
    )

    assert run(["check", bad, "--version", "1.0", "--edition", "OE", "--xsd", str(own)]) == 3
    capsys.readouterr()
    assert run(["check", bad, "--version", "new"]) == 2
    assert "version: expected a qbXML version" in capsys.readouterr().err
    own.write_text("<xs/>", encoding="utf-8")
    assert run(["check", str(files / "good.xml"), "--xsd", str(own)]) == 2
    assert "own.xsd: expected an XML Schema" in capsys.readouterr().err


def test_a_file_that_is_not_there_could_not_be_done(tmp_path, capsys):
    """Exit status 1, with the reason."""
    assert run(["check", str(tmp_path / "none.xml")]) == 1
    assert "none.xml" in capsys.readouterr().err


def test_describe_prints_a_template(capsys):
    """Elements with types, limits and versions; what a version lacks is left out."""
    assert run(["describe", "InvoiceAddRq"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("InvoiceAddRq   qbXML 13.0, edition US\n")
    assert "ExternalGUID" in out
    assert run(["describe", "InvoiceAddRq", "--version", "8.0"]) == 0
    assert "ExternalGUID" not in capsys.readouterr().out


def test_describe_tells_near_names(capsys):
    """A name that nothing has is wrong usage, and the near ones are told."""
    assert run(["describe", "InvoiceAdRq"]) == 2
    assert "near: InvoiceAddRq" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "words"),
    [("3100", "the name is in use"), ("0x80040400", "could not be parsed"), ("-2147220480", "0x80040400")],
)
def test_status_explains(code, words, capsys):
    """Statuses and results, in any of their forms, with who acts and what helps."""
    assert run(["status", "--", code]) == 0
    out = capsys.readouterr().out
    assert words in out
    assert "who acts" in out
    assert "remedy" in out


def test_status_explains_several(capsys):
    """Several codes are told one after the other."""
    assert run(["status", "3100", "3200"]) == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if line[:1].isdigit()]
    assert heads == ["3100  Error", "3200  Error"]


def test_what_is_no_code_is_wrong_usage(capsys):
    """Words are not looked up."""
    assert run(["status", "busy"]) == 2
    assert "expected a status such as 3100" in capsys.readouterr().err


def test_the_schema_is_printed():
    """What is printed is the schema of that version and edition; a version that is none is wrong usage."""
    runner = CliRunner()

    told = runner.invoke(cli, ["schema", "--version", "8.0", "--edition", "CA", "--strict"])

    assert told.exit_code == 0
    assert told.stdout_bytes == schema.write("8.0", "CA", strict=True)
    assert runner.invoke(cli, ["schema"]).stdout_bytes == schema.write()
    assert runner.invoke(cli, ["schema", "--version", "new"]).exit_code == 2


def test_results_may_be_negative_numbers(capsys):
    """Windows often shows a result as a signed number; it is no option."""
    assert run(["status", "-2147220480"]) == 0
    assert capsys.readouterr().out.startswith("0x80040400\n")
    assert run(["status", "--nonsense"]) == 2
