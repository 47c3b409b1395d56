"""The table of notices that are kept for one mail. Times are as in `schema`."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, IntegerField, TextField

from .table import Table


class KeptNotice(Table):
    """A notice whose agent had too many within the hour: its words, until the mail is made that has all of them."""

    id = AutoField()
    ref = TextField(unique=True)  # by which it would have been named alone
    agent = TextField(index=True)  # the key of an address
    ticket = IntegerField(null=True)
    subject = TextField()
    text = TextField()
    left_out = IntegerField()  # characters that are not kept
    at = BigIntegerField(index=True)
