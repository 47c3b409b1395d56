"""How far a long command is: a bar on standard error, where that is a terminal and there is more than one thing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_CLEAR_LINE = "\r\x1b[K"


class Progress:
    """`length` is what all steps together come to, 0 where nobody knows: then there is no bar."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._steps = 0
        self._done = 0
        self._bar: ProgressBar[int] | None = None
        self._shown = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar and kind is None:
            self._bar.update(self._length - self._done)  # From_ lines and the like were nobody's
        self._shown.close()

    def step(self, size: int) -> None:
        self._steps += 1
        self._done += size
        if self._bar:
            self._bar.update(size)
        elif self._steps > 1 and self._length and sys.stderr.isatty():
            bar = click.progressbar(length=self._length, file=sys.stderr)
            self._bar = self._shown.enter_context(bar)
            bar.update(self._done)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """For a line of output, which must not begin behind the bar. The next step draws it again."""
        if self._bar:
            click.echo(_CLEAR_LINE, nl=False, err=True)
        yield
