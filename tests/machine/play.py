"""The state machine: everything that may happen to a desk, in any order, and after each step the promises."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from .guarding import Guarded
from .mails import AGENTS, CUSTOMERS, DEPARTMENTS, KINDS, SALES, STRANGER, SUPPORT, Draft
from .player import ONE, anywhere, crashes
from .server import OUTCOMES
from .world import SEND_POINTS, WORK_POINTS, Crash, MakeDb

CUSTOMER, DEPARTMENT = st.sampled_from(CUSTOMERS), st.sampled_from(DEPARTMENTS)
KIND = st.sampled_from(("person", "person", *KINDS))
PAUSES = st.sampled_from(
    [timedelta(seconds=1), timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=61), timedelta(hours=5)]
    + [timedelta(days=n) for n in (1, 6, 8, 15)]
)
OUTCOME = st.sampled_from(OUTCOMES)
OUTCOMES_AMID = st.just([]) | st.lists(OUTCOME, max_size=2)
LATER = st.sampled_from((timedelta(minutes=10), timedelta(days=1), timedelta(days=1)))
FRESH = st.sampled_from((True, True, False))
ROADS = ("reference", "address", "tag")


class Play(Guarded):
    # --- mail in ------------------------------------------------------------------------------------------------

    @initialize(far=st.integers(0, 7))
    def a_story_has_begun(self, far: int) -> None:
        """The longer ones are rare otherwise: customers have asked, one was answered, one ticket is closed; or
        somebody has written in an agent's name, who is asked, and says yes or is away; or a machine has written for
        hours."""
        if far > 0:
            for who in CUSTOMERS[:2]:
                self.a_customer_writes(who, SUPPORT, "person", named=True, dated=True, copied=False)
            self.everything_goes_well(timedelta(minutes=2))
        if far in {4, 5, 6}:
            self._post(Draft(self._number(), AGENTS[0], "#resolve\r\nTOKEN", trusted=False, by_agent=True))
            self.everything_goes_well(timedelta(minutes=2))
            self._check()  # looked at here, so that it is known what was sent
            if far > 4:
                self.an_agent_answers_a_question(0, "yes", machine=far == 6, crash=None, sent=True)
        elif far == 7:
            self.a_machine_writes_for_hours(4, 3)
        elif far > 1:
            self.an_agent_replies(0, words=True, order="#resolve" if far > 2 else "")
            self.everything_goes_well(timedelta(days=15 if far > 2 else 1))
            self.world.run_jobs()

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

    @rule(crash=st.none() | anywhere(20), later=LATER, untold=FRESH)
    def what_is_due_is_done(self, crash: Crash | None, later: timedelta, untold: bool) -> None:
        """With a list due, at least, where there is time for one: the first mail is told of at once."""
        for _ in range(2 * untold):
            self._post(Draft(self._number(), AGENTS[1], "TOKEN", trusted=False, by_agent=True))
            self.world.attempt(self.world.work)
        self.world.now += later
        self.world.attempt(self.world.run_jobs, crash)

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
        self.world.retry()

    # --- the promises -------------------------------------------------------------------------------------------

    @invariant()
    def promises_hold(self) -> None:
        self._check()


def play(make_db: MakeDb) -> type[Play]:
    return type("PlayOnce", (Play,), {"make_db": staticmethod(make_db)})
