"""The table of what managers were told in the mornings. Times are as in `schema`."""

from __future__ import annotations

from peewee import BigIntegerField, IntegerField, TextField

from .table import Table


class Told(Table):
    """How far a manager has been told of what goes on."""

    manager = TextField(primary_key=True)  # the key of their address
    at = BigIntegerField(null=True)  # when they last heard of the quarantine
    event = IntegerField(null=True)  # the last one when they were last told of mails that did not arrive
