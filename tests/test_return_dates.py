"""When somebody is back, by their out-of-office note: as people write it in 22 languages, and what is not believed."""

# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

from __future__ import annotations

import os
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import parsed

from mailticket.core.date_words import MONTH
from mailticket.core.parse import parse
from mailticket.core.return_dates import NO_DAY, UNCLEAR, Found, back_on, read

TODAY = date(2026, 11, 26)  # a Thursday
NOTES = [
    # a note; the first day on which its writer is there again
    ("I am out of the office until 4 December.", "2026-12-05"),
    ("I am out of the office until December 4th, 2026 with no access to mail.", "2026-12-05"),
    ("I'm away from 1 December to 4 December.", "2026-12-05"),
    ("I am away from 1 to 4 December", "2026-12-05"),
    ("I am away December 1-4.", "2026-12-05"),
    ("I am out of the office through Friday, November 27th.", "2026-11-28"),
    ("I will be back on Monday.", "2026-11-30"),
    ("I'm out and will return on Monday, 7 December. Else call +420 777 123 456.", "2026-12-07"),
    ("I am on leave until Friday.", "2026-11-28"),
    ("I am away until 4 December and will be back on 7 December", "2026-12-07"),
    ("I am out of the office from 1 December and will be back on 7 December", "2026-12-07"),
    ("I will be out of the office starting 11/27/2026 and will not return until 12/07/2026.", "2026-12-07"),
    ("I won't be back until Monday.", "2026-11-30"),
    ("Back on 2026-12-07.", "2026-12-07"),
    ("Out until 12/13/2026", "2026-12-14"),
    ("I'm away until 3 January.", "2027-01-04"),
    ("Hello,\n\nI am out of the office until\n4 December.\n\nAnna", "2026-12-05"),
    ("Thank you for your mail of 20 November. I will be back on 7 December and answer then.", "2026-12-07"),
    ("I'm on holiday until Monday 7 December.", "2026-12-08"),
    ("I'll be back on 20 November.", "2026-11-20"),
    ("I am on parental leave until 30 June.", "2027-07-01"),
    ("Ich bin ab dem 7.12. wieder erreichbar.", "2026-12-07"),
    ("ab dem 7.12. wieder", "2026-12-07"),
    ("Ich bin bis zum 4.12. nicht im Büro und ab 7.12. wieder da.", "2026-12-07"),
    ("Ich bin vom 30.11. bis einschließlich 4.12.2026 im Urlaub.", "2026-12-05"),
    ("Ich bin vom 1. bis 4. Dezember nicht da. Am Montag, den 7. Dezember, bin ich wieder da.", "2026-12-07"),
    ("Ich bin am Montag wieder im Büro.", "2026-11-30"),
    ("do 4. 12.", "2026-12-05"),
    ("Jsem mimo kancelář od 30. 11. do 4. 12. 2026. Zpět budu 7. 12.", "2026-12-07"),
    ("Vrátím se v pondělí 7. prosince.", "2026-12-07"),
    ("Je suis absent du bureau jusqu'au 4 décembre inclus.", "2026-12-05"),
    ("Je suis en congés du 1er au 4 décembre. De retour le 7 décembre.", "2026-12-07"),
    ("Je suis absent du 30/11/2026 au 04/12/2026", "2026-12-05"),
    ("Je suis absent jusqu\u2019au 04/12/2026", "2026-12-05"),
    ("Estoy fuera de la oficina hasta el 4 de diciembre de 2026.", "2026-12-05"),
    ("Estaré de vacaciones del 1 al 4 de diciembre. Regreso el lunes 7.12.", "2026-12-07"),
    ("Sono in ferie dal 27 novembre al 4 dicembre.", "2026-12-05"),
    ("Estou de férias até o dia 4 de dezembro.", "2026-12-05"),
    ("Estarei ausente de 1 a 4 de dezembro", "2026-12-05"),
    ("Jestem na urlopie do 4 grudnia. Wracam 7 grudnia.", "2026-12-07"),
    ("Som na dovolenke do 4.12.2026", "2026-12-05"),
    ("Sem na dopustu do 4. decembra.", "2026-12-05"),
    ("Sunt în concediu până pe 4 decembrie.", "2026-12-05"),
    ("Ik ben afwezig tot en met 4 december. Vanaf 7 december ben ik weer bereikbaar.", "2026-12-07"),
    ("Ik ben met vakantie t/m 04-12-2026.", "2026-12-05"),
    ("Jag har semester till och med 4 december, åter måndag den 7 december.", "2026-12-07"),
    ("Jeg er på ferie til 4. december. Jeg er tilbage mandag d. 7. december.", "2026-12-07"),
    ("Olen lomalla 4.12. asti.", "2026-12-05"),
    ("Olen lomalla 30.11.-4.12.2026. Palaan töihin maanantaina 7.12.", "2026-12-07"),
    ("Jeg er bortreist til og med 4. desember og er tilbake 7. desember", "2026-12-07"),
    ("Я в отпуске с 1 по 4 декабря.", "2026-12-05"),
    ("Я в отпуске до 4 декабря. Вернусь 7 декабря.", "2026-12-07"),
    ("Я у відпустці до 4 грудня, повернусь 7 грудня.", "2026-12-07"),
    ("12月4日まで休暇をいただいております。", "2026-12-05"),
    ("12月1日から12月4日まで不在にしております。12月7日より通常業務に戻ります。", "2026-12-07"),
    ("12月1日から4日まで不在です", "2026-12-05"),
    ("我将于12月1日至12月4日休假，12月7日返回公司。", "2026-12-07"),
    ("저는 12월 4일까지 휴가입니다. 12월 7일에 복귀합니다.", "2026-12-07"),
    ("4 Aralık'a kadar ofis dışındayım. 7 Aralık'ta döneceğim.", "2026-12-07"),
]  # fmt: skip
UNSAID = [
    ("I am out of the office.", NO_DAY),
    ("I am out of the office; in urgent cases call +420 777 12 11 20.", NO_DAY),
    ("Thank you for your mail of 20 November.", NO_DAY),
    ("I will be back soon, from 1 December please write to Bob.", NO_DAY),
    ("I am out today and back tomorrow.", NO_DAY),
    ("I'm out until 4 December. By the way: our offer is valid until 31 December.", UNCLEAR),
    ("I am out until 4 December, and again from 20 December until 3 January.", UNCLEAR),
    ("I will be back on 7 December. Our office is closed until 1 January.", UNCLEAR),
    ("Out until 12/07/2026", UNCLEAR),
    ("Back on Monday, 8 December.", UNCLEAR),
    ("Sono in ferie fino al 4 dicembre. Rientro lunedì.", UNCLEAR),
    ("Out until 31.4.", NO_DAY),
    ("until 4 December 2999", NO_DAY),
    ("", NO_DAY),
]


