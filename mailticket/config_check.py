"""What must fit together between the parts of a config. It looks at the TOML as written, so that a wrong value
in one place does not hide what is wrong in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from .config_keys import KEYS
from .config_keys_oauth2 import OAUTH2_KEYS
from .config_names import NOTED, home_of, keys_of, listed, nearest
from .config_tables import TABLES
from .config_text import Path
from .config_units import visible
from .core.keys import address_key
from .core.policy import plain

_NOT_ONE_PERSON = frozenset(
    """abuse accounting admin all billing contact everybody everyone feedback finance hello help helpdesk hostmaster
    hr info it jobs mail marketing news noc no-reply noreply office orders postmaster press root sales security
    service shop staff support team webmaster""".split()  # noqa: SIM905  # forty lines of list would say no more
)

_BOX_KEY = 2  # parts of the path of what stands right in [imap]

Finding = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class Written:
    """An address as it stands in the config. `owner` says whose it is, for a sentence."""

    path: Path
    address: str
    owner: str


def tables(data: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The entries of an array of tables that are tables, with their numbers."""
    entries = data.get(name)
    if isinstance(entries, list):
        yield from ((number, entry) for number, entry in enumerate(entries) if isinstance(entry, dict))


def texts(value: Any) -> list[tuple[int, str]]:
    """The entries of a list that are text, with their numbers."""
    return [(n, text) for n, text in enumerate(value) if isinstance(text, str)] if isinstance(value, list) else []


def errors(data: Mapping[str, Any]) -> Iterator[Finding]:
    departments, agents = department_addresses(data), agent_addresses(data)
    yield from _names_twice(data)
    yield from _twice(departments)
    yield from _agents_at_departments(departments, agents)
    yield from _twice(agents)
    yield from _unknown_departments(data)


def department_addresses(data: Mapping[str, Any]) -> list[Written]:
    return [
        Written(("department", number, "addresses", place), text, f"department[{number}]")
        for number, entry in tables(data, "department")
        for place, text in texts(entry.get("addresses"))
    ]


def agent_addresses(data: Mapping[str, Any]) -> list[Written]:
    written = []
    for number, entry in tables(data, "agent"):
        owner = f"agent[{number}]"
        if isinstance(entry.get("address"), str):
            written.append(Written(("agent", number, "address"), entry["address"], owner))
        written += [Written(("agent", number, "aliases", n), text, owner) for n, text in texts(entry.get("aliases"))]
    return written


