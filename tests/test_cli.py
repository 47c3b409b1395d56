"""The command line: what it prints, and the exit status that a script can trust."""

import io
import json
import os
import socket
import stat
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from mailticket import __version__
from mailticket.cli import main, show

CONFIG = """\
[desk]
name = "Acme Support"
tag_prefix = "ACME"
timezone = "Europe/Prague"
secret = "correct horse battery staple"
[smtp]
max_message_size = "10 KB"
[delivery]
url = "smtp://127.0.0.1:{port}"
hostname = "support.acme.example"
[[department]]
name = "Support"
addresses = ["support@acme.example"]
[[department]]
name = "Sales"
addresses = ["sales@acme.example"]
[[agent]]
name = "Anna"
address = "anna@acme.example"
"""
MAIL = b"""\
Return-Path: <maria@mail.example>
From: Maria <m@mail.example>
To: support@acme.example
Subject: Fire

Help
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, with a config that is right."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILTICKET_CONFIG", raising=False)
    (tmp_path / "mailticket.toml").write_text(CONFIG.format(port=9))
    (tmp_path / "mailticket.toml").chmod(0o600)
    return tmp_path


def run(*args, stdin=b""):
    return CliRunner().invoke(main, [str(arg) for arg in args], input=stdin)


def objects(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_what_init_writes_passes_check_and_the_secret_is_private(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = run("init", "desk")
    assert made.exit_code == 0
    assert "mailticket check -c desk/mailticket.toml --connect" in made.stdout
    assert stat.S_IMODE((tmp_path / "desk/secret").stat().st_mode) == 0o600
    checked = run("check", "-c", "desk/mailticket.toml")
    assert (checked.exit_code, checked.stdout.splitlines()[-1][:3]) == (0, "ok:")
    config, secret = (tmp_path / "desk/mailticket.toml").read_text(), (tmp_path / "desk/secret").read_text()
    again = run("init", "desk")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr == "mailticket: desk/mailticket.toml is there already; nothing was written\n"
    assert (tmp_path / "desk/mailticket.toml").read_text() == config
    assert (tmp_path / "desk/secret").read_text() == secret


def test_init_leaves_a_lone_secret_alone(tmp_path):
    (tmp_path / "secret").write_text("old")
    assert run("init", tmp_path).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_check_sums_up_what_is_there(here):
    assert run("check").stdout.splitlines() == [
        "department Support: support@acme.example; 1 agent; Mon-Fri 09:00-17:00 Europe/Prague",
        "department Sales: sales@acme.example; 1 agent; Mon-Fri 09:00-17:00 Europe/Prague",
        "ok: 2 departments, 1 agent, listens at 127.0.0.1:2525, sends to 127.0.0.1:9",
    ]
    assert objects(run("check", "--json"))[-1]["finding"] == "ok"


def test_check_tells_every_mistake_on_standard_error_and_exits_2(here):
    (here / "mailticket.toml").write_text(CONFIG.format(port=9).replace("Acme Support", "").replace("ACME", "A B"))
    result = run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line[:40] for line in result.stderr.splitlines()] == [
        "mailticket: mailticket.toml:2: desk.name",
        "mailticket: mailticket.toml:3: desk.tag_",
    ]
    assert [one["finding"] for one in objects(run("check", "--json"))] == ["error", "error"]


def test_check_says_when_the_databases_folder_is_missing(here):
    text = CONFIG.format(port=9).replace("[smtp]", 'database = "sqlite:none/x.db"\n[smtp]')
    (here / "mailticket.toml").write_text(text)
    result = run("check")
    assert (result.exit_code, result.stderr[-36:]) == (2, "the folder none does not exist; make it\n"[-36:])


def test_check_warns_of_a_database_that_others_can_read(here):
    database = here / "mailticket.db"
    assert run("ingest", stdin=MAIL).exit_code == 0
    assert "warning" not in run("check").stdout
    database.chmod(0o644)
    checked = run("check")
    assert checked.exit_code == 0
    assert "mailticket.db can be read by others on this machine: chmod 600 " in checked.stdout.splitlines()[0]
    assert objects(run("check", "--json"))[0]["finding"] == "warning"


def greet(lines):
    """A mail server that says these lines and nothing else, on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk():
        peer, _ = listener.accept()
        with listener, peer:
            for line in lines:
                peer.sendall(line)
                peer.recv(1000)

    threading.Thread(target=talk, daemon=True).start()
    return listener.getsockname()[1]


@pytest.mark.parametrize(
    ("lines", "status", "told"),
    [
        ([b"220 mx ESMTP\r\n", b"250 mx\r\n", b"221 bye\r\n"], 0, "server: the mail server {} answers: 220 mx ESMTP"),
        ([b"554 go away\r\n", b"221 bye\r\n"], 75, "mailticket: the mail server {} refuses us: 554 go away"),
        ([b"220 mx\r\n", b"501 no\r\n", b"501 no\r\n"], 75, "mailticket: the mail server {} refuses EHLO: 501 no"),
        ([], 75, "mailticket: the mail server {} does not answer: "),
    ],
)
def test_check_connect_tells_what_the_mail_server_says(here, lines, status, told):
    port = greet(lines)
    (here / "mailticket.toml").write_text(CONFIG.format(port=port))
    result = run("check", "--connect")
    assert result.exit_code == status
    assert told.format(f"127.0.0.1:{port}") in result.output


