"""Real mails of other projects: what is passed on in them is found (`test_corpora_kinds` has all that is none)."""

from __future__ import annotations

import email
import os
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

import pytest
from letters import ANNA
from test_begun import customer, plan_for
from worlds import SUPPORT

from mailticket.core.completed import completed
from mailticket.core.parse import parse
from mailticket.core.shown import words_of
from mailticket.core.types import Address

# Read by a person: file, who wrote the original, when, about what, and how many files came along. What is named "Re:"
# here was only wrapped so by its collection.
INLINE = (
    ("discourse/forwarded_email_1.eml", "some@one.com", "2016-12-01T00:13:37+01:00", "Discoursing much?", 0),
    ("discourse/forwarded_email_2.eml", "some@one.com", "2016-12-01T00:13:37+01:00", "Discoursing much?", 0),
    ("discourse/forwarded_email_3.eml", "un@francais.fr", "2017-01-04T11:27:00+01:00", "Ça Discourse ?", 0),
    ("email_reply_trimmer/forwarded_apple.eml", "foo@discourse.org", "2019-01-01T12:00:00+02:00", "This email is g", 0),
    ("email_reply_trimmer/forwarded_gmail.eml", "foo@discourse.org", "2019-01-01T12:00:00+00:00", "This email is g", 0),
    ("email_reply_trimmer/forwarded_message.eml", "foo@bar.com", "2016-01-28T16:00:00+00:00", "Some subject that", 0),
    ("mikel_mail/mime_emails-raw_email2.eml", "xxxxxxxx@xxx.com", "2005-05-08T13:17:00-05:00", "Signed email ca", 1),
    ("nylas/raw_message_with_many_recipients.txt.eml", "kdsulliv@csail.mit.edu", "2014-09-22T12:20:28-04:00", "Fwd", 1),
    ("roundcube/attached-image-with-content-id-in-multipart-alternative.eml", "sender.name@gmail.com",
     "2024-12-13T20:58:00+00:00", "Stage 222 23 février 2025", 1),
    ("zammad/mail036.eml", "m.smith@example.com", "2016-02-03T12:43:00+01:00", "Fw: Zugangsdaten", 0),
)  # fmt: skip
NO_WORDS = "roundcube/attached-image-with-content-id-in-multipart-alternative.eml"  # and the forwarder's signature
# With a mark in the subject, or with words that say so.
ATTACHED = (
    "horde_mime/bug13117.txt.eml", "horde_mime/sample_msg.txt.eml", "php_mime_mail_parser/issue158b.eml",
    "php_mime_mail_parser/issue158c.eml", "php_mime_mail_parser/issue158d.eml", "mime4j/ak-0696.msg.eml",
    "roundup/MailgwTestCase-testForwardedMessageAttachment-0.eml", "thunderbird/eml-forwarded-eml-signed-by-alice.eml",
    "mimekit/simple-embedded-message.eml", "rt/emails-email-file-attachment.eml", "discourse/attached_eml_file.eml",
)  # fmt: skip
PASSED_ON = {*(row[0] for row in INLINE), *ATTACHED}


@pytest.fixture(scope="module")
def root() -> Path:
    folder = os.environ.get("MAILTICKET_CORPORA")
    if folder:
        return Path(folder)
    if os.environ.get("CI") == "true":
        pytest.fail("MAILTICKET_CORPORA is not set: CI reads the collection")
    pytest.skip("MAILTICKET_CORPORA names no collection of mails")


def read(root: Path, name: str):
    return completed(parse((root / name).read_bytes()))


@pytest.mark.parametrize(("name", "who", "date", "subject", "files"), INLINE, ids=[row[0] for row in INLINE])
def test_who_wrote_it_when_about_what_and_its_files(root, name, who, date, subject, files):
    mail = read(root, name)
    found = mail.forwarded
    assert (found.how, found.from_.key, len(found.attachments)) == ("inline", who, files)
    assert found.date == datetime.fromisoformat(date)
    assert found.subject.startswith(subject)
    assert bool(found.text.strip()) == (name != NO_WORDS)
    assert found.text.split("\n")[-1].strip("> ") in words_of(mail), (
        "an agent sees it whole: it is no quote to be folded"
    )


@pytest.mark.parametrize("name", ATTACHED)
def test_what_is_attached_is_read_as_python_reads_it(root, name):
    mail = read(root, name)
    whole = email.message_from_bytes((root / name).read_bytes())
    (inner, *_) = [part for part in whole.walk() if part.get_content_type() == "message/rfc822"] or [None]
    found = mail.forwarded
    assert found.how == "attached"
    if inner is not None and (head := inner.get_payload(0))["From"]:
        assert found.from_.key == parseaddr(head["From"])[1].casefold()
        assert found.date is None or found.date == parsedate_to_datetime(head["Date"])


@pytest.mark.parametrize("name", sorted(PASSED_ON))
def test_passed_on_by_an_agent_it_begins_the_ticket_of_who_wrote_it(root, name):
    mail = read(root, name)
    by_anna = replace(mail, from_=Address(ANNA.address), from_count=1, to=(Address(SUPPORT),), cc=(), headers=())
    original, *note = plan_for(by_anna).messages
    assert customer(plan_for(by_anna)).key == mail.forwarded.from_.key
    assert original.text == mail.forwarded.text
    assert mail.forwarded.date in {None, original.at}
    assert [one.direction for one in note] == (["note"] if mail.forwarded.above or mail.forwarded.below else [])
