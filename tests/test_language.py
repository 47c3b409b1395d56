"""The language of a mail: what its head says, what is known of its writer, what its words show; never a wrong guess."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest
from languages import FOREIGN, SENTENCES, SHORT
from letters import MARIA
from mails import mail
from worlds import context, decided, parsed

from mailticket.core import language
from mailticket.core.completed import completed
from mailticket.core.known import Person
from mailticket.core.language import MAX_WORDS, detect, language_for, language_of, learned
from mailticket.core.parse import parse
from mailticket.core.plan import Mark
from mailticket.reading import Reader

CZECH = "Dobrý den, od dnešního rána se nemůžu přihlásit ke svému účtu."
GERMAN = "Guten Tag, seit heute Morgen kann ich mich nicht mehr in mein Konto einloggen."


def written(text, declared=""):
    head = [f"Content-Language: {declared}"] if declared else []
    return completed(parse(mail(*head, "Content-Type: text/plain; charset=utf-8", "", text)))


def person(known):
    return Person(1, "anna@acme.example", language=known)


def test_whole_sentences_are_told_in_nine_of_ten_and_never_wrong():
    told = [(code, detect(text)) for code, text in SENTENCES]
    assert {code for code, _ in SENTENCES} == set(language.LANGUAGES)
    assert [pair for pair in told if pair[1] not in {pair[0], ""}] == []
    assert sum(code == found for code, found in told) >= 0.9 * len(told)


def test_a_few_words_are_unknown_rather_than_wrong():
    told = [(code, detect(text)) for code, text in SHORT]
    assert [pair for pair in told if pair[1] not in {pair[0], ""}] == []


@pytest.mark.parametrize("text", FOREIGN)
def test_a_language_that_we_do_not_know_is_none_of_ours(text):
    assert detect(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345 67890",
        "https://shop.example/objednavka/dekujeme-za-nakup/vase-objednavka-byla-prijata",
        "anna@acme.example, jana.mala@customer.example",
        "/var/log/messages: kernel[0]: usb_hcd 0000:00:14.0",
        "> " + GERMAN,
        "Test of HTML section",
        "Search for hühü",
        "asdkjh qwlkej",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
        "äöüß áóúäöüß",
    ],
)
def test_what_is_no_sentence_is_in_no_language(text):
    assert detect(text) == ""


def test_a_name_in_another_script_makes_no_foreign_text():
    assert detect(f"{CZECH} 김민수 さくら") == "cs"
    assert detect(f"{CZECH} Киев") == "cs"


def test_only_the_new_words_count():
    quoted = "\r\n".join(f"> {GERMAN}" for _ in range(20))
    got = written(f"{CZECH}\r\n\r\nOn Tue, 26 Oct 2021 at 14:25, Anna <anna@acme.example> wrote:\r\n{quoted}")
    assert got.language == "cs"


def test_of_a_forwarded_mail_the_forwarders_words_count_and_else_the_originals():
    original = f"---------- Forwarded message ---------\r\nFrom: a@b.example\r\nSubject: x\r\n\r\n{GERMAN}"
    assert written(f"{CZECH}\r\n\r\n{original}").language == "cs"
    assert written(original).language == "de"


def test_without_the_extra_the_head_and_two_scripts_tell(monkeypatch):
    monkeypatch.setitem(sys.modules, "lingua", None)
    language.detector.cache_clear()
    try:
        assert detect(CZECH) == ""
        assert detect("先月の請求書をもう一度送っていただけますか。") == "ja"
        assert detect("지난달 청구서를 다시 보내 주시겠습니까?") == "ko"
        assert language_of(written(CZECH, "cs")) == "cs"
    finally:
        language.detector.cache_clear()


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("EN-us", "en"),
        ("zh-Hant-TW", "zh"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("hu", "hu"),
        ("en-US, en", "en"),
        ("en, de", "cs"),  # of two neither is told
        ("und", "cs"),
        ("../etc", "cs"),
        ("x", "cs"),
        ("", "cs"),
    ],
)
def test_the_head_says_it_where_it_names_one_language(declared, told):
    assert language_of(written(CZECH, declared)) == told


def test_the_order_is_head_record_words():
    assert language_for(written(CZECH, "de"), person("fr")) == "de"
    assert language_for(written(CZECH), person("fr")) == "fr"
    assert language_for(written(CZECH), person("")) == "cs"
    assert language_for(written(CZECH), None) == "cs"
    assert language_for(written("ok"), None) == ""


@pytest.mark.parametrize(
    ("declared", "text", "known", "taught"),
    [
        ("", CZECH, "", "cs"),
        ("de", CZECH, "", "de"),
        ("", CZECH, "cs", ""),
        ("", CZECH, "de", ""),  # the words of one mail are no reason to change
        ("en-US", CZECH, "de", ""),  # nor is a program's language
        ("cs", CZECH, "de", "cs"),
        ("", "ok", "", ""),
        ("", "ok", "de", ""),
    ],
)
def test_what_a_mail_teaches_of_its_writer(declared, text, known, taught):
    assert learned(written(text, declared), person(known)) == taught


def test_letters_to_a_customer_are_in_their_language_and_machines_teach_nothing():
    """A template that there is not in that language is the English one."""
    new = decided(replace(parsed(MARIA), language="cs"), context())
    assert [one.language for one in new.letters if one.audience == "customer"] == ["cs"]
    assert Mark("language", MARIA.address, "cs") in new.marks
    unknown = decided(parsed(MARIA), context())
    assert [one.language for one in unknown.letters if one.audience == "customer"] == ["en"]
    assert [mark for mark in unknown.marks if mark.kind == "language"] == []
    machine = decided(replace(parsed(MARIA, "Hello", ("precedence", "bulk")), language="cs"), context())
    assert machine.marks == ()


def test_the_first_words_show_the_language():
    assert detect(f"{CZECH} " * (MAX_WORDS // len(CZECH)) + f"{GERMAN} " * 50) == "cs"


def test_a_megabyte_is_read_in_a_moment():
    detect(CZECH)
    for text in (CZECH * 20_000, "http://" * 150_000, "あ" * 1_000_000, "\n" * 1_000_000, "@" * 1_000_000):
        before = time.process_time()
        detect(text)
        assert time.process_time() - before < 0.2


def test_the_reader_finds_it():
    """The desk's process never loads lingua: the child does."""
    raw = mail("Content-Type: text/plain; charset=utf-8", "", CZECH)
    with Reader() as reader:
        assert reader.read(raw) == completed(parse(raw))
        assert reader.read(raw).language == "cs"
    code = "import sys, mailticket.desk, mailticket.cli; sys.exit('lingua' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
