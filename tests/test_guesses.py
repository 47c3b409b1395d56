"""Guessed passwords are counted over all connections: who guesses waits, and nobody else does for long."""

from __future__ import annotations

import asyncio
import hashlib
import threading

import pytest
from dialog import ANNA, POLICY, hashed

from mailticket.intake import guesses
from mailticket.intake.guesses import LONGEST_DELAY, PAUSES, REMEMBERED, WINDOW, WRONG, Guesses, network
from mailticket.intake.login import Claim, GuessedError, Logins

PEER, OTHER, WORD = "192.0.2.1", "192.0.2.2", "sesame"


def guessed(known: Guesses, times: int = WRONG, *, peer: str = PEER, at: float = 0.0, every: float = 0.0) -> float:
    """Wrong logins at as many names; the pause after the last one."""
    return [known.wrong(peer, f"name {n}", at + n * every) for n in range(times)][-1]


def test_ten_wrong_ones_in_ten_minutes_are_a_pause_for_that_peer_alone():
    known = Guesses()
    assert guessed(known, WRONG - 1) == 0
    assert not known.refused(PEER, 0)
    assert guessed(known, 1) == PAUSES[0]
    assert known.refused(PEER, PAUSES[0] - 1)
    assert not known.refused(PEER, PAUSES[0])
    assert not known.refused(OTHER, 0)


def test_wrong_ones_far_apart_are_none():
    """A mail program with an old password that tries again and again."""
    assert guessed(Guesses(), 100, every=WINDOW / (WRONG - 1)) == 0


def test_each_pause_is_longer_than_the_last_and_after_some_hours_it_begins_anew():
    known, now, found = Guesses(), 0.0, []
    for _ in range(len(PAUSES) + 2):
        found.append(guessed(known, at=now))
        now += found[-1]
    assert found == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert guessed(known, at=now + guesses.FORGIVEN + 1) == PAUSES[0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "127.0.0.1", False),
        ("unknown", "", False),
    ],
)
def test_a_network_of_ipv6_is_one_peer(one, other, same):
    known = Guesses()
    guessed(known, peer=one)
    assert known.refused(one, 0)
    assert known.refused(other, 0) is same


def test_who_mistyped_and_got_it_right_has_guessed_nothing_but_what_they_tried_at_others_counts():
    known = Guesses()
    for _ in range(WRONG - 1):
        known.wrong(PEER, "anna", 0)
    known.right(PEER, "anna")
    assert guessed(known, WRONG - 1) == 0
    known.right(PEER, "anna")
    assert known.wrong(PEER, "x", 0) == PAUSES[0]


def test_a_name_that_many_guess_at_is_slowed_down_and_no_more():
    known = Guesses()
    for n in range(WRONG - 1):
        known.wrong(f"198.51.100.{n}", "anna", 0)
    assert known.delay("anna", 0) == 0
    known.wrong(PEER, "anna", 0)
    assert known.delay("anna", 0) == 1
    for n in range(200):
        known.wrong(f"203.0.113.{n}", "anna", 1)
    assert known.delay("anna", 1) == LONGEST_DELAY
    assert known.delay("boris", 1) == 0
    assert not known.refused(OTHER, 1)
    assert known.delay("anna", WINDOW + 2) == 0


