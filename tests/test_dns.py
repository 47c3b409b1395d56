"""Keys from DNS: asked of a real server on loopback that the test answers for, and not asked twice."""

import logging
import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from mailticket import dns as ours
from mailticket.dns import Dns

KEY = b"v=DKIM1; p=abc"


SILENT = "silent"


class Server:
    """A DNS server of one zone: a name's TXT strings, or what goes wrong with it, or a function that gives either."""

    def __init__(self, zone: dict[str, object]) -> None:
        self.zone = zone
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            data, client = self.socket.recvfrom(4096)
            if not data:
                return
            if answer := self._answer(dns.message.from_wire(data)):
                self.socket.sendto(answer, client)

    def _answer(self, query: dns.message.Message) -> bytes | None:
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        self.asked.append(name)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        found = self.zone.get(name, dns.rcode.NXDOMAIN)
        if found == SILENT:
            return None
        if callable(found):
            found = found()
        if isinstance(found, list):
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", "TXT", *found))
        else:
            answer.set_rcode(found)
        return answer.to_wire()

    def close(self) -> None:
        self.socket.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join(5)
        self.socket.close()


ZONE = {
    "one": ['"v=DKIM1; p=abc"'],
    "pieces": ['"v=DKIM1; " "p=abc"'],
    "two": ['"v=DKIM1; p=abc"', '"v=DKIM1; p=other"'],
    "empty": dns.rcode.NOERROR,
    "broken": dns.rcode.SERVFAIL,
    "refused": dns.rcode.REFUSED,
}


@pytest.fixture
def server():
    one = Server(ZONE)
    yield one
    one.close()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def resolver(server, clock):
    return Dns(clock, ["127.0.0.1"], server.port)


