"""The errors that carry what to answer: every one is one clear line for the person who can act on it."""

from __future__ import annotations


class MailticketError(Exception):
    """One line: what, where, and what to do. `code` is the command's exit status."""

    code = 1


class UsageError(MailticketError):
    """Wrong usage or config."""

    code = 2


class TemporaryError(MailticketError):
    """Nothing is wrong with what was asked; it may go through later (sysexits EX_TEMPFAIL)."""

    code = 75


class ClaimLostError(MailticketError):
    """The row is no longer ours: another owner has taken it, so this work must leave no trace."""


class SlowError(MailticketError):
    """It takes longer than anybody should wait for it: it is done aside."""
