"""What all tables have in common."""

from __future__ import annotations

from peewee import Model


class Table(Model):
    """Bound to no database: `Db` runs the queries, so that a process may have several."""

    class Meta:
        legacy_table_names = False
