"""The note address of our mail to an agent is cut with the rest of our words, before anything looks for marks in them:
nothing of it is in what crosses, whatever the agent's client makes of the quote and wherever the agent answers."""

from __future__ import annotations

import re

import pytest
from answering import alternative, answer, only_html, only_text
from letters import body, made
from quoted_by import ATTRIBUTED

from mailticket.core import compose, outward

PIECE = 8  # letters of a mark that stand nowhere by chance
OURS = {name: made(name, n=7) for name in ("assignment", "relay", "handover")}
OUTLOOK = "________________________________\nFrom: Support <support@acme.example>\nSent: Monday\nTo: Anna\nSubject: x\n"
INTRODUCED = {f"{client} ({language})": f"{line}\n" for language, client, line in ATTRIBUTED} | {"Outlook": OUTLOOK}


@pytest.fixture(autouse=True)
def nothing_is_cut_out_of_words(monkeypatch):
    """The last line of defence is not what is tried here."""
    for place in (outward, compose):
        monkeypatch.setattr(place, "scrub", lambda text, _policy: text)


def quoted(text: str, mark: str) -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.rstrip().split("\n"))


def assert_not_in(raw: bytes, name: str) -> None:
    (address,) = re.findall(r"(?m)^support\+n\w+@acme\.example$", body(OURS[name].raw, "plain"))
    mark = address.partition("+")[2].partition("@")[0]
    seen = raw.decode("utf-8", "replace").replace("=\r\n", "")
    pieces = [mark[start : start + PIECE] for start in range(len(mark) - PIECE + 1)]
    assert not [piece for piece in pieces if piece in seen]
    assert "internal note" not in seen


@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
@pytest.mark.parametrize("client", INTRODUCED)
def test_what_stands_above_a_quoted_mail_crosses_without_it(client, mark):
    for name, ours in OURS.items():
        below = quoted(body(ours.raw, "plain"), mark)
        got = answer(only_text(f"Pull the plug.\n\n{INTRODUCED[client]}{below}\n"))
        assert got.text == "Pull the plug."
        assert_not_in(got.raw, name)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("place", ["under", "between", "above the marker"])
def test_what_stands_in_and_under_a_quoted_mail_crosses_without_it(name, place):
    lines = quoted(body(OURS[name].raw, "plain"), "> ").split("\n")
    marker = next(number for number, line in enumerate(lines) if "-=-=-" in line)
    at = {"under": len(lines), "between": marker + 4, "above the marker": marker}[place]
    words = "\n".join([*lines[:at], "Pull the plug.", *lines[at:]])
    got = answer(only_text(f"On Mon, 23 Nov 2026 at 09:00, Support <support@acme.example> wrote:\n{words}\n"))
    if place != "above the marker":  # where nobody answers, and nothing is sent
        assert "Pull the plug." in got.text
    assert_not_in(got.raw, name)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("at", [10, 40, 62])
def test_lines_of_ours_that_a_client_wrapped_badly_do_not_cross(name, at):
    """The end of a long line stands alone then, without the mark of a quote."""
    lines = quoted(body(OURS[name].raw, "plain"), "> ").split("\n")
    last = next(number for number, line in enumerate(lines) if "+n" in line)
    wrapped = [line if "-=-=-" in line else f"{line[:at]}\n{line[at:]}".strip() for line in lines[: last + 1]]
    words = "\n".join([*wrapped, *lines[last + 1 :], "Pull the plug."])
    got = answer(only_text(f"On Mon, 23 Nov 2026 at 09:00, Support <support@acme.example> wrote:\n{words}\n"))
    assert "Pull the plug." in got.text
    assert_not_in(got.raw, name)


PAGES = {
    "Gmail": '<div dir="ltr">Pull the <b>plug</b>.</div><br><div class="gmail_quote"><div class="gmail_attr">'
    'On Mon, 23 Nov 2026 at 09:00, Support wrote:<br></div><blockquote class="gmail_quote">{}</blockquote></div>',
    "Outlook": '<div><p>Pull the <b>plug</b>.</p></div><div style="border-top:solid #E1E1E1 1.0pt"><p><b>From:</b>'
    " Support<br><b>Sent:</b> Monday<br><b>To:</b> Anna<br><b>Subject:</b> x</p></div>{}",
    "Apple Mail": "<div>Pull the <b>plug</b>.</div><div><br><blockquote type='cite'><div>On 23 Nov 2026, at 09:00,"
    " Support wrote:</div>{}</blockquote></div>",
}


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("client", PAGES)
def test_a_quoted_page_does_not_bring_its_link_across(name, client):
    inside = re.sub(r"(?s).*<body[^>]*>|</body>.*|<style>.*?</style>", "", body(OURS[name].raw, "html"))
    assert "mailto:support%2Bn" in inside
    page = PAGES[client].format(inside)
    text = (
        f"Pull the plug.\n\nOn Mon, 23 Nov 2026 at 09:00, Support wrote:\n{quoted(body(OURS[name].raw, 'plain'), '> ')}"
    )
    for raw in (only_html(page), alternative(text, page)):
        got = answer(raw)
        assert "Pull the plug." in got.text
        assert_not_in(got.raw, name)
