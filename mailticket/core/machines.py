"""Machines that are known by what they wrote: complaints, challenges, receipts, calendars' answers, reactions, recalls.

Each table grows by a row. None of them is in any header that a standard names; so each needs a mark that no person
makes, or words of the machine where only it writes, in a mail that is like the machine's in another way, too.
"""

from __future__ import annotations

import re

from .away import folded, is_answer
from .looks import Look

MAX_CALENDAR = 64 * 1024  # octets of a calendar that are read
MAX_CHALLENGE, MAX_RECALL, MAX_REACTION = 1500, 600, 1000  # characters of a text


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(patterns)})")


# Headers of systems that let nobody's mail in before its sender has shown to be a person.
_CHALLENGE_HEADERS = ("x-boxtrapper", "x-askversion", "x-spamazoid-md", "x-exispam", "x-bluebottle-request", "spamlion")
# Names and domains of their senders. All words here are folded.
_CHALLENGERS = _any_of(
    r".{0,40}\bspam ?arrest\b", r".{0,40}\bspam ?blocker\b", r".{0,40}\banti ?spam ?uol\b", r".{0,40}\bboxbe\b"
)
_CHALLENGE_SUBJECTS = _any_of(
    r"your e ?mail requires verification",  # BoxTrapper
    r".{0,80}(?:verify#|conf#)[0-9a-z]",  # BoxTrapper, ASK
    r"please confirm \(?conf#",
    r"please confirm your (?:message|mail|e ?mail|delivery)",  # TMDA
    r".{0,200}\((?:verification|action required)\)",  # SpamArrest, Boxbe
    r".{0,80}\bspam ?blocker\b",  # Earthlink
    r"anti ?spam ?uol",
    r"(?:sua mensagem|seu e ?mail) (?:aguarda|requer|precisa de) (?:confirmacao|verificacao)",
    r"unverified e ?mail to ",
    r"(?:confirmation|verification) required for (?:your )?(?:message|mail|e ?mail)",
    r"verify your e ?mail to ",
    r"bestatigen sie (?:bitte )?ihre (?:e ?mail|nachricht)",
    r"confirmez (?:l')?(?:envoi de )?votre (?:e ?mail|message)",
)
# What they ask for. People ask a sender for nothing of the kind.
_PROVE = _any_of(
    r"(?:to|please) (?:prove|confirm|verify|show)(?: to (?:us|me))?(?: that)? (?:you are|you're) (?:a |an |really a )?"
    r"(?:actual |real )?(?:human|person|sender|not a (?:robot|spammer|machine))",
    r"(?:confirm|verify|authenticate) (?:yourself as|that you are) (?:a |the )?(?:legitimate|real|valid|human)\b",
    r"(?:i am|i'm|my (?:mailbox|e ?mail) is) (?:using|protected by)[^\n]{0,60} (?:spam ?arrest|spam ?blocker|tmda)",
    r"this e ?mail address is protected by [^\n]{0,30}spam ?blocker",
    r"bestatigen sie(?: bitte)?,? dass sie (?:ein mensch|kein (?:roboter|spammer))",
    r"(?:confirmar|comprovar|confirme) que (?:voce )?(?:e|es|nao e|no es) (?:uma? )?(?:pessoa|persona|humano|robot?)",
    r"(?:confirmer|prouver) que vous etes (?:un|une) (?:humain|personne|etre humain)",
)
# What a person might write, too, of a filter of theirs.
_HELD = _any_of(
    r"your (?:message|e ?mail|mail) (?:has been|is being|is|was) (?:held|quarantined|put on hold|blocked|redirected)\b"
    r"[^\n]{0,120} (?:confirm|verif|until you|respond|click|suspect)",
    r"(?:reply to this (?:message|e ?mail)|click (?:on )?the (?:link|following link))[^\n]{0,60}"
    r"(?:deliver|release|confirm|verify)[^\n]{0,40}(?:your|original) (?:message|e ?mail|mail)",
)
_TMDA = re.compile(r"<[^<>]{1,500}-tmda-confirm>")

# Complaints without RFC 5965: Hotmail's (JMRP), and the reports of RFC 7489.
_COMPLAINT = re.compile(r"complaint about message from [0-9a-f.:]{3,45}\Z")
_DMARC = re.compile(r"\[?(?:preview\] )?report domain: ?\S{1,255} submitter: ?\S{1,255} report id: ?\S{1,255}")

