"""Whoever answers the desk by itself, declared or not: the number of mails is bounded, and printed.

Whole desks, with a clock that turns for a day. What they send is brought to the other side at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

from fakes.smtpserver import ScriptedServer
from scenario_desk import Mail, StoryDesk

CONFIG = """
[desk]
name = "{name}"
tag_prefix = "{tag}"
timezone = "UTC"
secret = "the secret of {name}"
send_delay = "0s"
[delivery]
url = "smtp://127.0.0.1:25"
hostname = "desk.{domain}"
{answers}
[[department]]
name = "Support"
addresses = ["support@{domain}"]
[[agent]]
name = "Anna"
address = "anna@agents.{domain}"
{team}
"""
A_DAY = timedelta(days=1)
PER_ADDRESS = 12  # a day, where the config says nothing
# All that tells a reader that no person wrote it, or which mail it belongs to.
_TELLING = re.compile(
    rb"^(?:auto-submitted|precedence|x-auto-response-suppress|x-mailticket-loop|message-id|in-reply-to|references"
    rb"|reply-to):.*\r\n(?:[ \t].*\r\n)*",
    re.IGNORECASE | re.MULTILINE,
)


@contextmanager
def a_desk(folder: Path, name: str, answers: str = "", team: str = "") -> Iterator[StoryDesk]:
    folder.mkdir()
    config = folder / "mailticket.toml"
    config.write_text(CONFIG.format(name=name, tag=name.upper(), domain=f"{name}.example", answers=answers, team=team))
    with ScriptedServer() as server:
        desk = StoryDesk(config, folder, server)
        try:
            yield desk
        finally:
            desk.close()


def written(sender: str, to: str, subject: str, words: str, at, number: int) -> Mail:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = format_datetime(at), f"<{number}@{sender.rpartition('@')[2]}>"
    message.set_content(words)
    return Mail(message.as_bytes().replace(b"\n", b"\r\n"), sender, (to,))


def outside(mails: list[Mail]) -> list[Mail]:
    """Those that are not to an agent."""
    return [mail for mail in mails if not any("@agents." in to for to in mail.to)]


class Wire:
    """Between two desks: brings what each sends to the other, until neither says anything more."""

    def __init__(self, one: StoryDesk, other: StoryDesk, carry: Callable[[Mail], Mail] = lambda mail: mail) -> None:
        self.ways = [(one, other), (other, one)]
        self.carry = carry
        self.seen = [0, 0]
        self.carried = 0

    def run(self) -> None:
        while any(self._brought(n) for n in range(2)):
            assert self.carried < 1000, "they go on for ever"

    def _brought(self, n: int) -> int:
        sender, receiver = self.ways[n]
        fresh, self.seen[n] = outside(sender.sent[self.seen[n] :]), len(sender.sent)
        for mail in fresh:
            receiver.receive(self.carry(mail))
        self.carried += len(fresh)
        return len(fresh)


class Stripping:
    """A road that takes away whatever could tell, tag and null sender too, and makes each subject another one."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, mail: Mail) -> Mail:
        self.count += 1
        bare = _TELLING.sub(b"", mail.raw)
        bare = re.sub(rb"^Subject:.*\r\n(?:[ \t].*\r\n)*", b"Subject: no %d\r\n" % self.count, bare, flags=re.MULTILINE)
        sender = re.search(rb"^From:.*?<([^<>]+)>", bare, re.MULTILINE)[1].decode()
        return Mail(b"Message-ID: <%d@road.example>\r\n" % self.count + bare, sender, mail.to)


def test_two_desks_that_answer_each_other_stop_after_one_answer(tmp_path, capsys):
    """The acknowledgement says what it is: the other desk records it. Nothing more follows in a day."""
    with a_desk(tmp_path / "a", "acme") as acme, a_desk(tmp_path / "b", "beta") as beta:
        wire = Wire(acme, beta)
        acme.receive(written("support@beta.example", "support@acme.example", "Hello", "A forged request.", acme.now, 1))
        wire.run()
        for desk in (acme, beta):
            desk.turn_to(desk.now + A_DAY)
        wire.run()
        with capsys.disabled():
            print(f"\ntwo desks: {wire.carried} mail, {acme.count_tickets()} + {beta.count_tickets()} tickets")
        assert wire.carried == 1
        assert (acme.count_tickets(), beta.count_tickets()) == (1, 0)


def test_two_desks_on_a_road_that_strips_every_sign_stop_at_their_budgets(tmp_path, capsys):
    """Each of them sees a new request of a person, hour after hour, and answers no more than its budget says."""
    with a_desk(tmp_path / "a", "acme") as acme, a_desk(tmp_path / "b", "beta") as beta:
        wire = Wire(acme, beta, Stripping())
        for hour in range(24):
            request = written("support@beta.example", "support@acme.example", f"Hello {hour}", "?", acme.now, hour)
            acme.receive(request)
            wire.run()
            for desk in (acme, beta):
                desk.turn_to(desk.now + timedelta(hours=1))
        answers = [len(outside(desk.sent)) for desk in (acme, beta)]
        with capsys.disabled():
            print(f"\ntwo desks, all signs stripped: {answers[0]} + {answers[1]} answers in a day")
        assert wire.carried == sum(answers)
        assert all(2 < count <= PER_ADDRESS for count in answers)


