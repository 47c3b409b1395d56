"""What the models of the config are made of: how a written value is read, and the kinds that several tables share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationInfo

from . import config_units as units
from . import config_values as values
from .config_secrets import Reader

_T = TypeVar("_T")
_LARGEST_MESSAGE = 500 * 10**6  # SQLite's blobs end at 1 GB


@dataclass(frozen=True)
class Surroundings:
    """What values are read with: where secrets are found, and the years whose holidays matter."""

    secrets: Reader
    years: range


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def from_text(parse: Callable[[str], _T]) -> PlainValidator:
    def read(value: Any) -> _T:
        if not isinstance(value, str):
            raise ValueError("must be text in quotes")  # noqa: TRY004  # pydantic gathers ValueErrors only
        return parse(value)

    return PlainValidator(read)


def around(info: ValidationInfo) -> Surroundings:
    context = info.context
    assert isinstance(context, Surroundings)  # handed in by config.load
    return context


def from_path(find: Callable[[values.Folder, str], Path]) -> PlainValidator:
    """A path that is relative to the config, made whole."""

    def read(value: Any, info: ValidationInfo) -> Path:
        if not isinstance(value, str):
            raise ValueError("must be a path in quotes")  # noqa: TRY004  # pydantic gathers ValueErrors only
        return find(values.Folder(around(info).secrets.folder), value)

    return PlainValidator(read)


def _message_size(text: str) -> int:
    octets = units.size(text)
    if not 0 < octets <= _LARGEST_MESSAGE:
        raise ValueError('must be more than nothing and at most "500 MB"')
    return octets


Name = Annotated[str, from_text(units.shown_name)]
Mailbox = Annotated[str, from_text(units.address)]
Size = Annotated[int, from_text(_message_size)]
Readable = Annotated[Path, from_path(values.Folder.file)]
