"""The enhanced status code (RFC 3463) of a failure: as a report states it, else as the server's words mean it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

MAX_WORDS = 500

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_REPLIED = re.compile(r"(?<![\d.#@:_-])([45])[0-5]\d[ -]#?([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\w.#@:/-])([45])[0-5]\d(?=[ :;,\-]|$)(?!\.\d)")
# They say that it failed, or that it took too long, and not why.
_SAYS_LITTLE = re.compile(r"[245]\.0\.0|[45]\.4\.7")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is wrong, in the words that mail servers have for it. The first row whose words stand there decides."""

    name: str
    status: str
    words: str


def _row(name: str, status: str, *words: str) -> Meaning:
    return Meaning(name, status, "|".join(words))


@cache
def _compiled(words: str) -> re.Pattern[str]:
    """Made when the first report needs it: nobody starts later for what it may never read."""
    return re.compile(words, re.IGNORECASE)


MEANINGS: tuple[Meaning, ...] = (
    _row(
        "mailbox full", "5.2.2",
        r"mail ?(?:box|folder|dir)\b.{0,40}\b(?:full|exceeded|exceeds|over)", r"\bover ?quota", r"quota.{0,20}exceed",
        r"exceed\w*.{0,30}quota", r"\bfull mailbox", r"(?:mailbox|inbox) (?:is |was )?(?:too )?full", r"out of storage",
        r"not enough (?:storage )?space", r"exceeded (?:his|her|its|their)?/?\w* ?(?:storage|mail) ?(?:limit"
        r"|allocation)",
        r"(?:postfach|mailbox) (?:ist )?(?:voll|überfüllt|pełna|piena|vol\b)", r"boîte.{0,40}pleine",
        r"buzón.{0,20}lleno", r"casella.{0,20}piena", r"caixa.{0,30}cheia", r"schránka.{0,20}plná",
        r"skrzynka.{0,20}(?:pełna|przepełniona)", r"переполнен",
        r"メールボックスが(?:一杯|いっぱい)", r"邮箱已满", r"사서함.{0,20}가득",
    ),
    _row(
        "message too big", "5.3.4",
        r"(?:message|mail|e-?mail|attachment)s?\b.{0,40}\btoo (?:big|large|long)", r"message size.{0,30}exceed",
        r"exceed\w*.{0,40}(?:message|mail|maximum|max|attachment|file)\w* ?size", r"(?:mail|message"
        r"|maximum)? ?size limit",
        r"(?:message|mail) exceeds", r"line limit exceeded", r"nachricht.{0,20}zu gro(?:ß|ss)",
    ),
    _row(
        "mailbox disabled", "5.2.1",
        r"(?:account|mailbox|user|address|recipient)s?\b.{0,60}\b(?:disabled|inactive|suspended|deactivated"
        r"|discontinued"
        r"|locked|closed|expired|not active|cancelled)", r"no longer (?:active|in use|in service|available|works? )",
        r"(?:disabled|inactive|suspended|deactivated) (?:account|mailbox|user|recipient|address)",
        r"mailbox unavailable or access",
        r"not (?:currently )?accepting (?:any )?(?:mail|messages)", r"(?:konto|postfach).{0,20}(?:deaktiviert"
        r"|gesperrt)",
    ),
    _row(
        "moved", "5.1.6",
        r"(?:user|recipient|mailbox|address) (?:has|is) (?:moved|relocated|changed)", r"new address is",
        r"user not local",
    ),
    _row(
        "relaying denied", "5.7.1",
        r"\brelay(?:ing)? (?:access )?(?:is |was )?(?:denied|not (?:allowed|permitted|authorized))",
        r"(?:unable|not (?:permitted|allowed|authorized)|cannot|refused?) to relay", r"\bnot a relay|no relay",
        r"we do not relay",
        r"isn't in my list of allowed rcpthosts", r"\bopen relay",
    ),
    _row(
        "no reverse name", "5.7.25",
        r"\bptr (?:record )?(?:not|for|is)|no ptr|reverse dns|reverse (?:name )?lookup|rdns",
        r"cannot (?:resolve|find) (?:your|the) (?:host ?name|reverse)|ip name lookup failed",
    ),
    _row(
        "spam or virus", "5.7.1",
        r"\bspam\b|\bjunk mail|unsolicited|\bvirus\b|\bmalware|\binfected\b|\bphishing",
        r"black ?list|block ?list|\brbl\b|\bdnsbl|spamhaus|spamcop|bad reputation|poor reputation|sender reputation",
        r"\bblocked\b|\bbanned\b",
    ),
    _row(
        "sender not authenticated", "5.7.1",
        r"\bdmarc\b|\bdkim\b|\bspf\b|unauthenticated|authentication (?:is )?required|smtp auth|not authori[sz]ed",
    ),
    _row(
        "unknown user", "5.1.1",
        r"(?:user|recipient|account|mailbox|address|addressee)(?: name)? ?(?:is |was )?(?:\w+ )?(?:unknown|not known"
        r"|not found|not exist"
        r"|does ?(?:not|n['o]?t) exist|not recognized|is not recogni[sz]ed|not listed|invalid|could not be found)",
        r"unknown (?:user|recipient|account|mailbox|address|local|virtual|to address)", r"no (?:such"
        r"|valid)? ?(?:user|recipient|account"
        r"|mailbox|address|person|local user|id)s?\b", r"invalid (?:final delivery )?(?:user|recipient|mailbox"
        r"|account|address|userid)",
        r"(?:does|do|did)(?: not|n'?t) (?:exist|have an? .{0,60}\b(?:account|mailbox))",
        r"user .{0,120}not (?:listed|found|exist)",
        r"not (?:a |our )(?:valid|known|customer|local|registered)", r"not a .{0,30}(?:user|mailbox|address)",
        r"mailbox (?:unavailable|not available)",
        r"not listed in", r"recipient.{0,20}(?:address )?rejected", r"address rejected", r"undeliverable address",
        r"wasn't found at|couldn't be found", r"unbekannt|existiert nicht|inconnu|n'existe pas|no existe"
        r"|desconhecido|não existe"
        r"|sconosciuto|non esiste|neexistuje|nie istnieje|onbekend|bestaat niet|okänd|finns inte|не существует|不存在"
        r"|存在しません",
    ),
    _row(
        "unknown host", "5.1.2",
        r"(?:host|domain)\b(?! said).{0,40}\b(?:unknown|not found|not known|does ?(?:not|n['o]?t) exist|invalid"
        r"|lookup failed|unresolvable)",
        r"(?:unknown|invalid|no such|illegal) (?:host|domain)", r"name or service not known|name service error"
        r"|nxdomain",
        r"unroutable|unrouteable|can(?:not|'t) (?:find|resolve|route)|couldn't find any host|no (?:mx|a|dns) record"
        r"|no mx\b"
        r"|non-?existent domain|no route to host",
    ),
    _row("mail loop", "5.4.6", r"\bloop(?:s|ing|ed)?\b|too many hops|hop ?count|excessive recursion"),
    _row(
        "too many", "4.7.1",
        r"grey ?list|gray ?list|rate ?limit|too many (?:connections|messages|mails|recipients|errors|sessions)|throttl"
        r"|deferred due to|try again later|temporar\w* (?:rejected|deferred|refused|blocked)|daily limit"
        r"|please try later",
    ),
    _row(
        "no room on the server", "4.3.1",
        r"insufficient (?:system |disk )?(?:storage|space|resources)|no space left|disk (?:is )?full"
        r"|queue file write error",
    ),
    _row(
        "no answer", "4.4.1",
        r"connect\w* (?:to .{0,80})?(?:attempt )?(?:timed? ?out|refused)|no answer from|(?:could|did|would"
        r"|can) ?not (?:be )?(?:connect|"
        r"establish|contact|accept our requests to connect|initiate)|unable to (?:connect|contact|establish)"
        r"|couldn't connect"
        r"|failed to connect|operation timed out|unreachable|wasn't able to establish",
    ),
    _row(
        "connection lost", "4.4.2",
        r"connection (?:was |is )?(?:lost|dropped|died|broken|reset|closed|aborted)|lost connection"
        r"|(?<!retry )timed? ?out",
    ),
    _row(
        "given up after days", "4.4.7",
        r"retry time(?:out)?|time(?:out)? exceeded|delivery (?:time )?expired|message expired|envelope expired"
        r"|for too long|in the queue"
        r"|(?:after|for|in) \d+ (?:\w+ )?(?:days?|hours?|attempts|times|tries)|multiple retries|giving up"
        r"|could not send message for",
    ),
    _row(
        "rules of the server", "5.7.1",
        r"polic(?:y|ies)\b|access (?:is |was )?denied|permission|not (?:allowed|permitted)|prohibited|forbidden"
        r"|administrative"
        r"|(?:message|mail|content|delivery).{0,40}(?:rejected|refused|denied|restricted)|rejected (?:by|for|due)"
        r"|not a member|moderat"
        r"|zamítnut|odmítnut|abgelehnt|zurückgewiesen|refusé|rechazad|rifiutat|recusad|odrzucon|geweigerd|拒否|拒绝",
    ),
    _row(
        "malformed", "5.5.2",
        r"syntax error|malformed|protocol error|bad sequence|unrecognized command|command (?:not"
        r"|un)\w* (?:implemented|recognized)",
    ),
)  # fmt: skip


