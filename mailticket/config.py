"""The config file: read whole, checked whole, and made into the plain values that the desk works with."""

from __future__ import annotations

import os
import re
import socket
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from . import config_check, config_doors, config_mailbox_check, config_model, config_oauth2_check
from .config_fields import Surroundings
from .config_mailboxes import Imap as MailboxTable
from .config_secrets import Reader, placed
from .config_text import Path as KeyPath
from .config_text import dotted, line_numbers, line_of
from .config_units import is_domain
from .config_values import UNIX, networks
from .core.hours import business_day
from .core.keys import address_key
from .core.policy import PRIORITIES, Agent, Budgets, Department, Policy, ServiceLevel, Trust
from .errors import UsageError
from .settings import DEFAULT_MESSAGE_SIZE, Delivery, Imap, Lmtp, Settings, Smtp

_YEARS_BEFORE, _YEARS_AFTER = 1, 10
_LARGEST_CONFIG = 10**6


class ConfigError(UsageError):
    """Everything that is wrong with a config: `problems` are its lines."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class _Source:
    """The file as it was written; says where in it something stands."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def told(self, findings: Iterable[config_check.Finding]) -> list[str]:
        """One line for each finding, in the file's order, each once."""
        placed = []
        for path, message in findings:
            line = line_of(self.lines, path)
            name = f"{dotted(path)}: " if path else ""
            text = f"{self.path}:{line}: {name}{message}" if line else f"{self.path}: {name}{message}"
            placed.append((line or len(self.lines) + _LARGEST_CONFIG, text))
        return list(dict.fromkeys(text for _, text in sorted(placed, key=lambda found: found[0])))


def load(path: Path, env: Mapping[str, str], now: date) -> Settings:
    """Read and check a config file. ConfigError holds all that is wrong, one line each.

    `now` says for which years holidays are worked out, `env` is where secrets may be.
    """
    source = _read(path)
    reader = Reader(path.parent, env)
    around = Surroundings(reader, range(now.year - _YEARS_BEFORE, now.year + _YEARS_AFTER + 1))
    checks = (config_check.errors, config_doors.errors, config_mailbox_check.errors, config_oauth2_check.errors)
    problems = [finding for check in checks for finding in check(source.data)]
    try:
        file = config_model.File.model_validate(placed(source.data), context=around)
    except ValidationError as error:
        raise ConfigError(source.told([*config_check.shape_problems(error), *problems])) from None
    if problems:
        raise ConfigError(source.told(problems))
    return Settings(
        path=path,
        database=path.parent / file.desk.database,
        policy=_policy(file, env),
        smtp=_smtp(file.smtp) if file.smtp else None,
        delivery=_delivery(file.delivery, path.parent),
        warnings=tuple(source.told(_warnings(source, file, reader))),
        lmtp=_lmtp(file.lmtp, file.smtp) if file.lmtp else None,
        imap=tuple(_imap(name, written, file.smtp) for name, written in file.imap.items()),
        templates=file.desk.templates,
        logins={address_key(agent.address): agent.password for agent in file.agent if agent.password},
    )


def _warnings(source: _Source, file: config_model.File, reader: Reader) -> Iterator[config_check.Finding]:
    yield from config_check.warnings(source.data)
    yield from config_doors.warnings(source.data)
    yield from config_mailbox_check.warnings(source.data)
    yield from reader.warnings
    literal = [*reader.literal, *([("delivery", "url")] if file.delivery.url.password else [])]
    if literal and source.path.stat().st_mode & 0o004:
        told = f"this file holds a secret that everybody here can read: chmod 640 {source.path}"
        yield literal[0], told
    if file.delivery.hostname is None and "." not in _hostname():
        told = f'is not set, and this machine calls itself "{_hostname()}", which is no full name'
        yield ("delivery", "hostname"), told


def _smtp(written: config_model.Smtp) -> Smtp:
    return Smtp(
        listen=tuple(written.listen),
        max_message_size=written.max_message_size,
        tls_cert=written.tls_cert,
        tls_key=written.tls_key,
        require_tls=written.require_tls,
        proxy_protocol=written.proxy_protocol,
    )


def _lmtp(written: config_model.Lmtp, smtp: config_model.Smtp | None) -> Lmtp:
    return Lmtp(tuple(written.listen), written.max_message_size or _usual_size(smtp))


def _usual_size(smtp: config_model.Smtp | None) -> int:
    return smtp.max_message_size if smtp else DEFAULT_MESSAGE_SIZE


def _imap(name: str, written: MailboxTable, smtp: config_model.Smtp | None) -> Imap:
    return Imap(
        name=name,
        host=written.host,
        port=written.port_used(),
        username=written.username,
        password=written.password,
        oauth2=written.oauth2.made() if written.oauth2 else None,
        tls=written.tls,
        ca=written.ca,
        folder=written.folder,
        after=written.after,
        poll=written.poll,
        since=written.since,
        answer_within=written.answer_within,
        department=written.department,
        max_message_size=written.max_message_size or _usual_size(smtp),
        alarm_after=written.alarm_after,
        self_probe=written.self_probe,
    )


