"""Who logs in at the door (RFC 4954): what AUTH PLAIN and AUTH LOGIN say, and the check of it beside the event loop."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from ..core.keys import address_key
from ..core.passwords import matches
from ..core.policy import Policy
from .guesses import Guesses, network

log = logging.getLogger(__name__)

MECHANISMS = ("PLAIN", "LOGIN")

_THREADS = 2  # each try takes memory; those who wait are as many as the connections
_NOBODY = f"scrypt$16384$8$1${'A' * 22}${'A' * 43}"  # so that a name we do not know takes as long as one that we do
_CANCELLED = "*"
_NOTHING = "="  # an initial response of no octets

Ask = Callable[[str], Awaitable[str]]


class AuthError(Exception):
    """The exchange came to no claim. Its text is the reply."""


class GuessedError(Exception):
    """No password of this peer is looked at now. Its text is the reply."""


@dataclass(frozen=True, slots=True)
class Claim:
    user: str
    password: str = field(repr=False)


async def claim(mechanism: str, initial: str | None, ask: Ask) -> Claim:
    """Who the client says it is. `ask` sends a challenge, in base64, and gives the line that answers it."""
    if mechanism == "LOGIN":
        user = _decoded(await ask(_encoded("Username:")) if initial is None else initial)
        return Claim(user, _decoded(await ask(_encoded("Password:"))))
    words = _decoded(await ask("") if initial is None else initial).split("\0")
    if len(words) != 3:  # noqa: PLR2004 - RFC 4616: whom it acts for, its name, its password
        raise AuthError("501 5.5.2 that is no PLAIN response")
    acts_for, user, password = words
    if acts_for and address_key(acts_for) != address_key(user):
        raise AuthError("535 5.7.8 nobody logs in for somebody else here")
    return Claim(user, password)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _decoded(line: str) -> str:
    if line == _CANCELLED:
        raise AuthError("501 5.7.0 cancelled")
    try:
        octets = base64.b64decode("" if line == _NOTHING else line, validate=True)
    except ValueError:
        raise AuthError("501 5.5.2 that is not base64") from None
    return octets.decode("utf-8", "surrogateescape")  # not UTF-8 is nobody's name and nobody's password


class Logins:
    """The agents who may log in: address key → hash of the password. None where the config has no passwords.

    `seconds` is a monotonic clock. Of one peer one password is looked at at a time: the threads are few, and another
    peer's agent must get its turn.
    """

    def __init__(
        self, hashes: Mapping[str, str], policy: Policy, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._hashes = hashes
        self._policy = policy
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="login")
        self._guesses = Guesses()
        self._turns: dict[str, _Turn] = {}
        self._checks: set[asyncio.Task[str]] = set()

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def admit(self, peer: str) -> None:
        """GuessedError for a peer that has guessed too often."""
        if self._guesses.refused(peer, self._seconds()):
            raise GuessedError("454 4.7.0 too many failed logins from your address, try again later")

    async def agent(self, claimed: Claim, peer: str) -> str:
        """The address of the agent whose password this is, as the config writes it; "" for nobody's. GuessedError as
        `admit`. A client that leaves does not take its guess back: it is looked at, and counted."""
        check = asyncio.create_task(self._agent(claimed, peer))
        self._checks.add(check)
        check.add_done_callback(self._checks.discard)
        return await asyncio.shield(check)

    async def _agent(self, claimed: Claim, peer: str) -> str:
        agent = self._policy.agent_of(claimed.user)
        stored = self._hashes.get(address_key(agent.address)) if agent else None
        # Hashed, since a hurried person types the password where the name belongs.
        name = sha256(address_key(agent.address if agent else claimed.user).encode("utf-8", "replace")).hexdigest()
        await asyncio.sleep(self._guesses.delay(name, self._seconds()))
        async with self._turn(network(peer)):
            self.admit(peer)
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(self._pool, matches, claimed.password, stored or _NOBODY)
            if agent and stored and right:
                self._guesses.right(peer, name)
                return agent.address
            if pause := self._guesses.wrong(peer, name, self._seconds()):
                log.warning(
                    "%s has failed to log in too often: it is refused for %d minutes", shown(peer), round(pause / 60)
                )
        return ""

    @asynccontextmanager
    async def _turn(self, peer: str) -> AsyncIterator[None]:
        turn = self._turns.setdefault(peer, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[peer]

    async def close(self) -> None:
        for check in self._checks:
            check.cancel()
        await asyncio.gather(*self._checks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True)
class _Turn:
    """Whose passwords are waiting to be looked at, one after another."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


def shown(peer: str) -> str:
    """A peer, in the log."""
    return peer or "a unix socket"
