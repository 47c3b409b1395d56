"""One connection to a mailbox by IMAP (RFC 3501), as far as a desk needs it. The only place that knows imapclient.

Every command has a time; whatever imapclient, imaplib, the socket or the server does wrong comes out as a MailboxError.
One session is for one thread.
"""

from __future__ import annotations

import imaplib
import logging
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import imapclient

from ..core.fingerprint import FIELDS
from ..errors import MailticketError
from ..settings import Imap
from .idling import Idling, Wake
from .imap_answers import Info, Selected, body_of, info_of
from .imap_faults import GoneError, MailboxError, RefusedError, StoppedError, told
from .imap_login import Login
from .imap_wire import Cord, Wire

for noisy in ("imapclient", "imapclient.imaplib"):
    logging.getLogger(noisy).setLevel(logging.CRITICAL)  # they would write what people say

CHUNK = 1 << 20  # octets that are asked for at once
_HEAD = 16384  # octets of the fields that tell mails apart
_UIDS_AT_ONCE = 20000  # imaplib reads no line of over a million octets

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds."""

    connect: float = 20
    command: float = 60  # without a word from the server
    whole: float = 600  # for one command, however many words there are
    idle: float = 120  # one slice of IDLE
    farewell: float = 1  # for what it has been asked when we are to stop


class Session:
    """Logged in, and in no folder yet. By the cord another thread may end it: then comes StoppedError."""

    def __init__(self, box: Imap, login: Login, limits: Limits, cord: Cord) -> None:
        self._box = box
        self._limits = limits
        self._cord = cord
        self._exists = 0  # in the folder when it was opened
        self._client: Any = None
        try:
            with self._told("connecting"), self._within():
                self._client = self._connect()
            with self._within():
                self._begin(login)
        except BaseException:
            self.drop()
            raise

    def _connect(self) -> Any:
        box, limits = self._box, self._limits
        timeout = imapclient.SocketTimeout(connect=limits.connect, read=limits.command)
        context = self._context() if box.tls == "implicit" else None
        return _Client(box.host, box.port, context, timeout, self._cord)

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._box.ca)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise MailboxError(f"ca {self._box.ca}: holds no certificate (PEM), or cannot be read: {error}") from error

    def _begin(self, login: Login) -> None:
        imap = self._client._imap  # noqa: SLF001 - what keeps its memory small has no name of its own
        imap.debug = 0  # it writes every octet down else, for nobody
        imap._mesg = lambda *_: None  # noqa: SLF001
        self._client.normalise_times = False  # aware ones
        if self._box.tls == "starttls":
            with self._told("STARTTLS"):
                self._client.starttls(self._context())
        with self._told("login"):
            login.log_in(self._client, self._cord)
            self._can = {one.decode("ascii", "replace").upper() for one in self._client.capabilities()}

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self._can

    @property
    def described(self) -> str:
        """What `check` says of it."""
        words = [name for name in ("IDLE", "MOVE", "UIDPLUS") if name in self._can]
        return ", ".join(words) if words else "neither IDLE nor MOVE"

    def select(self, *, readonly: bool) -> Selected:
        folder = self._box.folder
        try:
            found = self._ask(f"SELECT {folder}", lambda: self._select(folder, readonly=readonly))
        except RefusedError as error:
            raise MailboxError(f"the folder {folder} cannot be opened: {error}") from error
        numbers = [found.get(name) for name in (b"UIDVALIDITY", b"UIDNEXT", b"EXISTS")]
        uidvalidity, uidnext, exists = (int(n) if isinstance(n, int) else 0 for n in numbers)
        self._exists = exists
        return Selected(uidvalidity, uidnext, exists)

    def _select(self, folder: str, *, readonly: bool) -> Any:
        try:
            return self._client.select_folder(folder, readonly)
        except imaplib.IMAP4.readonly:
            told = f'the folder {folder} is read-only for this user; give it the right, or after = "keep"'
            raise MailboxError(told) from None

    def uids(self, first: int, uidnext: int, since: date | None = None) -> list[int]:
        """All from `first` on, ascending. `uidnext` (0 for unknown) says how far there may be many."""
        wanted = ["SINCE", since] if since else []
        found: set[int] = set()
        self.heard()
        while uidnext - first > _UIDS_AT_ONCE and self._exists > _UIDS_AT_ONCE:
            found |= self._search(first, f"{first}:{first + _UIDS_AT_ONCE - 1}", wanted)
            first += _UIDS_AT_ONCE
        found |= self._search(first, f"{first}:*", wanted)
        return sorted(found)

    def _search(self, first: int, numbers: str, wanted: list[Any]) -> set[int]:
        found = self._ask("UID SEARCH", lambda: self._client.search(["UID", numbers, *wanted]))
        return {uid for uid in found if isinstance(uid, int) and uid >= first}  # n:* always has the last one

    def there(self, uids: Sequence[int]) -> set[int]:
        """Those of these that are in the folder."""
        return self._search(1, ",".join(map(str, uids)), []) & set(uids)

    def heard(self) -> bool:
        """Was there word of new mails beside the answers to commands, since this was last asked? IDLE repeats none."""
        said = self._client._imap.untagged_responses  # noqa: SLF001 - imaplib gathers them for ever
        kinds = [kind for kind in ("EXISTS", "RECENT", "EXPUNGE", "FETCH") if said.pop(kind, None)]
        return "EXISTS" in kinds

    def infos(self, uids: Sequence[int]) -> list[Info]:
        """In the order of the UIDs; without those that are gone."""
        what = ["RFC822.SIZE", "INTERNALDATE", f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]<0.{_HEAD}>"]
        found = self._fetch(uids, what)
        return [info_of(uid, found[uid]) for uid in uids if uid in found]

    def whole(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Small mails, together. Those that are gone are not in it."""
        found = self._fetch(uids, ["BODY.PEEK[]"])
        return {uid: body for uid, items in found.items() if (body := body_of(items)) is not None}

    def pieces(self, uid: int, size: int) -> Iterator[bytes]:
        """One mail, piece by piece; GoneError where it is gone, also in the middle. What is shorter than it was asked
        for is the last one, unless `size` says that there is more."""
        offset = 0
        while piece := self._piece(uid, "", offset, CHUNK):
            yield piece
            offset += len(piece)
            if len(piece) < CHUNK and offset >= size:
                return

    def head(self, uid: int, most: int) -> bytes:
        return self._piece(uid, "HEADER", 0, most)

    def _piece(self, uid: int, part: str, offset: int, size: int) -> bytes:
        found = self._fetch([uid], [f"BODY.PEEK[{part}]<{offset}.{size}>"])
        piece = body_of(found.get(uid, {}))
        if piece is None:
            raise GoneError(f"UID {uid} is not handed out")
        if len(piece) > size:
            raise MailboxError("the server hands out more of a mail than it was asked for")
        return piece

    def _fetch(self, uids: Sequence[int], what: list[str]) -> dict[int, dict[bytes, Any]]:
        found: dict[int, dict[bytes, Any]] = self._ask("UID FETCH", lambda: self._client.fetch(list(uids), what))
        return found

    def mark_seen(self, uids: Sequence[int]) -> None:
        self._ask("UID STORE", lambda: self._client.add_flags(list(uids), [imapclient.SEEN], silent=True))

    def move(self, uids: Sequence[int], folder: str) -> None:
        """MOVE (RFC 6851), or copy and delete. The folder is made where it is missing."""
        if "MOVE" in self._can:
            self._into(folder, "UID MOVE", lambda: self._client.move(list(uids), folder))
        else:
            self._into(folder, "UID COPY", lambda: self._client.copy(list(uids), folder))
            self.delete(uids)

    def _into(self, folder: str, what: str, do: Callable[[], Any]) -> None:
        try:
            self._ask(what, do)
        except RefusedError as refused:
            try:
                self._ask(f"CREATE {folder}", lambda: self._client.create_folder(folder))
            except RefusedError as error:
                if "[ALREADYEXISTS]" in str(error):
                    raise refused from None
                raise RefusedError(f"{refused}; {error}{self._prefix_told(folder)}") from refused
            self._ask(what, do)

    def _prefix_told(self, folder: str) -> str:
        """On some servers all folders stand below INBOX."""
        if "NAMESPACE" not in self._can:
            return ""
        personal = self._ask("NAMESPACE", self._client.namespace).personal or ()
        prefix = next((space[0] for space in personal if space[0]), "")
        if not prefix or folder.startswith(prefix):
            return ""
        return f'; this server\'s folders begin with "{prefix}": write after = "move:{prefix}{folder}"'

    def delete(self, uids: Sequence[int]) -> None:
        """These alone: a server without UIDPLUS (RFC 4315) keeps them, marked as deleted."""
        self._ask("UID STORE", lambda: self._client.add_flags(list(uids), [imapclient.DELETED], silent=True))
        if "UIDPLUS" in self._can:
            self._ask("UID EXPUNGE", lambda: self._client.uid_expunge(list(uids)))

    def wait(self, longest: float, wake: Wake) -> bool:
        """IDLE (RFC 2177) until something is said, or so many seconds, or we are woken; whether something was said."""
        with self._told("IDLE"):
            return Idling(self._client, self._limits.command, self._within).wait(longest, wake)

    def noop(self) -> None:
        self._ask("NOOP", self._client.noop)

    def close(self) -> None:
        """Politely, if that is quick."""
        try:
            self._client.socket().settimeout(1.0)
            self._ask("LOGOUT", self._client.logout)
        except (MailboxError, StoppedError, OSError, AttributeError) as error:
            log.debug("no farewell: %s", error)
        self.drop()

    def drop(self) -> None:
        try:
            if self._client is not None:
                self._client.shutdown()
        except (OSError, ValueError, AttributeError) as error:
            log.debug("the connection was over already: %s", error)
        finally:
            self._cord.untie()

    def _ask(self, what: str, do: Callable[[], T]) -> T:
        with self._told(what), self._within():
            return do()

    @contextmanager
    def _within(self) -> Iterator[None]:
        """A server that says a little again and again is cut off, too, and one that says too much."""
        if self._client is not None:
            self._client._imap.make_room()  # noqa: SLF001
        timer = threading.Timer(self._limits.whole, self._cord.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            with told(self._box.host, self._box.port, what):
                yield
        except MailticketError:  # one of the token server, too
            if self._cord.ended:
                raise StoppedError from None
            raise


class _Client(imapclient.IMAPClient):  # type: ignore[misc]  # it has no types
    """With a wire of ours."""

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        timeout: Any,
        cord: Cord,
    ) -> None:
        self._cord = cord
        super().__init__(host, port, ssl=context is not None, ssl_context=context, timeout=timeout)

    def _create_IMAP4(self) -> Wire:  # noqa: N802 - its name
        return Wire(self.host, self.port, self.ssl_context, self._timeout.connect, self._cord)
