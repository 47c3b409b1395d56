"""`mailticket tickets search` prints what `tickets list` prints, of the tickets that fit, the best first."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from click.testing import CliRunner
from searching import message, opened, say, write
from test_cli_store import CONFIG
from worlds import PETR

from mailticket.cli import main
from mailticket.store import index, patience
from mailticket.store.db import open_or_create


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs `tickets` with these words, on a desk with three tickets, of which none is indexed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILTICKET_CONFIG", raising=False)
    (tmp_path / "mailticket.toml").write_text(CONFIG)
    with open_or_create(tmp_path / "mailticket.db") as db:
        write(db, opened(1, "Printer\x1b[1m", PETR), message(1, "The colour is wrong, says the printer.", PETR))
        say(db, 2, "A printer without paper")
        say(db, 3, "A door")
    return lambda *args: CliRunner().invoke(main, ["tickets", *args])


def numbers(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line)["id"] for line in result.stdout.splitlines()]


def test_each_line_of_json_is_a_ticket_as_in_the_list(run):
    listed = {json.loads(line)["id"]: line for line in run("list", "--json").stdout.splitlines()}
    found = run("search", "printer", "--json")
    assert numbers(found) == [1, 2]
    assert found.stdout.splitlines() == [listed[1], listed[2]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("printer", "colour"), [1]),
        (("printer", "-colour"), [2]),
        (("-colour", "printer"), [2]),
        (("--", "-colour", "printer"), [2]),
        (("printer", "--", "-colour"), [2]),
        (('"printer without"',), [2]),
        (("printer without",), [2]),
        (("printer", "--limit", "1"), [1]),
        (("printer", "--sort", "newest"), [2, 1]),
        (("from:c2", "-c", "mailticket.toml", "-status:open"), [2]),
        (("ACME-3",), [3]),
        (("nothing",), []),
    ],
)
def test_words_are_typed_as_they_are_in_a_mail(run, words, found):
    assert numbers(run("search", "--json", *words)) == found


def test_under_each_ticket_stand_the_words_that_were_found(run):
    head, first, words, _, _ = run("search", "printer").stdout.splitlines()
    assert head.split() == ["TAG", "STATUS", "PRIORITY", "DEPARTMENT", "AGENT", "CUSTOMER", "UPDATED", "SUBJECT"]
    assert first.startswith("[ACME-1]")
    assert words == "    The colour is wrong, says the printer."
    assert "\x1b" not in first
    assert run("search", "nothing").stdout == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("form:petr",), 'there is no form: here (in quotes, "form:", it is a word); did you mean: from:petr'),
        (('"printer',), 'a quoted phrase has no end; did you mean: "printer"'),
        (("agent:me",), "agent:me is who asks by mail; here, name the agent"),
        ((), "Missing argument 'WORDS...'."),
    ],
)
def test_what_cannot_be_looked_for_is_wrong_usage_and_told_in_a_line(run, words, told):
    result = run("search", *words)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"mailticket: {told}\n")


def test_a_search_that_takes_too_long_is_ended_and_told_in_a_line(run, monkeypatch):
    monkeypatch.setattr(import_module("mailticket.cli.search"), "PATIENCE", 0.0)
    monkeypatch.setattr(patience, "STEPS", 1)
    result = run("search", "printer")
    told = "mailticket: that is too much to look for: write fewer or rarer words\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)


def test_it_is_said_that_not_all_was_looked_at(run, monkeypatch):
    monkeypatch.setattr(index, "SOON", 0.0)
    result = run("search", "printer", "--json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("mailticket: 6 messages or tickets are not indexed yet")


def test_without_a_database_it_says_so(run, tmp_path):
    (tmp_path / "mailticket.db").unlink()
    result = run("search", "printer")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
