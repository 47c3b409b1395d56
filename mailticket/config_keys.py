"""The one table of config keys: `init` writes its manual from it, the docs are made from it, errors look in it."""

from __future__ import annotations

from .config_keys_mailboxes import MAILBOX_KEYS
from .config_tables import Key

_LEVEL = '{ first_response = "4h", resolution = "3d" }'
KEYS = (
    Key("desk", "name", '"Support desk"', "What customers and agents see as the sender of the desk's own mails.", True),
    Key(
        "desk",
        "secret",
        '{ file = "secret" }',
        "Keys the signed references in our mails, which prove who may answer. At least 16 characters. Instead of the\n"
        "text itself write { file = … }, { env = … } or { credential = … } (a systemd credential). A list may hold\n"
        "several: the first one signs, all are still believed; so put a new one in front to change it.",
        True,
    ),
    Key(
        "desk",
        "tag_prefix",
        '"TICKET"',
        "The word in a ticket's tag, [TICKET-42]: 1 to 20 letters, digits or hyphens. Choose it once: tags with an\n"
        "old prefix are no longer known.",
    ),
    Key(
        "desk",
        "database",
        '"sqlite:mailticket.db"',
        "Where everything is kept: sqlite:FILE, relative to this file.",
    ),
    Key(
        "desk",
        "timezone",
        '"Europe/Prague"',
        "The time zone of opening hours and of the times in mails.",
        default="the machine's",
    ),
    Key("desk", "default_language", '"en"', 'The language of the desk\'s mails. Only "en" so far.'),
    Key(
        "desk",
        "plus_addresses",
        "true",
        "Answer from signed addresses like support+…@. Switch it off where the mail server refuses those.",
    ),
    Key(
        "desk",
        "templates",
        '"templates"',
        "A folder whose files replace the shipped templates one by one, like templates/en/acknowledgement.txt.j2.\n"
        "`mailticket check` tries them; one that is broken costs no mail, since the shipped one is used then.",
        default="the shipped ones alone",
    ),
    Key(
        "desk",
        "keep_raw",
        '"forever"',
        'How long mails are kept as they came and went, once their ticket is closed: "forever", "400d" or "2y".',
    ),
    Key("desk", "send_delay", '"20s"', 'How long an agent\'s answer waits before it is sent; "0s" sends at once.'),
    Key(
        "trust",
        "authentication_results",
        '["mx.example.com"]',
        "The names with which your own mail servers begin their Authentication-Results (RFC 8601). Such a header\n"
        "proves who an agent is, in mail that came by LMTP, from a mailbox or from `trusted_relays`.",
        default="none",
    ),
    Key(
        "trust",
        "forms",
        '["form@example.com"]',
        "Senders, such as web forms, whose Reply-To is the customer.",
        default="none",
    ),
    Key(
        "trust",
        "reply_proves_all",
        "false",
        "true: an agent's reply to a mail of the desk's is proof enough for every command. false: those that give a\n"
        "ticket away, like #customer, need proof that the very mail is the agent's: whoever reads along in a mailbox\n"
        "can reply, too.",
    ),
    Key(
        "smtp",
        "listen",
        '["127.0.0.1:2525"]',
        "Where to listen: HOST:PORT, unix:/PATH, or systemd:NAME for a socket that systemd holds. With tls: before\n"
        "it, like tls:0.0.0.0:465, TLS begins at once.",
    ),
    Key(
        "smtp",
        "max_message_size",
        '"35 MB"',
        "The largest mail that is taken; `mailticket ingest` keeps to it, too.",
    ),
    Key(
        "smtp",
        "tls_cert",
        '"fullchain.pem"',
        "The certificate, with those that it stands on: STARTTLS is offered then, and agents with a `password` can\n"
        "log in.",
        default="none",
    ),
    Key("smtp", "tls_key", '"key.pem"', "The certificate's key.", default="none"),
    Key("smtp", "require_tls", "false", "true: mail is taken over TLS only."),
    Key(
        "smtp",
        "proxy_protocol",
        "false",
        "true: a proxy stands before the listener and begins each connection with a PROXY header, version 1 or 2.\n"
        "Let nobody but the proxy reach the port: whoever writes that header says who they are.",
    ),
    Key(
        "smtp",
        "trusted_relays",
        '["127.0.0.0/8", "::1", "unix"]',
        "Peers that are your own mail servers: addresses, networks, and unix for unix sockets. What they write into\n"
        "Authentication-Results and spam headers counts.",
    ),
    Key(
        "lmtp",
        "listen",
        '["unix:/run/mailticket/lmtp"]',
        "Where to listen: unix:/PATH, HOST:PORT, or systemd:NAME.",
    ),
    Key("lmtp", "max_message_size", '"35 MB"', "The largest mail that is taken.", default="as in [smtp]"),
    *MAILBOX_KEYS,
    Key(
        "delivery",
        "url",
        '"smtp://127.0.0.1:25"',
        "The outgoing mail server: smtp://HOST:PORT, smtps:// (TLS at once), smtp+starttls://USER@HOST:587,\n"
        "lmtp://HOST:PORT, lmtp:///PATH for a unix socket, or maildir:FOLDER. A user name needs TLS or this machine.",
        True,
    ),
    Key(
        "delivery",
        "password",
        '{ file = "password" }',
        "The password of the user in `url`; like `secret` it may stand elsewhere. It is better here than in the url.",
        default="none",
    ),
    Key(
        "delivery",
        "oauth2",
        '{ provider = "google", client_id = "12345", refresh_token = { file = "main.token" } }',
        "Instead of a password: how to get access tokens for the user in `url`. Its keys, which may also stand one a\n"
        "line in a table of their own, [delivery.oauth2], are in docs/config.md.",
        default="none",
    ),
    Key(
        "delivery",
        "ca",
        '"ca.pem"',
        "The certificates that the mail server's must stand on.",
        default="the machine's",
    ),
    Key(
        "delivery",
        "hostname",
        '"support.example.com"',
        "This desk's full host name: it greets mail servers with it, and it stands in the Message-IDs.",
        default="the machine's",
    ),
    Key(
        "delivery",
        "max_size",
        '"20 MB"',
        "The largest mail that is sent; over it, attachments stay in the desk and the mail says so.",
    ),
    Key("answers", "per_address", '"5 per hour, 12 per day"', "To one address."),
    Key("answers", "per_domain", '"200 per hour"', "To all addresses of one domain."),
    Key(
        "answers",
        "identical",
        '"3 per day"',
        "To mails with the same subject and words (40 characters or more) from one domain.",
    ),
    Key("answers", "total", '"off"', "To all together."),
    Key(
        "department",
        "name",
        '"Support"',
        "What customers see as the sender of its mails, and what agents' `departments` name.",
        True,
    ),
    Key(
        "department",
        "addresses",
        '["support@example.com"]',
        "The addresses that customers write to. The first one is the From of what the department sends.",
        True,
    ),
    Key(
        "department",
        "assign",
        '"least-loaded"',
        "Who gets a new ticket: least-loaded (fewest open tickets), round-robin, random, sticky (who answered this\n"
        "customer before, else least-loaded), or manual (all get it; who takes it first has it). Of a list, the next\n"
        'counts where one names nobody: ["sticky", "round-robin"].',
    ),
    Key(
        "department",
        "hours",
        '"Mon-Fri 09:00-17:00"',
        'When it works. Also "Mon-Thu 08:00-12:00 13:00-17:00, Fri 08:00-14:00" or "24/7".',
    ),
    Key(
        "department",
        "holidays",
        '"CZ"',
        'Days off: a country ("CZ"), one with its region ("DE-BY"), dates, or a list: ["CZ", "2026-12-24"].',
        default="none",
    ),
    Key(
        "department", "reopen_days", "14", "A resolved ticket closes after so many days; until then a mail reopens it."
    ),
    Key("department", "hide_agents", "false", "true: customers see the department's name only, never an agent's."),
    Key(
        "department",
        "signature",
        '"Acme Support\\nwww.example.com"',
        'What stands below agents\' answers, below a line "-- ": up to 10 lines, 1000 characters. Several lines may\n'
        'also be written between """. With `hide_agents` it is the only one.',
        default="none",
    ),
    *(
        Key(
            "department.service_levels",
            priority,
            _LEVEL,
            f"What is promised for {priority} priority; either part may be left out.",
            default="nothing is promised",
        )
        for priority in ("low", "medium", "high", "critical")
    ),
    Key("agent", "name", '"Anna Example"', "The agent's name; customers see it on answers.", True),
    Key("agent", "address", '"anna@example.com"', "Where assignments go and answers come from: one person's.", True),
    Key("agent", "aliases", '["a.example@example.com"]', "Other addresses that the agent writes from.", default="none"),
    Key("agent", "departments", '["Support"]', "The departments whose tickets the agent gets.", default="all"),
    Key(
        "agent",
        "languages",
        '["cs", "en"]',
        "The languages that the agent writes. A mail that does not say in which letters it is written is read in\n"
        "those that the desk's languages use.",
        default="the desk's",
    ),
    Key(
        "agent",
        "role",
        '"agent"',
        '"manager": also sees every ticket, reports and what is in quarantine. Without any, the first agent is one.',
    ),
    Key(
        "agent",
        "receipts",
        '"all"',
        'Short mails say what this agent\'s mails have done. "errors": only what they have not, and why.',
    ),
    Key(
        "agent",
        "signature",
        '"Anna Example\\nAcme Support"',
        "What stands below this agent's answers, instead of the department's `signature`. The mail client's own is\n"
        'left out where it stands below a line "-- ", or where its HTML says that it is one.',
        default="the department's",
    ),
    Key(
        "agent",
        "password",
        '"scrypt$…"',
        "Lets the agent log in to the listener, over TLS, with `address` as the name: a line that `mailticket passwd`\n"
        "makes, never the password itself.",
        default="none",
    ),
)
