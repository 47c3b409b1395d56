"""The config of `oauth2`, of the mail server and of mailboxes: values, what is not there yet, and every mistake."""

from __future__ import annotations

import pytest
from test_config import SMALL, problems, read

from mailticket.settings import OAuth2

SECRET = "hunter2-hunter2-hunter2"
BOX = '[imap.main]\nhost = "outlook.office365.com"\nusername = "support@acme.example"\n'
SENDING = SMALL.replace("smtp://127.0.0.1", "smtp+starttls://support@acme.example@smtp.office365.com")
MICROSOFT = 'provider = "microsoft", tenant = "acme.example", client_id = "4f5e"'
GOOGLE = 'provider = "google", client_id = "4f5e"'
OWN = 'token_url = "https://login.acme.example/token", client_id = "4f5e"'
KEPT = 'refresh_token = { file = "main.token" }'


def box(folder, words: str) -> OAuth2:
    (known,) = read(folder, f"{SMALL}{BOX}oauth2 = {{ {words} }}\n").imap
    assert known.password == ""
    assert SECRET not in repr(known)
    return known.oauth2


def test_microsofts_application_has_its_addresses_and_the_scope_of_all_it_may_do(tmp_path):
    base = "https://login.microsoftonline.com/acme.example/oauth2/v2.0"
    assert box(tmp_path, f'{MICROSOFT}, client_secret = "{SECRET}"') == OAuth2(
        token_url=f"{base}/token",
        client_id="4f5e",
        client_secret=SECRET,
        scope="https://outlook.office365.com/.default",
        provider="microsoft",
        device_url=f"{base}/devicecode",
        authorize_url=f"{base}/authorize",
    )


def test_a_person_at_microsoft_gets_the_scopes_of_imap_and_smtp(tmp_path):
    (tmp_path / "main.token").write_text(f"{SECRET}\n")
    found = box(tmp_path, f"{MICROSOFT}, {KEPT}")
    assert (found.refresh_token, found.refresh_file, found.client_secret) == (SECRET, tmp_path / "main.token", "")
    scopes = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
    assert found.scope == scopes


def test_google_has_its_addresses_and_no_login_by_a_code(tmp_path):
    (tmp_path / "main.token").write_text(SECRET)
    found = box(tmp_path, f'{GOOGLE}, client_secret = "{SECRET}", {KEPT}')
    assert (found.token_url, found.scope) == ("https://oauth2.googleapis.com/token", "https://mail.google.com/")
    assert (found.device_url, found.authorize_url) == ("", "https://accounts.google.com/o/oauth2/v2/auth")


def test_another_server_is_where_its_urls_say(tmp_path):
    (tmp_path / "ca.pem").write_text("not looked into here")
    more = 'device_url = "http://[::1]:81/d", authorize_url = "https://a.example/", scope = "a b", ca = "ca.pem"'
    found = box(tmp_path, f'{OWN}, client_secret = "{SECRET}", {more}')
    urls = ("https://login.acme.example/token", "http://[::1]:81/d", "https://a.example/")
    assert (found.token_url, found.device_url, found.authorize_url) == urls
    assert (found.scope, found.provider, found.ca) == ("a b", "", tmp_path / "ca.pem")


def test_it_may_be_a_table_of_its_own_and_secrets_may_stand_elsewhere(tmp_path):
    text = f'{SMALL}{BOX}[imap.main.oauth2]\ntoken_url = "http://127.0.0.1:1/t"\nclient_id = "4f5e"\n'
    text += 'client_secret = { env = "CS" }\nrefresh_token = { env = "RT" }\n'
    (known,) = read(tmp_path, text, CS=SECRET, RT="refresh-token").imap
    assert (known.oauth2.client_secret, known.oauth2.refresh_token, known.oauth2.refresh_file) == (
        SECRET,
        "refresh-token",
        None,
    )


def test_the_way_out_has_one_too(tmp_path):
    known = read(tmp_path, SENDING.replace("[[dep", f'oauth2 = {{ {MICROSOFT}, client_secret = "{SECRET}" }}\n[[dep'))
    assert known.delivery.oauth2.client_secret == SECRET
    assert (known.delivery.username, known.delivery.password) == ("support@acme.example", "")
    assert known.warnings == ()


@pytest.mark.parametrize("empty", [True, False])
def test_a_login_that_is_still_to_come_is_a_warning_that_says_how(tmp_path, empty):
    if empty:
        (tmp_path / "main.token").touch()
    text = f"{SENDING}{BOX}oauth2 = {{ {MICROSOFT}, {KEPT} }}\n"
    text = text.replace("[[dep", f"[delivery.oauth2]\n{MICROSOFT.replace(', ', chr(10))}\n{KEPT}\n[[dep", 1)
    known = read(tmp_path, text)
    told = f"nobody has logged in yet, so that {tmp_path}/main.token has no token: run `mailticket imap login"
    assert known.warnings == (
        f"{tmp_path}/mailticket.toml:11: delivery.oauth2.refresh_token: {told} delivery`",
        f"{tmp_path}/mailticket.toml:21: imap.main.oauth2.refresh_token: {told} main`",
    )
    for found in (known.delivery.oauth2, known.imap[0].oauth2):
        assert (found.refresh_token, found.refresh_file) == ("", tmp_path / "main.token")


def test_a_token_that_everybody_can_read_is_a_warning(tmp_path):
    (tmp_path / "main.token").write_text(SECRET)
    (tmp_path / "main.token").chmod(0o604)
    (warning,) = read(tmp_path, f"{SMALL}{BOX}oauth2 = {{ {MICROSOFT}, {KEPT} }}\n").warnings
    assert "toml:16: imap.main.oauth2.refresh_token: " in warning
    assert "can be read by everybody on this machine: chmod 600" in warning


