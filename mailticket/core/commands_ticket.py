"""Commands that say what a ticket is called and how urgent it is: priority, labels, subject."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from .command import Acting, CommandError, Effect, Order, command
from .estimate import due_dates
from .outward import crossing
from .policy import PRIORITIES, Policy
from .subject import MAX_SUBJECT, NO_SUBJECT, plain, tag

LABELS_AT_MOST = 20  # of one ticket
_LABEL = re.compile(r"[^\W_][\w.-]{0,31}")


def _prioritised(order: Order, acting: Acting) -> Effect:
    """The customer keeps the promise that they were given; what the desk promises itself is counted anew."""
    ticket, case = acting.ticket, acting.case
    name = tag(ticket.id, case.policy)
    if ticket.priority == order.text:
        return Effect(ticket, idle=(f"{name} has priority {order.text} already",))
    return prioritised(acting, order.text)


def prioritised(acting: Acting, priority: str) -> Effect:
    """The ticket with another priority, and the times that follow from it, counted from when it was opened."""
    ticket, case = acting.ticket, acting.case
    first_response, resolution = due_dates(case.policy.department(ticket.department), priority, ticket.created_at)
    return Effect(
        ticket=replace(ticket, priority=priority),
        set={"priority": priority, "first_response_due": first_response, "resolution_due": resolution},
        events=(case.event("priority", ticket.id, before=ticket.priority, after=priority),),
        lines=(f"{tag(ticket.id, case.policy)} has priority {priority} now",),
    )


@command("priority", scope="ticket", argument="LEVEL", act=_prioritised, says=("priority",))
def priority(argument: str, _policy: Policy) -> Order:
    """How urgent it is: low, medium, high or critical. The times by which it is due are counted anew."""
    wanted = argument.casefold()
    found = [level for level in PRIORITIES if wanted and level.startswith(wanted)]
    if len(found) == 1:
        return Order("priority", text=found[0])
    near = difflib.get_close_matches(wanted.partition(" ")[0], PRIORITIES, n=1)
    reason = f"a priority is one of {', '.join(PRIORITIES)}"
    raise CommandError(reason, f"#priority {near[0]}" if near else "")


def _labelled(order: Order, acting: Acting) -> Effect:
    ticket, case = acting.ticket, acting.case
    name = tag(ticket.id, case.policy)
    for word in order.less:
        if word not in ticket.labels:
            near = difflib.get_close_matches(word, ticket.labels, n=1)
            has = f"its labels are {', '.join(ticket.labels)}" if ticket.labels else "it has none"
            raise CommandError(f"{name} has no label {word}: {has}", f"#label -{near[0]}" if near else "")
    added = tuple(word for word in order.more if word not in ticket.labels)
    kept = (*(word for word in ticket.labels if word not in order.less), *added)
    if len(kept) > LABELS_AT_MOST:
        raise CommandError(f"a ticket has at most {LABELS_AT_MOST} labels, and this would make {len(kept)}")
    if kept == ticket.labels:
        return Effect(ticket, idle=(f"{name} has the label{'s'[: len(order.more) != 1]} already",))
    return Effect(
        ticket=replace(ticket, labels=kept),
        set={"labels": kept},
        events=(case.event("labels", ticket.id, added=len(added), removed=len(order.less)),),
        lines=(f"{name} has the labels {', '.join(kept)} now" if kept else f"{name} has no labels now",),
    )


@command("label", scope="ticket", argument="WORDS", act=_labelled)
def label(argument: str, _policy: Policy) -> Order:
    """It has these labels, too; one with a `-` before it is taken off."""
    words = argument.casefold().replace(",", " ").split()
    if not words:
        raise CommandError("#label needs words: those to put on, and with a - before them those to take off")
    for word in words:
        if not _LABEL.fullmatch(word.removeprefix("-")):
            reason = f"{word[:40]} is no label: one word of at most 32 letters and digits, with . _ - in it"
            made = "-".join(re.findall(r"[^\W_]+", word))[:32].rstrip("-")
            raise CommandError(reason, f"#label {made}" if made else "")
    more = dict.fromkeys(word for word in words if not word.startswith("-"))
    less = dict.fromkeys(word[1:] for word in words if word.startswith("-"))
    if both := [word for word in more if word in less]:
        raise CommandError(f"{both[0]} cannot be both put on and taken off", f"#label {both[0]}")
    return Order("label", more=tuple(more), less=tuple(less))


def _renamed(order: Order, acting: Acting) -> Effect:
    """Customers read it: nothing that the glass holds back may be in it."""
    ticket, case = acting.ticket, acting.case
    name = tag(ticket.id, case.policy)
    if ticket.subject == order.text:
        return Effect(ticket, idle=(f"{name} is called so already",))
    if crossing(order.text, case.policy, case.policy.department(ticket.department)) != order.text:
        raise CommandError("the customer reads it, and it has an agent's address in it, or a signed one of ours")
    return Effect(
        ticket=replace(ticket, subject=order.text),
        set={"subject": order.text},
        events=(case.event("subject", ticket.id),),
        lines=(f'the subject of {name} is "{order.text}" now',),
    )


@command("subject", scope="ticket", argument="TEXT", act=_renamed, says=("subject",))
def subject(argument: str, policy: Policy) -> Order:
    """What the ticket is called from now on, in mails to the customer, too."""
    words = plain(argument, policy)
    if words == NO_SUBJECT:
        raise CommandError("#subject needs words")
    if words.endswith("…") and not argument.endswith("…"):
        raise CommandError(f"a subject has at most {MAX_SUBJECT} characters", f"#subject {words[:40].rstrip()}")
    return Order("subject", text=words)
