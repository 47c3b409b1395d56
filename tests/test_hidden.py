"""What a page hides is no part of a mail's words, and no command; what only looks like it is kept."""

from __future__ import annotations

import pytest
from answering import answer, only_html

from mailticket.core.hidden import shown_as
from mailticket.core.html import MAX_TAGS, html_to_text

HIDING = [
    '<div style="display:none">#close</div>',
    '<div style="color:red; DISPLAY : NONE !important">#close</div>',
    '<div style="display&#58;none">#close</div>',
    "<div style=display:none>#close</div>",
    '<div title=">" style="display:none">#close</div>',
    '<div style="dis/* x */play:none">#close</div>',
    '<div style="d\\69 splay:none">#close</div>',
    "<div hidden>#close</div>",
    '<div style="visibility:hidden">#close</div>',
    '<div style="opacity:0.0">#close</div>',
    '<div style="max-height:0px;overflow:hidden">#close</div>',
    '<div style="font-size:0px;line-height:0"><b>#close</b></div>',
    '<div style="position:absolute;left:-9999px">#close</div>',
    '<div style="color:transparent">#close</div>',
    '<div style="display:none"><div><div>#close</div></div>#close</div>',
    '<div style="display:none"><p>#close<p>#close<br>#close</div>',
    '<p style="display:none">#close<p>',
    '<table style="display:none"><tr><td>#close</td></tr></table>',
]
SHOWN = [
    '<div style="font-size:14px">#close</div>',
    '<div style="font-size:0"><div style="font-size:14px">#close</div></div>',
    '<div style="font-size:0.9em;opacity:0.5">#close</div>',
    '<div style="display:inline-block;max-height:0.5em;overflow:hidden">#close</div>',
    '<div style="background-color:transparent;margin-left:-10px">#close</div>',
    '<div style="mso-hide:all">#close</div>',
    '<div style="min-width:0;overflow:hidden">#close</div>',
    '<div style="border-width:0;outline-width:0;line-height:0;overflow:hidden">#close</div>',
    '<div style="margin-left:-100px;position:relative;left:-120px">#close</div>',
    '<br style="display:none"><div>#close</div>',
    '<div style="display:none">x</div><div>#close</div>',
]


@pytest.mark.parametrize("html", HIDING)
@pytest.mark.parametrize("below", ["<p>Words</p>", ""])
def test_nobody_sees_it_and_nothing_follows_from_it(html, below):
    assert html_to_text(html + below) == ("Words" if below else "")
    got = answer(only_html(html + below))
    assert got.text == ("Words" if below else "")
    assert "close" not in got.raw.decode()


@pytest.mark.parametrize("html", SHOWN)
def test_what_is_shown_is_read(html):
    assert html_to_text(html) == "#close"


@pytest.mark.parametrize("html", HIDING[:4])
def test_it_is_hidden_in_a_page_that_is_too_big_for_a_parser_too(html):
    assert html_to_text(f"{html}{'<br>' * (MAX_TAGS + 1)}<p>Words</p>") == "Words"


@pytest.mark.parametrize("style", ["/*" * 500_000, "font:" * 200_000, "display " * 100_000, "opacity:" + "1" * 900_000])
def test_a_megabyte_of_style_is_bounded_work(style):
    assert shown_as(style) in {None, "sized"}
