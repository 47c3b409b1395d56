"""What must fit together of ways in and out, TLS, logins and trust. Like `config_check` it looks at the TOML as
written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .config_check import Finding, agent_addresses, department_addresses, tables, texts
from .config_units import TLS, delivery_problems, mail_server, visible
from .config_values import is_everybody
from .core.keys import address_key
from .core.policy import plain

_ANY_PORT = ":0"  # the system chooses one, so that two of them are two


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = data.get(name)
    return table if isinstance(table, dict) else {}


def errors(data: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _tls(data)
    yield from _places(data)
    yield from _forms(data)
    yield from _delivery(data)


def _delivery(data: Mapping[str, Any]) -> Iterator[Finding]:
    written = _table(data, "delivery")
    url = written.get("url")
    if not isinstance(url, str):
        return
    try:
        server = mail_server(url)
    except ValueError:
        return  # what is wrong with it is told where it is read
    beside = {key: key in written for key in ("password", "ca", "oauth2")}
    for key, told in delivery_problems(server, **beside):
        yield ("delivery", key), told


def _tls(data: Mapping[str, Any]) -> Iterator[Finding]:
    smtp = _table(data, "smtp")
    if "tls_cert" in smtp and "tls_key" not in smtp:
        yield ("smtp", "tls_cert"), "needs tls_key beside it"
    if "tls_cert" not in smtp:
        if "tls_key" in smtp:
            yield ("smtp", "tls_key"), "needs tls_cert beside it"
        if smtp.get("require_tls") is True:
            yield ("smtp", "require_tls"), "needs tls_cert and tls_key: without them nobody could send mail at all"
        for number, place in texts(smtp.get("listen")):
            if place.startswith(TLS):
                yield ("smtp", "listen", number), f"{visible(place)} needs tls_cert and tls_key"
    for number, place in texts(_table(data, "lmtp").get("listen")):
        if place.startswith(TLS):
            yield ("lmtp", "listen", number), "there is no TLS with LMTP here; take tls: away, or listen in [smtp]"


def _places(data: Mapping[str, Any]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in ("smtp", "lmtp"):
        for number, written in texts(_table(data, name).get("listen")):
            place = written.removeprefix(TLS)
            first = seen.setdefault(place, f"{name}.listen[{number}]")
            if first != f"{name}.listen[{number}]" and not place.endswith(_ANY_PORT):
                yield (name, "listen", number), f"{visible(place)} is taken by {first} already"


def _forms(data: Mapping[str, Any]) -> Iterator[Finding]:
    owners = {address_key(one.address): one.owner for one in agent_addresses(data)}
    desks = {plain(one.address): one.owner for one in department_addresses(data)}
    for number, text in texts(_table(data, "trust").get("forms")):
        if owner := owners.get(address_key(text)) or desks.get(plain(text)):
            yield ("trust", "forms", number), f"{visible(text)} is {owner}'s; a form needs an address of its own"


def warnings(data: Mapping[str, Any]) -> Iterator[Finding]:
    smtp = _table(data, "smtp")
    relays = [text for _, text in texts(smtp.get("trusted_relays"))]
    for number, text in enumerate(relays):
        if is_everybody(text):
            path = ("smtp", "trusted_relays", number)
            yield path, f"{text} is everybody, so that a header which anybody can write proves who an agent is"
    no_relays = "smtp" not in data or ("trusted_relays" in smtp and not relays)
    if _table(data, "trust").get("authentication_results") and no_relays and not data.keys() & {"imap", "lmtp"}:
        told = "it counts in mail from mailboxes, by [lmtp] or from the trusted_relays of [smtp], and there are none"
        yield ("trust", "authentication_results"), f"changes nothing: {told}"
    yield from _logins(data)


def _logins(data: Mapping[str, Any]) -> Iterator[Finding]:
    if "tls_cert" in _table(data, "smtp"):
        return
    for number, entry in tables(data, "agent"):
        if "password" in entry:
            yield ("agent", number, "password"), "nobody can log in: [smtp] has no tls_cert, and it takes TLS"
