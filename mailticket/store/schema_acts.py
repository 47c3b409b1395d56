"""The table of what agents' mails have done, kept so that it can be undone. Times are as in `schema`."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, IntegerField, TextField

from .table import Table


class Act(Table):
    """One mail's. `detail` is {tickets: [{id, before, after, joined, left, watch, unwatched}], messages, outbox, told}:
    `before` and `after` are columns as the ticket's row holds them, `joined` and `left` are [person, place], `told` are
    keys of the addresses of agents who heard of it, the others are ids."""

    id = AutoField()
    inbox = IntegerField(index=True)
    ticket = IntegerField()
    agent = TextField()  # the key of an address
    at = BigIntegerField(index=True)
    undone_at = BigIntegerField(null=True)
    detail = TextField()

    class Meta:
        indexes = ((("ticket", "agent", "id"), False),)
