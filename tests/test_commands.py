"""Orders at the top of an agent's mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailticket.core.commands import COMMANDS, CommandLine, split, understand
from mailticket.core.lifecycle import HAPPENINGS


def words(text):
    return [line.word for line in split(text)[0]]


def happenings(text):
    return [one.happening for one in understand(split(text)[0])[0]]


def mistakes(text):
    return understand(split(text)[0])[1]


@pytest.mark.parametrize(
    ("text", "commands", "rest"),
    [
        ("#resolve\nThank you.", ["resolve"], "Thank you."),
        ("\n \n#resolve\n\n#reopen\n\nHello,\n\nAnna", ["resolve", "reopen"], "Hello,\n\nAnna"),
        ("#resolve", ["resolve"], ""),
        ("#Resolve\r\nHello\r\n", ["resolve"], "Hello\r\n"),
        ("\u00a0#resolve\u00a0\u2014\nHello", ["resolve"], "Hello"),
        ("\ufeff#\u200bresolve\u200b", ["resolve"], ""),
        ("Hello\n#resolve", [], "Hello\n#resolve"),
        ("> #resolve", [], "> #resolve"),
        ("#1 is broken", [], "#1 is broken"),
        ("# heading", [], "# heading"),
        ("#", [], "#"),
        ("##resolve", [], "#resolve"),
        ("#resolve\n##tag\ntext\n###x\n a ##", ["resolve"], "#tag\ntext\n##x\n a ##"),
        ("- #resolve", [], "- #resolve"),
        ("#resolve\n-- \nAnna", ["resolve"], "-- \nAnna"),
        ("", [], ""),
        ("\n\n", [], ""),
    ],
)
def test_command_lines_stand_at_the_very_top_and_the_rest_is_the_answer(text, commands, rest):
    assert words(text) == commands
    assert split(text)[1] == rest


def test_the_commands_are_happenings_of_the_lifecycle_and_their_docstrings_their_help():
    assert happenings("#resolve\n#REOPEN") == ["resolve", "reopen"]
    assert {c.run() for c in COMMANDS.values()} <= set(HAPPENINGS)
    assert all(c.help and c.name == name == name.casefold() for name, c in COMMANDS.items())


@pytest.mark.parametrize(
    ("line", "reason", "nearest"),
    [
        ("#resovle", "no such command", "#resolve"),
        ("#re-open", "no such command", "#reopen"),
        ("#re\u2011open", "no such command", "#reopen"),
        ("#hashtag here", "there are #resolve, #reopen", ""),
        ("#resolve now please", "stands alone", "#resolve"),
        ("#řešeno", "no such command", ""),
        ("#" + "x" * 100_000, "no such command", ""),
    ],
)
def test_what_looks_like_a_command_and_is_none_is_a_mistake_with_the_nearest_right_one(line, reason, nearest):
    (mistake,) = mistakes(line)
    assert mistake.line == line
    assert reason in mistake.reason
    assert mistake.nearest == nearest


def test_right_ones_and_wrong_ones_are_told_apart():
    understood, wrong = understand(split("#resolve\n#foo\nHello")[0])
    assert [one.name for one in understood] == ["resolve"]
    assert [one.line for one in wrong] == ["#foo"]


def test_a_command_line_keeps_what_was_typed():
    assert split("#Resolve\u00a0 at  Once ")[0] == (CommandLine("resolve", "at Once", "#Resolve at Once"),)


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
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"


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
    ran = [f"#{one.name}" for one in understand(split(text)[0])[0]]
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
    assert [line[1:] if line.startswith("##") else line for line in below] == (rest.split("\n") if rest else [])
    above = text.split("\n")[: len(text.split("\n")) - len(below)]
    assert len([line for line in above if seen(line)]) == len(commands)