def status_of(field: str, words: str) -> str:
    """The status of a report's field. Its words give a better one where they hold the code of the server that
    refused the mail, or where the field says next to nothing; without a field, what they mean."""
    found = _STATUS.search(field)
    said = found[0] if found else ""
    if replied := _replied(words, said):
        return replied
    if said and not _SAYS_LITTLE.fullmatch(said):
        return said
    in_words = next((m[0] for m in _STATUS.finditer(words) if not said or (m[0][0] == said[0] and m[0] != said)), "")
    return in_words or said or meant(words)


def coded(words: str) -> str:
    """A status that stands in some words as a code, "" where none does."""
    found = _STATUS.search(words)
    return _replied(words, "") or (found[0] if found else "")


def _replied(words: str, said: str) -> str:
    """The code that stands behind an SMTP reply ("550 5.1.1"): it is the receiving server's own. Where our side has
    given up after days, the last of the other ones says why."""
    if said[:1] == "2":
        return ""
    codes = [m[2] for m in _REPLIED.finditer(words) if m[1] == m[2][0]]
    exact = [code for code in codes if not _SAYS_LITTLE.fullmatch(code)]
    given_up = any(code.endswith(".4.7") for code in (*codes, said))
    return (exact[-1] if given_up else exact[0]) if exact else ""


def meant(words: str) -> str:
    """What words without any status mean; a bare reply code says for good or for now. "" where they say nothing."""
    words = words[: 4 * MAX_WORDS].replace("\u2019", "'")
    reply = _REPLY.search(words)
    kind = reply[1] if reply else ""
    row = next((row for row in MEANINGS if _compiled(row.words).search(words)), None)
    if row is None:
        return f"{kind}.0.0" if kind else ""
    return (kind or row.status[0]) + row.status[1:]
