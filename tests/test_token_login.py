"""The desk logs in to the mail server with an access token, and no line that it tells holds a part of one."""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from fakes.outbox import MemoryQueue
from fakes.smtpserver import DROP, FULL, ScriptedServer
from fakes.tokenserver import CLIENT, SECRET, TokenServer, refused
from test_safe_way import SURE, send, told

from mailticket.config_units import mail_server
from mailticket.core import sasl
from mailticket.deliver.outage import Pauses
from mailticket.deliver.sender import Sender
from mailticket.deliver.smtp import DeliveryFault
from mailticket.deliver.transports import server_of
from mailticket.settings import OAuth2

USER = "support@acme.example"
BOTH = ("AUTH PLAIN OAUTHBEARER XOAUTH2", *FULL)
WHY = b64encode(b'{"status":"401","schemes":"bearer"}').decode()
FIRST = b"user=support@acme.example\x01auth=Bearer access-1-opqrstuvwxyz\x01\x01"


@pytest.fixture
def tokens():
    with TokenServer() as tokens:
        yield tokens


def way(server, tokens):
    oauth2 = OAuth2(tokens.url(), CLIENT, SECRET)
    return server_of(
        replace(mail_server(f"smtp://{USER}@127.0.0.1:{server.port}"), oauth2=oauth2), "desk.example", SURE
    )


def said(server):
    """The commands of the login."""
    return [line for line in server.commands if not line.startswith(("ehlo", "MAIL", "RCPT", "DATA", ".", "QUIT"))]


def test_the_first_words_are_those_of_googles_and_microsofts_pages():
    assert sasl.first_words("XOAUTH2", "a@b.example", "tok", "h", 1) == b"user=a@b.example\x01auth=Bearer tok\x01\x01"
    example = b"n,a=user@example.com,\x01host=server.example.com\x01port=587\x01auth=Bearer vF9d\x01\x01"
    assert sasl.first_words("OAUTHBEARER", "user@example.com", "vF9d", "server.example.com", 587) == example
    assert sasl.first_words("OAUTHBEARER", "a=b,c", "t", "h", 1).startswith(b"n,a=a=3Db=2Cc,\x01")


@pytest.mark.parametrize(
    ("offered", "taken"),
    [(["PLAIN", "OAUTHBEARER", "XOAUTH2"], "XOAUTH2"), (["oauthbearer"], "OAUTHBEARER"), (["PLAIN"], None), ([], None)],
)
def test_the_way_is_one_that_the_server_offers(offered, taken):
    assert sasl.mechanism(offered) == taken


@pytest.mark.parametrize(("mechanism", "end"), [("XOAUTH2", b""), ("OAUTHBEARER", b"\x01")])
def test_a_dialogue_says_its_words_once_and_then_what_ends_it(mechanism, end):
    dialogue = sasl.Dialogue(mechanism, "u", "t", "h", 1)
    assert [dialogue(b""), dialogue(b"{}"), dialogue(b"{}")] == [
        sasl.first_words(mechanism, "u", "t", "h", 1),
        end,
        end,
    ]


def test_a_mail_goes_out_after_a_login_by_xoauth2(tokens):
    with ScriptedServer(offers=BOTH) as server:
        to = way(server, tokens)
        assert send(to) == ["accepted"]
        assert said(server) == ["AUTH XOAUTH2 " + b64encode(FIRST).decode()]
        assert send(to) == ["accepted"]
        assert to.probe().endswith(f"logged in as {USER}")
        assert len(tokens.forms()) == 1, "all connections share the token"


def test_a_server_that_knows_only_oauthbearer_gets_that(tokens):
    with ScriptedServer(offers=("AUTH OAUTHBEARER",)) as server:
        assert send(way(server, tokens)) == ["accepted"]
        [line] = said(server)
        assert b64decode(line.removeprefix("AUTH OAUTHBEARER ")).startswith(
            b"n,a=support@acme.example,\x01host=127.0.0.1"
        )


def test_a_long_token_does_not_stand_in_the_command_line(tokens):
    tokens.say("token", (200, {"access_token": "t" * 2000, "expires_in": 3600}))
    with ScriptedServer(offers=BOTH) as server:
        server.say("AUTH XOAUTH2", "334 ")
        assert send(way(server, tokens)) == ["accepted"]
        assert said(server)[0] == "AUTH XOAUTH2"
        assert b64decode(said(server)[1]).endswith(b"auth=Bearer " + b"t" * 2000 + b"\x01\x01")


@pytest.mark.parametrize(("mechanism", "end"), [("XOAUTH2", ""), ("OAUTHBEARER", "AQ==")])
def test_a_challenge_is_answered_as_the_mechanism_has_it_and_a_new_token_is_tried_once(tokens, mechanism, end):
    with ScriptedServer(offers=(f"AUTH {mechanism}",)) as server:
        server.say("login", f"334 {WHY}")
        server.say("over", "535 5.7.8 not this one")
        assert send(way(server, tokens)) == ["accepted"]
        lines = said(server)
        assert [len(lines), lines[1]] == [3, end]
        assert b"access-1-" in b64decode(lines[0].split(" ")[2])
        assert b"access-2-" in b64decode(lines[2].split(" ")[2])


