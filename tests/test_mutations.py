"""Twenty thousand broken mails: the reader stumbles over none of them, and none takes it long."""

from __future__ import annotations

import functools
import os
import random
import time
from pathlib import Path

import pytest
from mails import assert_sound
from mutations import MUTATIONS, mutated
from own_mails import own_mails

from mailticket.core.parse import parse
from mailticket.core.wire import pack, unpack

COUNT = 20_000
PIECE = 1_000  # that workers share
LARGEST = 60_000  # octets of a mail that is mutated
SLOW = 1.0  # seconds


@functools.cache
def whole_mails() -> list[bytes]:
    folder = os.environ.get("MAILTICKET_CORPORA")
    paths = sorted(Path(folder).rglob("*.eml")) if folder else [own.path for own in own_mails()]
    return [raw for path in paths if 0 < len(raw := path.read_bytes()) <= LARGEST]


def piece(start: int) -> list[str]:
    """What went wrong with PIECE of them, with the number that makes the mail again."""
    mails = whole_mails()
    found = []
    for number in range(start, start + PIECE):
        raw = mutated(mails, number)
        began = time.process_time()
        try:
            got = parse(raw)
            assert_sound(got)
            assert unpack(pack(got)) == got
        except Exception as error:  # noqa: BLE001 - any of them is what is looked for
            found.append(f"{number}: {type(error).__name__}: {error}"[:300])
        if (took := time.process_time() - began) > SLOW:
            found.append(f"{number}: took {took:.1f} s")
    return found


@pytest.mark.parametrize("start", range(0, COUNT, PIECE))
def test_no_broken_mail_stops_the_reader(start):
    """Whatever is done to a real mail, what is read of it is sound, crosses to the desk, and comes within a second."""
    assert piece(start) == []


def test_each_mutation_changes_something():
    """A mutation that leaves every mail as it is would test nothing."""
    mails = [own.path.read_bytes() for own in own_mails()]
    for mutation in MUTATIONS:
        chance = random.Random(1)
        assert any(mutation(raw, chance, mails) != raw for raw in mails), mutation.__name__
