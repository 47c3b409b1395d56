"""Charsets: as declared, else UTF-8, else what the label usually means, else as the desk's languages are written."""
# ruff: noqa: RUF001 - these letters are meant

import time
from dataclasses import replace

import pytest
from letters import POLICY
from mails import mail

from mailticket.core.charset import decode, to_utf8
from mailticket.core.charset_guess import SCRIPTS, guess
from mailticket.core.charset_names import codec
from mailticket.core.parse import parse
from mailticket.reading import Reader

WRITTEN = {
    "cs": "Dobrý den, děkuji za zprávu. Žluťoučký kůň úpěl ďábelské ódy.",
    "sk": "Dobrý deň, ďakujem, tovar ešte neprišiel. Ľúbezný večer!",
    "pl": "Dziękuję, proszę o odpowiedź w sprawie łącza. Zażółć gęślą jaźń.",
    "sl": "Pozdravljeni, naročilo še ni prišlo, že čakam.",
    "hu": "Jó napot, a csomag még nem érkezett meg. Köszönöm, őrült idő.",
    "ro": "Bună ziua, coletul nu a ajuns încă. Mulţumesc, aştept.",
    "ru": "Здравствуйте, у меня не работает почта.",
    "uk": "Доброго дня, у мене не працює пошта, її немає.",
    "el": "Καλημέρα, δεν λειτουργεί το προϊόν",
    "tr": "Merhaba, siparişim gelmedi, yardımcı olabilir misiniz? Teşekkürler",
    "ja": "お世話になっております。株式会社テストの山田です。",
    "ko": "안녕하세요, 주문한 상품이 아직 도착하지 않았습니다.",
    "zh": "您好，我的订单还没有收到，请问什么时候发货？",
    "he": "שלום, המוצר לא עובד",
    "de": "Guten Tag, schöne Grüße aus München",
    "fr": "Bonjour, j'ai reçu le colis abîmé, à bientôt",
}


def charsets():
    for language, text in WRITTEN.items():
        script = next(s for s in SCRIPTS if language in s.languages)
        for charset in script.charsets:
            try:
                yield language, charset, text.encode(charset), text
            except UnicodeEncodeError:
                continue


@pytest.mark.parametrize(("language", "charset", "data", "text"), list(charsets()))
def test_what_declares_nothing_is_read_as_the_desks_languages_are_written(language, charset, data, text):
    assert decode(data, languages=("en", language)) == text


@pytest.mark.parametrize("language", ["ru", "ja", "ko", "zh", "el", "de", "fr"])
def test_a_text_in_another_script_shows_its_charset_to_a_desk_that_does_not_speak_it(language):
    charset = next(s for s in SCRIPTS if language in s.languages).charsets[0]
    assert decode(WRITTEN[language].encode(charset), languages=("en", "cs")) == WRITTEN[language]


def test_western_signs_stay_western_on_a_czech_desk():
    for text in ("Great news — it’s here", "schöne Grüße", "déjà vu", "“Hi” – 5 €"):
        assert decode(text.encode("cp1252"), languages=("cs", "en")) == text


