"""Every mail of the desk's in a real browser, as wide as a phone and as a desktop's window, light and dark."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from letters import ADDED, FACTS, TEMPLATES
from screens import wrong_in
from test_templates import STRANGERS, hostile

LONG = f"A very long word stands here: {'Rindfleischetikettierungs' * 4}, and then a few more that are short"
MODES = [(360, False), (360, True), (1000, False), (1000, True)]
IDS = ["phone, light", "phone, dark", "desktop, light", "desktop, dark"]


PLAIN = {name: ADDED | given for name, given in FACTS.items()}
LONGER = {f"{name}, long": hostile(facts, LONG, (*STRANGERS, "text")) for name, facts in PLAIN.items()}
SHOWN = PLAIN | LONGER

# A check that cannot fail is a defect: each of these mails has a fault, and must be complained of.
FAULTY = {
    "a wide table": ("<table width=1200><tr><td>Words</table>", "it is 12.. px wide"),
    "a long word": (f"<p>{'W' * 200}", "is beside the screen"),
    "a long word that is hidden": (f"<p style='overflow:hidden'>{'W' * 200}", "is cut off"),
    "a low box": ("<div style='height:9px;overflow:hidden'>Words", "is cut off"),
    "a narrow column": ("<table width=1><tr><td style='word-break:break-all'>Words</table>", "a line break in Words"),
    "one on the other": ("<p>One</p><p style='margin-top:-30px'>Other</p>", '"One" and "Other" overlap'),
    "grey on white": ("<body style='background:#fff'><p style='color:#999'>Words", "a contrast of 2.8"),
    "grey on black": ("<body style='background:#000'><p style='color:#444'>Words", "a contrast of 2.2"),
    "half seen": ("<body style='background:#fff'><p style='color:rgb(0 0 0 / 40%)'>Words", "a contrast of 2.8"),
    "in the mode of another": ("<p style='color:#777;background:#888'>Words", "a contrast of 1.3"),
    "on a picture": ("<p style='background:linear-gradient(red,red)'>Words", "is on a picture"),
    "small": ("<p style='font-size:11px'>Words", "is 11px high"),
    "an address that is none": ("<p>See https://acme.example for more", "is no link"),
    "a link to nowhere": ("<a href='#'>Words</a>", "leads nowhere"),
    "a link that looks like words": (
        "<a style='text-decoration:none' href='mailto:a@acme.example'>Words</a>",
        "does not look like one",
    ),
    "a long bar": (
        "<blockquote style='border-left:1px solid'><p>Words</p><br><br></blockquote>",
        "the bar beside a quote",
    ),
    "nothing": ("<div style='display:none'>Words</div>", "nothing is shown"),
}


@pytest.fixture(scope="module")
def mails() -> dict[str, str]:
    return {called: TEMPLATES.render(called.split(",")[0], "en", facts).html for called, facts in SHOWN.items()}


@pytest.fixture(scope="module", params=MODES, ids=IDS)
def wrong(request, need, mails) -> dict[str, list[str]]:
    need("chromium")
    width, dark = request.param
    folder = os.environ.get("MAILTICKET_SCREENSHOTS")
    picture = Path(folder) / f"mails-{width}-{'dark' if dark else 'light'}.png" if folder else None
    faulty = {
        name: f"<!doctype html><meta name=color-scheme content='light dark'>{body}"
        for name, (body, _) in FAULTY.items()
    }
    return wrong_in(mails | faulty, width, dark=dark, picture=picture)


@pytest.mark.parametrize("name", SHOWN)
def test_a_mail_can_be_read(name, wrong):
    assert wrong[name] == []


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_would_be_seen(name, wrong):
    assert [line for line in wrong[name] if re.search(FAULTY[name][1], line)], wrong[name]
