"""What each client's HTML tells of a quote and a signature, brought into the text as marks. The table grows by a row.

Classes and ids do not outlive the sanitiser, so `prepared` goes over the HTML before it.
"""

from __future__ import annotations

import html as entities
import re
from typing import NamedTuple

from .lines import INTRODUCES, MARKS, QUOTED, SIGNED, SIGNS, is_marked, unmarked


class Cue(NamedTuple):
    """`needle` is in any HTML of the client; `pattern` in its tag, from the name on, with double quotes."""

    client: str
    mark: str
    needle: str
    pattern: str


CUES: tuple[Cue, ...] = (
    Cue("Gmail", INTRODUCES, "gmail_quote", r'class="?[^">]*\bgmail_quote\b'),
    Cue("Gmail", INTRODUCES, "gmail_attr", r'class="?[^">]*\bgmail_attr\b'),
    Cue("Gmail", SIGNS, "gmail_signature", r'class="?[^">]*\bgmail_signature\b'),
    Cue("Outlook, web and mobile", INTRODUCES, "divRplyFwdMsg", r'id="?(?:x_)*divRplyFwdMsg\b'),
    Cue("Outlook, web", INTRODUCES, "appendonsend", r'id="?(?:x_)*appendonsend\b'),
    Cue("Outlook, web", SIGNS, "Signature", r'id="?(?:x_)*Signature\b'),
    Cue("Outlook, mobile", INTRODUCES, "reference-message", r'id="?(?:x_)*mail-editor-reference-message-container\b'),
    Cue("Outlook, mobile", SIGNS, "outlook-mobile", r'id="?(?:x_)*ms-outlook-mobile-signature\b'),
    Cue(
        "Outlook, desktop",
        INTRODUCES,
        "border-top",
        r"border:\s*none;\s*border-top:\s*solid\s+#\w{6}\s+1\.0pt;\s*padding:\s*3\.0pt",
    ),
    Cue("Outlook, desktop", SIGNS, "_MailAutoSig", r'^a\b.*name="?_MailAutoSig\b'),
    Cue("Outlook, 2003 and web", INTRODUCES, "tabindex", r'^hr\b.*tabindex="?-1\b'),
    Cue("Hotmail", INTRODUCES, "stopSpelling", r'^hr\b.*id="?stopSpelling\b'),
    Cue(
        "Windows Mail",
        INTRODUCES,
        "border-top-color",
        r"padding-top:\s*5px;\s*border-top-color:\s*rgb\(229, ?229, ?229\)",
    ),
    Cue("Apple Mail", SIGNS, "AtBeginningOfSignature", r'id="?lineBreakAtBeginningOfSignature\b'),
    Cue("Thunderbird", INTRODUCES, "moz-cite-prefix", r'class="?[^">]*\bmoz-cite-prefix\b'),
    Cue("Thunderbird", INTRODUCES, "moz-forward", r'class="?[^">]*\bmoz-forward-container\b'),
    Cue("Thunderbird", SIGNS, "moz-signature", r'class="?[^">]*\bmoz-signature\b'),
    Cue("Yahoo", INTRODUCES, "yahoo_quoted", r'(?:id|class)="?[^">]*yahoo_quoted'),
    Cue("Proton Mail", INTRODUCES, "protonmail_quote", r'class="?[^">]*\bprotonmail_quote\b'),
    Cue("Proton Mail", SIGNS, "protonmail_sig", r'class="?[^">]*\bprotonmail_signature_block\b'),
    Cue("GMX and web.de", INTRODUCES, "quote", r'name="?quote\b'),
    Cue("Spark", INTRODUCES, "messageReplySection", r'name="?messageReplySection\b'),
    Cue("Spark", SIGNS, "messageSignatureSection", r'name="?messageSignatureSection\b'),
    Cue("Zimbra", INTRODUCES, "data-marker", r'data-marker="?__(?:QUOTED_TEXT|HEADERS)__'),
    Cue("Zimbra", SIGNS, "data-marker", r'data-marker="?__SIG_(?:PRE|POST)__'),
    Cue("Zoho", INTRODUCES, "zmail_extra", r'class="?[^">]*\bzmail_extra\b'),
    Cue("Roundcube", INTRODUCES, "reply-intro", r'id="?reply-intro\b'),
    Cue("Open-Xchange", SIGNS, "io-ox-signature", r'class="?[^">]*\bio-ox-signature\b'),
    Cue("Samsung", SIGNS, "composer_signature", r'id="?composer_signature\b'),
)
MAX_CARRIED = 4000  # characters of HTML behind a mark, whose first words are looked for in the plain text
FEWEST_WORDS, MOST_WORDS = 2, 6

MAX_TAG = 2000  # characters of one that are looked at
_HINTS = ("Mso", "margin", "<blockquote")
_ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^<>]*)>", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img"})
# Paragraphs that are lines: Outlook's, and those that say so. Elsewhere a blank line is between two.
_NOTHING = r"\.?0(?:\.?0+1?)?(?:px|pt|cm|in|em)?(?![\w.%])"
_TIGHT = re.compile(
    rf"\bMso(?:Normal|PlainText)\b|\bmargin-bottom:\s*{_NOTHING}|\bmargin:\s*{_NOTHING}(?:\s+{_NOTHING}){{0,3}}(?!\s*[\d.])",
    re.IGNORECASE,
)
_INDENT = re.compile(r"border:\s*(?:none|0|medium none|currentcolor)[^\"]*", re.IGNORECASE)
_CITED = re.compile(r"type=|class=|cite=|border-left", re.IGNORECASE)
_NOT_WORDS = re.compile(r"[\s<>*_|\[\]()]+")
_MARKED_LINE = re.compile(f"<div>[{''.join(sorted(MARKS))}]+</div>")
_HOLDS = re.compile(CUES[0].pattern, re.IGNORECASE)  # all that is quoted, where it is of a <div>
_TAG = re.compile(r"<[^<>]*>")


