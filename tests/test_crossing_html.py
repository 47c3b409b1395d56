"""An answer keeps its look: of the agent's HTML crosses what says the words that cross as text, and nothing beside."""
# ruff: noqa: E501 - HTML as clients write it

from __future__ import annotations

import pytest
from answering import REPLY_TO, alternative, answer, only_html, only_text
from letters import ANNA

from mailticket.core.crossing import MARKER

OURS = f"Reply to this mail and your words go to Maria.\n\n{MARKER}\n\nIt burns. SECRET"
OURS_HTML = f"<div>Reply to this mail and your words go to Maria.</div><div>{MARKER}</div><p>It burns. SECRET</p>"
QUOTED = "\n".join(f"> {line}" for line in OURS.split("\n"))

GMAIL = (
    f"Dear Maria,\n\n*pull the plug*, see the manual <https://acme.example/m?a=1&b=2>:\n\n   - the red one\n   - not the blue one\n\nAnna\n\nOn Mon, 23 Nov 2026 at 09:00, Support <{REPLY_TO}> wrote:\n\n{QUOTED}\n",
    f'<div dir="ltr"><!--top--><div>Dear Maria,</div><div><br></div><div><b>pull the plug</b>, see <a href="https://acme.example/m?a=1&amp;b=2">the manual</a>:</div><div><ul><li style="margin-left:15px">the red one</li><li>not the blue one</li></ul><div>Anna</div></div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Mon, 23 Nov 2026 at 09:00, Support &lt;<a href="mailto:{REPLY_TO}">{REPLY_TO}</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">{OURS_HTML}<img src="https://track.example/1.gif" width="1" height="1"></blockquote></div>',
    '<div><div>Dear Maria,</div><div><br></div><div><b>pull the plug</b>, see <a href="https://acme.example/m?a=1&amp;b=2">the manual</a>:</div><div><ul><li>the red one</li><li>not the blue one</li></ul><div>Anna</div></div></div>',
)
OUTLOOK = (
    f"Dear Maria,\r\n\r\npull the plug.\r\n\r\nPart\r\n\r\nCount\r\n\r\nPlug\r\n\r\n1\r\n\r\nAnna\r\n\r\nFrom: Support <{REPLY_TO}>\r\nSent: Monday, November 23, 2026 9:00 AM\r\nTo: Anna\r\nSubject: [ACME-1] Printer\r\n\r\n{OURS}\r\n",
    f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {{margin:0cm;}} --></style></head><body lang="EN-GB" link="#0563C1"><div class="WordSection1"><!--top--><p class="MsoNormal"><span style="font-size:11.0pt;color:#1F497D">Dear Maria,<o:p></o:p></span></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal"><b><span lang="EN-US">pull the plug.</span></b><o:p></o:p></p><table class="MsoTableGrid" border="1"><tr><td width="300" valign="top" style="border:solid windowtext 1.0pt"><p class="MsoNormal">Part<o:p></o:p></p></td><td><p class="MsoNormal">Count<o:p></o:p></p></td></tr><tr><td><p class="MsoNormal">Plug<o:p></o:p></p></td><td><p class="MsoNormal">1<o:p></o:p></p></td></tr></table><p class="MsoNormal">Anna<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>From:</b> Support &lt;{REPLY_TO}&gt;<br><b>Sent:</b> Monday, November 23, 2026 9:00 AM<br><b>To:</b> Anna<br><b>Subject:</b> [ACME-1] Printer<o:p></o:p></p></div></div>{OURS_HTML}</div></body></html>',
    '<div><div>Dear Maria,</div><div>&nbsp;</div><div><b>pull the plug.</b></div><table border="1" cellspacing="0" cellpadding="4" style="border-collapse:collapse"><tbody><tr><td><div>Part</div></td><td><div>Count</div></td></tr><tr><td><div>Plug</div></td><td><div>1</div></td></tr></tbody></table><div>Anna</div></div>',
)
APPLE = (
    f"Dear Maria,\n\npull the plug, and do this:\n\n1. wait\n2. plug it in\n\nAnna\n\n\n> On 23 Nov 2026, at 09:00, Support <{REPLY_TO}> wrote:\n> \n{QUOTED}\n",
    f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space;"><!--top-->Dear Maria,<div><br></div><div>pull the plug, and do this:</div><div><ol class="MailOutline"><li>wait</li><li>plug it in</li></ol><div>Anna</div><div><div><br><blockquote type="cite"><div>On 23 Nov 2026, at 09:00, Support &lt;{REPLY_TO}&gt; wrote:</div><br class="Apple-interchange-newline"><div>{OURS_HTML}</div></blockquote></div><br></div></div></body></html>',
    "Dear Maria,<div><br></div><div>pull the plug, and do this:</div><div><ol><li>wait</li><li>plug it in</li></ol><div>Anna</div></div>",
)
THUNDERBIRD = (
    f"Dear Maria,\n\n/pull/ the *plug* _now_.\n\n-- \nAnna at her desk\n\nOn 23/11/2026 09:00, Support wrote:\n{QUOTED}\n",
    f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body><!--top--><p>Dear Maria,</p><p><i>pull</i> the <b>plug</b> <u>now</u>.</p><div class="moz-signature">-- <br>Anna at her desk</div><div class="moz-cite-prefix">On 23/11/2026 09:00, Support wrote:<br></div><blockquote type="cite" cite="mid:1@desk.acme.example">{OURS_HTML}</blockquote></body></html>',
    "<p>Dear Maria,</p><p><i>pull</i> the <b>plug</b> <u>now</u>.</p>",
)
CLIENTS = {"Gmail": GMAIL, "Outlook": OUTLOOK, "Apple Mail": APPLE, "Thunderbird": THUNDERBIRD}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("commands", [(), ("#resolve",), ("#take", "", "#resolve")])
def test_an_answer_keeps_its_look_whatever_client_has_written_it(client, commands):
    text, html, expected = CLIENTS[client]
    above = "".join(f"<p>{line or '<br>'}</p>" for line in commands)
    got = answer(alternative("".join(f"{line}\n" for line in commands) + text, html.replace("<!--top-->", above)))
    assert got.shown == expected
    assert got.text.startswith("Dear Maria,")
    for secret in (
        "SECRET",
        REPLY_TO,
        ANNA.address,
        "track.example",
        "#resolve",
        "#take",
        "her desk",
        "above this line",
    ):
        assert secret not in got.raw.decode().replace("=\r\n", "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Yes.", "<p>No.</p>"),
        ("Yes.\n\nAnd no.", "<p>And no.</p><p>Yes.</p>"),
        ("Yes.", "<p>Yes. Hidden words</p>"),
        ("Yes.", "<p>Hidden</p><p>Yes.</p>"),
        ("#resolve\nYes.", "<p>#resolve Yes.</p>"),
        ("#resolve\nYes.", "<p>Yes.</p>"),
        ("Yes.\n...", "<p>Yes.</p><p>...</p>"),
        ("\U0001f44d", "<p>hidden</p>"),
        ("> It burns.\nYes.", "<blockquote>It burns.</blockquote><p>Yes.</p>"),
    ],
    ids=["other", "another order", "more on the line", "before", "no line of its own", "no command",
         "dots below", "no letters", "between the lines"],
)  # fmt: skip
def test_html_that_says_other_words_does_not_cross(text, html):
    assert answer(alternative(text, html)).raw == answer(only_text(text)).raw != b""


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>Yes</h2><pre>a  b\nc</pre>", "<h2>Yes</h2><pre>a b c</pre>"),
        ("<p>Yes</p><p>##1 is the first</p>", "<p>Yes</p><p>#1 is the first</p>"),
        ('<p>Yes<a href="https://acme.example/1"> </a></p><p>no</p>', "<p>Yes </p><p>no</p>"),
        ('<ol start="3 anna"><li>Yes</li></ol>', "<ol><li>Yes</li></ol>"),
        ("<div>#resolve<br>##1 is<br>##2</div>", "<div>#1 is<br>#2</div>"),
        ('<p onclick="x()" class="a" id="b" style="color:red">Yes<script>x()</script></p>', "<p>Yes</p>"),
        ('<p>Yes, <a href="javascript:x()">there</a></p>', "<p>Yes, <a>there</a></p>"),
        ('<p>Yes</p><!-- SECRET --><p title="SECRET">no</p>', "<p>Yes</p><p>no</p>"),
        ('<p>Yes<img src="https://track.example/1.gif" alt="SECRET"></p>', "<p>Yes</p>"),
        (
            f"<p>Write to {ANNA.address} or {REPLY_TO}</p>",
            "<p>Write to support@acme.example or support@acme.example</p>",
        ),
        (
            f'<p><a href="mailto:{ANNA.address}">Write</a> <a href="mailto:anna%40acme.example">here</a></p>',
            '<p><a href="mailto:support@acme.example">Write</a> <a>here</a></p>',
        ),
        ('<p>Yes<span style="display:none">SECRET</span>.</p>', "<p>Yes.</p>"),
        ("<p>1 &lt; 2 &amp; 3 &gt; 2</p>", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>"),
        ("<p>\u010cau \u65e5\u672c\u8a9e \U0001f44d</p>", "<p>\u010cau \u65e5\u672c\u8a9e \U0001f44d</p>"),
    ],
)
def test_of_a_mail_that_is_html_alone_crosses_simple_formatting(html, expected):
    assert answer(only_html(html)).shown == expected


def test_a_link_that_a_client_made_of_a_command_does_not_cross():
    html = '<p><a href="https://acme.example/#resolve"><b>#resolve</b></a></p><p>Yes</p>'
    assert answer(alternative("#resolve\nYes", html)).shown == "<p>Yes</p>"


def test_an_agents_address_in_pieces_does_not_cross_as_html():
    got = answer(only_html("<p>Write to anna@<b>acme</b>.example</p>"))
    assert "anna" not in got.html
    assert got.text == "Write to support@acme.example"


def test_html_that_is_too_big_to_be_sent_leaves_the_text_alone():
    rows = "<tr><td>1</td></tr>" * 900
    assert "<td>" in answer(only_html(f"<table>{rows}</table>")).html
    big = f"<p>{'<b>' * 3}Yes</p>" + '<p><a href="https://acme.example/{}">x</a></p>'.format("y" * 1900) * 4000
    assert answer(alternative("Yes\n" + "x\n" * 4000, big)).html.count("<a ") == 0
