"""Who takes part in a play: how mails are written, answered and handed over, and what people have got."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from . import promises
from .mails import SUPPORT, Draft, quote, references
from .seen import Row, Seen
from .server import Taken
from .world import COMMIT, STATEMENT, Crash, MakeDb, World

ONE = st.integers(0, 9999)  # picks one of what there is


def crashes(points: tuple[str, ...]) -> st.SearchStrategy[Crash]:
    """At a named point, before any statement to the database, or after a commit."""
    named = st.builds(Crash, st.sampled_from(points), st.sampled_from((1, 1, 2)))
    return named | anywhere(60)


def anywhere(statements: int) -> st.SearchStrategy[Crash]:
    amid = st.builds(Crash, st.just(STATEMENT), st.integers(1, statements))
    return amid | st.builds(Crash, st.just(COMMIT), st.sampled_from((1, 1, 2, 3, 4)))


class Player(RuleBasedStateMachine):
    make_db: ClassVar[MakeDb]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = self._world(Path(self.folder.name))
        self.seen: Seen | None = None
        self.drafts = 0
        self.holds = True

    def _world(self, folder: Path) -> World:
        return World(type(self).make_db, folder)

    def _post(self, draft: Draft, *envelope_to: str, auth: str = "") -> None:
        self.world.deliver(self.world.write(draft), envelope_to or (draft.to,), auth=auth)

    def _number(self) -> int:
        self.drafts += 1
        return self.drafts

    def _reply(self, taken: Taken, who: str, road: str, *, text: str = "Still broken: TOKEN", **more) -> Draft:
        mail = taken.mail
        subject = f"Re: {mail['subject']}" if road == "tag" else "Re: Printer"
        answers = references(taken) if road == "reference" else ()
        to = mail["reply-to"].addresses[0].addr_spec if road == "address" else SUPPORT
        quoted = quote(taken, str(mail["from"]), self.world.now)
        return Draft(self._number(), who, f"{text}\r\n", subject, to, answers=answers, quoted=quoted, **more)

    def _got(self, *, agents: bool) -> list[Taken]:
        return [t for t in self.world.server.taken if all(self.world.is_agent(a) for a in t.recipients) == agents]

    def _pick(self, one: int, *, agents: bool) -> Taken:
        got = self._got(agents=agents)
        return got[one % len(got)]

    def _lately(self, *templates: str) -> list[Taken]:
        """What somebody got that was written with these, the last one first."""
        sent_as = self.seen.sent_as if self.seen else {}
        taken = [t for t in self.world.server.taken if sent_as[t.message_id]["template"] in templates]
        return taken[::-1]

    def _held(self) -> list[Row]:
        return [row for row in self.seen.inbox if row["state"] == "quarantined"] if self.seen else []

    def _check(self) -> None:
        self.holds = False
        self.seen = promises.check(self.world, self.seen)
        self.holds = True

    def _drained(self) -> None:
        promises.check_drained(self.world)

    def teardown(self) -> None:
        try:
            if self.holds:
                self.world.drain()
                self._drained()
        finally:
            self.world.stop()
            self.folder.cleanup()
