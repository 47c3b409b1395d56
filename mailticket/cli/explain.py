"""`explain`: what the desk would do with a mail, and why."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from . import frame, show

if TYPE_CHECKING:
    from ..explaining import Explainer
    from ..intake.envelope import Envelope
    from ..intake.mail_files import Found
    from ..settings import Settings
    from ..store.db import Db

_EXAMPLE = "no config: explained as an example desk would, which knows none of your departments and agents"

_NO_WORDS = "(no words that could be read)"

_EXAMPLE_CONFIG = """\
[desk]
name = "Example"
secret = "{secret}"
[delivery]
url = "smtp://127.0.0.1:25"
hostname = "desk.invalid"
[[department]]
name = "Example"
addresses = ["support@desk.invalid"]
[[agent]]
name = "Example"
address = "agent@desk.invalid"
"""


@click.command()
@click.option("--to", "to", multiple=True, metavar="ADDR", help="Whom the mail was sent to, as `ingest` takes it.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@frame.json_option
@frame.config_option
def explain(to: tuple[str, ...], paths: tuple[str, ...], as_json: bool) -> int:
    """Say what the desk would do with mails, and why.

    PATHs are those of `ingest`. Nothing is stored and nothing is sent. What the database knows counts, where there is
    one; without a config it is an example desk that answers.

    A bad mail is explained like any other. Exits 1 where a PATH has something that is no mail.
    """
    from .. import service  # noqa: PLC0415  # --help must be quick
    from ..dns import Dns  # noqa: PLC0415
    from ..explaining import Explainer  # noqa: PLC0415
    from ..intake import mail_files  # noqa: PLC0415
    from ..intake.envelope import Envelope  # noqa: PLC0415
    from ..reading import Reader  # noqa: PLC0415

    sources = mail_files.sources(paths or (mail_files.STDIN,))
    known = _settings()
    envelope = Envelope(known.policy, to)
    found = (mail for source in sources for mail in mail_files.mails(source, known.max_message_size))
    with _database(known) as db, Reader(languages=known.policy.languages) as reader:
        return _each(found, Explainer(known.policy, reader, Dns(), db), envelope, service.clock, as_json=as_json)


def _each(found: Iterable[Found], explainer: Explainer, envelope: Envelope, clock: Any, *, as_json: bool) -> int:
    from ..core.explanation import unread  # noqa: PLC0415  # --help must be quick
    from ..intake import files  # noqa: PLC0415

    status = 0
    for number, one in enumerate(found):
        if one.trouble:
            frame.complain(f"{one.shown}: {one.trouble}")
            status = frame.WRONG
        if not one.message:
            continue
        if one.trouble:
            told = unread(one.trouble, len(one.raw), "refused")
        else:
            now = clock()
            told = explainer.explain(files.explained(one, envelope, now), now)
        if as_json:
            show.json_line({"path": one.path, **told})
        else:
            if number:
                show.line()
            _tell(one.shown, told)
    return status


def _settings() -> Settings:
    """The desk's config; where none is named and none is found, an example that no real mail names."""
    from .. import config, service  # noqa: PLC0415  # --help must be quick

    if frame.has_config():
        return frame.settings()
    frame.complain(_EXAMPLE)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mailticket.toml"
        path.write_text(_EXAMPLE_CONFIG.format(secret=service.new_secret()))
        return config.load(path, os.environ, service.clock().date())


@contextmanager
def _database(known: Settings) -> Iterator[Db | None]:
    from .. import service  # noqa: PLC0415  # --help must be quick

    if not known.database.exists():
        yield None
        return
    with service.open_store(known) as db:
        yield db


def _tell(shown: str, told: dict[str, Any]) -> None:
    """What was read, what follows from it, and the words, from a mail's top to its end."""
    decision = told["decision"]
    show.line(f"== {shown}")
    show.fields([*_read(told), *_decided(decision)])
    show.line()
    passed = told["forwarded"]
    words = told["full_text"] if passed and passed["how"] == "inline" else told["text"]
    show.words(words or _NO_WORDS)
    if folded := _folded(told["full_text"], words):
        lines, are = ("line", "is") if folded == 1 else ("lines", "are")
        show.line(f"[{folded} {lines} of quotes and signatures {are} folded; --json has them in full_text]")


def _read(told: dict[str, Any]) -> list[tuple[str, str]]:
    kind = ", ".join(filter(None, (told["kind"], told["detail"], f"by the rule “{told['decision']['sort']}”")))
    return [
        ("From", show.person(told["from"]) + (f", proved by {told['proof']}" if told["proof"] else "")),
        ("To", _people(told["to"])),
        ("Cc", _people(told["cc"])),
        ("Reply-To", _people(told["reply_to"])),
        ("Subject", told["subject"]),
        ("Date", _written(told["date"])),
        ("Kind", kind if told["kind"] else ""),
        ("Language", told["language"]),
        ("Bounce", "; ".join(_recipient(one) for one in (told["bounce"] or {}).get("recipients", ()))),
        ("Forwarded", _forwarded(told["forwarded"])),
        ("Files", ", ".join(_file(one) for one in told["attachments"])),
        ("Defects", "; ".join(told["defects"])),
    ]


def _decided(decision: dict[str, Any]) -> list[tuple[str, str]]:
    why = decision["not_answered"]
    letters = [f"{letter['kind']} to {_people(letter['to'])}: {letter['subject']}" for letter in decision["would_send"]]
    return [
        ("Verdict", _verdict(decision)),
        ("Customer", show.person(decision["customer"]) if decision["customer"] else ""),
        ("Assigned", decision["assign"] or ""),
        ("No answer", f"the sender gets no automatic mail: {why}" if why else ""),
        *(("Would send", letter) for letter in letters or ["nothing"]),
    ]


def _folded(whole: str, words: str) -> int:
    """Lines of a mail that are not among its words; those of ours among them are not the mail's."""
    left = Counter(_lines(whole)) - Counter(_lines(words))
    return sum(left.values())


def _lines(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, text.splitlines()))


def _verdict(decision: dict[str, Any]) -> str:
    ticket = decision["ticket"]
    number = "" if not ticket else f" {ticket}" if decision["verdict"].endswith("ticket") else f", ticket {ticket}"
    place = f", {decision['department']}" if decision["department"] else ""
    why = f": {decision['reason']}" if decision["reason"] else ""
    if decision["rule"] == "duplicate":
        why += f", see `mailticket inbox show {decision['reason'].split()[-1]}`"
    rule = f" (rule “{decision['rule']}”)" if decision["rule"] else ""
    return f"{decision['verdict']}{number}{place}{why}{rule}"


def _people(those: Iterable[dict[str, Any]]) -> str:
    return ", ".join(map(show.person, those))


def _recipient(one: dict[str, Any]) -> str:
    return f"{one['address']} {one['action']} {one['status']} {one['words']}".strip()


def _forwarded(told: dict[str, Any] | None) -> str:
    if told is None:
        return ""
    when = f", {_written(told['date'])}" if told["date"] else ""
    return f"{told['how']}, from {show.person(told['from'])}{when}: {told['subject']}"


def _written(date: datetime | None) -> str:
    """As its writer's clock has it."""
    return f"{date:%Y-%m-%d %H:%M %z}" if date else ""


def _file(one: dict[str, Any]) -> str:
    return f"{one['filename']} ({one['content_type']}, {show.octets(one['size'])})"
