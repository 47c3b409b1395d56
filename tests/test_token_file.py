"""The file of a refresh token: what the server gives last is in it, for its owner alone, and who shares it hears."""

from __future__ import annotations

import stat
import threading

import pytest
from fakes.tokenserver import TokenServer
from test_tokens import REFRESH, delegated, tokens, told

from mailticket import tokens_file
from mailticket.tokens import TokenRefusedError
from mailticket.tokens_file import alone


@pytest.fixture
def server():
    with TokenServer() as server:
        yield server


def test_a_new_refresh_token_is_kept_in_memory_and_in_its_file(server, tmp_path):
    server.rotate = True
    path = tmp_path / "main.token"
    path.write_text(REFRESH)
    path.chmod(0o644)
    wanted = tokens(delegated(server, refresh_file=path))
    for number in (1, 2):
        token = wanted.token()
        assert path.read_text() == f"refresh-{number}-abcdefghijkl\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        wanted.forget(token)
    assert {one.name for one in tmp_path.iterdir()} == {"main.token", ".main.token.lock"}


def test_a_file_that_cannot_be_written_is_one_warning_and_the_new_refresh_token_serves(server, tmp_path, caplog):
    server.rotate = True
    wanted = tokens(delegated(server, refresh_file=tmp_path / "none" / "main.token"))
    for _ in range(3):
        wanted.forget(wanted.token())
    [line] = caplog.messages
    assert line.endswith("none/main.token: No such file or directory; it is lost with the next restart")
    assert "abcdefghijkl" not in line


def test_a_link_to_the_file_stays_one(server, tmp_path):
    server.rotate = True
    (tmp_path / "real").write_text(REFRESH)
    (tmp_path / "link").symlink_to("real")
    tokens(delegated(server, refresh_file=tmp_path / "link")).token()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "refresh-1-abcdefghijkl\n"


def test_who_logs_in_anew_meanwhile_is_heard_at_the_next_try(server, tmp_path):
    path = tmp_path / "main.token"
    path.write_text(REFRESH)
    wanted = tokens(delegated(server, refresh_file=path))
    wanted.forget(wanted.token())
    server.refresh = {"refresh-new-abcdefghijkl"}
    assert "invalid_grant" in told(wanted, TokenRefusedError)
    path.write_text("refresh-new-abcdefghijkl\n")
    assert wanted.token() == "access-2-opqrstuvwxyz"


def test_two_that_share_a_file_use_what_the_other_one_was_given(server, tmp_path):
    """A strict server takes a refresh token once."""
    server.rotate = True
    path = tmp_path / "main.token"
    path.write_text(REFRESH)
    both = [tokens(delegated(server, refresh_file=path)) for _ in range(2)]
    for wanted in both * 3:
        wanted.forget(wanted.token())
    assert [form["refresh_token"] for form in server.forms()][-1] == "refresh-5-abcdefghijkl"
    assert len(server.forms()) == 6, "none was refused"


def test_whoever_holds_the_lock_keeps_nobody_waiting_for_ever(server, tmp_path, monkeypatch):
    monkeypatch.setattr(tokens_file, "_PATIENCE", 0.1)
    path = tmp_path / "main.token"
    path.write_text(REFRESH)
    with alone(path):
        assert tokens(delegated(server, refresh_file=path)).token()
    assert stat.S_IMODE((tmp_path / ".main.token.lock").stat().st_mode) == 0o600


def test_many_that_renew_by_one_file_at_once_do_it_one_after_the_other(server, tmp_path):
    """A strict server takes back all that it gave when one refresh token comes twice (RFC 9700 §4.14.2)."""
    server.rotate = True
    path = tmp_path / "main.token"
    path.write_text(REFRESH)
    ready, found = threading.Barrier(8), []

    def renew():
        wanted = tokens(delegated(server, refresh_file=path))
        ready.wait(5)
        found.append(wanted.token())

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(set(found)) == 8
    sent = [form["refresh_token"] for form in server.forms()]
    assert len(set(sent)) == len(sent) == 8, "none came twice"
