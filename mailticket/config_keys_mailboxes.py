"""The keys of `[imap.NAME]`, for the one table in `config_keys`."""

from __future__ import annotations

from .config_tables import Key

MAILBOX_KEYS = (
    Key("imap", "host", '"imap.example.com"', "The mail server: a name or an address, without a port.", True),
    Key("imap", "port", "993", "Its port.", default="993; 143 with `tls` starttls or none"),
    Key(
        "imap",
        "tls",
        '"implicit"',
        'implicit: TLS from the first byte. starttls: the connection becomes TLS before the login. "none": plain, to\n'
        "this machine only, unless `insecure` is true. Certificates are always checked.",
    ),
    Key("imap", "ca", '"ca.pem"', "The certificates that the mail server's must stand on.", default="the machine's"),
    Key(
        "imap",
        "insecure",
        "false",
        'true: `tls` may be "none" to another machine, too. Whoever is on the way then reads password and mail.',
    ),
    Key("imap", "username", '"support@example.com"', "Whom to log in as.", True),
    Key(
        "imap",
        "password",
        '{ file = "imap-password" }',
        "The password of that user: text, { file = … }, { env = … } or { credential = … }. Or write `oauth2` instead.",
        True,
    ),
    Key(
        "imap",
        "oauth2",
        '{ provider = "google", client_id = "12345", refresh_token = { file = "main.token" } }',
        "Instead of a password: how to get access tokens for that user. Its keys, which may also stand one a line in\n"
        "a table of their own, [imap.main.oauth2], are in docs/config.md.",
        default="none",
    ),
    Key("imap", "folder", '"INBOX"', "The folder that is read."),
    Key(
        "imap",
        "after",
        '"seen"',
        "What becomes of a mail there once it is safe in the desk: seen (it is marked as read), move:FOLDER (which is\n"
        "made where it is missing), delete, or keep (nothing; the desk remembers what it has).",
    ),
    Key(
        "imap",
        "poll",
        '"60s"',
        "How often to look where the server cannot say itself that mail has come (IDLE): 1s to 1h.",
    ),
    Key(
        "imap",
        "since",
        '"now"',
        'What is taken in of the mail that is there at the first connection: "now" nothing, "all" everything, "7d"\n'
        "what is not older than that. The rest stays there as it is.",
    ),
    Key(
        "imap",
        "answer_within",
        '"24h"',
        "Of the mail that is there at the first connection, nothing older than this is acknowledged.",
    ),
    Key(
        "imap",
        "department",
        '"Support"',
        "The department that gets what comes here. Else the addresses in the mail's headers say it: Delivered-To,\n"
        "X-Original-To, Envelope-To, To, Cc.",
        default="as the headers say",
    ),
    Key(
        "imap",
        "authentication_results",
        '["mx.example.com"]',
        "The names with which the servers of this mailbox begin their Authentication-Results; [] for none. A mailbox\n"
        "whose server writes no such header must name none: a stranger could write it.",
        default="as in [trust]",
    ),
    Key(
        "imap",
        "max_message_size",
        '"35 MB"',
        "Of a mail that is larger, the head alone is taken in, with a note to the agent.",
        default="as in [smtp]",
    ),
    Key(
        "imap",
        "alarm_after",
        '"15m"',
        "How long the mailbox may be unreadable before managers get a mail about it. They get one, and one when it is\n"
        "back.",
    ),
    Key(
        "imap",
        "self_probe",
        '"off"',
        'How often the desk sends a mail to its own address and looks for it here: "1h", at least "5m". Managers hear\n'
        "of one that is not back in ten minutes. It never becomes a ticket.",
    ),
)
