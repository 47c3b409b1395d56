"""The commands that look at the mails that came in, and say what becomes of those in quarantine."""

from __future__ import annotations

from datetime import tzinfo

import click

from . import frame, show
from .look import ROW, Row, change_rows, limit_option, print_rows, raw_option, show_row


@click.group()
@frame.config_option
def inbox() -> None:
    """Look at the mails that came in. Times are in the desk's time zone; those of --json are in UTC."""


@inbox.command("list")
@click.option("--state", type=click.Choice(["queued", "quarantined", "done"]), help="Only those in this state.")
@limit_option
@frame.json_option
@frame.config_option
def inbox_list(state: str | None, limit: int | None, as_json: bool) -> None:
    """List the mails that came in, the oldest first."""
    from ..store import queues  # noqa: PLC0415  # --help must be quick

    with frame.store() as (known, db):
        zone = known.policy.zone
        heads = ("ID", "STATE", "RECEIVED", "FROM", "KIND", "TICKET", "SUBJECT OR REASON")
        print_rows(queues.inbox(db, state=state, limit=limit), heads, lambda row: _inbox_cells(row, zone), as_json)


def _inbox_cells(row: Row, zone: tzinfo) -> tuple[str, ...]:
    place = (str(row["id"]), row["state"], show.when(row["received_at"], zone), row["envelope_from"] or "<>")
    return (*place, row["kind"] or "-", str(row["ticket"] or "-"), row["reason"] or row["subject"] or "")


@inbox.command("show")
@click.argument("number", metavar="ID", type=ROW)
@raw_option
@frame.json_option
@frame.config_option
def inbox_show(number: int, as_raw: bool, as_json: bool) -> None:
    """Show one mail: its envelope, its headers, what became of it."""
    from ..store import held, queues  # noqa: PLC0415  # --help must be quick

    show_row(queues.inbox_show, queues.inbox_raw, number, as_raw=as_raw, as_json=as_json, more=held.concerns)


@inbox.command("retry")
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=ROW)
@click.option("--all", "everything", is_flag=True, help="Every quarantined mail.")
@frame.json_option
@frame.config_option
def inbox_retry(numbers: tuple[int, ...], everything: bool, as_json: bool) -> int:
    """Put mails from the quarantine back into the queue.

    One that is already done says so. Exits 1 where an id is not known.
    """
    from ..store import inbox as rows  # noqa: PLC0415  # --help must be quick

    return change_rows(rows.retry, numbers, everything=everything, as_json=as_json)


@inbox.command("release")
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=ROW)
@click.option("--all", "everything", is_flag=True, help="Every quarantined mail.")
@frame.json_option
@frame.config_option
def inbox_release(numbers: tuple[int, ...], everything: bool, as_json: bool) -> int:
    """Let quarantined mails in.

    You vouch for who wrote them: each has the effect that it would have had. Where it cannot be known whose a mail is,
    its agent is asked, and it waits on. One that is already done says so. Exits 1 where an id is not known.
    """
    from ..store import held  # noqa: PLC0415  # --help must be quick

    return change_rows(held.release, numbers, everything=everything, as_json=as_json)


@inbox.command("discard")
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=ROW)
@click.option("--all", "everything", is_flag=True, help="Every quarantined mail.")
@frame.json_option
@frame.config_option
def inbox_discard(numbers: tuple[int, ...], everything: bool, as_json: bool) -> int:
    """Take mails out of quarantine, and nothing follows from them.

    They stay in the list until old mail is purged. One that is already done says so. Exits 1 where an id is not known.
    """
    from ..store import held  # noqa: PLC0415  # --help must be quick

    return change_rows(held.discard, numbers, everything=everything, as_json=as_json)
