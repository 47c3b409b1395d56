"""What an agent's client puts into an answer, wherever it hides it, crosses without marks and agents' addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import parseaddr
from html import escape
from itertools import count
from urllib.parse import quote

import pytest
from glass import crossings
from scenario_desk import Mail
from test_glass import played

STORY = """\
A customer and an agent.
maria@customer.example writes to support@acme.example
    Subject: Printer on fire

    It burns.
> acknowledgement to maria@customer.example
> assignment to anna@acme.example (hers)
"""
MAIL = """\
From: anna@acme.example
To: {to}
Message-ID: <{number}@acme.example>
References: {id}
Date: Mon, 23 Nov 2026 {clock} +0100
Subject: Re: [ACME-1] Printer on fire
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
{part}
--x--
"""


def text(words: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\nPull the plug {words} now.\n"


def page(source: str) -> str:
    both = f"--y\n{text('')}\n--y\nContent-Type: text/html; charset=utf-8\n\n<p>Pull {source} now.</p>\n--y--\n"
    return f'Content-Type: multipart/alternative; boundary="y"\n\n{both}'


def file(head: str) -> str:
    return f"{text('')}\n--x\nContent-Type: image/png{head}\n\nx\n"


def split(words: str, at: str) -> str:
    return escape(words[:6]) + at + escape(words[6:])


WAYS: dict[str, Callable[[str], str]] = {
    "in plain text": text,
    "in plain text with a mark that nobody sees": lambda words: text(words[:6] + "\u200b" + words[6:]),
    "on a page": lambda words: page(escape(words)),
    "with a mark that nobody sees": lambda words: page(split(words, "\u200b")),
    "with a soft hyphen": lambda words: page(split(words, "&shy;")),
    "where a line may break": lambda words: page(split(words, "<wbr>")),
    "between tags": lambda words: page(split(words, "<b></b>")),
    "as entities": lambda words: page("".join(f"&#{ord(c)};" for c in words)),
    "in a comment": lambda words: page(f"<!-- {words} -->"),
    "in attributes": lambda words: page(f'<b title="{words}">it</b><img alt="{words}" src="https://x.example/a.png">'),
    "in a link": lambda words: page(f'<a href="mailto:{words.strip("<>")}">to me</a>'),
    "in a link of a filter": lambda words: page(f'<a href="https://x.example/?u={quote(words, safe="")}&y=1">me</a>'),
    "twice encoded": lambda words: page(f'<a href="https://x.example/?u={quote(quote(words, safe=""))}">me</a>'),
    "where nothing is shown": lambda words: page(f'<span style="display:none">{escape(words)}</span>'),
    "in a style": lambda words: page(f"<style>/* {words} */</style>"),
    "in a file's name": lambda words: file(f'; name="{words}"'),
    "in a picture's id": lambda words: file(f"\nContent-ID: <{words.strip('<>')}>\nContent-Disposition: inline"),
}


@pytest.fixture(scope="module")
def answering(tmp_path_factory) -> Iterator[Callable[[Callable[[str], str], str], list[str]]]:
    """What crosses when Anna answers with one of her secrets."""
    with played(tmp_path_factory.mktemp("answers"), STORY) as play:
        desk, hers = play.desk, play.names["hers"].message
        numbers = count()
        marks = {"id": str(hers["message-id"]), "to": parseaddr(str(hers["reply-to"]))[1]}

        def answer(hide: Callable[[str], str], secret: str) -> list[str]:
            desk.sent = []
            n = next(numbers)
            clock = f"{8 + n // 60:02}:{n % 60:02}:00"
            raw = MAIL.format(number=n, clock=clock, part=hide(marks.get(secret, secret)), **marks)
            desk.receive(Mail(raw.replace("\n", "\r\n").encode(), "anna@acme.example", (marks["to"],)))
            assert [mail.kind for mail in desk.sent if mail.to == ("maria@customer.example",)] == ["answer"]
            return crossings(desk)

        yield answer


@pytest.mark.parametrize("way", WAYS)
def test_nothing_crosses_that_an_agents_client_has_put_into_an_answer(answering, way, monkeypatch):
    monkeypatch.setattr("scenario_desk.StoryDesk._glass", lambda *_args, **_more: None)
    for secret in ("id", "to", "Anna.Dvorak@acme.example"):
        assert answering(WAYS[way], secret) == [], secret
