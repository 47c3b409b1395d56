"""The config's manual, made from the table of keys: the file that `init` writes, and the page in the docs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from ..config_keys import KEYS
from ..config_keys_oauth2 import OAUTH2_KEYS
from ..config_names import NOTED, listed
from ..config_tables import TABLES, Key, Table

_WIDTH = 110
_WHOLE_WORDS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}  # they are typed as they stand
_HEAD = """\
# mailticket's config. Lines that begin with # are comments; a key behind a # shows its default, or an example.
# `mailticket check -c {path}` says whether all is right, with all that is wrong at once.
#
# Sizes are written "500 KB", "35 MB" (or KiB, MiB), times "20s", "5m", "4h", "3d". Keys marked "Required" are set
# below to examples: make them yours.
"""


def starter(path: str) -> str:
    """A config that is right as it stands and says what every key means."""
    blocks = [_HEAD.format(path=path)]
    for table in TABLES:
        keys = [key for key in KEYS if key.table == table.name]
        lines = [_comment(table.meaning + _switch(table, keys)), f"# {table.head}" if table.off else table.head]
        for key in keys:
            lines += _starter_key(key, off=table.off)
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _switch(table: Table, keys: Sequence[Key]) -> str:
    if not table.off:
        return ""
    needed = listed([key.name for key in keys if key.required], "and")
    return f" Take the # away from its head{needed and f', and from {needed}'} to switch it on."


def _starter_key(key: Key, *, off: bool) -> list[str]:
    if key.table == "department.service_levels":  # four alike: one sentence stands above them already
        return [f"# {key.name} = {key.value}"]
    note = " Required." if key.required else f" Default: {key.default}." if key.default else ""
    written = f"{key.name} = {key.value}"
    return ["", _comment(key.meaning + note), written if key.required and not off else f"# {written}"]


def _comment(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), _WIDTH, initial_indent="# ", subsequent_indent="# ", **_WHOLE_WORDS)


def config_page() -> str:
    parts = [_PAGE]
    parts += [_table_section(table) for table in TABLES]
    parts.append(_oauth2_section())
    parts.append(_kept_section())
    return "\n".join(parts)


_PAGE = """\
# The config

<!-- Made from the code by `python -m mailticket.cli.docs`; a test fails when they differ. -->

One TOML file. Each command takes `-c FILE`, also after its name; without it the file is `$MAILTICKET_CONFIG`, else
`./mailticket.toml`, else `/etc/mailticket/mailticket.toml`. `mailticket init` writes one with comments, and
`mailticket check` tells everything that is wrong with it at once, one line each, with the line in the file:

    mailticket: mailticket.toml:12: department[0].adress: no such key; did you mean "addresses"?

- **Sizes** are `"500 KB"`, `"35 MB"`, `"1 GB"` (decimal) or `KiB`, `MiB`, `GiB` (binary).
- **Times** are `"20s"`, `"5m"`, `"4h"`, `"3d"`, or several: `"1d 4h"`. In service levels they count business hours, and
  a day is an average working day of the department.
- **Secrets** are text of at least 16 characters, or where to find it: `{ file = "secret" }` (relative to the config),
  `{ env = "NAME" }`, or `{ credential = "NAME" }`, a file in systemd's `$CREDENTIALS_DIRECTORY`. White space around it
  does not count.
- **Paths** are relative to the config file.
- Holidays are worked out from last year to ten years ahead, each time the config is read.
"""


def _table_section(table: Table) -> str:
    rows = _rows([key for key in KEYS if key.table == table.name])
    off = " Off unless it is written." if table.off else ""
    return "\n".join([f"## `{table.head}`", "", table.meaning.replace("\n", " ") + off, "", *rows, ""])


def _rows(keys: Sequence[Key]) -> list[str]:
    head = ["| key | default | meaning |", "|---|---|---|"]
    return head + [f"| `{key.name}` | {_default(key)} | {_cell(key.meaning)} |" for key in keys]


_OAUTH2 = """\
## `oauth2`

In `[delivery]` and `[imap.NAME]`, instead of a password: access tokens (RFC 6749), for servers that take no passwords.
Write it as one line, or as a table of its own: `[delivery.oauth2]`, `[imap.main.oauth2]`. With a `refresh_token` a
person has logged in, by `mailticket imap login`; with a `client_secret` alone the application does it itself (client
credentials). Tokens are renewed in time, kept in memory, and never logged. Step by step: [Gmail](gmail.md),
[Microsoft 365](microsoft365.md).
"""


def _oauth2_section() -> str:
    return "\n".join([_OAUTH2, *_rows(OAUTH2_KEYS), ""])


def _default(key: Key) -> str:
    if key.required:
        return f"required; e.g. `{key.value}`"
    return f"{key.default}; e.g. `{key.value}`" if key.default else f"`{key.value}`"


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


def _kept_section() -> str:
    noted = [_listed(table, names) for table, names in NOTED.items()]
    lines = [
        "## Not in this version yet",
        "",
        "Known and checked, but not acted on; each one that is written is warned about:",
        *noted,
        "",
        "Refused, because a config that relies on them would not do what it says:",
        "- PostgreSQL as the database, languages other than English",
        "",
    ]
    return "\n".join(lines)


def _listed(table: str, names: tuple[str, ...]) -> str:
    return f"- in `{table}`: " + ", ".join(f"`{name}`" for name in names)
