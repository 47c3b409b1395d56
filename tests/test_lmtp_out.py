"""LMTP as the way out: each recipient has an answer of their own, and keeps it whatever happens to the next."""

from __future__ import annotations

import pytest
from fakes.smtpserver import DROP, FULL, LOST, SILENCE, ScriptedServer

from mailticket.config_units import mail_server
from mailticket.deliver.smtp import DeliveryFault, Limits
from mailticket.deliver.transports import server_of

RAW = b"Subject: hello\r\n\r\nwords\r\n"
SURE = Limits(connect=5, command=5, after_dot=10, goodbye=5)
QUICK = Limits(connect=5, command=0.2, after_dot=0.2, goodbye=0.1)
ALL = ["a@x.example", "b@x.example", "c@x.example"]


@pytest.fixture(params=["port", "socket"])
def server(request, tmp_path):
    with ScriptedServer(lmtp=True, path=tmp_path / "lmtp" if request.param == "socket" else None) as scripted:
        yield scripted


@pytest.fixture
def connect():
    opened = []

    def connect(server, limits=SURE):
        url = f"lmtp://{server.path}" if server.path else f"lmtp://127.0.0.1:{server.port}"
        opened.append(server_of(mail_server(url), "desk.example", limits).connection())
        return opened[-1]

    yield connect
    for connection in opened:
        connection.drop()


def verdicts(replies):
    return [(reply.address[0], reply.verdict, reply.line) for reply in replies]


def test_each_recipient_settles_by_the_answer_that_is_theirs(server, connect):
    server.say(".", "250 2.0.0 in", "452 4.2.2 full", "550 5.2.1 gone")
    connection = connect(server)
    assert verdicts(connection.send("d@acme.example", ALL, RAW)) == [
        ("a", "accepted", "250 2.0.0 in"),
        ("b", "later", "452 4.2.2 full"),
        ("c", "refused", "550 5.2.1 gone"),
    ]
    assert connection.send("d@acme.example", ["d@x.example"], RAW)[0].verdict == "accepted"
    assert server.connections == 1
    assert server.commands[0] == "lhlo desk.example"
    assert server.taken[0].raw == RAW


def test_who_was_refused_before_the_content_has_no_answer_after_it(server, connect):
    server.say("RCPT TO:<b@", "550 5.1.1 no such user")
    server.say(".", "250 first", "451 third")
    assert verdicts(connect(server).send("d@acme.example", ALL, RAW)) == [
        ("a", "accepted", "250 first"),
        ("b", "refused", "550 5.1.1 no such user"),
        ("c", "later", "451 third"),
    ]


@pytest.mark.parametrize("how", [DROP, SILENCE, "421 4.3.2 closing", "noise"])
def test_who_has_an_answer_keeps_it_when_the_server_is_lost_before_the_next(server, connect, how):
    """Otherwise those who have the mail would get it again."""
    server.say(".", "250 2.0.0 in", how)
    connection = connect(server, QUICK)
    replies = connection.send("d@acme.example", ALL, RAW)
    assert [reply.verdict for reply in replies] == ["accepted", "later", "later"]
    assert replies[1].line == replies[2].line != ""
    assert connection.send("d@acme.example", ["d@x.example"], RAW)[0].verdict == "accepted"
    assert server.connections == 2


def test_a_server_lost_before_the_first_answer_is_a_fault(server, connect):
    server.say(".", LOST)
    with pytest.raises(DeliveryFault) as caught:
        connect(server).send("d@acme.example", ALL, RAW)
    assert caught.value.begun
    assert caught.value.after_data


def test_a_server_that_wants_content_for_nobody_is_left(connect):
    """A lone dot would be answered for each of no recipients: there is nothing to wait for."""
    with ScriptedServer(lmtp=True) as server:
        server.say("RCPT", "550 no")
        server.say("DATA", "354 go on")
        connection = connect(server, QUICK)
        assert connection.send("d@acme.example", ["a@x.example"], RAW)[0].line == "550 no"
        assert connection.send("d@acme.example", ["b@x.example"], RAW)[0].verdict == "accepted"
        assert [taken.rcpts for taken in server.taken] == [["RCPT TO:<b@x.example>"]]


def test_without_pipelining_it_is_the_same(connect):
    offers = tuple(offer for offer in FULL if offer != "PIPELINING")
    with ScriptedServer(lmtp=True, offers=offers) as server:
        server.say("DATA", "451 not now")
        connection = connect(server)
        assert {reply.verdict for reply in connection.send("d@acme.example", ALL, RAW)} == {"later"}
        server.say(".", "250 in", "550 no", "250 in")
        found = [reply.verdict for reply in connection.send("d@acme.example", ALL, RAW)]
        assert found == ["accepted", "refused", "accepted"]


def test_a_server_that_speaks_no_lmtp_is_a_fault(server, connect):
    """No HELO is tried: SMTP's one answer for all would be waited for in vain."""
    server.say("lhlo", "500 5.5.1 what?")
    with pytest.raises(DeliveryFault) as caught:
        connect(server).open()
    assert caught.value.told == "refuses LHLO: 500 5.5.1 what?"


def test_a_socket_that_is_not_there_is_a_fault_that_names_it(tmp_path):
    with pytest.raises(DeliveryFault) as caught:
        server_of(mail_server(f"lmtp://{tmp_path}/none"), "desk.example").probe()
    assert str(caught.value) == f"the mail server {tmp_path}/none does not answer: No such file or directory"