@pytest.mark.parametrize(("note", "day"), NOTES, ids=[row[0][:40] for row in NOTES])
def test_a_note_says_on_which_day_its_writer_is_back(note, day):
    assert read(note, TODAY) == Found(date.fromisoformat(day))


@pytest.mark.parametrize(("note", "why"), UNSAID, ids=[row[0][:40] for row in UNSAID])
def test_what_a_note_does_not_say_clearly_is_not_believed(note, why):
    assert read(note, TODAY) == Found(why=why)


@pytest.mark.parametrize(
    ("subject", "text", "day"),
    [
        ("Out of office until 4 December", "I am skiing.", date(2026, 12, 5)),
        ("Out of office until 4 December", "I am back on 1 December.", date(2026, 12, 1)),
        ("Automatic reply: [ACME-1] We need it until 4 December", "I am skiing.", None),
        ("Re: Back on 4 December", "I am skiing.", None),
        ("[ACME-1] Out until 4 December", "I am skiing.", None),
    ],
)
def test_a_subject_counts_where_it_is_the_notes_own(subject, text, day):
    assert back_on(parsed(text=text, subject=subject), TODAY).day == day


@given(st.dates(TODAY, TODAY + timedelta(days=150)), st.sampled_from(sorted(MONTH)), st.booleans())
def test_every_name_of_a_month_is_read_beside_its_day(day, name, until):
    day = day.replace(month=MONTH[name], day=min(day.day, 28))
    note = f"{'until' if until else 'back on'} {day.day} {name} {day.year}"
    assert read(note, TODAY) == Found(day + timedelta(days=until))


@given(st.text(alphabet="until back do 4.12 /-20 december ab wieder monday,\n月日", max_size=300))
def test_whatever_a_note_says_a_day_of_the_calendar_or_nothing_comes_of_it(note):
    found = read(note, TODAY)
    assert (found.day is None) == bool(found.why)


@pytest.mark.parametrize("note", ["monday," * 400, "until " * 400, "4. 12. " * 400, "7/7/26 " * 400, "(4.12. " * 400])
def test_a_hostile_note_is_read_at_once(note):
    read("", TODAY)
    began = time.process_time()
    read(note, TODAY)
    assert time.process_time() - began < 1


REAL = [
    ("bounce_email/tt_1234210666.eml", "2009-02-10"),  # back on Tuesday 9:00
    ("bounce_email/tt_1234211024.eml", None),  # Esmu atvaļinājumā
    ("sisimai/bsd-rfc3834-01.eml", "2005-05-05"),  # returning to the office on May 5th
    ("sisimai/bsd-rfc3834-02.eml", None),  # out of the office Friday
    ("sisimai/bsd-rfc3834-04.eml", "2013-08-01"),  # traveling on July 10-31
]


@pytest.mark.parametrize(("file", "day"), REAL)
def test_the_notes_of_real_people_say_it(file, day):
    folder = os.environ.get("MAILTICKET_CORPORA")
    if not folder:
        assert os.environ.get("CI") != "true", "MAILTICKET_CORPORA is not set: CI reads the collection"
        pytest.skip("MAILTICKET_CORPORA names no collection of mails")
    mail = parse((Path(folder) / file).read_bytes())
    assert back_on(mail, mail.date.date()).day == (date.fromisoformat(day) if day else None)
