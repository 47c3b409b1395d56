"""The table of who is away. Times are as in `schema`."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, BooleanField, IntegerField, TextField

from .table import Table


class Absence(Table):
    """What was said of an agent: away until a moment, or back. A row is never changed, and an agent's newest one holds.

    Of rows that followed each other without a day here `since` is the first one's time."""

    id = AutoField()
    agent = TextField(index=True)  # the key of an address
    until = BigIntegerField(null=True)  # null for back
    since = BigIntegerField()
    at = BigIntegerField()
    by = TextField()  # the key of the address of who said so
    machine = BooleanField()  # an out-of-office mail did
    inbox = IntegerField(null=True)  # the mail
