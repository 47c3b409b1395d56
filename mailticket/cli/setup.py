"""The commands before the first start: `init` writes a config, `check` says whether it is right."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import MailticketError, UsageError
from ..store.files import exposed
from . import frame, show

if TYPE_CHECKING:
    from ..deliver.transports import Way
    from ..settings import Settings

_CONNECT_SECONDS = 10


@click.command()
@frame.config_option
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Write a commented mailticket.toml and a secret into DIR.

    DIR is the current folder unless it is named; -c does not change that. Nothing is ever overwritten.
    """
    from .. import service  # noqa: PLC0415  # --help must be quick
    from .manual import starter  # noqa: PLC0415  # --help must be quick

    config, secret = folder / "mailticket.toml", folder / "secret"
    for path in (config, secret):
        if os.path.lexists(path):
            raise UsageError(f"{path} is there already; nothing was written")
    folder.mkdir(parents=True, exist_ok=True)
    _write_new(secret, service.new_secret() + "\n", 0o600)
    _write_new(config, starter(str(config)), 0o644)
    show.line(f"wrote {config} and {secret}")
    show.line("What to do next:")
    show.line(f"  1. edit {config}: the names, the addresses and the mail server are examples")
    show.line(f"  2. mailticket check -c {config} --connect")
    show.line(f"  3. mailticket run -c {config}")


def _write_new(path: Path, text: str, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:  # noqa: PTH123  # a new file with its mode from the first byte
        file.write(text)


@click.command()
@click.option(
    "--connect", is_flag=True, help="Also ask the outgoing mail server and the mailboxes whether they answer."
)
@frame.json_option
@frame.config_option
def check(connect: bool, as_json: bool) -> None:
    """Say whether the config is right.

    One line for each finding, `ok` at the end. Your own templates are tried, too. Warnings do not change the exit
    status.
    """
    try:
        known = frame.settings()
        if problems := [*_folder_problems(known), *_certificate_problems(known), *_template_problems(known)]:
            raise UsageError("\n".join(problems))  # noqa: TRY301  # told as those of the config are
    except UsageError as error:
        if as_json:
            for problem in str(error).splitlines():
                show.json_line({"finding": "error", "text": problem})
        raise
    for warning in filter(None, (*known.warnings, exposed(known.database))):
        _tell("warning", warning, as_json=as_json)
    if connect:
        _connect(known, as_json=as_json)
    _sum_up(known, as_json=as_json)


def _connect(known: Settings, *, as_json: bool) -> None:
    """Ask all servers; what is wrong with one hides no other."""
    from ..intake.imap import Limits  # noqa: PLC0415  # --help must be quick
    from ..intake.imap_probe import probe  # noqa: PLC0415
    from ..tokens import tokens_of  # noqa: PLC0415

    limits = Limits(connect=_CONNECT_SECONDS, command=_CONNECT_SECONDS, whole=3 * _CONNECT_SECONDS)
    asked: list[tuple[str, Callable[[], str]]] = [("server", _way_out(known).probe)]
    asked += [("mailbox", partial(probe, box, tokens_of(box.oauth2, f"imap.{box.name}"), limits)) for box in known.imap]
    problems = []
    for finding, ask in asked:
        try:
            _tell(finding, ask(), as_json=as_json)
        except MailticketError as error:
            problems.append(error)
    if problems:
        lines = "\n".join(str(error) for error in problems)
        raise problems[0] if len(problems) == 1 else MailticketError(lines)


def _way_out(known: Settings) -> Way:
    from ..deliver.transports import server_of  # noqa: PLC0415  # --help must be quick
    from ..deliver.wire import Limits  # noqa: PLC0415

    return server_of(known.delivery, known.policy.hostname, Limits(connect=_CONNECT_SECONDS, command=_CONNECT_SECONDS))


def _tell(finding: str, text: str, *, as_json: bool) -> None:
    if as_json:
        show.json_line({"finding": finding, "text": text})
    else:
        show.line(f"{finding}: {text}")


def _folder_problems(known: Settings) -> Iterator[str]:
    folder = known.database.parent
    if not folder.is_dir():
        yield f"{known.path}: desk.database: the folder {folder} does not exist; make it"


def _certificate_problems(known: Settings) -> Iterator[str]:
    if known.smtp is None or known.smtp.tls_cert is None:
        return
    import ssl  # noqa: PLC0415  # --help must be quick

    cert, key = known.smtp.tls_cert, known.smtp.tls_key
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            cert, key, password=""
        )  # never ask the terminal for one
    except (OSError, ValueError) as error:
        yield f"{known.path}: smtp.tls_cert: {cert} and {key} are not a certificate and its key in PEM: {error}"


def _template_problems(known: Settings) -> list[str]:
    if known.templates is None:
        return []
    from ..core import render, trial  # noqa: PLC0415  # --help must be quick
    from ..templates_files import load_templates, own_templates  # noqa: PLC0415

    return trial.findings(render.Templates(load_templates(), own_templates(known.templates)))


def _sum_up(known: Settings, *, as_json: bool) -> None:
    policy = known.policy
    doors = [*(known.smtp.listen if known.smtp else ()), *(known.lmtp.listen if known.lmtp else ())]
    boxes = [box.name for box in known.imap]
    delivery = str(_way_out(known))
    if as_json:
        summary = {"departments": len(policy.departments), "agents": len(policy.agents), "listen": doors}
        summary["mailboxes"] = boxes
        show.json_line({"finding": "ok", **summary, "delivery": delivery, "database": str(known.database)})
        return
    for department in policy.departments:
        agents = _count(len(policy.agents_of(department.name)), "agent")
        hours = f"{department.hours.text} {department.zone.key}"
        show.line(f"department {department.name}: {', '.join(department.addresses)}; {agents}; {hours}")
    counted = f"{_count(len(policy.departments), 'department')}, {_count(len(policy.agents), 'agent')}"
    heard = f"listens at {', '.join(doors)}" if doors else "no listener"
    read = f", reads {_count(len(boxes), 'mailbox', 'mailboxes')} ({', '.join(boxes)})" if boxes else ""
    show.line(f"ok: {counted}, {heard}{read}, sends to {delivery}")


def _count(number: int, word: str, several: str = "") -> str:
    return f"{number} {word if number == 1 else several or f'{word}s'}"
