"""The commands before the first start: `init` writes a config, `check` says whether it is right."""

from __future__ import annotations

import os
import smtplib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import TemporaryError, UsageError
from ..store.files import exposed
from . import frame, show

if TYPE_CHECKING:
    from ..settings import Settings

_CONNECT_SECONDS = 10
_READY = 220


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
@click.option("--connect", is_flag=True, help="Also ask the outgoing mail server whether it answers.")
@frame.json_option
@frame.config_option
def check(connect: bool, as_json: bool) -> None:
    """Say whether the config is right.

    One line for each finding, `ok` at the end. Warnings do not change the exit status.
    """
    from ..config import ConfigError  # noqa: PLC0415  # --help must be quick

    try:
        known = frame.settings()
        _check_folder(known)
    except UsageError as error:
        if as_json:
            for problem in error.problems if isinstance(error, ConfigError) else [str(error)]:
                show.json_line({"finding": "error", "text": problem})
        raise
    for warning in filter(None, (*known.warnings, exposed(known.database))):
        _tell("warning", warning, as_json=as_json)
    if connect:
        _tell("server", _greeting(known), as_json=as_json)
    _sum_up(known, as_json=as_json)


def _tell(finding: str, text: str, *, as_json: bool) -> None:
    if as_json:
        show.json_line({"finding": finding, "text": text})
    else:
        show.line(f"{finding}: {text}")


def _check_folder(known: Settings) -> None:
    folder = known.database.parent
    if not folder.is_dir():
        raise UsageError(f"{known.path}: desk.database: the folder {folder} does not exist; make it")


def _sum_up(known: Settings, *, as_json: bool) -> None:
    policy = known.policy
    listen = list(known.smtp.listen) if known.smtp else []
    delivery = f"{known.delivery.host}:{known.delivery.port}"
    if as_json:
        summary = {"departments": len(policy.departments), "agents": len(policy.agents), "listen": listen}
        show.json_line({"finding": "ok", **summary, "delivery": delivery, "database": str(known.database)})
        return
    for department in policy.departments:
        agents = _count(len(policy.agents_of(department.name)), "agent")
        hours = f"{department.hours.text} {department.zone.key}"
        show.line(f"department {department.name}: {', '.join(department.addresses)}; {agents}; {hours}")
    counted = f"{_count(len(policy.departments), 'department')}, {_count(len(policy.agents), 'agent')}"
    heard = f"listens at {', '.join(listen)}" if listen else "no listener"
    show.line(f"ok: {counted}, {heard}, sends to {delivery}")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _greeting(known: Settings) -> str:
    """What the outgoing mail server says when it is met; TemporaryError with the fault where it does not."""
    place = f"{known.delivery.host}:{known.delivery.port}"
    try:
        with smtplib.SMTP(timeout=_CONNECT_SECONDS, local_hostname=known.policy.hostname) as server:
            code, words = server.connect(known.delivery.host, known.delivery.port)
            if code != _READY:
                raise TemporaryError(f"the mail server {place} refuses us: {code} {_decoded(words)}")
            ready, refusal = server.ehlo()
            if ready // 100 != 2:  # noqa: PLR2004  # RFC 5321 §4.2.1: 2xx is yes
                raise TemporaryError(f"the mail server {place} refuses EHLO: {ready} {_decoded(refusal)}")
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryError(f"the mail server {place} does not answer: {error}") from error
    return f"the mail server {place} answers: {code} {_decoded(words)}"


def _decoded(words: bytes) -> str:
    return " ".join(words.decode("utf-8", "replace").split())
