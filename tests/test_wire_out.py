"""How addresses and content are spelled on the wire, seen by a scripted server at its other end."""

from __future__ import annotations

import pytest
from fakes.smtpserver import FULL, ScriptedServer
from hypothesis import given
from hypothesis import strategies as st

from mailticket.deliver.smtp import Connection, Server
from mailticket.deliver.wire import spell, with_dots, with_line_ends

RAW = b"Subject: hello\r\n\r\nwords\r\n"
STEP_BY_STEP = tuple(offer for offer in FULL if offer != "PIPELINING")


@pytest.fixture(params=[FULL, STEP_BY_STEP], ids=["pipelining", "step by step"])
def server(request):
    with ScriptedServer(offers=request.param) as scripted:
        yield scripted


@pytest.fixture
def connect():
    opened = []

    def connect(scripted):
        opened.append(Connection(Server("127.0.0.1", scripted.port, "desk.example")))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.drop()


def test_eight_bit_content_is_announced(server, connect):
    raw = "Subject: x\r\n\r\nžluťoučký\r\n".encode()
    connect(server).send("d@acme.example", ["a@x.example"], raw)
    assert server.taken[0].mail.endswith(" BODY=8BITMIME")
    assert server.taken[0].raw == raw


def test_smtputf8_is_asked_for_only_when_an_address_needs_it(server, connect):
    connection = connect(server)
    connection.send("d@acme.example", ["jiří@x.example", "a@x.example"], RAW)
    connection.send("d@acme.example", ["a@x.example"], RAW)
    assert [mail.mail.endswith(" SMTPUTF8") for mail in server.taken] == [True, False]
    assert server.taken[0].rcpts == ["RCPT TO:<jiří@x.example>", "RCPT TO:<a@x.example>"]


def test_without_smtputf8_only_who_needs_it_is_refused(connect):
    with ScriptedServer(offers=("PIPELINING",)) as old:
        recipients = ["jiří@x.example", "a@bücher.example", "a@straße.example"]
        replies = connect(old).send("d@acme.example", recipients, RAW)
        assert [reply.verdict for reply in replies] == ["refused", "accepted", "refused"]
        assert "needs SMTPUTF8" in replies[0].line
        assert old.taken[0].rcpts == ["RCPT TO:<a@xn--bcher-kva.example>"]
        assert connect(old).send("jiří@x.example", ["a@x.example"], RAW)[0].verdict == "refused"
        assert len(old.taken) == 1


@pytest.mark.parametrize("address", ["a@x.example\r\nDATA", "a@x.example>", "a b@x.example", "", "a\udce9@x.example"])
def test_what_is_no_address_is_refused_and_never_written(server, connect, address):
    replies = connect(server).send("d@acme.example", [address, "a@x.example"], RAW)
    assert [reply.verdict for reply in replies] == ["refused", "accepted"]
    assert server.taken[0].rcpts == ["RCPT TO:<a@x.example>"]


def test_odd_but_right_addresses_are_spelled_as_they_are():
    for address in ['"a b"@x.example', "o'neil+x@x.example", "postmaster", "a@[127.0.0.1]"]:
        assert spell(address, utf8=False) == (address, "")


def test_dots_and_bare_line_ends_arrive_as_whole_lines(server, connect):
    connect(server).send("d@acme.example", ["a@x.example"], b".one\r\n..two\r\n.\r\nthree\nfour\rfive")
    assert server.taken[0].raw == b".one\r\n..two\r\n.\r\nthree\r\nfour\r\nfive\r\n"


def test_a_mail_of_many_pieces_arrives_whole(server, connect):
    raw = b"".join(b".line %d of a large mail\r\n" % n for n in range(20_000))
    connect(server).send("d@acme.example", ["a@x.example"], raw)
    assert server.taken[0].raw == raw


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"x", b"\r\n."])).map(b"".join))
def test_the_only_lone_dot_on_the_wire_is_the_last_one(raw):
    wire = with_dots(with_line_ends(raw))
    lines = wire.split(b"\r\n")
    assert lines.index(b".") == len(lines) - 2
    assert b"\r" not in wire.replace(b"\r\n", b"")
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert b"\r\n".join(line.removeprefix(b".") for line in lines[:-2]) == with_line_ends(raw).removesuffix(b"\r\n")
