"""The answers to commands that only ask: a mail each to the agent alone, of what is true after all else in their mail.

Nothing of a ticket stands in them that this agent may not see: such a number and one that nothing has are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from . import listing, overview
from .absence import away_after
from .agent_letters import notice
from .asked import LINES, WORDS, Happened, Page, Past, Promise, Spoken
from .case import Case
from .command import Command, Order
from .commands import COMMANDS, needs_more
from .commands_show import ASKING, wants_files
from .handover import owner_of
from .known import TicketView
from .match import reads_inside, serves
from .past import in_words, named
from .plan import Letter, Plan
from .policy import Agent, Policy
from .reasons import sections
from .said import Room
from .shown_files import attached
from .subject import MAX_SUBJECT, tag
from .types import Address
from .watching import watchers_of

Facts = dict[str, object]

SAFE = "a mail that your server signed, or your login at this desk"
RETURNED = "notice-commands"
HELP = "What you can order by mail"
WITH_FILES = " (with files)"
TITLE = 60  # characters of what was looked for that a subject shows
_TIMES = ("first_response_due", "resolution_due")
_COLUMNS = frozenset(one.name for one in fields(TicketView)) - {"customer"}
_SUBJECTS = (
    ("What stays inside", ("note",)),
    ("How it goes on", ("resolve", "reopen", "pending", "postpone", "close", "spam", "undo")),
    ("Whose it is", ("take", "assign", "next", "department", "escalate")),
    ("Whether you are there", ("away", "back")),
    ("Who takes part", ("cc", "uncc", "customer", "watch", "unwatch")),
    ("What belongs together", ("merge", "split")),
    ("What it is called", ("priority", "label", "subject")),
    ("What you want to know", ASKING),
    ("In a reply to a list or a question", ("release", "discard", "person")),
)
_HOW = {"inbound": "", "outbound": "to the customer's side", "note": "a note"}


def answered(case: Case, plan: Plan, orders: Sequence[Order], unheard: str = "") -> Plan:
    """With the answers to what was asked, where the mail was understood. Nothing is added but letters; the first says
    what of the mail the desk sends to nobody."""
    agent = case.agent
    asks = [order for order in dict.fromkeys(orders) if order.name in ASKING]
    if agent is None or not asks or any(letter.template == RETURNED for letter in plan.letters):
        return plan
    first, *others = (_ANSWERS[order.name](case, agent, plan, order) for order in asks)
    letters = (replace(first, facts={**first.facts, "unheard": unheard}), *others)
    reason = plan.reason
    if not (plan.changes or plan.events) and len(asks) == len(dict.fromkeys(orders)):
        reason = f"it asks only: {', '.join(f'#{order.name}' for order in asks)}"
    return replace(plan, reason=reason, letters=(*plan.letters, *letters))


def _help(case: Case, agent: Agent, _plan: Plan, _order: Order) -> Letter:
    listed = {name for _, names in _SUBJECTS for name in names}
    more = tuple(name for name in COMMANDS if name not in listed)
    groups = [
        {"name": subject, "commands": [_row(COMMANDS[name], case.policy) for name in names]}
        for subject, names in (*_SUBJECTS, *([("More", more)] if more else []))
    ]
    return _letter(case, agent, "notice-help", {"groups": groups}, subject=HELP)


def _row(command: Command, policy: Policy) -> Facts:
    said = " ".join(command.help.replace("`", "").split())
    needs = SAFE if needs_more(command.name, policy) else ""
    return {"line": f"#{command.name} {command.argument}".rstrip(), "help": said, "needs": needs}


def _history(case: Case, agent: Agent, plan: Plan, order: Order) -> Letter:
    ticket, pages = _own(case, agent), case.context.pages
    if ticket is None or pages is None or pages.past is None:
        return _nothing(case, agent, order)
    entries = [
        {"at": one.at, "who": named(one.actor, case.policy), "what": in_words(one.kind, one.detail, case.policy)}
        for one in _events(case, ticket, pages.past, plan)
    ]
    return _letter(case, agent, "notice-history", {"entries": entries, "more": pages.past.earlier})


def _events(case: Case, ticket: TicketView, past: Past, plan: Plan) -> tuple[Happened, ...]:
    """With what this mail does."""
    now = (Happened(case.now, e.kind, e.actor, e.detail) for e in plan.events if e.ticket == ticket.id)
    return (*past.happened, *now)


def _why(case: Case, agent: Agent, plan: Plan, order: Order) -> Letter:
    ticket, pages = _own(case, agent), case.context.pages
    if ticket is None or pages is None or pages.past is None:
        return _nothing(case, agent, order)
    events = _events(case, ticket, pages.past, plan)
    told = sections(case, _after(ticket, plan, case), _promised(pages.past.promise, ticket, plan), events)
    return _letter(case, agent, "notice-why", {"sections": told})


def _show(case: Case, agent: Agent, plan: Plan, order: Order) -> Letter:
    own = case.match.ticket.id if case.match.ticket else None
    number = next(iter(order.ids), own)
    page = _page(case, agent, number)
    if page is None:
        return _nothing(case, agent, order)
    ticket = _after(page.ticket, plan, case)
    owner, customer = owner_of(ticket, case.policy), ticket.customer
    spoken = [*page.spoken, *_spoken_now(case, agent, plan, ticket.id)]
    if not reads_inside(agent, page.ticket, case.policy):
        spoken = [one for one in spoken if one.direction != "note"]
    facts: Facts = {
        "shown": {
            "tag": tag(ticket.id, case.policy),
            "subject": ticket.subject,
            "status": ticket.status,
            "priority": ticket.priority,
            "department": ticket.department,
            "labels": ", ".join(ticket.labels),
            "owner": owner.name if owner else "",
            "customer": {"name": customer.name, "address": customer.address},
            "others": [
                {"name": one.name, "address": one.address}
                for one in ticket.participants
                if one.key != Address(customer.address).key
            ],
            "watchers": [one.name for one in watchers_of(ticket, case.policy)],
            "opened": ticket.created_at,
            "changed": ticket.updated_at,
            "resolved": ticket.resolved_at,
            "merged": tag(number, case.policy) if number is not None and number != ticket.id else "",
        },
        "messages": [_message(case, one) for one in spoken],
        "more": page.earlier,
    }
    asked = wants_files(order)
    files, told = attached(case, agent, page if asked else replace(page, files=()))
    behind = WITH_FILES if files else ""
    letter = _letter(
        case,
        agent,
        "notice-show",
        facts | told | {"asked": asked},
        subject=f"{listing.cut(ticket.subject, MAX_SUBJECT - len(behind))}{behind}",
    )
    return replace(letter, attachments=files, named=ticket.id)


def _spoken_now(case: Case, agent: Agent, plan: Plan, number: int) -> Iterator[Spoken]:
    """What this mail says in the ticket."""
    for letter in plan.letters:
        if letter.record and letter.ticket == number:
            yield Spoken("outbound", agent.as_address, letter.due_at, letter.text)
    for one in plan.messages:
        if one.ticket == number:
            yield Spoken(one.direction, agent.as_address, case.now, one.text, len(one.attachments))


def _message(case: Case, one: Spoken) -> Facts:
    kept = Room(WORDS, LINES).cut(one.text)
    return {
        "who": named(one.who, case.policy),
        "how": "an automatic mail" if one.automatic else _HOW[one.direction],
        "at": one.at,
        "text": kept.strip("\n"),
        "cut": kept != one.text,
        "files": one.files,
    }


def _list(case: Case, agent: Agent, _plan: Plan, order: Order) -> Letter:
    listed = case.context.pages.lists.get(order) if case.context.pages else None
    if listed is None:
        raise AssertionError("whatever lists a mail asks for are looked up before")
    facts = listing.facts(order, listed, case.policy, case.now)
    return _letter(case, agent, "notice-list", facts, subject=f"{listing.called(order)}: {listed.count}")


def _search(case: Case, agent: Agent, _plan: Plan, order: Order) -> Letter:
    found = case.context.pages.lists.get(order) if case.context.pages else None
    if found is None:
        raise AssertionError("whatever a mail looks for is looked for before")
    facts = listing.found(order, found, case.policy, case.now)
    how_many = "too much to look for" if found.given_up else f"{'over ' if facts['over'] else ''}{facts['count']} found"
    name = f"Search: {listing.cut(order.text, TITLE)}: {how_many}"
    return _letter(case, agent, "notice-found", facts, subject=name)


def _status(case: Case, agent: Agent, plan: Plan, _order: Order) -> Letter:
    pages = case.context.pages
    if pages is None or pages.overview is None:
        raise AssertionError("how the desk is was counted before")
    facts = overview.facts(pages.overview, away_after(case, plan), case.policy, case.now)
    facts |= {"rows": listing.beginning(pages.oldest, case.policy, case.now)["rows"]}
    name = f"How {case.policy.name} is: {overview.total(pages.overview)}"
    return _letter(case, agent, "notice-status", facts, subject=name)


def _nothing(case: Case, agent: Agent, order: Order) -> Letter:
    """No such ticket, or none that they may see: nobody can tell which."""
    number = next(iter(order.ids), None)
    about = "this ticket" if number is None else tag(number, case.policy)
    called = "Nothing to show" if number is None else f"Nothing to show: {number}"
    return _letter(case, agent, "notice-no-ticket", {"about": about}, subject=called)


def _own(case: Case, agent: Agent) -> TicketView | None:
    """The mail's ticket, where the agent may see it: who answers an old mail may not any more."""
    ticket = case.match.ticket
    return ticket if ticket is not None and reads_inside(agent, ticket, case.policy) else None


