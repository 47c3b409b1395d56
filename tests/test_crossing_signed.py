"""The mail client's signature does not cross, where its HTML alone says that it is one."""
# ruff: noqa: E501 - HTML as clients write it

from __future__ import annotations

import pytest
from answering import REPLY_TO, alternative, answer, only_html

from mailticket.core.parse import parse
from mailticket.core.wire import pack, unpack

BLOCK = f"From: Support <{REPLY_TO}>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Anna\nSubject: [ACME-1] Printer\n\nIt burns.\n"
BLOCK_HTML = '<div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg"><b>From:</b> Support<br><b>Sent:</b> Monday, November 23, 2026 9:00 AM<br><b>To:</b> Anna<br><b>Subject:</b> [ACME-1] Printer</div><div>It burns.</div>'
SIGNED = {
    "Outlook, web": '<div id="Signature"><p>Anna Dvořák</p><p><a href="https://www.acme.example/">Acme</a>, Brno</p></div>',
    "Outlook, web, quoted by another": '<div id="x_Signature"><div>Anna Dvořák</div><div>Acme, Brno</div></div>',
    "Apple Mail": '<br id="lineBreakAtBeginningOfSignature"><div>Anna Dvořák<br>Acme, Brno</div>',
    "Gmail": '<div class="gmail_signature">Anna Dvořák<br>Acme, Brno</div>',
}
USUAL = "Anna Dvořák\nAcme, Brno\n"
PLAIN = {"Outlook, web": "Anna Dvořák\n\nAcme<https://www.acme.example/>, Brno\n"}


@pytest.mark.parametrize("client", SIGNED)
@pytest.mark.parametrize("above", ["", "#resolve"])
def test_a_signature_that_only_html_marks_stays_with_its_agent(client, above):
    html = f"<div>{above}</div><div>Pull the <b>plug</b>.</div>{SIGNED[client]}{BLOCK_HTML}"
    text = f"{above}\n\nPull the plug.\n\n{PLAIN.get(client, USUAL)}\n{BLOCK}"
    for raw in (alternative(text.lstrip(), html), only_html(html)):
        got = answer(raw)
        assert got.text == "Pull the plug."
        assert "<div>Pull the <b>plug</b>.</div>" in got.shown
        assert "Dvo" not in got.shown


def test_commands_above_a_signature_send_the_customer_nothing():
    html = f"<div>#resolve</div>{SIGNED['Outlook, web']}{BLOCK_HTML}"
    assert answer(alternative(f"#resolve\n\n{PLAIN['Outlook, web']}\n{BLOCK}", html)).raw == b""


def test_what_the_agent_says_in_other_words_than_the_signature_crosses():
    html = f"<div>Yes.</div><div>Anna</div>{SIGNED['Gmail']}"
    assert answer(alternative("Yes.\n\nAnna\n", html)).text == "Yes.\n\nAnna"
    assert answer(alternative("Anna Dvořák\nAcme, Brno\n", SIGNED["Gmail"])).text == "Anna Dvořák\nAcme, Brno"


def test_the_readers_answer_has_the_signature():
    mail = parse(only_html(f"<div>Yes.</div>{SIGNED['Gmail']}"))
    assert mail.signature == "Anna Dvořák\nAcme, Brno"
    assert unpack(pack(mail)) == mail
