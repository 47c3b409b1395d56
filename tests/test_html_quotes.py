"""Quotes and signatures that only a client's HTML shows: each cue of the table is shown by an HTML reply."""

from __future__ import annotations

import time

import pytest
from html_quoted import QUOTED, SIGNED
from mails import mail

from mailticket.core import html_quotes
from mailticket.core.html import html_to_text
from mailticket.core.lines import INTRODUCES, is_marked
from mailticket.core.parse import parse

HTML = "Content-Type: text/html; charset=utf-8"
CASES = {f"{client}: {needle}": html for needle, client, html in (*QUOTED, *SIGNED)}


def read(html: str):
    return parse(mail(HTML, "", html))


@pytest.mark.parametrize("name", CASES)
def test_what_only_the_html_marks_as_quoted_or_signed_is_no_new_word(name):
    read_mail = read(CASES[name])
    assert read_mail.text == "It works."
    assert not is_marked(read_mail.full_text + read_mail.html)


@pytest.mark.parametrize("html", [html for _, _, html in QUOTED])
def test_all_of_it_is_in_the_full_text(html):
    full = read(html).full_text
    assert "their words" in full
    assert "and more" in full


def test_without_any_cue_of_the_table_a_case_goes_wrong(monkeypatch):
    table = html_quotes.CUES
    unshown = []
    for number, cue in enumerate(table):
        monkeypatch.setattr(html_quotes, "CUES", (*table[:number], *table[number + 1 :]))
        if all(read(html).text == "It works." for needle, _, html in (*QUOTED, *SIGNED) if needle == cue.needle):
            unshown.append(cue)
    assert not unshown


def test_answers_between_gmails_quotes_keep_the_lines_they_answer():
    read_mail = read(
        '<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">Support kirjutas eile<br></div>'
        '<blockquote class="gmail_quote"><div>Is it on?</div></blockquote><div>It is.</div>'
        '<blockquote class="gmail_quote"><div>Is it paid?</div></blockquote><div>Not yet.</div></div></div>'
    )
    assert read_mail.text == "> Is it on?\nIt is.\n> Is it paid?\nNot yet."


def test_words_below_gmails_signature_and_quote_are_kept():
    read_mail = read(
        '<div>Above.</div><div class="gmail_signature"><div>Anna</div></div><div>Below the signature.</div>'
        '<div class="gmail_quote">Support kirjutas<blockquote class="gmail_quote">q</blockquote></div><div>Under.</div>'
    )
    assert read_mail.text == "Above.\nBelow the signature.\n> q\nUnder."


def test_when_the_html_marks_all_as_quoted_all_is_shown():
    read_mail = read('<div class="gmail_quote"><div class="gmail_attr">Edastatud kiri</div>words of a friend</div>')
    assert read_mail.text == "Edastatud kiri\nwords of a friend"


def test_a_mark_within_a_quote_is_its_writers():
    read_mail = read('<p>Mine.</p><blockquote>a<div class="gmail_signature">Boris</div>b</blockquote><p>Also mine.</p>')
    assert read_mail.full_text == "Mine.\n\n> a\n> Boris\n> b\n\nAlso mine."
    assert read_mail.text.endswith("Also mine.")


@pytest.mark.parametrize(
    "style", ["margin:0 0 0 40px;border:none;padding:0px", "border: medium none; margin-left: 40px"]
)
def test_a_block_that_only_indents_is_no_quote(style):
    html = f'<div>one</div><blockquote style="{style}"><div>two</div></blockquote><blockquote>three</blockquote>'
    assert html_to_text(html) == "one\ntwo\n> three"


def test_outlooks_paragraphs_are_lines_and_its_empty_ones_blank_lines():
    html = (
        "<p class=MsoNormal>Hello,<o:p></o:p></p>\n<p class=MsoNormal><o:p>&nbsp;</o:p></p>\n"
        '<p class="MsoNormal"><span>it works.</span></p><p style="margin-top:0;margin-bottom:0">Anna</p><p>Apart</p>'
    )
    assert html_to_text(html) == "Hello,\n\nit works.\nAnna\n\nApart"


