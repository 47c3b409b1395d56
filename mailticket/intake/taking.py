"""What becomes of the mails in a mailbox: each is made safe in the inbox, and only then touched where it lies."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ..core.fingerprint import Print
from ..store import mailboxes
from ..store.mailboxes import Folder, Known
from .fetching import Fetching, unknown
from .imap import Session
from .imap_answers import Info
from .imap_faults import DroppedError, MailboxError
from .keeping import Context, First, Keeper

BATCH = 100  # mails that are looked at together
LEFT_KNOWN = 20_000  # of what is left alone at the first connection, the newest are known again later
_AGAIN = (timedelta(seconds=10), timedelta(minutes=10))  # after the first try, and the second

log = logging.getLogger(__name__)


class Taking:
    """The work on one folder over one connection."""

    def __init__(self, around: Context, session: Session) -> None:
        self._around = around
        self._box, self._db, self._clock = around.box, around.db, around.clock
        self._session = session
        self.found = 0  # that were new at the last scan
        selected = session.select(readonly=self._box.after.kind == "keep")
        self._uidnext = selected.uidnext
        self._keeper = Keeper(around, self._begin(selected.uidvalidity, selected.uidnext))
        self._fetching = Fetching(around, session, self._keeper)

    @property
    def _folder(self) -> Folder:
        return self._keeper.folder

    def _begin(self, uidvalidity: int, uidnext: int) -> Folder:
        box = self._box
        known = mailboxes.folder(self._db, box.name, box.username, box.folder)
        if known is None:
            return self._begin_first(uidvalidity, uidnext)
        # A copy that was put back may say the old UIDVALIDITY, and number new mails as it did before.
        put_back = 0 < uidnext < known.next_uid
        if known.uidvalidity == uidvalidity and not put_back:
            return known
        log.warning("mailbox %s: the server counts the mails of %s anew; all are looked at again", box.name, box.folder)
        return mailboxes.renumber(self._db, known, uidvalidity, uidnext or self._next_after(self._session.uids(1, 0)))

    def _begin_first(self, uidvalidity: int, uidnext: int) -> Folder:
        """What is there already stays alone, but for what `since` says."""
        box, first = self._box, self._around.first
        there = self._session.uids(1, uidnext)
        if first is None or first.uidvalidity != uidvalidity:
            first = First(uidvalidity, uidnext or self._next_after(there), self._clock())
            self._around.first = first  # one that is cut short goes on from there
        uidnext, now = first.uidnext, first.at
        there = [uid for uid in there if uid < uidnext]
        horizon = None if box.since is None else (now - box.since).replace(microsecond=0)  # as an INTERNALDATE has it
        wanted = there
        if horizon is not None:
            nothing = not box.since
            day = (horizon - timedelta(days=1)).date()  # a server's day may begin earlier than ours
            wanted = [] if nothing else [u for u in self._session.uids(1, uidnext, since=day) if u < uidnext]
        start = wanted[0] if wanted else uidnext
        left = [uid for uid in there if uid < start]
        log.info(
            "mailbox %s: first connection to %s: %d mails that are there already are left alone%s",
            box.name, box.folder, len(left), f", {len(there) - len(left)} are looked at" if wanted else "",
        )  # fmt: skip
        begun = Folder(0, uidvalidity, start, now, horizon, uidnext if wanted else 0)
        seen = list(self._fingerprints(left[-LEFT_KNOWN:]))
        return mailboxes.begin(self._db, box.name, box.username, box.folder, begun, seen, now)

    def _next_after(self, uids: Sequence[int]) -> int:
        """For a server that does not say its UIDNEXT."""
        return uids[-1] + 1 if uids else 1

    def _fingerprints(self, uids: Sequence[int]) -> Iterator[tuple[int, Print]]:
        """Of mails that are left alone. Where the server does not tell, it has to do without."""
        for start in range(0, len(uids), BATCH):
            part = uids[start : start + BATCH]
            told = {info.uid: info for info in self._told(part)}
            for uid in part:
                yield uid, told.get(uid, unknown(uid)).print

    def _told(self, uids: Sequence[int]) -> list[Info]:
        self._around.stop_here()
        if self._around.suspects & set(uids):
            return []
        try:
            return self._session.infos(uids)
        except DroppedError:
            self._around.suspects |= set(uids)
            raise
        except MailboxError as error:
            log.warning("mailbox %s: mails that are left alone will not be known again: %s", self._box.name, error)
            return []

    def scan(self) -> bool:
        """Take all that is new, and do what is left to do; whether there may be more by now. TemporaryError where
        nothing can be stored."""
        self._keeper.settle(self._session)
        self._again()
        self._keeper.in_order = not self._around.unfetched
        found = self._session.uids(self._folder.next_uid, self._uidnext)
        self._uidnext = 0
        known = mailboxes.noted(self._db, self._folder, found)
        new = [uid for uid in found if uid not in known and uid not in self._around.unfetched]
        self.found = len(new)
        for start in range(0, len(new), BATCH):
            self._batch(new[start : start + BATCH])
            self._keeper.settle(self._session)
        self._keeper.all_stored()
        self._keeper.all_fetched()
        if found:
            self._keeper.folder = mailboxes.passed(self._db, self._folder, found[-1] + 1)
        self._around.suspects.clear()
        return bool(new) or self._session.heard()

    def next_try(self) -> float | None:
        """In how many seconds a mail that failed is to be tried again; None for none."""
        due = [self._due(one.at, one.tries) for one in self._open("failing")]
        return min(due) if due else None

    def _due(self, at: datetime, tries: int) -> float:
        pause = _AGAIN[min(max(tries, 1), len(_AGAIN)) - 1] if tries else timedelta(0)
        return max(0.0, (at + pause - self._clock()).total_seconds())

    def _open(self, state: str) -> list[mailboxes.OpenMail]:
        return [one for one in mailboxes.open_mails(self._db, self._folder) if one.state == state]

    def _again(self) -> None:
        """Mails that failed, one by one."""
        self._keeper.in_order = False
        failing = [one for one in self._open("failing") if one.uid not in self._around.unfetched]
        due = [one.uid for one in failing if not self._due(one.at, one.tries)]
        if not due:
            return
        self._keeper.again |= set(due)
        self._around.suspects |= set(due)
        self._batch(due)
        self._keeper.settle(self._session)

    def _batch(self, uids: Sequence[int]) -> None:
        """What is new, what was known under another number, and what was there before us."""
        infos = self._fetching.infos(uids)
        known = mailboxes.known_before(self._db, self._folder, {i.print.fields for i in infos} - {""})
        again: list[tuple[int, Known, str]] = []
        left: list[tuple[int, Print]] = []
        news: list[Info] = []
        for info in infos:
            old = self._known(info, known.get(info.print.fields, []))
            if old:
                again.append((info.uid, old, self._state_again(old)))
            elif self._is_old(info):
                left.append((info.uid, info.print))
            else:
                news.append(info)
        if again:
            mailboxes.move_here(self._db, self._folder, again)
        if left:
            log.info("mailbox %s: %d mails from before `since` are left alone", self._box.name, len(left))
            mailboxes.leave(self._db, self._folder, left, self._clock())
        self._fetching.take(news)

    def _known(self, info: Info, candidates: list[Known]) -> Known | None:
        """The one of these that this mail is; it is no other's then. While the folder is looked at again the fields of
        its head are enough where they name one mail only; else the server has to say the same of it, too."""
        looked_at_again, mark = info.uid < self._folder.old_below, info.print
        for one in sorted(candidates, key=lambda one: one.stamp != mark.stamp):
            same = bool(mark.stamp) and one.stamp == mark.stamp
            if (same and (mark.sure or (looked_at_again and one.state != "gone"))) or (looked_at_again and mark.sure):
                candidates.remove(one)
                return one
        return None

    def _state_again(self, known: Known) -> str:
        """What was done in the mailbox is done again: nobody knows what became of it."""
        if known.state in {"left", "failing", "given up", "kept"}:
            return known.state
        return self._fetching.state_taken

    def _is_old(self, info: Info) -> bool:
        folder = self._folder
        if info.uid >= folder.old_below or folder.horizon is None or info.at is None:
            return False
        return info.at < folder.horizon
