"""`mailticket imap login`: the file that it writes, what it says where there is none, and each way that it can fail."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import urllib.request

import pytest
from click.testing import CliRunner
from fakes.tokenserver import CLIENT, SECRET, TokenServer, refused
from test_config import SMALL

from mailticket.cli import main

BOX = '[imap.{name}]\nhost = "imap.acme.example"\nusername = "support@acme.example"\n'
USER = SMALL.replace("smtp://127.0.0.1", "smtp://desk@127.0.0.1")


@pytest.fixture
def server():
    with TokenServer() as server:
        yield server


def oauth2(server, *ways, table="imap.main", refresh='{ file = "main.token" }'):
    keys = {"token_url": server.url(), "client_id": CLIENT, "scope": "mail offline_access"}
    keys |= {f"{way}_url": server.url(way) for way in ways}
    lines = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    return f"[{table}.oauth2]\n{lines}" + (f"refresh_token = {refresh}\n" if refresh else "")


def box(server, *ways, name="main", **other):
    return BOX.format(name=name) + oauth2(server, *ways, table=f"imap.{name}", **other)


def run(*words):
    return CliRunner().invoke(main, ["imap", "login", *words])


def start(folder, *words):
    command = [sys.executable, "-P", "-m", "mailticket", "imap", "login", *words]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, text=True, **pipes)


def test_a_login_by_a_code_writes_the_token_where_only_its_owner_reads_it(small_desk, server):
    here = small_desk(SMALL + box(server, "device"))
    done = run("main")
    assert (done.exit_code, done.stdout) == (0, "")
    first, last = done.stderr.splitlines()
    assert first.startswith("Open https://login.example/device in any browser, enter the code WDJB-MJHT,")
    assert last == "Logged in. The refresh token is in main.token; a desk that runs uses it at its next try."
    assert (here / "main.token").read_text() == "refresh-1-abcdefghijkl\n"
    assert stat.S_IMODE((here / "main.token").stat().st_mode) == 0o600
    assert [form["scope"] for form in server.forms("device")] == ["mail offline_access"]


@pytest.mark.parametrize("ways", [("authorize",), ("authorize", "device")])
def test_a_login_in_a_browser_ends_when_it_comes_back(small_desk, server, ways):
    here = small_desk(SMALL + box(server, *ways))
    with start(here, "main", *(["--browser"] if len(ways) > 1 else [])) as process:
        address = process.stderr.readline().split()[-1]
        urllib.request.urlopen(address, timeout=10).close()
        assert process.communicate(timeout=20)[0] == ""
    assert process.returncode == 0
    assert (here / "main.token").read_text() == "refresh-1-abcdefghijkl\n"


def test_without_a_file_the_token_alone_is_printed_and_where_it_belongs_is_said(small_desk, server, monkeypatch):
    monkeypatch.setenv("OLD", "the-old-token")
    here = small_desk(SMALL + box(server, "device", refresh='{ env = "OLD" }'))
    done = run("main")
    assert (done.exit_code, done.stdout) == (0, "refresh-1-abcdefghijkl\n")
    told = "Logged in. Put this line where the config reads the refresh_token of [imap.main] oauth2 from:"
    assert done.stderr.splitlines()[-1] == told
    assert "abcdefghijkl" not in done.stderr
    assert [path.name for path in here.iterdir()] == ["mailticket.toml"]


@pytest.mark.parametrize(("name", "file"), [("delivery", "out"), ("imap.delivery", "in"), ("main", "main")])
def test_delivery_is_the_way_out_and_a_mailbox_of_that_name_has_its_whole_one(small_desk, server, name, file):
    out = oauth2(server, "device", table="delivery", refresh='{ file = "out.token" }')
    text = USER.replace("[[dep", f"{out}[[dep", 1) + box(server, "device")
    here = small_desk(
        text + box(server, "device", name="delivery", refresh='{ file = "in.token" }').replace("imap.acme", "i.acme")
    )
    assert run(name).exit_code == 0
    assert [path.name for path in here.glob("*.token")] == [f"{file}.token"]


MISTAKES = [
    ("nobody", {}, "there is no [imap.nobody] in mailticket.toml; there are [imap.main], [delivery]"),
    ("delivery", {}, "[delivery] has no oauth2, so that there is nothing to log in to"),
    ("main", {"refresh": ""}, "gets its tokens with client_secret, and nobody has to log in; for a login write"),
    ("main", {"refresh": '{ file = "no/x.token" }'}, "no/x.token cannot be written: is there no such folder, or is it"),
    ("main", {"ways": ()}, "has neither device_url nor authorize_url; write where its server has one"),
]


@pytest.mark.parametrize(("name", "other", "told"), MISTAKES, ids=[row[2][:30] for row in MISTAKES])
def test_what_cannot_be_logged_in_to_says_so_before_anybody_has_logged_in(small_desk, server, name, other, told):
    written = box(server, *other.pop("ways", ("device",)), **other) + f'client_secret = "{SECRET}"\n'
    small_desk(SMALL + written)
    done = run(name)
    assert (done.exit_code, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("mailticket: ")
    assert told in line
    assert SECRET not in line
    assert server.asked == []


@pytest.mark.parametrize(
    ("path", "answer", "code", "told"),
    [
        ("device", (503, b""), 75, "answers 503"),
        (
            "device",
            refused("unauthorized_client", "no device flow"),
            1,
            "no login: unauthorized_client (no device flow)",
        ),
        ("token", refused("access_denied"), 1, "the login was refused there"),
    ],
)
def test_a_login_that_fails_is_one_line_and_the_status_says_whether_to_try_again(
    small_desk, server, path, answer, code, told
):
    here = small_desk(SMALL + box(server, "device"))
    server.say(path, answer)
    done = run("main")
    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr.splitlines()[-1].startswith("mailticket: [imap.main] oauth2: ")
    assert told in done.stderr.splitlines()[-1]
    assert not (here / "main.token").exists()


def test_ctrl_c_ends_it_without_a_word_more(small_desk, server):
    server.say("token", *[refused("authorization_pending")] * 20)
    here = small_desk(SMALL + box(server, "device"))
    with start(here, "main") as process:
        assert process.stderr.readline().startswith("Open ")
        os.kill(process.pid, signal.SIGINT)
        out, told = process.communicate(timeout=20)
    assert (process.returncode, out, told.strip()) == (130, "", "")


def test_the_file_of_root_belongs_to_who_owned_it_or_the_folder(need, small_desk, server):
    """The desk runs as another user, and has to read it."""
    need("root")
    here = small_desk(SMALL + box(server, "device"))
    os.chown(here, 65534, 65534)
    for owner in (65534, 1):
        assert run("main").exit_code == 0
        found = (here / "main.token").stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (owner, owner, 0o600)
        os.chown(here / "main.token", 1, 1)
