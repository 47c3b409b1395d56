"""The mail that another one passes on, inline or attached: who wrote it, when, about what, and its words.

Replies have the same heads above what they quote. So a line that says "forwarded message" decides, where nothing is
quoted above it; else the subject's mark does; and a mail that answers nothing may pass on without either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from .attached_mail import attached_mail
from .attributions import attribution_above
from .crossing import begins
from .excess import MAX_SUBJECT
from .forward_head import Head, bare, depth_of, label_of, may_be_label, read_head_at, read_sender, unquoted
from .forward_words import ATTACHED_NOTES, ENDINGS, PHRASES, fold, fold_label
from .lines import RULED
from .quoting import ORIGINAL_WORDS
from .subject import base, marks
from .text import DASHES, trim
from .types import Address, Forwarded, ParsedMail
from .written_dates import read_written_date

MAX_MARKER = 120  # characters of a line that introduces a forwarded mail
MAX_TRIES = 200  # lines of a mail that are looked at closely
RULE = 3  # dashes
MAX_NOTE = 2000  # lines of the forwarder's own
GAP = 4  # empty lines and rules between it and the head
NEAR = 10  # lines in which an attribution stands
SHORT = 10  # lines of a note above a mail that no mark says is passed on
FEWEST = 3  # fields of a head that nothing introduces

_DASHES = "-=_~*#+\u2010\u2011\u2012\u2013\u2014\u2015\u2500\u2501\u30fc"
_COLONS = ":\uff1a"
_BLANKS = " \t\xa0"
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}@[^\s<>()\[\]\"',;:@]{1,200}")
_PHRASES_AND_MORE = tuple(f"{phrase} " for phrase in PHRASES)
_QUOTED_NAME = re.compile(r"[\"“„«] ?([^\"“”„«»]{1,200}?) ?[\"”“»]$")
_BEFORE_NAME = re.compile(r"[\d,]|\b[AP]M\b")


class _Found(NamedTuple):
    start: int
    head: Head
    said: bool  # by a line that says so


def with_forwarded(mail: ParsedMail) -> ParsedMail:
    """With the mail that it passes on. What a machine returns or collects is passed on by nobody."""
    machine = mail.header("auto-submitted").lower().startswith(("auto-r", "auto-g"))
    if machine or mail.bounce is not None or mail.content_type in {"multipart/report", "multipart/digest"}:
        return mail
    found = read_forwarded(mail)
    return replace(mail, forwarded=found) if found else mail


def read_forwarded(mail: ParsedMail) -> Forwarded | None:
    """The mail that this one passes on, None where it passes on none."""
    lines = mail.full_text.split("\n")
    said = marks(mail.subject)
    found = _find(lines, said, mail)
    if found is not None:
        return _inline(lines, found, mail)
    if said == {"passed on"} and (introduced := _introduced(lines, mail)):
        return introduced
    return _attached(said, mail)


def _replies(mail: ParsedMail) -> bool:
    """Whether it names a mail that it answers."""
    return bool(mail.in_reply_to or mail.references)


def _find(lines: Sequence[str], said: frozenset[str], mail: ParsedMail) -> _Found | None:
    """The first head of another mail, where it is one that is passed on. What is quoted above it makes it a reply's,
    but for a subject that says otherwise."""
    number = tries = 0
    while number < len(lines) and tries < MAX_TRIES:
        if _may_begin(lines[number]):
            tries += 1
            if (found := _head(lines, number)) is not None:
                return found if _passes_on(lines, found, said, mail) else None
        if depth_of(lines[number]):
            if said != {"passed on"}:
                return None
            while number < len(lines) and (depth_of(lines[number]) or not lines[number].strip()):
                number += 1
            continue
        if said != {"passed on"} and lines[number].rstrip().endswith(tuple(_COLONS)):
            tries += 1
            if _quotes(lines, number):
                return None
        number += 1
    return None


def _may_begin(line: str) -> bool:
    """Whether it is worth a closer look: of a long mail, most lines are not."""
    words = bare(line)
    if not words or words[0] in _DASHES or words[-1] in _COLONS:
        return words != ""
    return not words[0].isdigit() and may_be_label(words)


def _head(lines: Sequence[str], number: int) -> _Found | None:
    """A head that begins at this line, or that it introduces."""
    if kind := _introduces(lines[number]):
        below = number + 1
        while below < min(number + GAP, len(lines) - 1) and not bare(lines[below]).strip(_DASHES):
            below += 1
        if below < len(lines) and (head := read_head_at(lines, below)).tells() > 1 and "from" in head.values:
            return _Found(number, head, kind == "forwarded")
        return None
    label = label_of(bare(lines[number]))
    if label is None or label.role == "other":
        return None
    head = read_head_at(lines, number)
    enough = head.tells() >= FEWEST and "from" in head.values and bool({"date", "subject"} & head.values.keys())
    return _Found(number, head, said=False) if enough else None


def _introduces(line: str) -> str:
    """ "forwarded", "original" (which may be a reply's, too), or "" for any other line."""
    words = line.lstrip("> \t*\xa0").rstrip(_BLANKS + "*")
    if not words or len(words) > MAX_MARKER:
        return ""
    dashed = words[0] in _DASHES
    if not dashed and words[-1] not in _COLONS:
        return ""
    phrase = fold_label(words.strip(_DASHES + _BLANKS + _COLONS))
    if phrase in PHRASES or (dashed and phrase.startswith(_PHRASES_AND_MORE)):
        return "forwarded"
    return "original" if dashed and phrase in ORIGINAL_WORDS else ""


def _passes_on(lines: Sequence[str], found: _Found, said: frozenset[str], mail: ParsedMail) -> bool:
    head = found.head
    if len(said) > 1:  # VS
        said = frozenset(
            {"passed on"} if head.languages & {"da", "nb"} else {"answered"} if "fi" in head.languages else ()
        )
    quoted = depth_of(lines[found.start]) > 0
    if quoted and _attribution(lines, found.start) < found.start:
        return False
    if "passed on" in said:
        return True
    if found.said:
        return not (quoted and "answered" in said and _replies(mail))
    if said or _replies(mail):
        return False
    above = sum(1 for line in lines[: found.start] if line.strip())
    return above <= SHORT and "subject" in head.values and read_sender(head.values["from"]) is not None


def _quotes(lines: Sequence[str], number: int) -> bool:
    """Whether this line says that the words below are another's, as replies do that quote without marks."""
    if _introduces(lines[number]):
        return False
    below = next((n for n in range(number + 1, min(number + NEAR, len(lines))) if lines[n].strip()), None)
    if below is None or depth_of(lines[below]) or _head(lines, below):
        return False
    return _attribution(lines, number + 1) <= number


def _attribution(lines: Sequence[str], place: int) -> int:
    """Where the lines begin that introduce what stands at `place`; `place` itself where there are none."""
    first = max(0, place - NEAR)
    return first + attribution_above(list(lines[first : place + 1]), place - first, 0)


def _inline(lines: Sequence[str], found: _Found, mail: ParsedMail) -> Forwarded:
    values = found.head.values
    ruled = lines[found.start].startswith(RULED)  # where Gmail has its head, and not within what is passed on
    end = _end_of(lines, found.head.end, mail) if ruled else len(lines)
    text, below = _body(lines[:end], found.head.end, found.head.depth)
    return Forwarded(
        how="inline",
        from_=read_sender(values["from"]),
        date=read_written_date(values.get("date", ""), mail.date),
        subject=values.get("subject", base(mail.subject))[:MAX_SUBJECT].rstrip(),
        text=text,
        above=_own(lines[: found.start]),
        attachments=mail.attachments,
        below=_own([*below, *lines[end:]]),
    )


def _end_of(lines: Sequence[str], start: int, mail: ParsedMail) -> int:
    """Where what is passed on ends: the HTML may have something behind all of it. Without a word before that it has to
    be a signature."""
    end = begins(lines, mail.below)
    while start < end < len(lines) and lines[end - 1].strip() in {"", *DASHES}:
        end -= 1
    first = next((line.strip() for line in lines[end:] if line.strip()), "")
    return end if any(line.strip() for line in lines[start:end]) or first in DASHES else len(lines)


def _body(lines: Sequence[str], start: int, depth: int) -> tuple[str, Sequence[str]]:
    """The words from here to where they end, and the lines behind them."""
    end = start
    while end < len(lines) and not _ends(lines[end]):
        if depth and lines[end].strip() and depth_of(lines[end]) < depth:
            break
        end += 1
    said = [depth_of(line) for line in lines[start:end] if line.strip()]
    depth = max(depth, min(min(said, default=0), depth + 1))  # Proton quotes the words and not their head
    body = [unquoted(line, depth) for line in lines[start:end]]
    below = lines[end + 1 :] if end < len(lines) and _ends(lines[end]) else lines[end:]
    first = next((number for number, line in enumerate(body) if line.strip()), len(body))
    return "\n".join(body[first:]).rstrip(), below


def _ends(line: str) -> bool:
    words = line.strip(_BLANKS + ">")
    return (
        bool(words)
        and words[0] in _DASHES
        and len(words) <= MAX_MARKER
        and fold_label(words.strip(_DASHES + _BLANKS)) in ENDINGS
    )


def _own(said: Sequence[str]) -> str:
    """The forwarder's words: without rules before the head, signature and footers."""
    lines = list(said[:MAX_NOTE])
    while lines and (_is_rule(lines[-1]) or _introduces(lines[-1])):
        lines.pop()
    return trim(lines).strip()


def _is_rule(line: str) -> bool:
    """An empty line, one of dashes, or words that nobody knows between dashes."""
    words = line.strip(_BLANKS + ">")
    return not words.strip(_DASHES) or (len(words) > 2 * RULE and {*words[:RULE], *words[-RULE:]} <= set(_DASHES))


def _introduced(lines: Sequence[str], mail: ParsedMail) -> Forwarded | None:
    """Passed on below a line like a reply's: "On …, Anna <anna@acme.example> wrote:"."""
    ends = (n for n, line in enumerate(lines) if depth_of(line) or line.rstrip().endswith(tuple(_COLONS)))
    for number in islice(ends, MAX_TRIES):
        quoted = depth_of(lines[number]) > 0
        place = number if quoted else number + 1
        start = _attribution(lines, place)
        words = " ".join(lines[start:place])
        if start < place and (address := _ADDRESS.search(words)):
            text, below = _body(lines, place, 1 if quoted else _depth_below(lines, place))
            name = _name_before(words[: address.start()])
            date = read_written_date(words.replace(address[0], " "), mail.date)
            sender, above = Address(address[0], name), _own(lines[:start])
            subject = base(mail.subject)
            return Forwarded("inline", sender, date, subject, text, above, mail.attachments, below=_own(below))
        if quoted:
            return None
    return None


def _depth_below(lines: Sequence[str], place: int) -> int:
    return next((depth_of(line) for line in lines[place:] if line.strip()), 0)


def _name_before(words: str) -> str:
    words = words.rstrip(" <[(")
    if found := _QUOTED_NAME.search(words):
        return found[1]
    parts = _BEFORE_NAME.split(words)[-1].split()
    while parts and parts[0].islower():  # "schrieb Anna"
        parts.pop(0)
    return " ".join(parts)


def _attached(said: frozenset[str], mail: ParsedMail) -> Forwarded | None:
    """The one mail that is attached to this one, where it is no answer."""
    if said == {"answered"} or (_replies(mail) and said != {"passed on"}):
        return None
    found = attached_mail(mail.attachments)
    own = "" if fold(mail.full_text[:MAX_MARKER]) in ATTACHED_NOTES else _own(mail.full_text.split("\n"))
    return replace(found, above=own) if found else None
