"""What is one mail in a file, an mbox, a Maildir or a folder of them; whatever it is, only one is in memory."""

from __future__ import annotations

import io
import mailbox
import os
import tracemalloc
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailticket.errors import UsageError
from mailticket.intake.mail_files import Source, _mails, mails, sources

LIMIT = 10_000
LINE = b"From a@b.example Sun Nov 22 10:00:00 2026\n"
ONE = b"Subject: one\n\nfirst\n"
TWO = b"Subject: two\n\nsecond\n"


def read(path, limit=LIMIT):
    return [found for source in sources([str(path)]) for found in mails(source, limit)]


def written(tmp_path, content, name="box.mbox"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def contents(tmp_path, content, name="box.mbox", limit=LIMIT):
    found = read(written(tmp_path, content, name), limit)
    assert not [one.trouble for one in found if one.trouble]
    return [one.raw for one in found]


def test_an_mbox_is_its_mails_in_order_each_with_its_name_and_sender(tmp_path):
    found = read(written(tmp_path, LINE + ONE + b"\n" + LINE.replace(b"a@b", b"c@d") + TWO + b"\n"))
    assert [(one.raw, one.sender, one.path.rpartition("/")[2]) for one in found] == [
        (ONE, "a@b.example", "box.mbox#1"),
        (TWO, "c@d.example", "box.mbox#2"),
    ]


@pytest.mark.parametrize("nobody", [b"-", b"MAILER-DAEMON"])
def test_a_kept_mail_whose_from_line_names_nobody_has_no_sender_from_it(tmp_path, nobody):
    """Thunderbird writes a dash there, Python's mailbox and others MAILER-DAEMON: it is not the null sender."""
    line = LINE.replace(b"a@b.example", nobody)
    assert [one.sender for one in read(written(tmp_path, line + ONE + b"\n" + line + TWO))] == [None, None]


MBOXES = [
    ("an empty line before each From_ line", LINE + ONE + b"\n" + LINE + TWO + b"\n", [ONE, TWO]),
    ("no empty line at the end", LINE + ONE + b"\n" + LINE + TWO, [ONE, TWO]),
    ("no empty line before asctime's From_ line", LINE + ONE + LINE + TWO, [ONE, TWO]),
    ("empty lines on top", b"\n\r\n" + LINE + ONE, [ONE]),
    ("CRLF", (LINE + ONE + b"\n" + LINE + TWO).replace(b"\n", b"\r\n"), [
        ONE.replace(b"\n", b"\r\n"), TWO.replace(b"\n", b"\r\n")
    ]),
    ("no line end at the very end", LINE + ONE + b"\n" + LINE + TWO[:-1], [ONE, TWO[:-1]]),
    ("an empty body", LINE + b"Subject: x\n\n\n" + LINE + TWO, [b"Subject: x\n\n", TWO]),
    (">From is unquoted by one", LINE + b"A: b\n\n>From me\n>>From you\n >From\n>Fro m\n", [
        b"A: b\n\nFrom me\n>From you\n >From\n>Fro m\n"
    ]),
    (">From with CRLF", LINE + b"A: b\r\n\r\n>From me\r\n", [b"A: b\r\n\r\nFrom me\r\n"]),
    ("a body's From without a date", LINE + b"A: b\n\nFrom now on\n\nFrom Prague at 10:00 you go\n", [
        b"A: b\n\nFrom now on\n\nFrom Prague at 10:00 you go\n"
    ]),
    ("a body's From_ line that is not at a line's start", LINE + b"A: b\n\n " + LINE + b"x" + LINE, [
        b"A: b\n\n " + LINE + b"x" + LINE
    ]),
    ("a wrong Content-Length", LINE + b"Content-Length: 9999\n" + ONE + b"\n" + LINE + TWO, [
        b"Content-Length: 9999\n" + ONE, TWO
    ]),
    ("a sender that is a dash", b"From - Mon Jan 01 12:00:00 2024\n" + ONE, [ONE]),
    ("a quoted sender", b'From "a b"@c.example Mon Jan 01 12:00:00 2024\n' + ONE, [ONE]),
    ("a date as a header has it", LINE + ONE + b"\nFrom x@y Tue, 5 Mar 2024 12:00:00 +0000\n" + TWO, [ONE, TWO]),
    ("a date as web mail has it", LINE + ONE + b"\nFrom 178@xxx Tue Mar 05 12:00:00 +0000 2024\n" + TWO, [ONE, TWO]),
    ("a date as ISO has it", LINE + ONE + b"\nFrom x@y 2024-03-05 12:00:00\n" + TWO, [ONE, TWO]),
    ("a one-digit day padded", LINE + ONE + b"From x@y Tue Mar  5 12:00:00 2024\n" + TWO, [ONE, TWO]),
    ("nothing", b"", []),
    ("empty lines only", b"\n\n\r\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "content", "expected"), MBOXES, ids=[row[0] for row in MBOXES])
def test_an_mbox_is_cut_where_its_mails_begin(tmp_path, what, content, expected):
    assert contents(tmp_path, content) == expected


SINGLE = [
    ("a mail", "x.eml", ONE, ONE),
    ("a mail without a telling name", "x", ONE, ONE),
    ("a pipe's From_ line on top", "x", LINE + b"A: b\n\n>From me\n", b"A: b\n\n>From me\n"),
    ("an .eml is one mail, whatever stands in it", "x.eml", LINE + ONE + b"\n" + LINE + TWO, ONE + b"\n" + LINE + TWO),
    ("a mail that quotes a From_ line", "x", ONE + b"\n" + LINE + TWO, ONE + b"\n" + LINE + TWO),
]


@pytest.mark.parametrize(("what", "name", "content", "expected"), SINGLE, ids=[row[0] for row in SINGLE])
def test_what_is_one_mail_stays_as_it_is_and_has_the_files_name(tmp_path, what, name, content, expected):
    [found] = read(written(tmp_path, content, name))
    assert (found.raw, found.trouble, found.path) == (expected, "", str(tmp_path / name))


def test_a_file_without_a_telling_name_and_two_from_lines_is_an_mbox(tmp_path):
    found = read(written(tmp_path, LINE + b"A: b\n\n>From me\n\n" + LINE + TWO, "Inbox"))
    assert [one.raw for one in found] == [b"A: b\n\nFrom me\n", TWO]
    assert found[1].path == f"{tmp_path}/Inbox#2"


def test_what_python_writes_is_read_back(tmp_path):
    """Its mbox module is an implementation that is not ours."""
    box = mailbox.mbox(tmp_path / "x.mbox")
    for number in range(3):
        message = Message()
        message["Subject"] = str(number)
        message.set_payload(f"From {number}\n\nFrom here on\n")
        box.add(message)
    box.close()
    expected = [b"Subject: %d\n\nFrom %d\n\nFrom here on\n" % (number, number) for number in range(3)]
    assert [one.raw for one in read(tmp_path / "x.mbox")] == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("aF>rom \n\té:", max_size=80).map(lambda text: f"A: b\n\n{text}\n".encode()), max_size=5))
def test_any_mails_in_an_mboxrd_come_out_as_they_went_in(bodies):
    content = b""
    for body in bodies:
        quoted = b"".join(
            b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in body.splitlines(keepends=True)
        )
        content += LINE + quoted + b"\n"
    found = list(_mails(io.BytesIO(content), Source("x.mbox", mbox=True), LIMIT))
    assert [one.raw for one in found] == bodies


def test_a_mail_that_is_too_large_or_empty_is_told_and_the_next_one_read(tmp_path):
    large = b"Subject: x\n\n" + b"y" * LIMIT + b"\n"
    found = read(written(tmp_path, LINE + large + b"\n" + LINE + b"\n" + LINE + b"\n\n" + LINE + TWO))
    assert [(one.raw, one.trouble) for one in found] == [
        (b"", f"is larger than max_message_size ({LIMIT} bytes)"),
        (b"", "is empty"),
        (b"", "is empty"),
        (TWO, ""),
    ]


@pytest.mark.parametrize("name", ["x.mbox", "x", "x.eml"])
def test_a_mail_of_exactly_the_largest_size_is_taken_and_one_octet_more_is_not(tmp_path, name):
    exact = b"A: b\n\n" + b"y" * (LIMIT - 7) + b"\n"
    top = LINE if name == "x.mbox" else b""
    assert contents(tmp_path, top + exact, name) == [exact]
    [found] = read(written(tmp_path, top + b"y" + exact, name))
    assert "is larger" in found.trouble


def test_a_line_longer_than_what_is_read_at_once_is_kept_whole(tmp_path):
    long = b"A: b\n\n" + b"x" * 65530 + b"From a@b.example Sun Nov 22 10:00:00 2026\n" + b"y" * 200_000 + b"\n"
    assert contents(tmp_path, LINE + long + b"\n" + LINE + TWO, limit=10**6) == [long, TWO]


def test_a_maildir_is_its_mails_in_the_order_of_their_names(tmp_path):
    for folder in ("cur", "new", "tmp", ".Sent", "archive"):
        (tmp_path / folder).mkdir()
    for name in ("new/3.x", "cur/1.x:2,S", "cur/2.x:2,FRS", "tmp/4.x", ".Sent/5.x", "dovecot-uidlist", "archive/x.eml"):
        (tmp_path / name).write_bytes(ONE)
    (tmp_path / "new/.hidden").write_bytes(ONE)
    assert [one.path for one in read(tmp_path)] == [
        f"{tmp_path}/{name}" for name in ("cur/1.x:2,S", "cur/2.x:2,FRS", "new/3.x", "archive/x.eml")
    ]
    assert (tmp_path / "new/3.x").exists()


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("cur/1.M2P3.host:2,", True),
        ("cur/1.M2P3.host:2,S", True),
        ("cur/1.M2P3.host:2,Sa", True),  # a keyword of Dovecot's
        ("cur/1.M2P3.host,S=12,W=15:2,RS", True),  # Dovecot's sizes
        ("cur/1.M2P3.TD", True),
        ("cur/1.M2P3.TD:2,S", True),
        ("cur/1.M2P3.host:1,T", True),  # experimental, and means no flags
        ("cur/1.M2P3.host:2,T", False),
        ("cur/1.M2P3.host:2,ST", False),
        ("cur/1.M2P3.host:2,DS", False),
        ("cur/1.M2P3.host,S=12:2,STab", False),
        ("cur/1.M2P3.host;2,T", False),  # as it is written where a name may have no colon
        ("cur/1.M2P3.host!2,D", False),
    ],
)
def test_what_a_maildir_flags_as_deleted_or_as_a_draft_is_no_mail_to_us(tmp_path, name, taken):
    for folder in ("cur", "new"):
        (tmp_path / folder).mkdir()
    (tmp_path / name).write_bytes(ONE)
    assert [one.path for one in read(tmp_path)] == [f"{tmp_path}/{name}"] * taken


