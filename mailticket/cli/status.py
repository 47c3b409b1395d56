"""`status`: a few lines that one can read at 3 am."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from .. import __version__
from ..core.ages import age
from ..core.policy import Policy
from . import frame, show


@click.command()
@frame.json_option
@frame.config_option
def status(as_json: bool) -> int:
    """Say how the desk is: its queues, what waits, its tickets, and who is away.

    Exits 0 when all is well, else 1.
    """
    from .. import service  # noqa: PLC0415  # --help must be quick
    from ..store import queues  # noqa: PLC0415  # --help must be quick

    now = service.clock()
    with frame.store() as (known, db):
        found = queues.status(db, version=__version__, now=now, mailboxes=known.imap, policy=known.policy)
    if as_json:
        show.json_line(found)
    else:
        _tell(found, now, known.policy)
    return 0 if found["ok"] else 1


def _tell(found: Mapping[str, Any], now: datetime, policy: Policy) -> None:
    inbox, outbox = found["inbox"], found["outbox"]
    show.line("ok" if found["ok"] else "NOT OK")
    started = show.moment(found["started_at"])
    running = f"mailticket {found['version']}, started {age(now - started)} ago" if started else "is not running"
    mailboxes = [(f"mailbox {box['name']}", _mailbox(box, now)) for box in found["mailboxes"]]
    counts = ", ".join(f"{count} {name}" for name, count in found["tickets"].items())
    show.fields(
        [
            ("daemon", running),
            ("inbox", f"{inbox['queued']} waiting{_oldest(inbox, now)}, {inbox['quarantined']} in quarantine"),
            ("outbox", f"{outbox['queued']} waiting{_oldest(outbox, now)}, {outbox['failed']} failed"),
            *mailboxes,
            ("tickets", counts or "none yet"),
            *[("away", _away(one, policy)) for one in found["away"]],
        ]
    )
    if inbox["quarantined"]:
        show.line("see: mailticket inbox list --state quarantined")
    if outbox["failed"]:
        show.line("see: mailticket outbox list --state failed")


def _away(one: Mapping[str, str], policy: Policy) -> str:
    from ..core.wording import until as in_words  # noqa: PLC0415  # --help must be quick

    agent, until = policy.agent_of(one["address"]), show.moment(one["until"])
    name = f"{agent.name} " if agent else ""
    return f"{name}<{one['address']}> {in_words(until, policy.zone) if until else ''}"


def _oldest(queue: Mapping[str, Any], now: datetime) -> str:
    oldest = show.moment(queue["oldest_at"])
    return f" (the oldest for {age(now - oldest)})" if oldest else ""


def _mailbox(box: Mapping[str, Any], now: datetime) -> str:
    since, mail = show.moment(box["since"]), show.moment(box["last_mail_at"])
    state = f"{box['state']} for {age(now - since)}" if since else str(box["state"])
    last = f"last mail {age(now - mail)} ago" if mail else "no mail yet"
    return f"{state}, {last}" + (f"; last error: {box['last_error']}" if box["last_error"] else "")
