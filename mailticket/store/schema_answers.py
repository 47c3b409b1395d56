"""The table of automatic answers, by which they are kept within their budgets. Times are as in `schema`."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, BooleanField, TextField

from .table import Table


class Answer(Table):
    """An automatic answer that was given to an address, or refused: what the budgets count."""

    id = AutoField()
    at = BigIntegerField()
    address = TextField()  # its key
    domain = TextField()
    words = TextField()  # a hash, "" where the mail was too short to be the same as another
    given = BooleanField()

    class Meta:
        indexes = (
            (("address", "given", "at"), False),
            (("domain", "given", "at"), False),
            (("words", "domain", "given", "at"), False),
            (("given", "at"), False),
            (("at",), False),
        )
