"""The reader: a child that can be killed at any time, and loses no message but the one it dies of."""

import base64
import io
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from signing import NAME, record, signed

from mailticket import reader as child
from mailticket.core.dkim_check import verify
from mailticket.core.limits import MAX_CPU, MAX_MEMORY, MAX_OPEN_FILES
from mailticket.core.parse import parse
from mailticket.core.wire import FAILED, FRAME, unpack
from mailticket.errors import TemporaryError
from mailticket.reading import Reader, ReadError

MAIL = b"From: a@b.example\r\nSubject: Hi\r\n\r\nwords\r\n"


@pytest.fixture
def reader():
    with Reader() as one:
        yield one


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def gone_soon(pid: int) -> bool:
    end = time.monotonic() + 10
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)


def test_the_child_reads_as_the_parser_does(reader):
    assert reader.pid is None
    assert reader.read(MAIL) == parse(MAIL)
    pid = reader.pid
    assert reader.read(MAIL + b"more") == parse(MAIL + b"more")
    assert reader.pid == pid


def test_the_child_checks_signatures_between_mails(reader):
    """One child does both, in the order asked."""
    keys, at = {NAME: record()}, datetime.now(UTC)
    raw = signed()
    assert reader.verify(raw, keys, at) == verify(raw, keys, at) != ()
    pid = reader.pid
    assert reader.read(MAIL) == parse(MAIL)
    assert reader.verify(MAIL, keys, at) == ()
    assert reader.pid == pid


def test_a_check_that_hangs_is_cut_as_a_mail_is(reader):
    """Signatures are strangers' bytes, too."""
    reader.read(MAIL)
    os.kill(reader.pid, signal.SIGSTOP)
    reader.deadline = 0.2
    with pytest.raises(ReadError, match=r"the reader took over 0.2 s"):
        reader.verify(signed(), {NAME: record()}, datetime.now(UTC))
    reader.deadline = 10
    assert reader.read(MAIL).subject == "Hi"


def test_a_mail_of_forty_megabytes_comes_back_whole(reader):
    content = os.urandom(1 << 20) * 30
    head = b"From: a@b.example\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
    (file,) = reader.read(head + base64.encodebytes(content)).attachments
    assert file.content == content


def test_a_killed_child_is_replaced(reader):
    reader.read(MAIL)
    first = reader.pid
    os.kill(first, signal.SIGKILL)
    assert reader.read(MAIL).subject == "Hi"
    assert reader.pid != first


def test_a_child_that_hangs_is_cut_and_the_next_mail_is_read(reader):
    reader.read(MAIL)
    first = reader.pid
    os.kill(first, signal.SIGSTOP)
    reader.deadline = 0.2
    with pytest.raises(ReadError, match=r"the reader took over 0.2 s"):
        reader.read(MAIL)
    assert not alive(first)
    reader.deadline = 10
    assert reader.read(MAIL).subject == "Hi"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (signal.SIGKILL, "the reader was killed (SIGKILL), as the system does where memory is short"),
        (signal.SIGSEGV, "the reader crashed (SIGSEGV) in one of its libraries"),
        (signal.SIGABRT, "the reader gave up (SIGABRT), as its libraries do over 512 MB"),
        (signal.SIGXCPU, "the reader took over 20 s of the processor for it"),
        (signal.SIGBUS, "the reader ended with SIGBUS"),
    ],
)
def test_a_child_that_dies_of_every_mail_is_an_error_with_its_reason(reader, monkeypatch, number, told):
    started = reader._started

    def dying() -> subprocess.Popen[bytes]:
        child = started()
        os.kill(child.pid, number)
        return child

    monkeypatch.setattr(reader, "_started", dying)
    with pytest.raises(ReadError, match=re.escape(told)):
        reader.read(MAIL)


def small(pid):
    """Take a child's own limit down to 64 MB more than it has."""
    most = memory_of(pid) + (64 << 20)
    resource.prlimit(pid, resource.RLIMIT_AS, (most, most))