def test_a_deleted_mail_that_is_named_itself_is_taken(tmp_path):
    (tmp_path / "1.x:2,ST").write_bytes(ONE)
    assert [one.trouble for one in read(tmp_path / "1.x:2,ST")] == [""]


def test_a_folder_is_walked_in_order_and_what_is_hidden_left_out(tmp_path):
    (tmp_path / "b/deep/er").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "box/cur").mkdir(parents=True)
    (tmp_path / "box/new").mkdir()
    for name in ("z.eml", "a.eml", "b/deep/er/m", ".git/x.eml", ".x.eml", "box/new/1"):
        (tmp_path / name).write_bytes(ONE)
    (tmp_path / "b/two.mbox").write_bytes(LINE + ONE + b"\n" + LINE + TWO)
    assert [one.path for one in read(tmp_path)] == [
        f"{tmp_path}/{name}" for name in ("a.eml", "b/deep/er/m", "b/two.mbox#1", "b/two.mbox#2", "box/new/1", "z.eml")
    ]
    assert read(str(tmp_path) + "/")[0].path == f"{tmp_path}/a.eml"


def test_what_is_no_mail_in_a_folder_is_told_and_stops_nothing(tmp_path):
    os.mkfifo(tmp_path / "a.pipe")
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing: of ours")
    (tmp_path / "c").symlink_to(tmp_path)
    (tmp_path / "d").symlink_to(tmp_path / "none")
    (tmp_path / "e.eml").write_bytes(ONE)
    (tmp_path / "f").write_bytes(b"")
    assert [(one.path.rpartition("/")[2], one.trouble) for one in read(tmp_path)] == [
        ("a.pipe", "is no file"),
        ("b.jpg", "is no mail: it does not begin with a header"),
        ("c", "is a link to a folder, which is not followed"),
        ("d", "is no file"),
        ("e.eml", ""),
        ("f", "is empty"),
    ]


