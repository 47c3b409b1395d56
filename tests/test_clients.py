"""Agents and customers with clients that they have: neomutt and s-nail in a terminal, a real Dovecot between."""

from __future__ import annotations

import smtplib
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import quote

import pytest
from daemon import ADDRESS, Daemon, until
from dovecot_imap import ImapDovecot
from glass_reading import hay
from tmux import PATIENCE, Terminal

from mailticket.store import face, queues
from mailticket.store.db import Db

ANNA, MARIA, NORA = "anna@acme.example", "maria@customer.example", "nora@customer.example"
BEN = "ben@partner.example"  # has nothing to do with the desk
AGENT = f"""\
[[agent]]
name = "Anna Novak"
address = "{ANNA}"
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
set indentprefix="> " nosave folder={home}
"""


@dataclass
class House:
    """The desk's daemon, and the mailboxes of those who write to each other."""

    folder: Path
    dovecot: ImapDovecot
    daemon: Daemon

    def home(self, who: str, name: str) -> Path:
        """With a client's files in it."""
        home = self.folder / who.partition("@")[0]
        if home.exists():
            return home
        home.mkdir()
        facts = {"who": who, "name": name, "home": home, "password": self.dovecot.password, "port": self.dovecot.port}
        (home / "neomuttrc").write_text(NEOMUTT.format(**facts))
        (home / "mailrc").write_text(S_NAIL.format(**facts))
        door = {"python": sys.executable, "port": self.daemon.port, "lmtp": str(self.dovecot.lmtp), "who": who}
        for program, text in (("sendmail", SENDMAIL.format(**door)), ("editor", EDITOR)):
            (home / program).write_text(text)
            (home / program).chmod(stat.S_IRWXU)
        return home

    def neomutt(self, who: str, name: str) -> Terminal:
        home = self.home(who, name)
        return Terminal(home, ["neomutt", "-n", "-F", str(home / "neomuttrc")])

    def replies(self, client: Terminal, who: str, words: str) -> None:
        """To the mail that neomutt shows, with these words above the quoted ones."""
        (client.folder / "words").write_text(words)
        client.keys("r")
        client.shows("y:Send", "Re: ")
        client.keys("y")
        client.shows("Mail sent")

    def forwards(self, client: Terminal, to: str, words: str) -> None:
        """The mail that neomutt shows, which is left afterwards."""
        (client.folder / "words").write_text(words)
        client.keys("f")
        client.shows("To:")
        client.types(to)
        client.shows("y:Send", to)
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

    @contextmanager
    def database(self) -> Iterator[Db]:
        db = self.daemon.database()
        try:
            yield db
        finally:
            db.close()
            db.lock.close()

    def status(self, number: int) -> str:
        with self.database() as db:
            return face.ticket(db, number, "ACME")["status"]

    def written_to(self, who: str) -> int:
        """How many mails of the desk were or will be sent there."""
        with self.database() as db:
            return sum(who in row["to"] for row in queues.outbox(db))

    def becomes(self, number: int, status: str) -> None:
        until(lambda: self.status(number) == status, PATIENCE, lambda: f"it is {self.status(number)}")


@pytest.fixture(scope="module")
def house(need, tmp_path_factory) -> Iterator[House]:
    need("root", "dovecot", "imap", "lmtp", "tmux", "neomutt", "s-nail")
    folder = tmp_path_factory.mktemp("clients")
    with ImapDovecot((ANNA, MARIA, NORA, BEN)) as dovecot, Daemon(folder, 1, agents=AGENT) as daemon:
        text = daemon.config.read_text().replace("smtp://127.0.0.1:1", f"lmtp://{dovecot.lmtp}")
        daemon.config.write_text(text)
        daemon.start()
        yield House(folder, dovecot, daemon)


def asks(house: House, who: str, subject: str) -> tuple[str, int]:
    """A customer's first mail, with a copy for their own mailbox; its Message-ID, and the ticket that Anna has got."""
    before = house.dovecot.count(ANNA)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = who, ADDRESS, subject
    mail["Message-ID"] = f"<{subject.partition(' ')[0]}@customer.example>"
    mail.set_content("It burns, and nobody knows why.\n")
    with smtplib.SMTP("127.0.0.1", house.daemon.port) as client:
        client.send_message(mail)
    house.dovecot.deliver(mail.as_bytes(policy=policy.SMTP), who)
    house.mails(ANNA, before + 1)
    with house.database() as db:
        return str(mail["message-id"]), max(row["ticket"] for row in queues.outbox(db))


def is_one_answer(house: House, mails: list[EmailMessage], words: str, asked: str) -> None:
    """The agent's mail to a customer: from the department, with these words alone, in the thread of all before."""
    (answer,) = (mail for mail in mails if "Anna" in mail["from"])
    assert answer.get_body(("plain",)).get_content().strip().splitlines() == words.split("\n")
    assert answer["from"] == "Anna Novak <support@acme.example>"
    assert answer["subject"].startswith("Re: [ACME-")
    assert {str(mail["references"] or mail["message-id"]).split()[0] for mail in mails} == {asked}
    assert str(answer["in-reply-to"]) in str(answer["references"]).split()
    marks = (parseaddr(str(m[name]))[1] for m in house.mails(ANNA, 1) for name in ("message-id", "reply-to"))
    seen = hay(answer.as_bytes())
    assert not any(secret in seen for secret in (ANNA, "write your answer", "it burns", "#resolve", *marks))


def test_in_neomutt_an_agent_answers_and_resolves_and_each_side_sees_one_thread(house):
    asked, number = asks(house, MARIA, "Printer on fire")
    with house.neomutt(ANNA, "Anna Novak") as anna:
        anna.shows("Printer on fire")
        anna.keys("Enter")
        anna.shows("Reply to this mail and your words go to maria@customer.example")
        house.replies(anna, ANNA, "Dear Maria,\n\npull the plug.\n")
        is_one_answer(house, house.mails(MARIA, 3), "Dear Maria,\n\npull the plug.", asked)
        house.becomes(number, "pending")
    had = house.dovecot.count(ANNA)
    with house.neomutt(MARIA, "Maria") as maria:
        maria.shows("|->", "`->")
        maria.keys("Enter")
        house.replies(maria, MARIA, "It is out.\n")
    house.becomes(number, "open")
    house.mails(ANNA, had + 1)
    with house.neomutt(ANNA, "Anna Novak") as anna:
        anna.shows("Printer on fire", "`->")
        anna.keys("*", "Enter")
        anna.shows("It is out.")
        house.forwards(anna, BEN, "Ben, is it the fuse?\n")
        (passed_on,) = house.mails(BEN, 1)
        assert "It is out." in passed_on.get_content()
        anna.keys("Enter")
        anna.shows("It is out.")
        house.replies(anna, ANNA, "#resolve\n\n")
        house.becomes(number, "resolved")
    assert house.written_to(MARIA) == 2


def test_in_s_nail_an_agent_answers_and_resolves(house):
    asked, number = asks(house, NORA, "Window does not close")
    with house.s_nail(ANNA, "Anna Novak") as anna:
        anna.shows("Window does not close")
        house.writes(anna, "Dear Nora,", "", "push.")
        is_one_answer(house, house.mails(NORA, 3), "Dear Nora,\n\npush.", asked)
        house.becomes(number, "pending")
    with house.s_nail(ANNA, "Anna Novak", quotes=False) as anna:
        anna.shows("Window does not close")
        house.writes(anna, "#resolve")
        house.becomes(number, "resolved")
    assert house.written_to(NORA) == 2
