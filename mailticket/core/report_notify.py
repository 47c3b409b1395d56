"""Bounces that a sending service tells of in JSON: Amazon's notifications by SNS (Bounce; complaints are none)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .charset import one_line
from .fields import Head
from .report_fields import spec
from .report_words import Plain
from .statuses import MAX_WORDS, status_of
from .types import BouncedRecipient

MAX_JSON = 64 * 1024  # characters; a level of nesting costs the decoder two of them, and it stops at a thousand

_READER = json.JSONDecoder(strict=False)


def read_notification(head: Head, text: str) -> Plain | None:
    """None for what is no such notification."""
    start = text.find("{")
    if not head.first("x-amz-sns-message-id") or start < 0:
        return None
    try:
        told, _ = _READER.raw_decode(text[start : start + MAX_JSON])
    except (ValueError, RecursionError):
        return None
    recipients = tuple(_recipients(told))
    return Plain(recipients, sure=True) if recipients else None


def _recipients(told: Any) -> Iterator[BouncedRecipient]:
    kind = _get(told, "notificationType") or _get(told, "eventType")
    bounce = _get(told, "bounce")
    listed = _get(bounce, "bouncedRecipients")
    if kind != "Bounce" or not isinstance(listed, list):
        return
    for one in listed:
        address, words = spec(_text(one, "emailAddress")), one_line(_text(one, "diagnosticCode"))[:MAX_WORDS]
        if address:
            words = words.removeprefix("smtp; ")
            yield BouncedRecipient(address, status_of(_text(one, "status"), words), "failed", words)


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _text(value: Any, key: str) -> str:
    found = _get(value, key)
    return found if isinstance(found, str) else ""
