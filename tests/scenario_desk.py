"""A whole desk for a story: store, worker, sender and jobs in one process, a clock to turn, a scripted mail server."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email import policy as reading
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fakes.smtpserver import ScriptedServer, Taken

from mailticket.checking import dkim_of
from mailticket.config import load
from mailticket.core.completed import completed
from mailticket.core.dkim_check import verify
from mailticket.core.parse import parse
from mailticket.core.render import Templates
from mailticket.core.types import DkimPass, ParsedMail, RawMail
from mailticket.deliver.sender import Sender
from mailticket.deliver.settling import StoredOutbox
from mailticket.deliver.smtp import Server
from mailticket.errors import MailticketError
from mailticket.jobs import JOBS
from mailticket.store import face, inbox, mailboxes, outbox, queues
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema import Outbox, Participant, Person
from mailticket.templates_files import load_templates
from mailticket.worker import Worker

TEMPLATES = Templates(load_templates())
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
ABROAD = "203.0.113.9"
_WRITTEN = Outbox.select(Outbox.kind, Outbox.template)
_TAKES_PART = Participant.select(Participant.ticket, Person.key).join(Person, on=Participant.person == Person.id)
JOBS_EVERY = timedelta(days=1)  # a story's jobs run once a day, and at each of its times;
MAILBOXES_EVERY = timedelta(minutes=1)  # in one with mailboxes so often, and so often each says how it is
_NOTE_ADDRESS = re.compile(r"(?m)^(\S+\+n\S+@\S+)\s*$")  # it stands on a line of its own
_LINK_ADDRESS = re.compile(r'"mailto:([^"?]+)\?subject=%23')  # of a mail with a command as its subject


@dataclass(frozen=True)
class Mail:
    """A mail of the story, in or out. `kind` is "" for one that came in; `to` are its envelope's recipients; `template`
    is what one that went out was written with."""

    raw: bytes
    envelope_from: str
    to: tuple[str, ...]
    kind: str = ""
    template: str = ""

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=reading.default)

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""

    @property
    def note_address(self) -> str:
        return next(iter(_NOTE_ADDRESS.findall(self.text)), "")

    @property
    def link_address(self) -> str:
        return unquote(next(iter(_LINK_ADDRESS.findall(self.everything)), ""))

    @property
    def everything(self) -> str:
        """All that its receiver could read in it: headers, text, HTML, texts of attachments."""
        message = self.message
        parts = [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]
        return "\n".join([*(f"{name}: {value}" for name, value in message.items()), *parts])


class StoryDesk:
    """`sent` grows by every mail that the mail server has taken, `came` by every one that came in."""

    def __init__(self, config: Path, folder: Path, server: ScriptedServer) -> None:
        self.now = START
        settings = load(config, {}, START.date())
        self.policy = settings.policy
        self.db = open_or_create(folder / "desk.db")
        self.desk = Desk(self.db, self.policy, TEMPLATES, lambda: self.now, owner="story", mailboxes=settings.imap)
        self.mailboxes: dict[str, tuple[str, str | None]] = {}  # how they are: state and last error
        self.server = server
        self.sent: list[Mail] = []
        self.came: list[Mail] = []
        self.took_part: defaultdict[int, set[str]] = defaultdict(set)  # by ticket, who ever was a participant
        self.unreadable: list[bytes] = []  # what the reader stumbles over
        port = Server("127.0.0.1", server.port, self.policy.hostname)
        self.sender = Sender(StoredOutbox(self.desk), port, wait=lambda _seconds: None)
        self.dns: dict[str, bytes] = {}  # TXT records
        self.worker = Worker(self.desk, self._read, self._check)

    def close(self) -> None:
        self.sender.stop(1)
        self.db.close()
        self.db.lock.close()

    def receive(self, mail: Mail, via: str = "smtp", **more: Any) -> int:
        """The mail comes in and everything follows from it; its place in the inbox. From somewhere in the world,
        unless a trusted relay's `peer` is given."""
        where = {"peer": ABROAD if via == "smtp" else ""} | more
        raw = RawMail(mail.raw, mail.envelope_from, mail.to, via, self.now, **where)
        self.came.append(mail)
        accepted = inbox.accept(self.db, [raw])[0]
        self.run()
        return accepted.id

    def run(self) -> None:
        """Whatever is due now."""
        while self.worker.step():
            pass
        for ticket, key in self.db.rows(_TAKES_PART):
            self.took_part[ticket].add(key)
        taken_before = len(self.server.taken)
        self.sender.step()
        self.sent += [self._out(taken) for taken in self.server.taken[taken_before:]]

    def turn_to(self, moment: datetime) -> None:
        """The clock goes on, and everything happens at its time."""
        assert moment >= self.now, "the clock of a story never goes back"
        while self.now < moment:
            jobs_every = MAILBOXES_EVERY if self.mailboxes else JOBS_EVERY
            waits = (jobs_every, inbox.waiting(self.db, self.now), outbox.next_due(self.db, self.now))
            soonest = min(w for w in waits if w is not None)
            self.now = min(moment, self.now + max(soonest, timedelta(seconds=1)))
            for name, (state, error) in self.mailboxes.items():
                mailboxes.said(self.db, name, state, error, self.now, readable=state == "watching")
            for job in JOBS:
                job.run(self.desk, self.now)
            self.run()

    def ticket(self, number: int) -> face.Json | None:
        return face.ticket(self.db, number, self.policy.tag_prefix)

    def count_tickets(self) -> int:
        return len(list(face.tickets(self.db, prefix=self.policy.tag_prefix)))

    def inbox_row(self, number: int) -> face.Json:
        return queues.inbox_show(self.db, number)

    def outbox_rows(self) -> list[face.Json]:
        return list(queues.outbox(self.db))

    def records(self, names: Iterable[str]) -> dict[str, bytes]:
        return {name: self.dns[name] for name in names if name in self.dns}

    def verify(self, raw: bytes, records: Mapping[str, bytes], at: datetime) -> tuple[DkimPass, ...]:
        return verify(raw, records, at)

    def _check(self, mail: ParsedMail, raw: RawMail) -> tuple[DkimPass, ...]:
        return dkim_of(mail, raw, self.policy, self, self)

    def _read(self, raw: bytes) -> ParsedMail:
        if any(words in raw for words in self.unreadable):
            raise MailticketError("the reader was killed: it took too long")
        return completed(parse(raw))

    def _out(self, taken: Taken) -> Mail:
        to = tuple(_in_brackets(line) for line in taken.rcpts)
        message_id = message_from_bytes(taken.raw)["message-id"]
        ((kind, template),) = self.db.rows(_WRITTEN.where(Outbox.message_id == message_id))
        to_agent = any(self.policy.agent_of(address) for address in to)
        if kind == "relay" and not to_agent:
            kind = "answer"
        mail = Mail(taken.raw, _in_brackets(taken.mail), to, kind, template)
        self._glass(mail, to_agent=to_agent)
        return mail

    def _glass(self, mail: Mail, *, to_agent: bool) -> None:
        """What holds for every mail of every desk; at a story's end `crossings` looks for far more."""
        if to_agent:
            assert len(mail.to) == 1, f"a mail to an agent goes to that agent alone, not to {mail.to}"
            return
        seen = mail.everything.casefold()
        for key in (key for agent in self.policy.agents for key in agent.keys):
            assert key not in seen, f"{key} crossed the glass to {mail.to}"


def _in_brackets(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
