"""Where agents and customers write to each other: a desk, a Dovecot with their mailboxes, neomutt and s-nail on top."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

from daemon import Daemon, until
from dovecot_imap import ImapDovecot
from tmux import PATIENCE, Terminal

from mailticket.store import face, queues
from mailticket.store.db import Db

ANNA, MARIA, NORA = "anna@acme.example", "maria@customer.example", "nora@customer.example"
PETR = "petr@customer.example"
CYRIL = "cyril@acme.example"  # a manager, whose own tickets are others
AGENTS = f"""\
[[department]]
name = "Sales"
addresses = ["sales@acme.example"]
[[agent]]
name = "Anna Novak"
address = "{ANNA}"
departments = ["Support"]
receipts = "errors"
[[agent]]
name = "Cyril Dvorak"
address = "{CYRIL}"
departments = ["Sales"]
role = "manager"
receipts = "errors"
"""
# What a client calls sendmail: the mail for the desk goes to its door, all other to Dovecot.
SENDMAIL = """\
#!{python}
import smtplib, sys
raw = sys.stdin.buffer.read()
to = [one for one in sys.argv[1:] if "@" in one]
for one in to:
    ours = one.startswith("support")
    with smtplib.SMTP("127.0.0.1", {port}) if ours else smtplib.LMTP({lmtp!r}) as client:
        client.sendmail({who!r}, [one], raw)
"""
# Where they have a mail server of their own it gets all of it.
BY_POSTFIX = """\
#!{python}
import smtplib, sys
raw = sys.stdin.buffer.read()
with smtplib.SMTP("127.0.0.1", {port}) as client:
    client.sendmail({who!r}, [one for one in sys.argv[1:] if "@" in one], raw)
