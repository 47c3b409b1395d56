"""Notices that are kept for one mail, when the desk dies at any moment: each comes once, alone or with the others."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
from machine.close import assigned_once
from machine.mails import AGENTS, SUPPORT, Draft, body, references
from machine.world import COMMIT, STATEMENT, WORK_POINTS, Crash

from mailticket import jobs
from mailticket.core.notices import MOST, WITHIN

WRONG = "Nothing was sent and nothing was changed"


@pytest.fixture
def world(tmp_path):
    yield from assigned_once(tmp_path)


def mistakes(world, numbers):
    """Mails with a wrong command: each comes back, with its words."""
    sent = next(taken for taken in world.server.taken if taken.recipients == (AGENTS[0],))
    for number in numbers:
        draft = Draft(number, AGENTS[0], "#resolv\r\n\r\nTOKEN\r\n", answers=references(sent), by_agent=True)
        world.deliver(world.write(draft), [SUPPORT])


def gather(world):
    return jobs.send_gathered(world.desk, world.now)


def came(world) -> tuple[int, Counter[str]]:
    """How many notices the agent got by now, and how often each mail's words stand in one."""
    world.drain()
    notices = [taken for taken in world.server.taken if taken.mail["auto-submitted"] and WRONG in body(taken)]
    assert {taken.recipients for taken in notices} == {(AGENTS[0],)}
    return len(notices), Counter(word for taken in notices for word in re.findall(r"tok\d+en", body(taken)))


def once(numbers) -> dict[str, int]:
    return {f"tok{number}en": 1 for number in numbers}


def test_a_crash_at_any_statement_while_a_notice_is_kept_leaves_it_kept_once(world):
    """Each of the mails after the twentieth is interrupted one statement later than the one before."""
    mistakes(world, range(100, 100 + MOST))
    world.work()
    number = statements = 0
    while world.crashes == statements:
        number, statements = number + 1, statements + 1
        mistakes(world, [200 + number])
        world.attempt(world.work, Crash(STATEMENT, statements))
        world.work()
        world.now += timedelta(milliseconds=100)
    assert number > 20, "it takes that many statements"
    world.now += WITHIN
    gather(world)
    assert came(world) == (MOST + 1, once([*range(100, 100 + MOST), *range(201, 201 + number)]))


@pytest.mark.parametrize("point", [*WORK_POINTS, COMMIT])
def test_a_crash_at_each_point_of_the_work_keeps_it_once(world, point):
    mistakes(world, range(100, 102 + MOST))
    world.attempt(world.work, Crash(point))
    assert world.crashes == 1
    world.now += timedelta(seconds=5)
    world.work()
    world.now += WITHIN
    gather(world)
    assert came(world) == (MOST + 1, once(range(100, 102 + MOST)))


def test_a_crash_at_any_statement_while_they_are_sent_sends_them_once(world):
    mistakes(world, range(100, 103 + MOST))
    world.work()
    world.now += WITHIN
    statements = 0
    while world.crashes == statements:
        statements += 1
        world.attempt(lambda: gather(world), Crash(STATEMENT, statements))
        queued = world.db.execute("SELECT count(*) FROM outbox WHERE template = 'notice-gathered'").fetchone()[0]
        kept = world.db.execute("SELECT count(*) FROM kept_notice").fetchone()[0]
        assert (queued, kept) in {(0, 3), (1, 0)}
    assert statements > 8, "it takes that many statements"
    assert came(world) == (MOST + 1, once(range(100, 103 + MOST)))


def test_a_crash_just_after_they_are_sent_sends_them_once(world):
    mistakes(world, range(100, 103 + MOST))
    world.work()
    world.now += WITHIN
    world.attempt(lambda: gather(world), Crash(COMMIT))
    assert (world.crashes, gather(world)) == (1, 0)
    assert came(world) == (MOST + 1, once(range(100, 103 + MOST)))
