"""What is typed to search for is read, or refused in a line with the right one; it is never the database's language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from searching import NOW, POLICY, say, search

from mailticket.core.folding import folded
from mailticket.core.search import KINDS, MAX_PARTS, MAX_TYPED, SearchError, read
from mailticket.core.search_dates import moment
from mailticket.core.snippet import snippet
from mailticket.store.db import open_or_create


@pytest.mark.parametrize(
    ("typed", "reason", "nearest"),
    [
        ("", "say what to look for: words that are in the ticket", "printer from:maria"),
        ("  -  ", "say what to look for: words that are in the ticket", "printer from:maria"),
        ('red "paper jam', "a quoted phrase has no end", 'red "paper jam"'),
        ('from:"maria', "a quoted phrase has no end", 'from:"maria"'),
        ("from: maria red", "from: needs a word right behind it", "from:maria red"),
        ("red from:", "from: needs a word right behind it", ""),
        ('from:""', '"" has no letter and no digit in it that could be looked for', ""),
        ("red form:maria", 'there is no form: here (in quotes, "form:", it is a word)', "red from:maria"),
        ("-Lable:vip", 'there is no lable: here (in quotes, "lable:", it is a word)', "-label:vip"),
        ("since:7d red", 'there is no since: here (in quotes, "since:", it is a word)', "after:7d red"),
        ("red !!! blue", "!!! has no letter and no digit in it that could be looked for", ""),
        ("red *", "a * stands at the end of a word alone", ""),
        ("pr*", "at least 3 letters must stand before a *", "pr"),
        ("print*er red", "a * stands at the end of a word alone", "print* red"),
        ("-from:ma*ria", "a * stands at the end of a word alone", ""),
        ("status:oepn", "there is no such status; there are new, open, pending, postponed, resolved, closed, spam",
         "status:open"),
        ("-status:p", "that may be pending, postponed: say which", "-status:pending"),
        ("department:acme red", "that may be Acme Support, Acme Sales: say which", 'department:"Acme Support" red'),
        ("department:sales", "there is no such department; there are Acme Support, Acme Sales",
         'department:"Acme Sales"'),
        ("agent:b", "that may be Bob Novák <bob@acme.example>, Boris Novotný <boris@acme.example>: say which",
         'agent:"Bob Novák"'),
        ("red agent:ana", "there is no agent of that name or address", 'red agent:"Anna Dvořák"'),
        ("agent:me", "agent:me is who asks by mail; here, name the agent", ""),
        ("-before:7d red", "before: has no -", "after:7d red"),
        ("after:mondey", "after: needs a day like 2026-11-26, 2026-11, monday, yesterday or 7d", "after:monday"),
        ("after:26.11.2026", "after: needs a day like 2026-11-26, 2026-11, monday, yesterday or 7d",
         "after:2026-11-26"),
        ("before:2026/2/30", "before: needs a day like 2026-11-26, 2026-11, monday, yesterday or 7d", ""),
        ("before:99999d", "before: needs a day like 2026-11-26, 2026-11, monday, yesterday or 7d", ""),
        (f'before:"{"9999w " * 50}"', "before: needs a day like 2026-11-26, 2026-11, monday, yesterday or 7d", ""),
        ("after:2026-11 before:2026-10", "no mail is both after the one day and before the other", ""),
        ("x" * (MAX_TYPED + 1), "that is longer than 1,000 characters", ""),
        ("word " * (MAX_PARTS + 1), "that is more than 20 words", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_told_with_the_right_query_that_is_nearest(typed, reason, nearest):
    with pytest.raises(SearchError) as wrong:
        read(typed, POLICY, NOW)
    assert (wrong.value.reason, wrong.value.nearest) == (reason, nearest)
    if nearest and nearest != "pr":
        assert read(nearest, POLICY, NOW)


@pytest.mark.parametrize("typed", ["http://x.example/a", "12:30", "Re: printer", "error: disk", "C:\\Users", "a:b:c"])
def test_a_colon_within_words_is_no_mistake(typed):
    assert read(typed, POLICY, NOW).texts


@pytest.mark.parametrize(
    ("typed", "begins"),
    [
        ("2026-11-26", "2026-11-25T23:00Z"),
        ("2026-7-4", "2026-07-03T22:00Z"),
        ("2026-11-26 9:30", "2026-11-26T08:30Z"),
        ("2026-11", "2026-10-31T23:00Z"),
        ("2026", "2025-12-31T23:00Z"),
        ("november", "2026-10-31T23:00Z"),
        ("listopad", "2026-10-31T23:00Z"),
        ("December", "2025-11-30T23:00Z"),
        ("today", "2026-11-25T23:00Z"),
        ("yesterday", "2026-11-24T23:00Z"),
        ("thursday", "2026-11-25T23:00Z"),
        ("friday", "2026-11-19T23:00Z"),
        ("7d", "2026-11-19T12:00Z"),
        ("2w 3h", "2026-11-12T09:00Z"),
        ("60d", "2026-09-27T11:00Z"),  # the clock on the wall was an hour further
    ],
)
def test_days_are_read_as_they_look_back_in_the_desk_s_zone(typed, begins):
    assert moment(typed, POLICY.zone, NOW) == datetime.strptime(begins, "%Y-%m-%dT%H:%M%z").astimezone(UTC)


# fmt: off
ODD = st.sampled_from([
    *(f"{kind}:" for kind in KINDS), "AND", "OR", "NOT", "NEAR(a b, 3)", "wor", "12", "ACME-1", "7d",
    *'"*-()^+{}\x00\ud800ﷺİß是\u0301\ue000 \';:\\%',
])
# fmt: on
TYPED = st.one_of(
    st.text(max_size=60), st.lists(ODD, max_size=12).map("".join), st.lists(ODD, max_size=12).map(" ".join)
)


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    with open_or_create(tmp_path_factory.mktemp("desk") / "desk.db") as opened_db:
        say(opened_db, 1, "wor 12 是 ß")
        yield opened_db


@given(TYPED)
@example('"')
@example('from:"*"*')
@example("\x00word")
@example('\uff02" OR "')
def test_whatever_is_typed_is_looked_for_or_refused_in_a_line(db, typed):
    wrong: list[SearchError] = []
    try:
        found = search(db, typed)
    except SearchError as error:
        wrong, found = [error], []
    assert set(found) <= {1}
    assert all(error.reason and "\n" not in f"{error.reason}{error.nearest}" for error in wrong)


@given(st.text(max_size=60))
def test_what_is_folded_stays_as_it_is(text):
    assert folded(folded(text)) == folded(text)
    assert folded(text.upper()) == folded(folded(text).upper())


@given(st.text(max_size=60), TYPED)
def test_a_snippet_of_anything_is_a_line(text, typed):
    try:
        wanted = read(typed, POLICY, NOW).texts
    except SearchError:
        wanted = ()
    shown = snippet((text,), wanted)
    assert "\n" not in shown
    assert len(shown) <= 164
