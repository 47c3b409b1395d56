"""The rules that never break, in words: each function is one promise, looked at after every step."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from mailticket.core.lifecycle import HAPPENINGS, is_open, next_status
from mailticket.core.retry import MAX_TRIES
from mailticket.store import inbox, queues

from .guarded import GUARDED, managers_have_heard_of_all_that_waits
from .mails import MARKER, REPORT, STAFF
from .seen import Seen, look
from .world import Broken, World

TOKEN = re.compile(r"tok\d+en")
NOT_THE_FIRST = re.compile(r"duplicate of|came again as|discarded")


# --- rule 1: a message we said yes to is never lost ---------------------------------------------------------------


def every_yes_is_in_the_inbox_list(seen: Seen) -> bool:
    listed = {
        (seen.mail_of[row["id"]].raw, row["envelope_from"], tuple(row["envelope_to"]))
        for row in queues.inbox(seen.world.db)
    }
    return all((yes.raw, yes.envelope_from, yes.envelope_to) in listed for yes in seen.world.yes)


def only_what_cannot_be_proved_or_kills_is_quarantined(seen: Seen) -> bool:
    """A mail that was alone in work when the desk died, three times, is suspected of killing it. An answer that crosses
    with others waits in its ticket."""
    held = [row for row in seen.inbox if row["state"] == "quarantined" and row["ticket"] is None]
    deadly = seen.world.crashes >= MAX_TRIES
    return all(not seen.proved(row) or (deadly and row["reason"].startswith("the desk died")) for row in held)


# --- rule 2: one message, one effect ------------------------------------------------------------------------------


def a_done_mail_has_exactly_one_effect(seen: Seen) -> bool:
    """A message in a ticket, an answer passed on, commands carried out, or a recorded reason."""
    entered = Counter(m["inbox"] for m in seen.messages)
    for row, mail in seen.done():
        kinds = Counter(e["kind"] for e in seen.events_of(row))
        messages = entered[row["id"]]
        if messages != kinds["opened"] + kinds["received"] + kinds["noted"]:
            return False
        changes = kinds["status"] + kinds["assigned"] + kinds["unassigned"] > 0
        commands = mail.by_agent and not messages and not kinds["answered"] and changes
        if messages + kinds["answered"] + commands + bool(row["reason"]) != 1:
            return False
    return True


def what_is_not_done_has_no_effect(seen: Seen) -> bool:
    waiting = {row["id"] for row in seen.inbox if row["state"] != "done"}
    return not any(thing["inbox"] in waiting for thing in (*seen.messages, *seen.effects()))


def each_answer_is_one_outbound_message(seen: Seen) -> bool:
    passed_on = Counter(
        e["ticket"] for e in seen.events if e["kind"] == "answered" and json.loads(e["detail"])["relayed"]
    )
    outbound = Counter(m["ticket"] for m in seen.messages if m["direction"] == "outbound" and not m["automatic"])
    return passed_on == outbound


def one_mail_by_any_road_is_worked_on_once(seen: Seen) -> bool:
    """A mail without a Message-ID is known only by its envelope and bytes, so by another road it is another one."""
    counted: Counter[bytes] = Counter()
    for row in seen.inbox:
        mail = seen.mail_of[row["id"]]
        if mail.named and row["state"] == "done" and not NOT_THE_FIRST.match(row["reason"]):
            counted[mail.raw] += 1
    fresh = sum(len(times) for times in seen.world.fresh.values())
    return all(n == 1 for n in counted.values()) and len(seen.inbox) == fresh


def a_duplicate_bears_the_ticket_of_the_first(seen: Seen) -> bool:
    firsts = {row["id"]: row for row in seen.inbox}
    pairs = ((row, re.fullmatch(r"duplicate of (\d+)", row["reason"])) for row, _ in seen.done())
    found = [(row["ticket"], firsts[int(named[1])]) for row, named in pairs if named]
    # One that waited in quarantine then has none that could be told.
    return all(ticket == first["ticket"] or (ticket is None and first["round"]) for ticket, first in found)


def nothing_stays_claimed(seen: Seen) -> bool:
    return not any(row["owner"] for row in (*seen.inbox, *seen.outbox))


def no_mail_waits_longer_than_five_seconds(seen: Seen) -> bool:
    waits = inbox.waiting(seen.world.db, seen.world.now)
    return waits is None or waits <= timedelta(seconds=5)


# --- rule 3: one answer, sent once --------------------------------------------------------------------------------


def each_mail_is_taken_once_but_for_what_nobody_heard(seen: Seen) -> bool:
    """A second copy only after a result was lost, on the wire or in a crash, and one for each such loss."""
    world = seen.world
    counted = Counter((taken.message_id, to) for taken in world.server.taken for to in taken.recipients)
    return all(n <= 1 + world.may_repeat[what] for what, n in counted.items())


def a_second_copy_is_the_same_to_the_byte(seen: Seen) -> bool:
    first: dict[str, bytes] = {}
    for taken in seen.world.server.taken:
        if first.setdefault(taken.message_id, taken.raw) != taken.raw:
            return False
    return first.keys() <= {row["message_id"] for row in seen.outbox}


def sent_means_that_the_server_has_it(seen: Seen) -> bool:
    got = {(taken.message_id, to) for taken in seen.world.server.taken for to in taken.recipients}
    return all(
        (row["message_id"], r["address"]) in got
        for row in seen.outbox
        for r in json.loads(row["recipients"])
        if r["state"] == "sent"
    )


def what_failed_is_reported(seen: Seen) -> bool:
    reported = {json.loads(e["detail"])["outbox"] for e in seen.events if e["kind"] in {"undelivered", "bounced"}}
    return all(row["id"] in reported for row in seen.outbox if row["state"] == "failed" and row["ticket"])


# --- rule 4: nobody talks to a machine for ever -------------------------------------------------------------------


def a_new_ticket_is_acknowledged_once_or_it_is_said_why_not(seen: Seen) -> bool:
    """No acknowledgement of automatic mail, and none of a mail into a ticket that is there."""
    acknowledged = Counter(row["ticket"] for row in seen.outbox if row["kind"] == "acknowledgement")
    refused = Counter(e["ticket"] for e in seen.events if e["kind"] == "not acknowledged")
    openers = {e["ticket"]: seen.mail_of[e["inbox"]] for e in seen.events if e["kind"] == "opened"}
    if not acknowledged.keys() | refused.keys() <= openers.keys():
        return False
    return all(
        acknowledged[number] + refused[number] == 1 and acknowledged[number] <= mail.answerable
        for number, mail in openers.items()
    )


def one_letter_to_the_agent_for_each_message(seen: Seen) -> bool:
    """Assignment or relay, in a department that has agents; where a ticket is nobody's, one to each of them."""
    told = Counter(row["ticket"] for row in seen.outbox if row["template"] in ("assignment", "relay"))
    came = Counter(m["ticket"] for m in seen.messages if m["direction"] == "inbound")
    notes = Counter(m["ticket"] for m in seen.messages if m["direction"] == "note")
    agents = {"Support": 1, "Orders": 2, "Sales": 0}
    return all(
        came[number] * bool(most) <= told[number] <= (came[number] + notes[number]) * most
        for number, most in ((ticket["id"], agents[ticket["department"]]) for ticket in seen.tickets)
    )


