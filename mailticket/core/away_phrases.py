"""What stands in the subject of out-of-office mail, by language. Written as people write it; `away` folds it."""

# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

from __future__ import annotations

# Whoever writes these and nothing else, or what machines put behind them, is a machine.
PHRASES: dict[str, tuple[str, ...]] = {
    "en": (
        "automatic reply", "automatic response", "automated reply", "automated response", "automatic email reply",
        "auto reply", "autoreply", "auto response", "autoresponse", "auto responder", "autoresponder",
        "out of office", "out of the office", "out of office autoreply", "out of office auto reply",
        "out of office reply", "out of office response", "out of office notification", "out of office notice",
        "currently out of office", "currently out of the office", "away from my mail", "away from the office",
        "i am out of office", "i am out of the office", "i'm out of the office", "i am currently out of the office",
        "i am away", "vacation reply", "vacation response", "absence notification",
    ),
    "de": (
        "automatische antwort", "automatische rückantwort", "automatische abwesenheitsnotiz", "autoantwort",
        "automatische antwort bei abwesenheit", "automatische abwesenheitsnachricht", "abwesenheitsnotiz",
        "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheitsassistent", "abwesenheitshinweis",
        "abwesenheitsbenachrichtigung", "nicht im büro", "nicht im buero", "ich bin nicht im büro", "außer haus",
    ),
    "fr": (
        "réponse automatique", "réponse automatique d'absence", "absence du bureau", "absent du bureau",
        "absente du bureau", "hors du bureau", "message d'absence", "message automatique d'absence",
        "notification d'absence", "avis d'absence", "je suis absent", "je suis absente", "réponse d'absence",
    ),
    "es": (
        "respuesta automática", "contestación automática", "fuera de la oficina", "fuera de oficina",
        "ausente de la oficina", "aviso de ausencia", "mensaje de ausencia", "notificación de ausencia",
        "estoy fuera de la oficina",
    ),
    "it": (
        "risposta automatica", "fuori sede", "fuori ufficio", "assente dall'ufficio", "assenza dall'ufficio",
        "messaggio di assenza", "avviso di assenza", "notifica di assenza", "risposta automatica di assenza",
    ),
    "pt": (
        "resposta automática", "fora do escritório", "fora da empresa", "ausente do escritório",
        "ausência do escritório", "ausência temporária", "aviso de ausência", "mensagem de ausência",
        "notificação de ausência",
    ),
    "pl": (
        "automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź", "autoresponder", "poza biurem",
        "jestem poza biurem", "nieobecność w biurze", "nieobecny w biurze", "nieobecna w biurze",
        "informacja o nieobecności", "zawiadomienie o nieobecności", "powiadomienie o nieobecności",
    ),
    "cs": (
        "automatická odpověď", "automatická odpověď v nepřítomnosti", "odpověď v nepřítomnosti", "mimo kancelář",
        "jsem mimo kancelář", "nepřítomnost v kanceláři", "nepřítomen v kanceláři", "nepřítomna v kanceláři",
        "oznámení o nepřítomnosti", "zpráva o nepřítomnosti", "automatická odpověď mimo kancelář",
    ),
    "sk": (
        "automatická odpoveď", "odpoveď v neprítomnosti", "mimo kancelárie", "mimo kanceláriu", "som mimo kancelárie",
        "neprítomnosť v kancelárii", "neprítomný v kancelárii", "neprítomná v kancelárii", "oznámenie o neprítomnosti",
        "správa o neprítomnosti",
    ),
    "sl": (
        "samodejni odgovor", "samodejen odgovor", "avtomatski odgovor", "avtomatični odgovor", "odsoten", "odsotna",
        "zunaj pisarne", "nisem v pisarni", "odsotnost iz pisarne", "obvestilo o odsotnosti",
    ),
    "ro": (
        "răspuns automat", "în afara biroului", "absent din birou", "absentă din birou", "absent de la birou",
        "nu sunt la birou", "plecat din birou", "notificare de absență", "mesaj de absență",
    ),
    "nl": (
        "automatisch antwoord", "automatische reactie", "automatisch bericht van afwezigheid", "afwezigheidsbericht",
        "afwezigheidsassistent", "afwezigheidsmelding", "afwezig", "niet op kantoor", "buiten kantoor",
    ),
    "sv": (
        "automatiskt svar", "autosvar", "frånvaromeddelande", "frånvaroassistenten", "inte på kontoret",
        "ej på kontoret", "jag är inte på kontoret", "frånvarande från kontoret",
    ),
    "da": (
        "automatisk svar", "autosvar", "ikke på kontoret", "ikke til stede", "fraværsmeddelelse", "fraværsbesked",
        "jeg er ikke på kontoret", "fraværende fra kontoret",
    ),
    "fi": (
        "automaattinen vastaus", "automaattivastaus", "poissa toimistosta", "en ole toimistolla", "poissaoloilmoitus",
        "poissaoloviesti", "ilmoitus poissaolosta",
    ),
    "nb": (
        "automatisk svar", "autosvar", "ikke på kontoret", "ikke til stede", "fraværsmelding", "fraværsassistent",
        "borte fra kontoret", "jeg er ikke på kontoret", "ute av kontoret",
    ),
    "ru": (
        "автоматический ответ", "автоответ", "автоответчик", "вне офиса", "нет на рабочем месте",
        "отсутствие на рабочем месте", "отсутствую на рабочем месте", "уведомление об отсутствии",
        "сообщение об отсутствии", "меня нет в офисе",
    ),
    "uk": (
        "автоматична відповідь", "автовідповідь", "поза офісом", "відсутність на робочому місці",
        "повідомлення про відсутність", "мене немає в офісі", "немає на робочому місці",
    ),
    "ja": (
        "自動応答", "自動返信", "自動応答メール", "自動返信メール", "自動応答メッセージ", "不在応答",
        "不在にしております",
    ),
    "zh": (
        "自动答复", "自动回复", "自动应答", "自動回覆", "自動答覆", "自動回復", "不在办公室", "不在辦公室",
        "我不在办公室", "我不在辦公室", "外出自动回复", "休假自动回复",
    ),
    "ko": (
        "자동 회신", "자동회신", "자동 응답", "자동응답", "자동 답장", "부재 중 자동 회신", "부재중 자동 회신",
        "부재중 자동 응답", "부재중 자동응답", "부재 알림", "부재중 알림", "부재중 메시지",
    ),
    "tr": (
        "otomatik yanıt", "otomatik cevap", "ofis dışında", "ofis dışındayım", "iş yeri dışında", "ofiste değilim",
        "ofis dışı yanıtı", "ofis dışında bildirimi",
    ),
}  # fmt: skip

