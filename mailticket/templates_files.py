"""Where the templates are: those in the package (or beside it, in a checkout), and over them the admin's own."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from .errors import UsageError


def load_templates(own: Path | None = None) -> dict[str, str]:
    """`en/acknowledgement.txt.j2` → its source. Files in the folder `own` replace the shipped ones one by one."""
    sources = _read(_shipped())
    if own is not None and own.is_dir():
        sources |= _read(own)
    return sources


def _shipped() -> Traversable:
    inside = files("mailticket") / "templates"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent / "templates"


def _read(folder: Traversable) -> dict[str, str]:
    return {
        f"{language.name}/{file.name}": _source(file)
        for language in folder.iterdir()
        if language.is_dir()
        for file in language.iterdir()
        if file.name.endswith(".j2")
    }


def _source(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"template {file}: cannot be read ({error})") from error
