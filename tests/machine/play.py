"""The state machine: everything that may happen to a desk, in any order, and after each step the promises."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mailticket.store import inbox, outbox

from . import promises
from .mails import AGENTS, CUSTOMERS, DEPARTMENTS, KINDS, SALES, STRANGER, SUPPORT, Draft, quote, references
from .server import OUTCOMES, Taken
from .world import SEND_POINTS, STATEMENT, WORK_POINTS, Crash, MakeDb, World

ONE = st.integers(0, 9999)  # picks one of what there is
CUSTOMER, DEPARTMENT = st.sampled_from(CUSTOMERS), st.sampled_from(DEPARTMENTS)
KIND = st.sampled_from(("person", "person", *KINDS))
PAUSES = st.sampled_from(
    [timedelta(seconds=1), timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=61), timedelta(hours=5)]
    + [timedelta(days=n) for n in (1, 6, 8, 15)]
)
OUTCOME = st.sampled_from(OUTCOMES)
OUTCOMES_AMID = st.just([]) | st.lists(OUTCOME, max_size=2)
FRESH = st.sampled_from((True, True, False))
ROADS = ("reference", "address", "tag")


def crashes(points: tuple[str, ...]) -> st.SearchStrategy[Crash]:
    """At a named point, or before any statement to the database."""
    named = st.builds(Crash, st.sampled_from(points), st.sampled_from((1, 1, 2)))
    anywhere = st.builds(Crash, st.just(STATEMENT), st.integers(1, 60))
    return named | anywhere


class Play(RuleBasedStateMachine):
    make_db: ClassVar[MakeDb]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(type(self).make_db, Path(self.folder.name))
        self.seen: promises.Seen | None = None
        self.drafts = 0
        self.holds = True

    # --- mail in ------------------------------------------------------------------------------------------------

    def _post(self, draft: Draft, *envelope_to: str) -> None:
        self.world.deliver(self.world.write(draft), envelope_to or (draft.to,))

    def _number(self) -> int:
        self.drafts += 1
        return self.drafts

    @initialize(far=st.integers(0, 3))
    def a_story_has_begun(self, far: int) -> None:
        """The longer ones are rare otherwise: customers have asked, one was answered, one ticket is closed."""
        if far > 0:
            for who in CUSTOMERS[:2]:
                self.a_customer_writes(who, SUPPORT, "person", named=True, dated=True, copied=False)
            self.everything_goes_well(timedelta(minutes=2))
        if far > 1:
            self.an_agent_replies(0, words=True, order="#resolve" if far > 2 else "")
            self.everything_goes_well(timedelta(days=15 if far > 2 else 1))
            self.world.close_resolved()

    @rule(who=CUSTOMER, to=DEPARTMENT, kind=KIND, named=st.booleans(), dated=st.booleans(), copied=st.booleans())
    def a_customer_writes(self, who: str, to: str, kind: str, named: bool, dated: bool, copied: bool) -> None:
        cc = CUSTOMERS[0] if copied and who != CUSTOMERS[0] else ""
        n = self._number()
        self._post(Draft(n, who, "Help: TOKEN", f"Printer tok{n}en", to, cc, kind, named, dated))

    @precondition(lambda self: self.world.yes)
    @rule(one=ONE)
    def the_same_comes_again(self, one: int) -> None:
        """A redelivery, or a peer that was gone before it heard our yes."""
        yes = self.world.yes[one % len(self.world.yes)]
        self.world.deliver(self.world.mails[yes.raw], yes.envelope_to, envelope_from=yes.envelope_from)

    @precondition(lambda self: self.world.yes)
    @rule(one=ONE)
    def the_same_comes_by_another_road(self, one: int) -> None:
        yes = self.world.yes[one % len(self.world.yes)]
        envelope_to = (*yes.envelope_to, f"support+{len(self.world.yes)}@acme.example")
        self.world.deliver(self.world.mails[yes.raw], envelope_to, envelope_from=yes.envelope_from)

    @precondition(lambda self: self._got(agents=False))
    @rule(one=ONE, road=st.sampled_from(ROADS), kind=KIND, named=st.booleans(), stranger=st.booleans())
    def a_customer_replies(self, one: int, road: str, kind: str, named: bool, stranger: bool) -> None:
        """To something that they got; or somebody else does who has seen it."""
        taken = self._pick(one, agents=False)
        who = STRANGER if stranger else next(a for a in taken.recipients if not self.world.is_agent(a))
        self._post(self._reply(taken, who, road, kind=kind, named=named), SUPPORT)

    @precondition(lambda self: self._got(agents=True))
    @rule(one=ONE, words=st.booleans(), order=st.sampled_from(("", "", "#resolve", "#reopen", "#resolv")))
    def an_agent_replies(self, one: int, words: bool, order: str) -> None:
        taken = self._pick(one, agents=True)
        text = f"{order}\r\n" * bool(order) + "Try this: TOKEN\r\n" * words
        self._post(self._reply(taken, taken.recipients[0], "reference", text=text, by_agent=True))

    @precondition(lambda self: self._got(agents=True))
    @rule(one=ONE, forged=st.booleans())
    def somebody_pretends_to_be_an_agent(self, one: int, forged: bool) -> None:
        """Without a reference of ours; or with an agent's, and another From."""
        taken = self._pick(one, agents=True)
        if forged:
            self._post(Draft(self._number(), AGENTS[0], "#resolve\r\nTOKEN", trusted=False, by_agent=True))
        else:
            self._post(self._reply(taken, STRANGER, "reference", trusted=False))

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

    # --- the desk -----------------------------------------------------------------------------------------------

    @rule()
    def work(self) -> None:
        self.world.attempt(self.world.work)

    @rule(crash=crashes(WORK_POINTS), fresh=FRESH)
    def work_and_crash(self, crash: Crash, fresh: bool) -> None:
        """With a fresh mail to work on, at least, where there is one: a crash with nothing to do shows little."""
        if fresh:
            self._post(Draft(self._number(), CUSTOMERS[1], "Help: TOKEN"))
        self.world.attempt(self.world.work, crash)

    @rule(outcomes=st.lists(OUTCOME, min_size=1, max_size=4), down=st.sampled_from((False, False, False, True)))
    def send(self, outcomes: list[str], down: bool) -> None:
        self.world.now += self.world.policy.send_delay
        self.world.attempt(lambda: self.world.send(outcomes, down=down))

    @rule(crash=crashes(SEND_POINTS), outcomes=OUTCOMES_AMID, fresh=FRESH)
    def send_and_crash(self, crash: Crash, outcomes: list[str], fresh: bool) -> None:
        """With two mails of a fresh ticket in work, at least, where there is one."""
        if fresh:
            self._post(Draft(self._number(), CUSTOMERS[0], "Help: TOKEN"))
            self.world.attempt(self.world.work)
        self.world.now += self.world.policy.send_delay
        self.world.attempt(lambda: self.world.send(outcomes), crash)

    @rule(crash=st.none() | st.builds(Crash, st.just(STATEMENT), st.integers(1, 12)))
    def close_resolved(self, crash: Crash | None) -> None:
        self.world.attempt(self.world.close_resolved, crash)

    @rule(alarm=st.booleans())
    def a_stalled_worker_wakes_up(self, alarm: bool) -> None:
        """What an alarm makes has no letters, whose ids would give a second effect away."""
        if alarm:
            self._post(Draft(self._number(), CUSTOMERS[0], "Alarm: TOKEN", to=SALES, kind="alarm"))
        self.world.stalled_worker_wakes_up()

    @rule(pause=PAUSES)
    def time_passes(self, pause: timedelta) -> None:
        self.world.now += pause

    @rule(pause=PAUSES)
    def everything_goes_well(self, pause: timedelta) -> None:
        """A quiet time: so that a story gets on, and there is something to answer."""
        self.world.attempt(self.world.work)
        self.world.now += max(pause, timedelta(seconds=20))
        self.world.attempt(self.world.send)

    @rule()
    def the_admin_retries(self) -> None:
        inbox.retry(self.world.db, None, self.world.now)
        outbox.retry(self.world.db, None, self.world.now)

    # --- the promises -------------------------------------------------------------------------------------------

    @invariant()
    def promises_hold(self) -> None:
        self.holds = False
        self.seen = promises.check(self.world, self.seen)
        self.holds = True

    def teardown(self) -> None:
        try:
            if self.holds:
                self.world.drain()
                promises.check_drained(self.world)
        finally:
            self.world.stop()
            self.folder.cleanup()


def play(make_db: MakeDb) -> type[Play]:
    return type("PlayOnce", (Play,), {"make_db": staticmethod(make_db)})
