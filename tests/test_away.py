"""Out-of-office mail that only its subject tells of: in 22 languages, and what customers write with the same words."""

# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

from __future__ import annotations

import pytest

from mailticket.core.away import folded, mentions_away, says_away
from mailticket.core.away_phrases import ELSEWHERE, PHRASES, UNSURE

LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "pl", "cs", "sk", "sl", "ro", "nl", "sv", "da", "fi", "nb", "ru", "uk",
             "ja", "zh", "ko", "tr"}  # fmt: skip
AWAY = {
    "en": ("Automatic reply: Your invoice", "Out of Office", "Re: Out of the office", "[EXTERNAL] Auto-Reply: Printer",
           "Out of Office AutoReply: Printer", "I am out of the office until 5 May", "AUTOREPLY", "Autoreply : x"),
    "de": ("Automatische Antwort: Rechnung", "Abwesenheitsnotiz", "AW: Abwesenheitsnotiz", "Nicht im Büro bis 5. Mai",
           "Außer Haus: Druckerei", "Abwesenheitsassistent: Re: Drucker"),
    "fr": ("Réponse automatique : Facture", "Réponse automatique d\u2019absence: Facture", "Absence du bureau",
           "Message d'absence: x", "Je suis absente jusqu'au 5 mai"),
    "es": ("Respuesta automática: Factura", "Fuera de la oficina", "Fuera de oficina hasta el lunes",
           "Aviso de ausencia: x"),
    "it": ("Risposta automatica: Fattura", "Fuori sede", "Assente dall\u2019ufficio fino al 5 maggio",
           "Messaggio di assenza: x"),
    "pt": ("Resposta automática: Fatura", "Fora do escritório", "Ausência temporária: x", "Aviso de ausência",
           "Fora do escritório até segunda"),
    "pl": ("Automatyczna odpowiedź: Faktura", "Odpowiedź automatyczna", "Poza biurem do piątku",
           "Nieobecność w biurze: x"),
    "cs": ("Automatická odpověď: Faktura", "Mimo kancelář", "Mimo kancelář do pondělí", "Odpověď v nepřítomnosti: x"),
    "sk": ("Automatická odpoveď: Faktúra", "Mimo kancelárie", "Neprítomnosť v kancelárii: x",
           "Oznámenie o neprítomnosti"),
    "sl": ("Samodejni odgovor: Račun", "Odsoten", "Odsotna do ponedeljka", "Zunaj pisarne: x"),
    "ro": ("Răspuns automat: Factură", "Raspuns automat: Factura", "În afara biroului", "Absent din birou până luni"),
    "nl": ("Automatisch antwoord: Factuur", "Afwezig: Re: Factuur", "Afwezigheidsassistent", "Niet op kantoor tot 5/5"),
    "sv": ("Automatiskt svar: Faktura", "Autosvar: Re: Faktura", "Frånvaromeddelande", "Inte på kontoret till måndag"),
    "da": ("Automatisk svar: Faktura", "Ikke til stede: Faktura", "Fraværsmeddelelse", "Ikke på kontoret indtil 5/5"),
    "fi": ("Automaattinen vastaus: Lasku", "Poissaoloilmoitus", "Poissa toimistosta", "Poissaoloviesti: Lasku"),
    "nb": ("Automatisk svar: Faktura", "Fraværsmelding", "Borte fra kontoret til mandag", "Ikke på kontoret"),
    "ru": ("Автоматический ответ: Счёт", "Автоответ: Счёт", "Отсутствие на рабочем месте", "Вне офиса до 5 мая"),
    "uk": ("Автоматична відповідь: Рахунок", "Автовідповідь", "Поза офісом до 5 травня", "Мене немає в офісі"),
    "ja": ("自動応答: 請求書", "自動返信：Re: 請求書", "自動応答メッセージ",
           "【自動返信】お問い合わせありがとうございます"),
    "zh": ("自动答复: 发票", "自动回复：发票", "自動回覆: 發票", "我不在办公室", "[自动回复] 发票"),
    "ko": ("자동 회신: 청구서", "자동응답: 청구서", "부재중 자동 회신: 청구서", "부재중 알림"),
    "tr": ("Otomatik yanıt: Fatura", "OTOMATİK YANIT: FATURA", "Ofis dışında", "Otomatik Cevap: Fatura"),
}  # fmt: skip
CUSTOMERS = [
    "Out of office printer is broken", "Automatic reply does not work", "How do I set up an out of office?",
    "Out of office?", "out of office message cannot be saved", "Vacation", "Vacation: how do I book?", "OOO",
    "Fwd: Automatic reply: Your invoice", "WG: Abwesenheitsnotiz", "Re: Automatic reply: Your invoice",
    "AW: Abwesenheitsnotiz: Drucker", "Abwesenheitsnotiz einrichten", "Automatische Antwort funktioniert nicht",
    "Urlaub", "Abwesenheit eintragen", "Réponse automatique impossible", "Absence", "Congés payés",
    "Fuera de servicio", "Respuesta automática no funciona", "Ferie", "Fuori servizio", "Férias", "Urlop", "Dovolená",
    "Mimo provoz", "Automatická odpověď nefunguje", "Odsotnost delavca", "Concediu medical", "Vakantie",
    "Automatisch antwoord instellen", "Autoreplying printer", "Awaiting reply", "", "Re:", "[ACME-12]",
    "Automatiskt svar fungerar inte", "Semester", "Automatisk svar virker ikke", "Ferie", "Fravær",
    "Automaattinen vastaus ei toimi", "Loma", "Automatisk svar fungerer ikke", "Автоматический ответ не работает",
    "Отпуск", "Автоматична відповідь не працює", "Відпустка", "自動応答の設定方法", "不在", "不在通知: お荷物", "休暇",
    "自動返信が届かない",
    "自动回复不起作用", "休假", "자동 회신이 안 됩니다", "휴가", "부재중", "Otomatik yanıt çalışmıyor", "Tatil",
    "[ACME-12] Out of office", "Re: [ACME-12] Out of office", "Re: [#12] 自動応答",
    "Anna is out of the office", "My colleague is out of office: who helps me?",
]  # fmt: skip
ANSWERS = [
    "Vacation", "Urlaub: Re: Drucker", "Im Urlaub 1.5.-9.5.", "Out of office - Anna", "Out of office Re: Printer",
    "Dovolená", "Na dopustu", "Concediu", "En congés", "De vacaciones", "In ferie", "Away until Monday",
    "På semester", "På ferie", "Lomalla", "В отпуске", "У відпустці", "不在: 請求書", "休假中", "휴가 중",
    "Yıllık izindeyim",
    "Maria Nova is out of the office (returning 05.12.2026)", "Maria Nová je mimo kancelář.", "Maria ist außer Haus",
]  # fmt: skip


