"""The process that reads strangers' mail: frames of raw mail in, frames of packed `ParsedMail` out.

A frame is 8 bytes of big-endian length and that many bytes. Where the highest bit of the length is set, the frame asks
for a check of DKIM signatures instead (`core.dkim_check`). It ends when its standard input does, when its parent does,
and when it wants more memory than any mail needs. `python -P -m mailticket.reader PARENT_PID`.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import BinaryIO

from .core import dkim_check
from .core.parse import parse
from .core.wire import FRAME, MAX_FRAME, pack
from .process import die_with_parent

MAX_MEMORY = 2 << 30


def main() -> None:
    die_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the desk's; the pipe closes when it is time
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not stand between the frames
    with open(answers, "wb", buffering=0) as out:  # noqa: PTH123 - a descriptor, not a path
        serve(sys.stdin.buffer, out)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    while head := _exactly(requests, FRAME.size):
        length = FRAME.unpack(head)[0]
        checks, length = length & dkim_check.VERIFY, length & ~dkim_check.VERIFY
        if length > MAX_FRAME:
            raise ValueError("a frame over the bounds")
        data = _exactly(requests, length)
        if len(data) < length:
            return
        answer = dkim_check.answer(data) if checks else pack(parse(data))
        _write(answers, FRAME.pack(len(answer)))
        _write(answers, answer)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    """So many bytes; b"" or fewer only where the stream ends."""
    data = stream.read(count)
    return data if len(data) == count else data[:0] if count == FRAME.size else data


def _write(stream: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]


if __name__ == "__main__":
    main()
