"""The desk keeps its promises whatever happens in whatever order, and the machine that says so can tell."""

from __future__ import annotations

import logging
import os
import random
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test
from machine.mails import CUSTOMERS, SUPPORT, Draft, references
from machine.mutants import MUTANTS
from machine.play import play
from machine.promises import check_drained
from machine.world import Broken, Crashed, MakeDb, World

from mailticket.core.parse import parse
from mailticket.core.retry import MAX_TRIES
from mailticket.core.types import ParsedMail
from mailticket.store import queues
from mailticket.store.db import Db, open_or_create

EXAMPLES = int(os.environ.get("MAILTICKET_EXAMPLES", "0"))  # 0: the same few each time, as CI wants it
PARTS = 5  # for workers to share
ONE_RUN = 4  # examples: later ones of a run are like the earlier ones, and another run begins elsewhere
SETTINGS = settings(
    max_examples=ONE_RUN,
    stateful_step_count=40,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def make_sqlite(folder: Path) -> Db:
    return open_or_create(folder / "desk.db")


DATABASES: dict[str, MakeDb] = {"sqlite": make_sqlite}


@pytest.fixture(params=DATABASES)
def make_db(request) -> MakeDb:
    return DATABASES[request.param]


@pytest.mark.timeout(0 if EXAMPLES else 300)
@pytest.mark.parametrize("part", range(PARTS))
def test_the_promises_hold_whatever_happens(make_db, part):
    """Deliveries, crashes, faults, admins and time in any order: the rules of the house hold after each step."""
    chance = random.SystemRandom() if EXAMPLES else random.Random(1)
    numbers = [chance.randrange(10**6) for _ in range((EXAMPLES or 40) // ONE_RUN)]
    _runs(make_db, numbers[part::PARTS], SETTINGS)


def _runs(make_db: MakeDb, numbers: Iterable[int], wanted: settings) -> None:
    for number in numbers:
        _run(make_db, number, wanted)


def _run(make_db: MakeDb, number: int, wanted: settings) -> None:
    """`number` makes it the same each time, and pytest shows it with a failure."""
    sys.stdout.write(f"run {number}\n")
    for left in (2, 1, 0):
        try:
            run_state_machine_as_test(seed(number)(play(make_db)), settings=wanted)
        except FlakyStrategyDefinition:
            # Commits come earlier when the machine is busy, and then the same steps lead elsewhere: that run says
            # nothing, and is made again. A promise that is broken raises Broken, at once.
            if not left:
                raise
        else:
            return


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_machine_catches_a_deliberate_fault(mutant, make_db, monkeypatch):
    """With the fault in the desk, and nothing else changed, a promise is found broken."""
    MUTANTS[mutant](monkeypatch)
    quick = settings(SETTINGS, phases=[Phase.generate])
    with pytest.raises(Broken) as caught:
        _runs(make_db, range(100), quick)
    logging.getLogger(__name__).info("%s: %s", mutant, caught.value)


@pytest.mark.parametrize("mutant", [None, *MUTANTS])
def test_in_fair_weather_nobody_would_notice(mutant, make_db, monkeypatch, tmp_path):
    """The faults are such that a plain story ends well with each of them: it takes the machine to find them."""
    if mutant:
        MUTANTS[mutant](monkeypatch)
    world = World(make_db, tmp_path)
    try:
        for number, who in enumerate(CUSTOMERS, 1):
            world.deliver(world.write(Draft(number, who, "Help: TOKEN")), [SUPPORT])
        world.drain()
        assignment = next(t for t in world.server.taken if world.is_agent(t.recipients[0]))
        answer = Draft(9, assignment.recipients[0], "Try this: TOKEN", answers=references(assignment), by_agent=True)
        world.deliver(world.write(answer), [SUPPORT])
        world.drain()
        check_drained(world)
        assert len(world.server.taken) == 8  # two for each request, the answer, its receipt
    finally:
        world.stop()


def test_a_mail_that_kills_the_desk_is_found_and_the_others_go_on(make_db, tmp_path):
    """It dies in company once, then three times alone; then the mail is in quarantine with that reason."""
    world = World(make_db, tmp_path)

    def deadly(raw: bytes) -> ParsedMail:
        if b"die" in raw:
            raise Crashed("inbox:claimed")
        return parse(raw)

    world.read = deadly
    world.stop()
    world.start()
    try:
        for number, words in enumerate(("Help", "die", "Help"), 1):
            world.deliver(world.write(Draft(number, CUSTOMERS[0], f"{words}: TOKEN")), [SUPPORT])
        for _ in range(6):
            world.attempt(world.work)
        assert world.crashes == 1 + MAX_TRIES
        assert [row["state"] for row in queues.inbox(world.db)] == ["done", "quarantined", "done"]
        (held,) = queues.inbox(world.db, state="quarantined")
        assert held["reason"] == "the desk died 3 times while it worked on this mail"
    finally:
        world.stop()
