"""Out-of-office mail that its first lines tell of, in 22 languages, and what customers write with the same words."""

# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

from __future__ import annotations

import time

import pytest
from test_away import LANGUAGES

from mailticket.core.away import asks, begins_away, is_answer, is_note
from mailticket.core.away_sentences import SENTENCES, TIMED, WHEN

AWAY = {
    "en": ("I am out of the office until Monday.",
        "Hello,\n\nthank you for your e-mail. I am currently out of the office with limited access.",
        "I will be out of the office starting  05/05/2026 and will not return until 10/05/2026.",
        "I'm on vacation until 5 May.", "From 5 to 9 May I am on leave and back on 10 May.",
        "This is an automatic reply.", "I am away from my desk today."),
    "de": ("Ich bin bis zum 5. Mai nicht im Büro.",
        "Guten Tag,\nvielen Dank für Ihre Nachricht. Ich bin derzeit nicht im Büro.",
        "Ich befinde mich bis 05.05. im Urlaub.", "Vom 1. bis 5. Mai bin ich nicht im Büro.",
        "Dies ist eine automatische Antwort.", "Bin ich außer Haus",
        "Ich bin vom 1.5. bis einschließlich 9.5. außer Haus."),
    "fr": ("Bonjour,\nje suis absente du bureau jusqu’au 5 mai.", "Je suis actuellement absent du bureau",
        "Je suis en congés du 1er au 5 mai.", "Ceci est une réponse automatique."),
    "es": ("Hola, estoy fuera de la oficina hasta el lunes.", "Estaré de vacaciones hasta el 5 de mayo",
        "Esta es una respuesta automática."),
    "it": ("Sono fuori ufficio fino al 5 maggio.", "Buongiorno,\nsarò in ferie fino al 5 maggio.",
        "Questa è una risposta automatica."),
    "pt": ("Estou fora do escritório até segunda.", "Estarei de férias até 5 de maio.",
        "Esta é uma resposta automática."),
    "pl": ("Jestem poza biurem do piątku.", "Dzień dobry,\nprzebywam na urlopie do 5 maja.", "Nie ma mnie w biurze."),
    "cs": ("Jsem mimo kancelář.", "Dobrý den,\ndo 5. května jsem na dovolené.", "Jsem do pondělí mimo kancelář.",
        "Budu mimo kancelář od 1. do 5. května.", "Toto je automatická odpověď."),
    "sk": ("Som mimo kancelárie do pondelka.", "Dobrý deň,\ndo 5. mája som na dovolenke.", "Nie som v kancelárii."),
    "sl": ("Sem odsotna do ponedeljka.", "Do 5. maja sem na dopustu.", "Nisem v pisarni."),
    "ro": ("Sunt în afara biroului până luni.", "Sunt în concediu până pe 5 mai.", "Acesta este un răspuns automat."),
    "nl": ("Ik ben tot maandag niet op kantoor.", "Tot 5 mei ben ik met vakantie.",
        "Dit is een automatisch antwoord.", "Ik ben momenteel afwezig."),
    "sv": ("Jag är inte på kontoret.", "Jag har semester till den 5 maj.",
        "Hej,\njag är för närvarande inte på kontoret.", "Detta är ett automatiskt svar."),
    "da": ("Jeg er ikke på kontoret.", "Jeg holder ferie til den 5. maj.", "Dette er et automatisk svar."),
    "fi": ("Olen poissa toimistolta.", "Olen lomalla 5.5. asti.", "Tämä on automaattinen vastaus."),
    "nb": ("Jeg er ikke på kontoret før mandag.", "Jeg har ferie til 5. mai.", "Dette er et automatisk svar."),
    "ru": ("Здравствуйте!\nМеня нет в офисе до 5 мая.", "Я нахожусь в отпуске до 5 мая.",
        "В настоящее время я отсутствую на рабочем месте.", "Это автоматический ответ."),
    "uk": ("Я перебуваю у відпустці до 5 травня.", "Мене немає в офісі.", "Це автоматична відповідь."),
    "ja": ("現在、不在にしております。", "5月1日から5月5日まで休暇をいただいております。",
        "お世話になっております。\n本日は終日外出しております。", "このメールは自動返信です。",
        "出張のため5月5日まで不在です。"),
    "zh": ("我目前不在办公室，5月5日返回。", "您好，我正在休假，至5月5日。", "这是一封自动回复。", "我現在不在辦公室",
        "我将于5月1日至5月5日休假"),
    "ko": ("현재 부재중입니다.", "5월 5일까지 휴가 중입니다.", "이 메일은 자동 회신입니다.",
        "안녕하세요.\n저는 5월 5일까지 출장 중입니다."),
    "tr": ("5 Mayıs'a kadar ofis dışındayım.", "Şu an ofiste değilim.", "Yıllık izindeyim, 5 Mayıs'ta döneceğim.",
        "Bu otomatik bir yanıttır.", "Merhaba,\n5 Mayıs tarihine kadar izindeyim."),
}  # fmt: skip
CUSTOMERS = {
    "en": ("How do I set up an out of office message?", "I am trying to set up my out of office reply.",
        "I am unable to turn my out of office on.", "My out of office reply is not sent.",
        "I am on version 3 and out of office does not work.", "I am on holiday and cannot log in.",
        "The office is out of paper until Monday."),
    "de": ("Ich kann meine Abwesenheitsnotiz nicht einrichten.", "Die automatische Antwort funktioniert nicht.",
        "Ich bin im Urlaub und komme nicht ins Netz.", "Im Büro geht der Drucker nicht."),
    "fr": ("Je n'arrive pas à activer le message d'absence du bureau.", "La réponse automatique ne marche pas."),
    "es": ("No puedo activar la respuesta automática.", "La impresora de la oficina no funciona."),
    "it": ("Non riesco a impostare la risposta automatica.", "La stampante in ufficio non va."),
    "pt": ("Não consigo ativar a resposta automática.", "A impressora do escritório não funciona."),
    "pl": ("Nie działa automatyczna odpowiedź.", "Drukarka w biurze nie działa."),
    "cs": ("Nejde mi nastavit automatická odpověď.", "Nejde mi zadat dovolená v systému.",
        "Tiskárna mimo kancelář nefunguje."),
    "sk": ("Nefunguje mi automatická odpoveď.", "Tlačiareň v kancelárii nejde."),
    "sl": ("Samodejni odgovor ne deluje.", "Tiskalnik v pisarni ne deluje."),
    "ro": ("Răspunsul automat nu funcționează.", "Imprimanta de la birou nu merge."),
    "nl": ("Het automatisch antwoord werkt niet.", "De printer op kantoor doet het niet."),
    "sv": ("Autosvaret fungerar inte.", "Skrivaren på kontoret fungerar inte."),
    "da": ("Det automatiske svar virker ikke.", "Printeren på kontoret virker ikke."),
    "fi": ("Automaattinen vastaus ei toimi.", "Toimiston tulostin ei toimi."),
    "nb": ("Det automatiske svaret virker ikke.", "Skriveren på kontoret virker ikke."),
    "ru": ("Автоматический ответ не работает.", "Принтер в офисе не работает."),
    "uk": ("Автоматична відповідь не працює.", "Принтер в офісі не працює."),
    "ja": ("自動返信が届きません。", "不在通知の設定方法を教えてください。", "休暇の申請ができません。"),
    "zh": ("自动回复不起作用。", "我不能设置自动回复。", "打印机坏了。"),
    "ko": ("자동 회신이 작동하지 않습니다.", "휴가 신청이 안 됩니다."),
    "tr": ("Otomatik yanıt çalışmıyor.", "Ofisteki yazıcı çalışmıyor."),
}  # fmt: skip
# As people write them, with the time before or behind.
NOTES = [
    "Hi there,\n\nI'm currently out of office and will return on Monday, December 7th.",
    "Thank you for your message. I am on annual leave until 7 December and will reply when I return.",
    "Thanks for your email. I will be out of the office from Dec 1 through Dec 7 with no access to email.",
    "Please note that I am out of the office today.", "I'm away on vacation, returning January 4th.",
    "Hello! I am presently away from the office with limited email access.",
    "I am on maternity leave from 1 May 2026.", "I will be travelling until 5 May and may be slow to respond.",
    "Your email has been received. This is an automated response.",
    "I am out of the office and will have limited access to email.",
    "Hallo,\nich bin bis einschließlich 7. Dezember nicht im Haus.",
    "Ich bin zurzeit nicht am Arbeitsplatz und kehre am 7.12. zurück.",
    "Vielen Dank für Ihre Nachricht. Aktuell befinde ich mich im Urlaub und bin ab dem 7.12. wieder erreichbar.",
    "Ich habe vom 1.12. bis 7.12. Urlaub.",
    "Ab dem 7. Dezember bin ich wieder für Sie da. Bis dahin bin ich im Urlaub.",
    "Derzeit bin ich nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.",
    "Leider bin ich bis 07.12. nicht erreichbar.", "Ich bin am 5. Mai außer Haus.",
    "Dies ist eine automatisch generierte Antwort.",
    "Merci pour votre message. Actuellement en congés, je serai de retour le 7 décembre.",
    "Je suis en congé jusqu'au 7 décembre.", "Je serai absent du 1er au 7 décembre.",
    "Je suis actuellement en déplacement et consulterai mes mails le 7 décembre.",
    "Buenos días,\n\nEstaré fuera de la oficina del 1 al 7 de diciembre.",
    "Gracias por su mensaje. Me encuentro de vacaciones hasta el 7 de diciembre.",
    "Actualmente estoy fuera de la oficina.", "Estoy ausente hasta el 7 de diciembre.",
    "Buongiorno, sono in ferie fino al 7 dicembre.",
    "Grazie per il messaggio. Sarò assente dall'ufficio dal 1 al 7 dicembre.",
    "Sono fuori sede e rientrerò il 7 dicembre.", "Al momento sono fuori ufficio.",
    "Olá,\n\nEstou de férias até 7 de dezembro.",
    "Obrigado pelo seu email. Encontro-me ausente do escritório até dia 7.",
    "Estarei ausente até ao dia 7 de dezembro.", "Dziękuję za wiadomość. W dniach 1-7 grudnia przebywam na urlopie.",
    "W dniach 1-7.12 będę nieobecna w biurze.", "Obecnie przebywam poza biurem.", "Jsem na dovolené do 7. 12. 2026.",
    "V současné době jsem mimo kancelář.", "Dne 5. 12. jsem nepřítomna.",
    "Toto je automatická odpověď na Vaši zprávu.", "Jsem mimo kancelář s omezeným přístupem k e-mailu.",
    "Do 7. prosince nejsem přítomen v kanceláři.", "Dobrý deň,\n\nmomentálne čerpám dovolenku do 7. 12.",
    "Do 7. 12. nebudem v kancelárii.", "Aktuálne som mimo kancelárie.", "Trenutno nisem v pisarni.",
    "În perioada 1-7 decembrie sunt în concediu.", "Momenteel ben ik niet op kantoor.",
    "Bedankt voor uw bericht. Ik ben op vakantie tot 7 december.", "Wegens vakantie ben ik afwezig tot 7 december.",
    "Hej!\n\nJag är på semester till den 7 december.", "Jag är föräldraledig till den 7 december.",
    "Jag är inte på kontoret idag.", "Hej,\n\nJeg er på ferie til og med den 7. december.",
    "Jeg er desværre ikke på kontoret i dag.", "Hei,\n\nolen lomalla 7.12. asti.",
    "Kiitos viestistäsi. En ole toimistolla ennen 7.12.", "Olen vuosilomalla ja palaan 7.12.",
    "Takk for din e-post. Jeg er ute av kontoret til 7. desember.", "Добрый день!\n\nЯ в отпуске до 7 декабря.",
    "Спасибо за ваше письмо. С 1 по 7 декабря я буду в отпуске.", "Нахожусь в командировке до 7 декабря.",
    "Доброго дня!\n\nЯ у відпустці до 7 грудня.", "Дякую за ваш лист. З 1 по 7 грудня я буду у відпустці.",
    "お世話になっております。\n12月1日から12月7日まで休暇を取得しております。",
    "ただいま出張中のため、返信が遅れます。", "申し訳ございませんが、12月7日まで不在です。",
    "本日は休暇をいただいております。", "您好！\n\n我正在休假，将于12月7日返回办公室。",
]  # fmt: skip
# "An automatic message" begins an alarm, too, which would be lost.
ALARMS = [
    "This is an automated message: the disk is full.", "Dies ist eine automatisch erzeugte Nachricht.",
    "Ceci est un message automatique.", "Este es un mensaje automático.", "Questo è un messaggio automatico.",
    "Toto je automatická zpráva.", "To jest wiadomość automatyczna.", "Dit is een automatisch bericht.",
    "Detta är ett automatiskt meddelande.", "Это автоматическое сообщение.", "このメールは自動送信されています。",
    "休暇申請 12月1日", "이 메일은 자동 발송되었습니다.", "Bu otomatik bir mesajdır.",
]  # fmt: skip
SIGNATURE = "\n\n-- \nMaria Nova"


