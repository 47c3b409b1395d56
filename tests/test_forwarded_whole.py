"""Forwarded mail as the parser has it: attached ones, what is none, and the way to the desk."""
# ruff: noqa: E501 - HTML as mail clients write it

import json
from datetime import UTC, datetime

import pytest
from mails import HEAD, PNG, mail, multipart, part

from mailticket.core import parse as parsing
from mailticket.core.attached_mail import MAX_MAILS
from mailticket.core.completed import completed
from mailticket.core.forwarded import MAX_TRIES
from mailticket.core.types import Address
from mailticket.core.wire import pack, unpack

JANA = Address("jana@customer.example", "Jana Malá")
ORIGINAL = (
    b"From: =?utf-8?q?Jana_Mal=C3=A1?= <jana@customer.example>\r\nDate: Tue, 26 Oct 2021 14:25:00 +0200\r\n"
    b"Subject: Printer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n"
    b"--in\r\nContent-Type: text/plain\r\n\r\nIt burns.\r\n--in\r\nContent-Type: image/png; name=fire.png\r\n\r\n"
) + PNG + b"\r\n--in--\r\n"  # fmt: skip
INLINE = (
    "---------- Forwarded message ---------",
    "From: Jana <jana@customer.example>",
    "Subject: Printer",
    "",
    "It burns.",
)


def parse(raw):
    """As the reader does."""
    return completed(parsing.parse(raw))


def holding(*mails, words="See the attached mail.", subject="Fwd: Printer", more=""):
    parts = [part("text/plain", words), *(part("message/rfc822", one) for one in mails)]
    return multipart(*parts).replace(b"Subject: Hi", f"Subject: {subject}{more}".encode())


def test_an_attached_mail_is_read_with_its_own_files():
    got = parse(holding(ORIGINAL))
    passed = got.forwarded
    assert (passed.how, passed.from_, passed.subject) == ("attached", JANA, "Printer")
    assert passed.date == datetime(2021, 10, 26, 12, 25, tzinfo=UTC)
    assert (passed.text, passed.above) == ("It burns.", "See the attached mail.")
    assert [file.filename for file in passed.attachments] == ["fire.png"]
    assert passed.attachments[0].content == PNG
    assert [file.content_type for file in got.attachments] == ["message/rfc822"]


@pytest.mark.parametrize("subject", ["Printer", "", "FW: Printer", "[x] WG: Printer"])
def test_it_needs_no_mark_where_nothing_is_answered(subject):
    assert parse(holding(ORIGINAL, subject=subject)).forwarded.from_ == JANA


def test_an_answer_with_a_mail_attached_passes_on_none():
    assert parse(holding(ORIGINAL, subject="Re: Printer")).forwarded is None
    assert parse(holding(ORIGINAL, subject="Printer", more="\r\nIn-Reply-To: <1@b.example>")).forwarded is None
    assert (
        parse(holding(ORIGINAL, subject="Fwd: Printer", more="\r\nIn-Reply-To: <1@b.example>")).forwarded.from_ == JANA
    )


def test_vs_passes_on_where_nothing_is_answered():
    """Danish and Norwegian; in Finnish it is an answer, which names what it answers."""
    assert parse(holding(ORIGINAL, subject="VS: Printer")).forwarded.from_ == JANA
    assert parse(holding(ORIGINAL, subject="VS: Printer", more="\r\nIn-Reply-To: <1@b.example>")).forwarded is None


def test_of_several_mails_the_first_counts_where_one_person_wrote_them():
    second = ORIGINAL.replace(b"Subject: Printer", b"Subject: Scanner")
    assert parse(holding(ORIGINAL, second)).forwarded.subject == "Printer"
    assert parse(holding(ORIGINAL, second.replace(b"jana@", b"petr@"))).forwarded is None


@pytest.mark.parametrize(("count", "found"), [(MAX_MAILS, True), (MAX_MAILS + 1, False)])
def test_of_more_mails_than_the_bound_none_is_passed_on(count, found):
    assert (parse(holding(*[ORIGINAL] * count)).forwarded is not None) is found


@pytest.mark.parametrize(("count", "found"), [(MAX_TRIES - 1, True), (MAX_TRIES, False)])
def test_below_so_many_lines_that_might_begin_one_none_is_looked_for(count, found):
    raw = mail("", *["Label: value"] * count, *INLINE, head=HEAD.replace(b"Subject: Hi", b"Subject: Fwd: Hi"))
    assert (parse(raw).forwarded is not None) is found


def test_a_file_that_is_no_mail_is_none():
    assert parse(holding(b"no head at all")).forwarded is None
    assert parse(multipart(part("text/plain", "Fwd"), part("image/png", PNG))).forwarded is None


def test_a_mail_with_a_name_of_one_is_one():
    file = part("application/octet-stream", ORIGINAL, 'Content-Disposition: attachment; filename="Printer.EML"')
    assert parse(multipart(part("text/plain", "fyi"), file)).forwarded.from_ == JANA


