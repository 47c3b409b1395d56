"""The process that reads strangers' mail: frames of raw mail in, frames of packed `ParsedMail` out.

A frame is 8 bytes of big-endian length and that many bytes. Where the highest bit of the length is set, the frame asks
for a check of DKIM signatures instead (`core.dkim_check`), and an answer says why there is none. The first answer is
empty, and says that it is there. It ends when its standard input does, when its parent does, and when a mail is over
the bounds of memory or processor time. `python -P -m mailticket.reader PARENT_PID [LANGUAGE…]`: the languages that the
desk speaks, for mail that does not say how it is written.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from contextlib import suppress
from typing import BinaryIO

from .core import dkim_check, language
from .core.completed import completed
from .core.limits import MAX_CPU, MAX_MEMORY, MAX_OPEN_FILES, NO_MEMORY
from .core.parse import parse
from .core.wire import FAILED, FRAME, MAX_FRAME, pieces
from .process import confine, die_with_parent, free_large_blocks_at_once, give_seconds


def main() -> None:
    die_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the desk's; the pipe closes when it is time
    language.warm_up()  # before its memory is bounded
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not stand between the frames
    free_large_blocks_at_once()  # what one mail took is there for the next
    confine(MAX_MEMORY, MAX_OPEN_FILES)
    with open(answers, "wb", buffering=0) as out:  # noqa: PTH123 - a descriptor, not a path
        try:
            serve(sys.stdin.buffer, out, tuple(sys.argv[2:]))
        except MemoryError:  # what is left of the heap is not worth to go on with
            os._exit(NO_MEMORY)


def serve(requests: BinaryIO, answers: BinaryIO, languages: tuple[str, ...] = ()) -> None:
    _answer(answers, 0, ())
    while head := _exactly(requests, FRAME.size):
        length = FRAME.unpack(head)[0]
        checks, length = length & dkim_check.VERIFY, length & ~dkim_check.VERIFY
        if length > MAX_FRAME:
            raise ValueError("a frame over the bounds")
        give_seconds(MAX_CPU)
        data = _exactly(requests, length)
        if len(data) < length:
            return
        try:
            answer = (dkim_check.answer(data),) if checks else pieces(completed(parse(data, languages)))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug that a mail brings to light ends neither us nor the next mail
            with suppress(OSError):  # into a file we may not write
                traceback.print_exc()
            _answer(answers, FAILED, (_told(error),))
        else:
            del data
            _answer(answers, 0, answer)
            del answer  # else it is still there when the next mail comes


def _told(error: Exception) -> bytes:
    """What went wrong and where, on one line."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    words = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return f"{words} ({os.path.basename(where.filename)}:{where.lineno})".encode("utf-8", "replace")  # noqa: PTH119


def _answer(answers: BinaryIO, mark: int, parts: tuple[bytes, ...]) -> None:
    _write(answers, FRAME.pack(sum(map(len, parts)) | mark))
    for part in parts:
        _write(answers, part)


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
