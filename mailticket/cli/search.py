"""The command that finds tickets by what was said in them."""

from __future__ import annotations

import re

import click

from ..errors import UsageError
from . import frame, show
from .look import TICKET, ticket_cells

_WITHOUT = re.compile(r"-[^-].")  # a word with a minus; the only short option of one letter and no more is -c
_STALE = "{:,} messages or tickets are not indexed yet, and were not looked at; a desk that runs does that by itself"


class _Words(click.Command):
    """Its arguments are words: -colour is one that must not be there, and no options c, o, l, …"""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        before, dashes, after = args, [], []
        if "--" in args:
            at = args.index("--")
            before, dashes, after = args[:at], ["--"], args[at + 1 :]
        words = [one for one in before if _WITHOUT.match(one)]
        options = [one for one in before if one not in words]
        return super().parse_args(context, [*options, *(dashes or ["--"]), *words, *after])


@click.command("search", cls=_Words)
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 2**31), help="At most so many, the best first.")
@click.option("--sort", type=click.Choice(["best", "newest"]), default="best", help="Newest: by their numbers.")
@frame.json_option
@frame.config_option
def search(words: tuple[str, ...], limit: int | None, sort: str, as_json: bool) -> None:
    """Find tickets by what was said in them, the best first.

    All WORDS must be in the ticket: in its subject, its messages, the names and addresses of who takes part, its labels
    or the names of its files. Case and accents do not count. "two words" are a phrase, wor* is how a word begins, -word
    must not be there, 12 or ACME-12 is that ticket, too.

    Of one kind: from:, to:, subject:, file:, label:, status:, department:, agent: (none for nobody's), before: and
    after: (2026-11-26, 2026-11, monday, yesterday, 7d). Each may have a - before it, but not a day.

    Of a message the first 100,000 characters are looked at. Quote for your shell: '"paper jam" from:maria'.
    """
    from .. import service  # noqa: PLC0415  # --help must be quick
    from ..core.search import SearchError, read  # noqa: PLC0415
    from ..store import face, index  # noqa: PLC0415
    from ..store.search import find, said  # noqa: PLC0415

    with frame.store() as (known, db):
        try:
            query = read(" ".join(words), known.policy, service.clock())
        except SearchError as error:
            nearest = f"; did you mean: {error.nearest}" if error.nearest else ""
            raise UsageError(f"{error.reason}{nearest}") from None
        index.catch_up(db, index.SOON)
        found = find(db, query, limit=limit, newest=sort == "newest")
        rows = face.these(db, [one.ticket for one in found], prefix=known.policy.tag_prefix)
        if as_json:
            for row in rows:
                show.json_line(row)
        else:
            shown = (ticket_cells(row, known.policy.zone) for row in rows)
            show.table(TICKET, shown, (said(db, one, query) for one in found))
        if left := index.waiting(db):
            frame.complain(_STALE.format(left))
