/** What patients are asked about most, so that it compares across languages. */
import { once } from "../../core/lazily.ts";
import { NO_LETTER_BEFORE } from "./text.ts";

/** Beginnings of words in the languages of `languages.ts`, as patterns. */
const WORDS: Record<string, string> = {
  allergy: "allerg alerg एलर्ज",
  fever: "fever febril pyrexia bukhar bukhaar बुखार feber fieber fiebre fièvre",
  cough: "cough khansi khaansi khasi खांसी खाँसी खाँस hosta husten tos(?![a-z]) toux",
  pain:
    "pain ache aching hurt sore tender dard दर्द ont(?![a-z]) smärt värk schmerz weh dolor douleur",
  vomiting: "vomit ulti उल्टी kräk kräks erbrech erbroch übergeben vómit vomi",
  nausea: "nausea nauseous matli मतली illamående übel",
  breath: "breath dyspn saans सांस साँस andn andfå atem luft respir",
  smoking: "smok tobacco cigar bidi beedi धूम्रपान सिगरेट तंबाकू तम्बाकू rök rauch fuma fumer",
  alcohol: "alcohol alkohol sharab शराब drink(?=[?.!,;]|$|\\s(?:alcohol|or)\\b)",
  diabetes: "diabet डायबिटीज मधुमेह शुगर sugar zucker socker",
  asthma: "asthma astma दमा अस्थमा dama(?![a-z])",
  heart: "heart cardiac hjärt herz दिल dil(?![a-z]) corazón cœur",
  surgery: "surg operat operer operier ऑपरेशन सर्जरी cirug chirurg opér",
  pregnancy: "pregnan gravid schwanger गर्भ embaraz enceinte",
  bleeding: "bleed blood khoon खून blöd blut sangr saign",
  rash: "rash utslag ausschlag दाने daane",
  swelling: "swell swollen edema oedema sujan soojan सूजन svull schwell geschwoll",
  diarrhoea: "diarrh diarré loose dast दस्त durchfall diarrea",
  dizziness: "dizz giddi chakkar चक्कर yrsel schwindel mareo vertig",
  chest: "chest seene seena chhati सीने छाती bröst brust",
  numbness: "numb tingl bortdomn sunn(?![a-z]) jhunjhun सुन्न झुनझुन domn taub kribbel",
  headache: "headache migrain huvudvärk kopfschmerz sir\\s?dard सिर\\s?दर्द",
  chills: "chill rigor frossa frossbryt schüttelfrost kampkam कंपकंपी",
  constipation: "constipat förstopp verstopf kabz कब्ज",
  itching: "itch prurit klåda klia juck khujli खुजली",
  appetite: "appetit aptit bhook भूख",
  palpitations: "palpit hjärtklapp herzklopf herzrasen dhadkan धड़कन",
  seizure: "seizure convuls epilep kramp krampf daura दौरा मिर्गी",
  fainting: "faint syncop svimm ohnm ohnmä behosh बेहोश",
  jaundice: "jaundice gulsot gelbsucht piliya पीलिया",
  hypertension: "hypertens högt\\sblodtryck bluthochdruck",
  wheeze: "wheez pip(?:ande|er) pfeif",
  fracture: "fractur fraktur broken gebrochen brutet bruten",
  relief:
    "relie benefit help(?:s|ed|ing|ful)?(?![a-z]) improve effect hjälp(?:er|te|t)?(?![a-z]) effekt lindr hilf(?!e) half wirk asar असर aaram आराम fayda faayda फायदा",
  weakness: "weakness svaghet schwäche kamzori कमज़ोरी कमजोरी",
};

const patterns = once(() =>
  Object.entries(WORDS).map(([concept, starts]) => ({
    concept,
    pattern: new RegExp(`${NO_LETTER_BEFORE}(?:${starts.replaceAll(" ", "|")})`, "u"),
  }))
);

/** The concepts in a normalized text. */
export function conceptsIn(text: string): string[] {
  return patterns().filter(({ pattern }) => pattern.test(text)).map(({ concept }) => concept);
}
