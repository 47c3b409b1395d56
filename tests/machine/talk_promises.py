"""What agents are promised of their own mails, in words: each function is one promise, looked at after every step."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from letters import body

from mailticket.store.db import moment

from .mails import PRAGUE, Mail
from .promises import TOKEN, each_mail_is_taken_once_but_for_what_nobody_heard, nothing_of_the_agents_crosses_the_glass
from .seen import Row, Seen, look, recipients
from .world import Broken

if TYPE_CHECKING:
    from .talk import Talk

CAME_BACK = {"returned", "empty answer", "collided"}
RECEIPT = re.compile(
    r"Your answer (?:leaves at (?P<day>[\w ]+, )?(?P<at>[\d:]{8}) \w+, to|is on its way to)\n\n(?P<who>(?:  .+\n)+)"
)
ADDRESS = re.compile(r"[^\s<>()]+@[^\s<>()]+")
UNDONE = ("undone", False)
NOTE = b"\r\n\r\n#note\r\n"


@dataclass(frozen=True)
class Receipt:
    """Who gets an answer, and when it leaves at the earliest, as its receipt says."""

    named: frozenset[str]
    leaves_at: datetime


@dataclass(frozen=True)
class Act:
    """A mail of an agent's that is done: what followed from it is all of its moment."""

    row: Row
    mail: Mail
    kinds: Counter[str]  # of its events
    letters: list[Row]

    @property
    def answers(self) -> list[Row]:
        return [row for row in self.letters if row["audience"] == "customer"]


def acts(seen: Seen) -> Iterator[Act]:
    at: dict[int, list[Row]] = {}
    for row in seen.outbox:
        at.setdefault(row["created_at"], []).append(row)
    for row, mail in seen.done():
        if mail.by_agent:
            events = (event for event in seen.events_of(row) if event["at"] == row["done_at"])
            yield Act(row, mail, Counter(event["kind"] for event in events), at.get(row["done_at"], []))


def each_mail_of_an_agents_had_one_effect_or_came_back(seen: Seen) -> bool:
    """What came back has no effect at all; what did not answers once at most, and says what else it did, or why it did
    nothing."""
    for act in acts(seen):
        back = sum(act.kinds[kind] for kind in CAME_BACK)
        others = sum(act.kinds.values()) - back
        if act.row["reason"].startswith(("duplicate of", "came again")):
            whole = not act.kinds and not act.letters
        elif back:
            whole = back == 1 and not others and not act.answers
        else:
            whole = bool(others or act.row["reason"]) and len(act.answers) == act.kinds["answered"] <= 1
        if not whole:
            return False
    return True


def no_words_leave_twice(seen: Seen) -> bool:
    """Not under another id, either."""
    return all(len(ids) == 1 for ids in _left(seen).values())


def what_was_undone_or_dropped_never_left(seen: Seen) -> bool:
    """By the words of the events: what #undo takes back without a but, and what its writer gives up that was held."""
    events = ((event["kind"], json.loads(event["detail"])) for event in seen.events)
    over = (detail["inbox"] for kind, detail in events if kind == "discarded" or (kind, "but" in detail) == UNDONE)
    return _left(seen).keys().isdisjoint(seen.mail_of[row].token for row in over)


def what_the_outbox_calls_undone_never_left(seen: Seen) -> bool:
    taken = {taken.message_id for taken in seen.world.server.taken}
    return taken.isdisjoint(row["message_id"] for row in seen.outbox if row["state"] == "undone")


def _left(seen: Seen) -> dict[str, set[str]]:
    """The agents' words that customers got, and the ids of the mails that have them."""
    mine = {mail.token for mail in seen.mail_of.values() if mail.by_agent}
    ids: dict[str, set[str]] = {}
    for taken in seen.world.server.taken:
        if not all(map(seen.world.is_agent, taken.recipients)):
            for token in mine.intersection(TOKEN.findall(body(taken.raw, "plain"))):
                ids.setdefault(token, set()).add(taken.message_id)
    return ids


def every_answer_goes_to_those_whom_its_receipt_names_and_not_before(seen: Seen) -> bool:
    world: Talk = seen.world
    wanted = {}
    for act in acts(seen):
        for answer in act.answers:
            found = world.receipts.get(act.row["id"]) or _receipt(seen, act)
            if found is None or found.named != set(recipients(answer)):
                return False
            world.receipts[act.row["id"]] = wanted[answer["message_id"]] = found
    for taken, at in zip(world.server.taken, world.took_at, strict=True):
        named = wanted.get(taken.message_id)
        if named and not (set(taken.recipients) <= named.named and at >= named.leaves_at):
            return False
    return True


def _receipt(seen: Seen, act: Act) -> Receipt | None:
    """Sent at once, or kept for the one mail of many."""
    db, at = seen.world.db, act.row["done_at"]
    mine = (
        row["id"] for row in act.letters if row["template"] == "notice-done" and recipients(row) == [act.mail.sender]
    )
    raws = (db.execute("SELECT mail FROM outbox_raw WHERE outbox = ?", (row,)).fetchone()[0] for row in mine)
    texts = [body(raw, "plain") for raw in raws]
    texts += [row[0] for row in db.execute("SELECT text FROM kept_notice WHERE at = ?", (at,)).fetchall()]
    found = next(filter(None, map(RECEIPT.search, texts)), None)
    if found is None:
        return None
    written = moment(at).astimezone(PRAGUE)
    leaves_at = written
    if found["at"]:
        day = written.date() + timedelta(days=bool(found["day"]))
        leaves_at = datetime.combine(day, time.fromisoformat(found["at"]), PRAGUE)
    return Receipt(frozenset(ADDRESS.findall(found["who"])), leaves_at)


def no_word_of_a_note_is_in_a_customers_mail(seen: Seen) -> bool:
    secret = {mail.token for mail in seen.mail_of.values() if mail.by_agent and NOTE in mail.raw}
    return not any(secret.intersection(TOKEN.findall(taken.all_words)) for taken in seen.new_for_customers)


PROMISES: tuple[Callable[[Seen], bool], ...] = (
    each_mail_of_an_agents_had_one_effect_or_came_back,
    no_words_leave_twice,
    each_mail_is_taken_once_but_for_what_nobody_heard,
    what_was_undone_or_dropped_never_left,
    what_the_outbox_calls_undone_never_left,
    every_answer_goes_to_those_whom_its_receipt_names_and_not_before,
    no_word_of_a_note_is_in_a_customers_mail,
    nothing_of_the_agents_crosses_the_glass,
)


def check(world: Talk, before: Seen | None) -> Seen:
    """Raises Broken with the promise's own words."""
    seen = look(world, before and replace(before, before=None))
    for promise in PROMISES:
        if not promise(seen):
            raise Broken(promise.__name__.replace("_", " "))
    return seen


def check_drained(world: Talk, before: Seen | None) -> None:
    """After all work is done: every answer that was not undone has left, to all whom its receipt named."""
    seen = check(world, before)
    if any(row["state"] == "queued" for row in (*seen.inbox, *seen.outbox)):
        raise Broken("nothing is left in the queues")
    got: dict[str, set[str]] = {}
    for taken in world.server.taken:
        got.setdefault(taken.message_id, set()).update(taken.recipients)
    for row in seen.outbox:
        if row["state"] != "undone" and got.get(row["message_id"]) != set(recipients(row)):
            raise Broken("what was not undone has left")
