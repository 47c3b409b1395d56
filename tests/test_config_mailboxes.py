"""The config of mailboxes: values, and every mistake in one of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from test_config import MAILBOX, SECRET, SMALL, problems, read

from mailticket.config import load
from mailticket.config_keys import KEYS
from mailticket.settings import After, Imap

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
BEGIN = len(SMALL.splitlines()) + 1  # the line of [imap.main]
WRITTEN = BEGIN + len(MAILBOX.splitlines())  # that of what a test adds


def mailbox(line: str = "", name: str = "main") -> str:
    return f"{MAILBOX.replace('imap.main', f'imap.{name}')}{line}\n"


def boxes(folder, text: str) -> tuple[Imap, ...]:
    return read(folder, SMALL + text).imap


def test_a_small_mailbox_gets_the_defaults_of_the_design(tmp_path):
    known = read(tmp_path, SMALL + MAILBOX)
    assert known.imap == (
        Imap(
            name="main",
            host="imap.acme.example",
            port=993,
            username="support",
            password="hunter2",
            oauth2=None,
            tls="implicit",
            ca=None,
            folder="INBOX",
            after=After("seen", ""),
            poll=60 * SECOND,
            since=timedelta(0),
            answer_within=24 * HOUR,
            department="",
            max_message_size=35_000_000,
            alarm_after=15 * 60 * SECOND,
            self_probe=None,
        ),
    )
    assert "hunter2" not in repr(known)
    assert (known.smtp, known.lmtp, known.warnings) == (None, None, ())


def test_without_a_table_there_is_no_mailbox(tmp_path):
    assert boxes(tmp_path, "") == ()


def test_mailboxes_come_in_the_order_of_the_file(tmp_path):
    names = ("zoe", "main", "A-1_b", "n" * 40)
    text = "".join(mailbox(f'folder = "{name}"', name) for name in names)
    assert tuple(box.name for box in boxes(tmp_path, text)) == names


def test_a_mailbox_is_written_as_one_line_too(tmp_path):
    table = ", ".join(MAILBOX.splitlines()[1:])
    assert [box.host for box in boxes(tmp_path, f"[imap]\nmain = {{ {table} }}")] == ["imap.acme.example"]
    (said,) = problems(tmp_path, f"{SMALL}[imap]\nmain = {{ {table}, hots = 1 }}")
    assert said.startswith(f"mailticket.toml:{BEGIN + 1}: imap.main.hots: no such key; did you mean")


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ('tls = "starttls"', "port", 143),
        ('tls = "starttls"\nport = 1143', "port", 1143),
        ('folder = "Support/Wichtig & Ünterwegs"', "folder", "Support/Wichtig & Ünterwegs"),
        ('after = "seen"', "after", After("seen")),
        ('after = "move:Archive/2026"', "after", After("move", "Archive/2026")),
        ('after = "move:a:b"', "after", After("move", "a:b")),
        ('after = "delete"', "after", After("delete")),
        ('after = "keep"', "after", After("keep")),
        ('poll = "1s"', "poll", SECOND),
        ('poll = "1h"', "poll", HOUR),
        ('since = "now"', "since", timedelta(0)),
        ('since = "all"', "since", None),
        ('since = "7d"', "since", 7 * DAY),
        ('answer_within = "0s"', "answer_within", timedelta(0)),
        ('answer_within = "1d 12h"', "answer_within", 36 * HOUR),
        ('department = " Support"', "department", "Support"),
        ('max_message_size = "60 MB"', "max_message_size", 60_000_000),
        ('[smtp]\nmax_message_size = "2 MB"', "max_message_size", 2_000_000),
        ('max_message_size = "1 MB"\n[smtp]\nmax_message_size = "2 MB"', "max_message_size", 1_000_000),
        ('[lmtp]\nmax_message_size = "2 MB"', "max_message_size", 35_000_000),
        ('alarm_after = "1h"', "alarm_after", HOUR),
        ('self_probe = "off"', "self_probe", None),
        ('self_probe = "5m"', "self_probe", HOUR / 12),
    ],
)
def test_written_values_are_what_the_desk_works_with(tmp_path, line, key, value):
    (box,) = boxes(tmp_path, mailbox(line))
    assert getattr(box, key) == value


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.0.9", "::1", "localhost"])
def test_this_machine_needs_no_tls(tmp_path, host):
    known = read(tmp_path, SMALL + mailbox('tls = "none"').replace("imap.acme.example", host))
    assert [(box.host, box.port, box.tls) for box in known.imap] == [(host, 143, "none")]
    assert known.warnings == ()


def test_another_machine_may_be_spoken_to_in_plain_where_that_is_written(tmp_path):
    known = read(tmp_path, SMALL + mailbox('tls = "none"\ninsecure = true'))
    assert [box.tls for box in known.imap] == ["none"]
    assert known.warnings == ()


def test_certificates_are_relative_to_the_config(tmp_path):
    (tmp_path / "ca.pem").write_text("not looked into here")
    assert [box.ca for box in boxes(tmp_path, mailbox('ca = "ca.pem"'))] == [tmp_path / "ca.pem"]


@pytest.mark.parametrize("written", ['{ file = "pw" }', '{ env = "PW" }', '{ credential = "pw" }', '"p w"'])
def test_a_password_may_stand_elsewhere(tmp_path, written):
    (tmp_path / "pw").write_text("p w\n")
    (tmp_path / "pw").chmod(0o600)
    text = SMALL + MAILBOX.replace('"hunter2"', written)
    known = read(tmp_path, text, PW="p w", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert [box.password for box in known.imap] == ["p w"]
    assert "p w" not in repr(known)
    assert known.warnings == ()


def test_a_password_file_that_everybody_reads_is_a_warning_at_its_mailbox(tmp_path):
    (tmp_path / "pw").write_text("p w")
    (tmp_path / "pw").chmod(0o604)
    other = mailbox('folder = "Sales"', "other").replace('"hunter2"', '{ file = "pw" }')
    (warning,) = read(tmp_path, SMALL + MAILBOX + other).warnings
    assert f"mailticket.toml:{WRITTEN + 3}: imap.other.password: {tmp_path}/pw can be read by everybody" in warning


def test_a_password_in_a_config_that_everybody_reads_is_a_warning(tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    path = tmp_path / "mailticket.toml"
    path.write_text(SMALL.replace(f'"{SECRET}"', '{ file = "secret" }') + MAILBOX)
    path.chmod(0o644)
    (warning,) = load(path, {}, date(2026, 11, 22)).warnings
    assert f"toml:{BEGIN + 3}: imap.main.password: this file holds a secret that everybody here can read" in warning
    assert "hunter2" not in warning


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("port = 0", "port: must be at least 1"),
        ("port = 65536", "port: must be at most 65535"),
        ('port = "993"', "port: must be a whole number"),
        ("port = true", "port: must be a whole number"),
        ('tls = "ssl"', 'tls: must be "implicit", "starttls" or "none"'),
        ('tls = "none"', 'tls: "none" is for a server on this machine; write "implicit" or "starttls", or insecure ='),
        ('insecure = false\ntls = "none"', 'tls: "none" is for a server on this machine; write "implicit" or'),
        ("insecure = 1", "insecure: must be true or false"),
        ('ca = "none.pem"', "none.pem: there is no such file"),
        ('folder = ""', "folder: must be one line that is not empty, without control characters"),
        ('folder = "a\\r\\nb"', "folder: must be one line that is not empty, without control characters"),
        (f'folder = "{"n" * 256}"', "folder: must not be longer than 255 characters"),
        ('after = "archive"', 'after: there is no "archive"; write "seen", "move:FOLDER", "delete" or "keep"'),
        ('after = "move"', 'after: there is no "move"; write "seen", "move:FOLDER", "delete" or "keep"'),
        ('after = "move: "', 'after: write the folder behind it, like "move:Archive"'),
        ('after = "move:a\\nb"', "after: must be one line that is not empty, without control characters"),
        ("after = 1", "after: must be text in quotes"),
        ('after = "move:inbox"', "after: is the folder that is read; the mail would come again"),
        ('folder = "Mail"\nafter = "move:Mail"', "after: is the folder that is read; the mail would come again"),
        ('poll = "0.5s"', 'poll: must be at least "1s" and at most "1h"'),
        ('poll = "61m"', 'poll: must be at least "1s" and at most "1h"'),
        ('poll = "1 minute"', 'poll: write a time like "20s", "5m", "4h" or "3d"'),
        ("poll = 60", "poll: must be text in quotes"),
        ('since = "yesterday"', 'since: write a time like "20s", "5m", "4h" or "3d", or "now" or "all"'),
        ('since = "999999d"', 'since: must be at least "1s" and at most "3650d", or "now" or "all"'),
        ('answer_within = "999999d 999999d"', 'answer_within: must be at least "0s" and at most "3650d"'),
        ('department = "Suport"', 'department: no such department as "Suport"; did you mean "Support"?'),
        ('department = ""', 'department: no such department as ""; did you mean "Support"?'),
        ("department = 1", "department: must be text in quotes"),
        ('max_message_size = "2 GB"', 'max_message_size: must be more than nothing and at most "150 MB"'),
        ('alarm_after = "0s"', 'alarm_after: must be at least "1s" and at most "30d"'),
        ('self_probe = "1m"', 'self_probe: must be at least "5m" and at most "7d", or "off"'),
        ('self_probe = "on"', 'self_probe: write a time like "20s", "5m", "4h" or "3d", or "off"'),
        ("self_probe = false", "self_probe: must be text in quotes"),
        ('user = "x"', 'user: no such key; did you mean "username"?'),
        ("tls_cert = 1", 'tls_cert: no such key here; "tls_cert" belongs in [smtp]'),
        ('url = "x"', 'url: no such key here; "url" belongs in [delivery]'),
        ('name = "x"', 'name: no such key here; "name" belongs in [desk], [[department]] or [[agent]]'),
        ('listen = ["x"]', 'listen: no such key here; "listen" belongs in [smtp] or [lmtp]'),
    ],
)
def test_each_mistake_is_one_line_that_says_where_and_what_to_do(tmp_path, line, told):
    (said,) = problems(tmp_path, SMALL + mailbox(line))
    place, _, _ = said.partition(" ")
    assert place in {f"mailticket.toml:{WRITTEN}:", f"mailticket.toml:{WRITTEN + 1}:"}
    assert said.startswith(f"{place} imap.main.")
    assert told in said


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("host", "hots", 'imap.main.hots: no such key; did you mean "host"?'),
        ("host", "#", 'imap.main.host: is required; for example host = "imap.example.com"'),
        ("username", "#", 'imap.main.username: is required; for example username = "support@example.com"'),
        ("password", "#", 'imap.main: password or oauth2 is required; for example password = { file = "imap-password"'),
        ("imap.acme.example", "imap.acme.example:993", 'imap.main.host: "imap.acme.example:993": write a name or an'),
        ("imap.acme.example", "imaps://imap.acme.example", 'imap.main.host: "imaps://imap.acme.example": write a name'),
        ("imap.acme.example", "[::1]", 'imap.main.host: "[::1]": write a name or an address alone, like'),
        ("imap.acme.example", "fe80::1%a", 'imap.main.host: "fe80::1%a": write a name or an address alone, like'),
        ("imap.acme.example", "", 'imap.main.host: "": write a name or an address alone, like'),
        ('"support"', '" "', "imap.main.username: must be one line that is not empty, without control characters"),
        ('"hunter2"', '""', "imap.main.password: must be one line that is not empty, without control characters"),
        ('"hunter2"', '{ file = "none" }', "none cannot be read: No such file or directory"),
        ('"hunter2"', '{ env = "NONE" }', "imap.main.password: the environment has no variable NONE"),
        ('"hunter2"', '["hunter2"]', "imap.main.password: write text, { file = … }, { env = … } or { credential = … }"),
        ("imap.main", "imap.'my box'", "imap.my box: a mailbox's name is 1 to 40 letters, digits, hyphens or"),
        ("imap.main", "imap.''", "imap.: a mailbox's name is 1 to 40 letters, digits, hyphens or underscores"),
        ("imap.main", f"imap.{'n' * 41}", "a mailbox's name is 1 to 40 letters, digits, hyphens or underscores, like"),
        ("imap.main", "imap.'é'", "imap.é: a mailbox's name is 1 to 40 letters, digits, hyphens or underscores"),
    ],
)
def test_mistakes_in_what_is_required(tmp_path, old, new, told):
    said = problems(tmp_path, SMALL + MAILBOX.replace(old, new, 1))
    assert any(told in line for line in said), said
    assert all(line.startswith("mailticket.toml:") for line in said)
    assert "hunter2" not in "".join(said)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[imap]\n", "imap: has no mailbox; write one as [imap.main]"),
        ("[[imap]]\n", "imap: write a table [imap.main] with host, username and password"),
        ('[imap]\nhost = "x"\n', "imap.host: stands in no mailbox's table; write [imap.main] above it"),
        ("[imapp.main]\n", 'imapp: no such table; did you mean "imap"?'),
    ],
)
def test_mistakes_in_the_tables_head(tmp_path, text, told):
    (said,) = problems(tmp_path, SMALL + text)
    assert said.endswith(f" {told}")


@pytest.mark.parametrize("name", ["password", "oauth2", "imap"])
def test_a_mailbox_may_be_called_as_a_key_is(tmp_path, name):
    assert [box.name for box in boxes(tmp_path, mailbox(name=name))] == [name]


@pytest.mark.parametrize("value", ["[]", "1", "{}", "1.5", "false"])
@pytest.mark.parametrize("key", [key.name for key in KEYS if key.table == "imap"])
def test_a_value_of_the_wrong_kind_is_told_and_never_breaks_a_check(tmp_path, key, value):
    if (key, value) not in {("port", "1"), ("insecure", "false"), ("authentication_results", "[]")}:
        kept = "".join(line for line in MAILBOX.splitlines(keepends=True) if not line.startswith(key))
        assert any(f"imap.main.{key}: " in said for said in problems(tmp_path, f"{SMALL}{kept}{key} = {value}"))
