"""The README is true: its commands run, its links lead somewhere, and its tables are those of the code."""

from __future__ import annotations

import re

import click
import pytest
from readme import README, command

from mailticket import __version__
from mailticket.cli import main
from mailticket.core.bounds import BOUNDS
from mailticket.core.commands import COMMANDS

ROOT = README.parent
TEXT = README.read_text(encoding="utf-8")
# What is not in the repository, and where the reader finds it.
ELSEWHERE = ("http://", "https://", "mailto:")
SCREEN, WIDTH = 50, 128  # lines and columns of a window on a usual screen


@pytest.mark.parametrize("number", [1, 2])
def test_the_first_two_fenced_blocks_are_one_line_of_sh(number):
    """They are the two commands that a newcomer pastes, and CI runs the second."""
    assert ".venv/bin/" in command(number)


def test_nothing_is_fenced_before_the_two_commands():
    fences = re.findall(r"(?m)^ {0,3}(?:```|~~~)(.*)$", TEXT)
    assert fences[:4] == ["sh", "", "sh", ""]


def test_the_first_command_shows_the_demo_and_the_second_runs_every_test():
    assert command(1).endswith("mailticket demo")
    assert command(2).endswith("tests/run.py")
    assert all("-c requirements.lock" in command(number) for number in (1, 2))


def named_commands(text: str) -> set[str]:
    """Every `mailticket …` that the text shows, up to its first option or argument."""
    shown = re.findall(r"(?:^ {4}|`|bin/)mailticket((?: [a-z]+)+)", text, re.MULTILINE)
    return {words.strip() for words in shown}


def test_every_command_that_is_named_exists():
    named = named_commands(TEXT)
    assert {"demo", "run", "init", "check", "ingest", "status", "inbox list"} <= named
    for words in named:
        found: click.Command = main
        for word in words.split():
            if not isinstance(found, click.Group):
                break  # what follows is an argument
            assert word in found.commands, f"README names `mailticket {words}`"
            found = found.commands[word]


def test_every_option_that_is_named_exists():
    options = {option for known in every_command(main) for param in known.params for option in param.opts}
    named = set(re.findall(r"mailticket [a-z ]*[^`\n]*?(--[a-z-]+)", TEXT))
    assert named
    assert named <= options


def every_command(group: click.Group):
    for known in group.commands.values():
        yield known
        if isinstance(known, click.Group):
            yield from every_command(known)


@pytest.mark.parametrize(
    "page", [README, *sorted((ROOT / "docs").glob("*.md")), ROOT / "CHANGELOG.md"], ids=lambda p: p.name
)
def test_every_linked_file_exists(page):
    for link in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not link.startswith((*ELSEWHERE, "#")):
            assert (page.parent / link.partition("#")[0]).exists(), f"{page.name} links {link}"


def test_every_file_of_the_code_that_is_named_exists():
    """`core/x.py` and the like, from the root or from the package."""
    named = re.findall(r"(?<![\w./])((?:[a-z]+/)+[a-z_]+\.py)", TEXT)
    assert named
    for path in named:
        assert (ROOT / path).exists() or (ROOT / "mailticket" / path).exists(), f"README names {path}"


def test_the_table_of_agent_commands_is_that_of_the_code():
    rows = {row.split(" ")[0]: " " in row for row in re.findall(r"(?m)^\| `#([a-z][^`]*)` \|", TEXT)}
    assert sorted(rows) == sorted(COMMANDS)
    assert {name for name, has_argument in rows.items() if has_argument} == {
        name for name, known in COMMANDS.items() if known.argument
    }


def test_the_page_for_agents_fits_on_one_screen():
    page = TEXT.partition("## For agents\n")[2].partition("\n### For managers\n")[0]
    assert len(page.strip().splitlines()) <= SCREEN
    assert max(map(len, page.splitlines())) <= WIDTH


def test_every_bound_has_its_words_in_the_readme():
    said = " ".join(TEXT.split())
    assert [b.what for b in BOUNDS if f"{b.most:,.10g} {b.what}" not in said] == []


def test_the_changelog_has_the_version():
    heads = re.findall(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert heads[0] == __version__


def test_no_placeholder_is_left():
    assert not re.findall(r"(?m)^(?:BENCH|TODO|TBD|XXX)\b.*$|[A-Z]+_HERE", TEXT)


def test_the_checks_above_see_what_they_look_for():
    assert named_commands("    mailticket nothing here\n`mailticket inbox show 1`") == {"nothing here", "inbox show"}
