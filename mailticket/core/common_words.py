"""Words that hardly a sentence of a language is without: what lingua finds in a few letters has to show one.

Rows of languages whose letters others have, too. In lower case; a word may be common in several of them.
"""
# ruff: noqa: RUF001 - letters of many alphabets

from __future__ import annotations

COMMON: tuple[tuple[str, str], ...] = (
    ("en", "the is are was and to of for i you we it this that not my your have has with please can what from will be"),
    ("en", "hello thank thanks do does in on at there when how would could should but if am our me or need"),
    ("de", "der die das und ist sind war ich sie wir es nicht ein eine einen mein ihr mit für bitte kann auf zu von"),
    ("de", "habe hat guten hallo danke den dem im zum bei wie was wenn aber noch uns mir wird werden oder leider am"),
    ("fr", "le la les et est sont je vous nous ne pas un une des du de mon votre avec pour que qui dans bonjour merci"),
    ("fr", "sur ce cette au aux en il elle mais plus ou mes j'ai c'est n'est d'une l'adresse mon ma si été avez"),
    ("es", "el la los las y es son no un una de que en mi su con para por favor hola gracias se me lo del al pero"),
    ("es", "usted como más este esta ha he buenos días quiero puede cuando si yo nos les muy hay estoy está"),
    ("es", "qué cuándo cómo dónde quién podrían pueden tengo tiene hemos fue ser ya sin sobre hasta"),
    ("it", "il lo la gli le e è sono non un una di che in mio vostro con per favore grazie si mi del della al ma"),
    ("it", "buongiorno come più questo questa ho ha vorrei posso quando se ci ciao da nel dei i cosa anche stato"),
    ("pt", "o os as e é são não um uma de que em meu seu com para por favor obrigado obrigada se me do da ao mas no"),
    ("pt", "bom dia como mais este esta foi tem gostaria posso quando na nos olá eu você está minha sua pelo já"),
    ("pl", "i w z na nie się jest są to że do mi mój czy proszę dzień dobry jak za od po ale mam ma dla przez jestem"),
    ("pl", "pan pani państwo dziękuję został była było będzie chciałbym chciałabym mogę kiedy lub oraz o już jeszcze"),
    ("cs", "a v na se je jsou to že do mi můj prosím dobrý den jak za od po ale mám má pro jsem nefunguje děkuji si"),
    ("cs", "s z k o u ve by bych byl byla bude mohli nebo když už ještě jsme není tak co jen aby které který mě vás"),
    ("sk", "a v na sa je sú to že do mi môj prosím dobrý deň ako za od po ale mám má pre som nefunguje ďakujem si by"),
    ("sk", "s z k o u vo bol bola bude mohli alebo keď už ešte sme nie je tak čo len aby ktoré ktorý ma vás nás"),
    ("sl", "in v na se je so da do mi moj prosim dober dan kako za od po pa ne sem smo ni hvala lahko kaj če bi ali"),
    ("sl", "s z k o pri ste bil bila bo ko še že tudi samo ker mojo moje naš vaš kateri ga jo sta"),
    ("ro", "și si este sunt nu un o de la în că cu pe mi meu dumneavoastră vă rog bună ziua mulțumesc pentru din care"),
    ("ro", "am ați a fost fi mai cum dar sau când acest această îmi se le ne mă al ai ale îl aș lipsește"),
    (
        "nl",
        "de het een en is zijn ik u wij niet van voor met mijn uw op te dat die aan er heb hallo",
    ),
    ("nl", "goedendag bedankt dank om in naar kan kunt wordt maar ook als nog bij wat hoe graag deze geen alstublieft"),
    ("sv", "och är jag ni vi inte en ett det den som på av för med min er till i om har kan tack hej att men från"),
    ("sv", "vad hur när också nu vill skulle var blir dem oss sig mig eller bara detta denna"),
    ("da", "og er jeg i vi ikke en et det den som på af for med min til om har kan tak hej at men fra sig jeres de"),
    ("da", "hvad hvordan når også nu vil skulle var bliver dem os mig dig eller kun dette denne kunne jer efter gerne"),
    (
        "nb",
        "og er jeg dere vi ikke en et det den som på av for med min til om har kan takk hei at men fra seg de",
    ),
    (
        "nb",
        "hva hvordan når også nå vil skulle var blir dem oss meg deg eller bare dette denne ønsker etter",
    ),
    (
        "fi",
        "ja on ei ole en se että minun teidän kanssa kiitos hei minä me te voi voitteko kun mutta tai jos sekä",
    ),
    ("fi", "oli ovat olen olisi tämä siitä mitä miten vielä nyt myös kuin joka voisitteko haluaisin päivää"),
    ("ru", "и в не на я что с это как мы вы по к у из за от но для же бы мой пожалуйста здравствуйте спасибо добрый"),
    ("ru", "меня мне нет есть был была или если когда уже ещё еще все так могу можно вас вам нас о об до хочу его"),
    ("uk", "і й та в у не на я що з це як ми ви по до із за від але для ж би мій будь ласка доброго дякую добрий вас"),
    ("uk", "мене мені немає є був була або якщо коли вже ще все так можу можна вам нас о про хочу його мій мою свого"),
    ("tr", "ve bir bu için de da ile ne mi ben biz siz merhaba lütfen teşekkürler teşekkür değil var yok ama çok daha"),
    ("tr", "olarak gibi kadar nasıl bana benim sizin o şu ki olan oldu istiyorum geldi her en mı mu mü ya iyi"),
)


def _words() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for code, words in COMMON:
        found[code] = found.get(code, frozenset()) | frozenset(words.split())
    return found


WORDS: dict[str, frozenset[str]] = _words()
