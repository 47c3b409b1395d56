"""The door: what it says on the wire, what it keeps, and when it stops."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from dialog import NOW, POLICY, Client, run, running_door
from hypothesis import given, settings
from hypothesis import strategies as st

from mailticket.core.types import RawMail
from mailticket.errors import TemporaryError
from mailticket.intake.content import Content
from mailticket.intake.door import Door, DoorOptions

DIALOGS = sorted((Path(__file__).parent / "dialogs").glob("*.dialog"))


@pytest.mark.parametrize("path", DIALOGS, ids=lambda path: path.stem)
def test_the_door_speaks_as_the_script_says(path):
    run(path)


# --- content ---

PIECES = st.sampled_from(
    [b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"\r\n..", b"\n.\n", b"\r\n.\n", b"x", b"\x00", b"QUIT"]
)
CONTENT = st.lists(PIECES | st.binary(max_size=5), max_size=30).map(b"".join).map(lambda c: c and c + b"\r\n")


def stuffed(content: bytes) -> bytes:
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def chunks(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(c % (len(stream) + 1) for c in cuts), len(stream)]
    return [stream[a:b] for a, b in itertools.pairwise(edges) if a < b]


@given(CONTENT, st.binary(max_size=10), st.lists(st.integers(0, 10_000), max_size=8))
@settings(max_examples=500)
def test_any_content_in_any_chunks_arrives_unchanged(content, after, cuts):
    """What follows the end comes back, wherever the chunks were cut."""
    taken, rest = Content(10_000), None
    pieces = chunks(stuffed(content) + after, cuts)
    while rest is None:
        rest = taken.feed(pieces.pop(0))
    assert taken.value() == content
    assert taken.size == len(content)
    assert rest + b"".join(pieces) == after


@given(st.binary(max_size=200), st.lists(st.integers(0, 10_000), max_size=8))
def test_content_over_its_limit_is_read_to_its_end_and_not_kept(tail, cuts):
    content = b"y" * 100 + tail + b"\r\n"
    taken = Content(100)
    assert [taken.feed(c) for c in chunks(stuffed(content), cuts)][-1] == b""
    assert taken.too_big
    assert taken.value() == b""


def test_any_content_passes_the_socket_unchanged():
    """The same property over the wire, many mails on one connection."""
    with running_door() as running, closing(Client(running.port)) as client:
        client.reply()
        client.say("EHLO x")
        sent = []

        @given(CONTENT, st.lists(st.integers(0, 10_000), max_size=3))
        @settings(max_examples=60, deadline=None)
        def deliver(content, cuts):
            assert client.envelope(greet=False).startswith("354")
            for chunk in chunks(stuffed(content), cuts):
                client.sock.sendall(chunk)
            assert client.reply().startswith("250")
            sent.append(content)

        deliver()
        assert [mail.raw for mail in running.stored] == sent


# --- limits and ends ---


def test_connections_over_the_limit_are_put_off_and_taken_again_later():
    with running_door(max_connections=1) as running:
        with closing(Client(running.port)) as first:
            assert first.reply().startswith("220")
            with closing(Client(running.port)) as second:
                assert second.reply().startswith("421 4.7.0")
                assert second.closed()
            assert first.say("QUIT").startswith("221")
            assert first.closed()
        with closing(Client(running.port)) as third:
            assert third.reply().startswith("220")


@dataclass(eq=False)
class Caller:
    peer: str
    is_local: bool = False
    busy: bool = False

    def hang_up(self, reply: str) -> None: ...
    def abort(self) -> None: ...


def test_one_stranger_cannot_take_all_connections_but_this_machine_may():
    door = Door(DoorOptions(("127.0.0.1:0",), 1000, "mx", POLICY, max_per_peer=2), lambda _: Future(), lambda: NOW)
    callers = [Caller("192.0.2.1"), Caller("192.0.2.1"), Caller("192.0.2.1"), Caller("192.0.2.2")]
    callers += [Caller("127.0.0.1", is_local=True) for _ in range(5)]
    crowded = []
    for caller in callers:
        door.enter(caller)
        crowded.append(door.crowded(caller))
    assert crowded == [False, False, True, False, *[False] * 5]
    for caller in callers:
        door.leave(caller)
    assert not door.peers
    assert door.empty.is_set()


def test_a_silent_client_is_sent_away():
    with running_door(command_timeout=0.05) as running, closing(Client(running.port)) as client:
        client.reply()
        assert client.reply().startswith("421 4.4.2")
        assert client.closed()


def test_a_mail_that_trickles_past_the_total_time_is_cut_off_and_not_stored():
    with running_door(data_timeout=0.0) as running, closing(Client(running.port)) as client:
        client.envelope()
        client.sock.sendall(b"a")
        assert client.reply().startswith("421 4.4.2")
        assert client.closed()
        assert not running.stored


def test_large_mails_at_once_are_put_off_before_memory_runs_out():
    with (
        running_door(max_message_size=100_000, memory=100_000) as running,
        closing(Client(running.port)) as first,
        closing(Client(running.port)) as second,
    ):
        first.envelope()
        first.sock.sendall(b"x" * 80_000)
        while running.listener._door.held < 70_000:
            threading.Event().wait(0.01)
        second.envelope()
        second.sock.sendall(b"y" * 80_000 + b"\r\n.\r\n")
        assert second.reply().startswith("452 4.3.1")
        first.sock.sendall(b"\r\n.\r\n")
        assert first.reply().startswith("250")
        second.envelope(greet=False)
        second.sock.sendall(b"y" * 80_000 + b"\r\n.\r\n")
        assert second.reply().startswith("250")


def test_an_error_of_ours_in_a_command_is_a_421_without_details(monkeypatch, caplog):
    with running_door() as running, closing(Client(running.port)) as client:
        monkeypatch.setattr(running.listener._door.options.policy.__class__, "department_of", lambda *_: 1 / 0)
        client.reply()
        client.say("EHLO x")
        client.say("MAIL FROM:<a@b.example>")
        assert client.say("RCPT TO:<support@acme.example>") == "421 4.3.0 trouble on our side, try again later"
        assert client.closed()
    assert "error of ours" in caplog.text


def test_a_full_batcher_is_a_452_and_one_log_line(caplog):
    def full(_mail: RawMail) -> Future[int]:
        raise TemporaryError("inbox is full")

    with running_door() as running, closing(Client(running.port)) as client:
        running.listener._door.accept = full
        client.envelope()
        assert client.say(".").startswith("452 4.3.1")
        assert client.say("NOOP").startswith("250")
    assert [r.getMessage() for r in caplog.records] == ["a mail was put off with 452: inbox is full"]


def test_stopping_sends_idle_clients_away_and_finishes_mails_under_way():
    with running_door() as running, closing(Client(running.port)) as idle, closing(Client(running.port)) as busy:
        idle.reply()
        busy.envelope()
        busy.sock.sendall(b"half")
        stop = threading.Thread(target=running.stop)
        stop.start()
        assert idle.reply().startswith("421 4.3.2")
        assert idle.closed()
        assert busy.say("\r\n.").startswith("250")
        assert busy.reply().startswith("421 4.3.2")
        assert busy.closed()
        stop.join()
        assert len(running.stored) == 1
        with pytest.raises(ConnectionRefusedError):
            Client(running.port)


def test_stopping_waits_only_so_long_and_the_commit_goes_on():
    gate = threading.Event()
    with running_door(before=gate.wait) as running, closing(Client(running.port)) as client:
        client.envelope()
        client.sock.sendall(b"slow disk\r\n.\r\n")
        while not running.listener._door.held:
            threading.Event().wait(0.01)
        running.stop(grace=0.05)
        assert client.closed()
        gate.set()
    assert [mail.raw for mail in running.stored] == [b"slow disk\r\n"]


def test_a_client_that_drops_during_the_commit_does_not_take_its_mail_back():
    gate = threading.Event()
    with running_door(before=gate.wait) as running:
        client = Client(running.port)
        client.envelope()
        client.sock.sendall(b"kept\r\n.\r\n")
        while not running.listener._door.held:
            threading.Event().wait(0.01)
        client.reset()
        while running.listener._door.sessions:
            threading.Event().wait(0.01)
        gate.set()
    assert [mail.raw for mail in running.stored] == [b"kept\r\n"]