def test_two_refused_tokens_are_a_fault_that_is_no_mails(tokens):
    with ScriptedServer(offers=BOTH) as server:
        server.say("login", f"334 {WHY}", "535 5.7.3 unsuccessful")
        server.say("over", "535 5.7.8 no")
        to = way(server, tokens)
        words = "535 5.7.3 unsuccessful; may this user's mailbox be opened with [delivery] oauth2?"
        assert told(to) == f"does not let {USER} log in: {words}"
        assert len(tokens.forms()) == 2
        assert not any(command.startswith("MAIL") for command in server.commands)
        assert send(to) == ["accepted"]
        assert len(tokens.forms()) == 3, "what was refused is not used again"


@pytest.mark.parametrize("line", ["454 4.7.0 later", "334 more"])
def test_a_server_that_cannot_say_keeps_the_token(tokens, line):
    with ScriptedServer(offers=BOTH) as server:
        server.say("login", line)
        server.say("over", "454 4.7.0 later")
        assert told(way(server, tokens)) == f"does not let {USER} log in: 454 4.7.0 later"
        assert len(tokens.forms()) == 1


def test_a_server_that_hangs_up_instead_of_an_answer_is_a_fault(tokens):
    with ScriptedServer(offers=BOTH) as server:
        server.say("login", DROP)
        assert told(way(server, tokens)) == "does not answer: the server closed the connection"


def test_a_server_that_takes_no_token_is_a_fault(tokens):
    with ScriptedServer(offers=("AUTH PLAIN LOGIN",)) as server:
        told_of = "[delivery] oauth2 is there, and of the ways to log in that we know it offers only PLAIN LOGIN"
        assert told(way(server, tokens)) == f"does not let {USER} log in: {told_of}"
        assert said(server) == []


def test_while_the_renewal_is_refused_everything_waits_and_the_log_says_what_to_do(tokens, caplog):
    tokens.say("token", refused("invalid_client", "AADSTS7000222: the secret has expired"))
    queue = MemoryQueue()
    queue.add(1, 2, 3)
    with ScriptedServer(offers=BOTH) as server:
        to = way(server, tokens)
        sender = Sender(queue, to, wait=lambda _: None, pauses=Pauses(0, 0))
        assert sender.step() == 1
        assert sorted(queue.due_at) == [1, 2, 3]
        [line] = caplog.messages
        assert line.startswith(
            f"outgoing mail server {to} cannot be logged in to as {USER}: [delivery] oauth2: no new token: "
            "invalid_client (AADSTS7000222: the secret has expired); look at client_id and client_secret"
        )
        assert sender.step() == 3
        sender.stop(1)


def test_trouble_with_the_token_server_is_a_fault_that_says_so(tokens):
    tokens.say("token", (503, b""))
    with ScriptedServer(offers=BOTH) as server, pytest.raises(DeliveryFault) as caught:
        way(server, tokens).probe()
    assert f"cannot be logged in to as {USER}: [delivery] oauth2: 127.0.0.1:{tokens.port} answers 503" in str(
        caught.value
    )


LONG = "abcdefghijkl0123456789" * 100


def first(number: int) -> str:
    return b64encode(FIRST.replace(b"access-1", b"access-%d" % number)).decode()


SPILLS = {
    "the command": first,
    "a part of the command": lambda number: first(number)[:40],
    "the token": lambda number: f"access-{number}-opqrstuvwxyz",
    "a part of the token": lambda number: f"Bearer access-{number}-opqrstuv",
}


@pytest.mark.parametrize("what", SPILLS)
def test_no_fault_and_no_log_line_holds_a_token(tokens, caplog, what):
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(offers=BOTH) as server:
        server.say("login", *[f"535 what is {SPILLS[what](number)}" for number in (1, 2)])
        to = way(server, tokens)
        found = f"{told(to)} {to!r} {to} {caplog.text}"
    assert "535 what is …;" in found or "535 what is Bearer …;" in found
    for secret in (first(1), first(2), "access-1-opqrstuvwxyz", "access-2-opqrstuvwxyz", SECRET):
        assert not any(secret[start : start + 12] in found for start in range(len(secret) - 11))


def test_a_token_that_is_longer_than_what_is_kept_of_an_answer_is_not_told_in_part(tokens):
    """Only the beginning of a reply is kept, so that the whole token is not in it."""
    long = "abcdefghijkl0123456789" * 100
    tokens.say("token", *[(200, {"access_token": long})] * 2)
    with ScriptedServer(offers=BOTH) as server:
        server.say("AUTH XOAUTH2", "334 ", "334 ")
        server.say("login", *[f"535 what is {long}"] * 2)
        assert told(way(server, tokens)).startswith(f"does not let {USER} log in: 535 what is …;")
