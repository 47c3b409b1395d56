"""What the demo demands of each mail that the desk wrote, so that the story is never prettier than the truth."""

from __future__ import annotations

import re
from email.utils import parseaddr

from ..errors import MailticketError
from .cast import ANNA, PETR, Player
from .sink import Sent

_SIGNED = re.compile(r"[a-z2-7]{13}\.?[a-z2-7]{16}(?=@)")
_MARKER = "write your answer above this line"


def demand(holds: bool, what: str) -> None:
    if not holds:
        raise MailticketError(f"the demo found something wrong: {what}")


def addressed(sent: Sent, name: str, player: Player, tag: str | None) -> None:
    """It goes to that player and to nobody else, and bears the ticket's tag once, where it is of a ticket."""
    to = parseaddr(str(sent.mail["To"]))[1]
    demand(sent.recipients == (player.address,) and to == player.address, f"{name} went to {to}, {sent.recipients}")
    demand(sent.mail["Cc"] is None, f"{name} has a Cc")
    subject = str(sent.mail["Subject"])
    demand(tag is None or subject.count(tag) == 1, f"{name} has not {tag} in its subject, {subject}")


def automatic(sent: Sent, name: str, wanted: str | None) -> None:
    """A machine's words say that they are; a person's do not."""
    said = sent.mail["Auto-Submitted"]
    demand(said == wanted, f"{name} has Auto-Submitted: {said}, not {wanted}")


def answers(sent: Sent, name: str, message_id: str) -> None:
    """In a mail client it stands below that message."""
    demand(sent.mail["In-Reply-To"] is not None, f"{name} answers nothing")
    ids = f"{sent.mail['In-Reply-To']} {sent.mail['References']}".split()
    demand(message_id in ids, f"{name} is not in the thread of {message_id}")


def says(sent: Sent, name: str, *wanted: str) -> None:
    text = " ".join(sent.words.split())
    for words in wanted:
        demand(" ".join(words.split()) in text, f"{name} does not say: {words}")


def says_nothing_of(sent: Sent, name: str, *words: str) -> None:
    for one in words:
        demand(one not in sent.readable, f"{name} says: {one}")


def nothing_crossed(sent: Sent, name: str, for_agents: list[Sent]) -> None:
    """No agent's address, quote, marker line, or token made for an agent reaches the customer."""
    text = sent.readable
    for agent in (ANNA, PETR):
        demand(agent.address not in text, f"{name} shows {agent.address}")
    demand(_MARKER not in text.casefold(), f"{name} shows the agents' marker line")
    demand(not any(line.startswith(">") for line in sent.words.splitlines()), f"{name} has quoted text")
    for other in for_agents:
        crossed = set(_SIGNED.findall(text)) & set(_SIGNED.findall(f"{other.readable} {other.sender}"))
        demand(not crossed, f"{name} bears a token made for an agent: {crossed}")