def _delivery(written: config_model.Delivery, folder: Path) -> Delivery:
    server = written.url
    return replace(
        server,
        max_size=written.max_size,
        password=written.password or server.password,
        oauth2=written.oauth2.made() if written.oauth2 else None,
        path=server.path and folder / server.path,
        ca=written.ca,
    )


def _read(path: Path) -> _Source:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_CONFIG + 1)
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file; `mailticket init` writes one"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    if len(content) > _LARGEST_CONFIG:
        raise ConfigError([f"{path}: is larger than 1 MB; that is no config"])
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}:{line}: is not UTF-8 text"]) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_error(path, text, str(error))]) from None
    except RecursionError:
        raise ConfigError([f"{path}: is nested too deeply"]) from None
    return _Source(path, data, line_numbers(text))


def _syntax_error(path: Path, text: str, told: str) -> str:
    """tomllib ends its sentence with the place: `(at line 3, column 5)` or `(at end of document)`."""
    sentence, _, place = told.rpartition(" (at ")
    found = re.match(r"line (\d+), column (\d+)", place)
    line = int(found[1]) if found else text.count("\n") + (not text.endswith("\n"))
    return f"{path}:{line}: is not TOML: {sentence or told}"


def _policy(file: config_model.File, env: Mapping[str, str]) -> Policy:
    zone = file.desk.timezone or _machine_zone(env)
    departments = tuple(_department(written, zone) for written in file.department)
    everywhere = tuple(department.name for department in departments)
    return Policy(
        name=file.desk.name,
        tag_prefix=file.desk.tag_prefix,
        zone=zone,
        default_language=file.desk.default_language,
        secrets=file.desk.secret,
        plus_addresses=file.desk.plus_addresses,
        send_delay=file.desk.send_delay,
        hostname=file.delivery.hostname or _hostname(),
        departments=departments,
        agents=tuple(_agent(written, everywhere, file.desk.default_language) for written in file.agent),
        trust=_trust(file),
        budgets=Budgets(**dict(file.answers)),
        max_size=file.delivery.max_size,
        keep_raw=file.desk.keep_raw,
    )


def _trust(file: config_model.File) -> Trust:
    relays = (file.smtp or config_model.Smtp()).trusted_relays
    return Trust(
        authserv_ids=tuple(file.trust.authentication_results),
        forms=frozenset(map(address_key, file.trust.forms)),
        relays=networks(relays),
        unix=UNIX in relays,
        reply_proves_all=file.trust.reply_proves_all,
        mailboxes={
            name: tuple(box.authentication_results)
            for name, box in file.imap.items()
            if box.authentication_results is not None
        },
    )


def _department(written: config_model.Department, zone: ZoneInfo) -> Department:
    day = business_day(written.hours)
    levels = {}
    for priority in PRIORITIES:
        level: config_model.Level | None = getattr(written.service_levels, priority)
        if level is not None:
            first, resolution = level.first_response, level.resolution
            levels[priority] = ServiceLevel(
                first.with_day(day) if first else None, resolution.with_day(day) if resolution else None
            )
    return Department(
        name=written.name,
        addresses=tuple(written.addresses),
        assign=written.assign,
        hours=written.hours,
        zone=zone,
        holidays=written.holidays,
        service_levels=levels,
        reopen_after=timedelta(days=written.reopen_days),
        hide_agents=written.hide_agents,
        signature=written.signature,
    )


def _agent(written: config_model.Agent, everywhere: tuple[str, ...], language: str) -> Agent:
    named = tuple(dict.fromkeys(name.strip() for name in written.departments or ()))
    return Agent(
        name=written.name,
        address=written.address,
        aliases=tuple(written.aliases),
        departments=named or everywhere,
        languages=tuple(written.languages) or (language,),
        tier=written.tier,
        role=written.role,
        receipts=written.receipts,
        signature=written.signature,
    )


def _machine_zone(env: Mapping[str, str]) -> ZoneInfo:
    """The machine's zone by $TZ or the link that /etc/localtime is; UTC where neither names one."""
    for place in (env.get("TZ", "").lstrip(":"), os.path.realpath("/etc/localtime")):
        name = place.rpartition("/zoneinfo/")[2]
        if name and not name.startswith("/"):
            try:
                return config_model.zone(name)
            except ValueError:
                continue  # TZ may also be a rule like CET-1CEST, which names no zone
    return ZoneInfo("UTC")


def _hostname() -> str:
    """The machine's own name; what DNS would say of it may take seconds to learn."""
    name = socket.gethostname().rstrip(".")
    return name if is_domain(name) else "localhost"
