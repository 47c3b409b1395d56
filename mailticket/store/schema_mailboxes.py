"""The tables of mailboxes that are read by IMAP. Times are as in `schema`."""

from __future__ import annotations

from peewee import SQL, AutoField, BigIntegerField, CompositeKey, IntegerField, TextField

from .table import Table


class Mailbox(Table):
    """How a mailbox that is read by IMAP is. Its states: connecting, reading (there is much to take), watching (IDLE),
    polling, down."""

    name = TextField(primary_key=True)  # of its table in the config
    state = TextField()
    since = BigIntegerField()  # of that state
    readable_at = BigIntegerField(null=True)  # when all of it was last read without trouble
    last_mail_at = BigIntegerField(null=True)  # when a mail of it was last stored
    last_uid = BigIntegerField(null=True)
    last_error = TextField(null=True)
    alarmed_at = BigIntegerField(null=True)  # since when the managers know that it cannot be read
    alarm = TextField(default="")  # why they were told
    broken_at = BigIntegerField(null=True)  # since when that was so
    probe_ref = TextField(default="")  # of the last mail that we sent to ourselves, by the outbox
    probe_sent_at = BigIntegerField(null=True)
    probe_back_at = BigIntegerField(null=True)


class MailFolder(Table):
    """How far a folder of an account has been read: UIDs below `next_uid` are known. `first_at` is the moment of the
    first connection. Of the UIDs below `old_below` what came before `horizon` stays alone."""

    id = AutoField()
    mailbox = TextField()
    username = TextField()
    folder = TextField()
    uidvalidity = BigIntegerField()
    next_uid = BigIntegerField()
    first_at = BigIntegerField()
    horizon = BigIntegerField(null=True)
    old_below = BigIntegerField()

    class Meta:
        indexes = ((("mailbox", "username", "folder"), True),)


class FolderMail(Table):
    """A mail in such a folder. Its states: left (it was there before us), taken (safe in the inbox; what is to become
    of it in the mailbox is not done yet), kept (the same, but it stays there, seen), done, gone (moved away or
    deleted), failing, given up.

    `fingerprint` and `stamp` find the same mail again when the folder's UIDVALIDITY has changed.
    """

    folder = IntegerField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()
    fingerprint = TextField()
    stamp = TextField(default="")
    state = TextField()
    tries = IntegerField(default=0)
    inbox = IntegerField(null=True)
    error = TextField(default="")
    at = BigIntegerField()
    told_at = BigIntegerField(null=True)  # when the managers heard that it was given up

    class Meta:
        primary_key = CompositeKey("folder", "uidvalidity", "uid")
        indexes = ((("folder", "fingerprint"), False),)


OPEN = SQL("state IN ('taken', 'kept', 'failing')")
FolderMail.add_index(FolderMail.folder, FolderMail.uid, name="foldermail_open", where=OPEN)
GONE = SQL("state = 'gone'")
FolderMail.add_index(FolderMail.at, name="foldermail_gone", where=GONE)
GIVEN_UP = SQL("state = 'given up' AND told_at IS NULL")
FolderMail.add_index(FolderMail.folder, FolderMail.uid, name="foldermail_untold", where=GIVEN_UP)
