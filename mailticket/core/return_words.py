"""How people write in out-of-office notes until when they are away, or when they are back, in 22 languages.

Written as people write it; `return_dates` folds it. A word counts beside a day alone.
"""

# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

from __future__ import annotations

# Right before the last day that they are away, or after it in a sentence about being back.
UNTIL: dict[str, str] = {
    "en": "until|till|til|through|thru|up to|after|until the end of|through the end of",
    "de": "bis|bis zum|bis zu|bis einschließlich|bis inkl.|bis inklusive|bis incl.|nach dem",
    "fr": "jusqu'au|jusqu'à|jusqu'a|jusqu'en|après le",
    "es": "hasta|hasta el día|después del",
    "it": "fino a|fino al|sino al|fino all'|dopo il",
    "pt": "até|até o dia|até ao dia|até dia|após",
    "pl": "do|do dnia|po",
    "cs": "do|až do|do data|po",
    "sk": "do|až do|po",
    "sl": "do|vse do|po",
    "ro": "până|până la|până pe|până în|până la data de|până în data de",
    "nl": "tot|tot en met|t/m|tem|tot aan|na",
    "sv": "till|till och med|t o m|t.o.m.|tom|fram till",
    "da": "til|til og med|t.o.m.|indtil|frem til|til og med den",
    "nb": "til|til og med|t.o.m.|inntil|frem til",
    "ru": "до|по",
    "uk": "до|по",
    "zh": "至|到|直到|截至",
}

# Right behind it.
UNTIL_BEHIND: dict[str, str] = {
    "fi": "asti|saakka",
    "ja": "まで|迄",
    "ko": "까지",
    "zh": "止|为止|為止",
    "tr": "kadar|tarihine kadar|gününe kadar",
}

# Between two days: the second one is the last on which they are away.
RANGE: dict[str, str] = {"en": "-|to", "": "~|〜|～|au|al|a|ao|bis|do|tot|till|til|по|до|至|到"}

# In the same clause as the first day on which they are back.
BACK: dict[str, str] = {
    "en": "back|return|returning|returns|available again|reachable again|office again|here again|work again|resume",
    "de": "wieder|zurück|zurueck|rückkehr",
    "fr": "retour|reviens|reviendrai|rentre|rentrerai|nouveau|reprends|reprendrai|reprise",
    "es": "regreso|regresaré|regresare|vuelvo|volveré|vuelta|reincorporo|reincorporaré|de nuevo|nuevamente",
    "it": "rientro|rientrerò|torno|tornerò|ritorno|di nuovo|nuovamente",
    "pt": "regresso|regressarei|retorno|retornarei|volto|voltarei|de volta|novamente|de novo",
    "pl": "wracam|wrócę|powrót|z powrotem|ponownie|znowu",
    "cs": "vrátím|vracím|zpět|zpátky|opět|znovu|zase",
    "sk": "vrátim|vraciam|späť|opäť|znova|znovu|zase",
    "sl": "vrnem|vračam|nazaj|spet|ponovno|zopet",
    "ro": "revin|reveni|întorc|întoarce|înapoi|din nou",
    "nl": "terug|weer|opnieuw",
    "sv": "tillbaka|åter|igen",
    "da": "tilbage|igen",
    "fi": "palaan|palaamme|takaisin|jälleen|paluu",
    "nb": "tilbake|igjen",
    "ru": "вернусь|возвращаюсь|вернуться|снова|выйду|выхожу|возвращения",
    "uk": "повернусь|повернуся|повертаюсь|повертаюся|знову|вийду|повернення",
    "ja": "復帰|出社|戻り|戻る|再開|帰社|通常業務|出勤|から勤務|より勤務|から対応|以降",
    "zh": "返回|回来|回來|回到|返岗|恢复|恢復|回公司|上班|复工|復工",
    "ko": "복귀|돌아|출근",
    "tr": "döneceğim|dönüyorum|dönüş|geri|tekrar|yeniden",
}

