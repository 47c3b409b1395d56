"""Delivery reports as mail systems write them, by hand: what they say of `TO`, about the mail `ID`."""

from __future__ import annotations

TO = "maria@customer.example"
ID = "<mail-1@desk.example>"
FIRST = "<first@customer.example>"
RETURNED = (
    f"Message-ID: {ID}\nFrom: support@acme.example\nTo: {TO}\nSubject: Re: Printer\nReferences: {FIRST}\n\nHello\n"
)


def mail(sender: str, subject: str, body: str, *more: str) -> bytes:
    head = (f"From: {sender}", "To: support@acme.example", f"Subject: {subject}", "Message-ID: <r@mx.example>", *more)
    return "\n".join((*head, "", body)).replace("\n", "\r\n").encode()


def block(to: str = TO, action: str = "failed", status: str = "5.1.1", words: str = "", *more: str) -> str:
    diagnostic = (f"Diagnostic-Code: smtp; {words}",) if words else ()
    return "\n".join(
        (f"Final-Recipient: rfc822; {to}", f"Action: {action}", f"Status: {status}", *diagnostic, *more, "")
    )


def report(*blocks: str, text: str = "It could not be delivered.", returned: str = RETURNED, kind: str = "") -> bytes:
    """RFC 3464. `kind` is the content type of what is returned."""
    fields = "\n".join(("Reporting-MTA: dns; mx.example\n", *blocks))
    return mail(
        "MAILER-DAEMON@mx.example (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\n"
        f"Content-Type: message/delivery-status\n\n{fields}\n"
        f"--b\nContent-Type: {kind or 'message/rfc822'}\n\n{returned}\n--b--\n",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "Auto-Submitted: auto-replied",
    )


QUOTA = "552 5.2.2 Schránka je plná, zkuste to později"
POSTFIX = report(
    block(words=f"550 5.1.1 <{TO}>: Recipient address\n    rejected: User unknown", status="5.1.1"),
    kind="text/rfc822-headers",
)
EXCHANGE = report(
    block(status="5.1.10", words="550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP lookup"),
    text="Delivery has failed to these recipients or groups:\n\nMaria",
)
GMAIL = report(
    block(
        to=TO,
        words=(
            "550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
            " 550-5.1.1 double-checking the recipient's email address for typos or\n 550 5.1.1 gsmtp"
        ),
    ),
    text="** Address not found **",
)
DELAYED = report(block(action="delayed", status="4.4.1", words="451 4.4.1 try later"), text="No action is needed.")
GIVEN_UP = report(block(action="failed", status="4.4.7", words="delivery time expired"))
PARTIAL = report(block(words="550 5.1.1 no such user"), block("petr@customer.example", "relayed", "2.0.0"))
NESTED = mail(
    "postmaster@mx.example",
    "Undeliverable: Re: Printer",
    "--outer\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSorry.\n--b\n"
    f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n{block()}\n--b\n"
    f"Content-Type: message/rfc822\n\n{RETURNED}\n--b--\n--outer--\n",
    "Content-Type: multipart/mixed; boundary=outer",
)
EXIM = mail(
    "Mail Delivery System <Mailer-Daemon@mx.example>",
    "Mail delivery failed: returning message to sender",
    "This message was created automatically by mail delivery software.\n\n"
    "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. "
    f"The following address(es) failed:\n\n  {TO}\n    SMTP error from remote mail server after RCPT TO:<{TO}>:\n"
    f"    host mx.customer.example [192.0.2.1]: 550 5.1.1 unknown user\n\n"
    f"------ This is a copy of the message, including all the headers. ------\n\n"
    f"Return-path: <support@acme.example>\n{RETURNED}",
    f"X-Failed-Recipients: {TO}",
    "Auto-Submitted: auto-replied",
)
EXIM_DELAY = mail(
    "Mail Delivery System <Mailer-Daemon@mx.example>",
    "Warning: message 1abc-00 delayed 24 hours",
    "This message was created automatically by mail delivery software.\n"
    "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours.\n\n"
    f"The address to which the message has not yet been delivered is:\n\n  {TO}\n\n"
    "No action is required on your part. Delivery attempts will continue for\nsome time.\n\n"
    f"{RETURNED}",
    "Auto-Submitted: auto-replied",
)
QMAIL = mail(
    "MAILER-DAEMON@mx.example",
    "failure notice",
    "Hi. This is the qmail-send program at mx.example.\n"
    "I'm afraid I wasn't able to deliver your message to the following "
    "addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
    f"<{TO}>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.2.1 mailbox disabled\n"
    "Giving up on 192.0.2.1.\n\n"
    f"--- Below this line is a copy of the message.\n\nReturn-Path: <support@acme.example>\n{RETURNED}",
)
OPENSMTPD = mail(
    "Mailer Daemon <MAILER-DAEMON@mx.example>",
    "Delivery status notification: error",
    "    Hi!\n\n"
    "    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\n"
    f"{TO}: 550 5.2.2 Mailbox Full\n\n    Below is a copy of the original message:\n\n{RETURNED}",
)
CZECH = report(block(status="5.0.0", words="550 5.7.1 Zpráva odmítnuta: příliš mnoho příloh"), text="Nedoručeno")
GLOBAL = mail(
    "MAILER-DAEMON@mx.example",
    "Undelivered",
    "--b\nContent-Type: text/plain\n\nSorry\n--b\nContent-Type: message/global-delivery-status\n\n"
    "Reporting-MTA: dns; mx\n\nFinal-Recipient: utf-8; j\\x{F6}rg@customer.example\n"
    "Action: failed\nStatus: 5.1.1\n\n--b\n"
    f"Content-Type: message/global-headers\n\n{RETURNED}--b--\n",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
)