@pytest.mark.parametrize("text", [*(text for texts in AWAY.values() for text in texts), *NOTES])
def test_a_first_line_that_says_so_is_known(text):
    """… with a greeting above it and thanks before it, and a signature below."""
    assert begins_away(text)
    assert is_note(text, text)
    assert is_note(text, text + SIGNATURE)


@pytest.mark.parametrize("text", [*(text for texts in CUSTOMERS.values() for text in texts), *ALARMS])
def test_what_customers_and_alarms_say_of_it_is_none(text):
    assert not begins_away(text)


def test_every_language_has_its_sentences_and_its_cases():
    assert set(WHEN) == set(SENTENCES) == set(TIMED) == set(AWAY) == set(CUSTOMERS) == LANGUAGES
    for language in LANGUAGES:
        assert min(len(SENTENCES[language]), len(AWAY[language]), len(CUSTOMERS[language])) >= 2, language


@pytest.mark.parametrize(
    ("text", "below"),
    [
        ("I am out of the office until Monday. Can you come on Tuesday?", ""),
        ("Jsem mimo kancelář. Můžete přijet v úterý?", ""),
        ("现在我不在办公室\uff0c可以星期二来吗\uff1f", ""),
        ("I am out of the office until Monday.", "\n\nOn Mon, Anna wrote:\n> Where shall we send it?"),
        ("I am out of the office until Monday.", "\n\nSent from my telephone"),
        ("I am out of the office until Monday. " + "It burns. " * 300, ""),
        ("It burns.\nNow.\nAs before.\nAnd in May.\nIt is red.\nAnd hot.\nI am out of the office until Monday.", ""),
    ],
)  # fmt: skip
def test_a_person_who_is_away_and_wants_something_is_a_person(text, below):
    """People ask, quote what they answer, write much, and say first what they want."""
    assert not is_note(text, text + below)


@pytest.mark.parametrize(("subject", "answer"), [("Re: x", True), ("[EXTERNAL] AW: x", True), ("Ynt: x", True),
                                                 ("回复\uff1ax", True), ("x", False), ("Fwd: x", False)])  # fmt: skip
def test_a_subject_says_that_it_answers(subject, answer):
    assert is_answer(subject) is answer


@pytest.mark.parametrize(("text", "question"), [("Why?", True), ("なぜ\uff1f", True), ("So.", False)])
def test_a_question_is_seen_in_any_script(text, question):
    assert asks(text) is question


@pytest.mark.parametrize("text", [", bis " * 300, ",1 " * 300, "1" * 2000, ",1 jsem 1 " * 200, "。现在我" * 300,
                                  ",1 я 1 " * 300, "i am currently " * 100_000, "\n\n\n" * 300_000])  # fmt: skip
def test_no_text_takes_long(text):
    """The first lines are few and short, whatever stands below them."""
    began = time.process_time()
    begins_away(text)
    assert time.process_time() - began < 0.5
