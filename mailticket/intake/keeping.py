"""What a mailbox's thread writes down: mails that are safe, those that fail, and what became of them where they lie."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..core.policy import Policy
from ..errors import MailticketError, TemporaryError
from ..settings import Imap
from ..store import mailboxes
from ..store.db import Db
from ..store.mailboxes import Fetched, Folder
from .imap import Session
from .imap_answers import Info
from .imap_faults import MailboxError, RefusedError, StoppedError

MAX_TRIES = 3
SETTLED_AT_ONCE = 200
_FAILURES_IN_A_ROW = 3  # after which it is the database's trouble or the server's, and no mail's

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class First:
    """The moment of the first connection to a folder: what is below `uidnext` was there before."""

    uidvalidity: int
    uidnext: int
    at: datetime


@dataclass
class Context:
    """What one mailbox's thread works with. `suspects` are UIDs that were asked for when a connection ended."""

    box: Imap
    db: Db
    policy: Policy
    clock: Callable[[], datetime]
    stopped: Callable[[], bool]
    taken: Callable[[], None]  # called after each commit
    suspects: set[int] = field(default_factory=set)
    unfetched: dict[int, tuple[Info, str]] = field(default_factory=dict)  # and why; no try is counted for these yet
    first: First | None = None
    trouble: str = ""  # why mails that are safe stay where they are

    def stop_here(self) -> None:
        if self.stopped():
            raise StoppedError


class Keeper:
    """The state of one folder. `folder` is how far it has been read."""

    def __init__(self, around: Context, folder: Folder) -> None:
        self.folder = folder
        self.in_order = True  # all mails before the ones in hand are known
        self.again: set[int] = set()  # mails that failed before, and are tried again
        self._around = around
        self._box, self._db = around.box, around.db
        self._unstored: dict[int, tuple[Info, TemporaryError]] = {}
        self._in_a_row = 0

    def store(self, mails: Sequence[Fetched], infos: Sequence[Info]) -> None:
        """Make them safe. Of trouble with the database nobody knows whether a mail is to blame: a try counts for it
        when another mail can be stored meanwhile."""
        asked, safe = {info.uid for info in infos}, {mail.uid for mail in mails}
        last = min(asked - safe) if asked - safe else max(asked) + 1  # no further than the first that has no row yet
        try:
            next_uid = max(last, self.folder.next_uid) if self.in_order else self.folder.next_uid
            self.folder = mailboxes.take(self._db, self.folder, mails, next_uid, self._around.clock())
        except TemporaryError as error:
            self._later(mails, infos, error)
        except MailticketError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one mail does to us must not stop the next; it is noted
            self._each(mails, infos, f"cannot be stored: {type(error).__name__}: {error}")
        else:
            self._in_a_row = 0
            for info, trouble in list(self._unstored.values()):
                self._note(info, f"cannot be stored: {trouble}")
            self._unstored.clear()
            self._note_unfetched()
            self._around.taken()

    def _each(self, mails: Sequence[Fetched], infos: Sequence[Info], why: str) -> None:
        by_uid = {info.uid: info for info in infos}
        for mail in mails:
            if len(mails) == 1:
                self._note(by_uid[mail.uid], why)
            else:
                self.store([mail], [by_uid[mail.uid]])

    def _later(self, mails: Sequence[Fetched], infos: Sequence[Info], error: TemporaryError) -> None:
        self.in_order = False
        if len(mails) > 1:
            self._each(mails, infos, "")
        else:
            self.unstored(next(one for one in infos if one.uid == mails[0].uid), error)

    def unstored(self, info: Info, error: TemporaryError) -> None:
        """There was no place for this one. TemporaryError where there seems to be none for any."""
        self._unstored[info.uid] = (info, error)
        if info.uid in self.again:
            mailboxes.put_off(self._db, self.folder, info.uid, self._around.clock())
            return
        self.in_order = False
        self._in_a_row += 1
        if self._in_a_row >= _FAILURES_IN_A_ROW:
            raise error

    def all_stored(self) -> None:
        """TemporaryError where something new is not."""
        for uid, (_, error) in self._unstored.items():
            if uid not in self.again:
                raise error

    def failed(self, info: Info, error: str) -> None:
        """It could not be fetched. Nobody knows yet whether it is to blame, or the server: a try counts for it when
        another mail can be taken meanwhile, over connections, too, where few fail, or where it failed before."""
        if info.uid in self.again:
            self._note(info, error)
            return
        self._around.unfetched[info.uid] = (info, error)
        self.in_order = False

    def all_fetched(self) -> None:
        """The end of a look at all mails. MailboxError where many could not be fetched, and none could."""
        failed = list(self._around.unfetched.values())
        if len(failed) < _FAILURES_IN_A_ROW:
            self._note_unfetched()
            return
        self._around.unfetched.clear()
        raise MailboxError(f"none of {len(failed)} mails can be fetched: {failed[0][1]}")

    def _note_unfetched(self) -> None:
        failed = list(self._around.unfetched.values())
        self._around.unfetched.clear()
        for info, error in failed:
            self._note(info, error)

    def _note(self, info: Info, error: str) -> None:
        """A try of this mail failed; after the third it is left in the mailbox, and somebody hears of it."""
        mark = info.print
        tries = mailboxes.failed(self._db, self.folder, info.uid, mark, error, MAX_TRIES, self._around.clock())
        what = "stays there, and is tried no more" if tries >= MAX_TRIES else f"try {tries} of {MAX_TRIES}"
        log.error("mailbox %s: UID %d cannot be taken (%s): %s", self._box.name, info.uid, what, error)

    def settle(self, session: Session) -> None:
        """Do in the mailbox what is to become of mails that are safe."""
        found = mailboxes.open_mails(self._db, self.folder)
        after = self._box.after.kind
        for state, kind in (("taken", after), ("kept", after if after == "keep" else "seen")):
            uids = [one.uid for one in found if one.state == state]
            for start in range(0, len(uids), SETTLED_AT_ONCE):
                self._around.stop_here()
                part = uids[start : start + SETTLED_AT_ONCE]
                try:
                    self._do_what_can_be(session, kind, part)
                except RefusedError as error:
                    self._stuck(str(error))
                    return
                done = "gone" if kind in {"move", "delete"} else "done"
                mailboxes.settle(self._db, self.folder, part, done, self._around.clock())
        if self._around.trouble:
            log.info("mailbox %s: over: mails stay in %s", self._box.name, self._box.folder)
        self._around.trouble = ""

    def _do_what_can_be(self, session: Session, kind: str, uids: Sequence[int]) -> None:
        """A server may refuse it for all where somebody else has taken one away."""
        while uids:
            try:
                self._do(session, kind, uids)
            except RefusedError:
                there = session.there(uids)
                if len(there) == len(uids):
                    raise
                uids = sorted(there)
            else:
                return

    def _do(self, session: Session, kind: str, uids: Sequence[int]) -> None:
        if kind == "move":
            session.move(uids, self._box.after.folder)
        elif kind == "delete":
            session.delete(uids)
        elif kind == "seen":
            session.mark_seen(uids)

    def _stuck(self, error: str) -> None:
        told = f"mails are taken, and stay in {self._box.folder}: {error}"
        if told != self._around.trouble:
            log.error("mailbox %s: %s", self._box.name, told)
        self._around.trouble = told