@pytest.mark.parametrize("kind", ["multipart/report; report-type=disposition-notification", "multipart/digest"])
def test_what_a_machine_returns_or_collects_is_passed_on_by_nobody(kind):
    raw = holding(ORIGINAL).replace(b"multipart/mixed; boundary=b", f"{kind}; boundary=b".encode(), 1)
    assert parse(raw).forwarded is None
    assert parse(holding(ORIGINAL, more="\r\nAuto-Submitted: auto-replied")).forwarded is None
    assert parse(holding(ORIGINAL, more="\r\nAuto-Submitted: auto-forwarded")).forwarded.from_ == JANA


def test_an_inline_one_has_the_files_of_the_mail_around_it():
    raw = multipart(part("text/plain", "\r\n".join(("fyi", "", *INLINE))), part("image/png", PNG, "X: y"))
    got = parse(raw)
    assert (got.forwarded.how, got.forwarded.text, got.forwarded.above) == ("inline", "It burns.", "fyi")
    assert got.forwarded.attachments == got.attachments != ()


def test_the_words_stay_in_the_mail():
    got = parse(mail("", "fyi", "", *INLINE))
    assert got.full_text == "\n".join(("fyi", "", *INLINE))


HTML = {
    "Gmail": '<div dir="ltr">fyi<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded '
    'message ---------<br>Von: <strong class="gmail_sendername" dir="auto">Jana Malá</strong> <span dir="auto">&lt;<a '
    'href="mailto:jana@customer.example">jana@customer.example</a>&gt;</span><br>Date: Di., 26. Okt. 2021 um 14:25&nbsp;Uhr'
    '<br>Subject: Printer<br>To: &lt;<a href="mailto:a@acme.example">a@acme.example</a>&gt;<br></div><br><br>'
    '<div dir="ltr">It burns.</div></div></div>',
    "Outlook": '<div class="WordSection1"><p class="MsoNormal">fyi</p><p class="MsoNormal">&nbsp;</p><div style="border:none;'
    'border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Jana Malá &lt;jana@customer.example&gt; <br><b>Sent:'
    "</b> Tuesday, October 26, 2021 2:25 PM<br><b>To:</b> Anna &lt;a@acme.example&gt;<br><b>Subject:</b> Printer</p></div>"
    '<p class="MsoNormal">&nbsp;</p><p class="MsoNormal">It burns.</p></div>',
    "Outlook on the web": '<div>fyi</div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font '
    'face="Calibri"><b>Von:</b> Jana Malá &lt;jana@customer.example&gt;<br><b>Gesendet:</b> Dienstag, 26. Oktober 2021 14:25'
    "<br><b>An:</b> Anna &lt;a@acme.example&gt;<br><b>Betreff:</b> Printer</font><div>&nbsp;</div></div><div>It burns.</div>",
    "Apple Mail": '<html><body>fyi<br><div><br><blockquote type="cite"><div>Begin forwarded message:</div><br><div><span><b>'
    'From: </b></span><span>Jana Malá &lt;<a href="mailto:jana@customer.example">jana@customer.example</a>&gt;<br></span></div>'
    "<div><b>Subject: </b><span><b>Printer</b><br></span></div><div><b>Date: </b>26 October 2021 at 14:25:00 CEST<br></div><div>"
    "<b>To: </b>a@acme.example<br></div><br><div>It burns.</div></blockquote></div></body></html>",
    "Thunderbird": '<p>fyi</p><div class="moz-forward-container"><br><br>-------- Weitergeleitete Nachricht --------<table '
    'class="moz-email-headers-table" cellspacing="0"><tbody><tr><th nowrap valign="BASELINE" align="RIGHT">Betreff: </th><td>'
    'Printer</td></tr><tr><th align="RIGHT">Datum: </th><td>Tue, 26 Oct 2021 14:25:00 +0200</td></tr><tr><th align="RIGHT">Von: '
    '</th><td>Jana Malá <a class="moz-txt-link-rfc2396E" href="mailto:jana@customer.example">&lt;jana@customer.example&gt;</a>'
    '</td></tr><tr><th align="RIGHT">An: </th><td>a@acme.example</td></tr></tbody></table><br><br>It burns.</div>',
    "Yahoo": '<div>fyi</div><div class="yahoo_quoted"><div>----- Forwarded Message -----<div><div dir="ltr"><b>From:</b> "Jana '
    'Malá" &lt;jana@customer.example&gt;</div><div dir="ltr"><b>To:</b> a@acme.example</div><div dir="ltr"><b>Sent:</b> Tuesday, '
    "October 26, 2021, 02:25:00 PM GMT+2</div><div><b>Subject:</b> Printer</div><br></div><div>It burns.</div></div></div>",
    "Proton": 'fyi<br><br><div class="protonmail_quote">------- Forwarded Message -------<br>From: Jana Malá &lt;jana@customer.'
    "example&gt;<br>Date: On Tuesday, October 26th, 2021 at 2:25 PM<br>Subject: Printer<br>To: a@acme.example<br><br>"
    '<blockquote class="protonmail_quote" type="cite">It burns.</blockquote></div>',
}


