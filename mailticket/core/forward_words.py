"""What mail clients write around a mail that is passed on: the lines before it and the labels of its head.

In 22 languages. Every table grows by a row, in lower case as `fold` makes it. One mail may mix several languages: Gmail
writes `Von:` and `Subject:` below each other.
"""

# ruff: noqa: RUF001 - letters of many alphabets
from __future__ import annotations

import unicodedata

# What introduces it, in a line of its own: between dashes, before a colon, or quoted. Where a name follows ("forwarded
# message from Anna"), the line begins with dashes.
FORWARDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("en", ("forwarded message", "begin forwarded message", "start of forwarded message", "forwarded by")),
    ("en", ("forwarded mail", "forwarded email", "forwarded e-mail", "forward message")),
    ("de", ("weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "weitergeleitet von")),
    ("de", ("anfang der weitergeleiteten e-mail", "weitergeleitete e-mail")),
    ("fr", ("message transféré", "début du message transféré", "début du message réexpédié", "message transmis")),
    ("fr", ("message réexpédié", "courriel transféré", "transféré par", "réexpédié par")),
    ("es", ("mensaje reenviado", "inicio del mensaje reenviado", "comienzo del mensaje reenviado", "reenviado por")),
    ("it", ("messaggio inoltrato", "inizio messaggio inoltrato", "inizio del messaggio inoltrato", "inoltrato da")),
    ("pt", ("mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada", "encaminhado por")),
    ("pt", ("início da mensagem reencaminhada",)),
    ("pl", ("przekazana wiadomość", "początek przekazywanej wiadomości", "treść przekazanej wiadomości")),
    ("pl", ("przesłana dalej wiadomość", "wiadomość przekazana dalej", "przekazane przez")),
    ("cs", ("přeposlaná zpráva", "začátek přeposílané zprávy", "začátek přeposlané zprávy", "předaná zpráva")),
    ("cs", ("přeposlal", "přeposlaný e-mail")),
    ("sk", ("preposlaná správa", "začiatok preposlanej správy", "preposlaná správa --- forwarded message")),
    ("sl", ("posredovano sporočilo", "začetek posredovanega sporočila", "posredoval")),
    ("ro", ("mesaj redirecționat", "începe mesajul redirecționat", "începutul mesajului redirecționat")),
    ("ro", ("mesaj înaintat", "mesaj retransmis")),
    ("nl", ("doorgestuurd bericht", "begin doorgestuurd bericht", "doorgestuurd door", "doorgezonden bericht")),
    ("sv", ("vidarebefordrat meddelande", "vidarebefordrat mejl", "vidarebefordrat brev", "vidarebefordrat av")),
    ("da", ("videresendt meddelelse", "start på videresendt besked", "videresendt besked", "videresendt af")),
    ("fi", ("välitetty viesti", "välitetty viesti alkaa", "edelleenlähetetty viesti", "välitetty viesti / fwd.msg")),
    ("nb", ("videresendt melding", "start på videresendt melding", "videresendt e-post", "videresendt av")),
    ("ru", ("пересылаемое сообщение", "перенаправленное сообщение", "начало переадресованного сообщения")),
    ("ru", ("пересланное сообщение", "начало пересылаемого сообщения", "переслано")),
    ("uk", ("переслане повідомлення", "перенаправлене повідомлення", "початок листа, що пересилається")),
    ("uk", ("пересланий лист", "початок переадресованого повідомлення")),
    (
        "ja",
        (
            "転送メッセージ",
            "転送されたメッセージ",
            "転送されたメール",
            "転送メール",
            "以下転送",
            "転送されたメッセージ:",
        ),
    ),
    (
        "zh",
        (
            "转发的邮件",
            "转发邮件",
            "转发的消息",
            "开始转发的邮件",
            "转发邮件信息",
            "轉寄郵件",
            "轉寄的郵件",
            "轉寄訊息",
        ),
    ),
    (
        "zh",
        (
            "開始轉寄郵件",
            "轉寄的訊息",
            "已转发邮件",
            "以下是转发邮件",
            "下面是被转发的邮件",
            "以下是轉寄的郵件",
            "已轉寄郵件",
            "轉寄信件",
            "轉寄的信件",
        ),
    ),
    ("ko", ("전달된 메시지", "전달된 메일", "전달된 메시지의 시작", "전달 메시지", "전달된 편지")),
    ("tr", ("iletilen ileti", "iletilmiş mesaj", "yönlendirilmiş ileti", "iletilen mesaj", "yönlendirilen ileti")),
    ("tr", ("ileti başlangıcı", "iletilmiş ileti", "iletilen ileti başlangıcı")),
)
# What ends it, between dashes.
ENDS: tuple[str, ...] = (
    "end forwarded message",
    "end of forwarded message",
    "end message",
    "ende der weitergeleiteten nachricht",
    "ende weitergeleitete nachricht",
    "fin du message transféré",
    "fin del mensaje reenviado",
    "fine messaggio inoltrato",
    "fim da mensagem encaminhada",
    "koniec przekazywanej wiadomości",
    "koniec przekazanej wiadomości",
    "konec přeposlané zprávy",
    "koniec preposlanej správy",
    "konec posredovanega sporočila",
    "einde doorgestuurd bericht",
    "slut på vidarebefordrat meddelande",
    "slut på videresendt besked",
    "slutt på videresendt melding",
    "конец пересылаемого сообщения",
    "кінець пересланого повідомлення",
)
# (language, from, date, to, copy, subject): the labels of its head.
LABELS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("en", "from", "date|sent|date sent", "to", "cc|copy", "subject"),
    ("de", "von|absender", "datum|gesendet|gesendet am", "an|empfänger", "cc|kopie|kopie (cc)", "betreff"),
    ("fr", "de|expéditeur", "date|envoyé|envoyé le|date d'envoi", "à|a|pour|destinataire", "cc|copie à", "objet|sujet"),
    ("es", "de|remitente", "fecha|enviado|enviado el|enviada", "para|a|destinatario", "cc|copia", "asunto"),
    ("it", "da|mittente", "data|inviato|inviato il", "a|per|destinatario", "cc|copia", "oggetto"),
    ("pt", "de|remetente", "data|enviado|enviada|enviado em|enviada em|enviadas", "para|a", "cc|com cópia", "assunto"),
    ("pl", "od|nadawca", "data|wysłano|wysłane|data wysłania", "do|adresat", "dw|do wiadomości|kopia", "temat"),
    ("cs", "od|odesílatel", "datum|odesláno|odesláno dne|posláno", "komu|pro|příjemce", "kopie|cc", "předmět|věc"),
    ("sk", "od|odosielateľ", "dátum|odoslané|dátum odoslania|poslané", "komu|pre|príjemca", "kópia|cc", "predmet|vec"),
    ("sl", "od|pošiljatelj", "datum|poslano", "za|prejemnik|komu", "kp|v vednost", "zadeva"),
    ("ro", "de la|expeditor|expeditorul", "data|trimis|trimis la", "către|destinatar|destinatarul", "cc", "subiect"),
    ("ro", "de", "dată", "la", "cc", "subiectul"),
    ("nl", "van|afzender", "datum|verzonden|datum verzonden", "aan|naar", "cc|kopie", "onderwerp"),
    ("sv", "från|avsändare", "datum|skickat|skickades", "till|mottagare", "kopia|kopia till", "ämne|rubrik"),
    ("da", "fra|afsender", "dato|sendt", "til|modtager", "cc|kopi", "emne"),
    ("fi", "lähettäjä", "päivämäärä|päiväys|lähetetty|pvm", "vastaanottaja|kenelle", "kopio", "aihe|otsikko"),
    ("nb", "fra|avsender", "dato|sendt", "til|mottaker", "kopi|kopi til", "emne"),
    ("hu", "feladó", "elküldve|dátum|küldve", "címzett", "másolatot kap|másolat", "tárgy"),
    ("ru", "от|отправитель|от кого", "дата|отправлено|дата отправки|когда", "кому|получатель", "копия", "тема"),
    ("uk", "від|від кого|відправник", "дата|надіслано|відправлено", "кому|одержувач", "копія", "тема"),
    ("ja", "差出人|送信者|送信元", "日付|送信日時|日時|送信日", "宛先|受信者|送信先", "cc|写し", "件名|題名"),
    ("zh", "发件人", "日期|发送时间|发送日期|时间", "收件人", "抄送|抄送人", "主题|标题"),
    ("zh", "寄件者|寄件人|發件人", "發送時間|傳送時間|寄件日期|傳送日期|時間", "收件者", "副本", "主旨|主題"),
    ("ko", "보낸 사람|보낸사람", "날짜|보낸 날짜|보낸날짜", "받는 사람|받는사람", "참조", "제목"),
    ("ko", "발신인|보낸이", "보낸 시간|일시", "받는이|수신인", "참조", "제목"),
    ("tr", "kimden|gönderen", "tarih|gönderildi|gönderilme tarihi|gönderim tarihi", "kime|alıcı", "bilgi", "konu"),
)  # fmt: skip
# Other lines that stand in such a head, and tell nothing here. So do all that look like X-Mailer or Reply-To.
OTHER_LABELS: tuple[str, ...] = (
    *("bcc", "importance", "priority", "attachments", "attachment", "organization", "organisation", "newsgroups"),
    *("antwort an", "anlagen", "wichtigkeit", "priorität", "répondre à", "pièces jointes", "pièce jointe", "cci"),
    *("responder a", "datos adjuntos", "adjuntos", "importancia", "cco", "rispondi a", "risposta", "allegati", "ccn"),
    *("responder para", "anexos", "importância", "prioridade", "odpowiedz do", "odpowiedź do", "załączniki", "udw"),
    *("odpovědět komu", "přílohy", "důležitost", "skrytá kopie", "odpovedať", "prílohy", "priloge", "răspunde la"),
    *("bijlagen", "urgentie", "svara till", "svar till", "bilagor", "svar til", "vedhæftede filer", "vedlegg"),
    *("vastaus", "liitteet", "ответить", "вложения", "відповісти", "вкладення", "返信先", "添付ファイル", "回复"),
    *("附件", "重要性", "첨부파일", "yanıt", "ekler", "mailed-by", "signed-by", "security", "resent from"),
)
# (name, address) of whoever sent it for somebody else: the phrase stands between the two.
ON_BEHALF: tuple[str, ...] = (
    *("on behalf of", "im auftrag von", "de la part de", "en nombre de", "per conto di", "em nome de", "w imieniu"),
    *("jménem", "v mene", "v imenu", "în numele", "namens", "för", "på vegne af", "på vegne av", "от имени"),
    "від імені",
)
# What a program says in a mail that has nothing but the other one attached.
ATTACHED_NOTES: tuple[str, ...] = (
    "note: forwarded message attached.",
    "see attached",
    "see attached message",
    "forwarded message attached",
)

