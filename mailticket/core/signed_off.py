"""Whether words below commands are nothing but the signature that a client puts there; and below what is passed on."""
# ruff: noqa: RUF001 - letters of many alphabets

from __future__ import annotations

import re
from dataclasses import replace

from .crossing import is_marked_signature
from .folding import folded
from .footers import is_program, without_footers
from .keys import address_key
from .lines import fold
from .policy import Agent, Policy
from .text import DASHES, MAX_SIGNATURE
from .types import Address, Forwarded, ParsedMail

MOST_LINES = 15
MOST_LETTERS = 1_000
# (language, what a person says last), in lower case, but no thanks: those are meant for somebody.
_CLOSINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("en", ("regards", "best", "best regards", "kind regards", "cheers")),
    ("de", ("gruß", "grüße", "viele grüße", "beste grüße", "mit freundlichen grüßen", "freundliche grüße", "mfg")),
    ("fr", ("cordialement", "bien cordialement", "cdt")),
    ("es", ("saludos", "un saludo", "saludos cordiales")),
    ("it", ("cordiali saluti", "saluti", "distinti saluti")),
    ("pt", ("cumprimentos", "atenciosamente")),
    ("pl", ("pozdrawiam", "z poważaniem")),
    ("cs", ("s pozdravem", "hezký den")),
    ("sk", ("s pozdravom",)),
    ("nl", ("groet", "groeten", "met vriendelijke groet", "met vriendelijke groeten")),
    ("sv", ("med vänliga hälsningar", "vänliga hälsningar", "mvh")),
    ("da", ("med venlig hilsen", "venlig hilsen")),
    ("nb", ("med vennlig hilsen", "vennlig hilsen")),
    ("fi", ("ystävällisin terveisin", "terveisin")),
    ("ru", ("с уважением",)),
    ("uk", ("з повагою",)),
)
_SAID = frozenset(fold(text) for _, texts in _CLOSINGS for text in texts)
_FIRMS = frozenset({"ltd", "limited", "inc", "llc", "gmbh", "ag", "kg", "sa", "srl", "bv", "ab", "oy", "s.r.o", "a.s"})
_PARTS = re.compile(r"\s*[|,;·•<>()\[\]]\s*|\s[-–—]\s")
_NUMBER = re.compile(r"(?:(?:t|m|tel|phone|mobile|mob|fax|mobil|telefon)\b[.:]*\s*)?\+?[\d\s./-]{6,24}")
_LINK = re.compile(r"(?:https?://|www\.)[^\s/]+/?")
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}@[^\s<>()\[\]\"',;:@]{1,200}")
_EDGES = " .,:;!*_-–—"


def is_signature(text: str, mail: ParsedMail, agent: Agent, policy: Policy) -> bool:
    """Each line has to be known: a greeting, who the agent is and works for, how to reach them, what programs and mail
    servers add."""
    if is_marked_signature(text, mail):
        return True
    lines = text.split("\n")
    lines = [line.strip() for line in lines[: without_footers(lines)] if line.strip()]
    if len(lines) > MOST_LINES or sum(map(len, lines)) > MOST_LETTERS:
        return False
    configured = _configured(agent, policy)
    known = _names(mail, agent, policy)
    return all(
        _squeezed(line) in configured
        or is_program(line, alone=True)
        or all(_is_known(part, known, agent) for part in _PARTS.split(line) if part.strip(_EDGES))
        for line in lines
    )


def unsigned(found: Forwarded, mail: ParsedMail, agent: Agent, policy: Policy) -> Forwarded:
    """What an agent passes on, without the agent's own signature, which a client has put below its words: the last
    lines below a "--", where the first is who the agent is, or the HTML marks them, and they do not name who wrote
    the mail. Where they say more, nobody knows who wrote that, and it is kept as what stands `below`."""
    lines = found.text.split("\n")
    last = range(len(lines) - 1, max(-1, len(lines) - MAX_SIGNATURE), -1)
    place = next((number for number in last if lines[number].strip() in DASHES), len(lines))
    below = "\n".join(lines[place + 1 :]).strip()
    if not any(_names_agent(line, agent, policy) for line in below.split("\n")):
        return found
    if found.from_ is not None and _is_named(found.from_, below):
        return found
    words, unmarked = "\n".join(lines[:place]).rstrip(), replace(mail, signature="")
    if is_signature(below, unmarked, agent, policy):
        return replace(found, text=words)
    first = below.split("\n")[0]
    named = _names_agent(first, agent, policy) and is_signature(first, unmarked, agent, policy)
    one = named and "\n\n" not in below  # a person's words below it are a paragraph of their own
    if one or is_marked_signature(below, mail):
        return replace(found, text=words, below="\n\n".join(filter(None, (below, found.below))))
    return found


def _names_agent(line: str, agent: Agent, policy: Policy) -> bool:
    """Is it the agent's whole name, an address of theirs, or a line of a signature that is configured?"""
    words = _squeezed(line)
    if words and words.strip(_EDGES) not in _SAID and words in _configured(agent, policy):
        return True
    return any(_is_named(one, line) for one in (replace(agent.as_address, address=own) for own in agent.own))


def _is_named(who: Address, text: str) -> bool:
    """Are these words of somebody's? A first name alone may be another's."""
    name, said = (set(_WORD.findall(folded(one))) for one in (who.name, text))
    return who.key in {address_key(found) for found in _ADDRESS.findall(text)} or (len(name) > 1 and name <= said)


def _is_known(part: str, known: frozenset[str], agent: Agent) -> bool:
    words = fold(part).strip(_EDGES)
    if words in _SAID or words.removeprefix("mailto:") in agent.keys or _NUMBER.fullmatch(words):
        return True
    link = _LINK.fullmatch(words)
    domains = {key.rpartition("@")[2] for key in agent.keys}
    if link:
        return words.rstrip("/").rpartition("/")[2].removeprefix("www.") in domains
    return words in domains or all(word.strip(_EDGES) in known for word in words.split())


def _names(mail: ParsedMail, agent: Agent, policy: Policy) -> frozenset[str]:
    """The words of the names of the agent, of the desk and its departments, and of whose their address is."""
    said = mail.from_.name if mail.from_ else ""
    firm = (key.rpartition("@")[2].split(".")[0] for key in agent.keys)
    names = (agent.name, said, policy.name, *(one.name for one in policy.departments), *firm)
    return frozenset(word.strip(_EDGES) for name in names for word in fold(name).split()) | _FIRMS


def _configured(agent: Agent, policy: Policy) -> frozenset[str]:
    """The lines of the signatures in the config, squeezed."""
    signatures = (agent.signature, *(one.signature for one in policy.departments))
    return frozenset(_squeezed(line) for signature in signatures for line in signature.split("\n"))


def _squeezed(line: str) -> str:
    return " ".join(fold(line).split())
