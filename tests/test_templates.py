"""The shipped templates: what they say, and what a stranger's text can do in them: nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jinja2 import Environment, meta
from letters import (
    ADDED,
    FACTS,
    POLICY,
    SOURCES,
    TEMPLATES,
    Tags,
    attachment,
    body,
    desk,
    letter,
    made,
    mail,
    read,
    render,
)
from worlds import context, decided, parsed

from mailticket.core.bodies import MAX_LINES, MAX_TEXT
from mailticket.core.crossing import MARKER, agent_answer
from mailticket.core.identity import refs_in_bytes
from mailticket.core.plan import ANSWERED_BY_NOTES, Outgoing
from mailticket.core.render import ADDED_FACTS
from mailticket.core.wording import FILTERS

AGENT_MAILS = ("assignment", "relay", "handover")
LINK = f"mailto:{ADDED['note_address'].replace('+', '%2B')}?subject=%5BACME-1042%5D%20Printer%20on%20fire"
SHOWS = re.compile(
    r"mailto:support%2Ba[a-z2-7]+@acme\.example\?subject=%23(?:show%20[0-9]+|list%20(?:overdue|unassigned|department%20.+))"
)
MACROS = re.findall(r"macro (\w+)", SOURCES["en/parts.html.j2"] + SOURCES["en/parts.txt.j2"])
STRANGERS = ("name", "subject", "filename", "reply", "line", "reply_line", "agent_name")  # facts with others' words


def hostile(value: Any, words: str, only: tuple[str, ...] = (), key: str = "") -> Any:
    """The same facts with `words` wherever there was text, or under the keys `only`."""
    if isinstance(value, str):
        return words if key in only or not only else value
    if isinstance(value, list):
        return [hostile(one, words, only, key) for one in value]
    if isinstance(value, dict):
        return {name: hostile(one, words, only, name) for name, one in value.items()}
    return value


# --- long texts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["\t" * MAX_TEXT, '"\n\n' * (MAX_TEXT // 3), "&\n" * MAX_LINES], ids=["tabs", "blocks", "lines"]
)
@pytest.mark.parametrize(("name", "fact"), [("answer", "text"), ("notice-empty", "original")])
def test_the_longest_text_that_is_read_can_be_written(name, fact, text):
    assert render(name, **{fact: text}).html


@pytest.mark.parametrize("text", ["long line " * 20_000, "line\n" * 6_000])
def test_an_agents_mail_shows_the_beginning_of_a_long_text_and_has_all_of_it_attached(text):
    plan = decided(parsed(text=text), context())
    (letter,) = (one for one in plan.letters if one.template == "assignment")
    shown = str(letter.facts["text"])
    assert len(shown) < 101_000
    assert shown.endswith("… the rest is in the attachment")
    (file,) = letter.attachments
    assert (file.filename, file.content.decode()) == ("message.txt", text)
    assert letter.facts["attachments"] == [{"filename": "message.txt", "size": len(text)}]


# --- the shipped templates -----------------------------------------------------------------------------------


def test_every_template_has_text_and_html_and_compiles():
    names = {name.removeprefix("en/").split(".")[0] for name in SOURCES}
    assert names == {*FACTS, "base", "parts"}
    assert all(f"en/{name}.{kind}.j2" in SOURCES for name in FACTS for kind in ("txt", "html"))
    assert TEMPLATES.faults() == []


@pytest.mark.parametrize("name", FACTS)
def test_a_template_names_documented_facts_only(name):
    parser = Environment(autoescape=True)
    parser.filters.update(FILTERS)
    for kind in ("txt", "html"):
        named = meta.find_undeclared_variables(parser.parse(SOURCES[f"en/{name}.{kind}.j2"]))
        assert named <= {*FACTS[name], *ADDED_FACTS, *MACROS}


@pytest.mark.parametrize("name", FACTS)
def test_html_asks_nothing_of_anybody(name):
    """No picture, no script, no style sheet from elsewhere, and no link but those that begin a mail to the desk: one to
    write a note, one each to show a listed ticket."""
    page = render(name, subject="Printer on fire").html
    found = Tags(page)
    notes = [link for link in found.outside if not SHOWS.fullmatch(link)]
    assert {*notes} <= {LINK}
    assert not {"img", "script", "link", "iframe"} & set(found.tags)
    assert (found.tags.count("a"), len(notes) <= 1) == (len(found.outside), True)
    assert "http" not in page
    assert "url(" not in page


def in_words(mail: Outgoing) -> set[str]:
    """The purposes of the marks in its parts, be they text or HTML."""
    parts = (part.get_payload(decode=True) or b"" for part in read(mail.raw).walk() if not part.is_multipart())
    return {purpose for part in parts for purpose, _ in refs_in_bytes(part, POLICY)}


@pytest.mark.parametrize("name", [name for name in FACTS if letter(name).audience == "agent"])
def test_no_address_in_the_words_of_a_mail_to_an_agent_proves_more_than_notes_or_questions(name):
    """They go where the mail is passed on to. What proves an agent stands in headers, which stay behind."""
    about_a_ticket, about_none = made(name), made(name, ticket=None)
    assert in_words(about_a_ticket) <= {"note"}
    assert in_words(about_none) <= {"ask"}
    for one in (about_a_ticket, about_none):
        assert {purpose for purpose, _ in refs_in_bytes(one.raw, POLICY)} & {"message", "reply"}


def test_lists_have_addresses_to_ask_and_mails_about_a_ticket_one_for_notes():
    assert {name for name in LISTS if "ask" not in in_words(made(name, ticket=None))} == set()
    assert in_words(made("assignment")) == {"note"}


LISTS = [name for name in FACTS if any("number" in row for row in FACTS[name].get("rows", ()))]


@pytest.mark.parametrize("name", LISTS)
def test_each_number_of_a_list_is_a_link_to_a_mail_that_shows_it(name):
    shown = [link.partition("=%23show%20") for link in Tags(render(name).html).outside]
    assert [int(number) for _, link, number in shown if link] == [row["number"] for row in FACTS[name]["rows"]]


OF_TICKETS = [
    name for name in FACTS if name in AGENT_MAILS or re.search("no_reply|note_line", SOURCES[f"en/{name}.html.j2"])
]
BY_COMMAND = "#note on the first line keeps the whole mail internal."


@pytest.mark.parametrize("name", OF_TICKETS)
def test_a_mail_to_an_agent_about_a_ticket_says_how_to_write_a_note(name):
    """The address on a line of its own, and a link; the command where there is no address; nothing without a ticket."""
    made = render(name, subject="Printer on fire")
    assert ADDED["note_address"] in made.text.split("\n")
    assert f'<a href="{LINK}"' in made.html
    assert "Write an internal note</a>" in made.html
    without = render(name, note_address="")
    for said in (without.text, without.html.replace("<code>", "").replace("</code>", "")):
        assert BY_COMMAND in said
    assert "internal note" not in without.text + without.html
    elsewhere = render(name, note_address="", tag="", number=None)
    assert not re.search("internal|#note", elsewhere.text + elsewhere.html)


def test_most_mails_to_agents_say_how_to_write_a_note():
    assert len(OF_TICKETS) > 15
    assert "acknowledgement" not in OF_TICKETS
    assert "answer" not in OF_TICKETS


@pytest.mark.parametrize("name", ANSWERED_BY_NOTES)
def test_a_mail_that_is_answered_by_a_note_says_so(name):
    for said in (render(name).text, render(name).html):
        assert "A reply to this mail is a note: the customer does not see it." in said


@pytest.mark.parametrize("name", FACTS)
def test_names_and_subjects_stay_on_their_line(name):
    """A name or a subject with line ends cannot write lines of its own into what the desk says."""
    facts = hostile(FACTS[name], "a\r\n\nb", STRANGERS)
    assert "\nb" not in body(made(name, facts=facts, subject="a\r\n\nb").raw, "plain")


@pytest.mark.parametrize("name", FACTS)
def test_a_text_has_no_two_empty_lines_in_a_row(name):
    for facts in ({}, {"note_address": ""}, {"note_address": "", "tag": "", "number": None}):
        assert "\n\n\n" not in render(name, **facts).text


def test_an_acknowledgement_says_what_it_must():
    text = render("acknowledgement").text
    for said in (
        "[ACME-1042]", "Printer on fire", "Sunday 22 November 2026, 14:03 CET\n", "(08:03 your time, UTC-05:00)",
        "3.2 KB", "2 attachments", "Monday 23 November 2026, 13:00 CET", "4 working hours",
        "reply to this mail", "[ACME-12] is closed",
    ):  # fmt: skip
        assert said in text
    plain = render("acknowledgement", follow_up_of=None, offset=None, attachment_count=0, name="").text
    assert plain.startswith("Hello,\n")
    assert "no attachments" in plain
    assert "closed" not in plain
    assert "your time" not in plain


@pytest.mark.parametrize("known", [True, False])
def test_an_acknowledgement_says_what_the_ticket_is_called_and_how_to_add_something(known):
    """As text and as HTML alike; to a stranger, too, who gets none of their words back."""
    named = {"name": "Maria", "subject": "Printer on fire"} if known else {"name": "", "subject": "Acme"}
    rendered = render("acknowledgement", known=known, **named)
    for said in (rendered.text, re.sub("<[^>]*>", "", rendered.html)):
        words = " ".join(said.split())
        assert "t is ticket [ACME-1042]." in words
        assert "To add something, reply to this mail." in words
        assert "put [ACME-1042] in its subject" in words
        assert ("Printer on fire" in words, "Maria" in words) == (known, known)


@pytest.mark.parametrize("open_count", [1, 7])
def test_an_assignment_shows_five_open_tickets_of_the_same_customer_and_counts_the_others(open_count):
    one = FACTS["assignment"]["open"][0]
    rendered = render("assignment", open=[one] * min(open_count, 5), open_count=open_count, proved=False)
    rest = {1: "", 7: "and 2 older ones"}[open_count]
    for said in (rendered.text, re.sub("<[^>]*>", "", rendered.html)):
        words = " ".join(said.split())
        assert f"{open_count} open ticket{'s' * (open_count > 1)} besides this one" in words
        assert "by the address: nothing proves that it is the same person" in words
        assert words.count("[ACME-40] Printer hums (open, Boris Novák) #merge 40") == min(open_count, 5)
        assert rest in words
    assert "<code>#merge 40</code>" in rendered.html
    assert "besides" not in render("assignment", open=[], open_count=0).text


@pytest.mark.parametrize("name", AGENT_MAILS)
def test_an_agents_mail_begins_with_what_a_reply_does(name):
    rendered = render(name)
    above, marker, _ = rendered.text.partition(MARKER)
    assert marker
    how_to_note = f"For an internal note, which the customer does not see, write to {ADDED['note_address']}"
    assert " ".join(above.split()) == f"{FACTS[name]['reply_line']} {how_to_note}"
    assert max(len(line) for line in above.split("\n")) <= 72  # a longer one is broken when it is quoted
    assert (
        rendered.html.index("your words go to") < rendered.html.index(MARKER) < rendered.html.index("our printer burns")
    )


def test_an_assignment_says_who_what_and_when():
    text = render("assignment").text
    for said in (
        "our printer burns", "photo of the printer.jpg (1.2 MB)", "Maria Nováková <maria@customer.example>",
        "[ACME-12] Printer smokes (closed, 24 August 2026)", "and 3 older ones", "13:00 CET (4 working hours",
        "[ACME-7]",
    ):  # fmt: skip
        assert said in text
    first = render("assignment", earlier=[], earlier_count=0, attachments=[], mentions=[], automatic=True).text
    assert "first ticket" in first
    assert "A machine wrote" in first
    assert "Attachments" not in first
    assert "mentions" not in first


def test_an_answer_is_the_agents_words_and_nothing_else():
    assert render("answer").text == FACTS["answer"]["text"] + "\n"
    assert render("answer", signature="Anna, Acme").text.endswith("Anna\n\n-- \nAnna, Acme\n")


@pytest.mark.parametrize("name", [name for name in FACTS if name.startswith("notice-")])
def test_a_notice_says_that_nobody_reads_replies_to_it(name):
    rendered = render(name)
    assert "A reply to this mail is not sent to anybody." in rendered.text
    assert "A reply to this mail is not sent to anybody." in rendered.html
    assert "ticket" not in render(name, tag="", number=None).text.split("\n")[0]


@pytest.mark.parametrize("name", AGENT_MAILS)
@pytest.mark.parametrize("mark", ["> ", "", ">"])
@pytest.mark.parametrize(
    "introduction",
    [
        "On Sun, 22 Nov 2026 at 14:03, Acme Support <support@acme.example> wrote:\n",
        "________________________________\nFrom: Acme Support <support@acme.example>\nSent: Sunday\nTo: Anna\n\n",
        "-----Original Message-----\nFrom: Acme Support\nSent: Sunday\nTo: Anna\nSubject: Printer on fire\n\n",
    ],
    ids=["gmail", "outlook", "old outlook"],
)
def test_nothing_of_our_own_words_comes_through_in_an_agents_reply(name, mark, introduction):
    """What a client quotes of an assignment, with or without marks, never crosses to the customer."""
    quoted = "\n".join(mark + line for line in body(made(name).raw, "plain").split("\n"))
    reply = mail(full_text=f"Pull the plug.\n\nAnna\n\n{introduction}{quoted}")
    assert agent_answer(reply) == "Pull the plug.\n\nAnna"


def test_the_agents_file_names_are_those_that_are_attached():
    out = made("assignment", attachments=(attachment("log.txt"),), policy=desk())
    assert b'filename="log.txt"' in out.raw
