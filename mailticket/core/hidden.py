"""What an HTML mail hides from who reads it: nobody has seen that, so it is no part of its words, and no command.

The sanitiser asks `shown_as` of each style, and keeps the answer in its place; it writes every tag and its end.
"""

from __future__ import annotations

import html as entities
import re

HIDDEN, TINY, SIZED = "hidden", "tiny", "sized"
"""Not shown with all that is in it; its letters are of no size; they are of some."""

_NOTHING = r"\s*:\s*[+-]?0*(?:\.0*)?(?:px|pt|em|rem|ex|ch|cm|mm|in|pc|vh|vw|%)?\s*(?:;|!|$)"
_HIDES = re.compile(
    rf"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|\bopacity{_NOTHING}|(?<![\w-])color\s*:\s*transparent"
    r"|(?<![\w-])(?:left|top|right|text-indent|margin-left)\s*:\s*-\d{4}"  # less is layout
)
_NO_ROOM = re.compile(rf"(?<![\w-])(?:max-)?(?:height|width){_NOTHING}")
_CLIPS = re.compile(r"overflow(?:-[xy])?\s*:\s*(?:hidden|clip)")
_TINY = re.compile(rf"font-size{_NOTHING}|(?<![\w-])font\s*:[^;:]*\s0(?:px|pt|em)?[\s/;]")
_SIZED = re.compile(r"(?<![\w-])font(?:-size)?\s*:")
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?")
_LAST_LETTER = 0x10FFFF
_MOST = 4000  # characters of a style that are looked at
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^<>]*)>")
_SAID = re.compile(r' style="([a-z]+)"| (hidden)="[^"<>]*"')
_VOID = frozenset({"br", "hr", "img", "col", "wbr", "area", "input"})
_IN_TAG = re.compile(r"""(?i)\bstyle\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))|\s(hidden)(?=[\s=/]|$)""")


def shown_as(style: str) -> str | None:
    """One of the three, None where it says nothing of that."""
    first, *commented = style[:_MOST].lower().split("/*")
    style = _ESCAPE.sub(_letter, first + "".join(one.partition("*/")[2] for one in commented))
    if _HIDES.search(style) or (_NO_ROOM.search(style) and _CLIPS.search(style)):
        return HIDDEN
    if _TINY.search(style):
        return TINY
    return SIZED if _SIZED.search(style) else None


def tag_hides(tag: str) -> bool:
    """The same of a tag as it came."""
    found = _IN_TAG.search(tag)
    if found is None:
        return False
    style = next((one for one in found.groups()[:3] if one), "")
    return found[4] is not None or shown_as(entities.unescape(style)) in {HIDDEN, TINY}


def without_hidden(html: str) -> str:
    """Of sanitised HTML what is shown."""
    if ' style="' not in html and " hidden=" not in html:
        return html
    out: list[str] = []
    seen = [True]  # of each open element, whether its letters can be seen
    hidden = 0  # elements within one that is not shown, itself counted
    end = 0
    for match in _TAG.finditer(html):
        words, end = html[end : match.start()], match.end()
        if not hidden and (seen[-1] or not words.strip()):
            out.append(words)
        closes, name, rest = match.groups()
        if hidden:
            hidden += 0 if name in _VOID else -1 if closes else 1
            continue
        said = "" if closes else next((a or b for a, b in _SAID.findall(rest)), "")
        if name not in _VOID:
            if closes:
                seen[1:] = seen[1:-1]
            elif said != HIDDEN:
                seen.append(said == SIZED or (seen[-1] and said != TINY))
        hidden = int(said == HIDDEN and name not in _VOID)
        if said != HIDDEN:
            out.append(f"<{closes}{name}{_SAID.sub('', rest)}>")
    out.append(html[end:])
    return "".join(out)


def _letter(found: re.Match[str]) -> str:
    return chr(min(int(found[1], 16), _LAST_LETTER))