class Robot:
    """Says nothing of what it is, never says the same twice, and answers every mail at once as a new request."""

    def __init__(self, desk: StoryDesk, address: Callable[[int], str]) -> None:
        self.desk = desk
        self.address = address
        self.said = 0
        self.heard = 0

    def speak(self) -> None:
        self.said += 1
        n = self.said
        words = f"Event {n}: the value {n * n} is over {n % 7} on machine {n * 31 % 1000}, please look at it soon."
        self.desk.receive(
            written(self.address(n), "support@acme.example", f"Something about {n}", words, self.desk.now, n)
        )

    def a_day(self, every: timedelta) -> None:
        """It speaks by itself, too."""
        for _ in range(int(A_DAY / every)):
            self.speak()
            while len(outside(self.desk.sent)) > self.heard:
                self.heard += 1
                self.speak()
            self.desk.turn_to(self.desk.now + every)


def held_notices(desk: StoryDesk) -> list[str]:
    rows = [row["subject"] for row in desk.outbox_rows() if row["kind"] == "notice"]
    return [subject for subject in rows if "taken for a machine" in subject]


def test_a_robot_that_declares_nothing_is_held_after_three_hours_over_its_budget(tmp_path, capsys):
    """The managers hear of it once; its mails still become tickets."""
    with a_desk(tmp_path / "a", "acme") as acme:
        robot = Robot(acme, lambda _n: "robot@machines.example")
        robot.a_day(timedelta(minutes=30))
        with capsys.disabled():
            print(f"\na robot of one address: {robot.said} mails, {robot.heard} answers in a day")
        assert 5 <= robot.heard <= PER_ADDRESS
        assert held_notices(acme) == ["robot@machines.example is taken for a machine"]
        assert acme.count_tickets() == robot.said


def test_who_is_held_for_a_machine_is_answered_again_when_a_manager_says_person(tmp_path):
    """Within the budget; and is not held at once again for what was refused before."""
    with a_desk(tmp_path / "a", "acme", '[answers]\nper_address = "2 per hour"') as acme:
        robot = Robot(acme, lambda _n: "robot@machines.example")
        while not held_notices(acme):
            robot.speak()
            acme.turn_to(acme.now + timedelta(minutes=10))
            assert robot.said < 100, "it is never held"
        notice = next(m.message for m in acme.sent if "taken for a machine" in str(m.message["subject"]))
        acme.turn_to(acme.now + timedelta(hours=1))
        answers = len(outside(acme.sent))
        robot.speak()
        assert len(outside(acme.sent)) == answers, "it is not answered while it is held"
        reply = written("anna@agents.acme.example", str(notice["reply-to"]), "Re: a machine", "#person", acme.now, 1)
        named = b"In-Reply-To: %s\r\n" % str(notice["message-id"]).encode()
        acme.receive(Mail(named + reply.raw, reply.envelope_from, (parseaddr(str(notice["reply-to"]))[1],)))
        for _ in range(6):
            robot.speak()
        assert len(outside(acme.sent)) == answers + 2
        assert len(held_notices(acme)) == 1


def test_a_robot_that_changes_words_and_address_stops_at_the_budgets_of_its_domain_and_of_all(tmp_path, capsys):
    """None of its addresses is over its own budget, so none is held: the domain's and the total stop it."""
    answers = '[answers]\nper_domain = "6 per hour"\ntotal = "40 per day"'
    with a_desk(tmp_path / "a", "acme", answers) as acme:
        robot = Robot(acme, lambda n: f"robot-{n}@machines.example")
        robot.a_day(timedelta(minutes=20))
        by_hour = Counter(row["created_at"][:13] for row in acme.outbox_rows() if row["kind"] == "acknowledgement")
        with capsys.disabled():
            most = max(by_hour.values())
            print(f"\na robot of many addresses: {robot.said} mails, {robot.heard} answers in a day, {most} in an hour")
        assert robot.heard == 40
        assert max(by_hour.values()) == 6
        assert held_notices(acme) == []
        assert acme.count_tickets() == robot.said


def test_a_person_who_writes_while_a_robot_does_is_answered(tmp_path):
    """What a robot uses up at its own domain is nobody else's."""
    with a_desk(tmp_path / "a", "acme", '[answers]\nper_domain = "6 per hour"') as acme:
        robot = Robot(acme, lambda n: f"robot-{n}@machines.example")
        for _ in range(10):
            robot.speak()
        acme.receive(written("maria@customer.example", "support@acme.example", "Hello", "It burns.", acme.now, 1))
        reached = Counter(mail.to[0].rpartition("@")[2] for mail in outside(acme.sent))
        assert reached == {"machines.example": 6, "customer.example": 1}
