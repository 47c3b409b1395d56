"""The frame of every command: which config, how errors are told, and what the exit status is."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import MailticketError, UsageError

if TYPE_CHECKING:
    from ..settings import Settings
    from ..store.db import Db

_T = TypeVar("_T", bound=Callable[..., Any])
_CONFIG = "mailticket.config"
DEFAULT_CONFIGS = (Path("mailticket.toml"), Path("/etc/mailticket/mailticket.toml"))
WRONG, USAGE, INTERRUPTED = 1, 2, 130


class Program(click.Group):
    """The command line as a whole: what goes wrong inside comes out as one clear line and an exit status."""

    def main(self, *args: Any, **extra: Any) -> Any:
        extra |= {"standalone_mode": False, "prog_name": "mailticket"}
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is no fault
        sys.exit(_status(lambda: super(Program, self).main(*args, **extra)))


def _status(command: Callable[[], Any]) -> int:
    """Run a command to its end and say with which status the process ends."""
    try:
        status = command()
        if sys.stdout is not None:  # None where the shell has closed it: >&-
            sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        complain(" ".join(error.format_message().split()))
        return USAGE if isinstance(error, click.UsageError) else error.exit_code
    except click.Abort:  # click's name for ^C
        return INTERRUPTED
    except MailticketError as error:
        complain(str(error))
        return error.code
    except OSError as error:
        if error.errno == errno.EPIPE:
            _forget_output()
        else:
            complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return WRONG
    return status if isinstance(status, int) else 0


def complain(message: str) -> None:
    """Each line of a message to standard error, marked as ours."""
    for line in message.splitlines() or [""]:
        click.echo(f"mailticket: {printable(line)}", err=True)


def printable(text: str) -> str:
    """A text for a terminal: what strangers wrote may hold sequences that a terminal obeys."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _forget_output() -> None:
    """Nobody reads our output any more; the interpreter must not find that out again when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _remember_config(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[_CONFIG] = value  # what is written last, after the command's name, counts


def config_option(command: _T) -> _T:
    return click.option(
        "-c",
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=_remember_config,
        help="The config; else $MAILTICKET_CONFIG, ./mailticket.toml, /etc/mailticket/mailticket.toml.",
    )(command)


def json_option(command: _T) -> _T:
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")(command)


def has_config() -> bool:
    """Is one named, or found where it is looked for?"""
    return _chosen() is not None


def _chosen() -> Path | None:
    chosen: Path | None = click.get_current_context().meta.get(_CONFIG)
    if chosen is None and os.environ.get("MAILTICKET_CONFIG"):
        chosen = Path(os.environ["MAILTICKET_CONFIG"])
    return chosen or next((path for path in DEFAULT_CONFIGS if path.exists()), None)


def config_path() -> Path:
    """Which config this command is about. UsageError where there is none."""
    chosen = _chosen()
    if chosen is None:
        looked = " nor ".join(str(path) for path in DEFAULT_CONFIGS)
        raise UsageError(f"no config: there is neither {looked}; name one with -c, or write one with `mailticket init`")
    return chosen


def settings() -> Settings:
    from .. import config, service  # noqa: PLC0415  # --help must be quick

    return config.load(config_path(), os.environ, service.clock().date())


@contextmanager
def store() -> Iterator[tuple[Settings, Db]]:
    """The config, and its database, which must be there already."""
    from .. import service  # noqa: PLC0415  # --help must be quick

    known = settings()
    with service.open_store(known) as db:
        yield known, db