def test_nothing_is_guessed_of_nothing():
    assert guess(b"plain") == guess(b"") == guess(b"\xff\xfe\x00", ("xx",)) == ""


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("ISO-8859-1", "cp1252"),
        ('"us-ascii"', "utf-8-sig"),
        ("utf8mb4", "utf-8"),
        ("unicode-1-1-utf-8", "utf-8"),
        ("unicode-1-1-utf-7", "utf-7"),
        ("x-sjis", "cp932"),
        ("windows1252", "cp1252"),
        ("x-cp1250", "cp1250"),
        ("win-1251", "cp1251"),
        ("cp-850", "cp850"),
        ("iso-8859-8-i", "cp1255"),
        ("iso8859_15", "iso8859-15"),
        ("iso-gb2312", "gb18030"),
        ("utf-8; format=flowed", "utf-8-sig"),
        ("8bit", ""),
        ("unknown-8bit", ""),
        ("binary", ""),
        ("idna", ""),
        ("base64", ""),
        ("x" * 10_000, ""),
        ("utf-8\0", "utf-8"),
    ],
)
def test_a_label_means_what_mailers_mean_by_it(label, name):
    assert codec(label).removesuffix("-sig") == name.removesuffix("-sig")


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("iso-8859-2", "Úľ".encode("iso-8859-2"), "Úľ"),  # which is UTF-8, too, by chance
        ("windows-1251", "Привет".encode(), "Привет"),
        ("iso-8859-2", "Ještě „heslo“ – žádná".encode("cp1250"), "Ještě „heslo“ – žádná"),
        ("iso-8859-2", "še ni prišlo, že".encode("cp1250"), "še ni prišlo, že"),
        ("iso-8859-2", "še ni prišlo, že".encode("iso-8859-2"), "še ni prišlo, že"),
        ("iso-8859-5", "«Привет» – это".encode("cp1251"), "«Привет» – это"),
        ("iso-8859-15", "C’est déjà payé, 5 €".encode("cp1252"), "C’est déjà payé, 5 €"),
        ("shift_jis", "日本語テスト".encode("euc_jp"), "日本語テスト"),
        ("utf-8", "日本語テスト".encode("cp932"), "日本語テスト"),
        ("iso-2022-jp", b"\x1b$B$3$s\r\nplain", "こん\r\nplain"),  # a line ends it, with no escape
        ("iso-2022-jp", b"\x1b(I1\x1b(B", "ｱ"),
        ("iso-2022-jp", b"\x1b$B$3", "こ"),
        ("iso-2022-jp", b"plain \x1b$B$", "plain \ufffd"),
        ("utf-16", "Hi".encode("utf-16-be"), "Hi"),
        ("utf-16", b"Hi there", "Hi there"),
        ("", "\ufeffčau".encode("utf-16-le"), "čau"),
        ("", "hello there".encode("utf-16-le"), "hello there"),
        ("", b"\xff\xfe", "ÿþ"),
    ],
)
def test_what_lies_is_read_all_the_same(charset, data, text):
    assert decode(data, charset) == text
    assert to_utf8(data, charset).decode() == text


def test_the_desk_speaks_its_own_language_and_its_agents():
    anna, *others = POLICY.agents
    agents = (replace(anna, languages=("cs", "en", "--x", "c\0s")), *others)
    assert replace(POLICY, agents=agents, default_language="en").languages[:2] == ("en", "cs")
    assert "--x" not in replace(POLICY, agents=agents).languages


def test_the_reader_is_told_the_desks_languages():
    raw = mail("Content-Type: text/plain", "", "Děkuji, žluťoučký".encode("cp1250"))
    with Reader(languages=("en", "cs")) as reader:
        assert reader.read(raw).full_text == "Děkuji, žluťoučký"
    assert parse(raw).full_text != "Děkuji, žluťoučký"


@pytest.mark.parametrize("piece", [b"\x1b$B", b"\x1b(B\x1b(I", b"\xff", b"\xe9a", b"\x81", b"a\0", b"\x1b$B!\n"])
def test_a_megabyte_of_anything_is_read_in_time(piece):
    began = time.process_time()
    for charset in ("", "iso-2022-jp", "utf-16", "gb18030", "utf-7"):
        decode(piece * (1_000_000 // len(piece)), charset, ("cs", "ja", "ru"))
    assert time.process_time() - began < 5


@pytest.mark.parametrize("charset", ["koi8-r", "cp1251", "iso8859-5"])
def test_a_raw_subject_that_is_too_short_to_tell_is_read_as_the_body_is(charset):
    for subject in ("Не работает", "Привет", "Счёт"):
        text = f"{subject}\n\n{WRITTEN['ru']}\n"
        read = parse(b"From: a@customer.example\nSubject: " + text.encode(charset), ("en", "cs"))
        assert (read.subject, read.full_text) == (subject, WRITTEN["ru"])


def test_a_raw_subject_beside_a_body_in_utf_8_is_read_by_itself():
    head = b"From: a@customer.example\nSubject: " + "Schöne Grüße".encode("cp1252")
    assert parse(head + "\n\nПривет, schöne Grüße\n".encode(), ("en",)).subject == "Schöne Grüße"


@pytest.mark.parametrize("charset", ["koi8-r", "cp1251"])
@pytest.mark.parametrize("text", ["Не могу войти в систему, помогите пожалуйста.", "Здравствуйте! Это тест, ответьте"])
def test_russian_is_not_taken_for_thai(charset, text):
    """In KOI8-R its small letters are all of them octets of Thai ones."""
    assert decode(text.encode(charset), languages=("en", "cs")) == text


def test_thai_is_read_as_thai_by_those_who_speak_it_and_by_others():
    text = "สวัสดีครับ สินค้าที่สั่งซื้อยังไม่มาถึง กรุณาตรวจสอบ"
    assert decode(text.encode("cp874"), languages=("th", "en")) == text
    assert decode(text.encode("cp874"), languages=("en", "cs")) == text
