"""Forwarded mail: who wrote the original, when, about what; never a reply, and no reply taken for one."""
# ruff: noqa: E501, RUF001 - whole heads on a line, in many alphabets

import time
from datetime import datetime, timedelta, timezone
from itertools import chain

import pytest
from forwards import FORMS, LINES
from hypothesis import given
from hypothesis import strategies as st
from worlds import parsed

from mailticket.core.forward_head import read_sender
from mailticket.core.forward_words import FORWARDS, LABELS, OTHER_LABELS, ROLES, fold, fold_label
from mailticket.core.forwarded import read_forwarded
from mailticket.core.types import Address

CEST = timezone(timedelta(hours=2))
SENT = datetime(2021, 10, 27, 9, 0, tzinfo=CEST)
WRITTEN = datetime(2021, 10, 26, 14, 25, tzinfo=CEST)
JANA = Address("jana@customer.example", "Jana Malá")
WHO = "Jana Malá <jana@customer.example>"
NOTE = "Can you look at this?"
LANGUAGES = {form.language for form in FORMS}


def forwarded(text, subject="Fwd: Tiskárna", *, replies=False, attachments=()):
    answered = ("<1@customer.example>",) if replies else ()
    return read_forwarded(
        parsed(full_text=text, subject=subject, date=SENT, in_reply_to=answered, attachments=attachments)
    )


def written(form, note=NOTE):
    """What the client makes of our note and the original."""
    below = [*form.head, *LINES]
    if form.quoted:
        below = [f"> {line}".rstrip() for line in below]
    return "\n".join([*([note, ""] if note else []), *below])


def ids(form):
    return f"{form.client}-{form.language}"


@pytest.mark.parametrize("form", FORMS, ids=ids)
@pytest.mark.parametrize("note", [NOTE, ""], ids=["below a note", "alone"])
def test_each_client_in_each_language(form, note):
    got = forwarded(written(form, note), form.subject)
    assert (got.how, got.from_, got.subject) == ("inline", JANA, "Tiskárna")
    assert got.text == "\n".join(LINES)
    assert got.above == note
    local = got.date.replace(second=0, tzinfo=None)
    assert local == WRITTEN.replace(tzinfo=None)  # the zone is the client's, or ours where it writes none


@pytest.mark.parametrize("form", [f for f in FORMS if f.client != "Outlook"], ids=ids)
def test_a_line_that_says_so_needs_no_mark_in_the_subject(form):
    assert forwarded(written(form), "A question").from_ == JANA


def test_every_language_has_clients_in_the_table():
    assert len(LANGUAGES) == 22
    assert {language for language, _ in FORWARDS} == LANGUAGES
    assert {row[0] for row in LABELS} == LANGUAGES | {"hu"}


def test_no_label_means_two_things():
    seen = {}
    for row in LABELS:
        for role, labels in zip(("from", "date", "to", "cc", "subject"), row[1:], strict=True):
            for label in map(fold_label, labels.split("|")):
                assert seen.setdefault(label, role) == role == ROLES[label], label
    assert not set(map(fold_label, OTHER_LABELS)) & set(seen)
    assert all(fold(phrase) == phrase for phrase in chain(*[phrases for _, phrases in FORWARDS]))


OUTLOOK = [f for f in FORMS if f.client == "Outlook"]


@pytest.mark.parametrize("form", OUTLOOK, ids=ids)
@pytest.mark.parametrize("mark", ["Re", "AW", "Odp", "YNT", "Odg", "回复"])
def test_a_reply_has_the_same_head_and_is_none(form, mark):
    assert forwarded(written(form), f"{mark}: Tiskárna") is None
    assert forwarded(written(form), f"{mark}: {form.subject}", replies=True) is None


def test_vs_is_an_answer_in_finnish_and_passed_on_in_danish():
    finnish = next(f for f in OUTLOOK if f.language == "fi")
    danish = next(f for f in OUTLOOK if f.language == "da")
    english = next(f for f in OUTLOOK if f.language == "en")
    assert forwarded(written(finnish), "VS: Tiskárna") is None
    assert forwarded(written(danish), "VS: Tiskárna").from_ == JANA
    assert forwarded(written(english), "VS: Tiskárna", replies=True) is None


@pytest.mark.parametrize(
    "mark", ["FW", "[EXTERNAL] Fwd", "[ACME-7] [x] WG", "Fwd: Re", "ENC", "転送", "Пересл", "RV", "i\u0307lt"]
)
def test_the_outermost_mark_counts(mark):
    assert forwarded(written(OUTLOOK[0]), f"{mark}: Tiskárna", replies=True).from_ == JANA


