"""Out-of-office mail that declares nothing, known by its subject: what mail programs and people write there.

A customer's request may begin with the same words ("Out of office printer is broken"), and a request that is taken for
a holiday note is lost. So a phrase counts only as a whole, or with what machines put behind it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# By language, in lower case, without accents, with spaces for hyphens.
PHRASES: dict[str, tuple[str, ...]] = {
    "en": (
        "automatic reply", "automatic response", "automated reply", "automated response", "auto reply", "autoreply",
        "auto response", "autoresponse", "out of office", "out of the office", "out of office autoreply",
        "out of office auto reply", "out of office reply", "out of office response", "out of office notification",
        "away from my mail", "away from the office", "i am out of office", "i am out of the office",
        "i'm out of the office", "i am away", "vacation reply", "vacation response", "absence notification",
    ),
    "de": (
        "automatische antwort", "automatische ruckantwort", "automatische abwesenheitsnotiz", "autoantwort",
        "abwesenheitsnotiz", "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheitsassistent",
        "abwesenheitshinweis", "nicht im buro", "nicht im buero", "ich bin nicht im buro", "ausser haus",
    ),
    "fr": (
        "reponse automatique", "reponse automatique d'absence", "absence du bureau", "absent du bureau",
        "absente du bureau", "hors du bureau", "message d'absence", "message automatique d'absence",
        "notification d'absence", "avis d'absence", "je suis absent", "je suis absente",
    ),
    "es": (
        "respuesta automatica", "contestacion automatica", "fuera de la oficina", "fuera de oficina",
        "ausente de la oficina", "aviso de ausencia", "mensaje de ausencia", "notificacion de ausencia",
    ),
    "it": (
        "risposta automatica", "fuori sede", "fuori ufficio", "assente dall'ufficio", "assenza dall'ufficio",
        "messaggio di assenza", "avviso di assenza", "notifica di assenza", "risposta automatica di assenza",
    ),
    "pt": (
        "resposta automatica", "fora do escritorio", "fora da empresa", "ausente do escritorio",
        "ausencia do escritorio", "ausencia temporaria", "aviso de ausencia", "mensagem de ausencia",
        "notificacao de ausencia",
    ),
    "pl": (
        "automatyczna odpowiedz", "odpowiedz automatyczna", "autoodpowiedz", "poza biurem", "jestem poza biurem",
        "nieobecnosc w biurze", "nieobecny w biurze", "nieobecna w biurze", "informacja o nieobecnosci",
        "zawiadomienie o nieobecnosci", "powiadomienie o nieobecnosci",
    ),
    "cs": (
        "automaticka odpoved", "automaticka odpoved v nepritomnosti", "odpoved v nepritomnosti", "mimo kancelar",
        "jsem mimo kancelar", "nepritomnost v kancelari", "nepritomen v kancelari", "nepritomna v kancelari",
        "oznameni o nepritomnosti", "zprava o nepritomnosti", "automaticka odpoved mimo kancelar",
    ),
    "sk": (
        "automaticka odpoved", "odpoved v nepritomnosti", "mimo kancelarie", "mimo kancelariu", "som mimo kancelarie",
        "nepritomnost v kancelarii", "nepritomny v kancelarii", "nepritomna v kancelarii", "oznamenie o nepritomnosti",
        "sprava o nepritomnosti",
    ),
    "sl": (
        "samodejni odgovor", "samodejen odgovor", "avtomatski odgovor", "avtomaticni odgovor", "odsoten", "odsotna",
        "zunaj pisarne", "nisem v pisarni", "odsotnost iz pisarne", "obvestilo o odsotnosti",
    ),
    "ro": (
        "raspuns automat", "in afara biroului", "absent din birou", "absenta din birou", "absent de la birou",
        "nu sunt la birou", "plecat din birou", "notificare de absenta", "mesaj de absenta",
    ),
    "nl": (
        "automatisch antwoord", "automatische reactie", "automatisch bericht van afwezigheid", "afwezigheidsbericht",
        "afwezigheidsassistent", "afwezigheidsmelding", "afwezig", "niet op kantoor", "buiten kantoor",
    ),
}  # fmt: skip

# A person asks about these, too ("Dovolená"): they count only in a mail that answers another.
UNSURE: dict[str, tuple[str, ...]] = {
    "en": ("vacation", "on vacation", "on holiday", "on leave", "annual leave", "away", "ooo"),
    "de": ("urlaub", "im urlaub", "abwesend", "abwesenheit"),
    "fr": ("absence", "absent", "absente", "en conge", "en conges", "conges"),
    "es": ("ausencia", "ausente", "de vacaciones", "vacaciones"),
    "it": ("assenza", "assente", "in ferie", "ferie"),
    "pt": ("ausencia", "ausente", "de ferias", "em ferias", "ferias"),
    "pl": ("nieobecnosc", "urlop", "na urlopie"),
    "cs": ("nepritomnost", "dovolena", "na dovolene"),
    "sk": ("nepritomnost", "dovolenka", "na dovolenke"),
    "sl": ("odsotnost", "dopust", "na dopustu"),
    "ro": ("absenta", "concediu", "in concediu"),
    "nl": ("afwezigheid", "vakantie", "op vakantie", "met vakantie"),
}

MAX_READ = 300  # characters of a subject
_UNTIL = "until|till|bis|jusqu|hasta|fino|ate|do|tot|pana"
# What a gateway or our own tag puts before all else: [EXTERNAL], [ACME-12].
_BRACKETS = re.compile(r"(?:\[[^\[\]]{1,40}\] ?)+")
_ANSWERED = re.compile(r"(?:(?:re|aw|antw|sv|vs|odp|res|rif)(?:\[\d{1,3}\])? ?: ?)+")
_UNLIKE_ASCII = str.maketrans("łøđıæœ\u2019\u2018\u02bc\u2010\u2011\u2012\u2013\u2014", "lodiao'''-----")


def _pattern(languages: Iterable[tuple[str, ...]], behind: str) -> re.Pattern[str]:
    longest_first = sorted({phrase for phrases in languages for phrase in phrases}, key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})(?:{behind})")


_ALL = (*PHRASES.values(), *UNSURE.values())
_WHOLE = r"[ .!*)]*\Z"
_GOES_ON = rf"{_WHOLE}| ?:|[ (]+(?:{_UNTIL})\b"
_IN_ANSWER = rf"{_GOES_ON}| ?[-(,.!/|]| re ?:| aw ?:| \d"
_SURE_ALONE = _pattern(PHRASES.values(), _WHOLE)
_SURE = _pattern(PHRASES.values(), _GOES_ON)
_ANSWERING = _pattern(_ALL, _IN_ANSWER)
_DECLARED = _pattern(PHRASES.values(), r"\b|\Z")


def folded(subject: str) -> str:
    """In lower case, on one line, without accents and without hyphens inside words."""
    plain = unicodedata.normalize("NFKD", subject[:MAX_READ].casefold().translate(_UNLIKE_ASCII))
    words = "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return " ".join(re.sub(r"(?<=\w)-(?=\w)", " ", words).split())


def says_away(subject: str, *, answers: bool) -> bool:
    """Is it the subject of an out-of-office mail that declares nothing? `answers` says that it names the mail that it
    answers, as such mails often do.

    Behind a Re: it must be the whole subject: who writes "Re: Automatic reply: Invoice" is a person who got one. What
    was passed on is a person's in any case.
    """
    words = _unbracketed(folded(subject))
    answered = _ANSWERED.match(words)
    if answered:
        return _SURE_ALONE.match(_unbracketed(words[answered.end() :])) is not None
    return (_ANSWERING if answers else _SURE).match(words) is not None


def mentions_away(subject: str) -> bool:
    """Does it begin so? That is enough for a mail that says itself that a machine sent it."""
    words = _unbracketed(folded(subject))
    answered = _ANSWERED.match(words)
    return _DECLARED.match(_unbracketed(words[answered.end() :] if answered else words)) is not None


def _unbracketed(words: str) -> str:
    found = _BRACKETS.match(words)
    return words[found.end() :] if found else words
