"""The admin's word on quarantined mails: `inbox release`, `inbox discard`, and what `inbox show` says of one."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from letters import ANNA
from stored import NOW, a_mail, accept
from test_cli_store import CONFIG

from mailticket.cli import main
from mailticket.store.db import at, open_or_create
from mailticket.store.schema import Inbox


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command on a desk with four mails in: two in quarantine, one that waits, one that is done."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILTICKET_CONFIG", raising=False)
    (tmp_path / "mailticket.toml").write_text(CONFIG)
    with open_or_create(tmp_path / "mailticket.db") as db:
        accept(db, *(a_mail(number) for number in (1, 2, 3, 4)))
        with db.write():
            held = {"state": "quarantined", "reason": "no proof", "concerns": ANNA.address, "asked_at": at(NOW)}
            db.run(Inbox.update(**held).where(Inbox.id.in_([1, 2])))
            db.run(Inbox.update(state="done").where(Inbox.id == 4))
    return lambda *args: CliRunner().invoke(main, args)


def states(run):
    return [json.loads(line)["state"] for line in run("inbox", "list", "--json").stdout.splitlines()]


@pytest.mark.parametrize(
    ("order", "word", "state"), [("release", "released", "queued"), ("discard", "discarded", "done")]
)
def test_each_mail_says_what_became_of_it(run, order, word, state):
    result = run("inbox", order, "1", "3", "4")
    assert (result.exit_code, result.stdout) == (0, f"1: {word}\n3: not in quarantine\n4: already done\n")
    assert states(run) == [state, "quarantined", "queued", "done"]


@pytest.mark.parametrize(("order", "state"), [("release", "queued"), ("discard", "done")])
def test_all_is_all_that_is_in_quarantine(run, order, state):
    lines = run("inbox", order, "--all", "--json").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1, 2]
    assert states(run) == [state, state, "queued", "done"]
    again = run("inbox", order, "--all")
    assert (again.exit_code, again.stdout) == (0, "")


@pytest.mark.parametrize("order", ["release", "discard"])
def test_what_is_not_there_exits_1_and_wrong_usage_2(run, order):
    result = run("inbox", order, "1", "99")
    assert (result.exit_code, "99: no such message" in result.stdout) == (1, True)
    assert run("inbox", order).exit_code == run("inbox", order, "2", "--all").exit_code == 2
    assert "'x' is not a valid number" in run("inbox", order, "x").stderr
    assert states(run)[1] == "quarantined"


def test_a_mail_in_quarantine_is_shown_with_whom_it_concerns_and_who_heard_of_it(run):
    shown = " ".join(run("inbox", "show", "1").stdout.split())
    assert f"concerns: {ANNA.address} asked_at: 2026-03-02 10:00" in shown
    assert "told_at" not in shown
    assert "concerns" not in run("inbox", "show", "3").stdout
    assert "concerns" not in json.loads(run("inbox", "show", "1", "--json").stdout)
