"""A desk that is attacked: two customers, two agents, a manager, and what they have said."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from scenario_desk import Mail, StoryDesk

SUPPORT = "support@acme.example"
ANNA, BORIS, MONA = "anna@acme.example", "boris@acme.example", "mona@acme.example"
MARIA, PETR, EVE = "maria@customer.example", "petr@other.example", "eve@elsewhere.example"
SECRET = "the vault opens with seven"  # what Maria told the desk
CONFIG = """\
[desk]
name = "Acme Support"
tag_prefix = "ACME"
timezone = "Europe/Prague"
secret = "a secret for attackers"
send_delay = "0s"
[trust]
authentication_results = ["mx.acme.example"]
forms = ["form@shop.example"]
[delivery]
url = "smtp://127.0.0.1:25"
hostname = "desk.acme.example"
[[department]]
name = "Support"
addresses = ["support@acme.example"]
[[department]]
name = "Office"
addresses = ["office@acme.example"]
[[agent]]
name = "Anna"
address = "anna@acme.example"
departments = ["Support"]
[[agent]]
name = "Boris"
address = "boris@acme.example"
departments = ["Support"]
[[agent]]
name = "Mona"
address = "mona@acme.example"
role = "manager"
departments = ["Office"]
"""


@dataclass
class Shop:
    """A desk where Maria's ticket 1 is Anna's and Petr's ticket 2 is Boris's, and every mail that was sent there."""

    desk: StoryDesk
    mails: dict[str, Mail] = field(default_factory=dict)

    def open(self) -> None:
        self.send(MARIA, SECRET, Subject="My vault", **{"Message-ID": "<maria-1@customer.example>"})
        self.send(PETR, "My printer burns.", Subject="Printer")
        for mail in self.desk.sent:
            self.mails[f"{mail.kind} to {mail.to[0]}"] = mail
        self.send(ANNA, "Take the key, Maria.", answers=self.mails[f"assignment to {ANNA}"])
        self.mails["answer"] = next(mail for mail in reversed(self.desk.sent) if mail.to == (MARIA,))

    def send(
        self, who: str, words: str, *, answers: Mail | None = None, how: dict[str, Any] | None = None, **headers: str
    ) -> Mail:
        """A mail comes in; `answers` has its references and goes to its Reply-To."""
        mail = written(who, words, answers=answers, **headers)
        self.desk.receive(mail, **(how or {}))
        return mail

    def id(self, name: str) -> str:
        return str(self.mails[name].message["message-id"])


def written(who: str, words: str, *, answers: Mail | None = None, **headers: str) -> Mail:
    given = {"From": who, "To": SUPPORT, "Subject": "Hello"}
    if answers is not None:
        old = message_from_bytes(answers.raw)
        given |= {"To": old["reply-to"], "Subject": f"Re: {old['subject']}", "In-Reply-To": old["message-id"]}
        given["References"] = f"{old['references'] or ''} {old['message-id']}".strip()
    sender, to = headers.pop("envelope_from", "x@elsewhere.example"), headers.pop("delivered", "")
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    given.setdefault("Message-ID", f"<{abs(hash((who, words, str(given)))):x}@elsewhere.example>")
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    raw = f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n".encode()
    address = to or given["To"].rpartition("<")[2].strip("<> ")
    return Mail(raw, sender, (address if "acme.example" in address else SUPPORT,))


DSN = {"Content_Type": "multipart/report; report-type=delivery-status; boundary=b", "MIME_Version": "1.0"}


def dsn(address: str, message_id: str = "<nobody@x.example>") -> str:
    return (
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--"
    )
