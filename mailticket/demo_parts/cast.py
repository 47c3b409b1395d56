"""Who plays in the demo, the desk's config, and the mails that people's mail programs write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid, parseaddr
from zoneinfo import ZoneInfo

from .sink import Sent

ZONE = ZoneInfo("Europe/Prague")
DESK = "support@acme.example"
# Message-IDs must not be folded, nor coded as if they were words.
_UNFOLDED = SMTP.clone(max_line_length=900)


@dataclass(frozen=True)
class Player:
    first: str
    name: str
    address: str

    @property
    def mailbox(self) -> str:
        return f"{self.name} <{self.address}>"


MARIA = Player("Maria", "Maria Nováková", "maria@customer.example")
ANNA = Player("Anna", "Anna Dvořák", "anna@acme.example")
PETR = Player("Petr", "Petr Svoboda", "petr@acme.example")

CONFIG = f"""\
[desk]
name = "Acme Support"
tag_prefix = "ACME"
timezone = "{ZONE.key}"
secret = {{ file = "secret" }}
send_delay = "0s"                    # an answer goes out at once; in earnest it can be undone for 20 s

[smtp]
listen = ["127.0.0.1:%(listen)d"]

[delivery]
url = "smtp://127.0.0.1:%(sink)d"        # the demo's own mail server: nothing leaves this machine
hostname = "support.acme.example"

[[department]]
name = "Support"
addresses = ["{DESK}"]
hours = "Mon-Fri 09:00-17:00"
holidays = "CZ"
[department.service_levels]
medium = {{ first_response = "4h", resolution = "3d" }}

[[agent]]
name = "{ANNA.name}"
address = "{ANNA.address}"

[[agent]]
name = "{PETR.name}"
address = "{PETR.address}"
role = "manager"
"""

# For whoever plays on with mutt: it reads what the desk sent and answers as the one to whom it was sent.
MUTTRC = f"""\
set spoolfile="%(maildir)s" mbox_type=Maildir move=no record="" hostname="client.example"
set from="{ANNA.mailbox}" use_from=yes reverse_name=yes reply_to=yes include=yes
alternates "^({ANNA.address}|{PETR.address}|{MARIA.address})$"
set smtp_url="smtp://127.0.0.1:%(listen)d" ssl_starttls=no ssl_force_tls=no
set sort=threads
"""

QUESTION = """\
Hello,

our printer stops after every page and asks for paper, but its
tray is full. Its log is attached.

Thank you
Maria
"""
LOG_NAME, LOG = "printer.log", b"09:14 job 311 page 2: PC LOAD LETTER\n09:15 job 311 page 4: PC LOAD LETTER\n"
ANSWER = """\
Hello Maria,

it waits for paper in the American format, Letter. Please choose
A4 in Settings > Paper; then it will print.

Anna
"""
FORGER = "mallory@elsewhere.example"
FORGED = """\
Hello Maria,

your printer needs a new licence. Please send 500 euro to the
account below, and your password.

Anna
"""
THANKS = """\
That was it, thank you!

Is the second tray set in the same place? I am away until Monday,
so there is no hurry.
"""
SECOND_ANSWER = "Yes, in the same place: choose tray 2 there. Have a good time!\n"
AWAY = "I am out of the office until Monday and cannot read mail.\n"


class MailProgram:
    """A player's mail program. `clock` gives the Date."""

    def __init__(self, player: Player, clock: Callable[[], datetime]) -> None:
        self.player = player
        self._clock = clock

    def new(self, to: str, subject: str, words: str) -> EmailMessage:
        mail = EmailMessage(policy=_UNFOLDED)
        mail["From"] = formataddr((self.player.name, self.player.address))
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self._clock().astimezone(ZONE))
        mail["Message-ID"] = make_msgid(domain=self.player.address.partition("@")[2])
        mail.set_content(words, cte="quoted-printable")
        return mail

    def reply(self, to: Sent, words: str) -> EmailMessage:
        """As mail clients do it: to its Reply-To, behind its references, with all of it quoted below."""
        author = str(to.mail["From"])
        quoted = "\n".join(f"> {line}".rstrip() for line in to.words.splitlines())
        attribution = f"On {self._clock().astimezone(ZONE):%d %b %Y at %H:%M}, {author} wrote:"
        mail = self.new(str(to.mail["Reply-To"]), _re(to), f"{words}\n{attribution}\n{quoted}\n")
        self._behind(mail, to)
        return mail

    def out_of_office(self, to: Sent, words: str) -> EmailMessage:
        """What a machine says on its own (RFC 3834)."""
        _, address = parseaddr(str(to.mail["From"]))
        mail = self.new(address, f"Automatic reply: {to.mail['Subject']}", words)
        mail["Auto-Submitted"] = "auto-replied"
        self._behind(mail, to)
        return mail

    def _behind(self, mail: EmailMessage, to: Sent) -> None:
        mail["In-Reply-To"] = to.message_id
        known = str(to.mail["References"] or "").split()
        mail["References"] = " ".join(dict.fromkeys([*known, to.message_id]))


def _re(to: Sent) -> str:
    subject = str(to.mail["Subject"])
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"
