"""Out-of-office mail that only its subject tells of: twelve languages, and what customers write with the same words."""

from __future__ import annotations

import pytest

from mailticket.core.away import PHRASES, UNSURE, folded, mentions_away, says_away

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
]  # fmt: skip
ANSWERS = [
    "Vacation", "Urlaub: Re: Drucker", "Im Urlaub 1.5.-9.5.", "Out of office - Anna", "Out of office Re: Printer",
    "Dovolená", "Na dopustu", "Concediu", "En congés", "De vacaciones", "In ferie", "Away until Monday",
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


def test_every_language_has_its_phrases_and_each_is_written_as_it_is_compared():
    """A phrase with an accent or a hyphen would never be found."""
    languages = {"en", "de", "fr", "es", "it", "pt", "pl", "cs", "sk", "sl", "ro", "nl"}
    assert set(PHRASES) == set(UNSURE) == set(AWAY) == languages
    for language, phrases in PHRASES.items():
        assert len(set(phrases)) == len(phrases) >= 4, language
        for phrase in (*phrases, *UNSURE[language]):
            assert folded(phrase) == phrase
            assert says_away(phrase, answers=True), phrase