@pytest.mark.parametrize("subject", [s for subjects in AWAY.values() for s in subjects])
def test_an_away_subject_is_known_without_any_header(subject):
    assert says_away(subject, answers=False)
    assert says_away(subject, answers=True)


@pytest.mark.parametrize("subject", CUSTOMERS)
def test_a_customer_who_writes_about_it_is_a_person(subject):
    """Their mail would be recorded, and no ticket opened."""
    assert not says_away(subject, answers=False)


@pytest.mark.parametrize("subject", ANSWERS)
def test_a_word_that_may_be_a_request_counts_in_a_mail_that_names_what_it_answers(subject):
    assert says_away(subject, answers=True)
    assert not says_away(subject, answers=False) or "until" in subject


@pytest.mark.parametrize("subject", ["Out of office printer is broken", "Re: Vacation", "Re: Out of office - help",
                                     "Absence management does not start", "Fwd: Out of office"])  # fmt: skip
def test_a_persons_answer_about_it_is_a_persons(subject):
    assert not says_away(subject, answers=True)


@pytest.mark.parametrize(("subject", "machine"), [("Out of office until Monday, Anna", True), ("Vacation plan", False),
                                                  ("Re: Mimo kancelář mám jen mobil", True),
                                                  ("Disk full, out of office", False)])  # fmt: skip
def test_a_machines_mail_needs_only_to_begin_so(subject, machine):
    assert mentions_away(subject) is machine


def test_every_language_has_its_phrases():
    """… at least four that are sure, and some that are not, and each is found."""
    assert set(PHRASES) == set(UNSURE) == set(AWAY) == LANGUAGES
    for language, phrases in PHRASES.items():
        assert len(set(phrases)) == len(phrases) >= 4, language
        for phrase in (*phrases, *UNSURE[language]):
            assert says_away(phrase, answers=True), phrase


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("R\u00c9PONSE  Automatique", "reponse automatique"), ("Außer\u00adHaus", "ausserhaus"), ("İzin", "izin"),
     ("Автоматический", "автоматическии"), ("ﾌﾟﾘﾝﾀ\uff1a", "プリンタ:"), ("자동", "자동"), ("ご不在", "ご不在"),
     ("e-mail", "e mail")],
)  # fmt: skip
def test_words_are_compared_without_what_people_leave_out(written, wanted):
    """Accents and hyphens; but the signs of Japanese, and the syllables of Korean, stay what they are."""
    assert folded(written) == wanted


@pytest.mark.parametrize("phrase", ELSEWHERE)
def test_exchanges_automatic_reply_is_known_in_other_languages_too(phrase):
    assert says_away(f"{phrase}: Re: 1042", answers=False)
    assert not says_away(f"{phrase} 1042", answers=False)
