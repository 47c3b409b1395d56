"""Which notices to one agent are counted, and which of them are kept for one mail, since there were too many. So are
counted, apart from those, the answers to what a link alone has asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from .keys import address_key
from .plan import Letter

MOST = 20  # notices that are sent singly; answers to links
WITHIN = timedelta(hours=1)
TOLD = "notice-linked"  # the template of the mail that says that a link asked too often
WORDS = 20_000  # characters that are kept of one

# Every template of ours, with the reason why its mails are counted, and gathered with others, or come singly always.
GATHERED: Mapping[str, str] = {
    "notice-done": "it says what the agent has done",
    "notice-commands": "it brings back the agent's own mail",
    "notice-empty": "it brings back the agent's own mail",
    "notice-answered": "it says what was sent already",
    "notice-undone": "nothing is left to do",
    "notice-unwatched": "nothing is left to do",
    "notice-taken": "nothing is left to do",
    "notice-moved": "whoever has the ticket now was told in a mail of their own",
    "notice-merged": "whoever has the other ticket was told in a mail of their own",
    "note": "two vacation programs that mark no mail as theirs answer each other's notes without end",
    "notice-owner-away": "of a department that is on holiday many come",
    "notice-woken": "many tickets that sleep until one morning wake in one minute",
    "notice-failed": "a mail server that is out of order refuses all of them",
    "notice-failed-manager": "a mail server that is out of order refuses all of them",
    "notice-unreached": "a mail server that is out of order refuses all of them",
    "notice-unsure": "it changes nothing, and may be forged",
}
SINGLY: Mapping[str, str] = {
    "acknowledgement": "it goes to the customer",
    "answer": "it goes to the customer's side",
    "assignment": "a reply to it is the answer",
    "handover": "a reply to it is the answer",
    "relay": "a reply to it is the answer",
    "merged": "a reply to it is the answer",
    "copy": "a reply to it is a note",
    "question": "a reply to it is yes or no",
    "whose": "a reply to it says whose mail it is",
    "collision": "a reply to it is yes or no",
    "quarantine": "a reply to it lets mails in or throws them away",
    "morning": "a reply to it does what the manager wants",
    "notice-held": "a reply to it may be #person",
    "notice-mailbox": "it is an alarm",
    "notice-mailbox-again": "it is the end of an alarm",
    "notice-mails-left": "it is an alarm, and comes once an hour",
    "notice-away": "a reply to it may be #back",
    "notice-back": "the agent has asked for it, or what was said in another such mail is over",
    "notice-help": "the agent has asked for it",
    "notice-history": "the agent has asked for it",
    "notice-show": "the agent has asked for it",
    "notice-list": "the agent has asked for it",
    "notice-next": "the agent has asked for it",
    "notice-found": "the agent has asked for it",
    "notice-status": "the agent has asked for it",
    "notice-why": "the agent has asked for it",
    TOLD: "it comes once an hour",
    "notice-no-ticket": "the agent has asked for it",
    "notice-gathered": "it is what the others are gathered in",
    "probe": "it goes to the desk itself",
}


@dataclass(frozen=True, slots=True)
class Had:
    """What an agent had of such notices: how many singly within the hour (counted no further than MOST), and whether
    others are kept."""

    singly: int = 0
    kept: bool = False


def counted(letter: Letter) -> str:
    """The agent, by the key of their address, whose notices this one is counted among; "" for none."""
    if letter.kind != "notice" or letter.audience != "agent" or letter.template not in GATHERED or letter.linked:
        return ""
    return address_key(letter.to[0].address)


def by_link(agent: str) -> str:
    """What the mails to the agent of that address are counted among that a link alone has asked for."""
    return f"link {address_key(agent)}"


def tally(letter: Letter) -> str:
    """What its mail is counted among; "" for nothing."""
    return by_link(letter.to[0].address) if letter.linked else counted(letter)


def kept_back(letters: Sequence[Letter], had: Mapping[str, Had]) -> frozenset[int]:
    """The places of those letters that are not sent singly: what is over MOST within the hour, and, so that they come
    in their order, whatever follows until those are sent."""
    places = set()
    so_far = dict(had)
    for place, letter in enumerate(letters):
        if agent := counted(letter):
            before = so_far[agent]
            if before.kept or before.singly >= MOST:
                places.add(place)
                so_far[agent] = replace(before, kept=True)
            else:
                so_far[agent] = replace(before, singly=before.singly + 1)
    return frozenset(places)