def memory_of(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


def test_a_mail_that_needs_too_much_memory_says_so_and_the_next_is_read(reader, monkeypatch):
    started = reader._started

    def starved():
        child = started()
        small(child.pid)
        return child

    monkeypatch.setattr(reader, "_started", starved)
    with pytest.raises(ReadError, match="the reader needed over 512 MB for it"):
        reader.read(MAIL + b"words " * (14 << 20))
    assert reader.read(MAIL).subject == "Hi"


def test_memory_that_earlier_mails_have_left_short_is_no_mails_fault(reader):
    """A child that has read others may be short of memory: a fresh one has the last word."""
    reader.read(MAIL)
    first = reader.pid
    small(first)
    assert reader.read(MAIL + b"words " * (14 << 20)).subject == "Hi"
    assert reader.pid != first


def test_the_child_is_held_within_bounds(reader):
    """Memory beside what it has at its start, files, what it may write, and the processor's time for one mail."""
    reader.read(MAIL)
    lines = [re.split(r"  +", line) for line in Path(f"/proc/{reader.pid}/limits").read_text().splitlines()]
    soft = {line[0]: line[1] for line in lines}
    size = memory_of(reader.pid)
    assert 0 <= int(soft["Max address space"]) - MAX_MEMORY <= size
    assert int(soft["Max cpu time"]) <= MAX_CPU + 10
    assert (soft["Max open files"], soft["Max file size"]) == (str(MAX_OPEN_FILES), "0")
    assert (soft["Max processes"], soft["Max core file size"]) == ("0", "0")


def test_what_one_mail_took_is_there_for_the_next(reader):
    """The limit of memory is one for each mail, not for all of them."""
    large = MAIL + b"w\xc3\xb6rds\r\n" * 2_500_000
    reader.read(MAIL)
    before = memory_of(reader.pid)
    for _ in range(3):
        reader.read(large)
    assert reader.read(MAIL).subject == "Hi"
    assert memory_of(reader.pid) - before < 30 << 20


def test_a_bug_that_a_mail_brings_to_light_is_told_and_the_child_goes_on():
    """`serve` is run here, with a parser that fails."""
    answers = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "parse", lambda raw, *_more: parse(raw) if raw == MAIL else {}[raw])
        patch.setattr(child, "give_seconds", lambda _seconds: None)
        child.serve(io.BytesIO(b"".join(FRAME.pack(len(m)) + m for m in (b"bad", MAIL))), answers)
    empty, failed, good = frames(answers.getvalue())
    assert empty == (0, b"")
    assert failed[0] == FAILED
    assert re.fullmatch(rb"KeyError: b'bad' \(test_reader\.py:\d+\)", failed[1])
    assert unpack(good[1]) == parse(MAIL)


def frames(data):
    found = []
    while data:
        (length,) = FRAME.unpack_from(data)
        size = length & ~FAILED
        found.append((length & FAILED, data[FRAME.size : FRAME.size + size]))
        data = data[FRAME.size + size :]
    return found


def test_who_waits_for_a_mail_can_be_told_to_give_up(reader):
    """The desk ends without waiting for a slow mail, and that is no failure of the mail's."""
    reader.read(MAIL)
    os.kill(reader.pid, signal.SIGSTOP)
    giving_up = threading.Timer(0.2, reader.give_up)
    giving_up.start()
    with pytest.raises(TemporaryError, match="told to end"):
        reader.read(MAIL)
    with pytest.raises(TemporaryError, match="told to end"):
        reader.read(MAIL)
    giving_up.join()


def test_a_child_that_ends_before_any_mail_is_trouble_that_passes(reader, monkeypatch, tmp_path):
    """Its modules are just being replaced: no mail is to blame."""
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(TemporaryError, match="the reader cannot be started: the reader ended with status 3"):
        reader.read(MAIL)
    monkeypatch.undo()
    assert reader.read(MAIL).subject == "Hi"


def test_a_child_that_cannot_be_started_is_trouble_that_passes(reader, monkeypatch):
    """No interpreter, no memory, no descriptors: the mail is not to blame."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(TemporaryError, match=r"the reader cannot be started: .*No such file") as told:
        reader.read(MAIL)
    assert "\n" not in str(told.value)
    monkeypatch.undo()
    assert reader.read(MAIL).subject == "Hi"


def test_closing_leaves_no_child_and_can_be_done_twice():
    reader = Reader()
    reader.read(MAIL)
    pid = reader.pid
    reader.close()
    reader.close()
    assert gone_soon(pid)
    assert reader.pid is None


def test_the_child_ends_when_its_parent_is_killed():
    code = (
        "import time; from mailticket.reading import Reader; r = Reader();"
        f"r.read({MAIL!r}); print(r.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    assert gone_soon(pid)


def test_the_child_ends_at_once_when_its_parent_has_already_gone():
    done = subprocess.run([sys.executable, "-P", "-m", "mailticket.reader", "1"], stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 1


def test_the_child_ends_with_its_input_and_answers_nothing_to_half_a_frame():
    """The empty answer says that it is there."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mailticket.reader", str(os.getpid())],
        input=FRAME.pack(100) + b"half",
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout == FRAME.pack(0)


def test_the_child_gets_no_secret_and_no_file_of_its_parent(reader, monkeypatch, tmp_path):
    monkeypatch.setenv("MAILTICKET_TEST_SECRET", "s3cret")
    with (tmp_path / "database").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        reader.read(MAIL)
        proc = Path(f"/proc/{reader.pid}")
        assert b"s3cret" not in (proc / "environ").read_bytes()
        assert str(tmp_path / "database") not in [str(fd.readlink()) for fd in (proc / "fd").iterdir()]
        assert (proc / "cwd").readlink() == Path("/")


def test_the_child_imports_no_database_no_server_and_no_config():
    code = "import sys, mailticket.reader; print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"peewee", "aiosmtpd", "pydantic", "asyncio", "click", "jinja2", "dkim", "dns"} & set(loaded)
    assert "mailparser" in loaded