_CEDILLAS = str.maketrans("şţ", "șț")
_ROLES = ("from", "date", "to", "cc", "subject")


def fold(text: str) -> str:
    """To compare words that people and programs write in several ways: case, widths, accents apart, blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u0307", "")  # of the Turkish capital I
    return " ".join(folded.replace("\u2019", "'").split())


def fold_label(text: str) -> str:
    """Romanian is written with cedillas, too; and Turkish has no commas below."""
    return fold(text).translate(_CEDILLAS)


PHRASES: frozenset[str] = frozenset(fold_label(phrase) for _, phrases in FORWARDS for phrase in phrases)
ENDINGS: frozenset[str] = frozenset(fold_label(phrase) for phrase in ENDS)


def _senders() -> dict[str, frozenset[str]]:
    """Which languages a label of the sender is of."""
    found: dict[str, frozenset[str]] = {}
    for row in LABELS:
        for label in map(fold_label, row[1].split("|")):
            found[label] = found.get(label, frozenset()) | {row[0]}
    return found


def _roles() -> dict[str, str]:
    found = {fold_label(label): "other" for label in OTHER_LABELS}
    for row in LABELS:
        for role, labels in zip(_ROLES, row[1:], strict=True):
            found |= {fold_label(label): role for label in labels.split("|")}
    return found


ROLES: dict[str, str] = _roles()
SENDER_LANGUAGES: dict[str, frozenset[str]] = _senders()
LONGEST_LABEL = 30
