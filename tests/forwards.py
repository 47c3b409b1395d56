"""What each mail client writes around a mail that it passes on, in each language that we know it in."""
# ruff: noqa: E501, RUF001 - a table with a row a line, in many alphabets

from typing import NamedTuple

LINES = ("Guten Tag,", "", "the printer prints blank pages.", "", "Jana Malá")


class Form(NamedTuple):
    """`head` has one line for each of the client's; {p} stands before each line of the whole where it quotes."""

    client: str
    language: str
    subject: str  # of the mail around it: its mark
    head: tuple[str, ...]
    quoted: bool = False


def _apple(language, opening, sender, subject, date, to, written):
    """Apple Mail quotes all of it."""
    who = "Jana Malá <jana@customer.example>"
    head = (opening, "", f"{sender}: {who}", f"{subject}: Tiskárna", f"{date}: {written}", f"{to}: anna@acme.example")
    return Form("Apple Mail", language, "Fwd: Tiskárna", (*head, ""), quoted=True)


def _gmail(language, sender, written):
    """Gmail translates the sender's label and the date, and nothing else."""
    who = f"{sender}: Jana Malá <jana@customer.example>"
    head = (
        "---------- Forwarded message ---------",
        who,
        f"Date: {written}",
        "Subject: Tiskárna",
        "To: <anna@acme.example>",
    )
    return Form("Gmail", language, "Fwd: Tiskárna", (*head, "", ""))


def _outlook(language, mark, sender, date, to, subject, written):
    """Outlook has a rule, or none, and no words before the head; its subject says what it is."""
    who = f"{sender}: Jana Malá <jana@customer.example>"
    lines = (who, f"{date}: {written}", f"{to}: Anna Dvořák <anna@acme.example>", f"{subject}: Tiskárna")
    return Form("Outlook", language, f"{mark}: Tiskárna", ("________________________________", *lines, ""))


def _thunderbird(language, opening, subject, date, sender, to):
    """Thunderbird has the date as the mail itself has it."""
    lines = (f"{subject}: \tTiskárna", f"{date}: \tTue, 26 Oct 2021 14:25:08 +0200")
    who = (f"{sender}: \tJana Malá <jana@customer.example>", f"{to}: \tanna@acme.example")
    return Form("Thunderbird", language, "Fwd: Tiskárna", (f"-------- {opening} --------", *lines, *who, "", "", ""))


def _yahoo(language, opening, sender, to, date, subject, written):
    lines = (f"----- {opening} -----", f"{sender}: Jana Malá <jana@customer.example>", f"{to}: anna@acme.example")
    return Form("Yahoo", language, "Fw: Tiskárna", (*lines, f"{date}: {written}", f"{subject}: Tiskárna", ""))


