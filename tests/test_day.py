"""A short day of a desk as people have it: neomutt in front, Postfix and Dovecot around, the desk behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from client_house import ANNA, CYRIL, MARIA, House
from daemon import ADDRESS, Daemon
from dovecot_imap import ImapDovecot
from glass_reading import hay
from postfix import Postfix

from mailticket.store import queues

# Postfix takes the desk's mail to it by LMTP, and all other mail to Dovecot's mailboxes.
DOVECOT = """\
service lmtp {{
  unix_listener {folder}/postfix {{
    mode = 0600
    user = postfix
  }}
}}
"""
DESK = """\
[lmtp]
listen = ["unix:{socket}"]
"""
AGENTS = f"""\
assign = "manual"
[[agent]]
name = "Anna Novak"
address = "{ANNA}"
receipts = "errors"
[[agent]]
name = "Cyril Dvorak"
address = "{CYRIL}"
role = "manager"
receipts = "errors"
"""


@pytest.fixture(scope="module")
def house(need, tmp_path_factory) -> Iterator[House]:
    need("root", "postfix", "dovecot", "imap", "lmtp", "tmux", "neomutt")
    folder = tmp_path_factory.mktemp("day")
    dovecot = ImapDovecot((ANNA, CYRIL, MARIA))
    dovecot.more = DOVECOT.format(folder=dovecot.folder)
    with dovecot:
        door = dovecot.folder / "desk"
        door.mkdir()
        shutil.chown(door, group="postfix")
        door.chmod(0o2750)
        mta = Postfix(door / "lmtp", dovecot.folder / "postfix", (ANNA, CYRIL, MARIA), way="lmtp")
        try:
            mta.start()
            with Daemon(folder, mta.port, desk=DESK.format(socket=door / "lmtp"), agents=AGENTS) as daemon:
                daemon.start()
                yield House(folder, dovecot, daemon, mta.port)
                assert daemon.stop() == 0
        finally:
            mta.remove()


def test_a_day_of_two_agents_and_a_customer_in_neomutt(house):
    with house.neomutt(MARIA, "Maria") as maria:
        maria.shows("NeoMutt")
        house.sends(maria, ADDRESS, "Printer on fire", "It burns since the morning.\n")
        house.got(MARIA, "[ACME-1]", "we have your request")
        house.sends(maria, ADDRESS, "Lamp is dark", "And nobody sees the smoke.\n")
        house.got(CYRIL, "Lamp is dark")
    anna_takes_the_next(house)
    cyril_answers_first(house)
    with house.neomutt(MARIA, "Maria") as maria:
        house.opens(maria, "~b plug", "Dear Maria,", "pull the plug.")
        house.replies(maria, MARIA, "It is out, thank you.\n")
        house.got(ANNA, "It is out, thank you.")
    with house.neomutt(ANNA, "Anna Novak") as anna:
        house.opens(anna, "~b 'It is out'", "Reply to this mail and your words go to")
        house.replies(anna, ANNA, "#resolve\n\nGood. I sent you a bottle of water.\n")
        house.got(MARIA, "a bottle of water")
    house.becomes(1, "resolved")
    house.becomes(2, "resolved")
    the_manager_looks_at_the_day(house)
    all_went_through_postfix(house)
    came = house.mails(MARIA, 4)
    assert len(came) == 5
    assert [str(mail["from"]) for mail in came if "Re: [ACME-" not in str(mail["subject"])] == []
    seen = " ".join(hay(mail.as_bytes()) for mail in came)
    assert not any(secret in seen for secret in (ANNA, CYRIL, "#resolve", "the mayor"))


def anna_takes_the_next(house: House) -> None:
    """By a new mail that nothing proves but her word."""
    with house.neomutt(ANNA, "Anna Novak") as anna:
        anna.shows("Lamp is dark")
        house.sends(anna, ADDRESS, "#next", "")
        house.got(ANNA, "Did you write this?")
    with house.neomutt(ANNA, "Anna Novak") as anna:
        house.opens(anna, "~s 'Did you write this'", "#next")
        house.replies(anna, ANNA, "yes\n")
        house.got(ANNA, "You have taken this ticket.")
    house.got(CYRIL, "Taken by Anna Novak", "[ACME-1]")
    with house.neomutt(ANNA, "Anna Novak") as anna:
        house.opens(
            anna, "~b 'You have taken'", "Reply to this mail and your words go to", "It burns since the morning."
        )
        house.replies(anna, ANNA, "Dear Maria,\n\npull the plug.\n")
        house.got(MARIA, "pull the plug.")
    house.becomes(1, "pending")


def cyril_answers_first(house: House) -> None:
    """And so the lamp is his."""
    with house.neomutt(CYRIL, "Cyril Dvorak") as cyril:
        house.opens(cyril, "~s Lamp", "And nobody sees the smoke.")
        house.replies(cyril, CYRIL, "#note\nShe is the mayor's daughter.\n")
        house.got(ANNA, "She is the mayor's daughter.")
        house.replies(cyril, CYRIL, "#resolve\n\nA new bulb is on its way.\n")
        house.got(MARIA, "A new bulb is on its way.")
    house.got(ANNA, "Taken by Cyril Dvorak")


def the_manager_looks_at_the_day(house: House) -> None:
    with house.neomutt(CYRIL, "Cyril Dvorak") as cyril:
        cyril.shows("Lamp is dark")
        house.sends(cyril, ADDRESS, "#list open", "")
        house.got(CYRIL, "Did you write this?")
    with house.neomutt(CYRIL, "Cyril Dvorak") as cyril:
        house.opens(cyril, "~s 'Did you write this'", "#list open")
        house.replies(cyril, CYRIL, "yes\n")
        house.got(CYRIL, "Open tickets: 0")
    with house.neomutt(CYRIL, "Cyril Dvorak") as cyril:
        house.opens(cyril, "~s 'Open tickets'", "Answer with #show 12, #list overdue", "There is none.")


def all_went_through_postfix(house: House) -> None:
    with house.database() as db:
        assert {(row["via"], row["state"]) for row in queues.inbox(db)} == {("lmtp", "done")}
        assert {row["state"] for row in queues.outbox(db)} == {"sent"}
    for who in (ANNA, CYRIL, MARIA):
        assert all("by mx.acme.example (Postfix)" in "".join(mail.get_all("received")) for mail in house.mails(who, 1))
