/** What the checks know of languages. One that is missing here is checked for its script alone. */

export interface Language {
  /** BCP 47. */
  code: string;
  /** ISO 15924. */
  script: string;
  /** Stands before what could not be verified. */
  check: string;
  /** Words that hardly another language here has, none of them clinical. */
  words: string[];
  negations: string[];
  left: string[];
  right: string[];
  both: string[];
  /** What a "but" is: what stands behind it is not denied by what stands before it. */
  but: string[];
  /** Whether what is denied stands behind the word that denies it, never before. */
  deniesForward: boolean;
}

/** `a b c` → its words. */
const w = (list: string) => list.split(" ");

export const LANGUAGES: Language[] = [
  {
    code: "en",
    script: "Latn",
    check: "check",
    words: w(
      "the and of with for is are has have had been from since which when there this that should " +
        "will be by after at if their his her it does did they",
    ),
    negations: w(
      "no nope not never none nothing neither nor without denies denied deny nil nobody cannot " +
        "don't doesn't didn't isn't aren't wasn't haven't hasn't hadn't can't won't wouldn't couldn't",
    ),
    left: w("left left-sided leftsided lt"),
    right: w("right right-sided rightsided rt"),
    both: w("both bilateral bilaterally bilat"),
    but: ["but", "however", "although", "except"],
    deniesForward: true,
  },
  {
    code: "hi",
    script: "Deva",
    check: "जाँचें",
    words: w("है हैं और को का की के से में नहीं पर भी था थी हो रहा रही लिए एक यह दिन"),
    negations: w("नहीं नही नहिं न ना बिना मत"),
    left: w("बाए बाएँ बाएं बाईं बाई बायीं बायी बायाँ बायां बाया बायें बाये बाँए बांए बाँयें बाँया लेफ्ट वाम"),
    right: w(
      "दाए दाएँ दाएं दाईं दाई दायीं दायी दायाँ दायां दाया दायें दाये दाँए दांए दाहिना दाहिने दाहिनी राइट",
    ),
    both: w("दोनों"),
    but: w("लेकिन मगर परंतु"),
    deniesForward: false,
  },
  {
    code: "hi-Latn",
    script: "Latn",
    check: "jaanchein",
    words: w(
      "hai hain nahi nahin ko ka ki ke mein aur bhi tha thi karein raha rahi liye gaya subah roz " +
        "wala wali kuch bahut hota hoti",
    ),
    negations: w("nahi nahin nahii nai na mat bina no"),
    left: w("baay baaye baayen baaen baain bayen baye bayan baya baayan baaya baayi bayi left"),
    right: w(
      "daay daaye daayen daaen daain dayen daye dayan daya daayan daaya daayi dayi dahina dahine dahini daahina daahine daahini right",
    ),
    both: w("dono donon"),
    but: w("lekin magar but"),
    deniesForward: false,
  },
  {
    code: "sv",
    script: "Latn",
    check: "kontrollera",
    words: w(
      "och att är med för på av som har inte ett det till sedan från ska vid utan inga ingen " +
        "patienten hon han efter eller om",
    ),
    negations: w("inte ingen inga inget aldrig utan nej nekar ej förnekar"),
    left: w("vänster vänstra vänstersidig vänstersidigt vänstersidiga vä vänstersidan"),
    right: w("höger högra högersidig högersidigt högersidiga hö högersidan"),
    both: w("båda bägge bilateral bilateralt bilaterala dubbelsidig dubbelsidigt"),
    but: w("men dock"),
    deniesForward: false,
  },
  {
    code: "de",
    script: "Latn",
    check: "prüfen",
    words: w(
      "und der die das ist mit nicht seit bei auf für von wird wurde hat keine kein dem ein eine " +
        "im zur zum nach soll oder sie er bis",
    ),
    negations: w(
      "kein keine keinen keiner keinerlei keines nicht nein ohne nie niemals verneint weder nichts",
    ),
    left: w(
      "links linke linker linkes linken linkem linksseitig linksseitige linksseitiger linksseitigen li",
    ),
    right: w(
      "rechts rechte rechter rechtes rechten rechtem rechtsseitig rechtsseitige rechtsseitiger rechtsseitigen re",
    ),
    both: w("beide beiden beider beidseits beidseitig beidseitige bds bilateral"),
    but: w("aber jedoch sondern"),
    deniesForward: false,
  },
  {
    code: "es",
    script: "Latn",
    check: "comprobar",
    words: w(
      "el los las con por para una desde tiene hace que y del paciente durante al está si su más hasta",
    ),
    negations: w("no sin nunca niega ningún ninguna ninguno ni nada"),
    left: w("izquierdo izquierda"),
    right: w("derecho derecha"),
    both: w("ambos ambas bilateral"),
    but: w("pero"),
    deniesForward: true,
  },
  {
    code: "fr",
    script: "Latn",
    check: "à vérifier",
    words: w(
      "le les et avec depuis pour une des du est dans aux il elle pendant qui sur ne si ou été",
    ),
    negations: w("pas aucun aucune sans jamais non nie ni rien"),
    left: ["gauche"],
    right: w("droit droite"),
    both: w("bilatéral bilatérale"),
    but: w("mais"),
    deniesForward: false,
  },
];

/** Words that name nothing which could be compared, in any of them. */
export const LITTLE = new Set(
  LANGUAGES.flatMap(({ words, negations, but }) => [...words, ...negations, ...but]),
);

let namesToCodes: Map<string, string> | undefined;

/** Names of languages, in English and in themselves, as this runtime's Unicode data have them. */
function codeOf(name: string): string | undefined {
  if (!namesToCodes) {
    namesToCodes = new Map([["hinglish", "hi-Latn"], ["hindi (latin)", "hi-Latn"]]);
    const english = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    for (const code of letters.flatMap((a) => letters.map((b) => a + b))) {
      const name = english.of(code);
      if (!name) continue;
      const own = new Intl.DisplayNames([code], { type: "language", fallback: "none" }).of(code);
      namesToCodes.set(name.toLowerCase(), code).set((own ?? name).toLowerCase(), code);
    }
  }
  return namesToCodes.get(name.toLowerCase());
}

function localeOf(tag: string): Intl.Locale | null {
  try {
    // Longer words are well-formed tags, too, of languages that don't exist.
    return /^[a-z]{2,3}(?:-|$)/i.test(tag) ? new Intl.Locale(tag) : null;
  } catch {
    return null;
  }
}

/**
 * The language that a template names (`Swedish`, `svenska`, `sv`, `sv-FI`): null when it is none that
 * Unicode knows, without `words` when it is none of those above.
 */
export function languageOf(
  named: string,
): (Pick<Language, "code" | "script"> & Partial<Language>) | null {
  const locale = localeOf(codeOf(named.trim()) ?? named);
  const script = locale?.maximize().script;
  if (!locale || !script) return null;
  const known = LANGUAGES.find((language) =>
    language.code.split("-")[0] === locale.language && language.script === script
  );
  return known ?? { code: locale.language, script };
}
