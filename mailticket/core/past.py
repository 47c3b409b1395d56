"""What happened to a ticket, in words: a row for each kind of event, read behind the name of who did it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .policy import Agent, Policy
from .subject import tag
from .types import Address

Detail = Mapping[str, object]
Says = Callable[[Detail, Policy], str]

NO_ACKNOWLEDGEMENT = "sent no acknowledgement: "
_SILENCES = {
    "automatic": "the mail is a machine's",
    "list": "the mail is a mailing list's",
    "bounce": "the mail is a report of a failure",
    "own": "the mail is the desk's own",
    "spam": "the mail is marked as spam",
    "no-answers": "the mail was taken in without answers",
    "no address": "the sender cannot be written to",
    "own address": "the sender's address is the desk's",
    "written to": "an agent wrote to the customer first",
    "passed on": "the customer wrote to an agent, not to the desk",
    "held": "the sender was taken for a machine",
    "bounced": "mails to the sender came back",
    "mailbox full": "the sender's mailbox is full",
}
_MATCHED = {
    "signed": "in reply to a mail of the desk's",
    "reference": "in reply to a mail of this ticket",
    "tag": "with the ticket's number in the subject",
}


def named(who: object, policy: Policy) -> str:
    """Who it was, for an agent's eyes."""
    if not isinstance(who, Address):
        return f"The {who}" if who in {"desk", "admin"} else "somebody"
    agent: Agent | None = policy.agent_of(who.address)
    if agent is not None:
        return agent.name
    return f"{who.name} <{who.address}>" if who.name and who.name != who.address else who.address


def in_words(kind: str, detail: Detail, policy: Policy) -> str:
    """What was done, as it reads behind who did it."""
    return SENTENCES[kind](detail, policy)


def _always(words: str) -> Says:
    return lambda _detail, _policy: words


def _with(before: str, name: str, behind: str = "") -> Says:
    """Of the person whom the detail calls so."""
    return lambda detail, policy: f"{before} {named(detail.get(name), policy)}{behind}"


def _other(words: str) -> Says:
    """Of another ticket, by its tag: it may be one that the reader does not see."""

    def says(detail: Detail, policy: Policy) -> str:
        number = detail.get("ticket")
        return f"{words} {tag(number, policy) if isinstance(number, int) else 'another ticket'}"

    return says


def _merged_from(detail: Detail, policy: Policy) -> str:
    return f"{_other('made')(detail, policy)} a part of it"


def _received(detail: Detail, _policy: Policy) -> str:
    how = _MATCHED.get(str(detail.get("by")), "")
    return f"wrote into the ticket, {how}" if how else "wrote into the ticket"


def _not_acknowledged(detail: Detail, _policy: Policy) -> str:
    if detail.get("kind") == "budget":
        return f"{NO_ACKNOWLEDGEMENT}there were too many already ({str(detail.get('budget')).replace('_', ' ')})"
    why = str(detail.get("kind"))
    return f"{NO_ACKNOWLEDGEMENT}{_SILENCES.get(why, why)}"


def _assigned(detail: Detail, policy: Policy) -> str:
    outside = ", who is of another department" if detail.get("outside") else ""
    outside += ", who is away" if detail.get("away") else ""
    chosen = f" (chosen by {detail['strategy']})" if detail.get("strategy") else ""
    return f"gave the ticket to {named(detail.get('agent'), policy)}{outside}{chosen}"


def _owner_away(detail: Detail, policy: Policy) -> str:
    who = (
        f"{named(detail['agent'], policy)}, whose ticket it is, is"
        if detail.get("agent")
        else "all who could have it are"
    )
    return f"told others that {who} away"


def _watching(own: str, before: str, behind: str) -> Says:
    """Of whoever watches: the actor where it is `own`."""
    others = _with(before, "agent", behind)
    return lambda detail, policy: own if detail.get("own") else others(detail, policy)


