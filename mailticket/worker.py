"""The worker: takes mails from the inbox, has them read, lets the rules decide, and writes what follows."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .core.asked import Ahead
from .core.decide import decide
from .core.parse import addressed
from .core.retry import MAX_TRIES, read_pause
from .core.types import DkimPass, ParsedMail, RawMail
from .errors import ClaimLostError, MailticketError, SlowError, TemporaryError
from .store import inbox
from .store.ahead import ahead
from .store.context import Question, load, question
from .store.db import at
from .store.desk import Desk
from .store.inbox import Claimed
from .telling import quarantine_told

BATCH = 32
BATCH_BYTES = 16 * 1024 * 1024

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """A claimed mail and what reading it gave; `fault` says why it could not be read."""

    claimed: Claimed
    mail: ParsedMail | None
    fault: str = ""
    dkim: tuple[DkimPass, ...] = ()
    ahead: Ahead | None = None

    def question(self, mail: ParsedMail, desk: Desk) -> Question:
        claimed = self.claimed
        cause = f"{claimed.key}:{at(claimed.mail.received_at)}"
        if claimed.round:  # what it did before a person put it back must not be taken for what it does now
            cause += f":{claimed.round}"
        asked = question(claimed.id, cause, mail, claimed.mail, desk.policy, self.dkim)
        return replace(asked, ahead=self.ahead, mailboxes=tuple(imap.name for imap in desk.mailboxes))


def _no_check(_mail: ParsedMail, _raw: RawMail) -> tuple[DkimPass, ...]:
    return ()


def read_one(
    claimed: Claimed,
    desk: Desk,
    read: Callable[[bytes], ParsedMail],
    check: Callable[[ParsedMail, RawMail], tuple[DkimPass, ...]],
) -> Item:
    if claimed.tries > MAX_TRIES:  # failures end before: these were cut short while it was alone in work
        return Item(claimed, None, f"the desk died {MAX_TRIES} times while it worked on this mail")
    try:
        mail = addressed(read(claimed.mail.raw), claimed.mail)
        item = Item(claimed, mail, dkim=check(mail, claimed.mail))
        return replace(item, ahead=ahead(desk.db, item.question(mail, desk), desk.policy, desk.clock(), read))
    except (TemporaryError, SlowError):  # there is no reader, or it was not given the time: not the mail's doing
        raise
    except MailticketError as error:
        return Item(claimed, None, str(error))


class Worker:
    """`read` reads a mail, `check` its DKIM signatures where they matter, `told` is called after a commit in which
    something went to quarantine."""

    def __init__(
        self,
        desk: Desk,
        read: Callable[[bytes], ParsedMail],
        check: Callable[[ParsedMail, RawMail], tuple[DkimPass, ...]] = _no_check,
    ) -> None:
        self._desk = desk
        self._read = read
        self._check = check
        self._held = False  # something went to quarantine since the managers were told

    def step(self, limit: int = BATCH) -> int:
        """Claim, read and work on what waits now; how many mails that were."""
        claimed = self.claim(limit)
        if claimed:
            self.work([self.read(one) for one in claimed])
        return len(claimed)

    def claim(self, limit: int = BATCH) -> list[Claimed]:
        desk = self._desk
        claimed = inbox.claim(desk.db, desk.owner, desk.clock(), limit, BATCH_BYTES)
        if claimed:
            desk.checkpoint("inbox:claimed")
        return claimed

    def read(self, claimed: Claimed) -> Item:
        return read_one(claimed, self._desk, self._read, self._check)

    def work(self, items: Sequence[Item], stopped: Callable[[], bool] = lambda: False) -> list[Item]:
        """Write what follows from each mail. They share commits, each under its own savepoint; when somebody
        waits for the database the commit comes early, once it has cost no more than the work under it.

        Returns what is left where `stopped` said so. A TemporaryError leaves all of them to be worked on again:
        those that were done by then are no longer ours, and nothing is done twice.
        """
        left = list(items)
        while left and not stopped():
            done, failed = self._one_commit(left)
            self._desk.checkpoint("inbox:committed")
            for item, reason in failed:
                self._put_off(item, reason)
            if self._held:
                self._held = False
                quarantine_told(self._desk, self._desk.clock())
            left = left[done:]
        return left

    def _one_commit(self, items: list[Item]) -> tuple[int, list[tuple[Item, str]]]:
        db = self._desk.db
        failed: list[tuple[Item, str]] = []
        done = 0
        with db.write():
            began = time.monotonic()
            for item in items:
                done += 1
                if reason := self._one(item):
                    failed.append((item, reason))
                if db.should_commit(time.monotonic() - began):
                    break
            self._desk.checkpoint("inbox:applied")
        return done, failed

    def _one(self, item: Item) -> str:
        """The work on one mail, inside the transaction; why it failed, or ""."""
        if item.mail is None:
            return item.fault
        try:
            with self._desk.db.savepoint():
                self._held = self._apply(item, item.mail) == "quarantined" or self._held
        except TemporaryError:
            raise
        except ClaimLostError as error:
            log.warning("%s", error)
        except Exception as error:
            # Whatever one mail does to us must not stop the next: it is tried again and then quarantined.
            log.debug("inbox message %d", item.claimed.id, exc_info=True)
            return f"{type(error).__name__}: {error}"
        return ""

    def _apply(self, item: Item, mail: ParsedMail) -> str:
        """What follows from one mail, written; the state of its row then."""
        desk, claimed = self._desk, item.claimed
        now = desk.clock()
        asked = item.question(mail, desk)
        context = load(desk.db, asked, desk.policy, now)
        plan = decide(mail, claimed.mail, context, desk.policy, now, row=claimed.id)
        twin = context.duplicate_of
        is_twin = twin is not None and plan.reason.startswith("duplicate of")
        if twin is not None and not is_twin:
            inbox.superseded(desk.db, twin.id, claimed.id, now)
        result = {
            "state": plan.state,
            "kind": plan.kind,
            "reason": plan.reason,
            "ticket": plan.ticket,
            "message_id": mail.message_id or None,
            "subject": mail.subject,
            "soft_key": None if is_twin else asked.soft_key,
            "concerns": plan.concerns,
            "whose": plan.whose or claimed.mail.whose,
            "asked_at": at(now) if plan.asked else None,
        }
        inbox.finish(desk.db, claimed, desk.owner, now, result)
        desk.carry_out(plan, cause=asked.cause, now=now, inbox_id=claimed.id)
        return plan.state or ""

    def _put_off(self, item: Item, reason: str) -> None:
        """A mail that failed is tried again a little later, and the third time goes to quarantine."""
        desk, claimed = self._desk, item.claimed
        now = desk.clock()
        last = claimed.tries >= MAX_TRIES
        again = None if last else now + read_pause(claimed.tries)
        inbox.failed(desk.db, claimed, desk.owner, reason, again_at=again, now=now)
        self._held = self._held or last
        what = "is in quarantine" if last else f"will be tried again (try {claimed.tries} of {MAX_TRIES})"
        log.error("inbox message %d %s: %s", claimed.id, what, reason)
