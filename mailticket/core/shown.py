"""What a mail to an agent shows of the mail that it passes on, and what it says of a reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from .bodies import TEXT_CUT
from .crossing import REACHES, REACHES_NOBODY, above_marker
from .lines import is_quote
from .original import with_word
from .policy import Agent, Department, Policy
from .said import Room
from .sizes import within
from .types import Address, Attachment, ParsedMail

MAX_SHOWN, MAX_SHOWN_LINES = 100_000, 5_000  # characters and lines of a mail that its agent's mail shows


@dataclass(frozen=True, slots=True)
class Files:
    """What goes along, and what is too big to."""

    kept: tuple[Attachment, ...]
    left_out: tuple[Attachment, ...]


def beginning(text: str) -> str:
    """So many of the words that a reply which quotes them all is within the bounds of a mail's text."""
    return Room(MAX_SHOWN, MAX_SHOWN_LINES).cut(text)


def words_of(mail: ParsedMail, *, opens: bool = False) -> str:
    """What its sender tells us: the new words, with the mail that they pass on, which is what they write about. Of one
    that `opens` a ticket also what it quotes: nobody here has seen that, and "see below" means it."""
    passed_on = mail.forwarded is not None and mail.forwarded.how == "inline"
    if not passed_on and not (opens and _quotes(mail)):
        return mail.text or mail.full_text
    ours = mail.text[len(mail.written) :].strip("\n")
    return f"{mail.full_text}\n\n{ours}" if ours else mail.full_text


def _quotes(mail: ParsedMail) -> bool:
    """Is more folded away than a signature? Not where it quotes a mail of ours to an agent."""
    rest = mail.full_text.removeprefix(mail.written).strip()
    signs_alone = rest.startswith("--") and not any(map(is_quote, rest.split("\n")))
    return bool(rest) and not signs_alone and above_marker(mail.full_text) == mail.full_text


def shown(mail: ParsedMail, told: str = "", *, opens: bool = False) -> str:
    """Its words, and what the agent is `told` of them."""
    text = words_of(mail, opens=opens)
    kept = beginning(text)
    if kept == text and TEXT_CUT not in mail.defects:
        return with_word(text, told)
    return with_word(f"{kept.rstrip()}\n\n… the rest is in the attachment", told)


def files_of(mail: ParsedMail, came: Sequence[Attachment], policy: Policy, *, opens: bool = False) -> Files:
    """What `came` with it, without the largest ones where all are more than a mail may have; last the text itself where
    a mail to an agent shows only its beginning."""
    text = words_of(mail, opens=opens)
    files = list(came)  # what was cut as it was read is among them
    if TEXT_CUT not in mail.defects and beginning(text) != text:
        content = text.encode("utf-8", "replace")
        files.append(Attachment("message.txt", "text/plain", content, sha256(content).hexdigest()))
    return Files(*within(beginning(text), files, policy.max_size))


def reply_line(reaches: Sequence[Address], signature: str, *, free: bool) -> str:
    """One line on what a reply will do; `free` is a ticket that nobody has taken yet."""
    takes = " The first answer, or #take, makes the ticket yours." if free else ""
    if not reaches:
        return f"{REACHES_NOBODY} #resolve on its first line resolves it.{takes}"
    customer, *others = (f"{a.name} <{a.address}>" if a.name else a.address for a in reaches)
    copied = f", with {', '.join(others)} in copy" if others else ""
    return f"{REACHES} {customer}{copied}, signed {signature}. #resolve on the first line resolves the ticket.{takes}"


def signed_by(agent: Agent, department: Department) -> str:
    """Under which name the customer's side gets the agent's words."""
    return department.name if department.hide_agents else agent.name