@pytest.mark.parametrize("client", HTML)
def test_mail_in_html_alone(client):
    head = HEAD.replace(b"Subject: Hi", b"Subject: Fwd: Printer\r\nDate: Wed, 27 Oct 2021 09:00:00 +0200")
    got = parse(mail("Content-Type: text/html; charset=utf-8", "", HTML[client], head=head)).forwarded
    assert (got.how, got.from_, got.subject) == ("inline", JANA, "Printer")
    assert got.date == datetime(2021, 10, 26, 12, 25, tzinfo=UTC)
    assert (got.text.strip("> "), got.above) == ("It burns.", "fyi")


SIGNED = (
    '</div><br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" '
    'class="gmail_signature" data-smartmail="gmail_signature"><div>Room 7<br>private: +420 123</div></div></div>'
)
THEIRS = '<div dir="ltr">It burns.<div class="gmail_quote">Old:<div>It works.</div></div>-- <br>Jana</div>'


@pytest.mark.parametrize(
    "plain", [(), ("fyi", "", *INLINE, "Old:", "It works.", "-- ", "Jana", "", "-- ", "Room 7", "private: +420 123")]
)
def test_below_gmails_quote_stands_what_is_the_forwarders(plain):
    html = HTML["Gmail"].replace('<div dir="ltr">It burns.</div></div></div>', THEIRS)
    for below, said in ((SIGNED, ""), (f"</div><div>Call her, please.</div>{SIGNED[6:]}", "Call her, please.")):
        words = [*plain[:-3], *([said] if said else []), *plain[-3:]]
        parts = [part("text/plain", "\r\n".join(words))] if plain else []
        got = parse(multipart(*parts, part("text/html; charset=utf-8", html + below), kind="alternative")).forwarded
        assert got.text.replace("-- ", "--") == "It burns.\nOld:\nIt works.\n--\nJana"
        assert (got.above, got.below) == ("fyi", said)


# What clients put before the head of a Gmail user's mail, behind it, and behind the mail.
AROUND = {
    "Outlook": ('<div>fyi</div><hr tabindex="-1"><div id="divRplyFwdMsg">', "</div><div>", "</div>"),
    "Thunderbird": (
        'fyi<br><div class="moz-forward-container"><br>-------- Forwarded Message --------<br>',
        "<br><br>",
        "</div>",
    ),
    "Apple Mail": ('fyi<br><blockquote type="cite"><div>Begin forwarded message:</div><br>', "<br>", "</blockquote>"),
    "one that marks nothing": ("<div>fyi</div><div>----- Forwarded message -----<br>", "</div><div>", "</div>"),
}
WORDS = "Twelve pieces, at once."
QUOTES = (
    "On Fri, 20 Nov 2026 Anna wrote:",
    "---------- Forwarded message ---------<br>From: Eva &lt;e@eva.example&gt;",
)


@pytest.mark.parametrize("quotes", QUOTES, ids=["answers", "passes on"])
@pytest.mark.parametrize("client", AROUND)
def test_below_a_quote_of_the_customers_own_stands_what_is_theirs(client, quotes):
    head = "From: Jana Small &lt;jana@customer.example&gt;<br>Subject: Printer<br>Date: 2021-10-26 14:25"
    before, after, end = AROUND[client]
    theirs = f'<div class="gmail_quote">{quotes}<br>How many?</div><div>{WORDS}</div>'
    html = f"{before}{head}{after}{theirs}{end}"
    got = parse(multipart(part("text/html; charset=utf-8", html), kind="alternative")).forwarded
    assert WORDS in got.text
    assert WORDS not in got.above + got.below


def damaged(changes, at="forwarded"):
    """The answer for an attached one, with other facts."""
    packed = pack(parse(holding(ORIGINAL)))
    size = int.from_bytes(packed[:4])
    facts = json.loads(packed[4 : 4 + size])
    target = facts[at] if at else facts
    target |= changes
    head = json.dumps(facts).encode()
    return len(head).to_bytes(4) + head + packed[4 + size :]


def test_the_way_to_the_desk_changes_nothing():
    for raw in (holding(ORIGINAL), mail("", *INLINE), holding(ORIGINAL, words="Guten Tag, der Drucker brennt wieder.")):
        got = parse(raw)
        assert unpack(pack(got)) == got
    assert got.language == "de"
    assert unpack(damaged({})) == parse(holding(ORIGINAL))


@pytest.mark.parametrize(
    "changes",
    [
        {"how": "by hand"},
        {"how": "inline"},
        {"date": "2021-10-26T10:00:00"},
        {"date": 5},
        {"from_": ["a@b.example"]},
        {"text": None},
        {"more": ""},
        {"attachments": None},
        {"attachments": []},
        {"attachments": [{"filename": "x", "content_type": "a/b", "sha256": "", "content_id": "", "inline": False}]},
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_is_refused(changes):
    with pytest.raises(ValueError):
        unpack(damaged(changes))


def test_a_language_is_two_letters_of_ours():
    assert unpack(damaged({"language": "cs"}, "")).language == "cs"
    for wrong in ("xx", "cs-CZ", "../..", 1):
        with pytest.raises(ValueError):
            unpack(damaged({"language": wrong}, ""))
