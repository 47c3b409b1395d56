"""The key of an address: what is compared and looked up wherever it is asked whose an address is."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def address_key(address: str) -> str:
    """What two spellings of one address have in common: they differ in the case of ASCII letters alone.

    str.lower and str.casefold make ASCII letters of others (KELVIN SIGN, sharp s), and so one person of two.
    """
    return address.translate(_LOWER)