ANSWERS = {
    "one": KEY,
    "pieces": KEY,
    "two": None,  # which of them would be chance
    "empty": None,
    "nowhere": None,
    "broken": None,
    "refused": None,
    "a" * 70: None,
    "x." * 200 + "x": None,
    "a..b": None,
    "": None,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_name_has_its_one_record_or_none(resolver, name):
    """Nothing that DNS does stops a mail."""
    assert resolver.records([name]).get(name) == ANSWERS[name]


def test_what_was_asked_a_moment_ago_is_not_asked_again(resolver, server, clock):
    """An answer is good for five minutes, a failure for one."""
    for _ in range(3):
        assert resolver.records(["one", "nowhere"]) == {"one": KEY}
    assert server.asked == ["one", "nowhere"]
    clock.now += 61
    resolver.records(["one", "nowhere"])
    assert server.asked == ["one", "nowhere", "nowhere"]
    clock.now += 240
    resolver.records(["one"])
    assert server.asked[3:] == ["one"]


def test_what_is_known_is_bounded(resolver, server, monkeypatch):
    """The oldest goes: selectors are a sender's to choose."""
    monkeypatch.setattr(ours, "MAX_KEPT", 2)
    for name in ("one", "two", "empty", "one"):
        resolver.records([name])
    assert server.asked == ["one", "two", "empty", "one"]


def test_trouble_is_logged_once_a_minute(resolver, clock, caplog):
    """A name that is not there is none."""
    caplog.set_level(logging.WARNING, "mailticket.dns")
    resolver.records(["nowhere", "empty", "a..b", "a" * 70])
    assert caplog.messages == []
    resolver.records(["broken", "refused"])
    assert [m.partition(", so")[0] for m in caplog.messages] == ["DNS does not answer for broken"]
    assert "\n" not in caplog.text.strip()
    clock.now += 61
    resolver.records(["one", "refused"])
    assert len(caplog.messages) == 2


def test_a_server_that_is_silent_is_left_alone_in_time(clock, monkeypatch):
    """Three seconds for one, five for all that a mail wants to know; here less, so that the test need not wait."""
    assert (ours.TRY, ours.LIFETIME) == (3.0, 5.0)
    monkeypatch.setattr(ours, "LIFETIME", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        assert Dns(clock, ["127.0.0.1"], silent.getsockname()[1]).records(["one"]) == {}


def test_the_names_of_a_mail_have_one_deadline(resolver, server, clock):
    """What the first takes is gone for the second, and what was not asked is not taken for missing."""

    def slowly() -> list[str]:
        clock.now += ours.LIFETIME
        return ZONE["one"]

    server.zone = ZONE | {"slow": slowly}
    assert resolver.records(["slow", "one"]) == {"slow": KEY}
    assert server.asked == ["slow"]
    assert resolver.records(["slow", "one"]) == {"slow": KEY, "one": KEY}
    assert server.asked == ["slow", "one"]


@pytest.mark.parametrize("trouble", [SILENT, dns.rcode.SERVFAIL])
def test_a_domain_that_does_not_answer_is_left_alone_for_a_minute(resolver, server, clock, monkeypatch, trouble):
    """Selectors are a sender's to choose, and each of them would hold up the inbox. Other domains are asked."""
    monkeypatch.setattr(ours, "LIFETIME", 0.2)
    dead, other = [f"s{n}._domainkey.dead.example" for n in range(4)], "s1._domainkey.acme.example"
    server.zone = dict.fromkeys(dead, trouble) | {other: ZONE["one"]}
    assert resolver.records(dead[:2]) == {}
    assert resolver.records([dead[2], other]) == {other: KEY}
    assert server.asked == [dead[0], other]
    clock.now += 61
    resolver.records([dead[3]])
    assert server.asked[2:] == [dead[3]]


def test_a_dead_dns_is_not_asked_for_half_a_minute(resolver, server, clock, caplog, monkeypatch):
    """After three domains in a row without an answer; one more tells then whether it is back. One line says so."""
    monkeypatch.setattr(ours, "LIFETIME", 0.2)
    monkeypatch.setattr(ours, "COMPLAIN_EVERY", 1e9)
    names = [f"s1._domainkey.d{n}.example" for n in range(9)]
    server.zone = dict.fromkeys(names, SILENT)

    def asked(*numbers: int) -> list[str]:
        before = len(server.asked)
        for n in numbers:
            resolver.records([names[n]])
        return server.asked[before:]

    assert asked(0, 1, 2, 3, 4) == names[:3]
    clock.now += 29
    assert asked(5) == []
    clock.now += 2
    assert asked(5, 6) == [names[5]]
    first, second = caplog.messages
    assert "d0.example" in first
    assert second == "DNS failed 3 times in a row: for 30 s at a time nobody asks it"
    clock.now += 31
    server.zone[names[7]] = ZONE["one"]
    assert asked(7, 8) == names[7:]
    assert asked(6) == [names[6]], "an answer begins a new count"


def test_what_was_known_is_known_while_dns_is_dead(resolver, server, clock, monkeypatch):
    """Keys that were found serve for their time."""
    monkeypatch.setattr(ours, "LIFETIME", 0.2)
    resolver.records(["one"])
    resolver.records(["broken"])
    resolver.records(["refused"])
    server.zone = {"dead": SILENT}
    resolver.records(["dead"])
    assert resolver.records(["one", "pieces"]) == {"one": KEY}


def test_a_machine_without_servers_is_no_reason_to_stop(clock, caplog, monkeypatch):
    """A desk without DNS works: nothing is proved by signatures."""

    def nothing_there(self, *_: object) -> None:
        raise dns.resolver.NoResolverConfiguration("Resolver configuration could not be read")

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", nothing_there)
    assert Dns(clock).records(["one"]) == {}
    assert "could not be read" in caplog.text


def test_threads_share_what_is_known(resolver, server):
    """They wait for DNS side by side, and what one has found the others need not ask."""
    resolver.records(["one"])
    found: list[dict[str, bytes]] = []
    threads = [threading.Thread(target=lambda: found.append(resolver.records(["one"]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"one": KEY}] * 8
    assert server.asked == ["one"]