def test_what_is_remembered_is_bounded():
    known = Guesses()
    for n in range(REMEMBERED + 100):
        known.wrong(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", f"name {n}", 0)
    for _ in range(100):
        known.wrong("10.1.1.1", "anna", 0)
    assert (len(known._peers), len(known._names)) == (REMEMBERED, REMEMBERED)
    assert len(known._names["anna"]) == 2 * WRONG
    assert network("10.0.0.0") not in known._peers, "the one that was quiet for longest goes"


# --- at the door ---


@pytest.fixture
def scrypt(monkeypatch):
    """The hashes, counted: how many there were, and how many at once."""
    counted = {"all": 0, "now": 0, "most": 0}
    lock, real = threading.Lock(), hashlib.scrypt

    def counting(*arguments, **named):
        with lock:
            counted["all"] += 1
            counted["now"] += 1
            counted["most"] = max(counted["most"], counted["now"])
        try:
            return real(*arguments, **named)
        finally:
            with lock:
                counted["now"] -= 1

    known = hashed(WORD)
    monkeypatch.setattr(hashlib, "scrypt", counting)
    return counted, known


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_peer_that_must_wait_costs_no_hash_and_an_agent_elsewhere_gets_in(scrypt, caplog):
    counted, known = scrypt
    clock = Clock()
    logins = Logins({ANNA: known}, POLICY, clock)

    async def story() -> None:
        for n in range(WRONG):
            assert await logins.agent(Claim(f"nobody{n}@acme.example", "x"), PEER) == ""
        assert counted["all"] == WRONG
        with pytest.raises(GuessedError, match="454"):
            logins.admit(PEER)
        with pytest.raises(GuessedError, match="454"):
            await logins.agent(Claim(ANNA, WORD), PEER)
        assert counted["all"] == WRONG
        assert await logins.agent(Claim(ANNA, WORD), OTHER) == "Anna@acme.example"
        clock.now = PAUSES[0]
        assert await logins.agent(Claim(ANNA, WORD), PEER) == "Anna@acme.example"

    asyncio.run(story())
    told = [record.getMessage() for record in caplog.records]
    assert told == [f"{PEER} has failed to log in too often: it is refused for 1 minutes"]


def test_of_one_peer_one_password_is_looked_at_at_a_time_and_guesses_at_once_are_no_more(scrypt):
    counted, known = scrypt
    logins = Logins({ANNA: known}, POLICY, Clock())

    async def story() -> list[object]:
        flood = [logins.agent(Claim(f"nobody{n}@acme.example", "x"), PEER) for n in range(30)]
        return await asyncio.gather(*flood, return_exceptions=True)

    results = asyncio.run(story())
    assert counted["most"] == 1
    assert (counted["all"], results.count("")) == (WRONG, WRONG)
    assert all(isinstance(result, GuessedError) for result in results[WRONG:])
    assert logins._turns == {}


def test_another_peers_agent_does_not_wait_behind_a_flood(scrypt):
    counted, known = scrypt
    logins = Logins({ANNA: known}, POLICY, Clock())

    async def story() -> int:
        flood = [asyncio.ensure_future(logins.agent(Claim(f"n{n}@x.example", "x"), PEER)) for n in range(WRONG - 1)]
        assert await logins.agent(Claim(ANNA, WORD), OTHER) == "Anna@acme.example"
        begun = counted["all"]
        await asyncio.gather(*flood)
        return begun

    assert asyncio.run(story()) <= 4


def test_a_client_that_leaves_takes_its_guess_not_back(scrypt):
    counted, known = scrypt
    logins = Logins({ANNA: known}, POLICY, Clock())

    async def story() -> None:
        for n in range(WRONG):
            leaving = asyncio.ensure_future(logins.agent(Claim(f"n{n}@x.example", "x"), PEER))
            await asyncio.sleep(0)
            leaving.cancel()
        await asyncio.gather(*logins._checks)
        with pytest.raises(GuessedError):
            logins.admit(PEER)

    asyncio.run(story())
    assert counted == {"all": WRONG, "now": 0, "most": 1}


def test_a_door_that_closes_leaves_nothing_behind_that_still_looks_at_passwords(scrypt):
    _, known = scrypt
    logins = Logins({ANNA: known}, POLICY, Clock())

    async def story() -> set[asyncio.Task[object]]:
        waiting = [asyncio.ensure_future(logins.agent(Claim(f"n{n}@x.example", "x"), PEER)) for n in range(5)]
        await asyncio.sleep(0)
        await logins.close()
        await asyncio.gather(*waiting, return_exceptions=True)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(story()) == set()
    assert (logins._turns, logins._checks) == ({}, set())
