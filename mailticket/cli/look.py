"""The commands that look into the desk, and put what stopped back into its queues; what those for mails in share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any

import click

from ..core.lifecycle import STATUSES
from ..errors import MailticketError, UsageError
from . import frame, show


class _Row(click.IntRange):
    name = "number"  # click's own would be told: "integer range"


ROW = _Row(1, 2**63 - 1)  # what a database's row can be numbered
_TAG = re.compile(r"\[?(?:([A-Za-z0-9-]+)-)?([0-9]{1,18})\]?")
Row = Mapping[str, Any]

limit_option = click.option("--limit", type=click.IntRange(1, 2**31), help="At most so many, the oldest first.")
raw_option = click.option("--raw", "as_raw", is_flag=True, help="The mail's bytes as they are, and nothing else.")


def print_rows(
    rows: Iterable[Row], heads: tuple[str, ...], cells: Callable[[Row], tuple[str, ...]], as_json: bool
) -> None:
    if as_json:
        for row in rows:
            show.json_line(row)
    else:
        show.table(heads, (cells(row) for row in rows))


@click.group()
@frame.config_option
def tickets() -> None:
    """Look at tickets. Times are in the desk's time zone; those of --json are in UTC."""


@tickets.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only those with this status.")
@click.option("--department", help="Only those of this department.")
@click.option("--agent", metavar="ADDR", help="Only this agent's.")
@click.option("--customer", metavar="ADDR", help="Only this customer's.")
@limit_option
@frame.json_option
@frame.config_option
def tickets_list(as_json: bool, **wanted: Any) -> None:
    """List tickets, the oldest first."""
    from ..store import face  # noqa: PLC0415  # --help must be quick

    with frame.store() as (known, db):
        zone = known.policy.zone
        rows = face.tickets(db, **wanted, prefix=known.policy.tag_prefix)
        heads = ("TAG", "STATUS", "PRIORITY", "DEPARTMENT", "AGENT", "CUSTOMER", "UPDATED", "SUBJECT")
        print_rows(rows, heads, lambda row: _ticket_cells(row, zone), as_json)


def _ticket_cells(row: Row, zone: tzinfo) -> tuple[str, ...]:
    agent = row["agent"]["address"] if row["agent"] else "-"
    updated = show.when(row["updated_at"], zone)
    place = (row["tag"], row["status"], row["priority"], row["department"])
    return (*place, agent, row["customer"]["address"], updated, row["subject"])


@tickets.command("show")
@click.argument("number", metavar="NUMBER")
@frame.json_option
@frame.config_option
def tickets_show(number: str, as_json: bool) -> None:
    """Show one ticket with all that was said.

    NUMBER is 12, ACME-12 or [ACME-12].
    """
    from ..store import face  # noqa: PLC0415  # --help must be quick

    with frame.store() as (known, db):
        prefix = known.policy.tag_prefix
        found = face.ticket(db, _ticket_number(number, prefix), prefix)
        if found is None:
            raise MailticketError(f"there is no ticket {number}")
        if as_json:
            show.json_line(found)
        else:
            _show_ticket(found, known.policy.zone)


def _ticket_number(text: str, prefix: str) -> int:
    found = _TAG.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text} is no ticket; write its number, like 12 or {prefix}-12")
    if found[1] and found[1].casefold() != prefix.casefold():
        raise UsageError(f"{text} is no ticket of this desk; its tags begin with {prefix}-")
    return int(found[2])


def _show_ticket(ticket: Row, zone: tzinfo) -> None:
    show.line(f"{ticket['tag']} {ticket['subject']}")
    show.fields(
        [
            ("Status", f"{ticket['status']}, {ticket['priority']} priority, {ticket['department']}"),
            ("Customer", show.person(ticket["customer"])),
            ("Agent", show.person(ticket["agent"])),
            ("Participants", ", ".join(show.person(one) for one in ticket["participants"])),
            ("Watchers", ", ".join(show.person(one) for one in ticket["watchers"])),
            ("Opened", show.when(ticket["created_at"], zone)),
            ("Answer by", f"{show.when(ticket['estimate']['answer_by'], zone)} ({ticket['estimate']['basis']})"),
            ("First due", show.when(ticket["first_response_due"], zone)),
            ("Resolution due", show.when(ticket["resolution_due"], zone)),
            ("Related", ", ".join(str(one) for one in ticket["related"])),
        ]
    )
    for message in ticket["messages"]:
        kind = "automatic" if message["automatic"] else message["direction"]
        show.line()
        show.line(f"--- {show.when(message['at'], zone)} {kind}, from {show.person(message['from'])}")
        show.words(message["text"])
        for file in message["attachments"]:
            show.line(f"[{file['filename']}, {file['content_type']}, {show.octets(file['size'])}]")
    show.line()
    for event in ticket["events"]:
        detail = " ".join(f"{key}={value}" for key, value in event["detail"].items())
        show.line(f"{show.when(event['at'], zone)} {event['actor']} {event['kind']} {detail}".rstrip())


