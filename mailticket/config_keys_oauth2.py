"""The keys inside `oauth2`, which both [delivery] and [imap.NAME] have."""

from __future__ import annotations

from .config_tables import Key

OAUTH2_KEYS = (
    Key(
        "oauth2",
        "provider",
        '"microsoft"',
        'Whose mailbox it is: "microsoft" or "google". Without it, `token_url` says where tokens come from.',
        default="none",
    ),
    Key(
        "oauth2",
        "tenant",
        '"f0e1d2c3-0000-4000-8000-000000000000"',
        "Microsoft's directory (tenant) ID.",
        default="none",
    ),
    Key("oauth2", "client_id", '"a1b2c3d4-0000-4000-8000-000000000000"', "The application's (client) ID.", True),
    Key(
        "oauth2",
        "client_secret",
        '{ file = "client-secret" }',
        "The application's secret. Without `refresh_token` the application logs in by itself (client credentials).",
        default="none",
    ),
    Key(
        "oauth2",
        "refresh_token",
        '{ file = "main.token" }',
        "Where the token of a login is: `mailticket imap login` writes it into that file, and so does the desk where\n"
        "the server gives a new one. { env = … } and { credential = … } are only read.",
        default="none",
    ),
    Key(
        "oauth2",
        "scope",
        '"https://mail.example.com/imap offline_access"',
        "What is asked for, with spaces between.",
        default="the provider's for mail",
    ),
    Key(
        "oauth2", "token_url", '"https://login.example.com/token"', "Where tokens come from.", default="the provider's"
    ),
    Key(
        "oauth2",
        "device_url",
        '"https://login.example.com/device"',
        "Where a login by a code begins (RFC 8628).",
        default="the provider's",
    ),
    Key(
        "oauth2",
        "authorize_url",
        '"https://login.example.com/authorize"',
        "Where a login in a browser begins (RFC 8252).",
        default="the provider's",
    ),
    Key("oauth2", "ca", '"ca.pem"', "The certificates that `token_url`'s must stand on.", default="the machine's"),
)
