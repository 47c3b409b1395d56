"""Where the templates are: those in the package (or beside it, in a checkout), and over them the admin's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from .core.render import Own, Templates
from .core.trial import findings
from .errors import UsageError

_LARGEST = 10**6
_SUFFIX = ".j2"

log = logging.getLogger(__name__)


def load_templates() -> dict[str, str]:
    """The shipped ones: `en/acknowledgement.txt.j2` → its source."""
    return {
        f"{language.name}/{file.name}": file.read_text(encoding="utf-8")
        for language in _shipped().iterdir()
        if language.is_dir()
        for file in language.iterdir()
        if file.name.endswith(_SUFFIX)
    }


def own_templates(folder: Path) -> dict[str, Own]:
    """The admin's files, by the names of the shipped ones that they replace. What a name that is nobody's is meant
    for is not known here. UsageError where the folder cannot be listed."""
    shipped = load_templates()
    try:
        found = {path.relative_to(folder).as_posix(): path for path in _listed(folder)}
    except OSError as error:
        raise UsageError(f"the templates in {folder} cannot be listed: {error.strerror or error}") from error
    return {
        name: _own(path)
        for name, path in sorted(found.items())
        # An editor's leftovers are no templates, but a name without its ending is one that was meant.
        if not path.name.startswith(".") and (name.endswith(_SUFFIX) or name + _SUFFIX in shipped)
    }


def open_templates(folder: Path | None) -> Templates:
    """For the desk: what is wrong with the admin's own ones is logged, each thing once, and stops nothing."""
    templates = Templates(load_templates(), _known(folder), lambda line: log.warning("%s", line))
    for line in findings(templates):
        templates.tell(line)
    return templates


def _known(folder: Path | None) -> dict[str, Own]:
    try:
        return own_templates(folder) if folder else {}
    except UsageError as error:
        log.warning("%s; the shipped ones are used", error)
        return {}


def _shipped() -> Traversable:
    inside = files("mailticket") / "templates"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent / "templates"


def _listed(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            yield from path.iterdir()
        else:
            yield path


def _own(path: Path) -> Own:
    try:
        if not path.is_file():
            return Own(str(path), fault="is no file")
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        return Own(str(path), fault=f"cannot be read: {error.strerror or error}")
    if len(content) > _LARGEST:
        return Own(str(path), fault="is larger than 1 MB; that is no template")
    try:
        return Own(str(path), content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Own(str(path), fault=f"line {line} is not UTF-8 text")
