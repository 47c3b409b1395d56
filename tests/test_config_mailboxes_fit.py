"""The config of mailboxes: what must fit together, and what `check` and the manual say of them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from test_config import MAILBOX, SECRET, SMALL, problems, read, with_desk
from test_config_mailboxes import BEGIN, WRITTEN, boxes, mailbox

from mailticket.cli import main
from mailticket.cli.manual import config_page, starter


def test_a_mailbox_with_a_password_and_a_token_is_told_to_have_one_of_them(tmp_path):
    said = problems(tmp_path, SMALL + mailbox('oauth2 = { provider = "nonesuch" }'))
    assert f"mailticket.toml:{BEGIN + 3}: imap.main.password: is there beside oauth2; write one of them" in said


def test_keys_of_a_mailbox_that_stand_elsewhere_are_told_their_place(tmp_path):
    (said,) = problems(tmp_path, with_desk('self_probe = "1h"'))
    assert said.endswith('desk.self_probe: no such key here; "self_probe" belongs in [imap.main]')
    (said,) = problems(tmp_path, with_desk('password = "hunter2"'))
    assert said.endswith('no such key here; "password" belongs in [imap.main], [delivery] or [[agent]]')


@pytest.mark.parametrize(
    "line",
    [
        "",
        "port = 143",
        'folder = "inbox"',
        'host = "IMAP.acme.example"',
        'username = "Support"',
    ],
)
def test_two_mailboxes_that_read_one_folder_are_a_mistake(tmp_path, line):
    key = line.partition(" ")[0]
    second = "".join(kept for kept in MAILBOX.splitlines(keepends=True) if not (key and kept.startswith(key)))
    (said,) = problems(tmp_path, SMALL + MAILBOX + second.replace("imap.main", "imap.two") + line)
    told = "imap.two: imap.main reads this folder already; each mail would be taken twice"
    assert said == f"mailticket.toml:{WRITTEN}: {told}"


@pytest.mark.parametrize("line", ['folder = "Sales"', "port = 10993", 'username = "sales"', 'host = "imap2.example"'])
def test_two_mailboxes_that_read_two_folders_are_none(tmp_path, line):
    key = line.partition(" ")[0]
    second = "".join(kept for kept in MAILBOX.splitlines(keepends=True) if not kept.startswith(key))
    assert len(boxes(tmp_path, MAILBOX + second.replace("imap.main", "imap.two") + line)) == 2


def test_mail_is_not_moved_to_where_another_mailbox_reads_it(tmp_path):
    text = mailbox('after = "move:Sales"') + mailbox('folder = "Sales"\nafter = "move:INBOX"', "two")
    first, second = problems(tmp_path, SMALL + text)
    assert first.endswith("imap.main.after: imap.two reads that folder; the mail would come again")
    assert second.endswith("imap.two.after: imap.main reads that folder; the mail would come again")


@pytest.mark.parametrize("written", ["true", 'true\ntls = "starttls"'])
def test_insecure_where_it_allows_nothing_is_a_warning(tmp_path, written):
    (warning,) = read(tmp_path, SMALL + mailbox(f"insecure = {written}")).warnings
    assert f"toml:{WRITTEN}: imap.main.insecure: changes nothing: it allows tls = " in warning


def test_results_that_a_mailbox_can_bring_are_no_warning(tmp_path):
    assert read(tmp_path, SMALL + mailbox("[trust]\nauthentication_results = ['mx']")).warnings == ()


def test_results_that_one_mailbox_brings_are_not_believed_of_another_in_silence(tmp_path):
    trust, two = "[trust]\nauthentication_results = ['mx']\n", mailbox() + mailbox("folder = 'B'", "sales")
    (warning,) = read(tmp_path, SMALL + two + trust).warnings
    assert warning.endswith(
        "those names are believed in mail from every mailbox; write authentication_results in each, [] for none"
    )
    said = "authentication_results = []\n"
    known = read(tmp_path, SMALL + mailbox(said) + mailbox(said + "folder = 'B'", "sales") + trust)
    assert (known.warnings, known.policy.trust.mailboxes) == ((), {"main": (), "sales": ()})


def test_a_mail_to_ourselves_needs_a_department_where_there_are_several_mailboxes(tmp_path):
    probed, other = "self_probe = '1h'\n", mailbox("folder = 'B'", "sales")
    (warning,) = read(tmp_path, SMALL + mailbox(probed) + other).warnings
    assert "imap.main.self_probe: goes to the first department" in warning
    assert read(tmp_path, SMALL + mailbox(probed)).warnings == ()


def test_what_init_writes_of_a_mailbox_is_one_where_its_head_and_what_it_requires_are_switched_on(tmp_path):
    for name in ("secret", "imap-password"):
        (tmp_path / name).write_text(SECRET)
        (tmp_path / name).chmod(0o600)
    text = starter("x")
    assert read(tmp_path, text).imap == ()
    before, head, after = text.partition("# [imap.main]\n")
    assert "from its head, and from host, username and password to switch it on." in " ".join(before.split("\n# "))
    for key in ("host", "username", "password"):
        after = after.replace(f"# {key} =", f"{key} =", 1)
    (box,) = read(tmp_path, before + head[2:] + after).imap
    assert (box.name, box.host, box.password) == ("main", "imap.example.com", SECRET)
    whole, _, rest = after.partition("[delivery]")
    lines = [line for line in whole.splitlines(keepends=True) if not line.startswith("# oauth2 =")]  # or a password
    every = "".join(line.removeprefix("# ") if " = " in line[:22] else line for line in lines)
    (tmp_path / "ca.pem").write_text("not looked into here")
    (box,) = read(tmp_path, before + head[2:] + every + "[delivery]" + rest).imap
    assert (box.department, box.ca) == ("Support", tmp_path / "ca.pem")


def test_the_page_of_the_config_does_not_call_mailboxes_later():
    assert "## `[imap.main]`" in config_page()
    assert "- `[imap]`" not in config_page()


def test_check_sums_up_what_is_read(tmp_path):
    path = tmp_path / "mailticket.toml"
    path.write_text(SMALL + MAILBOX)
    path.chmod(0o600)
    assert " no listener, reads 1 mailbox (main), sends to " in _checked(path)[-1]
    path.write_text(SMALL + MAILBOX + mailbox('folder = "Sales"', "sales") + "[smtp]\n")
    assert " listens at 127.0.0.1:2525, reads 2 mailboxes (main, sales), sends to " in _checked(path)[-1]
    assert json.loads(_checked(path, "--json")[-1])["mailboxes"] == ["main", "sales"]
    path.write_text(SMALL)
    assert json.loads(_checked(path, "--json")[-1])["mailboxes"] == []


def _checked(path, *more: str) -> list[str]:
    done = CliRunner().invoke(main, ["check", "-c", str(path), *more])
    assert done.exit_code == 0, done.stderr
    return done.stdout.splitlines()


def test_certificates_for_a_connection_without_tls_are_a_mistake(tmp_path):
    (said,) = problems(tmp_path, SMALL + mailbox('tls = "none"\ninsecure = true\nca = "mailticket.toml"'))
    assert said.endswith('imap.main.ca: is for tls = "implicit" and "starttls" only')
