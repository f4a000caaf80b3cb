/** What the code itself writes into a summary, in the languages that are known. */
import { languageOf } from "../checks/words/languages.ts";
import type { ErrorCode } from "../core/domain.ts";

/** Why a file, or a part of it, is not in the summary; `other` stands for all further codes. */
type Reason = Extract<ErrorCode, `file_${string}` | "storage_unavailable"> | "other";

/** Without anything that Markdown knows. */
export interface Phrases {
  title: string;
  /** No second reader has judged it. */
  unverified: string;
  /** The heading of what was said and is not in the summary. */
  leftOut: string;
  /** Before its number among its kind. */
  audio: string;
  image: string;
  whole: string;
  toEnd(from: string): string;
  /** What to do: where there is something to hear or to see, and where there is not. */
  audioThere: string;
  imageThere: string;
  audioGone: string;
  imageGone: string;
  reasons: Record<Reason, string>;
}

const PHRASES: Record<string, Phrases> = {
  en: {
    title: "This summary is incomplete.",
    unverified: "No second reader has judged this summary: compare it with what was said.",
    leftOut: "Said, but not in the summary",
    audio: "Recording",
    image: "Picture",
    whole: "the whole of it",
    toEnd: (from) => `from ${from} to the end`,
    audioThere: "listen to it, or record it again",
    imageThere: "look at it, or take it again",
    audioGone: "record it again",
    imageGone: "take it again",
    reasons: {
      file_missing: "the file is not in storage any more",
      file_forbidden: "storage does not give the file out",
      file_empty: "the file is empty",
      file_too_large: "the file is larger than 50 MiB",
      file_too_long: "the recording is longer than the model can hear",
      file_excluded:
        "the files of the consultation are more than 100, or larger than 100 MiB together",
      file_uploader_left: "who uploaded it was no member of the clinic any more",
      file_type: "the file is neither audio nor a picture that can be read",
      file_changed: "the file was overwritten while it was read",
      file_rejected: "the file could not be read",
      file_not_heard: "the model did not hear the recording",
      file_refused: "the model refused to process it",
      file_gone: "the file was lost on its way to the model",
      storage_unavailable: "storage did not answer",
      other: "it could not be processed",
    },
  },
  sv: {
    title: "Den här sammanfattningen är ofullständig.",
    unverified: "Ingen har läst sammanfattningen en andra gång: jämför den med det som sades.",
    leftOut: "Sagt, men inte i sammanfattningen",
    audio: "Inspelning",
    image: "Bild",
    whole: "hela inspelningen",
    toEnd: (from) => `från ${from} till slutet`,
    audioThere: "lyssna på den eller spela in på nytt",
    imageThere: "titta på den eller fotografera på nytt",
    audioGone: "spela in på nytt",
    imageGone: "fotografera på nytt",
    reasons: {
      file_missing: "filen finns inte kvar i lagringen",
      file_forbidden: "lagringen lämnar inte ut filen",
      file_empty: "filen är tom",
      file_too_large: "filen är större än 50 MiB",
      file_too_long: "inspelningen är längre än modellen kan höra",
      file_excluded: "konsultationens filer är fler än 100, eller tillsammans större än 100 MiB",
      file_uploader_left: "den som laddade upp den var inte längre medlem i kliniken",
      file_type: "filen är varken ljud eller en bild som kan läsas",
      file_changed: "filen skrevs över medan den lästes",
      file_rejected: "filen gick inte att läsa",
      file_not_heard: "modellen hörde inte inspelningen",
      file_refused: "modellen vägrade att behandla den",
      file_gone: "filen gick förlorad på väg till modellen",
      storage_unavailable: "lagringen svarade inte",
      other: "den gick inte att behandla",
    },
  },
  de: {
    title: "Diese Zusammenfassung ist unvollständig.",
    unverified:
      "Diese Zusammenfassung wurde kein zweites Mal gelesen: mit dem Gesagten vergleichen.",
    leftOut: "Gesagt, aber nicht in der Zusammenfassung",
    audio: "Aufnahme",
    image: "Bild",
    whole: "die ganze Aufnahme",
    toEnd: (from) => `von ${from} bis zum Ende`,
    audioThere: "anhören oder noch einmal aufnehmen",
    imageThere: "ansehen oder noch einmal fotografieren",
    audioGone: "noch einmal aufnehmen",
    imageGone: "noch einmal fotografieren",
    reasons: {
      file_missing: "die Datei ist nicht mehr im Speicher",
      file_forbidden: "der Speicher gibt die Datei nicht heraus",
      file_empty: "die Datei ist leer",
      file_too_large: "die Datei ist größer als 50 MiB",
      file_too_long: "die Aufnahme ist länger, als das Modell hören kann",
      file_excluded:
        "die Dateien der Konsultation sind mehr als 100 oder zusammen größer als 100 MiB",
      file_uploader_left: "wer sie hochgeladen hat, gehörte nicht mehr zur Klinik",
      file_type: "die Datei ist weder Ton noch ein lesbares Bild",
      file_changed: "die Datei wurde überschrieben, während sie gelesen wurde",
      file_rejected: "die Datei war nicht lesbar",
      file_not_heard: "das Modell hat die Aufnahme nicht gehört",
      file_refused: "das Modell hat die Verarbeitung verweigert",
      file_gone: "die Datei ging auf dem Weg zum Modell verloren",
      storage_unavailable: "der Speicher hat nicht geantwortet",
      other: "die Verarbeitung ist nicht gelungen",
    },
  },
  hi: {
    title: "यह सारांश अधूरा है।",
    unverified: "यह सारांश दूसरी बार नहीं पढ़ा गया: इसे कही गई बातों से मिलाएँ।",
    leftOut: "कहा गया, पर सारांश में नहीं",
    audio: "रिकॉर्डिंग",
    image: "चित्र",
    whole: "पूरी रिकॉर्डिंग",
    toEnd: (from) => `${from} से अंत तक`,
    audioThere: "इसे सुनें या फिर से रिकॉर्ड करें",
    imageThere: "इसे देखें या फिर से फ़ोटो लें",
    audioGone: "फिर से रिकॉर्ड करें",
    imageGone: "फिर से फ़ोटो लें",
    reasons: {
      file_missing: "फ़ाइल अब स्टोरेज में नहीं है",
      file_forbidden: "स्टोरेज फ़ाइल नहीं दे रहा है",
      file_empty: "फ़ाइल ख़ाली है",
      file_too_large: "फ़ाइल 50 MiB से बड़ी है",
      file_too_long: "रिकॉर्डिंग इतनी लंबी है कि मॉडल पूरी नहीं सुन सकता",
      file_excluded: "परामर्श की फ़ाइलें 100 से ज़्यादा हैं, या मिलाकर 100 MiB से बड़ी हैं",
      file_uploader_left: "जिसने इसे अपलोड किया वह अब क्लिनिक का सदस्य नहीं था",
      file_type: "फ़ाइल न ऑडियो है, न पढ़ा जा सकने वाला चित्र",
      file_changed: "पढ़ते समय फ़ाइल बदल दी गई",
      file_rejected: "फ़ाइल पढ़ी नहीं जा सकी",
      file_not_heard: "मॉडल ने रिकॉर्डिंग नहीं सुनी",
      file_refused: "मॉडल ने इस पर काम करने से मना कर दिया",
      file_gone: "मॉडल तक जाते हुए फ़ाइल खो गई",
      storage_unavailable: "स्टोरेज ने उत्तर नहीं दिया",
      other: "इस पर काम नहीं हो सका",
    },
  },
  "hi-Latn": {
    title: "Yeh summary adhoori hai.",
    unverified: "Yeh summary doosri baar nahin padhi gayi: ise kahi gayi baaton se milayein.",
    leftOut: "Kaha gaya, par summary mein nahin",
    audio: "Recording",
    image: "Photo",
    whole: "poori recording",
    toEnd: (from) => `${from} se ant tak`,
    audioThere: "ise sunein ya phir se record karein",
    imageThere: "ise dekhein ya phir se photo lein",
    audioGone: "phir se record karein",
    imageGone: "phir se photo lein",
    reasons: {
      file_missing: "file ab storage mein nahin hai",
      file_forbidden: "storage file nahin de raha hai",
      file_empty: "file khaali hai",
      file_too_large: "file 50 MiB se badi hai",
      file_too_long: "recording itni lambi hai ki model poori nahin sun sakta",
      file_excluded: "consultation ki files 100 se zyada hain, ya milakar 100 MiB se badi hain",
      file_uploader_left: "jisne ise upload kiya woh ab clinic ka sadasya nahin tha",
      file_type: "file na audio hai, na padhi ja sakne wali photo",
      file_changed: "padhte samay file badal di gayi",
      file_rejected: "file padhi nahin ja saki",
      file_not_heard: "model ne recording nahin suni",
      file_refused: "model ne is par kaam karne se mana kar diya",
      file_gone: "model tak jaate hue file kho gayi",
      storage_unavailable: "storage ne jawab nahin diya",
      other: "is par kaam nahin ho saka",
    },
  },
};

/** In the language that a template names; in English where it is none of these. */
export function phrasesIn(language: string): Phrases {
  return PHRASES[languageOf(language)?.code ?? "en"] ?? PHRASES.en;
}

/** Why something is missing, in words. */
export function reasonOf(code: ErrorCode, { reasons }: Phrases): string {
  return code in reasons ? reasons[code as Reason] : reasons.other;
}
