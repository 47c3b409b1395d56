"""Which files of a ticket go along with the mail that shows it, and what becomes of the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .asked import KeptFile, Page
from .case import Case
from .match import reads_inside
from .policy import Agent, Policy
from .sizes import in_order
from .types import Attachment

MAILS = 20  # that are read again for one mail
LEFT = 50  # files that are named, of those that do not go along

_GONE = "is not kept any more"
_UNREAD = "could not be read again"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`along` are those that go along, as far as they can be read; `left` the others. Newest first."""

    along: tuple[KeptFile, ...]
    left: tuple[KeptFile, ...]


def chosen(page: Page, agent: Agent, policy: Policy) -> Chosen:
    """Of each file once, and none of a note's for who may not read it."""
    inside = reads_inside(agent, page.ticket, policy)
    theirs = {one.sha256: one for one in reversed(page.files) if inside or not one.inside}
    files = [one for one in page.files if theirs.get(one.sha256) is one]
    here = [one for one in files if one.queue]
    rows = list(dict.fromkeys((one.queue, one.row) for one in here))[:MAILS]
    readable = [one for one in here if (one.queue, one.row) in rows]
    text = "\n".join(one.text for one in page.spoken)
    fit = in_order(text, [one.size for one in readable], policy.max_size)
    along = tuple(one for place, one in enumerate(readable) if place in fit)
    return Chosen(along, tuple(one for one in files if one not in along))


def attached(case: Case, agent: Agent, page: Page) -> tuple[tuple[Attachment, ...], dict[str, object]]:
    """The files of a mail that shows the page, under the names that they have in the ticket, and what it says of them
    and of those that are left out."""
    these, read = chosen(page, agent, case.policy), case.context.files
    files = tuple(
        replace(read[one.sha256], filename=one.filename, content_id="", inline=False)
        for one in these.along
        if one.sha256 in read
    )
    unread = [one for one in these.along if one.sha256 not in read]
    left = [(one, _UNREAD) for one in unread] + [(one, "" if one.queue else _GONE) for one in these.left]
    return files, {
        "attachments": [{"filename": one.filename, "size": one.size} for one in files],
        "left_out": [
            {"filename": one.filename, "size": one.size, "why": why, "queue": one.queue, "row": one.row}
            for one, why in left[:LEFT]
        ],
        "left_more": max(0, len(left) - LEFT),
    }
