"""The docs that are made from the code: `python -m mailticket.cli.docs [FOLDER]` writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from . import main
from .bounds import bounds_page
from .facts import templates_page
from .manual import config_page

_PAGE = """\
# The commands

<!-- Made from the code by `python -m mailticket.cli.docs`; a test fails when they differ. -->

`--json` prints one object a line. Errors go to standard error, each as one line `mailticket: …`; the exit status is

| status | meaning |
|---|---|
| 0 | it is done |
| 1 | it went wrong: the line on standard error says why |
| 2 | wrong usage, or the config is wrong |
| 75 | not now; the same may go well later |
| 130 | stopped by ^C |
"""


def pages() -> dict[str, str]:
    """File name → text."""
    return {
        "bounds.md": bounds_page(),
        "commands.md": commands_page(),
        "config.md": config_page(),
        "templates.md": templates_page(),
    }


def commands_page() -> str:
    with click.Context(main, info_name="mailticket") as context:
        return "\n".join([_PAGE, *_sections(main, context)])


def _sections(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        with click.Context(command, info_name=name, parent=context) as inner:
            yield _section(command, inner)
            if isinstance(command, click.Group):
                yield from _sections(command, inner)


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    words = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    options = [option for option in command.params if isinstance(option, click.Option)]
    listed = [f"- `{_written(option)}`: {option.help}" for option in options]
    return "\n".join([f"## `{context.command_path}`", "", f"    {usage}", "", words, "", *listed, ""])


def _written(option: click.Option) -> str:
    names = ", ".join(option.opts)
    if option.is_flag:
        return names
    if isinstance(option.type, click.Choice):
        return f"{names} {'|'.join(option.type.choices)}"
    return f"{names} {option.metavar or option.type.name.upper().split(' ')[0]}"


def write(folder: Path) -> None:
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