# What Exchange calls an automatic reply elsewhere, and nothing more of these languages.
ELSEWHERE: tuple[str, ...] = (
    "automatikus válasz", "házon kívül", "automatski odgovor", "аутоматски одговор", "automatinis atsakymas",
    "automātiska atbilde", "automātiskā atbilde", "ārpus biroja atrašanās automātiskā atbilde", "automaatvastus",
    "автоматичен отговор", "αυτόματη απάντηση", "resposta automàtica", "trả lời tự động", "balasan otomatis",
    "תשובה אוטומטית", "رد تلقائي", "ตอบกลับอัตโนมัติ",
)  # fmt: skip

# A person asks about these, too ("Dovolená"), or a parcel service writes so ("不在通知"): they count only in a mail
# that answers another.
UNSURE: dict[str, tuple[str, ...]] = {
    "en": ("vacation", "on vacation", "on holiday", "on leave", "annual leave", "away", "ooo", "auto"),
    "de": ("urlaub", "im urlaub", "abwesend", "abwesenheit"),
    "fr": ("absence", "absent", "absente", "en congé", "en congés", "congés"),
    "es": ("ausencia", "ausente", "de vacaciones", "vacaciones"),
    "it": ("assenza", "assente", "in ferie", "ferie"),
    "pt": ("ausência", "ausente", "de férias", "em férias", "férias"),
    "pl": ("nieobecność", "urlop", "na urlopie"),
    "cs": ("nepřítomnost", "dovolená", "na dovolené"),
    "sk": ("neprítomnosť", "dovolenka", "na dovolenke"),
    "sl": ("odsotnost", "dopust", "na dopustu"),
    "ro": ("absență", "concediu", "în concediu"),
    "nl": ("afwezigheid", "vakantie", "op vakantie", "met vakantie"),
    "sv": ("frånvaro", "frånvarande", "semester", "på semester", "ledig"),
    "da": ("fravær", "fraværende", "ferie", "på ferie"),
    "fi": ("poissa", "poissaolo", "loma", "lomalla", "vuosilomalla"),
    "nb": ("fravær", "fraværende", "ferie", "på ferie"),
    "ru": ("отпуск", "в отпуске", "отсутствие", "отсутствую"),
    "uk": ("відпустка", "у відпустці", "відсутність", "відсутній", "відсутня"),
    "ja": ("不在", "不在通知", "不在のお知らせ", "休暇", "休暇中", "休暇のお知らせ", "出張中", "外出中"),
    "zh": ("休假", "休假中", "外出", "外出通知", "出差", "出差中"),
    "ko": ("부재", "부재중", "부재 중", "휴가", "휴가 중", "출장 중"),
    "tr": ("izinde", "yıllık izin", "yıllık izindeyim", "tatil", "tatilde", "tatildeyim"),
}

# What stands behind a person's name in the subjects of Notes and others: "Maria Nová is out of the office".
NAMED: tuple[str, ...] = (
    "is out of the office", "is out of office", "is currently out of the office", "is away from the office",
    "ist außer haus", "ist nicht im büro", "ist abwesend", "est absent du bureau", "est absente du bureau",
    "n'est pas au bureau", "no está en la oficina", "está fuera de la oficina", "è fuori ufficio", "non è in ufficio",
    "está fora do escritório", "jest poza biurem", "je mimo kancelář", "není v kanceláři", "je mimo kancelárie",
    "is niet op kantoor", "is afwezig", "är inte på kontoret", "er ikke på kontoret", "ei ole toimistolla",
)  # fmt: skip

# Between one of these phrases and a time: "Out of office until Monday".
UNTIL: tuple[str, ...] = (
    "until", "till", "til", "bis", "jusqu", "hasta", "fino", "até", "do", "tot", "până", "indtil", "inntil", "до", "по",
)  # fmt: skip