def _names_twice(data: Mapping[str, Any]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for number, entry in tables(data, "department"):
        name = entry.get("name")
        if isinstance(name, str):
            first = seen.setdefault(name.strip().casefold(), number)
            if first != number:
                yield ("department", number, "name"), f"department[{first}] has this name already"


def _twice(written: list[Written]) -> Iterator[Finding]:
    seen: dict[str, Written] = {}
    for one in written:
        first = seen.setdefault(address_key(one.address), one)
        if first is not one:
            where = "is written twice" if first.owner == one.owner else f"is {first.owner}'s already"
            yield one.path, f"{visible(one.address)} {where}; an address belongs to one"


def _agents_at_departments(departments: list[Written], agents: list[Written]) -> Iterator[Finding]:
    for one in departments:
        local = one.address.rpartition("@")[0]
        if "+" in local:
            yield one.path, f"{visible(one.address)}: write it without its + part, which is the desk's own"
    owners = {plain(one.address): one.owner for one in departments}
    for one in agents:
        if owner := owners.get(plain(one.address)):
            yield one.path, f"{visible(one.address)} is {owner}'s; an agent needs an address of their own"


def _unknown_departments(data: Mapping[str, Any]) -> Iterator[Finding]:
    names = department_names(data)
    for number, entry in tables(data, "agent"):
        for place, text in texts(entry.get("departments")):
            if names and text.strip() not in names:
                problem = f'no such department as "{visible(text)}"; did you mean "{nearest(text, names)}"?'
                yield ("agent", number, "departments", place), problem


def department_names(data: Mapping[str, Any]) -> list[str]:
    return [e["name"].strip() for _, e in tables(data, "department") if isinstance(e.get("name"), str)]


def warnings(data: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _not_acted_on(data)
    yield from _without_agents(data)
    yield from _shared_addresses(data)


def _not_acted_on(data: Mapping[str, Any]) -> Iterator[Finding]:
    for table, keys in NOTED.items():
        for number, one in tables(data, table):
            yield from (((table, number, key), "is not acted on by this version") for key in keys if key in one)


def _without_agents(data: Mapping[str, Any]) -> Iterator[Finding]:
    agents = [entry.get("departments") for _, entry in tables(data, "agent")]
    if not agents or not all(isinstance(names, list) for names in agents):
        return  # there are none, which is an error, or one of them is everywhere
    staffed = {text.strip() for names in agents for _, text in texts(names)}
    for number, entry in tables(data, "department"):
        name = entry.get("name")
        if isinstance(name, str) and name.strip() not in staffed:
            yield ("department", number), f'"{visible(name)}" has no agents; nobody will get its tickets'


def _shared_addresses(data: Mapping[str, Any]) -> Iterator[Finding]:
    ours = {address_key(one.address).rpartition("@")[0] for one in department_addresses(data)}
    ours |= {name.casefold() for name in department_names(data)}
    for one in agent_addresses(data):
        if address_key(one.address).rpartition("@")[0] in _NOT_ONE_PERSON | ours:
            told = f"{visible(one.address)} looks like the address of several people; an agent is one person"
            yield one.path, told


def unknown_key(path: Path) -> str:
    """What to say of a key that no model has."""
    key = str(path[-1])
    table = _table(path)
    kind = "table" if not table else "key"
    known = keys_of(table) or _inner(table)
    near = nearest(key, known)
    home = home_of(key)
    if home and key not in known:
        return f'no such {kind} here; "{visible(key)}" belongs in {home}'
    return f'no such {kind}; did you mean "{near}"?'


def _table(path: Path) -> str:
    """The table that a key stands in, without which department, agent or mailbox it is."""
    parts = (path[0], *path[2:-1]) if path[0] == "imap" else path[:-1]
    return ".".join(str(part) for part in parts if not isinstance(part, int))


def _inner(table: str) -> tuple[str, ...]:
    if table.endswith(".oauth2"):
        return tuple(key.name for key in OAUTH2_KEYS)
    return ("first_response", "resolution") if table.startswith("department.service_levels.") else ()


# What pydantic calls it, and the words of somebody who edits a file; braces are filled from its context.
_WORDS = {
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "list_type": "must be a list in [ ]",
    "model_type": "must be a table",
    "too_short": "must have at least one entry",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "value_error": "{error}",
}


def shape_problems(error: ValidationError) -> list[Finding]:
    return [(tuple(one["loc"]), _said(tuple(one["loc"]), dict(one))) for one in error.errors(include_url=False)]


def _said(path: Path, error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        return unknown_key(path)
    if len(path) == 1 and kind in {"missing", "list_type", "dict_type", "model_type", "too_short"}:
        return _missing_table(str(path[0]))
    if path[0] == "imap" and len(path) == _BOX_KEY and kind == "model_type":
        return "stands in no mailbox's table; write [imap.main] above it"
    if kind == "missing":
        key = next((key for key in KEYS if (key.table, key.name) == (path[0], path[-1])), None)
        return "is required" + (f"; for example {key.name} = {key.value}" if key else "")
    told = _WORDS.get(kind, str(error["msg"])).format_map(error.get("ctx", {}))
    return told.replace("'", '"') if kind == "literal_error" else told


def _missing_table(name: str) -> str:
    head = next((table.head for table in TABLES if table.name == name), f"[{name}]")
    needed = listed([key.name for key in KEYS if key.table == name and key.required], "and")
    return f"write a table {head}" + (f" with {needed}" if needed else "")
