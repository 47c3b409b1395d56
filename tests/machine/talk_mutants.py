"""Deliberate faults in what agents are promised: the machine has to find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mailticket.core import agent_acts
from mailticket.core.identity import derive_ref
from mailticket.core.plan import Outgoing
from mailticket.store import apply

Mutant = Callable[[pytest.MonkeyPatch], None]


def _is_answer(mail: Outgoing) -> bool:
    return mail.audience == "customer" and mail.kind == "relay"


def answer_sent_twice(patch: pytest.MonkeyPatch) -> None:
    """In two mails, each with an id of its own."""
    send = apply._Writer.send

    def twice(self, mail: Outgoing) -> None:
        send(self, mail)
        if _is_answer(mail):
            again = derive_ref(b"again", mail.ref, 0)
            send(self, replace(mail, ref=again, message_id=mail.message_id.replace(mail.ref, again), message=None))

    patch.setattr(apply._Writer, "send", twice)


def receipt_naming_the_wrong_people(patch: pytest.MonkeyPatch) -> None:
    """The customer alone, where others get the answer, too."""
    receipt = agent_acts.receipt

    def of_the_first(case, agent, ticket, way, lines, unchanged):
        way = replace(way, letter=replace(way.letter, cc=())) if way.letter else way
        return receipt(case, agent, ticket, way, lines, unchanged)

    patch.setattr(agent_acts, "receipt", of_the_first)


def answer_leaves_at_once(patch: pytest.MonkeyPatch) -> None:
    """Before the time that the receipt names, until which it can be undone."""
    send = apply._Writer.send

    def at_once(self, mail: Outgoing) -> None:
        send(self, replace(mail, due_at=self._now) if _is_answer(mail) else mail)

    patch.setattr(apply._Writer, "send", at_once)


MUTANTS: dict[str, Mutant] = {
    mutant.__name__: mutant
    for mutant in (
        answer_sent_twice,
        receipt_naming_the_wrong_people,
        answer_leaves_at_once,
    )
}
