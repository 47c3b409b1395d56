"""The page on templates: how an admin replaces them, what each one may name, and the filters for that."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from ..core import wording
from ..core.samples import ADDED, SAMPLES

_SHOWN = 60
_PAGE = """\
# The templates

<!-- Made from the code by `python -m mailticket.cli.docs`; a test fails when they differ. -->

Every mail of the desk is a text and a page, made of `templates/en/NAME.txt.j2` and `NAME.html.j2` by Jinja2.
Write `templates = "FOLDER"` under `[desk]`, and a file `FOLDER/en/NAME.txt.j2` replaces the shipped one of that name;
all others stay. `base.html.j2` and `parts.html.j2` are what pages are made of, and can be replaced, too.

- `mailticket check` tries every file of yours with the facts below, and without those that a mail may lack. It names
  each one that is broken or replaces nothing, with its line, and exits with 2.
- A file that is broken never costs a mail: the shipped one is used, and the journal says so once.
- Facts are only ever words: HTML is escaped in pages, which cannot be switched off, and nothing in a fact is run.
- Where the shipped file shows `{{ marker }}`, yours must: what stands below that line does not go on to customers.

## Facts in every template

"""


def templates_page() -> str:
    parts = [_PAGE + _table(ADDED)]
    parts += [f"## `{name}`\n\n{_table(facts)}" for name, facts in SAMPLES.items()]
    filters = [
        f"- `{name}`" + _first_line(getattr(wording, name, function)) for name, function in wording.FILTERS.items()
    ]
    parts.append("## Filters\n\nThose of ours, beside a few of Jinja's:\n\n" + "\n".join(filters) + "\n")
    return "\n".join(parts)


def _table(facts: dict[str, Any]) -> str:
    rows = [f"| `{name}` | {_shown(value)} |" for name, value in facts.items()]
    return "\n".join(["| fact | for example |", "|---|---|", *rows, ""])


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return "a time, for the filters `when` and `day`"
    if isinstance(value, timedelta | tzinfo):
        return "for the filter `when`"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return f"a list, each with {_names(value[0])}"
    if isinstance(value, dict):
        return f"has {_names(value)}"
    if isinstance(value, list):
        return f"a list: {_code(', '.join(map(str, value)))}"
    return _code(str(value)) if str(value) else "a text"


def _names(value: dict[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in value)


def _code(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|").replace("`", "'")
    return f"`{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}`"


def _first_line(function: Any) -> str:
    said = (function.__doc__ or "").strip().split("\n")[0]
    return f": {said}" if said else ""
