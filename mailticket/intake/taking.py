"""What becomes of the mails in a mailbox: each is made safe in the inbox, and only then touched where it lies."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import IO

from ..core.fingerprint import fingerprint_of, is_sure
from ..errors import TemporaryError
from ..store import mailboxes
from ..store.body import Body
from ..store.mailboxes import Fetched, Folder, Known
from .imap import Info, Session
from .imap_faults import DroppedError, MailboxError
from .imap_mail import Maker
from .keeping import Context, Keeper

BATCH = 100  # mails that are looked at together
TOGETHER = 50  # small ones that are fetched together,
SMALL = 256 * 1024  # each of so many octets at most,
TOGETHER_OCTETS = 1 << 20  # and all of them
LEFT_KNOWN = 20_000  # of what is left alone at the first connection, the newest are known again later
_AGAIN = (timedelta(seconds=10), timedelta(minutes=1))  # after the first try, and the second

log = logging.getLogger(__name__)


class Taking:
    """The work on one folder over one connection."""

    def __init__(self, around: Context, session: Session) -> None:
        self._around = around
        self._box, self._db, self._clock = around.box, around.db, around.clock
        self._session = session
        self._maker = Maker(around.box, around.policy)
        selected = session.select(readonly=self._box.after.kind == "keep")
        self._uidnext = selected.uidnext
        self._keeper = Keeper(around, self._begin(selected.uidvalidity, selected.uidnext))

    @property
    def _folder(self) -> Folder:
        return self._keeper.folder

    def _begin(self, uidvalidity: int, uidnext: int) -> Folder:
        box = self._box
        known = mailboxes.folder(self._db, box.name, box.username, box.folder)
        if known is None:
            return self._begin_first(uidvalidity, uidnext)
        if known.uidvalidity == uidvalidity:
            return known
        log.warning("mailbox %s: the server counts the mails of %s anew; all are looked at again", box.name, box.folder)
        return mailboxes.renumber(self._db, known, uidvalidity, uidnext)

    def _begin_first(self, uidvalidity: int, uidnext: int) -> Folder:
        """What is there already stays alone, but for what `since` says."""
        box, now = self._box, self._clock()
        there = self._session.uids(1, uidnext)
        uidnext = uidnext or (there[-1] + 1 if there else 1)
        there = [uid for uid in there if uid < uidnext]
        horizon = None if box.since is None else now - box.since
        wanted = there
        if horizon is not None:
            nothing = not box.since
            day = (horizon - timedelta(days=1)).date()  # a server's day may begin earlier than ours
            wanted = [] if nothing else [u for u in self._session.uids(1, uidnext, since=day) if u < uidnext]
        first = wanted[0] if wanted else uidnext
        left = [uid for uid in there if uid < first]
        log.info(
            "mailbox %s: first connection to %s: %d mails that are there already are left alone%s",
            box.name, box.folder, len(left), f", {len(there) - len(left)} are looked at" if wanted else "",
        )  # fmt: skip
        begun = Folder(0, uidvalidity, first, now, horizon, uidnext if wanted else 0)
        seen = list(self._fingerprints(left[-LEFT_KNOWN:]))
        return mailboxes.begin(self._db, box.name, box.username, box.folder, begun, seen, now)

    def _fingerprints(self, uids: Sequence[int]) -> Iterator[tuple[int, str]]:
        for start in range(0, len(uids), 5 * BATCH):
            self._around.stop_here()
            for info in self._session.infos(uids[start : start + 5 * BATCH]):
                yield info.uid, fingerprint_of(info.head)

    def scan(self) -> bool:
        """Take all that is new, and do what is left to do; whether there may be more by now. TemporaryError where
        nothing can be stored."""
        self._keeper.settle(self._session)
        self._again()
        self._keeper.in_order = True
        found = self._session.uids(self._folder.next_uid, self._uidnext)
        self._uidnext = 0
        known = mailboxes.noted(self._db, self._folder, found)
        new = [uid for uid in found if uid not in known]
        for start in range(0, len(new), BATCH):
            self._batch(new[start : start + BATCH])
            self._keeper.settle(self._session)
        self._keeper.all_stored()
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
        due = [one.uid for one in self._open("failing") if not self._due(one.at, one.tries)]
        if not due:
            return
        infos = self._session.infos(due)
        gone = sorted(set(due) - {info.uid for info in infos})
        mailboxes.settle(self._db, self._folder, gone, "gone", self._clock())
        for info in infos:
            self._take([info])
        self._keeper.settle(self._session)

    def _batch(self, uids: Sequence[int]) -> None:
        """What is new, what was known under another number, and what was there before us."""
        infos = self._session.infos(uids)
        known = mailboxes.known_before(self._db, self._folder, {fingerprint_of(i.head) for i in infos} - {""})
        again: list[tuple[int, Known, str]] = []
        left: list[tuple[int, str]] = []
        news: list[Info] = []
        for info in infos:
            fingerprint = fingerprint_of(info.head)
            old = self._known(info.uid, fingerprint, known.get(fingerprint, []))
            if old:
                again.append((info.uid, old, self._state_again(old)))
            elif self._is_old(info):
                left.append((info.uid, fingerprint))
            else:
                news.append(info)
        if again:
            mailboxes.move_here(self._db, self._folder, again)
        if left:
            log.info("mailbox %s: %d mails from before `since` are left alone", self._box.name, len(left))
            mailboxes.leave(self._db, self._folder, left, self._clock())
        for group in self._groups(news):
            self._take(group)

    def _known(self, uid: int, fingerprint: str, candidates: list[Known]) -> Known | None:
        """The one of these that this mail is; it is no other's then. Of mails without a Message-ID many may look the
        same: those are the same only while the folder is looked at again, and only where they were left in it."""
        sure = is_sure(fingerprint)
        for one in candidates:
            if sure or (uid < self._folder.old_below and one.state != "gone"):
                candidates.remove(one)
                return one
        return None

    def _state_again(self, known: Known) -> str:
        """What was done in the mailbox is done again: nobody knows what became of it."""
        if known.state in {"left", "failing", "given up", "kept"}:
            return known.state
        return self._state_taken

    @property
    def _state_taken(self) -> str:
        return "done" if self._box.after.kind == "keep" else "taken"

    def _is_old(self, info: Info) -> bool:
        folder = self._folder
        if info.uid >= folder.old_below or folder.horizon is None or info.at is None:
            return False
        return info.at < folder.horizon

    def _groups(self, infos: Sequence[Info]) -> Iterator[list[Info]]:
        group: list[Info] = []
        weight = 0
        for info in infos:
            small = 0 < info.size <= SMALL and info.uid not in self._around.suspects
            if group and (not small or len(group) >= TOGETHER or weight + info.size > TOGETHER_OCTETS):
                yield group
                group, weight = [], 0
            if small:
                group.append(info)
                weight += info.size
            else:
                yield [info]
        if group:
            yield group

    def _take(self, infos: list[Info]) -> None:
        """Fetch and store. One that fails alone is noted, and the others go on."""
        self._around.stop_here()
        try:
            self._fetch(infos)
        except DroppedError as error:
            if len(infos) == 1:
                self._keeper.failed(infos[0], str(error))
            self._around.suspects |= {info.uid for info in infos}
            raise
        except MailboxError as error:
            if len(infos) == 1:
                self._keeper.failed(infos[0], str(error))
                return
            for info in infos:
                self._take([info])

    def _fetch(self, infos: list[Info]) -> None:
        if len(infos) == 1 and not 0 < infos[0].size <= SMALL:
            self._fetch_large(infos[0])
            return
        found = self._session.whole([info.uid for info in infos])
        mails = [self._fetched(i, found[i.uid]) for i in infos if found.get(i.uid)]
        if mails:
            self._keeper.store(mails, infos)
        for info in infos:
            if not found.get(info.uid) and info.uid in self._session.uids(info.uid, 0):
                self._keeper.failed(info, "the server does not hand it over")

    def _fetched(self, info: Info, raw: bytes, body: Body | None = None) -> Fetched:
        mail = self._maker.mail(info, raw, self._folder.first_at, self._clock())
        return Fetched(info.uid, fingerprint_of(info.head), mail, self._state_taken, body)

    def _fetch_large(self, info: Info) -> None:
        """From the socket to a file to the database, so that no more than a piece of it is in memory."""
        if info.size > self._box.max_message_size:
            self._fetch_head(info)
            return
        with tempfile.TemporaryFile(dir=self._db.path.parent) as file:
            size = 0
            for piece in self._session.pieces(info.uid):
                self._around.stop_here()
                size += len(piece)
                if size > self._box.max_message_size:
                    break
                self._write(file, piece)
            else:
                self._store_large(info, Body(file, size))
                return
        self._fetch_head(info)

    def _write(self, file: IO[bytes], piece: bytes) -> None:
        try:
            file.write(piece)
        except OSError as error:
            raise TemporaryError(f"{self._db.path.parent}: {error.strerror or error}") from error

    def _store_large(self, info: Info, body: Body) -> None:
        if not body.size:
            if info.uid in self._session.uids(info.uid, 0):
                self._keeper.failed(info, "the server hands over nothing of it")
            return
        head = next(body.pieces())
        self._keeper.store([self._fetched(info, head, body)], [info])

    def _fetch_head(self, info: Info) -> None:
        mail = self._maker.head_only(info, self._session, self._folder.first_at, self._clock())
        state = "kept" if self._box.after.kind == "delete" else self._state_taken
        told = "mailbox %s: UID %d is too large (%d octets): its head alone is filed"
        log.warning(told, self._box.name, info.uid, info.size)
        self._keeper.store([Fetched(info.uid, fingerprint_of(info.head), mail, state)], [info])
