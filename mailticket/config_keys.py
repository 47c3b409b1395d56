"""The one table of config keys: `init` writes its manual from it, the docs are made from it, errors look in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the config. `head` is how its header is written."""

    name: str
    head: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key that this version acts on. `value` is TOML: the default, or for a required key an example."""

    table: str
    name: str
    value: str
    meaning: str
    required: bool = False
    default: str = ""  # in words, where the default is not `value`


TABLES = (
    Table("desk", "[desk]", "The desk as a whole."),
    Table("smtp", "[smtp]", "The listener for incoming mail. Remove the whole table to run without one."),
    Table("delivery", "[delivery]", "The mail server that takes what the desk sends."),
    Table(
        "department", "[[department]]", "One department: a support address and its rules. Write as many as you need."
    ),
    Table(
        "department.service_levels",
        "[department.service_levels]",
        "What the department above promises, by priority. Times count its business hours only, and a day is one of\n"
        "its working days. A priority without a line takes the next higher one's; without any, nothing is promised.",
    ),
    Table("agent", "[[agent]]", "One person who answers. Write as many as you need."),
)

_LEVEL = '{ first_response = "4h", resolution = "3d" }'
KEYS = (
    Key("desk", "name", '"Support desk"', "What customers and agents see as the sender of the desk's own mails.", True),
    Key(
        "desk",
        "secret",
        '{ file = "secret" }',
        "Keys the signed references in our mails, which prove who may answer. At least 16 characters. Instead of the\n"
        "text itself write { file = … }, { env = … } or { credential = … } (a systemd credential). A list may hold\n"
        "several: the first one signs, all are still believed; so put a new one in front to change it.",
        True,
    ),
    Key(
        "desk",
        "tag_prefix",
        '"TICKET"',
        "The word in a ticket's tag, [TICKET-42]: 1 to 20 letters, digits or hyphens. Choose it once: tags with an\n"
        "old prefix are no longer known.",
    ),
    Key(
        "desk",
        "database",
        '"sqlite:mailticket.db"',
        "Where everything is kept: sqlite:FILE, relative to this file.",
    ),
    Key(
        "desk",
        "timezone",
        '"Europe/Prague"',
        "The time zone of opening hours and of the times in mails.",
        default="the machine's",
    ),
    Key("desk", "default_language", '"en"', 'The language of the desk\'s mails. Only "en" so far.'),
    Key(
        "desk",
        "plus_addresses",
        "true",
        "Answer from signed addresses like support+…@. Switch it off where the mail server refuses those.",
    ),
    Key("desk", "send_delay", '"20s"', 'How long an agent\'s answer waits before it is sent; "0s" sends at once.'),
    Key(
        "smtp",
        "listen",
        '["127.0.0.1:2525"]',
        "Where to listen: HOST:PORT, unix:/PATH, or systemd:NAME for a socket that systemd holds.",
    ),
    Key(
        "smtp",
        "max_message_size",
        '"35 MB"',
        "The largest mail that is taken; `mailticket ingest` keeps to it, too.",
    ),
    Key("delivery", "url", '"smtp://127.0.0.1:25"', "The outgoing mail server, smtp://HOST:PORT.", True),
    Key(
        "delivery",
        "hostname",
        '"support.example.com"',
        "This desk's full host name: it greets mail servers with it, and it stands in the Message-IDs.",
        default="the machine's",
    ),
    Key(
        "department",
        "name",
        '"Support"',
        "What customers see as the sender of its mails, and what agents' `departments` name.",
        True,
    ),
    Key(
        "department",
        "addresses",
        '["support@example.com"]',
        "The addresses that customers write to. The first one is the From of what the department sends.",
        True,
    ),
    Key(
        "department",
        "assign",
        '"least-loaded"',
        "Who gets a new ticket: least-loaded takes the agent with the fewest open tickets.",
    ),
    Key(
        "department",
        "hours",
        '"Mon-Fri 09:00-17:00"',
        'When it works. Also "Mon-Thu 08:00-12:00 13:00-17:00, Fri 08:00-14:00" or "24/7".',
    ),
    Key(
        "department",
        "holidays",
        '"CZ"',
        'Days off: a country ("CZ"), one with its region ("DE-BY"), dates, or a list: ["CZ", "2026-12-24"].',
        default="none",
    ),
    Key(
        "department", "reopen_days", "14", "A resolved ticket closes after so many days; until then a mail reopens it."
    ),
    Key("department", "hide_agents", "false", "true: customers see the department's name only, never an agent's."),
    *(
        Key(
            "department.service_levels",
            priority,
            _LEVEL,
            f"What is promised for {priority} priority; either part may be left out.",
            default="nothing is promised",
        )
        for priority in ("low", "medium", "high", "critical")
    ),
    Key("agent", "name", '"Anna Example"', "The agent's name; customers see it on answers.", True),
    Key("agent", "address", '"anna@example.com"', "Where assignments go and answers come from: one person's.", True),
    Key("agent", "aliases", '["a.example@example.com"]', "Other addresses that the agent writes from.", default="none"),
    Key("agent", "departments", '["Support"]', "The departments whose tickets the agent gets.", default="all"),
)

# Known, checked and kept, so that a config may have them already; each that is written is warned about.
NOTED = {
    "desk": ("templates",),
    "smtp": ("trusted_relays",),
    "delivery": ("max_size",),
    "agent": ("languages", "tier", "role", "receipts"),
    "trust": ("authentication_results", "forms"),
    "answers": ("per_address", "per_domain", "identical", "total"),
}
NOTED_TABLES = ("trust", "answers")
# Known and refused: a config that relies on them would not do what its writer thinks.
LATER_TABLES = ("lmtp", "imap")
LATER = {"smtp": ("tls_cert", "tls_key", "require_tls", "proxy_protocol")}


def keys_of(table: str) -> tuple[str, ...]:
    """Every key that may be written in a table; "" for the tables themselves."""
    if not table:
        return (*(t.name for t in TABLES if "." not in t.name), *NOTED_TABLES)
    inner = ("service_levels",) if table == "department" else ()
    return (*(key.name for key in KEYS if key.table == table), *NOTED.get(table, ()), *inner)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, whatever the case; None only where nothing is known."""
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.0)
    return by_fold[found[0]] if found else None


def home_of(key: str) -> str | None:
    """The header of the table where a key of that name belongs, if there is exactly one."""
    heads = {table.head for table in TABLES if key in keys_of(table.name)}
    return heads.pop() if len(heads) == 1 else None
