"""Mail systems whose delivery reports are plain words: how each is known, and where it names whom it did not reach.

One row a family, with a mail of its own in the tests. What a row does not know falls to the ones after it, then to the
library (`report_words`). No row reads a status: the words do that (`statuses`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from .keys import address_key

MAX_RECIPIENTS = 50
MAX_NOTICE = 20_000  # characters of a report's words that are read
MAX_TELL = 6000

_A = r"""[<"']{0,2}([^\s<>()\[\]"':;,|@]{1,64}@[^\s<>()\[\]"':;,|@]{1,253})[>"']{0,2}"""
_LINE = rf"^[ \t]{{0,20}}{_A}"
_ALONE = rf"{_LINE}[ \t]*$"
_END = re.compile(
    r"^(?:-{3,}|_{3,}|={10,}|original message headers)|\b(?:message-id|received):", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Family:
    """`tells` are in lower case: one of them stands in the report's From, Subject, X-Mailer or words (each white
    space one blank). Recipients are what `each` finds behind `after`, up to a rule of dashes where that is given."""

    name: str
    tells: tuple[str, ...]
    each: str
    after: str = ""
    whole: bool = False  # its recipients stand in what it says of the returned mail


@dataclass(frozen=True, slots=True)
class Read:
    """A report as the rows look at it: `words` before the returned mail, `text` all of it, `flat` for the tells."""

    flat: str
    words: str
    text: str


def _family(name: str, *tells: str, each: str, after: str = "", whole: bool = False) -> Family:
    return Family(name, tells, each, after, whole)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Made when the first report needs it: nobody starts later for what it may never read."""
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


# The heading over what only an admin reads, and the one over the recipients.
_EXCHANGE = (
    "diagnostic information for administrators", "diagnoseinformationen für administratoren",
    "informations de diagnostic pour les administrateurs", "información de diagnóstico para los administradores",
    "informazioni di diagnostica per gli amministratori", "informações de diagnóstico para administradores",
    "informacje diagnostyczne dla administratorów", "diagnostické informace pro správce",
    "diagnostické informácie pre správcov", "diagnostični podatki za skrbnike",
    "informații de diagnosticare pentru administratori",
    "diagnostische gegevens voor beheerders", "diagnostische informatie voor beheerders",
    "diagnostikinformation för administratörer", "diagnosticeringsoplysninger til administratorer",
    "järjestelmänvalvojien diagnostiikkatiedot", "diagnoseinformasjon for administratorer",
    "диагностические сведения для администраторов", "діагностичні відомості для адміністраторів",
    "管理者向けの診断情報", "管理者用の診断情報", "供管理员使用的诊断信息", "系統管理員的診斷資訊",
    "관리자용 진단 정보", "yöneticiler için tan\u0131lama bilgileri",
    "delivery has failed to these recipients or", "fehler bei der nachrichtenzustellung an folgende empfänger",
    "échec de la remise", "no se pudo entregar a estos destinatarios",
    "recapito non riuscito per i seguenti destinatari",
    "falha na entrega para estes destinatários", "de bezorging aan deze geadresseerden",
)  # fmt: skip

# A sentence of Microsoft's and Google's with the address inside.
_TO_ONE = (
    ("your message to", "couldn't be delivered"), ("your message wasn't delivered to", ""),
    ("your message to", "has been blocked"), ("ihre nachricht an", "konnte nicht zugestellt werden"),
    ("ihre nachricht wurde nicht an", "zugestellt"), ("votre message à", "n'a pas pu être remis"),
    ("votre message adressé à", "n'a pas été distribué"), ("el mensaje a", "no se pudo entregar"),
    ("su mensaje para", "no se pudo entregar"), ("tu mensaje no se ha entregado a", ""),
    ("il messaggio inviato a", "non è stato recapitato"), ("il tuo messaggio non è stato recapitato a", ""),
    ("a mensagem para", "não pôde ser entregue"), ("sua mensagem não foi entregue a", ""),
    ("uw bericht aan", "kan niet worden bezorgd"), ("je bericht is niet bezorgd bij", ""),
    ("wiadomość nie została dostarczona do", ""), ("vaše zpráva pro", "nebyla doručena"),
)  # fmt: skip
_ONE = "|".join(rf"{re.escape(before)} {_A}.{{0,60}}?{re.escape(behind)}" for before, behind in _TO_ONE)

FAMILIES: tuple[Family, ...] = (
    _family(
        "qmail", "this is the qmail-send program", "i wasn't able to deliver your message to the following addresses",
        "your mail message to the following address(es) could not be delivered", "this is the mail delivery agent at",
        "we're sorry. there's a problem with the e-mail address(es)", each=rf"^{_A}:|^{_A}[ \t]*\n\s*Reason:",
    ),
    _family(
        "Yahoo", "unable to deliver message to the following address(es)",
        "we were unable to deliver your message to the following address", each=rf"^{_A}:",
    ),
    _family("Courier", "running the courier mail server", each=rf"^{_A}:"),
    _family(
        "Postfix", "this is the postfix program at host", "this is the mail system at host", "the postfix program",
        "for further assistance, please contact", "for further assistance, please send mail to",
        each=rf"^{_A}(?: \([^()\n]{{1,300}}\))?:",
    ),
    _family("Postfix, a session", "subject: postfix smtp server: errors from", each=rf"^ In: +RCPT\s+TO:{_A}"),
    _family(
        "Exim", "this message was created automatically by mail delivery software",
        each=rf"^ {{0,4}}{_A}(?:[ \t]*$|:| \()", after=r"failed:|has not (?:yet )?been delivered (?:to )?(?:is|are):"
        r"|permanent error\.",
    ),
    _family(
        "Exim, an address that cannot be", "mail failure - malformed recipient address",
        each=rf"malformed address: {_A}", after=r"^incorrectly constructed:",
    ),
    _family("MXLogic", "included is a copy of the message header:", each=rf"^ {{0,4}}{_A}:"),
    _family(
        "Sendmail", "addresses had permanent fatal errors", "addresses had permanent delivery errors",
        "addresses had transient non-fatal errors", "addresses had transient errors", "addresses had fatal errors",
        each=rf"^(?:>>> )?{_A}(?:[ \t]*$|[ \t]+[\[(<])", after=r"-{3,} ?the following addresses had [a-z -]{1,40}-{3,}",
    ),
    _family(
        "Bigfoot and McAfee", "addresses had delivery problems",
        "addresses had delivery errors",
        each=rf"^{_A}(?:[ \t]*$|[ \t]+[\[(])", after=r"-{3,} ?the following addresses had [a-z -]{1,40}-{3,}",
    ),
    _family(
        "Sendmail 5", "----- transcript of session follows -----", each=rf"^(?:[45]\d\d |>>> RCPT TO: ?){_A}",
        after=r"-{3,} ?transcript of session follows ?-{3,}",
    ),
    _family(
        "Sendmail 5, where it names nobody", "----- transcript of session follows -----", each=rf"^To: {_A}[ \t]*$",
        after=r"-{3,} ?(?:unsent message|message header) follows", whole=True,
    ),
    _family(
        "Exchange 5.5 to 2003", "did not reach the following recipient(s)",
        "the following recipient(s) could not be reached",
        each=rf"^[ \t]{{0,20}}{_A} (?:on|am|le|el|il|op|em) \S", after=r"recipient\(s\)",
    ),
    _family("Exchange", *_EXCHANGE, "generating server:", each=rf"{_ALONE}|{_LINE}<mailto:"
    rf"|^[^\n@<(]{{1,100}}[<(]{_A}[)>]"),
    _family("Office 365 and Gmail, one address", *(before for before, _ in _TO_ONE), each=_ONE),
    _family(
        "Domino", "was not delivered to:", "wurde nicht zugestellt an:", "n'a pas été remis à :",
        "non è stato consegnato a:",
        "no se entregó a:", "次の宛先へ配信できませんでした", each=_ALONE,
        after=r"was not delivered to:|wurde nicht zugestellt an:|n'a pas été remis à :|non è stato consegnato a:"
        r"|no se entregó a:|次の宛先へ",
    ),
    _family("Lotus Notes", "------- failure reasons --------", each=_ALONE, after=r"^-{3,} failure reasons +-{3,}"),
    _family(
        "GroupWise", "the message that you sent was undeliverable to the following", each=_LINE,
        after=r"undeliverable to the following:?",
    ),
    _family(
        "IMail", "x-mailer: <smtp32", "x-mailer: smtp32",
        each=rf"^(?:unknown user|user mailbox exceeds allowed size|undeliverable to|unknown host"
        rf"|invalid final delivery userid"
        rf"|delivery failed \d{{1,4}} attempts|delivery userid rejected)[: ]+{_A}",
    ),
    _family(
        "Outlook.com and Windows SMTP", "delivery to the following recipients failed",
        "delivery to the following recipient failed",
        "delivery to the following recipients has been delayed", "delivery to the following recipient has been delayed",
        each=rf"^[ \t*]{{0,20}}{_A}[ \t]*$", after=r"delivery to the following recipients? (?:failed"
        r"|has been delayed)[^\n]{0,40}",
    ),
    _family(
        "ezweb and Time Warner", "the following recipients did not receive this message",
        "did not receive your message",
        "each of the following recipients was rejected", each=rf"{_ALONE}|recipient: {_A}",
        after=r"did not receive (?:this|your) message:?|was rejected by a remote",
    ),
    _family("KDDI", "could not be delivered to: <", each=rf"could not be delivered to: {_A}", whole=True),
    _family(
        "MailMarshal", "the following recipients were affected", each=_ALONE,
        after=r"the following recipients were affected:?",
    ),
    _family(
        "InterScan", 'from: "interscan', "sent <<< rcpt to:", "interscan messaging security suite",
        each=rf"sent <<< rcpt to: ?{_A}|unable to deliver message to {_A}",
    ),
    _family("Apache James", "error message below:", each=rf"^\s{{0,10}}RCPT TO: {_A}", whole=True),
    _family(
        "Verizon", "message could not be delivered to mobile", each=rf"^To: {_A}", after=r"^Original Message:",
        whole=True,
    ),
    _family("m-FILTER", "-------server message", each=rf"^{_A}\s{{1,20}}-{{5,}}server message", whole=True),
    _family("MDaemon", "x-mailer: mdaemon", "from: mdaemon@", "failed address:", each=rf"^{_A} - "
    rf"|failed address: {_A}"),
    _family("SurfControl", "a transcript of the attempts to send the message follows", each=rf"^addressed to: {_A}"),
    _family("MailFoundry", "unable to deliver message to:", each=rf"^unable to deliver message to: {_A}"),
    _family(
        "OpenSMTPD", "an error has occurred while attempting to deliver a message for",
        "a message is delayed for more than",
        each=rf"^{_A}: ",
    ),
    _family("DragonFly", "this is the dragonfly mail agent", each=rf"delivering your mail to {_A}"),
    _family("SendGrid", "this is an automatically generated message from sendgrid", each=rf"^[^\s<]{{0,80}}<{_A} ?:"),
    _family(
        "Zoho", "error_code :", "[status: error, address:", each=rf"^{_A}[^\n]{{0,200}}error_code"
        rf"|\[status: error, address: {_A}",
    ),
    _family("Amazon WorkMail", "trying to deliver the mail to the following recipients", each=_ALONE,
    after=r"the following recipients:"),
    _family("Amazon SES", "the following message to <", each=rf"the following message to {_A}"),
    _family("Mimecast", "attempted to send to the following address could not be delivered", each=rf"^-- {_A}[ \t]*$"),
    _family("systems with one sentence", "returned permanent errors:", "did not reach the following recipient:",
            each=rf"(?:returned permanent errors|did not reach the following recipient): {_A}"),
    _family(
        "Symantec and others with a bare list", "could not be delivered to the following recipient",
        "could not deliver message to the following",
        each=rf"{_ALONE}|failed recipient: {_A}", after=r"the following recipient(?:\(s\)|s)?:?",
    ),
    _family("fml", "x-mlserver: fml", each=rf"not a member of this mailing list {_A}"),
)  # fmt: skip


def family_of(read: Read) -> tuple[Family, tuple[str, ...]] | None:
    """The first row that knows the report and finds a recipient in it, and whom it did not reach, in their order."""
    for family in FAMILIES:
        if any(tell in read.flat for tell in family.tells):
            found = tuple(dict.fromkeys(islice(_found(family, read), MAX_RECIPIENTS)))
            if found:
                return family, found
    return None


def _found(family: Family, read: Read) -> Iterator[str]:
    words = read.text[:MAX_NOTICE] if family.whole else read.words[:MAX_NOTICE]
    start, end = 0, len(words)
    if family.after:
        begins = _compiled(family.after).search(words)
        if begins is None:
            return
        start = begins.end()
        ends = _END.search(words, start + 1)
        end = ends.start() if ends and not family.whole else end
    for match in _compiled(family.each).finditer(words, start, end):
        yield next(group for group in match.groups() if group).rstrip(".")


def flat(*texts: str) -> str:
    """In one line and lower case, as tells are written, with straight apostrophes."""
    return address_key(" ".join("\n".join(texts)[:MAX_TELL].split()).replace("\u2019", "'"))