# --- rule 6: nothing crosses the glass ----------------------------------------------------------------------------


def nothing_of_the_agents_crosses_the_glass(seen: Seen) -> bool:
    secret = [row["ref"] for row in seen.outbox if row["audience"] == "agent"] + [*STAFF, MARKER]
    words = [taken.all_words.lower() for taken in seen.new_for_customers]
    return not any(s.lower() in text for s in secret for text in words)


def customers_read_only_of_their_own_tickets(seen: Seen) -> bool:
    """Words of their ticket: what its customers wrote themselves, and what agents answered in it. No note."""
    known: dict[int | None, set[str]] = {}
    for row in seen.inbox:
        mail = seen.mail_of[row["id"]]
        if mail.foreign or mail.kind == REPORT:
            continue
        written = {mail.token} if mail.by_agent else set(TOKEN.findall(mail.raw.decode()))
        known.setdefault(row["ticket"], set()).update(written)
    ticket_of = {row["message_id"]: row["ticket"] for row in seen.outbox}
    return all(
        known.get(ticket_of[taken.message_id], set()).issuperset(TOKEN.findall(taken.all_words))
        for taken in seen.new_for_customers
    )


# --- tickets ------------------------------------------------------------------------------------------------------


def statuses_go_as_the_table_says(seen: Seen) -> bool:
    status = {t["id"]: "new" for t in seen.tickets}
    for event in seen.events:
        if event["kind"] == "status":
            step = json.loads(event["detail"])
            before, after = step["before"], step["after"]
            if status[event["ticket"]] != before or after not in {next_status(before, h) for h in HAPPENINGS}:
                return False
            status[event["ticket"]] = after
    return status == {t["id"]: t["status"] for t in seen.tickets}


def agents_loads_are_counted_right(seen: Seen) -> bool:
    loads = Counter(t["agent"] for t in seen.tickets if t["agent"] and is_open(t["status"]))
    return all(person["open_tickets"] == loads[person["id"]] for person in seen.people)


def events_only_ever_grow(seen: Seen) -> bool:
    before = seen.before.events if seen.before else []
    return seen.events[: len(before)] == before


def a_number_is_used_once(seen: Seen) -> bool:
    opened = Counter(e["ticket"] for e in seen.events if e["kind"] == "opened")
    return opened == Counter(t["id"] for t in seen.tickets)


PROMISES: tuple[Callable[[Seen], bool], ...] = (
    every_yes_is_in_the_inbox_list,
    only_what_cannot_be_proved_or_kills_is_quarantined,
    a_done_mail_has_exactly_one_effect,
    what_is_not_done_has_no_effect,
    each_answer_is_one_outbound_message,
    one_mail_by_any_road_is_worked_on_once,
    a_duplicate_bears_the_ticket_of_the_first,
    nothing_stays_claimed,
    no_mail_waits_longer_than_five_seconds,
    each_mail_is_taken_once_but_for_what_nobody_heard,
    a_second_copy_is_the_same_to_the_byte,
    sent_means_that_the_server_has_it,
    what_failed_is_reported,
    a_new_ticket_is_acknowledged_once_or_it_is_said_why_not,
    one_letter_to_the_agent_for_each_message,
    nothing_of_the_agents_crosses_the_glass,
    customers_read_only_of_their_own_tickets,
    statuses_go_as_the_table_says,
    agents_loads_are_counted_right,
    events_only_ever_grow,
    a_number_is_used_once,
    *GUARDED,
)


def check(world: World, before: Seen | None) -> Seen:
    """Raises Broken with the promise's own words."""
    seen = look(world, before)
    seen.before = before and replace(before, before=None)
    for promise in PROMISES:
        if not promise(seen):
            raise Broken(promise.__name__.replace("_", " "))
    return seen


def check_drained(world: World) -> None:
    """After all work is done nothing is left over."""
    seen = check(world, None)
    if any(row["state"] == "queued" for row in (*seen.inbox, *seen.outbox)):
        raise Broken("nothing is left in the queues")
    if not managers_have_heard_of_all_that_waits(seen):
        raise Broken("managers have heard of all that waits")
