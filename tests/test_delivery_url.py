"""How the way out is written in the config, and that no complaint about it repeats a password."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import pytest

from mailticket.config import load
from mailticket.config_units import delivery_problems, mail_server
from mailticket.deliver.transports import server_of
from mailticket.errors import UsageError

GOOD = [
    ("smtp://mx.example", ("smtp", "mx.example", 25, "", ""), "mx.example:25"),
    ("SMTP://127.0.0.1:2525", ("smtp", "127.0.0.1", 2525, "", ""), "127.0.0.1:2525"),
    ("smtp://[::1]", ("smtp", "::1", 25, "", ""), "[::1]:25"),
    ("smtps://mx.example", ("smtps", "mx.example", 465, "", ""), "mx.example:465"),
    ("smtp+starttls://u@mx.example", ("starttls", "mx.example", 587, "u", ""), "mx.example:587"),
    ("smtps://u%40a.example:p%2F%3A%C3%A9@mx.example:26", ("smtps", "mx.example", 26, "u@a.example", "p/:é"), None),
    ("smtps://u@a.example:hunter2@mx.example", ("smtps", "mx.example", 465, "u@a.example", "hunter2"), None),
    ("lmtp://127.0.0.1", ("lmtp", "127.0.0.1", 24, "", ""), "127.0.0.1:24"),
    ("lmtp:///run/dovecot/lmtp", ("lmtp", "", 0, "", ""), "/run/dovecot/lmtp"),
    ("maildir:outgoing", ("maildir", "", 0, "", ""), "maildir:outgoing"),
    ("maildir:/var/mail/out", ("maildir", "", 0, "", ""), "maildir:/var/mail/out"),
    ("maildir:///var/mail/out", ("maildir", "", 0, "", ""), "maildir:/var/mail/out"),
]


@pytest.mark.parametrize(("url", "expected", "shown"), GOOD, ids=[row[0] for row in GOOD])
def test_a_url_says_where_and_how(url, expected, shown):
    server = mail_server(url)
    assert (server.transport, server.host, server.port, server.username, server.password) == expected
    assert server.path == (Path(shown.removeprefix("maildir:")) if shown and not expected[1] else None)
    assert shown in {None, str(server_of(server, "desk.example"))}
    assert not server.password or server.password not in repr(server)


BAD = [
    ("no scheme", "mx.example"),
    ("an unknown scheme", "imap://u:hunter2@mx.example"),
    ("no host", "smtp://"),
    ("a host that is none", "smtp://u:hunter2@mx_1.example"),
    ("a bracket that does not close", "smtp://u:hunter2@[::1"),
    ("a port that is none", "smtps://u:hunter2@mx.example:99999"),
    ("port 0", "smtp://mx.example:0"),
    ("a path behind it", "smtps://u:hunter2@mx.example/x"),
    ("a slash in the password", "smtps://u:hun/ter2@mx.example"),
    ("a hash in the password", "smtps://u:hun#ter2@mx.example"),
    ("a password without a user", "smtps://:hunter2@mx.example"),
    ("a control character in the password", "smtps://u:hunter2%0D%0AX@mx.example"),
    ("a NUL in the user", "smtps://u%00:hunter2@mx.example"),
    ("a password that is no UTF-8", "smtps://u:hunter2%FF@mx.example"),
    ("no folder", "maildir:"),
    ("a folder with a NUL", "maildir:a\0b"),
    ("no socket", "lmtp:///\n"),
]


@pytest.mark.parametrize(("what", "url"), BAD, ids=[row[0] for row in BAD])
def test_a_url_that_is_wrong_is_refused_without_its_password(what, url):
    with pytest.raises(ValueError, match="write ") as caught:
        mail_server(url)
    assert "hun" not in str(caught.value)
    assert "ter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


FITTING = [
    ("no login", "smtp://mx.example", {}, []),
    ("a login by TLS", "smtps://u:p@mx.example", {"ca": True}, []),
    ("a login on this machine", "smtp://u@localhost", {"password": True}, []),
    ("a login in clear", "smtp://u:p@mx.example", {}, ["url"]),
    ("a login with LMTP", "lmtp://u:p@127.0.0.1", {}, ["url"]),
    ("a user without a password", "smtps://u@mx.example", {}, ["url"]),
    ("a password without a user", "smtps://mx.example", {"password": True}, ["password"]),
    ("two passwords", "smtps://u:p@mx.example", {"password": True}, ["password"]),
    ("a password for a folder", "maildir:x", {"password": True}, ["password"]),
    ("a user with oauth2", "smtps://u@mx.example", {"oauth2": True}, []),
    ("oauth2 without a user", "smtps://mx.example", {"oauth2": True}, ["oauth2"]),
    ("oauth2 and a password", "smtps://u@mx.example", {"oauth2": True, "password": True}, ["oauth2"]),
    ("oauth2 and a password in the url", "smtps://u:p@mx.example", {"oauth2": True}, ["oauth2"]),
    ("oauth2 in clear", "smtp://u@mx.example", {"oauth2": True}, ["url"]),
    ("oauth2 for a folder", "maildir:x", {"oauth2": True}, ["oauth2"]),
    ("a CA without TLS", "smtp://127.0.0.1", {"ca": True}, ["ca"]),
]


@pytest.mark.parametrize(("what", "url", "beside", "wrong"), FITTING, ids=[row[0] for row in FITTING])
def test_url_password_and_ca_have_to_fit_together(what, url, beside, wrong):
    found = delivery_problems(mail_server(url), **({"password": False, "ca": False, "oauth2": False} | beside))
    assert [key for key, _ in found] == wrong


CONFIG = """\
[desk]
name = "Acme Support"
secret = "correct horse battery staple"
[delivery]
url = "{url}"
hostname = "support.acme.example"
[[department]]
name = "Support"
addresses = ["support@acme.example"]
[[agent]]
name = "Anna"
address = "anna@acme.example"
"""


def test_a_folder_and_a_password_in_the_config_reach_the_way_out(tmp_path):
    def loaded(url, beside=""):
        path = tmp_path / "mailticket.toml"
        path.write_text(CONFIG.format(url=url).replace("hostname", f"{beside}\nhostname"))
        return load(path, {"PW": "hunter2 hunter2"}, date(2026, 11, 24)).delivery

    assert loaded("maildir:outgoing").path == tmp_path / "outgoing"
    assert loaded("lmtp:///run/x").path == Path("/run/x")
    safe = loaded("smtp+starttls://u@mx.example", 'password = { env = "PW" }\nmax_size = "1 MB"')
    assert (safe.username, safe.password, safe.max_size) == ("u", "hunter2 hunter2", 10**6)
    with pytest.raises(UsageError, match="by TLS only"):
        loaded("smtp://u:p@mx.example")


def test_a_way_out_can_be_handed_to_another_process_and_shows_no_password():
    server = server_of(mail_server("smtp+starttls://u:hunter2@mx.example"), "desk.example")
    assert pickle.loads(pickle.dumps(server)) == server
    assert "hunter2" not in f"{server} {server!r}"
