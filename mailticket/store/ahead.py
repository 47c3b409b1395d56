"""What a mail asks for that takes long, looked up before the transaction in which nobody else can write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..core.asked import Ahead, takes_long
from ..core.policy import Policy
from ..core.types import ParsedMail
from .context import Question, load
from .db import Db
from .shown_files import files


def ahead(db: Db, asked: Question, policy: Policy, now: datetime, read: Callable[[bytes], ParsedMail]) -> Ahead:
    """What follows from the mail is decided in that transaction, with whatever was found here. `read` reads mails."""
    mail = asked.mail
    agent = policy.agent_of(mail.from_.address) if mail.from_ else None
    pages = load(db, asked, policy, now).pages if agent and takes_long(mail) else None
    if agent is None or pages is None:
        return Ahead()
    found = {order: listed for order, listed in pages.lists.items() if order.name == "search"}
    return Ahead(files(db, pages, agent, policy, read), found)
