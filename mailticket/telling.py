"""Who hears of quarantined mails: the managers of all, of the first at once, of the others in the morning (morning.py);
agents of those that concern them, once a day."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from .core.holding import list_letter
from .core.keys import address_key
from .core.plan import Letter, Plan
from .core.policy import Agent
from .store import due, held
from .store import morning as told
from .store.db import at
from .store.desk import Desk

EVERY = timedelta(days=1)

log = logging.getLogger(__name__)


def tell(desk: Desk, now: datetime) -> int:
    """Write the lists whose time has come; how many mails that makes. Nothing new makes none, and starts no day."""
    if not _anything(desk, now):
        return 0
    with desk.db.write():
        letters = (*_to_managers(desk, now), *_to_agents(desk, now))
        # A second one at the same moment names other mails.
        named = ",".join(f"{one.to[0].key} {one.about[0]}" for one in letters)
        desk.carry_out(Plan(letters=letters), cause=f"quarantine lists:{at(now)}:{named}", now=now)
    return len(letters)


def quarantine_told(desk: Desk, now: datetime) -> None:
    """After a commit in which something was held. Trouble is told and no more: the job comes again in a minute."""
    try:
        tell(desk, now)
    except Exception as error:  # noqa: BLE001 - the mails are held already, and must not be worked on again; logged
        log.error("nobody was told of the quarantine: %s: %s", type(error).__name__, error)  # noqa: TRY400 - one line


def _anything(desk: Desk, now: datetime) -> bool:
    """Looked at without the lock: it is asked every minute, and the answer is mostly no."""
    return _is_first(desk, now) or bool(_unasked(desk, now))


def _is_first(desk: Desk, now: datetime) -> bool:
    """Is there one that the managers hear of at once: had they heard of none within a day when it came, and does no
    other wait for the morning?"""
    db, comes = desk.db, due.time_of(desk.db, told.FIRST_AT_ONCE)
    if comes is not None and (comes > now or held.any_untold(db, comes, now)):
        return False
    return held.untold(db, now)


def _to_managers(desk: Desk, now: datetime) -> tuple[Letter, ...]:
    db, managers = desk.db, desk.policy.managers
    if not _is_first(desk, now):
        return ()
    news = [(one, held.for_manager(db, one.own, told.heard_at(db, one, now), now)) for one in managers]
    letters = tuple(list_letter(desk.policy, manager, new, now) for manager, new in news if new.mails)
    held.mark_told(db, now)
    told.mark_told(db, [manager for manager, new in news if new.mails], now)
    for manager in managers:
        held.mark_asked(db, manager.own, now)
    if letters:
        due.put_off(db, told.FIRST_AT_ONCE, now + EVERY)
    return letters


def _to_agents(desk: Desk, now: datetime) -> tuple[Letter, ...]:
    letters = []
    for address, agent in _unasked(desk, now):
        letters.append(list_letter(desk.policy, agent, held.for_agent(desk.db, address), now))
        held.mark_asked(desk.db, (address,), now)
        due.put_off(desk.db, _list(address), now + EVERY)
    return tuple(letters)


def _unasked(desk: Desk, now: datetime) -> list[tuple[str, Agent]]:
    """Whom a list of their own is due to, by the address that the mails are about. Managers get the list of all."""
    managers = desk.policy.managers
    known = [(address, desk.policy.agent_of(address)) for address in held.unasked(desk.db)]
    own = [(address, agent) for address, agent in known if agent is not None and agent not in managers]
    return [(address, agent) for address, agent in own if due.due(desk.db, _list(address), now)]


def _list(address: str) -> str:
    return f"list:{address_key(address)}"
