"""Mails are fetched and made safe, a few together or one in pieces, so that a bad one does not stop the others."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import IO

from ..errors import TemporaryError
from ..store import mailboxes
from ..store.body import Body
from ..store.mailboxes import Fetched
from .imap import Session
from .imap_answers import Info
from .imap_faults import DroppedError, GoneError, MailboxError
from .imap_mail import Maker
from .keeping import Context, Keeper

TOGETHER = 50  # small ones that are fetched together,
SMALL = 256 * 1024  # each of so many octets at most,
TOGETHER_OCTETS = 1 << 20  # and all of them

log = logging.getLogger(__name__)


class Fetching:
    """The way of mails from one folder to the inbox. What fails for one alone is noted as its failure."""

    def __init__(self, around: Context, session: Session, keeper: Keeper) -> None:
        self._around = around
        self._box, self._db, self._clock = around.box, around.db, around.clock
        self._session = session
        self._keeper = keeper
        self._maker = Maker(around.box, around.policy)

    @property
    def state_taken(self) -> str:
        return "done" if self._box.after.kind == "keep" else "taken"

    def infos(self, uids: Sequence[int]) -> list[Info]:
        """By their UIDs, of those that are there and that the server tells about."""
        suspects = self._around.suspects
        parts = [[uid for uid in uids if uid not in suspects], *([uid] for uid in uids if uid in suspects)]
        found = [info for part in parts if part for info in self._infos(part)]
        return sorted(found, key=lambda info: info.uid)

    def _infos(self, uids: Sequence[int]) -> Iterable[Info]:
        self._around.stop_here()
        try:
            found = self._session.infos(uids)
        except DroppedError as error:
            self._dropped([unknown(uid) for uid in uids], error)
            raise
        except MailboxError as error:
            if len(uids) == 1:
                self._keeper.failed(unknown(uids[0]), str(error))
                return []
            half = len(uids) // 2
            return [*self._infos(uids[:half]), *self._infos(uids[half:])]
        self._missing([unknown(uid) for uid in uids], {info.uid for info in found})
        return found

    def take(self, infos: Sequence[Info]) -> None:
        """Fetch and store them, in their order."""
        for group in self._groups(infos):
            self._take(group)

    def _groups(self, infos: Sequence[Info]) -> Iterator[list[Info]]:
        group: list[Info] = []
        weight = 0
        for info in infos:
            small = self._is_small(info)
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

    def _is_small(self, info: Info) -> bool:
        """Not if there was trouble with it: the size that the server says may be wrong."""
        return 0 < info.size <= min(SMALL, self._box.max_message_size) and info.uid not in self._around.suspects

    def _take(self, infos: list[Info]) -> None:
        self._around.stop_here()
        try:
            if len(infos) > 1 or self._is_small(infos[0]):
                self._fetch(infos)
            else:
                self._fetch_large(infos[0])
        except DroppedError as error:
            self._dropped(infos, error)
            raise
        except GoneError:
            self._missing(infos, set())
        except MailboxError as error:
            if len(infos) == 1:
                self._keeper.failed(infos[0], str(error))
                return
            for info in infos:
                self._take([info])

    def _dropped(self, infos: Sequence[Info], error: DroppedError) -> None:
        """A connection may end at any mail: one is to blame that was in hand at the end of the one before, too."""
        if len(infos) == 1 and infos[0].uid in self._around.suspects:
            self._keeper.failed(infos[0], str(error))
        self._around.suspects |= {info.uid for info in infos}

    def _missing(self, infos: Sequence[Info], found: set[int]) -> None:
        """Those that were asked for and not handed out are gone, or the server keeps them from us."""
        missing = {info.uid: info for info in infos if info.uid not in found}
        if not missing:
            return
        there = self._session.there(sorted(missing))
        gone = [uid for uid in missing if uid not in there]
        mailboxes.settle(self._db, self._keeper.folder, gone, "gone", self._clock())
        for uid in sorted(there & set(missing)):
            self._keeper.failed(missing[uid], "the server does not hand it over")

    def _fetch(self, infos: list[Info]) -> None:
        found = self._session.whole([info.uid for info in infos])
        bodies = {uid: raw for uid, raw in found.items() if raw}
        good = [info for info in infos if 0 < len(bodies.get(info.uid, b"")) <= self._box.max_message_size]
        if good:
            self._keeper.store([self._fetched(info, bodies[info.uid]) for info in good], infos)
        for info in infos:
            if len(bodies.get(info.uid, b"")) > self._box.max_message_size:
                self._fetch_head(replace(info, size=len(bodies[info.uid])))
        rest = [info for info in infos if info.uid not in bodies]
        if len(infos) == 1:
            self._missing(rest, set())
        else:
            for info in rest:
                self._take([info])

    def _fetched(self, info: Info, raw: bytes, body: Body | None = None) -> Fetched:
        mail = self._maker.mail(info, raw, self._keeper.folder.first_at, self._clock())
        return Fetched(info.uid, info.print, mail, self.state_taken, body)

    def _fetch_large(self, info: Info) -> None:
        """From the socket to a file to the database, so that no more than a piece of it is in memory."""
        if info.size > self._box.max_message_size:
            self._fetch_head(info)
            return
        try:
            # Without a buffer: what is left in one would be written when the file is closed, and fail there.
            with tempfile.TemporaryFile(buffering=0, dir=self._db.path.parent) as file:
                size = self._fill(file, info)
                if size <= self._box.max_message_size:
                    self._store_large(info, Body(file, size))
        except OSError as error:  # the file's: a socket's is a MailboxError, the database's a TemporaryError
            trouble = TemporaryError(f"{self._db.path.parent}: {error.strerror or error}")
            self._keeper.unstored(info, trouble)
            return
        if size > self._box.max_message_size:
            self._fetch_head(replace(info, size=size))

    def _fill(self, file: IO[bytes], info: Info) -> int:
        """How many octets it has; of one that is too large no more than that is known."""
        size = 0
        for piece in self._session.pieces(info.uid, info.size):
            self._around.stop_here()
            size += len(piece)
            if size > self._box.max_message_size:
                break
            rest = memoryview(piece)
            while rest:
                rest = rest[file.write(rest) :]
        return size

    def _store_large(self, info: Info, body: Body) -> None:
        if not body.size:
            raise GoneError
        head = next(body.pieces())
        self._keeper.store([self._fetched(info, head, body)], [info])

    def _fetch_head(self, info: Info) -> None:
        mail = self._maker.head_only(info, self._session, self._keeper.folder.first_at, self._clock())
        state = "kept" if self._box.after.kind == "delete" else self.state_taken
        told = "mailbox %s: UID %d is too large (%d octets): its head alone is filed"
        log.warning(told, self._box.name, info.uid, info.size)
        self._keeper.store([Fetched(info.uid, info.print, mail, state)], [info])


def unknown(uid: int) -> Info:
    return Info(uid, 0, None, b"")
