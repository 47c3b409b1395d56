"""A Maildir as the way out: every mail is there once, whole and on disk before anybody is told."""

from __future__ import annotations

import errno
import mailbox
import os
from pathlib import Path

import pytest
from fakes.outbox import MemoryQueue

from mailticket.deliver.maildir import Maildir
from mailticket.deliver.outage import Pauses
from mailticket.deliver.sender import Sender
from mailticket.deliver.smtp import DeliveryFault

RAW = b"Message-ID: <a@desk.example>\r\nSubject: hello\r\n\r\nwords\r\n"
TO = ["a@x.example", "b@x.example"]


@pytest.fixture
def box(tmp_path):
    return Maildir(tmp_path / "outgoing")


def files(box):
    return sorted(path.relative_to(box.path) for path in box.path.rglob("*") if path.is_file())


def test_a_mail_is_one_file_with_its_envelope_on_top(box):
    replies = box.connection().send("d@acme.example", TO, RAW)
    [file] = (box.path / "new").iterdir()
    assert [(r.address, r.verdict, r.line) for r in replies] == [
        (address, "accepted", f"250 2.0.0 written to {file}") for address in TO
    ]
    assert file.read_bytes() == (
        b"Return-Path: <d@acme.example>\nDelivered-To: a@x.example\nDelivered-To: b@x.example\n"
        + RAW.replace(b"\r\n", b"\n")
    )
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    [read] = mailbox.Maildir(box.path, create=False)
    assert (read["Subject"], read.get_payload()) == ("hello", "words\n")


def test_the_null_sender_is_written_as_empty_brackets(box):
    box.connection().send("", TO, RAW)
    [file] = (box.path / "new").iterdir()
    assert file.read_bytes().startswith(b"Return-Path: <>\n")


def test_the_same_mail_again_is_the_same_file_wherever_a_reader_has_put_it(box):
    for place in ("new/{}", "cur/{}", "cur/{}:2,RS"):
        box.connection().send("d@acme.example", TO, RAW)
        [file] = [path for path in box.path.rglob("*") if path.is_file()]
        moved = box.path / place.format(file.name.partition(":")[0])
        file.rename(moved)
        assert {reply.verdict for reply in box.connection().send("d@acme.example", TO, RAW)} == {"accepted"}
        assert files(box) == [moved.relative_to(box.path)]


def test_a_connection_sees_what_a_reader_moves_while_it_is_kept(box):
    connection = box.connection()
    connection.send("", TO, RAW)
    [file] = (box.path / "new").iterdir()
    file.rename(box.path / "cur" / f"{file.name}:2,")
    connection.send("", TO, RAW)
    assert not list((box.path / "new").iterdir())


def test_other_mails_are_other_files_with_and_without_a_message_id(box):
    connection = box.connection()
    for raw in (RAW, RAW.replace(b"<a@", b"<b@"), b"Subject: x\r\n\r\nMessage-ID: <a@desk.example>", b"Subject: y\r\n"):
        connection.send("", TO, raw)
    assert len(files(box)) == 4


@pytest.mark.parametrize("moment", ["outbox:claimed", "outbox:sent"])
def test_a_crash_between_the_file_and_the_commit_makes_no_second_file(box, moment):
    class CrashError(BaseException):
        pass

    def crash(name):
        if name == moment and (moment == "outbox:claimed" or len(files(box)) == 2):
            raise CrashError

    def sender(checkpoint):
        return Sender(queue, box, wait=lambda _: None, pauses=Pauses(0.01, 0.01), checkpoint=checkpoint)

    queue = MemoryQueue()
    queue.add(1, 2, 3)
    with pytest.raises(CrashError):
        sender(crash).step()
    queue.release_all()
    sender(lambda _name: None).step()
    assert not queue.due_at
    assert len(files(box)) == 3


def test_what_a_crash_left_half_written_is_not_in_the_way(box, monkeypatch):
    def torn(_handle):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mailticket.deliver.maildir._write", lambda path, _content: path.write_bytes(b"half") and torn(0))
        with pytest.raises(KeyboardInterrupt):
            box.connection().send("", TO, RAW)
    assert not list((box.path / "new").iterdir())
    box.connection().send("", TO, RAW)
    [file] = [path for path in box.path.rglob("*") if path.is_file()]
    assert (file.parent.name, file.read_bytes()[-6:]) == ("new", b"words\n")


def test_everything_is_on_disk_before_the_reply(box, monkeypatch):
    seen = []
    real = os.fsync

    def sync(handle):
        seen.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", sync)
    box.connection().send("", TO, RAW)
    [file] = (box.path / "new").iterdir()
    assert seen[-2:] == [str(box.path / "tmp" / file.name), str(box.path / "new")]
    assert str(box.path.parent) in seen  # the folder that was made
    again = len(seen)
    box.connection().send("", TO, RAW)
    assert seen[again:] == [str(box.path / "new")]


def test_what_is_no_address_is_refused_and_writes_no_header(box):
    replies = box.connection().send("d@x.example\nBcc: e@x", ["a@x.example\nX: y", "b@x.example"], RAW)
    assert [reply.verdict for reply in replies] == ["refused", "accepted"]
    [file] = (box.path / "new").iterdir()
    assert file.read_bytes().startswith(b"Return-Path: <>\nDelivered-To: b@x.example\nMessage-ID")
    assert box.connection().send("", ["nonsense >"], RAW.replace(b"<a@", b"<z@"))[0].verdict == "refused"
    assert len(files(box)) == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [("none/outgoing", "none/outgoing: No such file"), ("file", "file: Not a directory")],
)
def test_a_folder_that_cannot_be_is_a_fault_in_clear_words(tmp_path, path, words):
    (tmp_path / "file").write_text("")
    with pytest.raises(DeliveryFault) as caught:
        Maildir(tmp_path / path).connection().send("", TO, RAW)
    assert not caught.value.begun
    assert caught.value.told.startswith(f"cannot be written: {tmp_path}/{words}")
    with pytest.raises(DeliveryFault, match="cannot be written"):
        Maildir(tmp_path / path).probe()


def test_a_full_disk_is_everybodys_trouble_and_a_mail_too_large_its_own(box, monkeypatch):
    for number, begun in ((errno.ENOSPC, False), (errno.EFBIG, True)):

        def full(_path, _content, number=number):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("mailticket.deliver.maildir._write", full)
        with pytest.raises(DeliveryFault) as caught:
            box.connection().send("", TO, RAW)
        assert caught.value.begun == begun


def test_a_probe_says_that_it_can_be_written(box):
    assert box.probe() == f"the Maildir {box.path} can be written"
    assert str(box) == f"maildir:{box.path}"
