"""Delivery reports in plain words: by a header, the table of families, flufl.bounce, at last by what they name."""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from flufl.bounce import all_failures

from .addresses import addr_spec, read_addresses
from .charset import one_line
from .fields import Head, value_of
from .keys import address_key
from .report_families import MAX_NOTICE, MAX_RECIPIENTS, Read, family_of, flat
from .report_fields import spec, words_about
from .statuses import MAX_WORDS, coded, meant, status_of
from .types import BouncedRecipient

MAX_TEXT = 100_000  # characters of a plain report
MAX_BODY = 128 * 1024  # octets of one that the library is given …
MAX_LINES, MAX_LINE = 2000, 1000  # … since it tries a hundred expressions on each line

_DAEMON = r"mailer[-_ ]?daemon|mail[-_ ]?daemon|\bmdaemon|mail[-. ]deliver|system admin"
MACHINE = re.compile(rf"{_DAEMON}|post[-_]?master", re.IGNORECASE)
_NO_PERSON = re.compile(_DAEMON, re.IGNORECASE)  # a postmaster may be one, who writes about mail
SUBJECT = re.compile(
    r"undeliver|unzustellbar|returned (?:e?-?mail|message)|failure notice|\bndn\b|\bdsn\b|mail (?:error|rejected)"
    r"|delivery[ :-]{1,3}(?:status|fail|has|problem|warning|error|notif|report|was|incomplete|delayed)"
    r"|unable to (?:send|deliver)"
    r"|mail (?:delivery|fail|system error)|non[- ]?deliver|delayed|(?:not|nicht) (?:be )?(?:deliver|sent|zugestellt)"
    r"|(?:user|recipient|address|mailbox) unknown|unknown (?:user|recipient|address)|invalid (?:user|recipient|address)"
    r"|message (?:delivery|status|rejected|could not)|cannot be delivered|has bounced|mail bounced"
    r"|error sending your mail|email delivery fail|メールエラー|配信(?:でき|不能)|you .{1,100} are not member"
    r"|non remis|no se puede entregar|no entregado|non recapitabile|não é possível entregar|não entregue|onbestelbaar"
    r"|niedostarczalne|nedoručiteln|nedoručeno|недоставлено|не доставлено|kan inte levereras",
    re.IGNORECASE,
)
_ANSWERS = re.compile(r"\s*(?:re|aw|sv|antw|fwd?|wg|tr|rv|i)\s*:", re.IGNORECASE)
_FAILURE = re.compile(
    r"undeliver|deliver|unknown|reject|refus|fail|error|return|bounce|delay|warning|not exist|\b[45]\d\d\b"
    r"|\b[45]\.\d{1,2}\.\d{1,3}\b|zustell|remis|entreg|recapit|bezorg|dostarcz|doruč|достав|mailbox",
    re.IGNORECASE,
)
_RETURNED_HEAD = re.compile(r"^[> \t]{0,40}(?:received|return-path|message-id|subject):", re.IGNORECASE | re.MULTILINE)
_RETURNED_MAIL = re.compile(
    r"^[> \t]{0,40}(?:received|return-path): ?[^\n]|^-{2,} ?below this line|unsent message follows"
    r"|message header follows|^-{3,} ?(?:this is a copy|the header of the original|original message)"
    r"|original message headers:"
    r"|^-{3,} returned message|^message headers follow",
    re.IGNORECASE | re.MULTILINE,
)
_IN_WORDS = re.compile(r"(?<![^\s<>(\[\"':;,])([^\s<>()\[\]\"':;,@]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})")
_STILL_TRIED = re.compile(
    r"delayed|will (?:be|keep|continue|retry|try)\b.{0,40}\btr[yi]|do(?:es)? not need to|still (?:being )?(?:try|retri)"
    r"|^\W{0,5}warning\b|not yet been delivered|attempts will continue|will be retried"
    r"|only a temporary failure report|postponed",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_FOR_GOOD = re.compile(
    r"no such user here|permanent(?:ly)? (?:fatal )?(?:fail|error)|failed permanently|- user unknown!"
    r"|\b5\d\d[ -]5\.\d{1,3}\.\d{1,3}",
    re.IGNORECASE,
)

# It logs tracebacks with a stranger's words.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Plain:
    """`sure` says that a header or the words of a system that is known say it, and not a guess."""

    recipients: tuple[BouncedRecipient, ...] = ()
    sure: bool = False


def read_plain(raw: bytes, head: Head, text: str) -> Plain:
    named = _specs(a.address for value in head.all("x-failed-recipients") for a in read_addresses(value)[0])
    delayed = says_delayed(_subject(head), text)
    if named:
        return Plain(_told(text, *((named, []) if delayed else ([], named))), sure=True)
    if not _looks_like_one(head):
        return Plain()
    if known := family_of(_as_read(head, text)):
        addresses = _specs(known[1])
        return Plain(_told(text, *((addresses, []) if delayed else ([], addresses))), sure=True)
    temporary, permanent = _known_shapes(raw, head)
    if temporary or permanent:
        return Plain(_told(text, temporary, permanent), sure=True)
    if not _of_no_person(head) or not _FAILURE.search(f"{_subject(head)}\n{notice(text)}"):
        return Plain()
    temporary, permanent = _named(head, text, delayed=delayed)
    return Plain(_told(text, temporary, permanent))


def _as_read(head: Head, text: str) -> Read:
    text = text.replace("\u2019", "'")
    words = _before_returned(text)
    names = [f"{name}: {head.first(name)[:300]}" for name in ("from", "x-mailer", "x-mlserver")]
    return Read(flat(*names, f"subject: {_subject(head)}", words), words, text)


def _before_returned(text: str) -> str:
    back = _RETURNED_MAIL.search(text)
    return text[: back.start()] if back and back.start() else text[:MAX_NOTICE]


def _subject(head: Head) -> str:
    return value_of(head.first("subject")[:1000])


def _of_machine(head: Head) -> bool:
    """Some servers write a name of theirs where the null sender was."""
    path = head.first("return-path")
    return MACHINE.search(head.first("from")) is not None or path == "<>" or MACHINE.search(path) is not None


def _of_no_person(head: Head) -> bool:
    return _NO_PERSON.search(head.first("from")) is not None or head.first("return-path") == "<>"


def _looks_like_one(head: Head) -> bool:
    """Its head says so too: whoever answers or forwards a report, or asks about one, is a person."""
    subject = _subject(head)
    submitted = head.first("auto-submitted").lower()
    if submitted.startswith("auto-") and not submitted.startswith("auto-forwarded"):
        return True
    if head.first("content-type").lower().startswith("multipart/report"):
        return True
    return _of_machine(head) or (SUBJECT.search(subject) is not None and _ANSWERS.match(subject) is None)


def _told(text: str, temporary: Iterable[str], permanent: Iterable[str]) -> tuple[BouncedRecipient, ...]:
    actions = [(a, "failed") for a in permanent] + [(a, "delayed") for a in temporary]
    words = _before_returned(text)
    made = []
    for address, action in actions[:MAX_RECIPIENTS]:
        about = _own(words_about(address, words), address, actions) or one_line(_flat(words))[:MAX_WORDS]
        # The words about one of several are its own; those about the only one may be all over the report.
        status = status_of("", about)
        if len(actions) == 1 and not coded(about):
            everything = _flat(words)
            status = coded(everything) or (status if status.strip("45") not in ("", ".0.0") else meant(everything))
        made.append(BouncedRecipient(one_line(address), status, action, about))
    return tuple(made)


def _own(about: str, address: str, actions: list[tuple[str, str]]) -> str:
    """The words about one recipient, without the next one's."""
    key = address_key(about)
    own = key.find(address_key(address)) + len(address)
    ends = [at for other, _ in actions if other != address and (at := key.find(address_key(other), own)) > 0]
    return about[: min(ends)].rstrip(" <(\"'") if ends else about


def _flat(words: str) -> str:
    return " ".join(words[: 4 * MAX_WORDS].split())


def _known_shapes(raw: bytes, head: Head) -> tuple[list[str], list[str]]:
    """Addresses that failed for now and for good, where the library knows the system that wrote the report."""
    # It gives up on 8-bit header fields and on a missing From.
    fields = [(f.name, one_line(f.value).encode("ascii", "replace").decode()) for f in head.fields[:100]]
    lines = [f"{name}: {value[:2000]}\n" for name, value in (*fields, ("from", "mailer-daemon@localhost"))]
    body = raw[head.end : head.end + MAX_BODY].replace(b"\r\n", b"\n").split(b"\n", MAX_LINES)[:MAX_LINES]
    foreign = "".join(lines).encode() + b"\n" + b"\n".join(line[:MAX_LINE] for line in body)
    try:
        temporary, permanent = all_failures(email.message_from_bytes(foreign))
        return _specs(_texts(temporary)), _specs(_texts(permanent))
    # Whatever a foreign reader trips over in a stranger's mail, the report is read without it.
    except Exception:  # noqa: BLE001
        return [], []


def _texts(found: Iterable[bytes]) -> Iterator[str]:
    return (address.decode("utf-8", "replace") for address in sorted(found))


def _specs(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(a for a in map(spec, found) if a))


def _named(head: Head, text: str, *, delayed: bool) -> tuple[list[str], list[str]]:
    """The same for a system that nobody knows: whom its words name before the mail that it returns."""
    own = {a.key for name in ("from", "to") for value in head.all(name) for a in read_addresses(value)[0]}
    found = [m[1].strip(".") for m in islice(_IN_WORDS.finditer(notice(text)), MAX_RECIPIENTS)]
    named = list(dict.fromkeys(a for a in found if address_key(a) not in own and addr_spec(a)))
    return (named, []) if delayed else ([], named)


def notice(text: str) -> str:
    """The words before the mail that is returned below them."""
    returned = _RETURNED_HEAD.search(text)
    return text[: returned.start()] if returned else text[:4000]


def says_delayed(subject: str, text: str) -> bool:
    """Whether a report in plain words says that the mail is still being tried."""
    words = f"{subject}\n{notice(text[:MAX_TEXT])}"
    return _STILL_TRIED.search(words) is not None and _FOR_GOOD.search(words) is None
