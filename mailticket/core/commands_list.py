"""Commands in a reply to a list of quarantined mails, or to one about somebody who was taken for a machine."""

from __future__ import annotations

import re

from .command import CommandError, Order, command
from .policy import Policy

_IDS = re.compile(r"#?([0-9]{1,18})")


@command("release", scope="list", argument="NUMBERS")
def release(argument: str, _policy: Policy) -> Order:
    """These mails of the list (`3 5`, or `all`) leave quarantine, with the effect that they would have had: where it
    cannot be known whose a mail is, its agent is asked."""
    return _rows("release", argument)


@command("discard", scope="list", argument="NUMBERS")
def discard(argument: str, _policy: Policy) -> Order:
    """These mails of the list (`3 5`, or `all`) are wanted by nobody: nothing follows from them."""
    return _rows("discard", argument)


@command("person", scope="list")
def person(_argument: str, _policy: Policy) -> Order:
    """Who was taken for a machine is a person, and is answered again."""
    return Order("person")


def _rows(name: str, argument: str) -> Order:
    """No numbers at all are for the caller to judge: a question is about one mail."""
    if argument.casefold() == "all":
        return Order(name, everything=True)
    found = [_IDS.fullmatch(word) for word in argument.replace(",", " ").split()]
    if not all(found):
        raise CommandError(f"#{name} wants numbers of the list, or all")
    return Order(name, ids=tuple(dict.fromkeys(int(one[1]) for one in found if one)))