# What may stand between such a word and a day: articles, "the day of", "on".
BETWEEN = (
    "the|on|d.|den|dem|der|am|le|la|el|il|lo|l'|dnia|dne|dňa|dne.|em|o|op|pe|på|klo|and including|including|inclusive"
    "|einschließlich|inklusive|incl.|inkl.|data de|about|approximately|ca.|circa|zhruba|maandag|next|nächsten|kommenden"
    "|příští|příštího|přespříští|prochain|próximo|prossimo|volgende|nästa|næste|neste|day|dia|den|de|del"
)

# Each row is a day of the week, Monday first.
WEEKDAYS: tuple[str, ...] = (
    (
        "monday|montag|lundi|lunes|lunedì|lunedi|segunda-feira|segunda feira|poniedziałek|poniedziałku|pondělí|pondělka"
        "|pondelok|pondelka|ponedeljek|ponedeljka|luni|maandag|måndag|mandag|maanantai|maanantaina|maanantaihin"
        "|понедельник|понедельника|понеділок|понеділка|月曜日|月曜|星期一|周一|週一|월요일|pazartesi"
    ),
    (
        "tuesday|dienstag|mardi|martes|martedì|martedi|terça-feira|terça feira|wtorek|wtorku|úterý|úterka|utorok|utorka"
        "|torek|torka|marți|dinsdag|tisdag|tirsdag|tiistai|tiistaina|tiistaihin"
        "|вторник|вторника|вівторок|вівторка|火曜日|火曜|星期二|周二|週二|화요일|salı"
    ),
    (
        "wednesday|mittwoch|mercredi|miércoles|mercoledì|mercoledi|quarta-feira|quarta feira|środa|środę|środy|středa"
        "|středu|středy|streda|stredu|stredy|sreda|sredo|srede|miercuri|woensdag|onsdag|keskiviikko|keskiviikkona"
        "|keskiviikkoon|среда|среду|среды|середа|середу|середи|水曜日|水曜|星期三|周三|週三|수요일|çarşamba"
    ),
    (
        "thursday|donnerstag|jeudi|jueves|giovedì|giovedi|quinta-feira|quinta feira|czwartek|czwartku|čtvrtek|čtvrtka"
        "|štvrtok|štvrtka|četrtek|četrtka|joi|donderdag|torsdag|torstai|torstaina|torstaihin"
        "|четверг|четверга|четвер|четверга|木曜日|木曜|星期四|周四|週四|목요일|perşembe"
    ),
    (
        "friday|freitag|vendredi|viernes|venerdì|venerdi|sexta-feira|sexta feira|piątek|piątku|pátek|pátku|piatok"
        "|piatka|petek|petka|vineri|vrijdag|fredag|perjantai|perjantaina|perjantaihin"
        "|пятница|пятницу|пятницы|п'ятниця|п'ятницю|п'ятниці|金曜日|金曜|星期五|周五|週五|금요일|cuma"
    ),
    (
        "saturday|samstag|sonnabend|samedi|sábado|sabato|sobota|sobotę|soboty|sobotu|soboto|sâmbătă|zaterdag|lördag|lørdag"
        "|lauantai|lauantaina|lauantaihin|суббота|субботу|субботы|субота|суботу|суботи|土曜日|土曜|星期六|周六|週六|토요일"
        "|cumartesi"
    ),
    (
        "sunday|sonntag|dimanche|domingo|domenica|niedziela|niedzielę|niedzieli|neděle|neděli|nedeľa|nedeľu|nedele|nedelja"
        "|nedeljo|nedelje|duminică|zondag|söndag|søndag|sunnuntai|sunnuntaina|sunnuntaihin"
        "|воскресенье|воскресенья|неділя|неділю|неділі|日曜日|日曜|星期日|星期天|周日|週日|일요일|pazar"
    ),
)
