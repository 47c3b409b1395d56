"""The content of one SMTP DATA command, out of the stream that carries it (RFC 5321, sections 4.1.1.4 and 4.5.2)."""

from __future__ import annotations

import io

_END = b"\r\n.\r\n"
_LINE_END = b"\r\n"


class Content:
    """Takes the stream in chunks of any size. Only CRLF.CRLF ends it: bare CR and LF are content, kept as they came.

    One dot is taken from lines that begin with two. A line with a single dot and more after it comes from a client
    that does not stuff; its dot is kept, since it was the sender's.
    """

    def __init__(self, limit: int) -> None:
        self.size = 0  # octets held, without what dot-stuffing added
        self.too_big = False
        self._limit = limit
        self._kept = io.BytesIO()  # its getvalue() does not copy
        self._carry = _LINE_END  # DATA begins at the start of a line
        self._started = False

    def feed(self, chunk: bytes) -> bytes | None:
        """None while the content goes on, else what follows its end."""
        data = self._carry + chunk
        end = data.find(_END)
        if end >= 0:
            self._keep(data[: end + 2])
            return data[end + len(_END) :]
        held = _unsure(data)
        self._carry = data[len(data) - held :]
        self._keep(data[: len(data) - held])
        return None

    def drop(self) -> None:
        """Forget what was kept; the rest of the stream is only looked through for its end."""
        self.too_big = True
        self.size = 0
        self._kept = io.BytesIO()

    def value(self) -> bytes:
        return self._kept.getvalue()

    def _keep(self, block: bytes) -> None:
        if self.too_big or not block:
            return
        block = block.replace(b"\r\n..", b"\r\n.")
        if not self._started:
            self._started = True
            block = block[2:]
        self.size += len(block)
        if self.size > self._limit:
            self.drop()
        else:
            self._kept.write(block)


def _unsure(data: bytes) -> int:
    """How many octets at the end may be the beginning of the end, or of a stuffed dot."""
    return next((n for n in (4, 3, 2, 1) if data.endswith(_END[:n])), 0)
