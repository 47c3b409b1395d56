"""The commands about mailboxes that are read by IMAP."""

from __future__ import annotations

import click

from ..errors import UsageError
from . import frame, show


@click.group()
@frame.config_option
def imap() -> None:
    """See to the mailboxes that are read by IMAP."""


@imap.command("retry")
@click.argument("name", metavar="NAME")
@frame.config_option
def imap_retry(name: str) -> None:
    """Try the mails of a mailbox again that were given up.

    NAME is its table's in the config, [imap.NAME]. They are still in the mailbox, and the daemon takes them in again.
    """
    from ..store import mailbox_alarms  # noqa: PLC0415  # --help must be quick

    with frame.store() as (known, db):
        box = next((one for one in known.imap if one.name == name), None)
        if box is None:
            others = ", ".join(one.name for one in known.imap) or "none at all"
            raise UsageError(f"there is no [imap.{name}] in {known.path}; there is {others}")
        count = mailbox_alarms.retry(db, box)
    show.line(f"{name}: {count} mail{'s' * (count != 1)} will be tried again")
