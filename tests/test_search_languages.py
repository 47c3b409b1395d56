"""Tickets are found whatever language they are in, and however one's keyboard writes it."""
# ruff: noqa: RUF001 - letters of many alphabets

from __future__ import annotations

import pytest
from searching import say, search

from mailticket.core.folding import searchable
from mailticket.store.db import open_or_create


@pytest.fixture
def empty(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        yield db


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("Wir haben die Straße in Köln gewählt", "STRASSE koln"),
        ("Die STRASSE", "straße"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy", "prilis zlutoucky KUN ódy"),
        ("prilis zlutoucky", "Příliš ŽLUŤOUČKÝ"),
        ("Zażółć gęślą jaźń, Łódź", "zazolc gesla jazn lodz"),
        ("Lodz", "ŁÓDŹ"),
        ("IĞDIR ve İstanbul, ılık çay", "iğdır istanbul ILIK cay"),
        ("ığdır", "IĞDIR"),
        ("Smørrebrød på Ærø", "smorrebrod pa aero"),
        ("Đorđe i Šime", "dorde sime"),
        ("Ο Οδυσσέας στην Αθήνα", "ΟΔΥΣΣΕΑΣ αθηνα"),
        ("ΠΡΟΣ ΤΟΝ ΠΕΛΆΤΗ", "προς πελάτη"),
        ("Ёлка и Київ", "елка київ"),
        ("プリンターが故障しました", "故障"),
        ("プリンターが故障しました", "プリンター"),
        ("ﾌﾟﾘﾝﾀｰ", "プリンター"),
        ("打印机着火了，请帮忙", "着火"),
        ("打印机着火了，请帮忙", "subject:anything -着急 打印机 请帮忙"),
        ("프린터가 고장났습니다", "프린터"),
        ("เครื่องพิมพ์เสีย", "พิมพ์"),
        ("प्रिंटर में आग", "प्रिंटर"),
        ("הַמַּדְפֶּסֶת בוערת", "המדפסת"),
        ("الطَّابِعَةُ تحترق", "الطابعة"),
        ("ＡＢＣ１２３ is wide", "abc123"),
        ("o'zbek and e-mail and C++", "e-mail c++"),
    ],
)
def test_case_and_accents_do_not_count_in_any_language(empty, said, typed):
    say(empty, 1, said, "anything")
    say(empty, 2, "another", "anything")
    assert search(empty, typed) == [1]


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("プリンターが故障しました", "障故"),
        ("kolo", "kolik"),
        ("か", "が"),
        ("प्रिंटर", "प्रेंटर"),
        ("paper", "apes"),
    ],
)
def test_other_words_are_not_found(empty, said, typed):
    say(empty, 1, said)
    assert search(empty, typed) == []


def test_each_letter_of_a_script_without_blanks_is_a_word():
    assert searchable("PDF印刷です").split() == ["pdf", "印", "刷", "で", "す"]
