"""The tables. Times are microseconds since 1970 in UTC; lists and objects are JSON text."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    IntegerField,
    TextField,
)
from playhouse.sqlite_ext import AutoIncrementField

from .schema_absence import Absence
from .schema_acts import Act
from .schema_answers import Answer
from .schema_mailboxes import FolderMail, Mailbox, MailFolder
from .schema_morning import Told
from .schema_notices import KeptNotice
from .schema_search import Searched, Unsearched
from .table import Table

VERSION = 4


class Meta(Table):
    """What is one value for the whole desk: the schema's version, the last ticket number."""

    key = TextField(primary_key=True)
    value = TextField()


class Person(Table):
    """Anybody who ever wrote or was written to. The counts serve assignment and are kept by `apply` alone."""

    id = AutoField()
    key = TextField(unique=True)  # the address, case folded
    address = TextField()
    name = TextField(default="")
    language = TextField(default="")
    open_tickets = IntegerField(default=0)
    last_assigned_at = BigIntegerField(null=True)
    proved = BooleanField(default=False)
    bounced = TextField(default="")
    held = BooleanField(default=False)
    full_at = BigIntegerField(null=True)
    soft = IntegerField(default=0)
    soft_days = IntegerField(default=0)
    soft_since = BigIntegerField(null=True)
    soft_at = BigIntegerField(null=True)
    unsure_at = BigIntegerField(null=True)


class Inbox(Table):
    """Every mail that we said yes to. The bytes are in `InboxRaw`, so that a change of state rewrites no mail."""

    id = AutoField()
    key = TextField(index=True)  # of the door: hash of envelope and bytes
    soft_key = TextField(null=True, unique=True)  # of the worker: Message-ID, From and body
    received_at = BigIntegerField()
    via = TextField()
    peer = TextField()
    envelope_from = TextField()
    envelope_to = TextField()
    size = IntegerField()
    hits = IntegerField(default=0)  # how often the same came again
    state = TextField()
    owner = TextField(default="")
    tries = IntegerField(default=0)
    alone = BooleanField(default=False)  # claimed as the only one
    suspect = BooleanField(default=False)  # was in work when the desk died
    next_at = BigIntegerField()
    done_at = BigIntegerField(null=True)
    auth = TextField(default="")
    quiet = BooleanField(default=False)
    released = BooleanField(default=False)
    round = IntegerField(default=0)  # how often a person has put it back: each time is a piece of work of its own
    concerns = TextField(default="")  # the agent's address that a quarantined mail is about
    note = TextField(default="")  # what its agent is told of it
    whose = TextField(default="")  # of one that passes on nobody's mail: see RawMail
    asked_at = BigIntegerField(null=True)  # when that agent was told
    told_at = BigIntegerField(null=True)  # when the managers were told
    message_id = TextField(null=True)
    subject = TextField(null=True)
    kind = TextField(null=True)
    reason = TextField(default="")
    ticket = IntegerField(null=True)

    class Meta:
        indexes = ((("state", "next_at", "id"), False),)


# The word is in the query itself: SQLite looks for it there before it takes an index of some rows alone.
QUARANTINED: Any = Inbox.state == SQL("'quarantined'")
Inbox.add_index(Inbox.state, Inbox.told_at, name="inbox_untold", where=QUARANTINED)
Inbox.add_index(Inbox.state, Inbox.asked_at, Inbox.concerns, name="inbox_unasked", where=QUARANTINED)


class InboxRaw(Table):
    inbox = IntegerField(primary_key=True)
    mail = BlobField()


class Outbox(Table):
    """Mails composed to their last byte. `recipients` is [{address, state, last_reply}]."""

    id = AutoField()
    ref = TextField(unique=True)
    message_id = TextField()
    kind = TextField()
    audience = TextField()
    ticket = IntegerField(null=True, index=True)
    envelope_from = TextField()
    recipients = TextField()
    subject = TextField()
    created_at = BigIntegerField()
    due_at = BigIntegerField()
    next_at = BigIntegerField()
    sent_at = BigIntegerField(null=True)
    state = TextField()
    owner = TextField(default="")
    tries = IntegerField(default=0)
    fault = BooleanField(default=False)  # waits because the mail server did not answer
    last_reply = TextField(null=True)
    spent = BooleanField(default=False)  # somebody outside has seen its reference, which proves nothing since
    template = TextField(default="")
    about = TextField(default="[]")  # inbox rows that it names
    person = TextField(default="")  # an address that it is about; of an answer, the agent's who wrote it
    counted = TextField(default="")  # what it is counted among: see core/notices.py

    class Meta:
        indexes = ((("state", "next_at", "id"), False),)


