"""Real mails are read as well as promised: the collection in $MAILTICKET_CORPORA, else the suite's own mails."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from own_mails import FOLDER, SENDER, OwnMail, own_mails
from realmail import CHECKS, Result, Score, failures, score

pytestmark = pytest.mark.timeout(600)  # whichever test comes first reads the whole collection
MARKED = ("from address", "from name", "subject", "attachment names", "reply text", "bounce recipients")


def of_own_mails(folder: Path) -> Path:
    """The suite's own mails in the form of a collection."""
    lines = [json.dumps(_as_stated(own)) for own in own_mails() if own.envelope_from == SENDER]
    (folder / "expected.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _as_stated(own: OwnMail) -> dict[str, object]:
    facts: dict[str, object] = {"file": str(own.path), "corpus": "own", "tags": []}
    facts["category"] = own.path.relative_to(FOLDER).parts[0]
    stated = own.stated
    if stated.get("from"):
        facts |= {"from_addr": stated["from"]["address"], "from_name": stated["from"]["name"]}
    facts |= {name: stated[key] for name, key in (("subject", "subject"), ("reply_text", "text")) if key in stated}
    if "attachments" in stated:
        facts["attachment_names"] = [one["filename"] for one in stated["attachments"] if "filename" in one]
    if recipients := (stated.get("bounce") or {}).get("recipients"):
        facts["bounce_recipient"] = [one["address"] for one in recipients]
        facts["bounce_status"] = [one["status"] for one in recipients]
    if "kind" in stated:
        facts |= {"is_bounce": stated["kind"] == "bounce"}
    return facts


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Result:
    named = os.environ.get("MAILTICKET_CORPORA")
    return score(Path(named) if named else of_own_mails(tmp_path_factory.mktemp("own")))


def test_every_mark_is_reached(result, capsys):
    """Nothing crashes, nothing takes a second, and each kind of fact is right as often as promised."""
    with capsys.disabled():
        for check in CHECKS:
            if one := result.scores.get(check.name):
                print(f"\n{check.name}: {one.right} of {one.all} ({one.part:.1%})", end="")
        print(f"\nslowest: {result.slowest[0][0]:.2f} s {result.slowest[0][1]}")
    assert failures(result) == []


def test_each_mark_is_measured(result):
    """A collection that states nothing would pass any mark."""
    assert [name for name in MARKED if not result.scores.get(name, Score()).all] == []


def test_a_miss_is_seen():
    """A check that cannot fail is a defect."""
    wrong = Result(1, [], [(0.1, "x")], {"reply text": Score(7, ["a", "b", "c"])}, {}, {})
    assert failures(wrong) == ["reply text: 7 of 10: a, b, c"]
    assert failures(Result(1, ["x"], [(2.0, "x")], {}, {}, {})) == ["crashes: x", "slowest: x took 2.00 s"]
