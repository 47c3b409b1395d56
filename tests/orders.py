"""A desk of three agents, and what follows from a mail that one of them sends about a ticket."""

from __future__ import annotations

from dataclasses import replace

from letters import ANNA, MARIA
from worlds import BORIS, NOW, PETR, POLICY, SUPPORT, context, parsed, sent, ticket

from mailticket.core.decide import decide
from mailticket.core.policy import Agent
from mailticket.core.types import Address, RawMail

CYRIL = Agent("Cyril", "cyril@acme.example", departments=("Sales",))
DESK = replace(POLICY, agents=(*POLICY.agents, CYRIL), max_size=1_000_000)
HERS = ticket(1, MARIA, PETR)
HIS = replace(HERS, agent=BORIS.address, offered=(ANNA.address, BORIS.address))
FREE = replace(HIS, agent="")


def boss(policy=DESK):
    """The same desk, where Cyril of Sales is the manager."""
    return replace(policy, agents=(*policy.agents[:-1], replace(CYRIL, role="manager")))


def assigned(who, **changes):
    return replace(sent(1, "agent", who.address), template="assignment", **changes)


TO_ANNA = assigned(ANNA)


def says(who, text, to, *marks, policy=DESK, mail=None, login=False, **known):
    """The plan for a mail of that agent: a reply to those marks, else one with the ticket's tag, sent by `login`."""
    bears = {"signed": marks} if marks else {"tagged": (to.id,)}
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address if login or not marks else "")
    words = parsed(Address(who.address, who.name), text, **(mail or {}))
    return decide(words, raw, context(to, request="It burns.", **bears, **known), policy, NOW)


def written(plan):
    """Each letter: what it is, and to whom."""
    return [(one.template, *(a.address.partition("@")[0] for a in (*one.to, *one.cc))) for one in plan.letters]


def kinds(plan):
    return [event.kind for event in plan.events]


def owner(plan):
    """Whose the ticket becomes; None where that stays as it is."""
    return next((change.set["agent"].partition("@")[0] for change in plan.changes if "agent" in change.set), None)


def returned(plan):
    """The mistakes of a mail that did nothing and came back: (line, reason, nearest)."""
    assert plan.changes == ()
    assert plan.messages == ()
    assert [event.kind for event in plan.events] == ["returned"]
    (notice,) = plan.letters
    assert notice.template == "notice-commands"
    return [(m["line"], m["reason"], m["nearest"]) for m in notice.facts["mistakes"]]


def receipt(plan):
    """The lines of the receipt, if there is one: what changed, and what did not."""
    found = next((one.facts for one in plan.letters if one.template == "notice-done"), {"lines": [], "unchanged": []})
    return [*found["lines"], *found["unchanged"]]


def change(plan):
    """The columns that the plan changes."""
    (one,) = plan.changes
    return dict(one.set)
