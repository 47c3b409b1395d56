"""The sender: what it claims, when it commits, and what it does while the server or the database is away."""

from __future__ import annotations

import logging
import threading
import time

import pytest
from fakes.outbox import MemoryQueue
from fakes.smtpserver import DROP, LOST, SILENCE, ScriptedServer, eventually
from ports import unused_port

from mailticket.deliver.outage import Pauses
from mailticket.deliver.queue import CLAIM_BYTES
from mailticket.deliver.sender import Sender
from mailticket.deliver.smtp import Limits, Server
from mailticket.errors import ClaimLostError, TemporaryError

QUICK = Limits(connect=2, command=0.5, after_dot=2, goodbye=0.3)
PAUSES = Pauses(first=0.02, longest=0.08)


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def queue():
    return MemoryQueue()


@pytest.fixture
def sender(queue):
    made = []

    def make(port, *, limits=QUICK, **options):
        options = {"wait": lambda seconds: time.sleep(min(seconds, 0.01)), "pauses": PAUSES} | options
        made.append(Sender(queue, Server("127.0.0.1", port, "desk.example", limits), **options))
        return made[-1]

    yield make
    for each in made:
        each.stop(5)


def recipients(server):
    return sorted(mail.rcpts[0] for mail in server.taken)


def expected(numbers):
    return sorted(f"RCPT TO:<{n}@x.example>" for n in numbers)


def lines(caplog, level=logging.INFO):
    return [r.getMessage() for r in caplog.records if r.levelno >= level]


def test_a_step_tries_everything_that_is_due_over_one_connection(server, queue, sender):
    queue.add(*range(70))
    one = sender(server.port)
    assert (one.step(), one.step()) == (70, 0)
    assert recipients(server) == expected(range(70))
    assert server.connections == 1
    assert not queue.due_at


def test_the_checkpoints_stand_around_each_commit(server, queue, sender):
    seen = []
    queue.add(1, 2)
    one = sender(server.port, checkpoint=lambda name: seen.append((name, len(server.taken), len(queue.outcomes))))
    one.step()
    assert seen == [
        ("outbox:claimed", 0, 0),
        ("outbox:sent", 1, 0),
        ("outbox:settled", 1, 1),
        ("outbox:sent", 2, 1),
        ("outbox:settled", 2, 2),
        ("outbox:claimed", 2, 2),
    ]


def test_a_crash_between_the_servers_yes_and_the_commit_repeats_that_mail_alone_with_its_message_id(
    server, queue, sender
):
    class CrashError(BaseException):
        pass

    def crash(name):
        if name == "outbox:sent" and len(server.taken) == 2:
            raise CrashError

    queue.add(1, 2, 3)
    with pytest.raises(CrashError):
        sender(server.port, checkpoint=crash).step()
    queue.release_all()
    assert sender(server.port).step() == 2
    assert recipients(server) == expected([1, 2, 2, 3])
    assert len({mail.raw for mail in server.taken}) == 3


def test_everything_goes_once_over_two_kept_connections(server, queue, sender):
    queue.add(*range(200))
    sender(server.port).start()
    eventually(lambda: not queue.due_at)
    assert recipients(server) == expected(range(200))
    assert server.connections == 2
    assert max(queue.limits) <= 32


def test_what_comes_later_is_seen(server, queue, sender):
    sender(server.port).start()
    queue.add(1)
    eventually(lambda: not queue.due_at)


def test_a_connection_takes_its_next_mail_only_when_its_last_result_is_committed(server, queue, sender):
    """So a crash can repeat one mail a connection, and never more."""
    unsettled = []
    handed = []

    def look(taken):
        with queue.lock:
            handed.append(taken)
            unsettled.append(len(handed) - len(queue.outcomes))

    server.on_mail = look
    queue.settling_takes = 0.002
    queue.add(*range(60))
    sender(server.port).start()
    eventually(lambda: not queue.due_at)
    assert max(unsettled) <= 2


def test_connections_that_finish_while_a_commit_runs_share_the_next(server, queue, sender):
    queue.settling_takes = 0.02
    queue.add(*range(48))
    sender(server.port, connections=8).start()
    eventually(lambda: not queue.due_at)
    assert max(queue.commits) > 1
    assert sum(queue.commits) == 48


def test_large_mails_are_not_all_held_in_memory(server, queue, sender):
    server.say("MAIL", SILENCE, SILENCE)
    queue.add(*range(8), raw=b"x" * (20 * 1024 * 1024))
    sender(server.port).start()
    eventually(lambda: len(server.commands) >= 4)
    assert 0 < queue.held() <= 2 * CLAIM_BYTES
    assert len(queue.claimed) == 2


def test_while_the_server_is_down_no_mail_burns_its_tries_and_the_log_says_it_once(queue, sender, caplog):
    caplog.set_level(logging.INFO)
    port = unused_port()
    queue.add(*range(100))
    sender(port).start()
    eventually(lambda: queue.outcomes)
    time.sleep(0.3)  # ten pauses
    with queue.lock:
        assert sum(queue.tries.values()) <= 2
        assert not queue.claimed
    with ScriptedServer(port=port) as server:
        eventually(lambda: not queue.due_at)
        assert recipients(server) == expected(range(100))
    assert sum(queue.tries.values()) <= 102
    began, over = lines(caplog)
    assert began.startswith(f"outgoing mail server 127.0.0.1:{port} does not answer: Connection refused; trying again")
    assert over.startswith(f"outgoing mail server 127.0.0.1:{port} answers again")


