"""How often passwords were guessed, over all connections of a door: who guesses too often waits, ever longer. No clock
here: seconds of a monotonic one are handed in."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

WINDOW = 600.0  # seconds in which wrong logins are counted together
WRONG = 10  # so many from one peer, and it waits
PAUSES = (60.0, 300.0, 900.0, 3600.0)  # the first time, the second, …
FORGIVEN = 6 * 3600.0  # a peer that let so much time pass begins with the first pause again
LONGEST_DELAY = 5.0  # for a name that many guess at: its owner, who may be anywhere, must still get in
REMEMBERED = 10_000  # peers, and as many names


@dataclass(slots=True)
class _Peer:
    wrong: list[tuple[float, str]] = field(default_factory=list)  # when, and at whose name
    pauses: int = 0
    until: float = 0.0
    last: float = 0.0


class Guesses:
    """Wrong logins by peer and by name. A peer is refused for a while; a name is only slowed down."""

    def __init__(self) -> None:
        self._peers: OrderedDict[str, _Peer] = OrderedDict()
        self._names: OrderedDict[str, list[float]] = OrderedDict()

    def refused(self, peer: str, now: float) -> bool:
        """Must this peer wait before anybody looks at a password of it?"""
        known = self._peers.get(network(peer))
        return known is not None and now < known.until

    def delay(self, name: str, now: float) -> float:
        """Seconds that a login in this name takes longer."""
        recent = [then for then in self._names.get(name, ()) if now - then < WINDOW]
        return min(LONGEST_DELAY, max(0.0, float(len(recent) - WRONG + 1)))

    def wrong(self, peer: str, name: str, now: float) -> float:
        """One more. The seconds that the peer must wait now, 0 where it may go on."""
        times = [then for then in self._names.pop(name, []) if now - then < WINDOW]
        _remember(self._names, name, [*times, now][-2 * WRONG :])
        key = network(peer)
        known = self._peers.pop(key, None)
        if known is None or now - known.last > FORGIVEN:
            known = _Peer()
        _remember(self._peers, key, known)
        known.last = now
        known.wrong = [*(one for one in known.wrong if now - one[0] < WINDOW), (now, name)]
        if len(known.wrong) < WRONG:
            return 0.0
        pause = PAUSES[min(known.pauses, len(PAUSES) - 1)]
        known.wrong, known.pauses, known.until = [], known.pauses + 1, now + pause
        return pause

    def right(self, peer: str, name: str) -> None:
        """Its owner mistyped; guesses at other names stay counted."""
        known = self._peers.get(network(peer))
        if known is not None:
            known.wrong = [one for one in known.wrong if one[1] != name]


def network(peer: str) -> str:
    """Whom an address belongs to: of IPv6 one customer has a whole network of them."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:  # a unix socket, or whom a proxy did not name
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return peer


def _remember(table: OrderedDict[str, Any], key: str, value: Any) -> None:
    table[key] = value
    if len(table) > REMEMBERED:
        table.popitem(last=False)
