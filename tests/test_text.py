"""The new words of a mail: quotes, attributions, signatures and our own marker are trimmed, answers are not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mails import mail

from mailticket.core.crossing import MARKER, above_marker, agent_answer
from mailticket.core.parse import parse
from mailticket.core.text import new_words

ATTRIBUTIONS = [
    "On Mon, 3 Jun 2024 at 10:00, Support <support@desk.example> wrote:",
    "On Mon, 3 Jun 2024 at 10:00, Support <support@desk.example>\nwrote:",
    "On Mon, 3 Jun 2024 at 10:00,\nSupport\n<support@desk.example> wrote:",
    "On 6/3/24 10:00, Support wrote:",
    "Am 03.06.24 um 10:00 schrieb Support:",
    "Am Montag, dem 03.06.2024 um 10:00 +0200 schrieb Support:",
    "Le 3 juin 2024 à 10:00, Support <support@desk.example> a écrit :",
    "Dne 03. 06. 24 v 10:00 Support napsal(a):",
    "po 3. 6. 2024 v 10:00 odesílatel Support <support@desk.example> napsal:",
    "po 3. 6. 2024 v 10:00 odesílatel Support\n<support@desk.example> napsal:",
    "El lun, 3 jun 2024 a las 10:00, Support (<support@desk.example>) escribió:",
    "Il giorno lun 3 giu 2024 alle ore 10:00 Support ha scritto:",
    "W dniu 3.06.2024 o 10:00, Support pisze (napisał):",
    "pon., 3 cze 2024 o 10:00 Support <support@desk.example> napisał(a):",
    "Op ma 3 jun 2024 om 10:00 schreef Support <support@desk.example>:",
    "Em seg., 3 de jun. de 2024 às 10:00, Support escreveu:",
    "2024-06-03 10:00 GMT+02:00 Support <support@desk.example>:",
]
BLOCKS = [
    "-----Original Message-----\nFrom: Support\nSent: Monday\nTo: Anna\nSubject: x",
    "________________________________\nFrom: Support <s@desk.example>\nSent: Monday\nTo: Anna\nSubject: x",
    "*From:* Support\n*Sent:* Monday\n*To:* Anna\n*Subject:* x",
    "Von: Support\nGesendet: Montag\nAn: Anna\nBetreff: x",
    "De : Support\nEnvoyé : lundi\nÀ : Anna\nObjet : x",
    "Od: Support\nOdesláno: pondělí\nKomu: Anna\nPředmět: x",
    "-------- Původní zpráva --------\nOd: Support\nDatum: 3. 6. 2024\nKomu: Anna\nPředmět: x",
]
TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"
STAYS = [
    "On 3 June 2024 at 10:30 I wrote:\n\nPlease cancel it.",
    "Am 03.06.2024 um 10:00 schrieb ich:\n\nBitte stornieren.",
    f"The values of 2024:\n{TABLE}",
    f"The values:\n\n{TABLE}",
    "My trip:\n\nFrom: Prague\nTo: London\nDate: 3 June\nThank you",
    "Od: pondělí\nDo: středy\nKde: Praha\nnic nejde",
    "Von: Montag\nBis: Freitag\nAn: der Kasse\nDatum: egal",
    "Our form:\n\nName: Maria\nE-mail: maria@x.example\nSubject: Printer\nMessage: it burns",
    "Bitte prüfen.\n\nVon meinem Konto wurden 50 Euro abgebucht.",
    "It never came.\n\nSent via DHL yesterday.",
    "It is odd.\n\nOutlook for Android crashes",
    "It is odd.\n\nI cannot log in from mobile",
    "Here is another mail.\n\nSent from my desk, which is easier than with my mobile phone.",
    "Nothing found.\n\nMy PC has been scanned for viruses and it is clean.",
    "The shop wrote on 3 June 2024 at 10:00:\n\nWe send it.\n\nBut nothing came.",
    "The log:\n\n2024-06-03 10:00:12 login of bob@x.example:\nwrong password\n\nPlease help",
    "2024-06-03  Anna Novak  <anna@x.example>\n\n\t* printer.c (burn): No more.",
    "As discussed with Peter <peter@x.example>:\n\nplease send it",
    "SQL> select 1\nORA-00923: FROM keyword not found",
    ":-) thank you\n:) again",
    "One\n--\n" + "\n".join(f"line {n} of the log" for n in range(40)),
    "I received this in error, please delete my account. It is confidential, and I want it to be gone from your list.",
]
LINES = st.lists(
    st.sampled_from(
        ["", "> q", ">> r", "> ", "words", "-- ", "--", "Anna", *ATTRIBUTIONS, MARKER, f"> {MARKER}", *BLOCKS]
    )
    | st.text(max_size=20)
)


def answered(text: str, seen: str = "", **headers: str) -> str:
    return agent_answer(parse(mail(*(f"{k}: {v}" for k, v in headers.items()), "", text)), seen)


# --- new words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_a_quote_below_the_words_goes_with_its_attribution(attribution):
    assert new_words(f"It works.\n\nThank you\n\n{attribution}\n\n> words\n> \n>> more\n") == "It works.\n\nThank you"


def test_the_signature_goes():
    assert new_words("Hello\n\nAnna\n-- \nAnna Example\nAcme\n") == "Hello\n\nAnna"
    assert new_words("Hello\n-- \nAnna\n\nOn 3/6/2024 B wrote:\n> q") == "Hello"
    assert new_words("Hello\n\nSent from my iPhone") == "Hello"


def test_answers_between_quoted_lines_keep_the_lines_they_answer():
    text = "On 3/6/2024 B wrote:\n> one?\n\nyes\n\n> two?\nno\n\n> three\n> four"
    assert new_words(text) == "> one?\n\nyes\n\n> two?\nno"


def test_words_below_one_whole_quote_stand_alone():
    assert new_words("On 3/6/2024 B wrote:\n> a\n> b\n\nmy words\n-- \nAnna") == "my words"
    assert new_words("> is it on?\nyes") == "> is it on?\nyes"


@pytest.mark.parametrize("text", ["> only\n> quoted", "-- \nAnna", "On 3/6/2024 B wrote:\n> q", "", "\n\n"])
def test_when_nothing_would_be_left_everything_is_kept(text):
    assert new_words(text) == text.strip("\n")


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\nFrom: the beginning it fails\nTo: be sure, I tried twice",
        "On Monday I wrote:\nnothing",
        "Please see:\n\n10:00 it stops",
        "a > b\n=> c",
        "--- a line ---\nwords",
        *STAYS,
    ],
)
def test_words_that_only_look_like_quoting_stay(text):
    assert new_words(text) == text


@pytest.mark.parametrize("sign", ["|", "EL>", ")"])
def test_another_sign_quotes_where_an_attribution_says_so(sign):
    quoted = "\n".join(f"{sign} {line}" for line in ("one?", "two?"))
    assert new_words(f"On 3/6/2024 Eli <e@x.example> wrote:\n{quoted}\n\nmy words") == "my words"
    assert new_words(f"Both:\n\nOn 3/6/2024 Eli <e@x.example> wrote:\n{quoted}\nyes\n{quoted}\nno").count(sign) == 4


def test_answers_below_a_signature_are_kept():
    assert new_words("See below.\n-- \nAnna\n\nOn 3/6/2024 B wrote:\n> one?\nyes") == "See below.\n\n> one?\nyes"


def test_an_attribution_on_top_goes_where_nothing_says_what_is_quoted():
    assert new_words("On 3/6/2024 10:00, B <b@x.example> wrote:\n\none?\n\nyes") == "one?\n\nyes"


def test_a_forwarded_mail_without_a_word_above_it_is_all_shown():
    text = "---------- Forwarded message ---------\nFrom: B <b@x.example>\nDate: Mon\nSubject: x\n\nwords"
    assert new_words(text) == text


def test_the_new_words_of_an_agents_mail_end_above_our_marker():
    assert parse(mail("", f"Yes.\n\nReply to this mail and your words go to Anna.\n\n{MARKER}\n\nq")).text == "Yes."


def test_an_attribution_takes_no_sentence_with_it():
    text = "On Monday it broke.\nThe code is 12.\nOn Mon, 3 Jun 2024, B wrote:\n> q"
    assert new_words(text) == "On Monday it broke.\nThe code is 12."


@given(LINES.map("\n".join))
def test_new_words_are_lines_of_the_mail_and_something_whenever_it_has_something(text):
    words = new_words(text)
    kept = {line.rstrip() for line in text.split("\n")}
    assert all(line.rstrip() in kept for line in words.split("\n") if line.strip())
    assert bool(words.strip()) == bool(text.strip())


# --- the marker ----------------------------------------------------------------------------------------------


def test_text_without_a_marker_is_unchanged():
    assert above_marker("words\n> q\n\n") == "words\n> q\n\n"


@pytest.mark.parametrize("introduction", [*ATTRIBUTIONS, *BLOCKS])
@pytest.mark.parametrize(
    "quoted",
    [
        f"> Reply above the line.\n>\n> {MARKER}\n> the request",
        f">> {MARKER}\n> the request",
        f"Reply above the line: your answer goes to\nAnna.\n\n{MARKER}\nthe request",
        "> -=-=- Write your answer above\n> this line -=-=-\n> the request",
        f"    {MARKER}\n    the request",
        f"> *{MARKER}*\n> the request",
    ],
)
def test_the_marker_goes_with_all_that_is_below_it_and_what_introduces_it(introduction, quoted):
    text = f"My answer.\n\nIn two paragraphs.\n\n{introduction}\n\n{quoted}\n> secret\nbelow"
    assert above_marker(text) == "My answer.\n\nIn two paragraphs."
    below = "\n\nbelow" if quoted.startswith(">") else ""  # under a quote with > it is the agent who writes
    assert answered(text) == f"My answer.\n\nIn two paragraphs.{below}"


def test_words_on_the_markers_own_line_are_kept():
    assert above_marker(f"answer {MARKER}\nrequest") == "answer"


# --- what an agent says --------------------------------------------------------------------------------------


def test_an_agents_signature_and_quotes_never_cross():
    assert answered(f"Yes.\n-- \nAnna\nphone 1\n\nOn 3/6/2024 S wrote:\n> {MARKER}\n> q") == "Yes."
    assert answered("Yes.\n\nOn 3/6/2024 S wrote:\n> q") == "Yes."


def test_an_agents_answer_loses_a_block_even_where_the_client_lost_the_marker():
    for block in BLOCKS:
        assert answered(f"Yes.\n\n{block}\n\ninternal") == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        f"On 3/6/2024 S wrote:\n> {MARKER}\n> q",
        f"-- \nAnna\n\nOn 3/6/2024 S wrote:\n> {MARKER}\n> q",
        "On 3/6/2024 S wrote:\n> q",
        "-- \nAnna",
        "",
        MARKER,
    ],
)
def test_an_answer_of_nothing_is_nothing_and_never_the_quote(text):
    assert answered(text) == ""


def test_an_answer_in_html_alone_crosses_without_its_quote():
    page = (
        "<div>Yes.</div><div><br></div><div class=gmail_quote><div>On Mon, 3 Jun 2024 at 10:00 Support &lt;"
        "<a href='mailto:s@desk.example'>s@desk.example</a>&gt; wrote:<br></div>"
        f"<blockquote><p>{MARKER}</p>q</blockquote></div>"
    )
    assert agent_answer(parse(mail("Content-Type: text/html", "", page))) == "Yes."


@given(LINES.map("\n".join), LINES.map("\n".join))
def test_nothing_below_the_marker_crosses(above, below):
    secret = "secret-below-the-line"
    assert secret not in answered(f"{above}\n> {MARKER}\n> {secret}\n{below}\n> {secret}\n{below}")
    assert secret not in answered(f"{above}\n{MARKER}\n{secret}\n{below}\n{secret}")


ASSIGNMENT = (
    f"Reply and your words go to Maria.\n{MARKER}\n\nIs it on?\nIs it paid?\n\nEarlier tickets\n  [ACME-7] secret"
)


def quoted(text):
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def test_an_agent_may_answer_under_the_whole_quote():
    reply = f"Anna wrote on 3/6/2024:\n{quoted(ASSIGNMENT)}\n\nYes, both.\n"
    assert answered(reply) == answered(reply, "Is it on?\nIs it paid?") == "Yes, both."


def test_an_answer_between_the_lines_crosses_with_the_customers_lines_and_no_others():
    lines = quoted(ASSIGNMENT).split("\n")
    at = lines.index("> Is it paid?") + 1
    reply = "\n".join(["On 3/6/2024 S wrote:", *lines[: at - 1], "It is.", lines[at - 1], "Not yet.", *lines[at:]])
    seen = "Is it on?\nIs it paid?"
    assert answered(reply, seen) == "> Is it on?\nIt is.\n> Is it paid?\nNot yet."


def test_a_quoted_line_that_the_customer_never_saw_does_not_cross_even_without_the_marker():
    assert answered("> [ACME-7] secret\n> Is it on?\nYes.", "Is it on?") == "> Is it on?\nYes."


def test_a_quoted_line_crosses_however_the_client_wrapped_it():
    assert answered(
        "> I have been waiting\n> for it since Monday\nSorry.", "I have been\nwaiting for it since\nMonday"
    ) == ("> I have been waiting\n> for it since Monday\nSorry.")


@pytest.mark.parametrize(
    "text",
    [
        "On " * 300_000,
        "On \n" * 300_000,
        "\n" * 1_000_000,
        ">" * 1_000_000,
        ">\n" * 500_000,
        "\n> q\nOn 3/6/2024 B wrote:" * 30_000,
        "-=-=-\n" * 150_000,
        "From: x\nSent: x\n" * 60_000,
        "_____\n" * 150_000,
        " " * 1_000_000,
        "--\n" * 300_000,
    ],
)
def test_a_megabyte_of_anything_is_bounded_work(text):
    """Each of these hangs the known libraries; here it is one walk over the lines."""
    begun = time.process_time()
    new_words(text)
    above_marker(f"{text}\n{MARKER}")
    assert time.process_time() - begun < 2
