"""Mails as a browser shows them on a screen of some width, light or dark: what is wrong with each, and a picture."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path

from browser import glance

SCRIPT = Path(__file__).with_name("screens.js").read_text("utf-8")
FOUND = re.compile(r'<pre id="found"[^>]*>(.*?)</pre>', re.DOTALL)
GAP = 16  # px between two mails of a picture,
SIZE = (4_000, 12_000)  # px of one, in whose columns they stand;
UNSEEN = (800, 600)  # where none is wanted
PAGE = """\
<!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><style>
body {{ margin: 0; display: flex; flex-wrap: wrap; gap: {gap}px; align-items: start }}
figure {{ margin: 0; width: {width}px; font: 14px sans-serif }} iframe {{ border: 0; width: {width}px; display: block }}
</style></head><body>{mails}<pre id="found" hidden></pre><script>{script}</script></body></html>
"""
MAIL = '<figure><figcaption>{name}</figcaption><iframe title="{name}" srcdoc="{mail}"></iframe></figure>\n'


def wrong_in(mails: Mapping[str, str], width: int, *, dark: bool, picture: Path | None = None) -> dict[str, list[str]]:
    """What a reader would complain of in each, by the mails' names. All of them are on one page, each in a frame of
    that width, which is its screen."""
    framed = "".join(MAIL.format(name=escape(name), mail=escape(mail)) for name, mail in mails.items())
    page = PAGE.format(gap=GAP, width=width, mails=framed, script=SCRIPT)
    (found,) = FOUND.findall(glance(page, size=SIZE if picture else UNSEEN, dark=dark, picture=picture))
    return dict(json.loads(unescape(found)))
