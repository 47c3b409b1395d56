"""The words of dates as mail clients write them: months, halves of the day and zones, in 22 languages."""
# ruff: noqa: RUF001 - letters of many alphabets

from __future__ import annotations

# One row a month: names and abbreviations, in the case that stands beside a day. Finnish ones are made below.
MONTHS: tuple[tuple[str, ...], ...] = (
    (
        "jan january januar januari januara januarja janvier janv januára január jänner jän ene enero gen gennaio",
        "janeiro stycznia styczeń sty ledna leden led ian ianuarie янв января січ січня ocak oca",
    ),
    (
        "feb february februar februari februára februarja február févr fév février febrero febbraio fev fevereiro",
        "lutego luty lut února únor úno februarie фев февр февраля лют лютого şubat şub",
    ),
    (
        "mar march märz mär mrz mars marts maart mrt marzo março marca marzec března březen bře marec martie",
        "мар марта бер березня mart március márc",
    ),
    (
        "apr april avr avril abr abril aprile kwietnia kwiecień kwi dubna duben dub apríla aprila aprilie апр апреля",
        "квіт квітня nisan nis április ápr",
    ),
    ("may mai maj mei mayo maggio mag maio maja května květen kvě mája máj мая май трав травня mayıs május",),
    (
        "jun june juni juin junio giugno giu junho czerwca czerwiec cze června červen čvn jún júna junij junija",
        "iunie iun июн июня черв червня haziran haz június",
    ),
    (
        "jul july juli juil juillet julio luglio lug julho lipca lipiec lip července červenec čvc júl júla",
        "julij julija iulie iul июл июля лип липня temmuz tem július",
    ),
    (
        "aug august augusti augustus août aout ago agosto sierpnia sierpień sie srpna srpen srp augusta avg avgust",
        "avgusta авг августа серп серпня ağustos ağu augusztus",
    ),
    (
        "sep sept september septembre septiembre setiembre set settembre setembro września wrzesień wrz září zář",
        "septembra septembrie сен сент сентября вер верес вересня eylül eyl szeptember szept",
    ),
    (
        "oct okt october oktober octobre octubre ott ottobre out outubro października październik paź října říjen říj",
        "októbra oktobra október octombrie окт октября жовт жовтня ekim eki",
    ),
    (
        "nov november novembre noviembre novembro listopada listopad lis listopadu novembra noiembrie noi ноя нояб",
        "ноября лист листоп листопада kasım kas",
    ),
    (
        "dec dez des december dezember desember déc décembre dic diciembre dicembre dezembro grudnia grudzień gru",
        "prosince prosinec pro decembra decembrie дек декабря груд грудня aralık ara",
    ),
)
_FINNISH = "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu"
MORNING: tuple[str, ...] = ("am", "a.m", "a. m", "午前", "上午", "早上", "凌晨", "오전", "öö", "ap")
EVENING: tuple[str, ...] = ("pm", "p.m", "p. m", "午後", "下午", "晚上", "中午", "오후", "ös", "ip")
# Hours east of Greenwich. CST and IST are not here: each is the time of three countries.
ZONES: dict[str, float] = {
    "gmt": 0, "utc": 0, "z": 0, "wet": 0, "wez": 0, "west": 1, "wesz": 1, "bst": 1,
    "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "hnec": 1, "haec": 2, "sečt": 1, "selč": 2, "seč": 1,
    "eet": 2, "oez": 2, "eest": 3, "oesz": 3, "msk": 3, "мск": 3, "trt": 3, "sast": 2,
    "jst": 9, "kst": 9, "hkt": 8, "sgt": 8, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "brt": -3, "art": -3,
}  # fmt: skip


def _months() -> dict[str, int]:
    found = {name: number for number, rows in enumerate(MONTHS, 1) for names in rows for name in names.split()}
    for number, stem in enumerate(_FINNISH.split(), 1):
        found |= {f"{stem}{ending}": number for ending in ("kuu", "kuuta", "k")}
    return found


MONTH: dict[str, int] = _months()
