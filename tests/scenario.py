"""Runs a scenario: a folder whose `story.txt` tells mails in and the clock, and every mail out that must follow.

The first line of a story is the sentence that it shows. Then come lines of the kinds in `WORDS`, in their order of
time; what is indented belongs to the line above: a mail's headers and words, or what must be found in one; `#` begins
a remark. A mail may get a name in brackets; without one it is called by its kind, and the last of a kind is meant.
Beside headers it may say `envelope from:`, `delivered to:`, `attachments:`, `by: lmtp`, `from the relay: 127.0.0.1` and
`logged in as: ADDRESS`. A line in a mail may hold {id of NAME}, {reply address of NAME}, {note address of NAME},
{link address of NAME}, {bounce address of NAME} or {loop mark of NAME}. A mail out that no line tells of is a failure.
`config.toml` of the folder, or the one that all share, is the desk's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime, getaddresses, parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

from fakes.smtpserver import ScriptedServer
from glass import crossings
from scenario_desk import Mail, StoryDesk
from scenario_words import compose, fact

SHARED_CONFIG = Path(__file__).parent / "scenarios" / "config.toml"
FOR_EVER = 1000  # replies of a mail server that will not change its mind

_HEADER = re.compile(r"([A-Za-z][A-Za-z -]*):(?: +(.*))?")
_PLACE = re.compile(r"\{(id|reply address|note address|link address|bounce address|loop mark) of ([^}]+)\}")


@dataclass
class Line:
    """One line of a story with what is indented below it."""

    number: int
    words: str
    block: list[str] = field(default_factory=list)

    def pairs(self) -> list[tuple[str, str]]:
        return [(found[1], found[2] or "") for line in self.block if line and (found := _HEADER.fullmatch(line))]


def read_story(path: Path) -> tuple[str, list[Line]]:
    sentence, *rest = path.read_text(encoding="utf-8").split("\n")
    lines: list[Line] = []
    for number, text in enumerate(rest, start=2):
        if text.startswith("    "):
            lines[-1].block.append(text[4:])
        elif text.startswith("#"):
            continue  # a remark
        elif text.strip():
            lines.append(Line(number, text.strip()))
        elif lines:
            lines[-1].block.append("")
    for line in lines:
        while line.block and not line.block[-1]:
            line.block.pop()
    return sentence, lines


def play(folder: Path, scratch: Path) -> None:
    """Raises an AssertionError that names the line where the desk did something else."""
    story = folder / "story.txt"
    own = folder / "config.toml"
    with ScriptedServer() as server:
        desk = StoryDesk(own if own.exists() else SHARED_CONFIG, scratch, server)
        try:
            Play(desk, folder).all(read_story(story)[1])
            assert not (crossed := crossings(desk)), f"it crossed the glass: {'; '.join(crossed)}"
        except Exception as error:
            raise AssertionError(f"{story}:{getattr(error, 'line', '?')}: {error}") from error
        finally:
            desk.close()


class Play:
    def __init__(self, desk: StoryDesk, folder: Path) -> None:
        self.desk = desk
        self.folder = folder
        self.zone = ZoneInfo("UTC")
        self.names: dict[str, Mail] = {}
        self.told: list[Mail] = []  # mails out that the story has told of
        self.row = 0  # of the last mail in the inbox

    def all(self, lines: list[Line]) -> None:
        line = None
        try:
            for line in lines:
                self.one(line)
            self.nothing()
        except Exception as error:
            error.line = line.number if line else 1
            raise

    def one(self, line: Line) -> None:
        for pattern, run in WORDS:
            if found := re.fullmatch(pattern, line.words):
                run(self, line, **found.groupdict())
                return
        raise AssertionError(f"nobody understands {line.words!r}")

    # --- the clock, the mail server, the reader -------------------------------------------------------------

    def at(self, _line: Line, when: str, zone: str) -> None:
        self.nothing()
        self.zone = ZoneInfo(zone)
        self.desk.turn_to(datetime.fromisoformat(when).replace(tzinfo=self.zone))

    def after(self, _line: Line, number: str, unit: str) -> None:
        self.nothing()
        self.desk.turn_to(self.desk.now + timedelta(**{unit.rstrip("s") + "s": int(number)}))

    def server_says(self, _line: Line, reply: str, command: str, ever: str | None) -> None:
        self.desk.server.say(command, *[reply] * (FOR_EVER if ever else 1))

    def breaks(self, _line: Line, words: str) -> None:
        self.desk.unreadable.append(words.encode())

    def mailbox_is(self, _line: Line, name: str, state: str, error: str | None) -> None:
        self.desk.mailboxes[name] = (state, error)

    # --- mails in -------------------------------------------------------------------------------------------

    def writes(self, line: Line, who: str, to: str, name: str | None) -> None:
        self._comes(line, {"From": who, "To": to}, "", name)

    def replies(self, line: Line, who: str, what: str, name: str | None) -> None:
        """As a client does it: to Reply-To, with References, the old words quoted below."""
        old = self.mail(what)
        head = old.message
        subject = str(head["subject"])
        headers = {
            "From": who,
            "To": str(head["reply-to"] or head["from"]),
            "Subject": subject if subject.startswith("Re:") else f"Re: {subject}",
            "In-Reply-To": str(head["message-id"]),
            "References": " ".join(dict.fromkeys(f"{head['references'] or ''} {head['message-id']}".split())),
        }
        quoted = "\n".join(f"> {words}".rstrip() for words in old.text.split("\n"))
        self._comes(line, headers, f"\n\nOn 23 Nov 2026 at 9:00 {head['from']} wrote:\n{quoted}\n", name)

    def sends(self, _line: Line, who: str, file: str, to: str) -> None:
        raw = (self.folder / file).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self._received(Mail(raw, parseaddr(who)[1], (to,)), None)

    def again(self, _line: Line, what: str, to: str | None, via: str) -> None:
        old = self.mail(what)
        self._received(Mail(old.raw, old.envelope_from, (to,) if to else old.to), None, via.lower())

    def _comes(self, line: Line, headers: dict[str, str], below: str, name: str | None) -> None:
        given, words = self._given(line)
        envelope_from, delivered = given.pop("envelope from", None), given.pop("delivered to", None)
        how = {"via": given.pop("by", "smtp"), "auth": given.pop("logged in as", "")}
        if "from the relay" in given:
            how["peer"] = given.pop("from the relay")
        files = [self._file(file.strip()) for file in given.pop("attachments", "").split(",") if file.strip()]
        sender = parseaddr(headers["From"])[1]
        headers["Date"] = format_datetime(self.desk.now.astimezone(self.zone))
        headers["Message-ID"] = f"<mail-{self.row + 1}.{len(self.names)}@{sender.partition('@')[2]}>"
        headers |= given
        to = delivered.split(", ") if delivered else self._desks(headers)
        raw = compose({k: v for k, v in headers.items() if v}, words + below, files)
        envelope_from = sender if envelope_from is None else envelope_from.strip("<>")
        self._received(Mail(raw, envelope_from, tuple(to)), name, **how)

    def _file(self, file: str) -> str | bytes:
        """`the NAME` is a mail of the story, attached whole."""
        return self.mail(file).raw if file.startswith("the ") else file

    def _given(self, line: Line) -> tuple[dict[str, str], str]:
        """The headers that the story writes, and the words of the mail."""
        block = [_PLACE.sub(self._place, text) for text in line.block]
        count = 0
        while count < len(block) and _HEADER.fullmatch(block[count]):
            count += 1
        if count < len(block) and block[count]:  # only words, though they may look like a header
            count = 0
        pairs = [_HEADER.fullmatch(text) for text in block[:count]]
        return {p[1]: p[2] or "" for p in pairs}, "\n".join(block[count:]).lstrip("\n")

    def _place(self, found: re.Match[str]) -> str:
        mail = self.mail(found[2])
        made = {
            "id": str(mail.message["message-id"]),
            "reply address": parseaddr(str(mail.message["reply-to"]))[1],
            "note address": mail.note_address,
            "link address": mail.link_address,
            "bounce address": mail.envelope_from,
            "loop mark": str(mail.message["x-mailticket-loop"]),
        }[found[1]]
        assert made, f"{found[2]} has no {found[1]}"
        return made

    def _desks(self, headers: dict[str, str]) -> list[str]:
        named = [a for _, a in getaddresses([headers["To"], headers.get("Cc", "")])]
        ours = [a for a in named if self.desk.policy.department_of(a)]
        assert ours, "no address of the desk in To or Cc: say `delivered to:`"
        return ours

    def _received(self, mail: Mail, name: str | None, via: str = "smtp", **how: str) -> None:
        self.nothing()
        self.row = self.desk.receive(mail, via, **how)
        self.names[name or "mail"] = mail

    # --- what must be so ------------------------------------------------------------------------------------

    def goes_out(self, line: Line, kind: str, to: str, name: str | None) -> None:
        wanted = set(to.split(", "))
        new = [m for m in self.desk.sent if m not in self.told]
        mail = next((m for m in new if kind in _kinds(m) and set(m.to) == wanted), None)
        assert mail, f"no {kind} to {to} was sent, but {_listed(new)}"
        self.told.append(mail)
        self.names[kind] = mail
        if name:
            self.names[name] = mail
        for key, value in line.pairs():
            self._check(mail, key, _PLACE.sub(self._place, value))

    def _check(self, mail: Mail, key: str, value: str) -> None:
        text = " ".join(mail.text.split())
        if key == "says":
            assert value in text, f"it does not say {value!r}, but {mail.text!r}"
        elif key == "says nothing of":
            assert value not in mail.everything, f"it says {value!r}: {mail.everything!r}"
        elif key == "attachments":
            found = ", ".join(p.get_filename() or "?" for p in mail.message.iter_attachments()) or "none"
            assert found == value, f"its attachments are {found}"
        elif key == "envelope from":
            assert f"<{mail.envelope_from}>" == value, f"its envelope sender is <{mail.envelope_from}>"
        elif key.startswith("no "):
            assert mail.message[key[3:]] is None, f"{key[3:]}: {mail.message[key[3:]]}"
        elif key.endswith(" contains"):
            found = str(mail.message[key.removesuffix(" contains")])
            assert value in found, f"{key}: {found}"
        else:
            assert str(mail.message[key]) == value, f"{key}: {mail.message[key]}"

    def nothing(self, _line: Line | None = None) -> None:
        new = [m for m in self.desk.sent if m not in self.told]
        assert not new, f"nobody expected {_listed(new)}"

    def ticket_is(self, line: Line, number: str, facts: str | None) -> None:
        ticket = self.desk.ticket(int(number))
        assert ticket, f"there is no ticket {number}"
        said = [pair.strip() for pair in (facts or "").split(";") if pair.strip()]
        pairs = [tuple(pair.split(" ", 1)) for pair in said] + line.pairs()
        for key, value in pairs:
            found = fact(ticket, key, value)
            assert found == value, f"ticket {number}: {key} is {found!r}"

    def tickets(self, _line: Line, number: str) -> None:
        assert self.desk.count_tickets() == int(number), f"there are {self.desk.count_tickets()}"

    def it_is(self, _line: Line, state: str, reason: str | None) -> None:
        row = self.desk.inbox_row(self.row)
        assert row["state"] == state, f"it is {row['state']}: {row['reason']}"
        assert (reason or "") in row["reason"], f"because {row['reason']!r}"

    def outbox_is(self, _line: Line, kind: str, to: str, state: str, reply: str | None) -> None:
        kind = "relay" if kind == "answer" else kind
        row = next(r for r in reversed(self.desk.outbox_rows()) if r["kind"] == kind and to in r["to"])
        assert row["state"] == state, f"it is {row['state']}: {row['last_reply']}"
        assert (reply or "") in (row["last_reply"] or ""), f"the server's words: {row['last_reply']}"

    def mail(self, name: str) -> Mail:
        return self.names[name.removeprefix("the ").removeprefix("his ").removeprefix("her ")]


Run = Callable[..., None]
NAMED = r"(?: \((?P<name>[^)]+)\))?"
WORDS: list[tuple[str, Run]] = [
    (r"at (?P<when>\d{4}-\d\d-\d\d \d\d:\d\d) (?P<zone>\S+)", Play.at),
    (r"after (?P<number>\d+) (?P<unit>seconds?|minutes?|hours?|days?)", Play.after),
    (r'the mail server says "(?P<reply>.+)" to "(?P<command>.+?)"(?P<ever> from now on)?', Play.server_says),
    (r'the reader breaks on mails with "(?P<words>.+)"', Play.breaks),
    (r'mailbox (?P<name>\S+) is (?P<state>watching|down)(?:: "(?P<error>.+)")?', Play.mailbox_is),
    (rf"(?P<who>[^>]+>?) writes to (?P<to>\S+(?:, \S+)*){NAMED}", Play.writes),
    (rf"(?P<who>[^>]+>?) replies to (?P<what>[^()]+?){NAMED}", Play.replies),
    (r"(?P<who>\S+) sends (?P<file>\S+\.eml) to (?P<to>\S+)", Play.sends),
    (r"(?P<what>.+?) comes again(?: to (?P<to>\S+))? by (?P<via>\S+)", Play.again),
    (rf"> (?P<kind>\w+) to (?P<to>\S+(?:, \S+)*){NAMED}", Play.goes_out),
    (r"nothing(?: else)? is sent", Play.nothing),
    (r"ticket (?P<number>\d+)(?:: (?P<facts>.+))?", Play.ticket_is),
    (r"there (?:is|are) (?P<number>\d+) tickets?", Play.tickets),
    (r"it is (?P<state>done|quarantined|queued)(?:: (?P<reason>.+))?", Play.it_is),
    (r"the (?P<kind>\w+) to (?P<to>\S+) is (?P<state>queued|failed|sent|undone)(?:: (?P<reply>.+))?", Play.outbox_is),
]


def _kinds(mail: Mail) -> tuple[str, ...]:
    """What a story may call it: a receipt is a notice."""
    return (mail.kind, "receipt") if mail.template == "notice-done" else (mail.kind,)


def _listed(mails: list[Mail]) -> str:
    return ", ".join(f"{m.kind} to {' '.join(m.to)} ({m.message['subject']})" for m in mails) or "nothing"
