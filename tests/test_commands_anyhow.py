"""Whatever is typed or sent, no command runs that the first lines do not spell, and nothing of an answer is lost."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from letters import desk

from mailticket.core.commands import COMMANDS, split, understand
from mailticket.core.completed import completed
from mailticket.core.crossing import agent_answer
from mailticket.core.lines import mark
from mailticket.core.parse import parse

POLICY = desk()


def orders(text):
    return understand(split(text)[0], POLICY, "ticket")[0]


# Texts of pieces that come near to commands, and any others.
pieces = st.sampled_from(
    [
        "#",
        "##",
        "resolve",
        "reopen",
        "Resolve",
        " ",
        "\n",
        "\r\n",
        "\u00a0",
        "\u200b",
        "\u2028",
        "\x0b",
        "\x85",
        "-",
        "a",
    ],
)
texts = st.text() | st.lists(pieces, max_size=12).map("".join)
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u2066\u2067\u2068\u2069"


def seen(line):
    """A line as a person sees it."""
    return "".join(c for c in line if c not in INVISIBLE).strip()


@given(texts)
def test_no_text_runs_a_command_that_its_first_lines_do_not_spell(text):
    top = []
    for line in filter(None, map(seen, text.split("\n"))):
        if not line.startswith("#"):
            break
        top.append(" ".join(line.split()).casefold().rstrip("- \u2014"))
    ran = [f"#{one.name}" for one in orders(text)]
    assert ran == [line for line in top[: len(split(text)[0])] if line[1:] in COMMANDS]


@given(texts)
def test_a_text_whose_first_words_are_no_command_has_none(text):
    first = next(filter(None, map(seen, text.split("\n"))), "")
    commands, rest = split(text)
    if not (first[:1] == "#" and first[1:2].isalpha()):
        assert commands == ()
        assert rest.replace("#", "").strip() in text.replace("#", "")


@given(texts)
def test_an_answer_under_two_number_signs_is_never_read_as_a_command(text):
    assert split("##" + text)[0] == ()
    assert split("##" + text)[1].startswith("#")


@given(texts)
def test_what_is_cut_off_is_blank_or_a_command_and_nothing_of_the_answer_is_lost(text):
    commands, rest = split(text)
    below = text.split("\n")[len(text.split("\n")) - len(rest.split("\n")) :] if rest else []
    wanted = [line.replace("##", "#", 1) if line.lstrip().startswith("##") else line for line in below]
    assert wanted == (rest.split("\n") if rest else [])
    above = text.split("\n")[: len(text.split("\n")) - len(below)]
    assert len([line for line in above if seen(line)]) == len(commands)


# --- from a mail's bytes -------------------------------------------------------------------------------------

HEADS = (
    b"Content-Type: text/plain; charset=utf-8\r\n",
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Type: text/plain; charset=utf-7\r\n",
    b"Content-Type: text/html; charset=utf-8\r\n",
    b"",
)
PIECES = (
    b"#",
    b"##",
    b"resolve",
    b"close",
    b" ",
    b"\r\n",
    b"\r\n\r\n",
    b"=23",
    b"=0A",
    b"&#35;",
    b"<br>",
    b"<p>",
    b">",
)
bodies = st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join)


@settings(deadline=None)
@given(st.sampled_from(HEADS), bodies)
@example(HEADS[0], b">\r#a")
def test_no_bytes_of_a_body_run_a_command_that_the_first_lines_do_not_spell(head, body):
    """What a person sees at the top of the mail, or below what it quotes first, is all that can be an order, however it
    was encoded."""
    mail = completed(parse(b"From: anna@acme.example\r\nMIME-Version: 1.0\r\n" + head + b"\r\n" + body))
    lines = split(agent_answer(mail))[0]
    top = [line for line in map(seen, mail.full_text.split("\n")) if line and not mark(line)]
    spelled = [" ".join(line.split()).casefold().rstrip("- \u2014") for line in top[: len(lines)]]
    for order, line in zip(lines, spelled, strict=True):
        assert f"#{order.word} {order.argument}".casefold().strip() == line.strip()