_REACTION_PARTS = ("text/vnd.google.email-reaction+json",)
# Behind a name, and before nothing else.
_REACTED = (
    "reacted to your message", "reacted via gmail", "hat auf ihre nachricht reagiert", "hat uber gmail reagiert",
    "a reagi a votre message", "a reagi via gmail", "ha reaccionado a tu mensaje", "reacciono a tu mensaje",
    "ha reagito al tuo messaggio", "reagiu a sua mensagem", "heeft gereageerd op je bericht",
    "heeft gereageerd op uw bericht", "zareagowal(a) na twoja wiadomosc", "zareagoval(a) na vasi zpravu",
)  # fmt: skip
_REACTION = re.compile(rf"[^:\n]{{1,120}} (?:{'|'.join(map(re.escape, _REACTED))})[ :.!]{{0,3}}\Z")
# Behind a name, and before the subject in quotation marks.
_RECALL = _any_of(
    r"would like to recall the (?:message|e ?mail),? ?~",
    r"mochte die (?:nachricht|e ?mail),? ?~ zuruckrufen",
    r"(?:souhaite|souhaiterait|voudrait) rappeler le message,? ?~",
    r"(?:desea|quiere|querria) recuperar el mensaje,? ?~",
    r"(?:desidera|vorrebbe) richiamare il messaggio,? ?~",
    r"wil (?:graag )?het bericht,? ?~ intrekken",
    r"(?:chce|by chtela?) (?:odvolat|stahnout|vzit zpet) zpravu,? ?~",
).pattern.replace("~", "[\"'\u201c-\u201f\u00ab\u2039].{1,300}[\"'\u201c-\u201f\u00bb\u203a]")
_RECALLS = re.compile(rf"(?!i |we ).{{1,100}} {_RECALL}[ .]{{0,3}}")
_RECALL_REPORTS = re.compile(r"message recall (?:success|failure)\b ?:|message recall report\b")

_CALENDARS = frozenset({"text/calendar", "application/ics", "application/calendar"})
_METHOD = re.compile(rb"^METHOD:[ \t]*([A-Z-]{1,20})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
# What somebody added to their click; an empty one is Outlook's.
_ADDED = re.compile(rb"^COMMENT(?:;[^:\r\n]{0,200})?:(?:[ \t]|\\n){0,50}[^\s\\]", re.IGNORECASE | re.MULTILINE)
_FOLDED = re.compile(rb"\r?\n[ \t]")


def asks_whether_a_person(look: Look) -> bool:
    """Will it let our mail in only when somebody has answered it? A person's subject may look so: it must say in
    another way that it is a machine's, unless a header names the system."""
    if look.says(*_CHALLENGE_HEADERS) or "spam" in look.precedence or _TMDA.fullmatch(look.mail.message_id.lower()):
        return True
    text, named = folded(look.mail.text, MAX_CHALLENGE), _CHALLENGE_SUBJECTS.match(look.subject)
    machine = look.declared or _CHALLENGERS.match(_sender(look)) is not None
    if machine and (named or _HELD.search(text)):
        return True
    return bool(machine or named or look.answers or is_answer(look.mail.subject)) and _PROVE.search(text) is not None


def _sender(look: Look) -> str:
    sender = look.mail.from_
    return folded(f"{sender.name} {sender.address}") if sender else ""


def complains(look: Look) -> bool:
    """A report that somebody does not want our mail (RFC 5965), in forms beside the standard's, too; or about all of
    it. Apple Mail writes one for who clicks on Unsubscribe."""
    if look.report == "feedback-report" or look.has_part("message/feedback-report") or _DMARC.match(look.subject):
        return True
    if any(value.lower() == "true" for value in look.values("x-apple-unsubscribe")):
        return True
    return _COMPLAINT.match(look.subject) is not None and look.has_part("message/rfc822")


def receipts(look: Look) -> bool:
    """A receipt for a mail that was read, or deleted unread (RFC 8098)."""
    mapi = any(value.lower() == "urn:content-classes:mdn" for value in look.values("content-class"))
    return look.report == "disposition-notification" or mapi or look.has_part("message/disposition-notification")


def answers_invitation(look: Look) -> bool:
    """A click on Accept, Maybe or Decline (RFC 5546), and nothing added to it. An agent's click is an answer."""
    if look.of_agent:
        return False
    files = (a.content[:MAX_CALENDAR] for a in look.mail.attachments if a.content_type in _CALENDARS)
    calendars = [_FOLDED.sub(b"", data) for data in files]
    said = {found[1].upper() for data in calendars if (found := _METHOD.search(data))}
    return said == {b"REPLY"} and not any(_ADDED.search(data) for data in calendars)


def reacts(look: Look) -> bool:
    """A picture that somebody clicked on below a mail of ours: Gmail's is a part of its own, Outlook's a line. A header
    X-MS-Reactions is no such mail: it says whether its reader may react."""
    if look.has_part(*_REACTION_PARTS):
        return True
    first, *below = [line for line in look.mail.text[:MAX_REACTION].split("\n") if line.strip()] or [""]
    # In Outlook's nothing follows but the mail that it is about, below a rule or with its sender on top.
    alone = not below or below[0].lstrip().startswith("__") or "@" in below[0]
    return look.answers and alone and _REACTION.match(folded(first)) is not None


def recalls(look: Look) -> bool:
    """Outlook's wish to have a mail back, and its reports of what became of one."""
    if _RECALL_REPORTS.match(look.subject):
        return True
    text = look.mail.text
    return ":" in look.subject and len(text) <= MAX_RECALL and _RECALLS.fullmatch(folded(text, MAX_RECALL)) is not None
