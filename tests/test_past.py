"""What happened to a ticket, in words: no kind of event is recorded that nobody could read."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from letters import ANNA, MARIA
from worlds import POLICY

from mailticket.core.past import SENTENCES, in_words, named
from mailticket.core.types import Address

PACKAGE = Path(__file__).parent.parent / "mailticket"
RECORDS = {"event": 0, "NewEvent": 0}  # what makes an event, and which argument is its kind
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def strings(tree: ast.AST, node: ast.expr, known: tuple[str, ...] = ()) -> set[str]:
    """What an argument may be: a literal, or each one that the file puts where its name stands."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.IfExp):
        return strings(tree, node.body, known) | strings(tree, node.orelse, known)
    if isinstance(node, ast.Subscript):
        return strings(tree, node.value, known)
    if isinstance(node, ast.Dict):
        return {text for value in node.values for text in strings(tree, value, known)}
    if not isinstance(node, ast.Name) or node.id in known:
        return set()
    known = (*known, node.id)
    found: set[str] = set()
    for one in ast.walk(tree):
        if isinstance(one, ast.Assign) and any(getattr(target, "id", "") == node.id for target in one.targets):
            found |= strings(tree, one.value, known)
        if isinstance(one, ast.FunctionDef) and node.id in (names := [a.arg for a in one.args.args]):
            for given in _given(tree, one.name, names.index(node.id)):
                found |= strings(tree, given, known)
    return found


def _given(tree: ast.AST, function: str, place: int) -> list[ast.expr]:
    """What a function of the same file is called with at that place."""
    calls = (x for x in ast.walk(tree) if isinstance(x, ast.Call) and getattr(x.func, "id", "") == function)
    return [call.args[place] for call in calls if len(call.args) > place]


def recorded() -> dict[str, str]:
    """Every kind of event that stands in the code, and where; a file that hides one is named under ""."""
    kinds: dict[str, str] = {}
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for call in (x for x in ast.walk(tree) if isinstance(x, ast.Call) and x.args):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in RECORDS and path.name != "case.py":  # where `event` itself is
                found = strings(tree, call.args[0]) or {""}
                kinds |= dict.fromkeys(found, f"{path.name}:{call.lineno}")
    return kinds


def test_every_kind_of_event_that_the_code_records_has_its_words():
    kinds = recorded()
    assert "" not in kinds, f"{kinds.get('')}: nobody can tell which event that is"
    assert {"opened", "answered", "offered", "bounced", "returned", "released", "status"} <= set(kinds)
    assert {kind: where for kind, where in kinds.items() if kind not in SENTENCES} == {}
    assert set(SENTENCES) <= set(kinds)


@pytest.mark.parametrize("kind", SENTENCES)
@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"agent": ANNA, "person": MARIA, "customer": MARIA, "ticket": 7, "by": "tag", "kind": "budget"},
        {"agent": 12, "person": 13, "ticket": "x", "by": "new", "kind": "what", "replies": [None, "550"]},
        {"replies": "550", "status": "5.1.1", "before": "new", "after": "open"},
    ],
    ids=["nothing", "all", "ids that nobody knows", "codes"],
)
def test_words_are_one_line_without_ids_whatever_is_known(kind, detail):
    words = in_words(kind, detail, POLICY)
    assert words.strip() == words != ""
    assert "\n" not in words
    assert not any(hidden in words for hidden in ("12", "13", "person:", "{", "Address("))
    assert not words.endswith(".")


@pytest.mark.parametrize(
    ("kind", "detail", "words"),
    [
        ("received", {"by": "signed"}, "wrote into the ticket, in reply to a mail of the desk's"),
        ("status", {"before": "new", "after": "pending"}, "changed the status from new to pending"),
        ("assigned", {"agent": ANNA, "strategy": "sticky"}, "gave the ticket to Anna Dvořák (chosen by sticky)"),
        ("assigned", {"agent": ANNA, "outside": True}, "gave the ticket to Anna Dvořák, who is of another department"),
        ("follow-up", {"ticket": 7}, "noted that it follows [ACME-7]"),
        ("undelivered", {"replies": ["550", ""]}, "could not deliver a mail (550)"),
        ("not acknowledged", {"kind": "list"}, "sent no acknowledgement: the mail is a mailing list's"),
        (
            "not acknowledged",
            {"kind": "budget", "budget": "per_address"},
            "sent no acknowledgement: there were too many already (per address)",
        ),
    ],
)
def test_what_is_known_stands_in_the_words(kind, detail, words):
    assert in_words(kind, detail, POLICY) == words


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("desk", "The desk"),
        ("admin", "The admin"),
        (12, "somebody"),
        (Address(ANNA.address.upper(), "Somebody Else"), "Anna Dvořák"),
        (Address("eve@elsewhere.example", "Anna Dvořák"), "Anna Dvořák <eve@elsewhere.example>"),
        (Address("eve@elsewhere.example"), "eve@elsewhere.example"),
    ],
)
def test_agents_go_by_their_name_in_the_config_and_others_by_their_address_too(who, name):
    assert named(who, POLICY) == name