def test_a_server_that_greets_and_takes_nothing_is_down_too(server, queue, sender):
    server.say("MAIL", *["421 4.3.2 not now"] * 6)
    queue.add(*range(50))
    sender(server.port).start()
    eventually(lambda: not queue.due_at)
    assert recipients(server) == expected(range(50))
    assert sum(queue.tries.values()) == 56
    assert queue.limits.count(1) >= 4  # a server that is not trusted yet is given one mail at a time


def test_after_an_outage_what_waited_for_the_server_is_due_at_once(queue, sender):
    one = sender(unused_port())
    queue.add(1, 2, 3)
    assert (one.step(), one.step()) == (1, 0)
    assert queue.released == [2, 3]
    assert queue.outcomes[0].fault == "Connection refused"
    with ScriptedServer(port=one._server.port) as server:
        assert one.step() == 3
        assert queue.recoveries == 2  # when it greeted us, and when it had taken a mail
        assert recipients(server) == expected([1, 2, 3])


@pytest.mark.parametrize("how", [LOST, DROP])
def test_a_mail_that_may_have_arrived_waits_its_own_pause_and_is_never_pulled_forward(
    server, queue, sender, caplog, how
):
    """Otherwise a server that falls over one mail would be given it every second."""
    server.say(".", how)
    queue.add(1, 2)
    one = sender(server.port)
    assert (one.step(), one.step()) == (1, 1)
    [reply] = queue.outcomes[0].replies
    assert (reply.verdict, queue.outcomes[0].fault) == ("later", "")
    assert list(queue.due_at) == [1]
    assert "the same Message-ID" in "".join(lines(caplog))


def test_a_mail_the_server_stumbles_over_does_not_stop_the_others(server, queue, sender):
    server.say("RCPT TO:<1@", *[DROP] * 50)
    queue.add(1, 2, 3, 4)
    sender(server.port).start()
    eventually(lambda: list(queue.due_at) == [1])
    assert queue.tries[1] == 1


def test_a_result_that_cannot_be_committed_is_kept_until_it_can_and_no_mail_goes_meanwhile(
    server, queue, sender, caplog
):
    queue.fail("settle", *[TemporaryError("disk full")] * 2)
    queue.add(1, 2, 3)
    sender(server.port, connections=1).start()
    eventually(lambda: len(queue.trouble["settle"]) == 1)
    time.sleep(0.05)
    assert len(server.taken) == 1
    eventually(lambda: not queue.due_at)
    assert recipients(server) == expected([1, 2, 3])
    assert [line for line in lines(caplog, logging.ERROR) if "disk full" in line] == [
        "the result of an outgoing mail cannot be stored: disk full; trying again until it can"
    ]


@pytest.mark.parametrize("what", ["claim", "next_due", "recovered"])
@pytest.mark.parametrize("error", [TemporaryError("locked"), KeyError("bug")])
def test_trouble_with_the_queue_ends_no_thread(server, queue, sender, caplog, what, error):
    queue.fail(what, error)
    queue.add(1, 2, 3)
    sender(server.port).start()
    eventually(lambda: not queue.due_at)
    assert len(lines(caplog, logging.ERROR)) == 1


def test_claims_that_could_not_be_given_back_are_given_back_later(queue, sender):
    queue.fail("release", TemporaryError("locked"))
    queue.add(*range(10))
    sender(unused_port()).start()
    eventually(lambda: queue.outcomes and not queue.claimed)


def test_a_row_that_somebody_else_took_over_is_left_to_them(server, queue, sender):
    queue.fail("settle", ClaimLostError("taken over"))
    queue.add(1, 2)
    sender(server.port, connections=1).start()
    eventually(lambda: len(server.taken) == 2 and len(queue.outcomes) == 1)


def test_a_mail_that_breaks_our_own_code_comes_later_and_the_next_one_goes(server, queue, sender, caplog):
    queue.add(1, 2)
    queue.to[1] = (None,)
    assert sender(server.port).step() == 2
    assert queue.outcomes[0].replies[0].line == "TypeError while handing it over"
    assert recipients(server) == expected([2])


def test_stopping_finishes_the_mail_in_hand_and_gives_the_rest_back(server, queue, sender):
    begun = threading.Event()

    def slowly(_taken):
        begun.set()
        time.sleep(0.2)

    server.on_mail = slowly
    queue.add(*range(20))
    one = sender(server.port, connections=1)
    one.start()
    assert begun.wait(5)
    one.stop(5)
    assert not queue.claimed
    assert len(server.taken) == len(queue.outcomes) < 20
    assert sum(queue.tries.values()) == len(queue.outcomes)
    assert "QUIT" in server.commands


def test_stopping_does_not_wait_longer_than_it_may(server, queue, sender, caplog):
    server.say(".", SILENCE)
    queue.add(1)
    one = sender(server.port, limits=Limits(after_dot=0.4))
    one.start()
    eventually(lambda: "." in server.commands)
    one.stop(0.1)
    assert "in the middle of a mail" in "".join(lines(caplog))


def test_an_idle_connection_is_closed(server, queue, sender):
    queue.add(1)
    sender(server.port, limits=Limits(idle=0.1, goodbye=1)).start()
    eventually(lambda: "QUIT" in server.commands)
    assert len(server.taken) == 1
