/** The words that say how often, in the languages of `languages.ts`; alternatives of patterns. */

export type Moment = "morning" | "noon" | "night";

/** Days in each, and its names. */
export const PERIODS: [days: number, names: string][] = [
  [1 / 1440, "min|mins|minutes?|minuter|minuten|मिनट"],
  [
    1 / 24,
    "h|hrs?|hours?|timm(?:e|es|ar|a)|std|stunden?|घंटे|घंटा|घंटों|घण्टे|ghante|ghanta|horas?|heures?",
  ],
  [1, "days?|d|dag|dagar|dagen|dygn|dygnet|tage?|tagen|दिन|दिनों|din|dino|días?|jours?"],
  [
    7,
    "weeks?|wks?|vecka|veckan|veckor|wochen?|हफ्ते|हफ़्ते|हफ्ता|हफ़्ता|सप्ताह|hafte|hafta|haftey|semanas?|semaines?",
  ],
  [
    30,
    "months?|månad|månaden|månader|monate?|monaten|महीने|महीना|माह|mahine|mahina|mes|meses|mois",
  ],
  [365, "years?|år|året|jahre?|साल|वर्ष|saal|años?|ans?|année"],
];
export const ADVERBS: [days: number, names: string][] = [
  [1 / 24, "hourly|stündlich"],
  [
    1,
    "daily|dagligen|dgl|täglich|tgl|रोज|रोज़|रोज़ाना|रोजाना|प्रतिदिन|roz|rozana|rozaana|diariamente|diario|quotidiennement",
  ],
  [7, "weekly|veckovis|wöchentlich|साप्ताहिक|semanalmente"],
  [30, "monthly|månadsvis|månatligen|monatlich"],
];

/** Latin and other short forms. */
export const SHORT: [form: string, rate: number | null, moment: Moment | "need" | null][] = [
  ["o\\.?d\\.?|q\\.?d\\.?", 1, null],
  ["b\\.?d\\.?|b\\.?i\\.?d\\.?", 2, null],
  ["t\\.?d\\.?s\\.?|t\\.?i\\.?d\\.?", 3, null],
  ["q\\.?i\\.?d\\.?|q\\.?d\\.?s\\.?", 4, null],
  ["q\\.?o\\.?d\\.?|e\\.?o\\.?d\\.?", 1 / 2, null],
  ["mane|qam|q\\.?a\\.?m\\.?", 1, "morning"],
  ["h\\.?s\\.?|qhs|q\\.?h\\.?s\\.?|nocte|qpm|q\\.?p\\.?m\\.?", 1, "night"],
  ["p\\.?r\\.?n\\.?|s\\.?o\\.?s\\.?", null, "need"],
];
export const MOMENTS: [Moment, string][] = [
  [
    "morning",
    "mornings?|breakfast|waking|wake|morgnar|morgon|morgonen|mornarna|frukost|frukosten|morgens?|frühstück|früh|सुबह|सवेरे|नाश्ते|subah|savere|nashte|mañanas?|desayuno|matin|matins",
  ],
  ["noon", "noon|lunch|lunchtime|midday|mittags?|mittagessen|दोपहर|dopahar|dopeher|midi"],
  [
    "night",
    "evenings?|nights?|nightly|bedtime|bed|sleep|dinner|supper|kväll|kvällen|kvällar|kvällarna|natt|natten|nätter|läggdags|sänggående|sänggåendet|abends?|nachts?|schlafengehen|schlafen|रात|शाम|सोने|raat|shaam|sham|sone|noches?|soir|soirs|nuit|nuits",
  ],
];
export const NEED =
  "as (?:and when )?(?:needed|required|necessary)|(?:when|whenever|if|only if|where) (?:needed|required|necessary|it is needed)|vid behov|v\\.?b\\.?|bei bedarf|b\\.?b\\.?|nach bedarf|(?:zaroorat|zarurat|jarurat|jaroorat) (?:padne par|pade(?: to)?|ho(?: to)?|hone par|ke anusar)|(?:ज़रूरत|जरूरत|आवश्यकता) (?:पड़ने पर|पड़े(?: तो)?|हो(?: तो)?|होने पर|के अनुसार|अनुसार)|si es necesario|según necesidad|au besoin|si besoin";
export const REGULAR =
  "regularly|on a regular basis|around the clock|scheduled|regelbundet|regelmäßig|niyamit|नियमित|regularmente|régulièrement";
export const OTHER =
  "every other|every second|every alternate|alternate|on alternate|varannan|vartannat|jede[nrs]? (?:zweite[nrs]?|2\\.)|har (?:doosre|dusre|doosra)|हर दूसरे|cada dos";
