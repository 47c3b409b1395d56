"""The files of a ticket that go along with the mail that shows it: which, how many, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from letters import ANNA, MARIA
from searching import message
from test_lists import BOSS, CYRIL, FIRST, SECOND, WIDE, opened
from worlds import NOW, PETR, SUPPORT, context, parsed, ticket

from mailticket.core import shown_files
from mailticket.core.asked import KeptFile, Page, Pages
from mailticket.core.decide import decide
from mailticket.core.plan import Plan
from mailticket.core.shown_files import LEFT, MAILS, chosen
from mailticket.core.types import Address, Attachment, RawMail
from mailticket.errors import MailticketError, SlowError, TemporaryError
from mailticket.store import inbox
from mailticket.store.ahead import ahead
from mailticket.store.apply import apply
from mailticket.store.context import question
from mailticket.store.db import Db, open_or_create

MB = 10**6
HERS = ticket(1, MARIA)


def kept(name, size=1000, *, row=1, queue="inbox", inside=False, sha=""):
    return KeptFile(name, size, sha or name, queue, row, inside)


def names(files, agent=FIRST, about=HERS, most=20 * MB):
    found = chosen(Page(about, (), files=files), agent, replace(WIDE, max_size=most))
    return [one.filename for one in found.along], [one.filename for one in found.left]


@pytest.mark.parametrize(
    ("files", "along", "left"),
    [
        ((kept("a"), kept("b")), ["a", "b"], []),
        ((kept("a", 6 * MB), kept("b", 6 * MB), kept("c", 3 * MB)), ["a", "c"], ["b"]),
        ((kept("a", 60 * MB), kept("b")), ["b"], ["a"]),
        ((kept("a", sha="x"), kept("b", sha="x", row=2)), ["a"], []),
        ((kept("a", queue=""), kept("b")), ["b"], ["a"]),
        ((), [], []),
    ],
)
def test_the_newest_go_along_as_far_as_one_mail_has_room_and_each_once(files, along, left):
    assert names(files, most=14 * MB) == (along, left)


def test_of_many_mails_the_newest_alone_are_read_again():
    files = tuple(kept(f"f{row}", row=row) for row in range(MAILS + 5))
    along, left = names(files)
    assert (len(along), left) == (MAILS, [f"f{row}" for row in range(MAILS, MAILS + 5)])


@pytest.mark.parametrize(
    ("agent", "about", "along"),
    [
        (FIRST, HERS, ["note", "mail"]),
        (BOSS, ticket(1, MARIA), ["note", "mail"]),
        (SECOND, replace(HERS, participants=(MARIA, Address(SECOND.address))), ["mail"]),
        (FIRST, ticket(1, ANNA), ["mail"]),
    ],
)
def test_a_note_s_files_are_not_for_who_may_not_read_notes(agent, about, along):
    assert names((kept("note", inside=True), kept("mail")), agent, about) == (along, [])
    twice = (kept("a", inside=True, sha="x"), kept("b", sha="x"))
    assert names(twice, agent, about)[0] == (["a"] if len(along) == 2 else ["b"])


def follows(who, files, read, text="#show 1 attachments"):
    known = {one.sha256: one for one in read}
    theirs = Pages(tickets={1: Page(HERS, (), files=files)})
    mail = parsed(Address(who.address, who.name), text)
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address)
    (letter,) = decide(mail, raw, context(HERS, ticket(2, PETR), pages=theirs, files=known), WIDE, NOW).letters
    return letter


def test_files_have_the_names_that_they_have_in_the_ticket_and_what_cannot_be_read_is_told():
    read = (Attachment("other.bin", "image/png", b"x" * 1000, "a", content_id="c", inline=True),)
    letter = follows(FIRST, (kept("über uns.png", sha="a"), kept("b"), kept("c", queue="", row=0)), read)
    assert letter.attachments == (replace(read[0], filename="über uns.png", content_id="", inline=False),)
    assert letter.facts["attachments"] == [{"filename": "über uns.png", "size": 1000}]
    assert [(one["filename"], one["why"]) for one in letter.facts["left_out"]] == [
        ("b", "could not be read again"), ("c", "is not kept any more")
    ]  # fmt: skip


def test_who_may_not_see_the_ticket_gets_none_and_who_asks_for_no_files_neither():
    read = (Attachment("a", "image/png", b"x", "a"),)
    for letter in (follows(CYRIL, (kept("a"),), read), follows(FIRST, (kept("a"),), read, "#show 1")):
        assert letter.attachments == ()
        assert not letter.facts.get("left_out")


def test_so_many_that_are_left_out_are_named_and_the_others_counted():
    letter = follows(FIRST, tuple(kept(f"f{n}", queue="") for n in range(LEFT + 7)), ())
    assert (len(letter.facts["left_out"]), letter.facts["left_more"]) == (LEFT, 7)
    assert shown_files.chosen(Page(HERS, ()), FIRST, WIDE).along == ()


# --- read again ----------------------------------------------------------------------------------------------

PHOTO = Attachment("photo.jpg", "image/jpeg", b"x" * 50, "hash")


@contextmanager
def with_a_photo(folder: Path) -> Iterator[Db]:
    """A ticket with a file that came in the first mail of the inbox."""
    with open_or_create(folder / "desk.db") as one:
        inbox.accept(one, [RawMail(b"its bytes", MARIA.address, (SUPPORT,), "smtp", NOW)])
        with one.write():
            said = message(1, "It burns.", MARIA, attachments=(PHOTO,))
            apply(one, Plan(changes=(opened(1),), messages=(said,)), NOW, inbox_id=1)
        yield one


@pytest.fixture
def db(tmp_path):
    with with_a_photo(tmp_path) as one:
        yield one


def read_again(db, who, text, read, *, auth=True):
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address if auth else "")
    asked = question(2, "c", parsed(Address(who.address, who.name), text), raw, WIDE)
    return ahead(db, asked, WIDE, NOW, read).files


def test_a_mail_is_read_again_for_its_files_where_a_proved_agent_asks_for_them(db):
    raws = []

    def read(raw):
        raws.append(raw)
        return parsed(MARIA, attachments=(PHOTO, replace(PHOTO, sha256="another")))

    assert read_again(db, FIRST, "#show 1 attachments", read) == {"hash": PHOTO}
    assert raws == [b"its bytes"]


@pytest.mark.parametrize(
    ("who", "text", "auth"),
    [
        (FIRST, "#show 1", True),
        (FIRST, "#show 9 attachments", True),
        (FIRST, "#show 1 attachments", False),
        (MARIA, "#show 1 attachments", True),
    ],
)
def test_nothing_is_read_again_for_any_other_mail(db, who, text, auth):
    assert read_again(db, who, text, None, auth=auth) == {}


@pytest.mark.parametrize("error", [SlowError("over 1 s"), TemporaryError("no reader")])
def test_where_there_is_no_time_to_read_it_the_mail_that_asks_waits(db, error):
    def read(_raw):
        raise error

    with pytest.raises(type(error)):
        read_again(db, FIRST, "#show 1 attachments", read)


def test_a_mail_that_cannot_be_read_costs_its_own_files_alone(db):
    def read(_raw):
        raise MailticketError("the reader was killed")

    assert read_again(db, FIRST, "#show 1 attachments", read) == {}
