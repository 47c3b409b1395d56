"""The files of a ticket that an agent's mail asks for, out of the mails that they came and left in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ..core.asked import asked_by, may_ask, wants_files
from ..core.original import original
from ..core.policy import Policy
from ..core.shown_files import chosen
from ..core.types import Attachment, ParsedMail
from ..errors import MailticketError, SlowError, TemporaryError
from . import inbox, outbox
from .context import Question, load
from .db import Db

log = logging.getLogger(__name__)


def files(
    db: Db, asked: Question, policy: Policy, now: datetime, read: Callable[[bytes], ParsedMail]
) -> dict[str, Attachment]:
    """By their hash. Mails are read again for it, by `read`, and so before the transaction that works on this one: what
    follows from it is decided there, with whatever was found here."""
    mail = asked.mail
    agent = policy.agent_of(mail.from_.address) if mail.from_ else None
    alone = replace(mail, in_reply_to=(), references=())  # as the rules read it where those are not signed
    if agent is None or not may_ask(mail) or not wants_files(asked_by(alone, "", policy).orders):
        return {}
    pages = load(db, asked, policy, now).pages
    wanted = [one for page in (pages.tickets.values() if pages else ()) for one in chosen(page, agent, policy).along]
    found: dict[str, Attachment] = {}
    for queue, row in dict.fromkeys((one.queue, one.row) for one in wanted):
        raw = (inbox if queue == "inbox" else outbox).raw(db, row)
        try:
            found |= _in(read(raw), raw) if raw is not None else {}
        except (TemporaryError, SlowError):  # the one that asks waits, and is read where there is time
            raise
        except MailticketError as error:
            log.warning("%s message %d cannot be read again for its files: %s", queue, row, error)
    return {one.sha256: found[one.sha256] for one in wanted if one.sha256 in found}


def _in(mail: ParsedMail, raw: bytes) -> dict[str, Attachment]:
    """All that its ticket may have taken from it."""
    whole = original(mail, raw)
    passed_on = mail.forwarded.attachments if mail.forwarded else ()
    return {one.sha256: one for one in (*mail.attachments, *passed_on, *((whole,) if whole else ()))}
