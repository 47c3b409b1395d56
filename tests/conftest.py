"""What holds for all tests: what they need of this machine, and how pytest's workers share them.

A program that is missing skips a test, loudly, and fails it in CI.
"""

from __future__ import annotations

import os
import shutil
import signal

import pytest
from fakes.imapserver import ScriptedImap
from together import ByFile, in_order, turn

ROOT = "root"  # asked for like a program
PLACES = ("/usr/sbin", "/sbin", "/usr/lib/dovecot")


def pytest_configure():
    """Whoever is started in the background has SIGINT ignored, and so would have all that the tests interrupt."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _need(*programs: str) -> None:
    """Skip the test where one of these is missing, with the reason; where CI=true fail it. "root" is a program, too."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *PLACES))
    for program in programs:
        if program == ROOT:
            missing = "" if os.geteuid() == 0 else "this test has to be run as root"
        else:
            missing = "" if shutil.which(program, path=path) else f"{program} is not installed"
        if missing and os.environ.get("CI") == "true":
            pytest.fail(f"{missing}, and CI=true", pytrace=False)
        if missing:
            pytest.skip(missing)


@pytest.fixture(scope="session")
def need():
    return _need


@pytest.fixture
def server():
    """An IMAP server that does what it is told. Files that talk to another kind have their own."""
    with ScriptedImap() as server:
        yield server


@pytest.fixture
def small_desk(tmp_path, monkeypatch):
    """Makes an empty folder with this config the one to work in."""

    def make(config: str):
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("MAILTICKET_CONFIG", raising=False)
        (tmp_path / "mailticket.toml").write_text(config)
        return tmp_path

    return make


def pytest_terminal_summary(terminalreporter):
    """A test that did not run is said so, with its reason, however quiet the rest is."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"NOT RUN {report.nodeid}: {reason.removeprefix('Skipped: ')}", yellow=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):  # in a worker
        in_order(items)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around the test's time limit, which is not for waiting
def pytest_runtest_protocol(item):
    with turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)
