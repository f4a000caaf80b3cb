/** Drugs that the evidence doesn't name. */
import type { Segment } from "../core/domain.ts";
import { words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** Stems of international nonproprietary names (WHO, "The use of stems…"), as ends of words. */
const STEMS =
  "cillin mycin micin oxacin cycline azole prazole sulfa sulfam floxacin vir vudine cef tinib mab " +
  "pril sartan olol dipine statin fibrate semide thiazide tidine setron pride triptan coxib profen " +
  "fenac oxicam gliptin gliflozin glutide glitazone formin glinide parin xaban gatran grel sone " +
  "solone onide terol tropium lukast phylline astine atadine zepam zolam pidem oxetine ipramine " +
  "triptyline traline pram apine idone peridol gabalin racetam barbital caine curonium fentanil " +
  "dronate ciclovir conazole bendazole quine nidazole";
/** Often prescribed, and without such a stem. */
const NAMES =
  "paracetamol acetaminophen aspirin insulin warfarin digoxin morphine codeine tramadol ketorolac " +
  "cetirizine levocetirizine fexofenadine chlorpheniramine doxycycline linezolid vancomycin " +
  "gentamicin cefixime cefuroxime cephalexin ceftriaxone cotrimoxazole trimethoprim nitrofurantoin " +
  "fosfomycin levothyroxine thyroxine methotrexate prednisolone prednisone hydrocortisone " +
  "domperidone metoclopramide ondansetron loperamide bisacodyl lactulose spironolactone lithium " +
  "valproate carbamazepine phenytoin levodopa baclofen tizanidine colchicine allopurinol glimepiride " +
  "gliclazide glibenclamide isotretinoin ferrous folic calciferol cholecalciferol diazepam " +
  "naproxen diclofenac mefenamic nitroglycerin isosorbide clopidogrel dextromethorphan ambroxol " +
  "guaifenesin simethicone ranitidine montelukast";

const STEM = new RegExp(`^\\p{L}{2,}(?:${STEMS.split(" ").join("|")})$`, "u");
const NAMED = new Set(NAMES.split(" ").map(spelling));
/** End like a drug and are none. */
const ORDINARY = new Set("cholesterol kolesterol colesterol cholestérol".split(" "));

/** One spelling for the endings of Latin, English, German, Swedish, French: `amoxicilline`. */
function spelling(word: string): string {
  return word.normalize("NFD").replace(/\p{M}/gu, "")
    .replace(/ph/g, "f").replace(/y/g, "i").replace(/(?:um|e|a|o)$/, "");
}

/** Words of a drug's name that tell it from another: neither doses nor forms nor salts. */
function nameWords(drug: string): string[] {
  return words(drug).filter((word) => /^\p{L}{3,}/u.test(word) && !FORMS.has(word)).map(spelling);
}
const FORMS = new Set(
  ("tab tablet tablets tablett tabletter tabletten cap capsule capsules kapsel kapslar syrup sirap " +
    "injection inj drops drop cream ointment gel inhaler spray solution suspension lotion patch " +
    "inhaled oral topical vitamin " +
    "acid sodium potassium hydrochloride the and mit med und och forte plus").split(" "),
);

/**
 * Drugs of the claim that its evidence names neither in its text nor in its mentions: the one of its
 * medication, those that any segment mentions, those known by stem or name. A brand that nobody
 * mentions, in a sentence without a medication, is not recognised.
 */
export function drugs(
  claim: string,
  prescribed: string | null,
  evidence: Segment[],
  mentioned: string[],
): Warning[] {
  const there = new Set(
    evidence.flatMap(({ text, mentions }) => [text, ...mentions.drugs]).flatMap(words).map(
      spelling,
    ),
  );
  const known = new Set(mentioned.flatMap(nameWords));
  const suspects = words(claim).filter((word) => isDrug(word) || known.has(spelling(word)));
  const missing = [
    ...suspects,
    ...words(prescribed ?? "").filter((word) => nameWords(word).length > 0),
  ].filter((word) => !there.has(spelling(word)));
  return [...new Set(missing)].map((detail) => ({ code: "drug_unsupported", detail }));
}

function isDrug(word: string): boolean {
  return !ORDINARY.has(word) && (STEM.test(word) || STEM.test(`${spelling(word)}e`) ||
    NAMED.has(spelling(word)));
}
