"""How people begin their out-of-office notes, by language: patterns for the first lines of a mail.

Written as people write it; `away` folds it. `~` is room for a time that begins with one of the words of WHEN or with a
number ("bis zum 5. Mai", "from Monday"); such room is before each of them, too.
A phrase in SENTENCES is clear in itself; one in TIMED (a holiday) counts only where the same line names a time, since
people mention their holidays in requests. "An automatic message" is none: alarms begin so.
"""

# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

from __future__ import annotations

WHEN: dict[str, str] = {
    "en": "currently|now|presently|at (the moment|present)|unfortunately|please note|sorry|today|until|from|as of",
    "de": "bis|vom|von|ab|am|zur|zurzeit|derzeit|momentan|aktuell|gerade|leider|heute|im moment|in der zeit|noch bis",
    "fr": "actuellement|jusqu|du|à partir|à compter|en ce moment|le|aujourd|cette|ce|malheureusement",
    "es": "actualmente|hasta|del|desde|a partir|en este momento|hoy|ahora|esta|este|el",
    "it": "attualmente|fino|dal|da|al momento|in questo|oggi|momentaneamente|questa",
    "pt": "atualmente|até|de|do|a partir|neste momento|no momento|hoje|esta",
    "pl": "obecnie|aktualnie|do|od|w dniach|dzisiaj|dziś|w tym",
    "cs": "do|od|v současné|momentálně|aktuálně|nyní|právě|teď|dne|dnes|v (době|termínu)|až do|z důvodu|bohužel",
    "sk": "do|od|v súčasnosti|momentálne|aktuálne|práve|teraz|dnes|dňa|v (dňoch|čase|termíne)|až do|z dôvodu|bohužiaľ",
    "sl": "do|od|trenutno|zdaj|danes|v času|med",
    "ro": "până|din|de|în prezent|momentan|în acest|în perioada|azi|astăzi|acum",
    "nl": "tot|van|vanaf|momenteel|op dit|vandaag|deze|nu|helaas|wegens|in verband|t/m",
    "sv": "till|t o m|från|fr o m|för|just|för närvarande|idag|denna|tyvärr|mellan",
    "da": "til|indtil|fra|i øjeblikket|for tiden|i dag|desværre|lige nu|frem|pt|mellem",
    "fi": "asti|tällä|parhaillaan|juuri|tänään|valitettavasti|nyt|ajalla",
    "nb": "til|frem|fra|for tiden|for øyeblikket|i dag|dessverre|nå|inntil|mellom",
    "ru": "до|с|по|в настоящее|сейчас|сегодня|в данный|временно|в период",
    "uk": "до|з|по|наразі|зараз|сьогодні|в даний|на даний|тимчасово|у період|в період",
    "ja": "現在|ただいま|只今|ただ今|本日|明日|誠に|申し訳|下記|以下|休暇|出張|都合|終日",
    "zh": "目前|现在|現在|正在|将|將|从|從|自|因|本周|今天",
    "ko": "현재|오늘|지금|저는|휴가|출장|개인",
    "tr": "şu an(da)?|bugün|halen|tarihine|tarihleri|tarihinden|pazartesi|sali|carsamba|persembe|cuma|geçici",
}

SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "(i am|i'm|i will be|i'll be) ~out of (the )?office(?! (message|repl|assist|auto|feature|sett|not))",
        "(i am|i'm|i will be|i'll be) ~away from (the |my )?(office|desk|e ?mail|mail|inbox)",
        "(i am|i'm) not in the office", "(currently )?out of (the )?office (until|till|from|with)",
        "this is an? auto(matic|mated|matically generated)? (reply|response|answer)",
        "this is an? (autoreply|autoresponse|out of office)",
    ),
    "de": (
        "(ich bin|bin ich|ich befinde mich|befinde ich mich|ich werde) ~(nicht im (büro|buero|hause?)|außer haus)",
        "(ich bin|bin ich) ~(abwesend|nicht am arbeitsplatz|nicht im dienst)",
        "(ich bin|bin ich) ~wieder (im (büro|buero)|erreichbar)",
        "(dies|das|dieses) ist eine automatisch(e| erzeugte| generierte) (rück)?antwort",
        "es handelt sich um eine automatisch(e| erzeugte| generierte) (rück)?antwort",
    ),
    "fr": (
        "je (suis|serai) ~(absente?|hors) ?(du|de mon) bureau", "je (suis|serai) ~absente? ~(jusqu|du |à partir)",
        "je ne (suis|serai) pas au bureau", "actuellement (absente?|en congés?|en vacances|en déplacement)",
        "(ceci est|il s'agit d') ?une réponse automatique",
    ),
    "es": (
        "(estoy|estaré|me encuentro|me encontraré) ~(fuera|ausente) de (la |mi )?oficina",
        "(estoy|estaré) ~ausente ~(hasta|del|desde)", "no (estoy|estaré) en la oficina",
        "esta es una respuesta automática",
    ),
    "it": (
        "(sono|sarò|mi trovo) ~(fuori ufficio|fuori sede|fuori dall'ufficio|assente dall'ufficio)",
        "(sono|sarò) ~assente ~(fino|dal)", "non (sono|sarò) in ufficio",
        "questa è una risposta automatica",
    ),
    "pt": (
        "(estou|estarei|encontro me) ~(fora|ausente) (do|de) (meu )?escritório",
        "(estou|estarei|encontro me) ~ausente ~(até|de |do )", "não (estou|estarei) no escritório",
        "esta é uma resposta automática",
    ),
    "pl": (
        "(jestem|będę|przebywam) ~poza biurem", "(jestem|będę) ~nieobecn[ya] ~(w biurze|do|od)",
        "nie ma mnie ~w biurze", "to jest automatyczna odpowiedź",
    ),
    "cs": (
        "(jsem|budu) ~mimo (kancelář|pracoviště)", "(nejsem|nebudu) ~(přítom(en|na) )?(v kanceláři|na pracovišti)",
        "(jsem|budu) ~nepřítom(en|na)",
        "(toto|tohle) je automatická odpověď",
    ),
    "sk": (
        "(som|budem) ~mimo (kancelárie|kanceláriu|pracoviska)",
        "(nie som|nebudem) ~(prítomn[ýá] )?(v kancelárii|na pracovisku)",
        "(som|budem) ~neprítomn[ýá]", "toto je automatická odpoveď",
    ),
    "sl": (
        "(sem|bom) ~(odsot(en|na)|zunaj pisarne)",
        "(nisem|me ni|ne bom|me ne bo) ~v pisarni",
        "to je (samodejni|avtomatski|avtomatični) odgovor",
    ),
    "ro": (
        "(sunt|voi fi|mă aflu) ~(în afara biroului|plecată? din birou|absentă? de la birou)",
        "nu (sunt|voi fi|mă aflu) ~(la|în) birou", "acesta este un răspuns automat",
    ),
    "nl": (
        "ik (ben|zal) ~(niet op kantoor|buiten kantoor|afwezig)", "ben ik ~(niet op kantoor|afwezig)",
        "dit is een automatisch(e| gegenereerd)? (antwoord|reactie)",
    ),
    "sv": (
        "jag är ~(inte på kontoret|inte på plats|frånvarande|borta från kontoret)",
        "är jag ~(inte på kontoret|frånvarande)",
        "(detta|det här) är ett (automatiskt|automatiskt genererat) svar", "jag är ~ej på kontoret",
    ),
    "da": (
        "jeg er ~(ikke på kontoret|ikke til stede|fraværende|ude af kontoret)",
        "er jeg ~(ikke på kontoret|fraværende)",
        "(dette|det) er (et )?(automatisk|autogenereret) svar",
    ),
    "fi": (
        "(olen|olemme) ~poissa (toimistosta|toimistolta|töistä)", "en ole ~toimistolla",
        "(olen) ~poissa ~(toimistolta|\\d)", "tämä on automaattinen vastaus", "tämä on automaattivastaus",
    ),
    "nb": (
        "jeg er ~(ikke på kontoret|ikke til stede|fraværende|borte fra kontoret|ute av kontoret)",
        "er jeg ~(ikke på kontoret|fraværende)", "(dette|det) er (et )?(automatisk|autogenerert) svar",
    ),
    "ru": (
        "(я )?~(отсутствую|буду отсутствовать) ~(в офисе|на рабочем месте|на работе|до|с )",
        "(я )?(нахожусь|буду) ~вне офиса", "меня ~(нет|не будет) ~(в офисе|на рабочем месте|на работе)",
        "это автоматический ответ",
    ),
    "uk": (
        "(я )?~(відсутн(ій|я)|буду відсутн(ій|я)) ~(в офісі|на робочому місці|на роботі|до|з )",
        "(я )?(перебуваю|буду) ~поза офісом", "мене ~(немає|нема|не буде) ~(в офісі|на робочому місці|на роботі)",
        "це автоматична відповідь",
    ),
    "ja": (
        "不在(に|と)(して|なって|いたして|させて)", "不在です",
        "休暇(中(です|のため|につき)|を(いただ|頂)いて|を取得して)",
        "(出張|外出)(中(です|のため|につき)|(して|いたして)おります)(ので|ため)?", "席を外しております",
        "(これ|こちら|このメール|本メール)は、?自動(応答|返信)", "自動(応答|返信)メールです",
    ),
    "zh": (
        "(我|本人) ?~(不在|离开|離開)(办公室|辦公室|公司)",
        "(我|本人) ?~(正在|目前)?(休假|外出|出差|放假)(中|，|。|至|到|无法|無法)",
        "(我|本人)(不在|将不在|將不在)(办公室|辦公室)",
        "(这|這|此|本)(邮件|郵件)?(是|为|為)(一封)?(自动|自動)(回复|答复|回覆|答覆|回復)",
        "您好，?我(目前|现在|現在)不在",
    ),
    "ko": (
        "부재 ?중(입니다|이오니|이므로)", "(휴가|출장|외근) ?중(입니다|이오니|이므로|에 있습니다)",
        "사무실에 없습니다",
        "자리를 비우", "(이|본) (메일|메시지|이메일)[은는] 자동(으로)? ?(회신|응답)",
    ),
    "tr": (
        "(ofis|iş yeri|işyeri) dışında(yım|yim| olacağım| bulunuyorum| bulunmaktayım)",
        "(ofiste|işyerinde) (değilim|olmayacağım)",
        "[^.\\n]{0,40}kadar ~(ofis|iş yeri) dışında", "bu (bir )?otomatik (bir )?(yanıt|cevap)",
    ),
}  # fmt: skip