"""
# An editor in which somebody writes above all that is there.
EDITOR = """\
#!/bin/sh
cat "$HOME/words" "$1" > "$HOME/whole" && cp "$HOME/whole" "$1"
"""
NEOMUTT = """\
set imap_user="{who}" imap_pass="{password}" ssl_starttls=no ssl_force_tls=no
set folder="imap://127.0.0.1:{port}/" spoolfile="imap://127.0.0.1:{port}/INBOX"
set from="{who}" realname="{name}" use_domain=no
set sendmail="{home}/sendmail" editor="{home}/editor" record="" tmpdir="{home}"
set fast_reply=yes include=yes reply_to=yes sort=threads ascii_chars=yes wait_key=no confirmappend=no
set header_cache="" history_file="{home}/history" mark_old=no quit=yes signature=""
set index_format="%Z %-20.20F %s"
"""
S_NAIL = """\
set v15-compat
set from="{name} <{who}>" mta={home}/sendmail mta-argv0=sendmail
set indentprefix="> " nosave folder={home} nocrt
"""


@dataclass
class House:
    """The desk's daemon, and the mailboxes of those who write to each other. `mta` is the port of their mail server."""

    folder: Path
    dovecot: ImapDovecot
    daemon: Daemon
    mta: int = 0

    def home(self, who: str, name: str) -> Path:
        """With a client's files in it."""
        home = self.folder / who.partition("@")[0]
        if home.exists():
            return home
        home.mkdir()
        facts = {"who": who, "name": name, "home": home, "password": self.dovecot.password, "port": self.dovecot.port}
        (home / "neomuttrc").write_text(NEOMUTT.format(**facts))
        (home / "mailrc").write_text(S_NAIL.format(**facts))
        door = {"python": sys.executable, "port": self.mta or self.daemon.port, "who": who}
        sendmail = (BY_POSTFIX if self.mta else SENDMAIL).format(**door, lmtp=str(self.dovecot.lmtp))
        for program, text in (("sendmail", sendmail), ("editor", EDITOR)):
            (home / program).write_text(text)
            (home / program).chmod(stat.S_IRWXU)
        return home

    def neomutt(self, who: str, name: str) -> Terminal:
        home = self.home(who, name)
        return Terminal(home, ["neomutt", "-n", "-F", str(home / "neomuttrc")])

    def opens(self, client: Terminal, pattern: str, *words: str) -> str:
        """The mail that fits, in neomutt; the screen as soon as it has these words."""
        client.keys("l")
        client.types(pattern)
        client.keys("Enter")
        client.shows(*words)
        return client.screen()

    def replies(self, client: Terminal, who: str, words: str) -> None:
        """To the mail that neomutt shows, with these words above the quoted ones."""
        (client.folder / "words").write_text(words)
        client.keys("r")
        client.shows("y:Send", "Re: ")
        client.keys("y")
        client.shows("Mail sent")

    def sends(self, client: Terminal, to: str, subject: str, words: str) -> None:
        """A new mail, from neomutt."""
        (client.folder / "words").write_text(words)
        client.keys("m")
        client.shows("To:")
        client.types(to)
        client.shows("Subject:")
        client.types(subject)
        client.shows("y:Send", to)
        client.keys("y")
        client.shows("Mail sent")

    def forwards(self, client: Terminal, to: str, copy: str, words: str) -> None:
        """The mail that neomutt shows, which is left afterwards."""
        (client.folder / "words").write_text(words)
        client.keys("f")
        client.shows("To:")
        client.types(to)
        client.shows("y:Send", to)
        client.keys("c")
        client.types(copy)
        client.shows("y:Send", copy)
        client.keys("y")
        client.shows("Mail sent")
        client.keys("i")
        client.shows("->")

    def writes(self, client: Terminal, *words: str) -> None:
        """To the last mail in s-nail, below what it quotes."""
        client.types("reply $")
        client.shows("[yes]/no")
        client.types("")
        client.shows("Subject:")
        for line in (*words, "~."):
            client.types(line)
        client.shows("Send this message")
        client.types("yes")

    def mails_from_s_nail(self, client: Terminal, to: str, subject: str, *words: str) -> None:
        """A new one."""
        client.types(f"mail {to}")
        client.shows("Subject:")
        for line in (subject, *words, "~."):
            client.types(line)
        client.shows("Send this message")
        client.types("yes")

    def s_nail(self, who: str, name: str, *, quotes: bool = True) -> Terminal:
        home = self.home(who, name)
        login = f"{quote(who, safe='')}:{quote(self.dovecot.password)}"
        mailbox = f"imap://{login}@127.0.0.1:{self.dovecot.port}/INBOX"
        return Terminal(
            home, ["s-nail", "-S", "quote" if quotes else "noquote", "-f", mailbox], {"MAILRC": str(home / "mailrc")}
        )

    def mails(self, who: str, count: int) -> list[EmailMessage]:
        """When that many have come."""
        until(
            lambda: self.dovecot.count(who) >= count,
            PATIENCE,
            lambda: f"{self.dovecot.count(who)} mails for {who}; {self.daemon.logged()[-2000:]}",
        )
        return [message_from_bytes(raw, policy=policy.default) for raw in self.dovecot.messages(who)]

    def got(self, who: str, *words: str) -> EmailMessage:
        """The last mail that has all of these words in its subject or its text, when it has come."""
        found: list[EmailMessage] = []

        def looked() -> bool:
            found[:] = [mail for mail in self.mails(who, 0) if all(one in _said(mail) for one in words)]
            return bool(found)

        until(looked, PATIENCE, lambda: f"no {words} for {who}: {[str(m['subject']) for m in self.mails(who, 0)]}")
        return found[-1]

    @contextmanager
    def database(self) -> Iterator[Db]:
        db = self.daemon.database()
        try:
            yield db
        finally:
            db.close()
            db.lock.close()

    def messages(self, number: int) -> list[face.Json]:
        with self.database() as db:
            return list(face.ticket(db, number, "ACME")["messages"])

    def status(self, number: int) -> str:
        with self.database() as db:
            return face.ticket(db, number, "ACME")["status"]

    def written_to(self, who: str) -> int:
        """How many mails of the desk were or will be sent there."""
        with self.database() as db:
            return sum(who in row["to"] for row in queues.outbox(db))

    def becomes(self, number: int, status: str) -> None:
        until(lambda: self.status(number) == status, PATIENCE, lambda: f"it is {self.status(number)}")


def _said(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return f"{mail['subject']}\n{part.get_content() if part else ''}"
