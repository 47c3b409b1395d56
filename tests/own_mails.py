"""The suite's own mails: `tests/mail/PART/NAME.eml` beside `NAME.json`, which says what `explain` must say of it.

The JSON is a part of what `explain --json` prints: of an object the keys that it names, of a list all elements. Beside
those: `covers`, the rows of rule tables that the mail shows ("table:row"); `envelope_from` ("" for the null sender).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from letters import NOW, POLICY

from mailticket.core.types import RawMail
from mailticket.explaining import Explainer

FOLDER = Path(__file__).parent / "mail"
SENDER = "sender@mail.example"  # of the envelope, where a mail's JSON names none


@dataclass(frozen=True)
class OwnMail:
    path: Path
    stated: dict[str, Any]
    covers: tuple[str, ...]
    envelope_from: str

    @property
    def name(self) -> str:
        return self.path.relative_to(FOLDER).with_suffix("").as_posix()

    def told(self, explainer: Explainer) -> dict[str, Any]:
        """What `explain --json` says of it."""
        to = (POLICY.departments[0].addresses[0],)
        raw = RawMail(self.path.read_bytes(), self.envelope_from, to, "smtp", NOW)
        return json.loads(json.dumps(explainer.explain(raw, NOW), default=_time))


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def own_mails() -> list[OwnMail]:
    return [_own(path) for path in sorted(FOLDER.rglob("*.eml"))]


def _own(path: Path) -> OwnMail:
    stated = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    covers = tuple(stated.pop("covers", ()))
    return OwnMail(path, stated, covers, stated.pop("envelope_from", SENDER))


def differences(stated: Any, told: Any, where: str = "") -> Iterator[str]:
    """One line for each thing that is said otherwise than stated."""
    if isinstance(stated, dict) and isinstance(told, dict):
        for key, value in stated.items():
            if key not in told:
                yield f"{where}.{key} is not said"
            else:
                yield from differences(value, told[key], f"{where}.{key}")
    elif isinstance(stated, list) and isinstance(told, list) and len(stated) == len(told):
        for number, (one, other) in enumerate(zip(stated, told, strict=True)):
            yield from differences(one, other, f"{where}[{number}]")
    elif stated != told:
        yield f"{where}: {told!r} where {stated!r} is right"
