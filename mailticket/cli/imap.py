"""The commands about mailboxes that are read by IMAP."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import MailticketError, UsageError
from . import frame, show

if TYPE_CHECKING:
    from ..settings import OAuth2, Settings

_DELIVERY = "delivery"


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


@imap.command()
@click.argument("name")
@click.option("--browser", is_flag=True, help="By the browser's return instead of a code, where both are possible.")
@frame.config_option
def login(name: str, browser: bool) -> None:
    """Log in once, so that the desk can read the mailbox [imap.NAME] by itself.

    It says what to open in a browser, which may be on another machine, and writes the refresh token into the file that
    the mailbox's `oauth2` names as its `refresh_token`. A desk that runs uses it at its next try.

    NAME is "delivery" for the outgoing server of [delivery]. Run it as the desk's user, so that the desk can read the
    file.
    """
    from .. import service  # noqa: PLC0415  # --help must be quick
    from ..tokens_browser import by_browser  # noqa: PLC0415
    from ..tokens_login import Login, by_code  # noqa: PLC0415

    table, username, oauth2 = _chosen(frame.settings(), name)
    _writable(table, oauth2.refresh_file)
    known = Login(oauth2, f"[{table}] oauth2", username, _say, time.monotonic)
    if oauth2.device_url and not (browser and oauth2.authorize_url):
        token = by_code(known, time.sleep)
    elif oauth2.authorize_url:
        token = by_browser(known, service.new_secret, _typed())
    else:
        raise UsageError(f"[{table}] oauth2 has neither device_url nor authorize_url; write where its server has one")
    _keep(table, oauth2.refresh_file, token)


def _chosen(known: Settings, name: str) -> tuple[str, str, OAuth2]:
    """The table of that name, whom it logs in, and how."""
    tables = {f"imap.{box.name}": (box.username, box.oauth2) for box in known.imap}
    tables[_DELIVERY] = (known.delivery.username, known.delivery.oauth2)
    table = name if name in tables else f"imap.{name}"
    if table not in tables:
        raise UsageError(f"there is no [{table}] in {known.path}; there are {', '.join(f'[{one}]' for one in tables)}")
    username, oauth2 = tables[table]
    if oauth2 is None:
        raise UsageError(f"[{table}] has no oauth2, so that there is nothing to log in to")
    if not (oauth2.refresh_token or oauth2.refresh_file):
        told = "gets its tokens with client_secret, and nobody has to log in"
        raise UsageError(f'[{table}] oauth2 {told}; for a login write refresh_token = {{ file = "{name}.token" }}')
    return table, username, oauth2


def _writable(table: str, file: Path | None) -> None:
    """Said before anybody has logged in for nothing."""
    if file is not None and not os.access(file.parent, os.W_OK | os.X_OK):
        told = "is there no such folder, or is it another user's?"
        raise UsageError(f"[{table}] oauth2: {file} cannot be written: {told}")


def _keep(table: str, file: Path | None, token: str) -> None:
    from ..tokens_file import write  # noqa: PLC0415  # --help must be quick

    if file is None:
        _say(f"Logged in. Put this line where the config reads the refresh_token of [{table}] oauth2 from:")
        show.line(token)
        return
    try:
        write(file, token)
    except OSError as error:
        raise MailticketError(f"{file} cannot be written: {error.strerror or error}") from None
    _say(f"Logged in. The refresh token is in {file}; a desk that runs uses it at its next try.")


def _say(text: str) -> None:
    """At standard error, so that a token alone can go into a file."""
    click.echo(frame.printable(text), err=True)


def _typed() -> int | None:
    """Where an address can be pasted; None where there is no such place."""
    try:
        return sys.stdin.fileno()
    except (AttributeError, io.UnsupportedOperation):  # AttributeError: None, a shell closed it
        return None