def test_what_cannot_be_read_is_told_and_stops_nothing(tmp_path):
    """Root may read everything, so it is a file that goes away, as in a Maildir that somebody reads."""
    for name in ("a.eml", "b.eml"):
        (tmp_path / name).write_bytes(ONE)
    met = sources([str(tmp_path)])
    (tmp_path / "a.eml").unlink()
    found = [one for source in met for one in mails(source, LIMIT)]
    assert [one.trouble for one in found] == ["cannot be read: No such file or directory", ""]


@pytest.mark.parametrize("path", ["", "none.eml", "a\0b", "-"])
def test_a_path_that_cannot_be_is_wrong_usage_before_anything_is_read(path):
    with pytest.raises(UsageError):
        sources(["-", path])


def test_an_mbox_of_60_mb_is_read_with_little_memory(tmp_path):
    mail = LINE + b"Subject: x\n\n" + b"some words in a line of usual length, more or less\n" * 1200 + b"\n"
    path = tmp_path / "large.mbox"
    with path.open("wb") as file:
        for _ in range(1000):
            file.write(mail)
    assert path.stat().st_size > 60_000_000
    tracemalloc.start()
    count = sum(1 for source in sources([str(path)]) for one in mails(source, 35 * 10**6) if not one.trouble)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1000
    assert peak < 2_000_000