TIMED: dict[str, tuple[str, ...]] = {
    "en": (
        "(i am|i'm|i will be|i'll be) ~(away|travell?ing)",
        "(i am|i'm|i will be|i'll be) ~on (annual |maternity |parental |sick )?(leave|vacation|holidays?)",
    ),
    "de": (
        "(ich bin|bin ich|(ich )?befinde (ich )?mich) ~(im urlaub|auf dienstreise|in elternzeit|nicht erreichbar)",
        "(ich habe|habe ich) ~urlaub",
    ),
    "fr": ("je (suis|serai) ~(en congés?|en vacances|en déplacement|absente?)",),
    "es": ("(estoy|estaré|me encuentro) ~(de vacaciones|de viaje|ausente)",),
    "it": ("(sono|sarò) ~(in ferie|in vacanza|assente|in trasferta)",),
    "pt": ("(estou|estarei) ~(de férias|em férias|em viagem|ausente)",),
    "pl": ("(jestem|będę|przebywam) ~(na urlopie|nieobecn[ya]|w delegacji)",),
    "cs": ("(jsem|budu|čerpám) ~(na dovolené|dovolenou|na služební cestě)",),
    "sk": ("(som|budem|čerpám) ~(na dovolenke|dovolenku|na služobnej ceste)",),
    "sl": ("(sem|bom) ~(na dopustu|na službeni poti)",),
    "ro": ("(sunt|voi fi|mă aflu) ~(în concediu|plecată?|în delegație)",),
    "nl": ("ik ben ~(met|op) (vakantie|verlof|zakenreis)", "ben ik ~(met|op) (vakantie|verlof)"),
    "sv": ("jag (är|har) ~(på )?(semester|(föräldra|tjänst)?ledig|tjänsteresa|borta)",
           "(är|har) jag ~(på )?(semester|ledig)"),
    "da": ("jeg (er|holder|har) ~(på )?(ferie|orlov|barsel|rejse)", "(er|holder|har) jeg ~(på )?ferie"),
    "fi": ("olen ~(lomalla|vuosilomalla|matkoilla|poissa|vapaalla)",),
    "nb": ("jeg (er|har) ~(på |i )?(ferie|permisjon|reise)", "(er|har) jeg ~(på )?ferie"),
    "ru": ("(я )?~(нахожусь |буду )?~в (отпуске|командировке)", "(я )?~отсутствую"),
    "uk": ("(я )?~(перебуваю |буду )?~[ув] (відпустці|відрядженні)", "(я )?~відсутн(ій|я)"),
    "ja": ("(夏季|年末年始)?休暇(を|中|のため)", "出張(中|のため)", "不在(に|と|で)"),
    "zh": ("(我|本人)~(休假|外出|出差|放假|不在)",),
    "ko": ("(휴가|출장|부재) ?(중|입니다|로 인해|를? 떠)",),
    "tr": ("(yıllık )?(izindeyim|izinli(yim)?|tatildeyim|izinde olacağım|seyahatteyim)",),
}  # fmt: skip

# A time, anywhere in the line of a TIMED phrase.
TIMES = (
    "\\d|until|till|back|return|bis |wieder|zurück|jusqu|retour|hasta|regres|fino|rientr|até|retorn|powr|wrac"
    "|vrátím|vrac|vrnem|revin|terug|tillbaka|tilbake|tilbage|palaan|takaisin|asti|saakka|вернусь|до |повернусь"
    "|dönec|kadar|まで|至|到|返回|까지|복귀"
)