COUNTED: Any = Outbox.counted != SQL("''")
Outbox.add_index(Outbox.counted, Outbox.created_at, name="outbox_counted", where=COUNTED)


class OutboxRaw(Table):
    outbox = IntegerField(primary_key=True)
    mail = BlobField()


class Ticket(Table):
    """`id` is the number in the tag: never changed, never used again."""

    id = IntegerField(primary_key=True)
    subject = TextField()
    status = TextField(index=True)
    priority = TextField()
    department = TextField()
    agent = IntegerField(null=True)  # a person
    customer = IntegerField(index=True)  # a person
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    first_response_due = BigIntegerField(null=True)
    resolution_due = BigIntegerField(null=True)
    estimate_answer_by = BigIntegerField()
    estimate_basis = TextField()
    first_response_at = BigIntegerField(null=True)
    resolved_at = BigIntegerField(null=True)
    labels = TextField(default="[]")
    wakes_at = BigIntegerField(null=True)  # of one that is postponed
    merged_into = IntegerField(null=True)  # the ticket that it is part of now


Ticket.add_index(Ticket.merged_into, name="ticket_merged", where=Ticket.merged_into.is_null(False))


class Participant(Table):
    """Who may see a ticket, in the order they came."""

    ticket = IntegerField()
    person = IntegerField()
    place = IntegerField()

    class Meta:
        primary_key = CompositeKey("ticket", "person")


class Watcher(Table):
    """The agents who hear of a ticket that need not be theirs, in the order they came."""

    ticket = IntegerField()
    person = IntegerField()
    place = IntegerField()

    class Meta:
        primary_key = CompositeKey("ticket", "person")


class Link(Table):
    """`ticket` was opened because of `other`, a follow-up or a mention, or became part of it, or was part of it."""

    ticket = IntegerField()
    other = IntegerField(index=True)

    class Meta:
        primary_key = CompositeKey("ticket", "other")


class Message(Table):
    """One mail in a ticket, where they stand by time, then by id: a merge brings older ones. The decoded files stay in
    the raw mail; here are their names, sizes and hashes.

    The HTML of what we sent is in the outbox alone. #undo deletes messages, and acts name those that a merge has moved:
    no id is ever given twice.
    """

    id = AutoIncrementField()
    ticket = IntegerField()
    message_id = TextField(index=True)
    direction = TextField()
    inbox = IntegerField(null=True, index=True)
    outbox = IntegerField(null=True, index=True)
    from_address = TextField(null=True)
    from_name = TextField(default="")
    to = TextField()
    subject = TextField()
    text = TextField()
    full_text = TextField(null=True)  # null where it is the same as `text`
    html = TextField()
    attachments = TextField()
    at = BigIntegerField()
    automatic = BooleanField()

    class Meta:
        indexes = ((("ticket", "at"), False),)


NEWEST_FIRST: tuple[Any, ...] = (Message.at.desc(), Message.id.desc())


class Event(Table):
    """The audit trail: only ever added to. `actor` is "desk", "admin" or "person:ID"."""

    id = AutoField()
    ticket = IntegerField(null=True, index=True)
    at = BigIntegerField()
    actor = TextField()
    kind = TextField()
    inbox = IntegerField(null=True)
    detail = TextField()


class Due(Table):
    """When each job is to run next."""

    job = TextField(primary_key=True)
    at = BigIntegerField()


TABLES: tuple[Any, ...] = (
    Meta,
    Person,
    Inbox,
    InboxRaw,
    Outbox,
    OutboxRaw,
    KeptNotice,
    Ticket,
    Participant,
    Watcher,
    Link,
    Message,
    Event,
    Act,
    Absence,
    Answer,
    Mailbox,
    MailFolder,
    FolderMail,
    Due,
    Told,
    Searched,
    Unsearched,
)
