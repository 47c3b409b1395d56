"""Out-of-office mail that says so in words: by its subject, and by the lines that its text begins with.

A customer's request may begin with the same words ("Out of office printer is broken"), and a request that is taken for
a holiday note is lost. So a phrase of a subject counts only as a whole, or with what machines put behind it; and a
first line only in a mail that declares itself a machine's, or in one that answers, asks nothing and quotes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from .away_phrases import ELSEWHERE, NAMED, PHRASES, UNSURE, UNTIL
from .away_sentences import SENTENCES, TIMED, TIMES, WHEN

MAX_READ = 300  # characters of a subject
MAX_LINES, MAX_HEAD = 6, 500  # of a text: its first lines that are not empty
MAX_NOTE = 2000  # characters: a longer text without any declaration is a person's

# What a gateway puts before all else: [EXTERNAL]. Behind a tag with a number stand the words of a ticket.
_BRACKETS = re.compile(r"(?:\[[^\[\]0-9]{1,40}\] ?)+")
_ANSWERED = re.compile(
    r"(?:(?:re|r|aw|antw|sv|vs|odp|res|rif|ynt|atb|回复|答复|回覆|返信)(?:\[\d{1,3}\]|\(\d{1,3}\))? ?: ?)+"
)
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_UNLIKE_ASCII = str.maketrans("łøđıæœ\u2019\u2018\u02bc\u2010\u2011\u2012\u2013\u2014", "lodiao'''-----")
_DATE_DOT = re.compile(r"(?<=\d)\.")
_QUESTION = re.compile("[?\uff1f\u061f]")


def folded(text: str, most: int = MAX_READ) -> str:
    """In lower case, on one line, without accents and without hyphens inside words. Scripts that are written with
    signs, and not with accents, keep them."""
    text = text[:most].casefold()
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(_UNLIKE_ASCII))
        bare = "".join(c for c in plain if not "\u0300" <= c <= "\u036f" and unicodedata.category(c) != "Cf")
        text = unicodedata.normalize("NFC", bare)
    return " ".join(_HYPHEN.sub(" ", text).split())


def _pattern(phrases: Iterable[str], behind: str) -> re.Pattern[str]:
    longest_first = sorted({folded(phrase) for phrase in phrases}, key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})(?:{behind})")


_CLEAR = [*ELSEWHERE, *(phrase for phrases in PHRASES.values() for phrase in phrases)]
_ALL = [*_CLEAR, *(phrase for phrases in UNSURE.values() for phrase in phrases)]
_WHOLE = r"[ .!*)。]*\Z"
_GOES_ON = rf"{_WHOLE}| ?:|[ (]+(?:{'|'.join(map(folded, UNTIL))})\b"
_IN_ANSWER = rf"{_GOES_ON}| ?[-(,.!/|]| re ?:| aw ?:| \d"
_SURE_ALONE = _pattern(_CLEAR, _WHOLE)
_SURE = _pattern(_CLEAR, _GOES_ON)
_ANSWERING = _pattern(_ALL, _IN_ANSWER)
# Chinese and Japanese have no blanks between words, and so no ends of words.
_DECLARED = _pattern(_CLEAR, r"(?![a-z0-9\u0400-\u04ff])")
_MARKED = re.compile(rf"[\[(【\u3014](?:{_SURE_ALONE.pattern.removesuffix(f'(?:{_WHOLE})')}) ?[\])】\u3015]")
_RETURNING = re.compile(
    r"[^:]{2,60} (?:" + "|".join(map(re.escape, map(folded, NAMED))) + r")(?: ?\([^()]{1,60}\))?[ .!]*\Z"
)


def says_away(subject: str, *, answers: bool) -> bool:
    """Is it the subject of an out-of-office mail that declares nothing? `answers` says that it names the mail that it
    answers, as such mails often do.

    Behind a Re: it must be the whole subject: who writes "Re: Automatic reply: Invoice" is a person who got one.
    What stands behind a tag is the ticket's subject; what was passed on is a person's in any case.
    """
    words = folded(subject)
    if _MARKED.match(words):
        return True
    words = _unbracketed(words)
    answered = _ANSWERED.match(words)
    if answered:
        return _SURE_ALONE.match(_unbracketed(words[answered.end() :])) is not None
    if answers and _RETURNING.match(words):
        return True
    return (_ANSWERING if answers else _SURE).match(words) is not None


def mentions_away(subject: str) -> bool:
    """Does it begin so? That is enough for a mail that says itself that a machine sent it."""
    words = folded(subject)
    if _MARKED.match(words) or _RETURNING.match(_unbracketed(words)):
        return True
    words = _unbracketed(words)
    answered = _ANSWERED.match(words)
    return _DECLARED.match(_unbracketed(words[answered.end() :] if answered else words)) is not None


def is_answer(subject: str) -> bool:
    """Does its Re:, AW:, … say that it answers another mail?"""
    return _ANSWERED.match(_unbracketed(folded(subject))) is not None


def begins_away(text: str) -> bool:
    """Does one of the first lines say that its writer is away, or that a machine wrote it?"""
    head = _head(text)
    if _sentences(timed=False).search(head):
        return True
    return any(_TIME.search(line) and _sentences(timed=True).search(line) for line in head.split("\n"))


def is_note(text: str, full_text: str) -> bool:
    """Is it such a note and nothing else, though nothing declares it? People's mail programs quote what they answer,
    and people ask."""
    if len(text) > MAX_NOTE or asks(text) or not begins_away(text):
        return False
    rest = full_text.strip().removeprefix(text.strip()).lstrip()
    return not rest or rest.startswith("--")


def asks(text: str) -> bool:
    return _QUESTION.search(text[:MAX_NOTE]) is not None


def _unbracketed(words: str) -> str:
    found = _BRACKETS.match(words)
    return words[found.end() :] if found else words


def _head(text: str) -> str:
    """The first lines, folded each for itself, without the dots of dates, which end no sentence."""
    lines = [line for line in text[: 2 * MAX_HEAD].split("\n") if line.strip()][:MAX_LINES]
    return _DATE_DOT.sub("", "\n".join(folded(line, MAX_HEAD) for line in lines)[:MAX_HEAD])


@cache
def _sentences(*, timed: bool) -> re.Pattern[str]:
    """One expression of all languages, made when the first mail needs it. Every repetition in it is bounded, and so is
    the text that it searches."""
    found = []
    for language, when in WHEN.items():
        end, blank = ("", " ?") if language in {"ja", "zh"} else (r"\b", " ")
        gap = rf"(?:(?:(?:{_folded(when)}){end}|\d)[^.!?。\n:]{{0,40}}?{blank})?"
        patterns = "|".join(_folded(pattern).replace("~", gap) for pattern in (TIMED if timed else SENTENCES)[language])
        found.append(f"{gap}(?:{patterns})")
    return re.compile(rf"(?:\A|\n|[.!,;:。、)] ?)(?:{'|'.join(found)})")


def _folded(pattern: str) -> str:
    return folded(pattern, len(pattern))


_TIME = re.compile(_folded(TIMES))
