"""The commands that do the desk's work: `run`, `demo`, `ingest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import TemporaryError
from . import frame, show
from .progress import Progress

if TYPE_CHECKING:
    from ..intake.files import Taken


@click.command()
@frame.config_option
def run() -> None:
    """Run the desk until it is told to stop."""
    from .. import running  # noqa: PLC0415  # --help must be quick

    running.run(frame.settings())


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
@click.option(
    "--no-answers",
    is_flag=True,
    help="For old mail: no automatic answer goes to its senders; tickets open, and agents are told, as ever.",
)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@frame.json_option
@frame.config_option
def ingest(to: tuple[str, ...], no_answers: bool, paths: tuple[str, ...], as_json: bool) -> int:
    """Take mails from files or standard input.

    A PATH is a mail, an mbox (a file named *.mbox, or one not named *.eml with two or more From_ lines), a Maildir, or
    a folder of such; what is hidden in it is left out, and in a Maildir what is flagged as deleted or as a draft.
    Nothing is moved or changed. Without a PATH, or for "-", it is read from standard input.

    Exits 0 only when every mail is safe on disk; 75 says that the same may go well later. The same again stores nothing
    twice: it says "duplicate".
    """
    from .. import service  # noqa: PLC0415  # --help must be quick
    from ..intake import files, mail_files  # noqa: PLC0415  # --help must be quick
    from ..intake.envelope import Envelope  # noqa: PLC0415

    sources = mail_files.sources(paths or (mail_files.STDIN,))
    known = frame.settings()
    envelope = Envelope(known.policy, to)
    found = (mail for source in sources for mail in mail_files.mails(source, known.max_message_size))
    with service.open_store(known, create=True) as db, Progress(sum(source.size for source in sources)) as progress:
        status = 0
        try:
            for taken in files.ingest(db, found, envelope, clock=service.clock, quiet=no_answers):
                status = max(status, _say(taken, progress, as_json=as_json))
        except TemporaryError as error:
            with progress.aside():
                frame.complain(str(error))
            status = error.code  # 75 outweighs 1: try again later
    return status


def _say(taken: Taken, progress: Progress, *, as_json: bool) -> int:
    """What became of a mail, and the exit status that it asks for."""
    progress.step(taken.octets)
    if taken.accepted is None:
        with progress.aside():
            frame.complain(str(taken.trouble))
        return taken.trouble.code if taken.trouble else 0
    with progress.aside():
        if as_json:
            show.json_line({"path": taken.path, "id": taken.accepted.id, "duplicate": taken.accepted.duplicate})
        else:
            show.line(f"{'duplicate of' if taken.accepted.duplicate else 'queued as'} {taken.accepted.id}")
    return 0