def _page(case: Case, agent: Agent, number: int | None) -> Page | None:
    page = case.context.pages.tickets.get(number) if case.context.pages and number is not None else None
    return page if page is not None and serves(agent, page.ticket, case.policy) else None


def _after(ticket: TicketView, plan: Plan, case: Case) -> TicketView:
    """The ticket as the plan leaves it."""
    for change in plan.changes:
        if change.id == ticket.id:
            customer = change.set.get("customer")
            if isinstance(customer, Address):
                person = replace(ticket.customer, address=customer.address, name=customer.name)
                ticket = replace(ticket, customer=person)
            columns: dict[str, Any] = {name: value for name, value in change.set.items() if name in _COLUMNS}
            gone = {one.key for one in change.remove_participants}
            stay = (one for one in ticket.participants if one.key not in gone)
            participants = tuple(dict.fromkeys((*stay, *change.add_participants)))
            left = {one.address for one in change.remove_watchers}
            watchers = (*(one for one in ticket.watchers if one not in left), *(a.address for a in change.add_watchers))
            ticket = replace(ticket, participants=participants, watchers=watchers, **{"updated_at": case.now} | columns)
    return ticket


def _promised(promise: Promise, ticket: TicketView, plan: Plan) -> Promise:
    """The times as the plan leaves them."""
    for change in plan.changes:
        if change.id == ticket.id:
            promise = replace(promise, **{name: value for name, value in change.set.items() if name in _TIMES})
    return promise


def _letter(case: Case, agent: Agent, template: str, facts: Facts, *, subject: str = "") -> Letter:
    """In the thread of the mail that asks; about no ticket it is called by what it shows, so that a client's list tells
    answers apart."""
    mail = case.mail
    behind = tuple(dict.fromkeys((*mail.references, mail.message_id))) if mail.message_id else mail.references
    ticket = case.match.ticket
    return notice(case.policy, agent, template, facts, case.now, ticket=ticket, subject=subject, thread=behind)


_ANSWERS: dict[str, Callable[[Case, Agent, Plan, Order], Letter]] = {
    "help": _help,
    "history": _history,
    "list": _list,
    "search": _search,
    "show": _show,
    "status": _status,
    "why": _why,
}
