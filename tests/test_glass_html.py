"""Whatever HTML an agent's mail has, nothing crosses in it that does not cross as text: an attacker's eyes."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from itertools import cycle
from urllib.parse import quote

import pytest
from answering import OUR_ID, REF, REPLY_TO, alternative, answer, only_html
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import ANNA
from worlds import BORIS, POLICY

HIDING = replace(POLICY, departments=tuple(replace(one, hide_agents=True) for one in POLICY.departments))
ADDRESSES = [ANNA.address.title(), BORIS.address, REPLY_TO, OUR_ID.strip("<>")]
NOTE = "zzsecretzz"
TRACKER = "tracker.example"


def spellings(secret: str) -> list[str]:
    """As HTML and links may write it."""
    local, _, domain = secret.partition("@")
    return [
        secret,
        quote(secret, safe=""),
        quote(quote(secret, safe=""), safe=""),
        "".join(f"&#{ord(letter)};" for letter in secret),
        f"{local}<b></b>@<i>{domain}</i>",
        f"{local}@{domain[:4]}<span>{domain[4:]}</span>",
        f"{local}\u200b@{domain}",
        f"<{secret}>",
    ]


PLACES = [
    "<p>{}</p>", "<!-- {} -->", '<a href="mailto:{}">x</a>', '<a href="https://acme.example/?to={}">x</a>',
    '<img src="https://tracker.example/{}.gif" alt="{}" title="{}" width="1" height="1">', '<p title="{}" id="{}"></p>',
    '<p style="display:none">{}</p>', '<span style="font-size:0">{}</span>', '<div data-x="{}" class="{}"></div>',
    '<img src="cid:{}">', "<style>{}</style>", "<script>{}</script>", "<title>{}</title>", "<svg><text>{}</text></svg>",
    '<input value="{}">', "<template>{}</template>", "<noscript>{}</noscript>", "<textarea>{}</textarea>",
    '<td background="https://tracker.example/{}"></td>', '<img src="//tracker.example">', "<math><mi>{}</mi></math>",
    '<table summary="{}"><tr><td abbr="{}" colspan="{}"></td></tr></table>', '<q cite="https://{}"></q>',
    "<blockquote cite='mid:{}'></blockquote>", '<ol start="{}"><li></li></ol>', "<![CDATA[{}]]>", "<?xml {} ?>",
    "<b {}=1></b>", "<{}></{}>", '<a href="mailto:{}"></a>',
]  # fmt: skip


def crossed(raw: bytes) -> str:
    """All that a customer's client could read of a mail, encoded or not, with and without its tags."""
    got = answer(raw, HIDING)
    return "\n".join([got.raw.decode(), got.text, got.html, re.sub(r"<[^<>]*>|\u200b", "", got.html)]).lower()


def assert_nothing_of(secret: str, text: str) -> None:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    for form in (secret, quote(secret, safe=""), encoded):
        assert form.lower() not in text


@pytest.mark.parametrize("place", PLACES)
def test_html_around_known_words_brings_nothing_else_across(place):
    """The text part says what crosses; the HTML beside it says more, somewhere."""
    around = cycle(("<p>Pull the plug.</p>{}", "{}<p>Pull the plug.</p>", "<p>Pull {}the plug.</p>"))
    for secret in (NOTE, *ADDRESSES):
        for form in spellings(secret)[::3]:
            html = next(around).replace("{}", place.replace("{}", form))
            text = crossed(alternative("Pull the plug.\n", html))
            assert "pull the plug." in text
            assert_nothing_of(secret, text)
            assert TRACKER not in text


@pytest.mark.parametrize("place", PLACES)
def test_html_alone_brings_no_address_and_no_tracker_across(place):
    for secret in ADDRESSES:
        for form in spellings(secret)[:6:2]:
            text = crossed(only_html(f"<p>Pull the plug.</p>{place.replace('{}', form)}<p>Now.</p>"))
            assert_nothing_of(secret, text)
            assert f'src="https://{TRACKER}' not in text


PIECES = [
    "Pull", " the ", "plug.", "<p>", "</p>", "<div>", "</div>", "<br>", "<b>", "</b>", "<pre>", "</pre>", "\n", "##",
    "#resolve", "<ul><li>", "</li></ul>", "<table><tr><td>", "</td></tr></table>", "<blockquote>", "</blockquote>",
    "<hr>", "&nbsp;", "&lt;", "<a href='https://acme.example/x'>", "</a>", "<img src='cid:1'>", "[cid:1]", "-- ", NOTE,
    *(place.replace("{}", NOTE) for place in PLACES), f"<a href='mailto:{REPLY_TO}'>",
    f"<a href='{quote(ANNA.address, safe='')}'>",
]  # fmt: skip
TEXTS = ["Pull the plug.", "#resolve\nPull the plug.", "Pull"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.sampled_from(TEXTS))
def test_no_html_brings_words_across_that_the_text_does_not_say(html, text):
    found = crossed(alternative(f"{text}\n", html))
    assert_nothing_of(NOTE, found)
    assert_nothing_of(REF, found)
    assert_nothing_of(ANNA.address, found)
    assert TRACKER not in found
    assert "#resolve" not in found