REPLIES = {
    "gmail": "Yes.\n\nOn Tue, Oct 26, 2021 at 2:25 PM Jana <jana@customer.example> wrote:\n> Hello\n> there",
    "no marks": "Yes.\n\nOn Tue, Oct 26, 2021 at 2:25 PM Jana <jana@customer.example> wrote:\n\nHello\n",
    "between": "> Does it print?\nYes.\n> And scan?\nNo.",
    "of a forward": "Yes.\n\nOn Tue, 26 Oct 2021, Anna <anna@acme.example> wrote:\n> ---------- Forwarded message ---------\n"
    f"> From: {WHO}\n> Date: Mon, 25 Oct 2021 at 10:00\n> Subject: Tiskárna\n>\n> Hello",
    "of a forward, without marks": "Yes.\n\nOn Tue, 26 Oct 2021, Anna <anna@acme.example> wrote:\n\nSee below.\n\n"
    f"---------- Forwarded message ---------\nFrom: {WHO}\nSubject: Tiskárna\n\nHello",
    "by Outlook, of a forward": "Yes.\n\nFrom: Anna <anna@acme.example>\nSent: Tuesday, October 26, 2021 3:00 PM\n"
    "To: Jana\nSubject: Fwd: Tiskárna\n\n---------- Forwarded message ---------\nFrom: Jana <jana@customer.example>\n"
    "Date: Mon, 25 Oct 2021 at 10:00\nSubject: Tiskárna\n\nHello",
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_is_no_forward(name):
    assert forwarded(REPLIES[name], "Re: Tiskárna", replies=True) is None
    assert forwarded(REPLIES[name], "Re: Fwd: Tiskárna", replies=True) is None


PLAIN = {
    "nothing quoted": "Please call me.\nJana",
    "a booking": "Please book:\nFrom: Prague\nTo: Vienna\nDate: 3 May 2021\nThank you",
    "a form": "Name: Jana\nSubject: Printer\nDate: 3 May 2021\nIt is broken.",
    "words about it": "I got a forwarded message:\nit said hello.",
    "an empty mail": "",
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_mail_of_its_own_is_no_forward(name):
    assert forwarded(PLAIN[name], "Hello") is None
    assert forwarded(PLAIN["nothing quoted"], "Fwd: Hello") is None


def test_a_new_mail_with_anothers_head_below_a_short_note_is_one():
    text = written(OUTLOOK[0])
    assert forwarded(text, "Something else").from_ == JANA
    assert forwarded(text, "Something else", replies=True) is None
    assert forwarded(written(OUTLOOK[0], "\n".join(["A long story"] * 11)), "Something else") is None


def test_what_stands_below_the_end_is_the_forwarders():
    """mutt says where it ends; a quoted one ends where the quote does."""
    head = f"From: {WHO}\nDate: Tue, 26 Oct 2021 14:25:08 +0200\nSubject: Tiskárna\nX-Mailer: y\n"
    opened = "----- Forwarded message from Jana Malá <jana@customer.example> -----\n\n"
    got = forwarded(
        f"See:\n\n{opened}{head}\nHello\n-- \nJana\n\n----- End forwarded message -----\nAsk me.\n\n-- \nAnna"
    )
    assert (got.text, got.above, got.below, got.from_) == ("Hello\n-- \nJana", "See:", "Ask me.", JANA)
    quoted = f"> From: {WHO}\n> Date: Tue, 26 Oct 2021 14:25\n> Subject: Tiskárna\n>\n> Hello\n>\n> > old"
    got = forwarded(f"See:\n\n{quoted}\n\nBest, Anna")
    assert (got.text, got.above, got.below) == ("Hello\n\n> old", "See:", "Best, Anna")


def test_the_forwarders_signature_is_none_of_their_words():
    got = forwarded("See below.\n\n-- \nAnna\n" + written(FORMS[0], "").replace("> ", ""))
    assert got.above == "See below."


HEADS = {
    "bold": f"*From:* {WHO}\n*Sent:* Tuesday, October 26, 2021 2:25 PM\n*Subject:* Tiskárna\n\nHello",
    "spaced": f"From: {WHO}\n\nSent: Tuesday, October 26, 2021 2:25 PM\n\nSubject: Tiskárna\n\nHello",
    "turned": f"Subject: Tiskárna\nDate: 2021-10-26 14:25\nFrom: {WHO}\nTo: x@acme.example\n\nHello",
    "wrapped": f"From: {WHO}\nDate: Tue, Oct 26, 2021 at 2:25 PM\nTo: a@acme.example,\n b@acme.example,"
    "\nc@acme.example\nSubject: Tiskárna\n\nHello",
    "below": f"From:\n{WHO}\nSent:\nTuesday, October 26, 2021 2:25 PM\nSubject: Tiskárna\n\nHello",
    "no empty line": f"Gesendet: Dienstag, 26. Oktober 2021 um 14:25 Uhr\nVon: {WHO}\nBetreff: Tiskárna\nHello",
    "wide colons": f"发件人：{WHO}\n发送时间：2021年10月26日 14:25\n主题：Tiskárna\n\nHello",
    "original": f"-----Original Message-----\nFrom: {WHO}\nSent: 26 October 2021 14:25\nSubject: Tiskárna\n\nHello",
    "more fields": f"From: {WHO}\nSent: 26 October 2021 14:25\nReply-To: x@y.example\nImportance: High\n"
    "Subject: Tiskárna\nAttachments: a.pdf\n\nHello",
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_may_look_like_this(name):
    got = forwarded(f"See.\n\n{HEADS[name]}")
    assert (got.from_, got.subject, got.date, got.text, got.above) == (JANA, "Tiskárna", WRITTEN, "Hello", "See.")


INTRODUCED = (
    'On 26.10.21 14:25, "Jana Malá" <jana@customer.example> wrote:',
    'Am 26.10.21, 14:25 schrieb "Jana Malá" <jana@customer.example>:',
    "Dne 26. 10. 2021 14:25, Jana Malá <jana@customer.example> napsal(a):",
    "Le 26/10/2021 14:25, « Jana Malá » <jana@customer.example> a écrit :",
    'El 26/10/21 14:25, "Jana Malá" <jana@customer.example> escribió:',
    "Op 26-10-2021 14:25 heeft Jana Malá <jana@customer.example> geschreven:",
    "Dnia 26.10.2021 14:25 „Jana Malá” <jana@customer.example> napisał:",
)


@pytest.mark.parametrize("line", INTRODUCED)
@pytest.mark.parametrize("words", ["Hello\nthere", "> Hello\n> there"], ids=["bare", "quoted"])
def test_one_that_is_introduced_as_a_reply_is(line, words):
    """Outlook for Mac passes on so; the subject alone says that it does."""
    got = forwarded(f"See.\n\n{line}\n\n{words}\n")
    assert (got.from_, got.date, got.subject) == (JANA, WRITTEN, "Tiskárna")
    assert (got.text, got.above) == ("Hello\nthere", "See.")
    assert forwarded(f"See.\n\n{line}\n\n{words}\n", "Re: Tiskárna", replies=True) is None


def test_the_line_that_says_so_may_stand_outside_the_quote():
    head = "> From: Jana Malá <jana@customer.example>\n> Subject: Tiskárna\n> Date: Tue, 26 Oct 2021 14:25:00 +0200\n>\n> \n"
    got = forwarded(f"See.\n\nForwarded message:\n\n{head}> Hello\n", "A question")
    assert (got.from_, got.date, got.text, got.above) == (JANA, WRITTEN, "Hello", "See.")


POOL = ["> ", "", "---------- Forwarded message ---------", "Begin forwarded message:", "From: Jana <j@c.example>"]
POOL += [
    "Subject: x",
    "Date: 1.1.2021",
    "To: a,",
    "On 1.1.2021 a@b.example wrote:",
    "-- ",
    "words",
    "> words",
    "> From: b",
]
POOL += [
    "----- End forwarded message -----",
    "-----Original Message-----",
    "  folded",
    "> > deep",
    "____________________",
]


@given(st.lists(st.sampled_from(POOL), max_size=30), st.sampled_from(["Fwd: x", "Re: x", "VS: x", "x"]), st.booleans())
def test_whatever_lines_follow_each_other_no_word_is_made_up(lines, subject, replies):
    got = forwarded("\n".join(lines), subject, replies=replies)
    if got is not None:
        said = {line.strip("> ") for line in lines}
        assert {line.strip("> ") for line in f"{got.text}\n{got.above}\n{got.below}".split("\n")} <= said | {""}
        assert got.how == "inline"


SENDERS = {
    "Jana Malá <jana@customer.example>": JANA,
    '"Jana Malá" <jana@customer.example>': JANA,
    "Jana Malá [mailto:jana@customer.example]": JANA,
    "Jana Malá <mailto:jana@customer.example>": JANA,
    "Jana Malá <jana@customer.example<mailto:jana@customer.example>>": JANA,
    "Jana Malá <jana@customer.example> <jana@customer.example>": JANA,
    "Jana Malá [jana@customer.example]": JANA,
    "jana@customer.example": Address("jana@customer.example"),
    "Malá, Jana <jana@customer.example>": Address("jana@customer.example", "Malá, Jana"),
    '"boss@acme.example" <evil@x.example>': Address("evil@x.example", "boss@acme.example"),
    "list@x.example [mailto:list@x.example] On Behalf Of Jana Malá": Address("list@x.example", "Jana Malá"),
    "Office <office@customer.example> im Auftrag von Jana Malá <jana@customer.example>": JANA,
    "Support Team": None,
    "a@x.example, b@x.example": None,
    "": None,
}


@pytest.mark.parametrize("value", SENDERS)
def test_who_it_is_from(value):
    assert read_sender(value) == SENDERS[value]


@pytest.mark.parametrize(
    "line",
    ["From: a\n", "> From: a\n> Date: b\n", "-- Forwarded message --\n", "x:\n", ">" * 70 + "\n", "To: a,\nx\n", "a"],
)
@pytest.mark.parametrize("subject", ["Fwd: Hello", "Hello"])
def test_a_megabyte_of_any_text_is_read_in_a_moment(line, subject):
    """Of what looks like heads, marks and quotes, too; in as many lines as a mail's text may have."""
    text = "\n".join((line * (1_000_000 // len(line))).split("\n")[:50_000])
    before = time.process_time()
    forwarded(text, subject)
    assert time.process_time() - before < 0.5
