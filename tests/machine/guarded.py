"""The promises of proof, quarantine, budgets and bounces, in words: each function is one of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta

from mailticket.core.quarantine import QUESTIONS_A_DAY
from mailticket.core.retry import MAX_TRIES

from .mails import MANAGER, PER_ADDRESS, PER_DOMAIN, REPORT
from .seen import Row, Seen, recipients

TOKEN = re.compile(r"tok\d+en")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENDED_WITHOUT_EFFECT = re.compile(r"duplicate of \d+|came again as \d+|discarded|an agent's automatic mail")
NOTHING_OPENED = frozenset({"opened", "received", "answered"})


def _suspicious(seen: Seen) -> bool:
    """A mail that three crashes hit is in quarantine for that reason, and let in for that one alone."""
    return seen.world.crashes >= MAX_TRIES


# --- quarantine -----------------------------------------------------------------------------------------------------


def what_is_not_proved_is_not_obeyed(seen: Seen) -> bool:
    """It is in quarantine, or a person has let it in."""
    return all(
        mail.trusted or row["auth"] or row["released"] or ENDED_WITHOUT_EFFECT.fullmatch(row["reason"])
        for row, mail in seen.done()
    )


def a_held_mail_leaves_by_a_persons_word_alone(seen: Seen) -> bool:
    """Or because the same mail came again with what it lacked."""
    now = {row["id"]: row for row in seen.inbox}
    held = [row for row in (seen.before.inbox if seen.before else []) if row["state"] == "quarantined"]
    return all(_left_well(seen, row, now[row["id"]]) for row in held)


def _left_well(seen: Seen, before: Row, after: Row) -> bool:
    number = after["id"]
    if after["round"] != before["round"]:  # a person has put it back
        return after["round"] == seen.ordered("released", number) + seen.world.put_back[number]
    if after["state"] == "quarantined":
        return True
    discarded = after["reason"] == "discarded" and seen.ordered("discarded", number) == 1
    return after["state"] == "done" and (discarded or after["reason"].startswith("came again as "))


def what_was_ordered_is_done(seen: Seen) -> bool:
    """A mail is let in as often as somebody said so, and what was discarded stays so."""
    rows = {row["id"]: row for row in seen.inbox}
    for event in seen.about["released"]:
        number = json.loads(event["detail"])["inbox"]
        if not rows[number]["released"] or rows[number]["round"] < seen.ordered("released", number):
            return False
    discarded = (rows[json.loads(event["detail"])["inbox"]] for event in seen.about["discarded"])
    return all((row["state"], row["reason"]) == ("done", "discarded") for row in discarded)


def who_is_no_agent_orders_nothing(seen: Seen) -> bool:
    """Only the admin, and a person who is proved and answers a mail of ours that names it."""
    for kind, word in (("released", "release"), ("discarded", "discard")):
        for event in seen.about[kind]:
            if event["actor"] == "admin":
                continue
            mail = seen.mail_of[event["inbox"]]
            asked = seen.sent_as.get(mail.answers[-1] if mail.answers else "")
            about = json.loads(asked["about"]) if asked else []
            if mail.orders != word or json.loads(event["detail"])["inbox"] not in about:
                return False
    return True


def what_is_let_in_is_not_held_again(seen: Seen) -> bool:
    held = (row for row in seen.inbox if row["state"] == "quarantined" and row["released"])
    return all(_suspicious(seen) for _ in held)


def what_is_discarded_has_no_effect(seen: Seen) -> bool:
    gone = {row["id"] for row in seen.inbox if row["reason"] == "discarded"}
    return not any(thing["inbox"] in gone for thing in (*seen.messages, *seen.effects()))


def somebody_elses_answer_is_a_note_at_most(seen: Seen) -> bool:
    """What an outsider answers to an agent's mail never becomes a request or an answer, whoever lets it in."""
    return not any(
        mail.foreign and NOTHING_OPENED & {e["kind"] for e in seen.events_of(row)} for row, mail in seen.done()
    )


def an_agent_is_asked_five_times_a_day_at_most(seen: Seen) -> bool:
    asked: dict[str, list[int]] = {}
    for row in seen.outbox:
        if row["template"] == "question":
            asked.setdefault(row["person"], []).append(row["created_at"])
    return all(_within(times, QUESTIONS_A_DAY, DAY) for times in asked.values())


def _within(times: Iterable[int], most: int, window: timedelta) -> bool:
    """Are there at most so many in any window?"""
    found = sorted(times)
    wide = window // timedelta(microseconds=1)
    return all(late - early >= wide for early, late in zip(found, found[most:], strict=False))


# --- machines -------------------------------------------------------------------------------------------------------


def _answered(seen: Seen) -> list[tuple[str, int]]:
    """To whom an automatic answer went, and when: those that the budgets count."""
    rows = (row for row in seen.outbox if row["kind"] == "acknowledgement")
    return [(to, row["created_at"]) for row in rows for to in recipients(row) if not seen.world.is_agent(to)]