HTTPS = "must begin with https://; http:// is for this machine only"
WHOLE = 'write the whole address, like "https://login.example.com/token"'
MISTAKES = [
    ("client_id = 'x'", ': write provider = "microsoft" or provider = "google" into it, or the token_url of another'),
    (f"{OWN.replace('https', 'http')}, {KEPT}", f".token_url: {HTTPS}"),
    (f"{OWN.replace('https:', 'ftp:')}, {KEPT}", f".token_url: {HTTPS}"),
    (f"{OWN.replace('login.', 'u:p@login.')}, {KEPT}", f".token_url: {WHOLE}"),
    (f"{OWN.replace('acme', 'ac me')}, {KEPT}", f".token_url: {WHOLE}"),
    (f"{OWN.replace('https://login.acme.example', 'https:')}, {KEPT}", f".token_url: {WHOLE}"),
    (f"{OWN.replace('/token', ':0/')}, {KEPT}", f".token_url: {WHOLE}"),
    (f"{OWN.replace('/token', ':99999/')}, {KEPT}", f".token_url: {WHOLE}"),
    (f"{OWN}, tenant = 'a', {KEPT}", '.tenant: is for provider = "microsoft" only'),
    (OWN, ': write client_secret into it, or refresh_token = { file = "main.token" } for `mailticket imap login`'),
    (f"provider = 'microsoft', client_id = 'x', {KEPT}", ': tenant is required for provider = "microsoft"'),
    (f"{MICROSOFT.replace('acme.example', 'a/b')}, {KEPT}", ".tenant: must be the directory (tenant) ID, or a domain"),
    (
        f"{MICROSOFT.replace('acme.example', 'common')}, client_secret = 'x'",
        ".tenant: write the directory (tenant)",
    ),
    (f"{MICROSOFT}, {KEPT}, token_url = 'https://x.example'", '.token_url: is known for provider = "microsoft"; take'),
    (f"{GOOGLE}, client_secret = 'x'", ": Google lets nobody in without a login: write refresh_token = { file ="),
    (f"{MICROSOFT.replace('microsoft', 'yahoo')}, {KEPT}", '.provider: must be "microsoft" or "google"'),
    (f"provider = 'google', {KEPT}", ".client_id: is required"),
    (f"{GOOGLE.replace('4f5e', '')}, {KEPT}", ".client_id: must be one line of plain text that is not empty"),
    (f"{GOOGLE}, {KEPT}, scope = 1", ".scope: must be text in quotes"),
    (f"{GOOGLE}, {KEPT}, client_secrt = 'hunter2'", '.client_secrt: no such key; did you mean "client_secret"?'),
    (
        f"{GOOGLE}, {KEPT}, client_secret = 'hunter2\\u0007'".replace("'", '"'),
        ".client_secret: must be one line",
    ),
    (f"{GOOGLE}, {KEPT}, client_secret = {{ file = 'none' }}", "none cannot be read: No such file or directory"),
    (f"{GOOGLE}, refresh_token = {{ env = 'NONE' }}", ".refresh_token: the environment has no variable NONE"),
    (f"{GOOGLE}, refresh_token = {{ file = '' }}", ".refresh_token: file must be a name in quotes"),
    (f"{GOOGLE}, refresh_token = {{ file = '.' }}", ".refresh_token: "),
    (f"{GOOGLE}, refresh_token = 1", ".refresh_token: write text, { file = … }, { env = … } or { credential = … }"),
    (f"{GOOGLE}, refresh_token = {{ file = 'x', env = 'y' }}", ".refresh_token: write text, { file = … }, { env = "),
]


@pytest.mark.parametrize(("words", "told"), MISTAKES, ids=[f"{n} {row[1]}" for n, row in enumerate(MISTAKES)])
def test_each_mistake_is_one_line_that_says_where_and_what_to_do(tmp_path, words, told):
    lines = problems(tmp_path, f"{SMALL}{BOX}oauth2 = {{ {words} }}\n")
    found = [line for line in lines if told in line]
    assert len(found) == 1, lines
    assert found[0].startswith("mailticket.toml:16: imap.main.oauth2")
    assert all(line.startswith("mailticket.toml:16: imap.main.oauth2") for line in lines)
    assert "hunter2" not in "".join(lines)


@pytest.mark.parametrize(
    ("url", "beside", "told"),
    [
        ("smtps://h.example", "", "delivery.oauth2: is there without a user; write the url with user@ before the host"),
        ("smtps://u@h.example", 'password = "x"\n', "delivery.oauth2: is there beside a password; write one of them"),
        ("smtps://u:p@h.example", "", "delivery.oauth2: is there beside a password; write one of them"),
        ("maildir:out", "", "delivery.oauth2: is there without a user"),
    ],
)
def test_the_way_out_has_one_user_and_one_proof(tmp_path, url, beside, told):
    text = SMALL.replace("smtp://127.0.0.1", url)
    (line,) = problems(tmp_path, text.replace("[[dep", f"{beside}oauth2 = {{ {MICROSOFT}, {KEPT} }}\n[[dep", 1))
    assert told in line


@pytest.mark.parametrize("value", ["1", "[]", "'x'", "true"])
def test_what_is_no_table_is_told_and_never_breaks_a_check(tmp_path, value):
    (line,) = problems(tmp_path, f"{SMALL}{BOX}oauth2 = {value}\n")
    assert line == "mailticket.toml:16: imap.main.oauth2: must be a table"
