"""The tables of the config, and what is known of each key: `config_keys` has the keys themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the config. `head` is how its header is written; `off`: it does something just by being there."""

    name: str
    head: str
    meaning: str
    off: bool = False


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
    Table("trust", "[trust]", "Whose word counts."),
    Table("smtp", "[smtp]", "The listener for incoming mail. Remove the whole table to run without one."),
    Table(
        "lmtp",
        "[lmtp]",
        "The same door for a mail server on this machine, such as Postfix with transport lmtp:unix:/PATH.",
        off=True,
    ),
    Table(
        "imap",
        "[imap.main]",
        "A mailbox that is read the moment mail arrives. Write as many as you need, each with a name of its own in\n"
        "the place of main: 1 to 40 letters, digits, hyphens or underscores.",
        off=True,
    ),
    Table("delivery", "[delivery]", "The mail server that takes what the desk sends."),
    Table(
        "answers",
        "[answers]",
        "How many automatic answers customers and strangers get at most, in windows that slide; mail to agents does\n"
        'not count. Write "5 per hour, 12 per day" or "20 per 10 minutes" (minute, hour, day, week), or "off".',
    ),
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