def no_automatic_answer_is_over_a_budget(seen: Seen) -> bool:
    by_address: dict[str, list[int]] = {}
    by_domain: dict[str, list[int]] = {}
    for address, when in _answered(seen):
        by_address.setdefault(address, []).append(when)
        by_domain.setdefault(address.rpartition("@")[2], []).append(when)
    return all(_within(times, PER_ADDRESS.count, PER_ADDRESS.window) for times in by_address.values()) and all(
        _within(times, PER_DOMAIN.count, PER_DOMAIN.window) for times in by_domain.values()
    )


def who_is_refused_an_answer_is_so_for_a_reason(seen: Seen) -> bool:
    """A budget that is used up, a mail that came back, or three hours running of too many mails."""
    openers = {e["ticket"]: seen.mail_of[e["inbox"]] for e in seen.events if e["kind"] == "opened"}
    answered = _answered(seen)
    for event in seen.events:
        if event["kind"] != "not acknowledged" or not openers[event["ticket"]].answerable:
            continue
        detail, who = json.loads(event["detail"]), openers[event["ticket"]].sender
        if detail["kind"] == "budget":
            wanted = PER_ADDRESS if detail["budget"] == "per_address" else PER_DOMAIN
            same = who if wanted is PER_ADDRESS else who.rpartition("@")[2]
            since = event["at"] - wanted.window // timedelta(microseconds=1)
            given = sum(to.endswith(same) and since < when <= event["at"] for to, when in answered)
            fits = given >= wanted.count
        elif detail["kind"] == "bounced":
            fits = who in _failed_for(seen)
        else:
            fits = detail["kind"] == "automatic" and any(_held(seen, e) == who for e in seen.events)
        if not fits:
            return False
    return True


def _failed_for(seen: Seen) -> set[str]:
    """Whom a mail of ours did not reach, as events say."""
    rows = {row["id"]: row for row in seen.outbox}
    events = (e for e in seen.events if e["kind"] in {"bounced", "undelivered"})
    return {to for e in events for to in recipients(rows[json.loads(e["detail"])["outbox"]])}


def _held(seen: Seen, event: Row) -> str:
    if event["kind"] != "held for a machine":
        return ""
    wanted = json.loads(event["detail"])["person"]
    return next(person["address"] for person in seen.people if person["id"] == wanted)


def who_is_taken_for_a_machine_was_over_the_budget_for_three_hours(seen: Seen) -> bool:
    opened = {e["ticket"]: seen.mail_of[e["inbox"]].sender for e in seen.events if e["kind"] == "opened"}
    refused = [(opened[e["ticket"]], e["at"]) for e in seen.events if '"per_address"' in e["detail"]]
    return all(
        any(to == who and start < when <= start + at_hours(1) for to, when in refused)
        for event in seen.events
        if (who := _held(seen, event))
        for start in (event["at"] - at_hours(hours) for hours in (1, 2, 3))
    )


def at_hours(hours: int) -> int:
    return hours * HOUR // timedelta(microseconds=1)


def an_unknown_address_gets_none_of_its_words_back(seen: Seen) -> bool:
    """An acknowledgement to somebody who was never proved is no use as a bomb."""
    proved = {person["address"] for person in seen.people if person["proved"]}
    return not any(
        TOKEN.search(taken.all_words)
        for taken in seen.new_for_customers
        if seen.sent_as[taken.message_id]["kind"] == "acknowledgement" and not proved.issuperset(taken.recipients)
    )


def a_report_opens_no_ticket(seen: Seen) -> bool:
    reports = {row["id"] for row, mail in seen.done() if mail.kind == REPORT}
    return not any(message["inbox"] in reports for message in seen.messages)


GUARDED: tuple[Callable[[Seen], bool], ...] = (
    what_is_not_proved_is_not_obeyed,
    a_held_mail_leaves_by_a_persons_word_alone,
    what_was_ordered_is_done,
    who_is_no_agent_orders_nothing,
    what_is_let_in_is_not_held_again,
    what_is_discarded_has_no_effect,
    somebody_elses_answer_is_a_note_at_most,
    an_agent_is_asked_five_times_a_day_at_most,
    no_automatic_answer_is_over_a_budget,
    who_is_refused_an_answer_is_so_for_a_reason,
    who_is_taken_for_a_machine_was_over_the_budget_for_three_hours,
    an_unknown_address_gets_none_of_its_words_back,
    a_report_opens_no_ticket,
)


def managers_have_heard_of_all_that_waits(seen: Seen) -> bool:
    """After a working day without trouble: in a list, in the morning, or because they were asked themselves. An answer
    that waits in its ticket is its writer's for as long."""
    ways = {"quarantine", "morning", "question"}
    told = (row for row in seen.outbox if row["template"] in ways and MANAGER in recipients(row))
    named = {number for row in told for number in json.loads(row["about"])}
    waiting = (row for row in seen.inbox if row["state"] == "quarantined" and row["ticket"] is None)
    return all(row["told_at"] and row["id"] in named for row in waiting)