class _Open(NamedTuple):
    """An element, and how deep in others of its name the reader is."""

    name: str
    depth: int

    def after(self, name: str, end: str) -> _Open | None:
        """After one more tag; None where that was its own end."""
        if name != self.name:
            return self
        depth = self.depth + (-1 if end else 1)
        return _Open(name, depth) if depth else None


def prepared(html: str) -> str:
    """The HTML with marks, with Outlook's paragraphs as the lines that they are, and what only indents as no quote."""
    html = unmarked(html)
    cues = [(re.compile(cue.pattern, re.IGNORECASE), cue.mark) for cue in CUES if cue.needle in html]
    if not cues and not any(hint in html for hint in _HINTS):
        return html
    out: list[str] = []
    end = 0
    walk = _Walk(cues)
    for match in _ELEMENT.finditer(html):
        out += (html[end : match.start()], walk.element(match))
        end = match.end()
    out.append(html[end:])
    return "".join(out)


class _Walk:
    """One over the tags."""

    def __init__(self, cues: list[tuple[re.Pattern[str], str]]) -> None:
        self.cues = cues
        self.signature: _Open | None = None
        self.quote: _Open | None = None  # the first one, where it is in no other
        self.introduced = False  # by any mark
        self.tight = False  # in a paragraph that has become a line
        self.indents: list[bool] = []  # the open block quotes, whether they only indent

    def element(self, match: re.Match[str]) -> str:
        """What stands for a tag."""
        name = match[2].lower()
        tag = self._tag(name, match)
        if self.quote:
            self.quote = self.quote.after(name, match[1])
            tag += "" if self.quote else _line(QUOTED)
        if self.signature and name == self.signature.name:
            self.signature = self.signature.after(name, match[1])
            return tag if self.signature else f"{tag}{_line(SIGNED)}"
        if match[1] or not match[3] or name == "blockquote":
            return tag
        mark = self._mark(f"{name}{match[3]}")
        if not mark:
            return tag
        if mark == INTRODUCES and not self.introduced:
            self.introduced = True
            if name == "div" and all(self.indents) and _HOLDS.search(match[3][:MAX_TAG].replace("'", '"')):
                self.quote = _Open(name, 1)
        stands_before = name in _VOID or name == "a"  # Outlook's bookmark is around the first line alone
        if mark == SIGNS and not stands_before:
            self.signature = _Open(name, 1)
        # Before it where nothing can stand in it, else on a line of its own within.
        return f"{_line(mark)}{tag}" if stands_before else f"{tag}{_line(mark)}"

    def _mark(self, tag: str) -> str:
        tag = tag[:MAX_TAG].replace("'", '"')
        return next((mark for pattern, mark in self.cues if pattern.search(tag)), "")

    def _tag(self, name: str, match: re.Match[str]) -> str:
        if name == "p":
            return self._paragraph(match)
        if name != "blockquote":
            return match[0]
        if match[1]:
            return "</div>" if self.indents and self.indents.pop() else match[0]
        self.indents.append(bool(_INDENT.search(match[3])) and not _CITED.search(match[3]))
        return "<div>" if self.indents[-1] else match[0]

    def _paragraph(self, match: re.Match[str]) -> str:
        before = "</div>" if self.tight else ""  # a paragraph ends where the next one begins
        if match[1]:
            self.tight = False
            return before or match[0]
        self.tight = bool(_TIGHT.search(match[3]))
        return before + (f"<div{match[3]}>" if self.tight else match[0])


def _line(marks: str) -> str:
    return f"<div>{marks}</div>"


def without_marks(html: str) -> str:
    """The sanitised HTML as it is kept."""
    return unmarked(_MARKED_LINE.sub("", html)) if is_marked(html) else html


def carried(plain: str, html: str) -> str:
    """The plain text of a mail, marked where its HTML marks a quote that the text alone does not show."""
    place = html.find(INTRODUCES)
    if place < 0 or "\n>" in plain:
        return plain
    first = _words(entities.unescape(_TAG.sub(" ", html[place : place + MAX_CARRIED])))[:MOST_WORDS]
    if len(first) < FEWEST_WORDS:
        return plain
    lines = plain.split("\n")
    found = [n for n, line in enumerate(lines) if first[0] in line and _begins(_words(line), first)]
    if len(found) != 1:
        return plain
    lines[found[0]] = INTRODUCES + lines[found[0]]
    return "\n".join(lines)


def _begins(words: list[str], first: list[str]) -> bool:
    """A line of the block is all of its words, or all that the HTML has of them so far."""
    return len(words) >= FEWEST_WORDS and all(a == b for a, b in zip(words, first, strict=False))


def _words(text: str) -> list[str]:
    return [word for word in _NOT_WORDS.split(unmarked(text[:MAX_CARRIED])) if word]
