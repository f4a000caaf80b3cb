/**
 * Words of which two say the opposite of each other, in all the languages of `languages.ts` at once:
 * what one language calls better and another worse is a contradiction, too. Alternatives of patterns.
 */
export const PAIRS: [one: string, other: string][] = [
  [
    "better|improv(?:e|es|ed|ing|ement)|bättre|förbättra[sdt]?\\w*|besser|gebessert|verbessert|behtar|बेहतर|theek ho raha|ठीक हो रहा",
    "wors(?:e|en|ens|ened|ening)|deteriorat\\w+|sämre|värre|försämra[sdt]?\\w*|schlechter|schlimmer|verschlechtert|badtar|बदतर|badh gaya|बढ़ गया",
  ],
  [
    "increas(?:e|es|ed|ing)|doubl(?:e|es|ed|ing)|fördubbl\\w*|verdopp\\w*|raised?|raising|go up|went up|öka[rst]?|ökade|höj(?:s|er|a|t|d)?|höjde|erhöh\\w+|gesteigert|badha(?:ya|na|yi|do)?|बढ़ा(?:या|ना|ई)?|बढ़ाएँ",
    "decreas(?:e|es|ed|ing)|halv(?:es?|ed|ing)|halver\\w*|halbier\\w*|reduc(?:e|es|ed|ing)|lower(?:s|ed|ing)?|cut(?:ting)? down|minska[rst]?|minskade|sänk(?:s|er|a|t|te)?|gesenkt|senken|verringer\\w+|reduziert|kam kar\\w*|ghata\\w*|कम कर\\w*|घटा\\w*",
  ],
  [
    "normal|normalt|normala|normale[rnms]?|सामान्य",
    "abnormal|onormalt?|onormala|avvikande|pathologisch\\w*|असामान्य",
  ],
  ["positive|positiva?t?|positiv\\w*|पॉजिटिव", "negative|negativt?|negativa|negativ\\w*|नेगेटिव"],
  [
    "mild|mildly|slight|slightly|minor|a little|a (?:little )?bit|lindrig\\w*|lätt|milda?|leichte?[rnms]?|gering\\w*|halka|halki|हल्का|हल्की|हल्के|thoda|थोड़ा",
    "severe|severely|intense|terrible|horrible|really bad|very bad|excruciating|svår\\w*|kraftig\\w*|starke?[rnms]?|schwere?[rnms]?|heftig\\w*|tez|तेज़|तेज|gambhir|गंभीर|bahut zyada|बहुत ज़्यादा",
  ],
  [
    "good|great|excellent|well|bra|gott|gut|gute[rnms]?|accha|acchi|acche|अच्छा|अच्छी|अच्छे|theek|ठीक",
    "poor|poorly|bad|badly|terrible|dålig\\w*|illa|schlecht\\w*|kharab|ख़राब|खराब|bura|बुरा",
  ],
  [
    "(?:well )?controlled|under (?:good )?control|under kontroll|unter kontrolle|control mein|कंट्रोल में|नियंत्रण में",
    "uncontrolled|out of control|poorly controlled|not under control|utom kontroll|okontrollerad\\w*|unkontrolliert|außer kontrolle|अनियंत्रित",
  ],
  [
    "regular (?:rhythm|rate|pulse|heart\\w*|periods?|cycles?)|regelbunden|regelmäßig|नियमित",
    "irregular|oregelbunden|unregelmäßig|अनियमित",
  ],
  ["stable|stabil|stabilt?|stabile?[rnms]?|स्थिर", "unstable|instabilt?|instabil\\w*|अस्थिर"],
  [
    "dry|torr|torrt|torra|trocken\\w*|sukhi|sookhi|सूखी|सूखा",
    "productive|wet|phlegmy|slemmig|produktiv|produktiv\\w*|balgam wali|बलगम वाली",
  ],
  ["acute|akut\\w*", "chronic|kronisk\\w*|chronisch\\w*|purana|पुराना|पुरानी"],
  [
    "high|elevated|hög[at]?|högt|förhöj\\w+|hoch|hohe[rnms]?|erhöht\\w*|zyada|ज़्यादा|ऊँचा|उच्च",
    "low(?! back)|lowered|låg[at]?|lågt|niedrig\\w*|kam|कम|निम्न",
  ],
  [
    "before (?:meals?|food|eating|breakfast|lunch|dinner)|on an empty stomach|före (?:mat|maten|måltid\\w*|frukost)|vor (?:dem |der )?(?:essen|mahlzeit\\w*|frühstück)|khane se pehle|khali pet|खाने से पहले|खाली पेट",
    "after (?:meals?|food|eating|breakfast|lunch|dinner)|with (?:food|meals?)|efter (?:mat|maten|måltid\\w*|frukost)|nach (?:dem |der )?(?:essen|mahlzeit\\w*|frühstück)|khane ke baad|खाने के बाद",
  ],
  [
    "always|constant|constantly|continuous|hela tiden|ständig\\w*|konstant|hamesha|lagatar|हमेशा|लगातार",
    "intermittent|intermittently|comes? and goes?|now and then|on and off|till och från|ab und zu|kabhi kabhi|कभी-कभी|कभी कभी",
  ],
  [
    "often|frequent|frequently|ofta|häufig\\w*|oft|aksar|अक्सर",
    "rarely|seldom|rare|sällan|selten\\w*|kam hi",
  ],
  [
    "sudden|suddenly|plötslig\\w*|plötzlich\\w*|achanak|अचानक",
    "gradual|gradually|slowly|gradvis|långsamt|allmählich|langsam|schleichend|dheere|dhire|धीरे",
  ],
  ["benign|godartad\\w*|gutartig\\w*", "malignant|elakartad\\w*|bösartig\\w*"],
  ["upper|övre|obere[rnms]?|upar|ऊपरी", "lower (?!back)|nedre|untere[rnms]?|neeche|निचला|निचले"],
  [
    "inner|inside|medial|inre|insidan|innen\\w*|andar|अंदर",
    "outer|outside|lateral|yttre|utsidan|außen\\w*|bahar|बाहर",
  ],
  [
    "alive|living|lever|lebt|zinda|jeevit|जीवित",
    "dead|died|deceased|passed away|dog|avliden|gestorben|verstorben|guzar|गुज़र|मृत्यु",
  ],
  [
    "alone|ensam|allein|akele|akela|akeli|अकेले|अकेली",
    "with (?:his|her|my|the) (?:wife|husband|family|parents|partner|daughter|son)|tillsammans med|zusammen mit",
  ],
  ["heavy|rikliga?|stark|zyada", "light|lätta|leicht\\w*|halki"],
  [
    "painful|smärtsam\\w*|schmerzhaft\\w*|dardnak",
    "painless|smärtfri\\w*|schmerzlos\\w*|schmerzfrei",
  ],
  [
    "symmetric\\w*|symmetrisk\\w*|symmetrisch\\w*",
    "asymmetric\\w*|asymmetrisk\\w*|asymmetrisch\\w*",
  ],
  [
    "larger|bigger|growing|grown|större|växer|größer|gewachsen|bada|बड़ा",
    "smaller|shrunk|shrinking|mindre|kleiner|chhota|छोटा",
  ],
  // When.
  [
    "next (?:week|month|year|time|visit)|tomorrow|will (?:be|have|start|stop|get|do|need|see|order|go)|going to (?!the|a|his|her|my|work|school|bed)|nästa (?:vecka|månad|år|gång)|i ?morgon|kommer att|nächste[rnms]? (?:woche|monat|jahr)|wird|agle (?:hafte|mahine|saal)|अगले|karenge|करेंगे",
    "last (?:week|month|year|night|time|visit)|yesterday|ago|previously|used to|förra (?:veckan|månaden|året)|i ?går|sedan|tidigare|letzte[rnms]? (?:woche|monat|jahr)|gestern|vor \\d+|früher|pichhle|pichle|पिछले|pehle|पहले",
  ],
];
