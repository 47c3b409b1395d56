"""Mails of any size, whatever size the server says, on a disk that may be full."""

from __future__ import annotations

import hashlib
import subprocess
import time
from email import message_from_bytes

import pytest
from daemon import until
from dovecot_imap import ImapDovecot
from fakes.imapdialogue import OK, ORDINARY
from mailboxes import DELETED, KEPT, MOVED, SEEN, Hurry, Reading, letter, told
from pace import slowed

MB = 10**6
LINE_OF_76 = "0123456789" * 7 + "012345\n"
POLICIES = {"move": MOVED, "seen": SEEN, "delete": DELETED, "keep": KEPT}


@pytest.fixture(scope="module")
def dovecot(need):
    need("root", "dovecot", "imap")
    with ImapDovecot() as dovecot:
        yield dovecot


def of_size(name: str, octets: int) -> bytes:
    raw = letter(name)
    line = LINE_OF_76.replace("\n", "\r\n").encode()
    return (raw + line * (octets // len(line) + 1))[:octets]


def bodies(reading) -> list[bytes]:
    return [row[0] for row in reading.db.execute("SELECT mail FROM inbox_raw ORDER BY inbox")]


def test_a_mail_of_50_mb_is_in_the_inbox_octet_for_octet(dovecot, tmp_path):
    raws = [of_size("large", 50 * MB), letter("small"), of_size("to the octet", 2 << 20)]
    dovecot.fill(raws)
    reading = Reading(tmp_path, dovecot.port)
    reading.start(max_message_size=60 * MB)
    reading.has(3, 40)
    reading.stop()
    digests = [hashlib.sha256(raw).hexdigest() for raw in raws]
    assert [hashlib.sha256(raw).hexdigest() for raw in bodies(reading)] == digests
    assert [row["size"] for row in reading.rows()] == [len(raw) for raw in raws]
    assert dovecot.count() == 0
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("mailticket.db")] == []


@pytest.mark.parametrize("how", POLICIES)
def test_one_that_is_too_large_is_filed_by_its_head_with_a_word_where_it_is(server, tmp_path, caplog, how):
    raw = letter("huge", more="Content-Type: multipart/mixed; boundary=x\nMIME-Version: 1.0\n", body="x" * 3 * MB)
    server.arrive(raw)
    server.arrive(letter("small"))
    reading = Reading(tmp_path, server.port)
    reading.start(after=POLICIES[how], max_message_size=2 * MB)
    reading.has(2)
    reading.is_in("watching")
    reading.stop()
    row = next(row for row in reading.rows() if row["envelope_from"] == "huge@customer.example")
    where = "Archive" if how == "move" else "INBOX"
    assert row["note"] == (
        "This mail is too large (3 MB; the desk takes 2 MB): only its head is here. "
        f"All of it is in the folder {where} of support."
    )
    head = message_from_bytes(bodies(reading)[row["id"] - 1])
    assert head["Subject"] == "It does not work (huge)"
    assert (head["From"], head["To"]) == ("Customer huge <huge@customer.example>", "support@acme.example")
    assert head["Content-Type"] is None
    assert reading.tickets() == 2
    assert reading.acknowledged() == 2
    flags = {"move": [], "seen": [{"\\Seen"}] * 2, "delete": [{"\\Seen"}], "keep": [set()] * 2}[how]
    assert [kept.flags for kept in server.inbox.messages.values()] == flags
    assert sum(len(kept.raw) for folder in server.folders.values() for kept in folder.messages.values()) >= len(raw)
    assert "UID 1 is too large (3000" in caplog.text


def test_one_that_is_too_large_is_left_as_it_is_when_delete_became_keep(server, tmp_path):
    """It is to be flagged, and the folder is opened for reading only."""
    server.arrive(of_size("huge", 3 * MB))
    server.say("UID STORE", b"{tag} NO not now\r\n", always=True)
    reading = Reading(tmp_path, server.port)
    reading.start(after=DELETED, max_message_size=2 * MB)
    until(lambda: (1, "kept") in reading.mails(), 5, pause=0.01)
    reading.stop()
    reading.start(after=KEPT)
    reading.has(1)
    reading.is_in("watching")
    reading.stop()
    assert reading.status()["last_error"] is None


LIES = {
    "smaller": (700, 5_000_000),
    "larger": (5_000_000, 700),
    "much larger": (5_000_000, 1_500_000),
    "none": (0, 9000),
}


@pytest.mark.parametrize("how", LIES)
def test_a_server_that_says_a_wrong_size_hands_over_the_whole_mail_all_the_same(server, tmp_path, how):
    said, real = LIES[how]
    raw = of_size("lie", real)
    server.arrive(letter("before"))
    lying(server, server.arrive(raw), said)
    server.arrive(letter("after"))
    with Reading(tmp_path, server.port, limits=Hurry.limits, clock=Hurry()) as reading:
        reading.has(3)
        assert sorted(bodies(reading)) == sorted([letter("before"), raw, letter("after")])
        assert server.inbox.messages == {}


@pytest.mark.parametrize("said", [0, 700, 1_900_000])
def test_one_that_is_too_large_and_said_to_be_small_is_filed_by_its_head(server, tmp_path, said):
    lying(server, server.arrive(of_size("lie", 5 * MB)), said)
    server.arrive(letter("after"))
    reading = Reading(tmp_path, server.port, limits=Hurry.limits, clock=Hurry())
    reading.start(max_message_size=2 * MB)
    reading.has(2)
    reading.stop()
    assert sum(len(raw) for raw in bodies(reading)) < 3000
    assert [row["note"][:24] for row in reading.rows() if row["note"]] == ["This mail is too large ("]


def lying(server, uid: int, size: int) -> None:
    folder = server.inbox
    honest = folder.fetched

    def fetched(wanted: int, items: str) -> bytes:
        answer = honest(wanted, items)
        true = b"RFC822.SIZE %d" % len(folder.messages[wanted].raw)
        return answer.replace(true, b"RFC822.SIZE %d" % size, 1) if wanted == uid else answer

    folder.fetched = fetched


def test_a_server_that_hands_out_less_at_once_than_it_was_asked_for_is_asked_on(server, tmp_path):
    raw = of_size("slow", 700_000)
    server.arrive(raw)
    folder = server.inbox
    honest = folder.fetched

    def fetched(uid: int, items: str) -> bytes:
        return honest(uid, items.replace(".1048576>", ".100000>"))

    folder.fetched = fetched
    with Reading(tmp_path, server.port) as reading:
        reading.has(1)
        assert bodies(reading) == [raw]


def test_one_that_somebody_takes_away_in_the_middle_is_not_stored_cut_short(server, tmp_path, caplog):
    server.arrive(of_size("large", 3 * MB))
    server.say(r"UID FETCH 1 .*<1048576\.", OK, always=True)
    server.say(r"UID SEARCH UID 1$", b"* SEARCH\r\n" + OK)
    reading = Reading(tmp_path, server.port)
    reading.start(max_message_size=5 * MB)
    reading.is_in("watching")
    server.arrive(letter("small"))
    reading.has(1)
    reading.stop()
    assert bodies(reading) == [letter("small")]
    assert "cannot be taken" not in caplog.text


def test_stop_ends_in_the_middle_of_a_large_mail(server, tmp_path):
    server.arrive(of_size("large", 20 * MB))
    server.say(r"UID FETCH .*BODY.PEEK\[\]", 0.1, ORDINARY, always=True)
    reading = Reading(tmp_path, server.port)
    reading.start(max_message_size=50 * MB)
    until(lambda: any("BODY.PEEK[]<2097152." in command for command in server.commands), 10, pause=0.01)
    began = time.monotonic()
    reading.stop()
    assert time.monotonic() - began < 1 * slowed()
    assert reading.mails() == []


@pytest.fixture
def small_disk(tmp_path, need):
    """A folder on a disk of its own, of 8 MB."""
    need("root", "mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        need(f"the right to mount ({mounted.stderr.strip()})")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_on_a_full_disk_all_stays_in_the_mailbox_untouched_and_is_taken_when_there_is_room(server, small_disk, caplog):
    filler = small_disk / "filler"
    raws = [of_size("large", 3 * MB), letter("one"), letter("two")]
    with Reading(small_disk, server.port) as reading:
        reading.is_in("watching")
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 16, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue
        for raw in raws:
            server.arrive(raw)
        until(lambda: "what is in it cannot be stored" in caplog.text, 5, pause=0.01)
        asked = server.connections
        until(lambda: server.connections > asked + 3, 5, pause=0.01)
        assert len(server.inbox.messages) == 3
        assert not [kept for kept in server.inbox.messages.values() if kept.flags]
        filler.unlink()
        reading.has(3)
        reading.is_in("watching")
        assert sorted(bodies(reading)) == sorted(raws)
        assert server.inbox.messages == {}
    assert "given up" not in caplog.text
    assert "tried no more" not in caplog.text


def test_one_that_finds_no_room_on_the_disk_does_not_stop_the_small_ones(server, small_disk, caplog):
    caplog.set_level("INFO")
    uid = server.arrive(of_size("large", 9 * MB))
    reading = Reading(small_disk, server.port, limits=Hurry.limits, clock=Hurry())
    reading.start(max_message_size=20 * MB)
    for number in range(6):
        server.arrive(letter(number))
        until(lambda n=number: reading.stored() == n + 1, 10, lambda: str(reading.status()), pause=0.01)
    until(lambda: list(server.inbox.messages) == [uid], 10)
    reading.stop()
    assert any(f"UID {uid} cannot be taken (try 1 of 3): cannot be stored: {small_disk}: No space" in line
               for line in told(caplog))  # fmt: skip