def test_the_config_is_looked_for_where_the_manual_says(here, tmp_path, monkeypatch):
    other = tmp_path / "other.toml"
    other.write_text(CONFIG.format(port=7))
    assert "127.0.0.1:9" in run("check").stdout
    monkeypatch.setenv("MAILTICKET_CONFIG", str(here / "none.toml"))
    assert run("check").exit_code == 2
    assert "127.0.0.1:7" in run("-c", other, "check").stdout
    assert "127.0.0.1:7" in run("-c", "none.toml", "check", "--config", other).stdout
    monkeypatch.delenv("MAILTICKET_CONFIG")
    (here / "mailticket.toml").unlink()
    missing = run("check")
    assert (missing.exit_code, missing.stderr.count("\n")) == (2, 1)
    assert missing.stderr.startswith("mailticket: no config: there is neither mailticket.toml nor /etc/")


@pytest.mark.parametrize(
    "args", [("nonsense",), ("check", "--nonsense"), ("inbox", "show"), ("inbox", "show", "x"), ("inbox", "retry")]
)
def test_wrong_usage_is_one_line_and_status_2(here, args):
    result = run(*args)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith("mailticket: ")


def test_help_and_version_need_no_config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("--version").stdout == f"mailticket {__version__}\n"
    assert run("--help").exit_code == run("tickets", "--help").exit_code == 0
    assert run().exit_code == 2


@pytest.mark.parametrize(
    "args", [("status",), ("tickets", "list"), ("inbox", "show", "1"), ("outbox", "retry", "--all")]
)
def test_without_a_database_the_commands_say_so_in_one_line(here, args):
    result = run(*args)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "there is no database yet" in result.stderr


def test_a_closed_pipe_ends_a_command_without_a_word(here):
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        [sys.executable, "-c", "from mailticket.cli import main; main()", "check"],
        stdout=writer,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(writer)
        assert process.communicate(timeout=20)[1] == b""
    assert process.returncode == 1


def test_the_help_loads_nothing_heavy():
    heavy = ["pydantic", "jinja2", "peewee", "aiosmtpd", "holidays", "tomllib", "mailparser"]
    code = f"import sys, mailticket.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "[]\n"


def test_ingest_stores_a_mail_from_a_pipe_once(here):
    assert run("ingest", stdin=MAIL).stdout == "queued as 1\n"
    assert run("ingest", "-", stdin=MAIL).stdout == "duplicate of 1\n"
    assert objects(run("ingest", "--json", stdin=MAIL)) == [{"path": "-", "id": 1, "duplicate": True}]


def test_ingest_takes_files_and_goes_on_after_a_bad_one(here):
    (here / "a.eml").write_bytes(MAIL)
    (here / "empty.eml").write_bytes(b" \n")
    (here / "b.eml").write_bytes(MAIL + b"more\n")
    result = run("ingest", "a.eml", "empty.eml", "b.eml")
    assert (result.exit_code, result.stdout) == (1, "queued as 1\nqueued as 2\n")
    assert result.stderr == "mailticket: empty.eml: is empty\n"


@pytest.mark.parametrize(
    ("args", "mail", "status", "told"),
    [
        ((), b"", 1, "standard input: is empty"),
        ((), b"x" * 10_001, 1, "standard input: is larger than max_message_size (10000 bytes)"),
        ((), b"To: x@y\n\n", 1, "standard input: names no address of a department; say whom it is for with --to"),
        (("--to", "x@acme.example"), MAIL, 2, "--to x@acme.example: no department has this address"),
        (("none.eml",), b"", 2, "none.eml: No such file or directory"),
        (("x.mbox",), b"", 1, "x.mbox: is no mbox: it does not begin with a line From"),
        (("-", "-"), MAIL, 2, "standard input (-) can be named only once"),
    ],
)
def test_ingest_refuses_what_is_no_mail_for_us_in_one_line(here, args, mail, status, told):
    (here / "x.mbox").write_bytes(MAIL)
    result = run("ingest", *args, stdin=mail)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (status, "", 1)
    assert told in result.stderr


def test_ingest_says_try_again_while_the_database_cannot_be_written(here):
    (here / "mailticket.db").mkdir()
    result = run("ingest", stdin=MAIL)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (75, "", 1)


def test_numbers_and_ages_are_short(capsys):
    assert [show.octets(n) for n in (0, 999, 1000, 3_210_000, 10**9)] == [
        "0 bytes",
        "999 bytes",
        "1 KB",
        "3.2 MB",
        "1 GB",
    ]
    assert show.cut("příliš", 4) == "pří…"
    assert show.width("日本") == 4


def test_a_strangers_words_cannot_command_the_terminal(capsysbinary):
    show.table(("A", "B"), [("\x1b[2J", "a\nb"), ("日本", "\x9b1m")])
    show.json_line({"x": "\x1b\x9b\u202e\udc80é"})
    out = capsysbinary.readouterr().out.decode("utf-8")
    assert not {"\x1b", "\x9b", "\u202e"} & set(out)
    assert json.loads(out.splitlines()[-1]) == {"x": "\x1b\x9b\u202e\udc80é"}


def test_a_table_fits_its_terminal(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "30")
    show.table(("ID", "SUBJECT"), [("1", "x" * 100), ("22", "short")])
    assert terminal.getvalue().splitlines() == ["ID  SUBJECT", "1   " + "x" * 25 + "…", "22  short"]


def test_a_long_table_begins_before_its_end_is_known_and_is_aligned_page_by_page(capsys):
    def rows():
        yield from [("100", "1", "short")] * show.PAGE
        told = capsys.readouterr().out.splitlines()
        assert (told[:2], len(told)) == (["ID   B  SUBJECT", "100  1  short"], show.PAGE + 1)
        yield from [("1", "1", "narrow"), ("2", "22", "wide")]

    show.table(("ID", "B", "SUBJECT"), rows(), ["", *[""] * show.PAGE, "of the last"])
    assert capsys.readouterr().out.splitlines() == ["1    1   narrow", "2    22  wide", "    of the last"]
