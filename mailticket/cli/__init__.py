"""The command line: how it is put together. `main` is the program."""

from __future__ import annotations

import click

from .. import __version__
from .explain import explain
from .frame import Program, config_option
from .imap import imap
from .inbox import inbox
from .look import outbox, tickets
from .passwd import passwd
from .search import search
from .setup import check, init
from .status import status
from .work import demo, ingest, run

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Program, context_settings=_SETTINGS)
@click.version_option(__version__, prog_name="mailticket", message="%(prog)s %(version)s")
@config_option
def main() -> None:
    """A company's support desk run entirely over email."""


tickets.add_command(search)
for _command in (demo, init, check, passwd, run, ingest, tickets, inbox, outbox, imap, explain, status):
    main.add_command(_command)
