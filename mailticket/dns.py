"""TXT records from DNS, for the keys of DKIM signatures: what was asked a moment ago is not asked again, and what
does not answer is left alone for a while, since mails wait for it."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

TRY = 3.0  # seconds for one server
LIFETIME = 5.0  # seconds for all names of a mail
KEPT = 300.0  # seconds that an answer is good
KEPT_FAILURE = 60.0  # seconds that a domain is left alone which did not answer, and a name that is not there
FAILURES = 3  # in a row, of any domains: then DNS itself is at fault
CLOSED = 30.0  # seconds that it is left alone for that
MAX_KEPT = 1000
COMPLAIN_EVERY = 60.0

_T = TypeVar("_T")

log = logging.getLogger(__name__)


class Resolver(Protocol):
    def records(self, names: Iterable[str]) -> dict[str, bytes]:
        """The one TXT record of each of a mail's names, its strings joined. Left out are those that have none, or
        several, and those without an answer in time."""


class Dns:
    """The machine's resolver, or the servers named. Threads may share it: they wait for DNS side by side."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, nameservers: Sequence[str] = (), port: int = 53
    ) -> None:
        self._clock = clock
        self._nameservers = tuple(nameservers)
        self._port = port
        self._lock = threading.Lock()  # for all below
        self._known: OrderedDict[str, tuple[float, bytes | None]] = OrderedDict()
        self._silent: OrderedDict[str, float] = OrderedDict()  # domain → until when it is not asked for
        self._failures = 0  # in a row
        self._closed = 0.0  # until when nothing is asked
        self._complained: float | None = None

    def records(self, names: Iterable[str]) -> dict[str, bytes]:
        until = self._clock() + LIFETIME
        found = {name: self._record(name, until) for name in names}
        return {name: record for name, record in found.items() if record}

    def _record(self, name: str, until: float) -> bytes | None:
        with self._lock:
            now = self._clock()
            kept, record = self._known.get(name, (0.0, None))
            if now < kept:
                return record
            if now >= until or now < max(self._closed, self._silent.get(_domain(name), 0.0)):
                return None
        record, trouble = self._asked(name, until - now)
        with self._lock:
            now = self._clock()
            _keep(self._known, name, (now + (KEPT if record is not None else KEPT_FAILURE), record))
            if trouble is None:
                self._failures = 0
            else:
                self._failed(name, trouble, now)
        return record

    def _asked(self, name: str, seconds: float) -> tuple[bytes | None, Exception | None]:
        """The record, and why there was no answer: that there is none is one."""
        try:
            question = dns.name.from_text(name)
        except dns.exception.DNSException:
            return None, None
        try:
            found = self._resolver().resolve(question, dns.rdatatype.TXT, lifetime=seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return None, None
        except (dns.exception.DNSException, OSError) as error:
            return None, error
        records = [b"".join(record.strings) for record in found]
        return records[0] if len(records) == 1 else None, None

    def _failed(self, name: str, error: Exception, now: float) -> None:
        """A domain's selectors are its sender's to choose, and each would make the inbox wait: so for a while none of
        them is asked for, and nothing at all where it is not the domain's fault."""
        _keep(self._silent, _domain(name), now + KEPT_FAILURE)
        self._complain(name, error, now)
        self._failures += 1
        if self._failures >= FAILURES:
            self._closed = now + CLOSED
        if self._failures == FAILURES:
            log.warning("DNS failed %d times in a row: for %g s at a time nobody asks it", FAILURES, CLOSED)

    def _resolver(self) -> dns.resolver.Resolver:
        """A new one each time: the machine's list of servers may change while we run."""
        resolver = dns.resolver.Resolver(configure=not self._nameservers)
        if self._nameservers:
            resolver.nameservers = list(self._nameservers)
            resolver.port = self._port
        resolver.timeout = TRY
        return resolver

    def _complain(self, name: str, error: Exception, now: float) -> None:
        if self._complained is not None and now - self._complained < COMPLAIN_EVERY:
            return
        self._complained = now
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        log.warning("DNS does not answer for %s, so DKIM signatures prove nothing there: %s", name, reason)


def _domain(name: str) -> str:
    """Whose key it is: what stands behind the selector."""
    return name.rpartition("._domainkey.")[2]


def _keep(known: OrderedDict[str, _T], key: str, value: _T) -> None:
    """As the newest, and the oldest goes where there are too many."""
    known.pop(key, None)
    known[key] = value
    while len(known) > MAX_KEPT:
        known.popitem(last=False)
