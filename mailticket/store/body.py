"""The bytes of a mail that is too large to be in memory: from a file into the database, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from .db import Db

PIECE = 1 << 20  # octets


@dataclass(frozen=True, slots=True)
class Body:
    """`size` octets in `file`, from its beginning."""

    file: IO[bytes]
    size: int

    def pieces(self) -> Iterator[bytes]:
        self.file.seek(0)
        left = self.size
        while left:
            piece = self.file.read(min(PIECE, left))
            if not piece:
                raise ValueError(f"{left} octets are missing at its end")
            left -= len(piece)
            yield piece

    def store(self, db: Db, table: Any, row: int) -> None:
        """As that row of a table whose one blob is `mail`, inside the caller's transaction."""
        name, key = table._meta.table_name, table._meta.primary_key.column_name  # noqa: SLF001  # its way to say them
        db.execute(f'INSERT INTO "{name}" ("{key}", "mail") VALUES (?, zeroblob(?))', (row, self.size))  # noqa: S608  # our own names
        with db.blob(name, "mail", row) as blob:
            for piece in self.pieces():
                blob.write(piece)