def _answered(detail: Detail, _policy: Policy) -> str:
    if detail.get("relayed"):
        return "answered the customer's side"
    return "wrote words that the desk had to send to nobody: who was to get them had them, or nobody can"


def _undone(detail: Detail, _policy: Policy) -> str:
    rest = ", but for what had left or was changed since" if detail.get("but") else ""
    return f"took back what an earlier mail of theirs had done{rest}"


def _changed(what: str) -> Says:
    return lambda detail, _policy: f"changed {what} from {detail.get('before')} to {detail.get('after')}"


def _failed(words: str) -> Says:
    """Of a mail of ours, with the status or the replies of the servers."""

    def says(detail: Detail, _policy: Policy) -> str:
        replies = detail.get("replies")
        codes = [str(one) for one in replies if one] if isinstance(replies, list) else []
        code = str(detail.get("status") or "") or ", ".join(codes)
        return f"{words} ({code})" if code else words

    return says


SENTENCES: Mapping[str, Says] = {
    "opened": _always("wrote, and that opened the ticket"),
    "passed on": _with("passed on a mail of", "person"),
    "written to": _with("wrote to", "person", ", with the desk in copy"),
    "received": _received,
    "acknowledged": _always("acknowledged the mail"),
    "not acknowledged": _not_acknowledged,
    "held for a machine": _with("took", "person", " for a machine, and answers them no more by itself"),
    "not a machine": _with("said that", "person", " is no machine"),
    "marked as spam": _always("noted that a mail of it is marked as spam"),
    "answers": _other("noted that who wrote it takes no part in the ticket whose mail it answers:"),
    "mentions": _other("noted that the mail names"),
    "merged": _other("made the ticket a part of"),
    "merged from": _merged_from,
    "parted": _other("made it a ticket of its own again, which is no part any more of"),
    "split": _other("made one of its mails a ticket of its own,"),
    "split from": _other("made a ticket of its own of a mail that was in"),
    "follow-up": _other("noted that it follows"),
    "also for": lambda detail, _policy: f"noted that the mail came to {detail.get('department')}, too",
    "offered": _with("offered the ticket to", "agent"),
    "assigned": _assigned,
    "owner away": _owner_away,
    "unassigned": _always("made the ticket nobody's"),
    "notices dropped": _with("dropped notices to", "agent", ", who is not with the desk any more"),
    "agent left": _with("found that", "agent", ", who had the ticket, is not with the desk any more"),
    "participant added": _with("took", "person", " into the ticket"),
    "participant removed": _with("took", "person", " out of the ticket"),
    "watching": _watching("watches it", "made", " watch it"),
    "not watching": _watching("watches it no more", "took", " off those who watch it"),
    "customer": _with("made", "person", " the customer whose request it is"),
    "postponed": _always("postponed it"),
    "priority": _changed("the priority"),
    "labels": _always("changed the labels"),
    "subject": _always("changed the subject"),
    "department": _changed("the department"),
    "escalated": _always("called a manager to it"),
    "answered": _answered,
    "status": _changed("the status"),
    "automatic reply": _always("sent an automatic reply, which changes nothing in the ticket"),
    "returned": _always("sent a mail with a mistake; it came back, and nothing of it was done"),
    "empty answer": _always("sent an answer without words; nothing was sent"),
    "collided": _always("wrote an answer that crossed with others' words; it is held until its writer decides"),
    "undone": _undone,
    "noted": _always("wrote what is kept as a note"),
    "undelivered": _failed("could not deliver a mail"),
    "bounced": _failed("was told that a mail did not arrive"),
    "delayed": _failed("was told that a mail is late"),
    "reported": _always("got a report on a mail, which names none of its recipients"),
    "bounce unsure": _failed("got a report, maybe forged, that a mail did not arrive"),
    "released": _always("let a mail out of quarantine"),
    "discarded": _always("threw away a mail that was in quarantine"),
}  # fmt: skip
