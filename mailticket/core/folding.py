"""Words as they are compared: capitals, accents and other marks on letters do not count, in any language."""

from __future__ import annotations

import re
import unicodedata

# Letters that are no letter with a mark on it, as far as Unicode goes: a keyboard without them writes these.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)
# Accents and points. Not the signs that write a vowel of an Indian or Thai word, nor those that voice a kana.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Chinese, Japanese, Korean, Thai, Lao, Burmese and Khmer: where a word begins and ends is not written, or (Korean)
# what stands at its end is no part of it.
_BLANKLESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def folded(text: str) -> str:
    """In lower case, without marks: Łódź is lodz, Straße strasse, and the four i of Turkish are one."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", apart)))


def searchable(text: str) -> str:
    """Folded, and each letter of a script without blanks a word of its own: a run of them is looked for as a phrase,
    and so found wherever it stands in a sentence."""
    plain = _UNSTORABLE.sub(" ", folded(text))
    return plain if plain.isascii() else _BLANKLESS.sub(r" \g<0> ", plain)


def has_word(plain: str) -> bool:
    """Is there anything to look for: a letter or a digit?"""
    return any(unicodedata.category(c)[0] in "LN" for c in plain)
