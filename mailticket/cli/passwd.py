"""The command `passwd`: what the config gets instead of a password."""

from __future__ import annotations

import sys

import click

from ..core.passwords import LONGEST, hash_password
from ..errors import UsageError
from . import frame, show


@click.command()
@frame.config_option
def passwd() -> None:
    """Make the line that lets an agent log in at the door.

    Asks for the password twice, or takes one line from a pipe, and prints what goes into the agent's [[agent]] table.
    Nothing is written anywhere.
    """
    from .. import service  # noqa: PLC0415  # --help must be quick

    password = _asked()
    if not password:
        raise UsageError("the password is empty; nothing was made")
    if "\0" in password:
        raise UsageError("the password has a NUL in it, which no mail client can send")
    if len(password.encode()) > LONGEST:
        raise UsageError(f"the password is longer than {LONGEST} bytes")
    show.line(f'password = "{hash_password(password, service.new_secret().encode())}"')


def _asked() -> str:
    if sys.stdin is None:  # a shell closed it
        return ""
    if sys.stdin.isatty():
        # At standard error, so that the line can go into a file.
        return str(click.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True))
    try:
        return sys.stdin.buffer.readline(4 * LONGEST).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError("the password is not UTF-8") from None
