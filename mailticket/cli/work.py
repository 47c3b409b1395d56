"""The commands that do the desk's work: `run`, `demo`, `ingest`."""

from __future__ import annotations

import click

from ..errors import MailticketError
from . import frame, show


@click.command()
@frame.config_option
def run() -> None:
    """Run the desk until it is told to stop."""
    from .. import service  # noqa: PLC0415  # --help must be quick

    service.run(frame.settings())


@click.command()
@click.option("--keep", is_flag=True, help="Leave the daemon running afterwards, to play with one's own mail client.")
@frame.config_option
def demo(keep: bool) -> None:
    """Show a whole conversation on this machine.

    It runs in a temporary folder with a config of its own, and there is nothing to set up.
    """
    from .. import demo as play  # noqa: PLC0415  # --help must be quick

    play.main(keep)


@click.command()
@click.option(
    "--to",
    "to",
    multiple=True,
    metavar="ADDR",
    help="Whom the mail was sent to, where its headers do not tell. May be given several times.",
)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@frame.json_option
@frame.config_option
def ingest(to: tuple[str, ...], paths: tuple[str, ...], as_json: bool) -> int:
    """Take mails from .eml files or standard input.

    Without a PATH, or for "-", one mail is read from standard input.

    Exits 0 only when every mail is safe on disk; 75 says that the same may go well later.
    """
    from .. import service  # noqa: PLC0415  # --help must be quick
    from ..intake import files  # noqa: PLC0415  # --help must be quick

    files.check_paths(paths)
    known = frame.settings()
    envelope = files.Envelope(known.policy, to)
    status = 0
    with service.open_store(known, create=True) as db:
        for path in paths or ("-",):
            try:
                taken = files.ingest(db, path, envelope, limit=known.max_message_size, now=service.clock())
            except MailticketError as error:
                frame.complain(str(error))
                status = max(status, error.code)  # 75 outweighs 1: try again later
                continue
            if as_json:
                show.json_line({"path": path, "id": taken.id, "duplicate": taken.duplicate})
            else:
                show.line(f"{'duplicate of' if taken.duplicate else 'queued as'} {taken.id}")
    return status
