"""Of any text the new words are lines of it, something is left where there was something, and it takes little time."""

import time

import pytest
from footed_by import LINES as FOOTERS
from html_quoted import QUOTED, SIGNED
from hypothesis import given
from hypothesis import strategies as st
from mails import mail
from quoted_blocks import BEGUN, DASHED, LABELS
from quoted_by import ATTRIBUTED, SPARE
from worlds import parsed

from mailticket.core.asked import may_ask
from mailticket.core.commands import split, words_in
from mailticket.core.crossing import MARKER, agent_answer
from mailticket.core.html import html_to_text
from mailticket.core.lines import INTRODUCES, SIGNS, is_marked
from mailticket.core.lines import SIGNED as ENDS
from mailticket.core.parse import parse
from mailticket.core.text import MAX_LINES, new_words

PIECES = [
    *("", " ", "words", "> q", ">> r", "| b", "EL> c", "-- ", "--", "_____", "____" * 12, INTRODUCES, SIGNS, ENDS),
    *(line for _, _, line in ATTRIBUTED[::5]),
    *(line for _, line in (*SPARE[::5], *DASHED[::9], *BEGUN[::9], *FOOTERS[::9])),
    *(f"{label}: Support <s@desk.example> 10:00" for _, _, labels in LABELS[::9] for label in labels.split("|")),
]
LINES = st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=30)


@given(LINES.map("\n".join))
def test_new_words_are_lines_of_the_text_and_never_none_of_them(text):
    words = new_words(text)
    plain = {line.rstrip() for line in text.translate(dict.fromkeys(map(ord, (INTRODUCES, SIGNS, ENDS)))).split("\n")}
    assert {line.rstrip() for line in words.split("\n") if line.strip()} <= plain
    assert bool(words.strip()) == any(line.strip() for line in plain)
    assert not is_marked(words)


@given(LINES.map("\n".join))
def test_no_line_of_an_answer_is_invented(text):
    read = parse(mail("Content-Type: text/plain; charset=utf-8", "", text))
    answer = agent_answer(read)
    assert {x.strip() for x in answer.split("\n")} <= {x.strip() for x in read.full_text.split("\n")} | {""}


ORDERS = ["#take 12", "#\u200bS\u00adhow\u00a07 \u2014", "\ufeff \u2066#li\ufb06 mine", "\t#status--", "#un\u200ddo"]
TOPS = st.lists(st.sampled_from([*ORDERS, "", "words #close 3", "> q", "> #spam 4", f"> {MARKER}", MARKER]), max_size=8)


@given(TOPS.map("\n".join), st.sampled_from(["", "#take 12"]))
def test_whatever_an_answer_orders_is_seen_before_it_is_known_what_is_new_in_it(text, seen):
    mail = parsed(text=text)
    ordered = {line.word for line in split(agent_answer(mail, seen))[0]}
    assert ordered <= words_in(text)
    assert may_ask(mail) or not ordered


TAGS = st.lists(
    st.sampled_from([html for _, _, html in (*QUOTED, *SIGNED)])
    | st.sampled_from(
        ["<p>", "</p>", "<div>", "</div>", "<blockquote>", "</blockquote>", "<p class=MsoNormal>", "&nbsp;"]
    )
    | st.text(max_size=10),
    max_size=12,
)


@given(TAGS.map("".join))
def test_html_of_any_shape_leaves_no_mark_and_its_new_words_are_lines_of_its_text(html):
    read = parse(mail("Content-Type: text/html; charset=utf-8", "", html))
    assert not is_marked(read.full_text + read.text + read.html + html_to_text(html))
    assert {x.strip() for x in read.text.split("\n")} <= {x.strip() for x in read.full_text.split("\n")} | {""}


REPEATED = {
    "lines that end as attributions do": "wrote:\n",
    "paragraphs that do": "\n1 wrote:\n",
    "attributions of one's own": "я написал 2024:\n\n",
    "dates": "\n@ 2024 10:00:\n",
    "labels": "a:\n",
    "labels of one language": "Da: 2024 10:00\n",
    "two labels": "From: x\nSent: x\n",
    "quotes with attributions": "\n> q\nOn 3/6/2024 B wrote:",
    "signatures with quotes": "x\n-- \n> q\n",
    "footers": "Sent from my x\n",
    "sentences like footers": "Sent from\n\n",
    "disclaimers": "confidential privileged addressee\n",
    "tables": "| a\n",
    "tables with attributions": "| a\nx 2024:\n",
    "rules": "_____\n",
    "marks of a quote": f"{INTRODUCES}x\n",
    "marks of a signature": f"{SIGNS}x\n> a\n",
    "signs": ":-=-=-\n",
    "a long line": "On 2024 10:00 a@b wrote" + " " * 300 + "x\n",
    "no line at all": "On 3 June a@b.example wrote ",
}


@pytest.mark.parametrize("what", REPEATED)
def test_a_megabyte_of_anything_takes_no_time(what):
    text = REPEATED[what] * (1_000_000 // len(REPEATED[what]))
    text = "\n".join(text.split("\n")[:50_000])  # as many as are read of a mail
    begun = time.process_time()
    new_words(text)
    assert time.process_time() - begun < 2


def test_what_no_mail_that_was_read_can_be_is_left_as_it_is():
    text = "words\n" + "> q\n" * MAX_LINES
    assert new_words(text) == text.strip("\n")
