"""HTML of strangers: made harmless, and made into text that keeps its paragraphs, links and quotes."""

from __future__ import annotations

import html as entities
import re
from collections import Counter

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no types

from .hidden import shown_as, tag_hides, without_hidden
from .html_quotes import prepared
from .lines import INTRODUCES, MARKS, QUOTED, RULED, SIGNED, SIGNS, is_marked, unmarked

MAX_HTML = 1_000_000  # characters; nh3 is quadratic in nesting, so both are bounds on time
MAX_TAGS = 20_000
MAX_ENTITIES = 100_000
MAX_NESTING = 2000  # of blocks: browsers show some 500
MAX_QUOTE_DEPTH = 20
MAX_DEPTH = 60  # beyond 255 libxml2 loses text, and long before that nobody sees an indentation
MAX_TEXT = 2_000_000
MAX_PADDED = 50_000_000
MAX_SIGNATURE = 20_000  # characters of one's HTML
MAX_CRUDE = 4 * MAX_HTML  # of what no parser gets

_DROPPED = {"title", "script", "style"}
_ATTRIBUTES = nh3.ALLOWED_ATTRIBUTES | {"*": {"lang", "title", "style", "hidden"}}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_VOID = frozenset({"br", "hr", "img", "col", "wbr", "area", "input"})
_FLAT_TAGS = {"br", "p"}
_QUOTE, _UNQUOTE = "\ue000", "\ue001"  # stand for a quote's ends on their way through inscriptis

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^<>]*>")
_ANCHOR = re.compile(r'<a(?: href="([^"<>]*)")?[^<>]*>|</a>')
_BLOCK = re.compile(
    r"(?i)<(/?)(div|blockquote|table|ul|ol|dl|center|section|article|aside|main|nav|header|footer|address|details"
    r"|fieldset|figure|form|pre)\b"
)
_BREAKS = re.compile(r"(?i)/?(?:p|div|br|tr|li|h[1-6]|blockquote|table|ul|ol|pre)\b")
_CELLS = re.compile(r"</?(?:t[a-z]+|p|div|br|li|ul|ol|pre|h[1-6]|blockquote|hr|center)\b[^<>]*>")
_NAMED = re.compile(r"(/?)([A-Za-z][A-Za-z0-9]*)")
_HIDDEN = re.compile(r"(?i)(script|style|title|head)\b")
# Outlook's blank line: nothing but a hard space in a block.
_BLANK = re.compile(
    r"(<(?:div|p)\b[^<>]*>[ \n]*+(?:<(?:span|font|b|i|u|strong|em)\b[^<>]*>[ \n]*+)*+)(?:&nbsp;|\xa0|\s)++"
    r"(?=(?:</(?:span|font|b|i|u|strong|em)>\s*+)*+</(?:div|p)>)"
)
_BLANK_LINES = re.compile(r"\n{3,}")
_CONFIG = ParserConfig(css=STRICT_CSS_PROFILE)


def too_big(html: str) -> bool:
    tags = html.count("<")
    if len(html) > MAX_HTML or tags > MAX_TAGS or html.count("&") > MAX_ENTITIES:
        return True
    return tags > MAX_NESTING and _nested_too_deeply(html)


def _nested_too_deeply(html: str) -> bool:
    """Blocks within blocks: an end counts for its own kind only, as it does for a browser."""
    opened: Counter[str] = Counter()
    depth = 0
    for match in _BLOCK.finditer(html):
        tag = match[2].lower()
        if not match[1]:
            opened[tag] += 1
            depth += 1
            if depth > MAX_NESTING:
                return True
        elif opened[tag]:
            opened[tag] -= 1
            depth -= 1
    return False


def sanitise(html: str) -> str:
    """The same without anything that runs, loads or tracks; "" when it is over the bounds."""
    return "" if too_big(html) else _harmless(html)


def _harmless(html: str) -> str:
    if not html.strip():
        return ""
    kept = nh3.clean(
        html, attributes=_ATTRIBUTES, clean_content_tags=_DROPPED, url_schemes=_SCHEMES, attribute_filter=_attribute
    )
    return without_hidden(kept)


