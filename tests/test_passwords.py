"""Passwords of logins: how they are kept, and the command that makes the line for the config."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import tomllib
from dataclasses import replace

import pytest
from click.testing import CliRunner
from dialog import ANNA, POLICY

from mailticket.cli import main
from mailticket.core.passwords import hash_password, is_hash, matches
from mailticket.core.policy import Agent
from mailticket.intake.login import Claim, Logins

SALT = b"sixteen octets!!"
SALT_TEXT, DIGEST = "c2l4dGVlbiBvY3RldHMhIQ", "A" * 43
STORED = hash_password("sesame", SALT)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("sesame", True),
        ("Sesame", False),
        ("sesame ", False),
        ("", False),
        ("\udcff", False),  # an octet that is no UTF-8
        ("ｓｅｓａｍｅ", True),  # noqa: RUF001 - full-width letters, as a Japanese keyboard writes them
    ],
)
def test_a_password_matches_its_own_hash_alone(typed, right):
    assert matches(typed, STORED) is right


def test_one_word_typed_in_two_ways_is_one_password():
    """é is one character on one keyboard and two on another."""
    assert matches("cafe\u0301", hash_password("caf\u00e9", SALT))


def test_the_salt_makes_two_hashes_of_one_password():
    assert hash_password("sesame", b"another salt....") != STORED


def test_the_form_on_disk_stays():
    """Configs hold it: scrypt with these parameters, as `openssl kdf` computed it."""
    assert STORED == "scrypt$16384$8$1$c2l4dGVlbiBvY3RldHMhIQ$nLaeeVtQ/2cqjewb5qKGnUyyzX0AAzTs49mGK7f72FA"


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        (STORED, True),
        (f"scrypt$131072$8$1${SALT_TEXT}${DIGEST}", True),
        (f"scrypt$8192$8$1${SALT_TEXT}${DIGEST}", False),  # too cheap
        (f"scrypt$16385$8$1${SALT_TEXT}${DIGEST}", False),  # no power of two
        (f"scrypt$262144$8$1${SALT_TEXT}${DIGEST}", False),  # more memory than the door may take
        (f"scrypt$131072$16$1${SALT_TEXT}${DIGEST}", False),
        (f"scrypt$16384$0$1${SALT_TEXT}${DIGEST}", False),
        (f"scrypt$16384$8$0${SALT_TEXT}${DIGEST}", False),
        (f"scrypt$16384$8$9${SALT_TEXT}${DIGEST}", False),
        (f"scrypt$16384$8$1$c2hvcnQ${DIGEST}", False),  # a short salt
        (f"scrypt$16384$8$1${SALT_TEXT}$AAAA", False),  # a short hash
        (f"scrypt$16384$8$1${SALT_TEXT}${'A' * 45}", False),  # no base64
        (f"scrypt$16384$8$1${SALT_TEXT}${DIGEST}\n", False),
        (f"scrypt$٦٦٦٦٦$8$1${SALT_TEXT}${DIGEST}", False),  # digits, but not ours
        ("sesame", False),
        ("", False),
    ],
)
def test_a_hash_is_known_from_what_is_none(text, sound):
    assert is_hash(text) is sound
    if not sound:
        assert not matches("sesame", text)


@pytest.mark.parametrize(
    ("user", "password", "agent"),
    [
        ("anna@acme.example", "sesame", "Anna@acme.example"),
        ("novak@acme.example", "sesame", "Anna@acme.example"),  # an alias
        ("anna@acme.example", "wrong", ""),
        ("nobody@acme.example", "sesame", ""),
        ("bert@acme.example", "sesame", ""),  # an agent without a password
        ("", "", ""),
    ],
)
def test_every_login_costs_the_same_work(user, password, agent, monkeypatch):
    """So that the time tells nobody which names there are."""
    work = []
    scrypt = hashlib.scrypt

    def counting(*arguments, **named):
        work.append((named["n"], named["r"], named["p"], named["dklen"]))
        return scrypt(*arguments, **named)

    logins = Logins({ANNA: STORED}, replace(POLICY, agents=(*POLICY.agents, Agent("Bert", "bert@acme.example"))))
    monkeypatch.setattr(hashlib, "scrypt", counting)
    assert asyncio.run(logins.agent(Claim(user, password), "192.0.2.1")) == agent
    assert work == [(16384, 8, 1, 32)]


# --- the command ---


def test_passwd_prints_the_line_for_the_config():
    """What it prints is TOML, and the password is not in it."""
    done = CliRunner().invoke(main, ["passwd"], input="opensesame\n")
    assert done.exit_code == 0
    assert matches("opensesame", tomllib.loads(done.stdout)["password"])
    assert "opensesame" not in done.stdout
    assert done.stdout != CliRunner().invoke(main, ["passwd"], input="opensesame\n").stdout


@pytest.mark.parametrize("line", ["word", "word\n", "word\r\n", "word\nanother line\n"])
def test_passwd_takes_one_line_and_not_its_end(line):
    done = CliRunner().invoke(main, ["passwd"], input=line)
    assert matches("word", tomllib.loads(done.stdout)["password"])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"a\0b\n", "NUL"),
        (b"\xff\xfe\n", "not UTF-8"),
        (b"x" * 513, "longer than 512 bytes"),
        (b"x" * 100_000, "longer than 512 bytes"),
    ],
)
def test_passwd_refuses_what_nobody_could_log_in_with(given, why):
    done = CliRunner().invoke(main, ["passwd"], input=given)
    assert done.exit_code == 2
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_passwd_without_any_input_says_so():
    """A shell that has closed standard input (<&-)."""
    shell = 'exec "$0" -m mailticket passwd <&-'
    done = subprocess.run(["/bin/sh", "-c", shell, sys.executable], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "mailticket: the password is empty; nothing was made\n"


def test_passwd_asks_a_person_twice(tmp_path):
    """At a terminal the password is not shown, and the line goes to standard output alone."""
    script = f"""
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.dup2(os.open({str(tmp_path / "out")!r}, os.O_WRONLY | os.O_CREAT), 1)
    os.execv(sys.executable, [sys.executable, "-m", "mailticket", "passwd"])
seen = b""
for word in (b"Password", b"Once more"):
    while word not in seen:
        seen += os.read(master, 1000)
    seen = seen.split(word)[-1]
    os.write(master, b"typed in\\n")
try:
    while piece := os.read(master, 1000):
        seen += piece
except OSError:
    pass
assert b"typed" not in seen, seen
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert matches("typed in", tomllib.loads((tmp_path / "out").read_text())["password"])
