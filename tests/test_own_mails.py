"""Every mail of the suite's own is read and sorted as its JSON states, and every row of a table of rules has one."""

from __future__ import annotations

import pytest
from fakes.nodns import NoDns
from letters import POLICY
from own_mails import FOLDER, OwnMail, differences, own_mails

from mailticket.core import classify
from mailticket.core.forward_words import FORWARDS, LABELS
from mailticket.core.report_families import FAMILIES
from mailticket.core.subject import PASSED_ON
from mailticket.core.unpacking import READERS
from mailticket.explaining import Explainer
from mailticket.reading import Reader

MAILS = own_mails()
# Table → its rows: each has to be shown by a mail.
TABLES: dict[str, frozenset[str]] = {
    "bounce families": frozenset(family.name for family in FAMILIES),
    "classify": frozenset(rule.name for rule in classify.RULES),
    "forwarded": frozenset(row[0] for row in FORWARDS),
    "head": frozenset(row[0] for row in LABELS),
    "passed on": frozenset(mark.replace("\u0307", "") for mark in PASSED_ON),  # one is written in two ways
    "unpacking": frozenset(READERS),
}


@pytest.fixture(scope="module")
def explainer():
    with Reader(languages=POLICY.languages) as reader:
        yield Explainer(POLICY, reader, NoDns())


@pytest.mark.parametrize("own", MAILS, ids=lambda own: own.name)
def test_a_mail_is_read_as_stated(own: OwnMail, explainer):
    assert list(differences(own.stated, own.told(explainer))) == []


def test_every_mail_has_its_statement_and_every_statement_its_mail():
    assert {p.with_suffix("") for p in FOLDER.rglob("*.json")} == {own.path.with_suffix("") for own in MAILS}
    assert [own.name for own in MAILS if not own.stated] == []


@pytest.mark.parametrize("table", TABLES)
def test_every_row_of_a_table_is_shown_by_a_mail(table):
    shown = {row for own in MAILS for name, _, row in [entry.partition(":") for entry in own.covers] if name == table}
    assert TABLES[table] - shown == set()


def test_no_mail_claims_to_show_what_is_in_no_table():
    claimed = {entry for own in MAILS for entry in own.covers}
    rows = {f"{table}:{row}" for table, rows in TABLES.items() for row in rows}
    assert claimed - rows == set()


def test_a_wrong_statement_is_seen():
    """A check that cannot fail is a defect."""
    told = {"subject": "a", "attachments": [{"filename": "x", "size": 1}]}
    assert list(differences({"attachments": [{"filename": "x"}]}, told)) == []
    assert list(differences({"subject": "b", "kind": "list"}, told)) != []
    assert list(differences({"attachments": []}, told)) != []