def sanitise_marked(html: str) -> str:
    """The same with the marks of `html_quotes`, but for HTML that they would push over the bounds."""
    marked = prepared(html)
    return sanitise(unmarked(html)) if too_big(marked) else _harmless(marked)


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Only pictures that came with the mail: any other one tells its sender that it was read. Of a style whether it
    shows anything, for `without_hidden`."""
    if name == "style":
        return shown_as(value)
    if name in {"src", "background", "poster", "srcset"} or (tag == "img" and name == "longdesc"):
        return value if value.lower().startswith("cid:") else None
    return value


def html_to_text(html: str) -> str:
    """Text of any HTML. Quotes (`<blockquote>`, Gmail's among them) become lines with `> `."""
    if not html.strip():
        return ""
    if too_big(html):
        return _crude(html)
    safe = sanitise_marked(html)
    return unmarked(safe_to_text(safe) or _crude(safe))


def safe_to_text(html: str) -> str:
    """Text of what `sanitise` made. The marks of `html_quotes` stand before the lines that they tell of."""
    for mark in (_QUOTE, _UNQUOTE):
        html = html.replace(mark, "")
    html = _BLANK.sub(r"\1<br>", _readable_links(html)).replace("<hr>", "<div></div>")
    html = re.sub(r"<blockquote[^<>]*>", f"<div>{_QUOTE}</div>", html).replace(
        "</blockquote>", f"<div>{_UNQUOTE}</div>"
    )
    if _depth(html) > MAX_DEPTH or _padding(html) > MAX_PADDED:
        html = nh3.clean(re.sub(r"</?(?:div|tr|li|td)\b[^<>]*>", "<br>", html), tags=_FLAT_TAGS, attributes={})
    try:
        text = get_text(f"<html><body>{html}</body></html>", _CONFIG)
    except (LxmlError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The layout of a stranger's HTML was too much for it; the caller gets the words without one.
        return ""
    return _quoted_lines(text)


def signature_in(html: str) -> str:
    """Text of what `sanitise_marked` has marked as the first signature; "" for none."""
    start = html.find(SIGNS)
    if start < 0:
        return ""
    found = (html.find(end, start) for end in (SIGNED, INTRODUCES, "<blockquote"))
    end = min((place for place in found if place >= 0), default=len(html))
    return unmarked(safe_to_text(html[start:end])) if end - start <= MAX_SIGNATURE else ""


def below_quote_in(html: str) -> str:
    """Text of what stands below the quote whose end `sanitise_marked` has marked, where a rule with words begins it, as
    it begins what Gmail passes on; "" for none. Within what another client passes on it would be its writer's."""
    start, end = html.find(INTRODUCES), html.rfind(QUOTED)
    if not 0 <= start < end or html.find(INTRODUCES, end) >= 0 or len(html) - end > MAX_SIGNATURE:
        return ""
    quoted = unmarked(safe_to_text(html[start : min(end, start + MAX_SIGNATURE)])).lstrip()
    return unmarked(safe_to_text(html[end:])) if quoted.startswith(RULED) else ""


def _padding(html: str) -> int:
    """At most so many characters become of its tables: each line of a cell is padded to its column's width."""
    tables = html.count("<table")
    if not tables:
        return 0
    runs = _CELLS.split(html)
    width = sum(map(len, runs))
    if tables == 1:  # in a table within another columns add up
        columns = max(row.count("<td") + row.count("<th") for row in html.split("<tr"))
        width = min(width, columns * max(map(len, runs)))
    return width * (len(runs) + html.count("\n"))


def _depth(html: str) -> int:
    depth = deepest = 0
    for match in _TAG.finditer(html):
        if match[1]:
            depth -= 1
        elif match[2] not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _readable_links(html: str) -> str:
    """Write a link's target behind its words, unless the words are the target."""
    out: list[str] = []
    target = ""
    end = 0
    for match in _ANCHOR.finditer(html):
        words = html[end : match.start()]
        out.append(words)
        end = match.end()
        if not match[0].startswith("</"):
            target = match[1] or ""
            continue
        bare = target.removeprefix("mailto:").removeprefix("tel:").rstrip("/")
        if target.startswith(("http", "mailto:")) and bare.split("://")[-1] not in words and words.strip():
            out.append(f" &lt;{target.removeprefix('mailto:')}&gt;")
    out.append(html[end:])
    return "".join(out)


def _quoted_lines(text: str) -> str:
    depth = 0
    out: list[str] = []
    marks = ""  # of the next line that has words
    for full in text.split("\n"):
        line = full
        if is_marked(line):
            marks += "".join(c for c in line if c in MARKS)
            line = unmarked(line)
            if not line.strip():
                continue
        words = line.replace(_QUOTE, "").replace(_UNQUOTE, "").rstrip()
        begins, ends = line.count(_QUOTE), line.count(_UNQUOTE)
        depth += begins
        prefix = ">" * min(max(depth, 0), MAX_QUOTE_DEPTH)
        if words or not (begins or ends):
            front, marks = (marks, "") if words else ("", marks)
            # A quote within one, or its signature, is its writer's.
            out.append(f"{prefix} {words}".rstrip() if prefix else front + words)
        depth -= ends
    joined = "\n".join(out).replace("\xa0", " ")
    return _BLANK_LINES.sub("\n\n", joined).strip("\n")


def _crude(html: str) -> str:
    """Text between the tags, for HTML that is too big or too broken for a parser. Linear."""
    out: list[str] = []
    hidden = ""
    within = size = 0
    first, *chunks = html[:MAX_CRUDE].split("<")
    out.append(first)
    for chunk in chunks:
        tag, closed, words = chunk.partition(">")
        named = _NAMED.match(tag)
        name = named[2].lower() if named else ""
        if hidden:
            within += 0 if name != hidden else -1 if named and named[1] else 1
            if within:
                continue
            hidden = ""
        elif _HIDDEN.match(tag) or (name and name not in _VOID and tag_hides(tag)):
            hidden, within = name, 1
            continue
        if not closed:
            words = ""
        if _BREAKS.match(tag):
            out.append("\n")
        out.append(words)
        size += len(words)
        if size > MAX_TEXT:
            break
    text = entities.unescape("".join(out)).replace("\xa0", " ").replace("\r", "\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip("\n")
