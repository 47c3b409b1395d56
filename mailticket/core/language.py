"""Which language a mail is in: what its head says, what is known of its writer, or what its new words show.

The words are read by lingua, an extra (`mailticket[lang]`), and only in the reader. Without it the head and the record
say it, and of the words no more than the two scripts that one language alone has.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from .common_words import WORDS
from .known import Person
from .types import ParsedMail

if TYPE_CHECKING:
    from collections.abc import Callable

# ISO 639-1. What the words are taken for is one of these, or not known.
LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "pl", "cs", "sk", "sl", "ro"),
    *("nl", "sv", "da", "fi", "nb", "ru", "uk", "ja", "zh", "ko", "tr"),
)
# Neighbours that would be taken for one of those: lingua chooses among what it is asked about.
NEIGHBOURS = ("hr", "hu", "bg", "et", "lt", "lv", "ca", "be", "nn")
SURE = 0.85  # in a trial of 50 texts every wrong answer was less sure
MAX_TEXT = 4000  # characters that are looked at
MAX_WORDS = 500  # characters of words that are asked about
MANY = 8  # words, two of which are common ones
FEWEST = 3  # letters of a script
_SAME = {"no": "nb", "nn": "nb"}  # a customer who writes either Norwegian reads the other
# Danish and Norwegian differ in words more than in letters, and lingua is sure of either: these decide between the two.
TELLING: dict[str, str] = {
    "da": "mig dig sig af jer efter nogle noget nogen hvad nu jeres meget bliver været lige kun gerne uge",
    "nb": "meg deg seg av dere etter noen noe hva nå deres mye blir vært bare gjerne uke",
}

_TELLING = {code: frozenset(words.split()) for code, words in TELLING.items()}
_TAG = re.compile(r"([a-z]{2})(?:-[a-z0-9-]*)?")
# Addresses, links, file names, numbers, and what machines call things: the same in every language.
_RUN = re.compile(r"[!-~]+")
_NO_WORD = re.compile(r"://|www\.|[@/\\_=\d]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_WORD = re.compile(r"[^\W\d_]+")
_LETTER = re.compile(r"[^\W\d_]")


def language_of(mail: ParsedMail) -> str:
    """The mail's own: as its head says, else as its words show; "" where neither is sure."""
    return _declared(mail) or mail.language


def language_for(mail: ParsedMail, writer: Person | None) -> str:
    """The language to write to its writer in; "" where nothing tells it."""
    return _declared(mail) or (writer.language if writer else "") or mail.language


def learned(mail: ParsedMail, writer: Person | None) -> str:
    """What a mail teaches of its writer's language; "" for nothing new. What is known gives way only where head and
    words agree: a program's language is not always a person's."""
    known = writer.language if writer else ""
    found = language_of(mail)
    sure = not known or _declared(mail) == mail.language
    return found if sure and found != known else ""


def _declared(mail: ParsedMail) -> str:
    """Of Content-Language, where it names one language."""
    tags = (_TAG.fullmatch(tag.strip()) for tag in mail.header("content-language")[:200].lower().split(","))
    named = {_SAME.get(found[1], found[1]) for found in tags if found}
    return named.pop() if len(named) == 1 else ""


def with_language(mail: ParsedMail) -> ParsedMail:
    """With the language of its new words: of a mail that is passed on, the forwarder's where they are enough. It
    takes as long as all the rest of a small mail, and of a machine's report nobody asks."""
    if mail.bounce is not None:
        return mail
    passed = mail.forwarded
    found = (detect(f"{passed.above}\n{passed.below}") or detect(passed.text)) if passed else detect(mail.written)
    return replace(mail, language=found) if found else mail


def detect(text: str) -> str:
    """The language of a mail's new words; "" where it is not sure."""
    words = " ".join(line for line in text[:MAX_TEXT].split("\n") if not line.startswith(">"))
    words = _words_alone(words)[:MAX_WORDS]
    letters = len(_LETTER.findall(words))
    for script, language in ((_KANA, "ja"), (_HANGUL, "ko")):
        found = len(script.findall(words))
        # Japanese has Chinese characters between its own; a name in a foreign script makes no foreign text.
        if found >= FEWEST and found * (5 if language == "ja" else 2) >= letters:
            return language
    ask = detector() if letters >= FEWEST else None
    if ask is None:
        return ""
    sure = {str(one.language.iso_code_639_1.name).lower(): float(one.value) for one in ask(words)}
    best = max(sure, key=lambda code: sure[code])
    if best in TELLING and (told := _told_apart(words)):
        sure[told] = sum(sure[code] for code in TELLING)
        best = told
    return best if sure[best] >= SURE and best in LANGUAGES and _shown(best, words) else ""


def _words_alone(text: str) -> str:
    if text.isascii():
        return " ".join(run for run in text.split() if not _NO_WORD.search(run))
    return _RUN.sub(lambda run: " " if _NO_WORD.search(run[0]) else run[0], text)


def _shown(code: str, words: str) -> bool:
    """Whether the words have what hardly a sentence of that language is without, and not more of another's."""
    if code not in WORDS:
        return True
    said = set(_WORD.findall(words.casefold()))
    counts = {one: len(said & common) for one, common in WORDS.items()}
    return counts[code] >= max(1 + (len(said) >= MANY), *counts.values())


def _told_apart(words: str) -> str:
    """Which of the Northern languages has more of its words here; "" for neither."""
    said = _WORD.findall(words.casefold())
    counts = {code: sum(word in telling for word in said) for code, telling in _TELLING.items()}
    most = max(counts, key=lambda code: counts[code])
    return most if counts[most] > min(counts.values()) else ""


def warm_up() -> None:
    """Load what lingua knows, which it does at its first question: half a second that no mail should pay for."""
    for words in ("the printer is broken since this morning", "принтер сломался сегодня утром"):
        detect(words)


@cache
def detector() -> Callable[[str], Any] | None:
    """Lingua's question, None where it is not installed. The reader asks for it before it bounds its memory."""
    try:
        import lingua  # noqa: PLC0415 - an extra of 95 MB that the reader alone needs
    except ImportError:
        return None
    codes = [getattr(lingua.IsoCode639_1, code.upper()) for code in (*LANGUAGES, *NEIGHBOURS)]
    builder = lingua.LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    return builder.with_low_accuracy_mode().build().compute_language_confidence_values