@pytest.mark.parametrize(
    ("style", "tight"),
    [
        ("margin:0", True),
        ("margin: 0px;color:red", True),
        ("margin:0in 0in 0.0001pt", True),
        ("margin:0cm;margin-bottom:.0001pt", True),
        ("margin-top:0;margin-bottom:0", True),
        ("margin:0 0 1em 0", False),
        ("margin:0.5em", False),
        ("margin-bottom:08px", False),
        ("margin:1em 0", False),
    ],
)
def test_a_paragraph_is_a_line_where_its_style_leaves_no_room_below_it(style, tight):
    assert html_to_text(f'<p style="{style}">a</p><p style="{style}">b</p>') == ("a\nb" if tight else "a\n\nb")


def test_a_strangers_own_marks_mean_nothing():
    assert read(f"<p>one</p><p>{INTRODUCES}two</p>").text == "one\n\ntwo"
    assert parse(mail("Content-Type: text/plain; charset=utf-8", "", f"one\n\n{INTRODUCES}two")).text == "one\n\ntwo"


def both(plain: str, html: str):
    return parse(
        mail(
            'Content-Type: multipart/alternative; boundary="b"',
            "",
            f"--b\n{HTML.replace('html', 'plain')}\n\n{plain}\n--b\n{HTML}\n\n{html}\n--b--",
        )
    )


OUTLOOK = (
    '<div>It works.</div><div id="divRplyFwdMsg"><b>Saatja:</b> Support<br><b>Teema:</b> printer</div><div>theirs</div>'
)


def test_the_html_shows_where_a_quote_begins_in_the_plain_text_beside_it():
    read_mail = both("It works.\n\nSaatja: Support\nTeema: printer\n\ntheirs\n", OUTLOOK)
    assert read_mail.text == "It works."
    assert read_mail.full_text == "It works.\n\nSaatja: Support\nTeema: printer\n\ntheirs"


@pytest.mark.parametrize(
    "plain", ["It works.\n\nSupport\ntheirs", "It works.\n\nSaatja: Support\nSaatja: Support\ntheirs", "It works."]
)
def test_where_the_two_differ_nothing_of_the_plain_text_is_cut(plain):
    assert both(plain, OUTLOOK).text == plain


def test_links_lists_and_tables_stay_readable():
    html = (
        '<p>See <a href="https://shop.example/a">the page</a>, or '
        '<a href="mailto:a@shop.example">a@shop.example</a>.</p><hr>'
        "<ul><li>one</li><li>two</li></ul><table><tr><th>Item</th><th>Price</th></tr><tr><td>Printer</td><td>12</td></tr></table>"
    )
    assert html_to_text(html).split("\n") == [
        "See the page <https://shop.example/a>, or a@shop.example.",
        "",
        "  * one",
        "  * two",
        "Item     Price",
        "Printer  12",
    ]


def test_marks_push_no_html_over_the_bounds():
    html = '<p class="gmail_quote">x</p>' * 9_000
    assert read(html).html.count("<p>") == 9_000


@pytest.mark.parametrize(
    "html",
    [
        '<div class="gmail_quote">' * 19_000,
        "<p class=MsoNormal>" * 19_000,
        "<div>&nbsp;" * 19_000,
        f"<div>{'&nbsp;' * 90_000}",
        f"<div>{' ' * 900_000}",
        "<blockquote style='border:none'>" * 19_000,
        '<div class="gmail_signature"><div>x' * 9_000,
        f'<div style="{"border:none;" * 70_000}">',
        f'<div class="{"a " * 400_000}gmail_quote">',
    ],
)
def test_a_megabyte_of_cues_is_bounded_work(html):
    begun = time.process_time()
    html_quotes.without_marks(html_quotes.prepared(html))
    assert time.process_time() - begun < 1