FORMS = (
    _apple("en", "Begin forwarded message:", "From", "Subject", "Date", "To", "26 October 2021 at 14:25:08 CEST"),
    _apple("de", "Anfang der weitergeleiteten Nachricht:", "Von", "Betreff", "Datum", "An", "26. Oktober 2021 um 14:25:08 MESZ"),
    _apple("fr", "Début du message réexpédié :", "De", "Objet", "Date", "À", "26 octobre 2021 à 14:25:08 UTC+2"),
    _apple("es", "Inicio del mensaje reenviado:", "De", "Asunto", "Fecha", "Para", "26 de octubre de 2021, 14:25:08 CEST"),
    _apple("it", "Inizio messaggio inoltrato:", "Da", "Oggetto", "Data", "A", "26 ottobre 2021 14:25:08 CEST"),
    _apple("pt", "Início da mensagem encaminhada:", "De", "Assunto", "Data", "Para", "26 de outubro de 2021 14:25:08 GMT+2"),
    _apple("pl", "Początek przekazywanej wiadomości:", "Od", "Temat", "Data", "Do", "26 października 2021 o 14:25:08 CEST"),
    _apple("cs", "Začátek přeposílané zprávy:", "Od", "Předmět", "Datum", "Komu", "26. října 2021 14:25:08 SELČ"),
    _apple("sk", "Začiatok preposlanej správy:", "Od", "Predmet", "Dátum", "Pre", "26. októbra 2021 o 14:25:08 SELČ"),
    _apple("ro", "Începe mesajul redirecționat:", "De la", "Subiect", "Dată", "Către", "26 octombrie 2021, 14:25:08 EEST"),
    _apple("nl", "Begin doorgestuurd bericht:", "Van", "Onderwerp", "Datum", "Aan", "26 oktober 2021 om 14:25:08 CEST"),
    _apple("sv", "Vidarebefordrat mejl:", "Från", "Ämne", "Datum", "Till", "26 oktober 2021 14:25:08 CEST"),
    _apple("da", "Start på videresendt besked:", "Fra", "Emne", "Dato", "Til", "26. oktober 2021 kl. 14.25.08 CEST"),
    _apple("fi", "Välitetty viesti alkaa:", "Lähettäjä", "Aihe", "Päivämäärä", "Vastaanottaja", "26. lokakuuta 2021 klo 14.25.08 EEST"),
    _apple("nb", "Start på videresendt melding:", "Fra", "Emne", "Dato", "Til", "26. oktober 2021 kl. 14:25:08 CEST"),
    _apple("ru", "Начало переадресованного сообщения:", "Отправитель", "Тема", "Дата", "Кому", "26 октября 2021 г., 14:25:08 GMT+3"),
    _apple("uk", "Початок листа, що пересилається:", "Від", "Тема", "Дата", "Кому", "26 жовтня 2021 р. о 14:25:08 EEST"),
    _apple("ja", "転送されたメッセージ：", "差出人", "件名", "日付", "宛先", "2021年10月26日 14:25:08 JST"),
    _apple("zh", "开始转发的邮件：", "发件人", "主题", "日期", "收件人", "2021年10月26日 GMT+8 14:25:08"),
    _apple("ko", "전달된 메시지:", "보낸 사람", "제목", "날짜", "받는 사람", "2021년 10월 26일 오후 2:25:08 GMT+9"),
    _apple("tr", "İleti başlangıcı:", "Kimden", "Konu", "Tarih", "Kime", "26 Ekim 2021 14:25:08 GMT+3"),
    _gmail("en", "From", "Tue, Oct 26, 2021 at 2:25 PM"),
    _gmail("de", "Von", "Di., 26. Okt. 2021 um 14:25 Uhr"),
    _gmail("fr", "De", "mar. 26 oct. 2021 à 14:25"),
    _gmail("es", "De", "mar, 26 oct 2021 a las 14:25"),
    _gmail("it", "Da", "mar 26 ott 2021 alle ore 14:25"),
    _gmail("pt", "De", "ter., 26 de out. de 2021 às 14:25"),
    _gmail("pl", "Od", "wt., 26 paź 2021 o 14:25"),
    _gmail("cs", "Od", "út 26. 10. 2021 v 14:25"),
    _gmail("sk", "Od", "ut 26. 10. 2021 o 14:25"),
    _gmail("sl", "Od", "tor., 26. okt. 2021 ob 14:25"),
    _gmail("ro", "De la", "mar., 26 oct. 2021 la 14:25"),
    _gmail("nl", "Van", "di 26 okt. 2021 om 14:25"),
    _gmail("sv", "Från", "tis 26 okt. 2021 kl 14:25"),
    _gmail("da", "Fra", "tir. 26. okt. 2021 kl. 14.25"),
    _gmail("fi", "Lähettäjä", "ti 26. lokak. 2021 klo 14.25"),
    _gmail("nb", "Fra", "tir. 26. okt. 2021 kl. 14:25"),
    _gmail("ru", "От", "вт, 26 окт. 2021 г. в 14:25"),
    _gmail("uk", "Від", "вт, 26 жовт. 2021 р. о 14:25"),
    _gmail("ja", "From", "2021年10月26日(火) 14:25"),
    _gmail("zh", "发件人", "2021年10月26日周二 14:25"),
    _gmail("ko", "보낸사람", "2021년 10월 26일 (화) 오후 2:25"),
    _gmail("tr", "Gönderen", "26 Eki 2021 Sal, 14:25"),
    _outlook("en", "FW", "From", "Sent", "To", "Subject", "Tuesday, October 26, 2021 2:25 PM"),
    _outlook("de", "WG", "Von", "Gesendet", "An", "Betreff", "Dienstag, 26. Oktober 2021 14:25"),
    _outlook("fr", "TR", "De ", "Envoyé ", "À ", "Objet ", "mardi 26 octobre 2021 14:25"),
    _outlook("es", "RV", "De", "Enviado", "Para", "Asunto", "martes, 26 de octubre de 2021 14:25"),
    _outlook("it", "I", "Da", "Inviato", "A", "Oggetto", "martedì 26 ottobre 2021 14:25"),
    _outlook("pt", "ENC", "De", "Enviado", "Para", "Assunto", "terça-feira, 26 de outubro de 2021 14:25"),
    _outlook("pl", "PD", "Od", "Wysłane", "Do", "Temat", "wtorek, 26 października 2021 14:25"),
    _outlook("cs", "FW", "Od", "Odesláno", "Komu", "Předmět", "úterý 26. října 2021 14:25"),
    _outlook("sk", "FW", "Od", "Odoslané", "Komu", "Predmet", "utorok 26. októbra 2021 14:25"),
    _outlook("sl", "FW", "Od", "Poslano", "Za", "Zadeva", "torek, 26. oktober 2021 14:25"),
    _outlook("ro", "Redir.", "De la", "Trimis", "Către", "Subiect", "marți, 26 octombrie 2021 14:25"),
    _outlook("nl", "FW", "Van", "Verzonden", "Aan", "Onderwerp", "dinsdag 26 oktober 2021 14:25"),
    _outlook("sv", "VB", "Från", "Skickat", "Till", "Ämne", "den 26 oktober 2021 14:25"),
    _outlook("da", "VS", "Fra", "Sendt", "Til", "Emne", "26. oktober 2021 14:25"),
    _outlook("fi", "VL", "Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe", "tiistai 26. lokakuuta 2021 14.25"),
    _outlook("nb", "VS", "Fra", "Sendt", "Til", "Emne", "tirsdag 26. oktober 2021 14:25"),
    _outlook("ru", "FW", "От", "Отправлено", "Кому", "Тема", "26 октября 2021 г. 14:25"),
    _outlook("uk", "FW", "Від", "Надіслано", "Кому", "Тема", "26 жовтня 2021 р. 14:25"),
    _outlook("ja", "FW", "差出人", "送信日時", "宛先", "件名", "2021年10月26日 14:25"),
    _outlook("zh", "转发", "发件人", "发送时间", "收件人", "主题", "2021年10月26日 14:25"),
    _outlook("zh", "轉寄", "寄件者", "寄件日期", "收件者", "主旨", "2021年10月26日 下午 02:25"),
    _outlook("ko", "전달", "보낸 사람", "보낸 날짜", "받는 사람", "제목", "2021년 10월 26일 화요일 오후 2:25"),
    _outlook("tr", "İLT", "Kimden", "Gönderildi", "Kime", "Konu", "26 Ekim 2021 Salı 14:25"),
    _thunderbird("en", "Forwarded Message", "Subject", "Date", "From", "To"),
    _thunderbird("de", "Weitergeleitete Nachricht", "Betreff", "Datum", "Von", "An"),
    _thunderbird("fr", "Message transféré", "Sujet ", "Date ", "De ", "Pour "),
    _thunderbird("es", "Mensaje reenviado", "Asunto", "Fecha", "De", "Para"),
    _thunderbird("it", "Messaggio Inoltrato", "Oggetto", "Data", "Mittente", "A"),
    _thunderbird("pt", "Mensagem reencaminhada", "Assunto", "Data", "De", "Para"),
    _thunderbird("pl", "Treść przekazanej wiadomości", "Temat", "Data", "Nadawca", "Adresat"),
    _thunderbird("cs", "Přeposlaná zpráva", "Předmět", "Datum", "Od", "Komu"),
    _thunderbird("sk", "Preposlaná správa --- Forwarded Message", "Predmet", "Dátum", "Od", "Pre"),
    _thunderbird("sl", "Posredovano sporočilo", "Zadeva", "Datum", "Od", "Za"),
    _thunderbird("ro", "Mesaj redirecționat", "Subiectul", "Data", "De la", "Către"),
    _thunderbird("nl", "Doorgestuurd bericht", "Onderwerp", "Datum", "Van", "Aan"),
    _thunderbird("sv", "Vidarebefordrat meddelande", "Ämne", "Datum", "Från", "Till"),
    _thunderbird("da", "Videresendt meddelelse", "Subject", "Date", "From", "To"),
    _thunderbird("fi", "Välitetty viesti / Fwd.Msg", "Aihe", "Päiväys", "Lähettäjä", "Vastaanottaja"),
    _thunderbird("nb", "Videresendt melding", "Emne", "Dato", "Fra", "Til"),
    _thunderbird("ru", "Перенаправленное сообщение", "Тема", "Дата", "От", "Кому"),
    _thunderbird("uk", "Переслане повідомлення", "Тема", "Дата", "Від", "Кому"),
    _thunderbird("ja", "転送メッセージ", "件名", "日付", "差出人", "宛先"),
    _thunderbird("zh", "转发的消息", "主题", "日期", "发件人", "收件人"),
    _thunderbird("ko", "전달된 메시지", "제목", "날짜", "보낸 사람", "받는 사람"),
    _thunderbird("tr", "İletilen İleti", "Konu", "Tarih", "Kimden", "Kime"),
    _yahoo("en", "Forwarded Message", "From", "To", "Sent", "Subject", "Tuesday, October 26, 2021, 02:25:08 PM GMT+2"),
    _yahoo("de", "Weitergeleitete Nachricht", "Von", "An", "Gesendet", "Betreff", "Dienstag, 26. Oktober 2021, 14:25:08 MESZ"),
    _yahoo("fr", "Message transmis", "De", "À", "Envoyé", "Objet", "mardi 26 octobre 2021 à 14:25:08 UTC+2"),
    _yahoo("es", "Mensaje reenviado", "De", "Para", "Enviado", "Asunto", "martes, 26 de octubre de 2021, 14:25:08 CEST"),
    _yahoo("it", "Messaggio inoltrato", "Da", "A", "Inviato", "Oggetto", "martedì 26 ottobre 2021, 14:25:08 CEST"),
    _yahoo("pl", "Przekazana wiadomość", "Od", "Do", "Wysłano", "Temat", "wtorek, 26 października 2021 14:25:08 CEST"),
    _yahoo("fi", "Edelleenlähetetty viesti", "Lähettäjä", "Vastaanottaja", "Lähetetty", "Aihe", "tiistai 26. lokakuuta 2021 klo 14.25.08"),
    _yahoo("tr", "İletilmiş Mesaj", "Kimden", "Kime", "Gönderildi", "Konu", "26 Ekim 2021 Salı 14:25:08 GMT+3"),
    _yahoo("uk", "Перенаправлене повідомлення", "Від", "Кому", "Надіслано", "Тема", "вівторок, 26 жовтня 2021 р., 14:25:08 GMT+3"),
)  # fmt: skip
