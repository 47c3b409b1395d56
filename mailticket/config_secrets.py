"""Secrets of the config: text, or where to find it. No error here ever holds a part of one."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Key = tuple[str, ...]  # where in the config a secret is written

SHORTEST = 16
_MOST_BYTES = 65536
_OF_OAUTH2 = ("client_secret", "refresh_token")
_KINDS = ("file", "env", "credential")


@dataclass(frozen=True, slots=True)
class Written:
    """A secret as it stands in the config, and where: the model of a mailbox or an `oauth2` does not know whose it
    is."""

    value: Any = field(repr=False)
    key: Key


def placed(data: Mapping[str, Any]) -> dict[str, Any]:
    """The config with each secret of a mailbox, and of any `oauth2`, as a Written."""
    made = dict(data)
    if isinstance(boxes := data.get("imap"), dict):
        made["imap"] = {name: _placed(table, ("imap", name), ("password",)) for name, table in boxes.items()}
    if "delivery" in data:
        made["delivery"] = _placed(data["delivery"], ("delivery",), ())
    return made


def _placed(table: Any, at: Key, secrets: tuple[str, ...]) -> Any:
    if not isinstance(table, dict):
        return table  # which is told where the shape is checked
    made = {key: Written(value, (*at, key)) if key in secrets else value for key, value in table.items()}
    if "oauth2" in made:
        made["oauth2"] = _placed(made["oauth2"], (*at, "oauth2"), _OF_OAUTH2)
    return made


@dataclass
class Reader:
    """Reads secrets for one config file in `folder`. `warnings` gathers what is readable by too many, `literal` the
    keys whose secret stands in the config itself."""

    folder: Path
    env: Mapping[str, str]
    warnings: list[tuple[Key, str]] = field(default_factory=list)
    literal: list[Key] = field(default_factory=list)

    def keys(self, value: Any, key: Key) -> tuple[bytes, ...]:
        """One secret that signs, or a list of them; ValueError tells everything that is wrong, in one line."""
        values = value if isinstance(value, list) else [value]
        if not values:
            raise ValueError("must not be an empty list")
        found, wrong = [], []
        for number, one in enumerate(values, start=1):
            try:
                found.append(_long_enough(self._one(one, key)))
            except ValueError as error:
                wrong.append(f"number {number}: {error}" if len(values) > 1 else str(error))
        if wrong:
            raise ValueError("; ".join(wrong))
        return tuple(found)

    def password(self, value: Any, key: Key) -> str:
        """What somebody else chose: as it is, without the line end of its file."""
        try:
            text = self._one(value, key).decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise ValueError("is not UTF-8 text") from None
        if not text or not text.isprintable():
            raise ValueError("must be one line that is not empty, without control characters")
        return text

    def _one(self, value: Any, key: Key) -> bytes:
        if isinstance(value, str):
            self.literal.append(key)
            return value.encode("utf-8", "surrogateescape")
        if not isinstance(value, dict) or len(value) != 1 or not set(value) <= set(_KINDS):
            raise ValueError("write text, { file = … }, { env = … } or { credential = … }")
        kind, name = next(iter(value.items()))
        if not isinstance(name, str) or not name or "\0" in name:
            raise ValueError(f"{kind} must be a name in quotes")
        content: bytes = getattr(self, f"_{kind}")(name)
        if kind == "file" and (path := self.folder / name).stat().st_mode & stat.S_IROTH:
            self.warnings.append((key, f"{path} can be read by everybody on this machine: chmod 600 {path}"))
        return content

    def _file(self, name: str) -> bytes:
        return _read(self.folder / name)

    def _env(self, name: str) -> bytes:
        if name not in self.env:
            raise ValueError(f"the environment has no variable {name}")
        return self.env[name].encode("utf-8", "surrogateescape")

    def _credential(self, name: str) -> bytes:
        folder = self.env.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise ValueError(f"credential {name}: $CREDENTIALS_DIRECTORY is not set; systemd sets it (LoadCredential=)")
        if "/" in name:
            raise ValueError("a credential's name has no slash in it")
        return _read(Path(folder) / name)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{path} is too large for a secret")
    return content


def _long_enough(secret: bytes) -> bytes:
    tidy = secret.strip()
    if len(tidy.decode("utf-8", "replace")) < SHORTEST:
        raise ValueError(f"must have at least {SHORTEST} characters; `mailticket init` makes a good one")
    return tidy