@click.group()
@frame.config_option
def outbox() -> None:
    """Look at the mails that go out. Times are in the desk's time zone; those of --json are in UTC."""


@outbox.command("list")
@click.option("--state", type=click.Choice(["queued", "sent", "failed", "undone"]), help="Only those in this state.")
@limit_option
@frame.json_option
@frame.config_option
def outbox_list(state: str | None, limit: int | None, as_json: bool) -> None:
    """List the mails that go out, the oldest first."""
    from ..store import queues  # noqa: PLC0415  # --help must be quick

    with frame.store() as (known, db):
        zone = known.policy.zone
        heads = ("ID", "STATE", "KIND", "DUE", "SENT", "TRIES", "TO", "SUBJECT OR LAST REPLY")
        print_rows(queues.outbox(db, state=state, limit=limit), heads, lambda row: _outbox_cells(row, zone), as_json)


def _outbox_cells(row: Row, zone: tzinfo) -> tuple[str, ...]:
    times = (show.when(row["due_at"], zone), show.when(row["sent_at"], zone) or "-")
    told = row["subject"] if row["state"] == "sent" else row["last_reply"] or row["subject"]
    return (str(row["id"]), row["state"], row["kind"], *times, str(row["tries"]), ", ".join(row["to"]), told or "")


@outbox.command("show")
@click.argument("number", metavar="ID", type=ROW)
@raw_option
@frame.json_option
@frame.config_option
def outbox_show(number: int, as_raw: bool, as_json: bool) -> None:
    """Show one mail, and what the mail server said of its recipients."""
    from ..store import queues  # noqa: PLC0415  # --help must be quick

    show_row(queues.outbox_show, queues.outbox_raw, number, as_raw=as_raw, as_json=as_json)


@outbox.command("retry")
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=ROW)
@click.option("--all", "everything", is_flag=True, help="Every failed mail.")
@frame.json_option
@frame.config_option
def outbox_retry(numbers: tuple[int, ...], everything: bool, as_json: bool) -> int:
    """Try once more to send mails, to those who did not get them.

    One that is already done says so. Exits 1 where an id is not known.
    """
    from ..store import outbox as rows  # noqa: PLC0415  # --help must be quick

    return change_rows(rows.retry, numbers, everything=everything, as_json=as_json)


def show_row(
    find: Callable[..., Row | None],
    find_raw: Callable[..., bytes | None],
    number: int,
    *,
    as_raw: bool,
    as_json: bool,
    more: Callable[..., Row] | None = None,
) -> None:
    """One row of a queue: its bytes, its JSON, or its fields as text, and then `more` of them."""
    with frame.store() as (known, db):
        raw, found = (find_raw(db, number), None) if as_raw else (None, find(db, number))
        if raw is not None:
            click.echo(raw, nl=False)
        elif found is None:
            raise MailticketError(f"there is no message {number}")
        elif as_json:
            show.json_line(found)
        else:
            told = {**found, **(more(db, number) if more else {})}
            shown = [(name, _told(name, told[name], known.policy.zone)) for name in told if name != "headers"]
            show.fields(shown)
            show.line()
            show.words(found.get("headers", ""))


def _told(name: str, value: Any, zone: tzinfo) -> str:
    if name.endswith("_at"):
        return show.when(value, zone)
    if name == "size":
        return show.octets(value)
    if name == "recipients":
        return "; ".join(f"{one['address']} {one['state']} {one['last_reply'] or ''}".strip() for one in value)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def change_rows(
    change: Callable[..., list[tuple[int, str]]], numbers: tuple[int, ...], *, everything: bool, as_json: bool
) -> int:
    """Change these rows of a queue, or all that stopped; 1 when one of them is not known."""
    if everything == bool(numbers):
        raise UsageError("name the messages by their ids, or all that stopped by --all")
    with frame.store() as (_, db):
        results = change(db, None if everything else list(numbers), _now())
    for number, result in results:
        if as_json:
            show.json_line({"id": number, "result": result})
        else:
            show.line(f"{number}: {result}")
    return int(any(result == "no such message" for _, result in results))


def _now() -> datetime:
    from .. import service  # noqa: PLC0415  # --help must be quick

    return service.clock()
