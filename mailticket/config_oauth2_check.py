"""What must fit together in an `oauth2`, of the mail server or of a mailbox. Like `config_check` it looks at the TOML
as written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .config_check import Finding

_URLS = ("token_url", "device_url", "authorize_url")
_PROVIDERS = ("microsoft", "google")
_ANYBODYS = frozenset({"common", "organizations", "consumers"})  # tenants of Microsoft's that no application is in

Path = tuple[str, ...]
Table = Mapping[str, Any]


def errors(data: Mapping[str, Any]) -> Iterator[Finding]:
    for path, written in _tables(data):
        provider = written.get("provider")
        if provider is None:
            yield from _own_server(path, written)
        elif provider in _PROVIDERS:
            for key in (*_URLS, "ca"):
                if key in written:
                    yield (*path, key), f'is known for provider = "{provider}"; take one of the two out'
        if provider == "microsoft":
            yield from _microsoft(path, written)
        elif "tenant" in written:
            yield (*path, "tenant"), 'is for provider = "microsoft" only'
        yield from _proof(path, written, provider)


def _tables(data: Mapping[str, Any]) -> Iterator[tuple[Path, Table]]:
    boxes = data.get("imap")
    places: dict[Path, Any] = {("delivery",): data.get("delivery")}
    places |= {("imap", name): box for name, box in boxes.items()} if isinstance(boxes, dict) else {}
    for path, table in places.items():
        written = table.get("oauth2") if isinstance(table, dict) else None
        if isinstance(written, dict):
            yield (*path, "oauth2"), written


def _own_server(path: Path, written: Table) -> Iterator[Finding]:
    if "token_url" not in written:
        yield path, 'write provider = "microsoft" or provider = "google" into it, or the token_url of another'


def _microsoft(path: Path, written: Table) -> Iterator[Finding]:
    tenant = written.get("tenant")
    if tenant is None:
        yield path, 'tenant is required for provider = "microsoft": the directory (tenant) ID of the registration'
    elif isinstance(tenant, str) and tenant.lower() in _ANYBODYS and "refresh_token" not in written:
        yield (*path, "tenant"), "write the directory (tenant) ID: an application alone has to say where it belongs"


def _proof(path: Path, written: Table, provider: Any) -> Iterator[Finding]:
    """Something that only we have."""
    if "refresh_token" in written:
        return
    file = f'refresh_token = {{ file = "{path[-2]}.token" }}'
    if provider == "google":
        yield path, f"Google lets nobody in without a login: write {file} into it, then run `mailticket imap login`"
    elif "client_secret" not in written:
        yield path, f"write client_secret into it, or {file} for `mailticket imap login`"
