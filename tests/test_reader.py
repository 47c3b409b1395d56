"""The reader: a child that can be killed at any time, and loses no message but the one it dies of."""

import base64
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from signing import NAME, record, signed

from mailticket.core.dkim_check import verify
from mailticket.core.parse import parse
from mailticket.core.wire import FRAME
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


def test_a_child_that_dies_of_every_mail_is_an_error_with_its_reason(reader, monkeypatch):
    started = reader._started

    def dying() -> subprocess.Popen[bytes]:
        child = started()
        os.kill(child.pid, signal.SIGKILL)
        return child

    monkeypatch.setattr(reader, "_started", dying)
    with pytest.raises(ReadError, match="the reader ended with signal 9"):
        reader.read(MAIL)


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
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mailticket.reader", str(os.getpid())],
        input=FRAME.pack(100) + b"half",
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout == b""


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
