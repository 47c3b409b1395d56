"""One connection to the mail server: every answer and every fault, against a scripted server on a real socket."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from fakes.smtpserver import DRIP, DROP, FULL, LOST, SILENCE, ScriptedServer
from ports import unused_port

from mailticket.deliver.smtp import Connection, DeliveryFault, Limits, Server

RAW = b"Subject: hello\r\n\r\nwords\r\n"
SURE = Limits(connect=5, command=5, after_dot=10, goodbye=5)
QUICK = Limits(connect=5, command=0.1, after_dot=0.2, goodbye=0.1)  # where the server is silent
SLOW_BUT_SURE = tuple(offer for offer in FULL if offer != "PIPELINING")


@pytest.fixture(params=[FULL, SLOW_BUT_SURE], ids=["pipelining", "step by step"])
def server(request):
    with ScriptedServer(offers=request.param) as scripted:
        yield scripted


@pytest.fixture
def piped():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def connect():
    opened = []

    def connect(scripted, limits=SURE):
        opened.append(Connection(Server("127.0.0.1", scripted.port, "desk.example", limits)))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.drop()


def verdicts(replies):
    return [(reply.address, reply.verdict, reply.line) for reply in replies]


def test_an_accepted_mail_arrives_as_it_was(server, connect):
    replies = connect(server).send("desk@acme.example", ["a@x.example"], RAW)
    assert verdicts(replies) == [("a@x.example", "accepted", "250 2.0.0 kept")]
    assert server.taken[0].raw == RAW
    assert server.taken[0].mail == f"MAIL FROM:<desk@acme.example> SIZE={len(RAW)}"
    assert server.taken[0].rcpts == ["RCPT TO:<a@x.example>"]


def test_the_null_sender_is_written_as_empty_brackets(server, connect):
    connect(server).send("", ["a@x.example"], RAW)
    assert server.taken[0].mail.startswith("MAIL FROM:<> ")


def test_each_recipient_gets_the_verdict_of_its_own_reply(server, connect):
    server.say("RCPT TO:<b@", "550 5.1.1 no such user")
    server.say("RCPT TO:<c@", "450 4.2.0 greylisted")
    replies = connect(server).send("d@acme.example", ["b@x.example", "a@x.example", "c@x.example"], RAW)
    assert verdicts(replies) == [
        ("b@x.example", "refused", "550 5.1.1 no such user"),
        ("a@x.example", "accepted", "250 2.0.0 kept"),
        ("c@x.example", "later", "450 4.2.0 greylisted"),
    ]
    assert server.taken[0].rcpts == ["RCPT TO:<a@x.example>"]


@pytest.mark.parametrize(("line", "verdict"), [("552 5.3.4 too big", "refused"), ("451 4.3.0 not now", "later")])
@pytest.mark.parametrize("moment", ["MAIL", "DATA", "."])
def test_a_reply_about_the_whole_mail_is_everybodys_and_the_next_mail_goes(server, connect, moment, line, verdict):
    server.say(moment, line)
    connection = connect(server)
    replies = connection.send("d@acme.example", ["a@x.example", "b@x.example"], RAW)
    assert verdicts(replies) == [("a@x.example", verdict, line), ("b@x.example", verdict, line)]
    assert connection.send("d@acme.example", ["c@x.example"], RAW)[0].verdict == "accepted"
    assert server.connections == 1


def test_a_refused_recipient_is_refused_even_when_the_content_comes_later(server, connect):
    server.say("RCPT TO:<b@", "550 no")
    server.say(".", "451 not now")
    replies = connect(server).send("d@acme.example", ["a@x.example", "b@x.example"], RAW)
    assert [reply.verdict for reply in replies] == ["later", "refused"]


def test_when_every_recipient_is_refused_the_next_mail_goes_over_the_same_connection(server, connect):
    server.say("RCPT", "550 no", "550 no")
    connection = connect(server)
    assert {r.verdict for r in connection.send("d@acme.example", ["a@x.example", "b@x.example"], RAW)} == {"refused"}
    assert connection.send("d@acme.example", ["c@x.example"], RAW)[0].verdict == "accepted"
    assert "RSET" in server.commands
    assert (server.connections, len(server.taken)) == (1, 1)


def test_a_server_that_wants_content_for_nobody_gets_a_lone_dot(piped, connect):
    """RFC 2920 §3.1: all recipients failed and the pipelined DATA still got 354."""
    piped.say("RCPT", "550 no")
    piped.say("DATA", "354 go on")
    connection = connect(piped)
    assert connection.send("d@acme.example", ["a@x.example"], RAW)[0].verdict == "refused"
    assert connection.send("d@acme.example", ["c@x.example"], RAW)[0].verdict == "accepted"
    assert piped.connections == 1
    assert [mail.raw for mail in piped.taken] == [RAW]


def test_a_lone_dot_that_breaks_the_connection_does_not_lose_the_refusal(piped, connect):
    piped.say("RCPT", "550 no")
    piped.say("DATA", "354 go on")
    piped.say(".", DROP)
    connection = connect(piped)
    assert connection.send("d@acme.example", ["a@x.example"], RAW)[0].line == "550 no"
    assert connection.send("d@acme.example", ["c@x.example"], RAW)[0].verdict == "accepted"


def test_a_refused_sender_sends_nothing_even_where_the_server_takes_the_recipients(piped, connect):
    piped.say("MAIL", "550 5.7.1 not you")
    piped.say("RCPT", "250 ok")
    piped.say("DATA", "354 go on")
    connection = connect(piped)
    assert connection.send("d@acme.example", ["a@x.example"], RAW)[0].line == "550 5.7.1 not you"
    assert connection.send("d@acme.example", ["c@x.example"], RAW)[0].verdict == "accepted"
    assert [mail.rcpts for mail in piped.taken] == [["RCPT TO:<c@x.example>"]]


def test_pipelining_puts_all_commands_into_one_write(piped, connect):
    connect(piped).send("d@acme.example", ["a@x.example", "b@x.example"], RAW)
    assert [read.count(b"\r\n") for read in piped.reads[:2]] == [1, 4]


def test_hundreds_of_recipients_each_have_their_reply(server, connect):
    recipients = [f"u{n}@x.example" for n in range(350)]
    server.say("RCPT TO:<u207@", "550 no")
    replies = connect(server).send("d@acme.example", recipients, RAW)
    assert [reply.address for reply in replies] == recipients
    assert [reply.address for reply in replies if reply.verdict != "accepted"] == ["u207@x.example"]


@pytest.mark.parametrize("moment", ["greeting", "ehlo", "MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(
    "reply", ["421 4.3.2 closing", DROP, SILENCE, "what?"], ids=["421", "drop", "silence", "noise"]
)
def test_a_fault_at_any_moment_is_a_fault_and_the_next_mail_connects_anew(server, connect, moment, reply):
    server.say(moment, reply)
    connection = connect(server, QUICK if reply == SILENCE else SURE)
    with pytest.raises(DeliveryFault) as caught:
        connection.send("d@acme.example", ["a@x.example"], RAW)
    assert caught.value.after_data == (moment == "." and not reply.startswith("421"))
    assert caught.value.begun == (moment in {"RCPT", "DATA", "."})
    assert connection.send("d@acme.example", ["a@x.example"], RAW)[0].verdict == "accepted"
    assert server.connections == 2


@pytest.mark.parametrize("greeting", ["554 5.3.2 go away", "250 hello"])
def test_a_greeting_other_than_220_is_a_fault(server, connect, greeting):
    server.say("greeting", greeting)
    with pytest.raises(DeliveryFault, match=greeting):
        connect(server).send("d@acme.example", ["a@x.example"], RAW)


def test_nobody_at_the_port_is_a_fault_in_plain_words():
    connection = Connection(Server("127.0.0.1", unused_port(), "desk.example", QUICK))
    with pytest.raises(DeliveryFault, match=r"^Connection refused$"):
        connection.send("d@acme.example", ["a@x.example"], RAW)


def test_a_host_name_that_cannot_exist_is_a_fault():
    with pytest.raises(DeliveryFault):
        Connection(Server("a..example", 25, "desk.example", QUICK)).open()


@pytest.mark.parametrize("line", ["530 5.7.0 authentication required", "538 5.7.11 encryption required"])
def test_a_server_that_wants_a_login_is_a_fault_and_fails_no_mail(server, connect, line):
    server.say("MAIL", line)
    with pytest.raises(DeliveryFault, match=line):
        connect(server).send("d@acme.example", ["a@x.example"], RAW)


def test_a_server_without_ehlo_is_greeted_the_old_way(connect):
    with ScriptedServer() as old:
        old.say("ehlo", "502 5.5.1 what is that")
        assert connect(old).send("d@acme.example", ["a@x.example"], RAW)[0].verdict == "accepted"
        assert old.taken[0].mail == "MAIL FROM:<d@acme.example>"


def test_a_goodbye_to_helo_is_no_yes(connect):
    with ScriptedServer() as old:
        old.say("ehlo", "501 5.5.4 not you")
        old.say("helo", "221 2.0.0 bye")
        with pytest.raises(DeliveryFault, match=r"^501 5\.5\.4 not you$"):
            connect(old).open()


def test_an_idle_connection_that_the_server_closed_is_replaced_without_a_word(server, connect):
    connection = connect(server)
    connection.send("d@acme.example", ["a@x.example"], RAW)
    server.hang_up()
    assert connection.send("d@acme.example", ["a@x.example"], RAW)[0].verdict == "accepted"
    assert server.connections == 2


def test_a_421_to_the_first_command_on_a_kept_connection_is_no_fault(server, connect):
    connection = connect(server)
    connection.send("d@acme.example", ["a@x.example"], RAW)
    server.say("MAIL", "421 4.4.2 idle for too long")
    assert connection.send("d@acme.example", ["b@x.example"], RAW)[0].verdict == "accepted"
    assert [mail.rcpts[0] for mail in server.taken] == ["RCPT TO:<a@x.example>", "RCPT TO:<b@x.example>"]


@pytest.mark.parametrize("moment", ["RCPT", "DATA", "."])
def test_a_mail_that_had_begun_is_not_given_to_another_connection(server, connect, moment):
    """Only the queue may try it again: the server may have it."""
    connection = connect(server)
    connection.send("d@acme.example", ["a@x.example"], RAW)
    server.say(moment, LOST)
    with pytest.raises(DeliveryFault):
        connection.send("d@acme.example", ["b@x.example"], RAW)
    assert server.connections == 1
    assert len(server.taken) == (2 if moment == "." else 1)


def test_a_kept_connection_is_replaced_only_once(server, connect):
    connection = connect(server)
    connection.send("d@acme.example", ["a@x.example"], RAW)
    server.say("MAIL", "421 busy", "421 busy")
    with pytest.raises(DeliveryFault, match="421 busy"):
        connection.send("d@acme.example", ["b@x.example"], RAW)


def test_a_reset_that_is_refused_takes_a_new_connection(server, connect):
    connection = connect(server)
    server.say("RCPT", "550 no")
    connection.send("d@acme.example", ["a@x.example"], RAW)
    server.say("RSET", "500 what?")
    assert connection.send("d@acme.example", ["a@x.example"], RAW)[0].verdict == "accepted"
    assert server.connections == 2


def test_a_connection_is_kept_for_so_many_mails_and_so_long(server, connect):
    connection = connect(server, replace(SURE, mails=3))
    for _ in range(7):
        connection.send("d@acme.example", ["a@x.example"], RAW)
    assert server.connections == 3
    assert server.commands.count("QUIT") == 2
    hasty = connect(server, replace(SURE, idle=0))
    hasty.send("d@acme.example", ["a@x.example"], RAW)
    hasty.rest()
    assert server.commands.count("QUIT") == 3


def test_a_server_that_says_no_goodbye_is_left_all_the_same(server, connect):
    connection = connect(server, replace(SURE, goodbye=0.1))
    connection.send("d@acme.example", ["a@x.example"], RAW)
    server.say("QUIT", SILENCE)
    connection.close()
    connection.close()
    assert connection.send("d@acme.example", ["a@x.example"], RAW)[0].verdict == "accepted"


def test_a_slow_server_after_the_dot_is_waited_for(server, connect):
    server.on_mail = lambda _taken: time.sleep(0.3)
    assert (
        connect(server, replace(SURE, command=0.2)).send("d@acme.example", ["a@x.example"], RAW)[0].verdict
        == "accepted"
    )


def test_a_server_that_drips_its_reply_is_a_fault_after_the_whole_time(server, connect):
    server.say("MAIL", DRIP)
    with pytest.raises(DeliveryFault, match=r"no answer within 0\.1 s"):
        connect(server, QUICK).send("d@acme.example", ["a@x.example"], RAW)


def test_a_server_that_never_ends_its_reply_is_a_fault(server, connect):
    server.say("MAIL", "\r\n".join(["250-and so on"] * 300))
    with pytest.raises(DeliveryFault, match="over 200 lines"):
        connect(server).send("d@acme.example", ["a@x.example"], RAW)
    server.say("MAIL", "250 " + "x" * 200_000)
    with pytest.raises(DeliveryFault, match="no end"):
        connect(server).send("d@acme.example", ["a@x.example"], RAW)


def test_a_reply_of_several_lines_becomes_one_clean_line(server, connect):
    server.say(".", "550-5.7.1 we do not\r\n550-5.7.1 like\x07 this\r\n550 5.7.1 mail")
    replies = connect(server).send("d@acme.example", ["a@x.example"], RAW)
    assert replies[0].line == "550 5.7.1 we do not like  this mail"
