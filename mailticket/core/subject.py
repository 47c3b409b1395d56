"""Subjects: the ticket's tag in them, and what is left of one without tags and reply marks."""

from __future__ import annotations

import re
from functools import lru_cache

from .policy import Policy

MAX_SUBJECT = 200  # characters of the subject's own words
MAX_READ = 2000  # characters of a subject that anybody looks at
MAX_TAGS = 20
NO_SUBJECT = "(no subject)"

# What clients of the world put before a subject that is answered or passed on. RFC 5256 knows re, fw and fwd. In lower
# case. "VS" is an answer in Finnish, and passed on in Danish and Norwegian.
ANSWERED = (
    "re", "r", "aw", "antw", "antwort", "sv", "vs", "odp", "odg", "res", "rif", "ynt", "atb", "ats", "vá", "απ", "на",
    "отв", "ответ", "відп", "返信", "回复", "答复", "回覆", "答覆", "회신", "답장",
)  # fmt: skip
PASSED_ON = (
    "fw", "fwd", "wg", "tr", "rv", "enc", "pd", "vl", "vs", "doorst", "vb", "i", "ilt", "i\u0307lt", "πρθ", "redir",
    "posr", "videresend", "пересл", "転送", "转发", "轉寄", "轉發", "전달",
)  # fmt: skip
_MARKS = "|".join((*ANSWERED, *PASSED_ON))
_MARK = re.compile(rf"({_MARKS})\.? ?(?:\[[0-9]{{1,3}}\]|\([0-9]{{1,3}}\))? ?[:\uff1a] ?", re.IGNORECASE)
_LABEL = re.compile(r"(?:\[[^\[\]]{0,60}\] ?){0,5}")  # [External], our own tag
_NUMBER = re.compile(r"#?([0-9]{1,9})")
_WORD = re.compile(r"[^\s,;]+")
_JOINED = ("and", "&")  # the last number with those before it
_UNSEEN = re.compile(
    "[\u200b\u2060\ufeff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)


def tag(number: int, policy: Policy) -> str:
    return f"[{policy.tag_prefix}-{number}]"


def find_tags(subject: str, policy: Policy) -> tuple[int, ...]:
    """The numbers that our tags name, in their order, no doubles."""
    found = _tags(policy.tag_prefix).findall(_clean(subject))
    return tuple(dict.fromkeys(int(number) for number in found))[:MAX_TAGS]


def numbered(text: str, policy: Policy) -> int | None:
    """The ticket that an order names: 7 by `7`, `#7`, `ACME-7` and `[ACME-7]`."""
    words = text.strip("[] ").casefold().removeprefix(f"{policy.tag_prefix.casefold()}-")
    found = _NUMBER.fullmatch(words)
    return int(found[1]) if found else None


def numbers_first(text: str, policy: Policy) -> tuple[tuple[int, ...], str]:
    """The tickets that stand at its front by their numbers, `12, #15 and [ACME-18]`, each once, and the rest. A colon
    behind one ends them."""
    found: list[int] = []
    end = 0
    for word in _WORD.finditer(text):
        number = numbered(word[0].removesuffix(":"), policy)
        if number is not None:
            found.append(number)
            end = word.end()
            if word[0].endswith(":"):
                break
        elif not found or word[0].casefold() not in _JOINED:
            break
    return tuple(dict.fromkeys(found)), text[end:].strip(" ,;")


def strip_tags(subject: str, policy: Policy) -> str:
    """The subject on one line, without our tags and without characters that nobody sees."""
    # A space in its place, so that the halves of a split tag do not become one.
    return " ".join(_tags(policy.tag_prefix).sub(" ", _clean(subject)).split())


def base(subject: str) -> str:
    """Without the Re:, Fwd:, AW:, … at its front and the (fwd) at its end."""
    text, at = _clean(subject), 0
    while found := _MARK.match(text, at):
        at = found.end()
    text = text[at:].strip()
    return text[:-5].rstrip() if text.lower().endswith("(fwd)") else text


def marks(subject: str) -> frozenset[str]:
    """What the first mark says of the mail: "answered", "passed on", both where it may mean either, or nothing."""
    text = _clean(subject)
    label = _LABEL.match(text)
    found = _MARK.match(text, label.end() if label else 0)
    mark = found[1].casefold().replace("\u0307", "") if found else ""
    sayings = (("answered", ANSWERED), ("passed on", PASSED_ON))
    return frozenset(what for what, words in sayings if mark in words)


def tagged(subject: str, number: int, policy: Policy, *, reply: bool) -> str:
    """With our tag in front: `Re: [ACME-1042] Printer on fire`. Its RFC 5256 base subject stays the same."""
    return f"{'Re: ' if reply else ''}{tag(number, policy)} {plain(subject, policy)}"


def plain(subject: str, policy: Policy) -> str:
    """The words of a subject, cut to a length that clients show; never empty."""
    words = base(strip_tags(subject, policy))
    return (words if len(words) <= MAX_SUBJECT else words[: MAX_SUBJECT - 1].rstrip() + "…") or NO_SUBJECT


def _clean(subject: str) -> str:
    return " ".join(_UNSEEN.sub("", subject[:MAX_READ]).split())


@lru_cache(maxsize=8)
def _tags(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"\[{re.escape(prefix)}-([0-9]{{1,12}})\]", re.IGNORECASE)
