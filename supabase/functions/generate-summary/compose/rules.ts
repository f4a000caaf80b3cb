/** What a model is told about writing a record: a rule a paragraph, above each the reason for it. */

const RULES = [
  // A list of things never to do makes models leave out what was plainly said.
  `Deduce everything from the segments alone; add no outside knowledge.`,
  // Leaving out is commoner than inventing: 3.45 % against 1.47 % of sentences (CREOLA, 2025).
  `Nothing of this kind may be missing: every allergy; every medicine that is taken, changed or \
stopped; every alarm symptom that was asked about and denied; every abnormal value; every \
instruction to the patient.`,
  // Sections that are missing, renamed or moved break what is made of a record.
  `Give every section of "template.sections", under exactly that name and in that order, and no \
other; a section about which nothing was said has no statements. "descriptions" says what belongs \
into one. "heading" is the section's name in the template's language.`,
  // A sentence that says two things can be half right, and then nobody sees which half.
  `A statement is one short sentence in the template's language and tone, and stands once, in the \
section where it fits best. No segment ids, Markdown or HTML in it.`,
  // Chosen first, evidence leads the sentence; chosen afterwards, it is looked for to fit it.
  `Choose "evidence" first, then write what it says: the ids of the fewest segments that are enough, \
the question together with its answer where the answer alone says nothing.`,
  // A dose that was converted or rounded can't be compared with what was said.
  `Copy numbers with their units, doses, frequencies, dates, and left or right, as the evidence has \
them: digits for numbers, nothing converted, added up or rounded.`,
  // Checks find a drug in another script by this name only.
  `Drug names as in "mentions", in Latin letters, in every language.`,
  // "No cough" from "any cough? – a bit" is the gravest mistake that a record can have.
  `Write as denied only what was denied, in the evidence's own word for it.`,
  // What the mother has is no illness of the patient's.
  `Say whose it is where it isn't the patient's: a relative's, or what somebody else reports.`,
  // A medicine that was stopped, written down as taken, is prescribed again.
  `Say when: what was, what is, what is planned, what would be done only if something happens.`,
  // A suspicion that is written as a diagnosis stays in the record as one.
  `Keep how sure it is, and how severe: no more and no less than the words say.`,
  // The last word counts when somebody speaks; two people who disagree are both heard.
  `Where a speaker corrects himself, the correction counts; where segments contradict each other, \
write both.`,
  // Fields that were not said are filled in by habit, with the usual dose.
  `"medication" is null, except where "prescription_format" is "structured" and the statement is \
about one medicine of the prescription: then its fields, null for each that was not said.`,
  // An empty answer is a result, too: an invented record of small talk is none.
  `"clinical_content" is false when nothing clinical was said or seen; then no statements at all.`,
];

/** Whose, when, how sure, how severe: what words alone can't check is shown. */
const EXAMPLES = [
  {
    said: "My aunt has thyroid trouble. Mine was looked at once, years ago, and it was fine.",
    right: "Aunt has thyroid trouble. Own thyroid examined once, years ago: normal.",
    wrong: "Thyroid trouble.",
  },
  {
    said: "It could be shingles. If blisters come up, we start the tablets.",
    right: "Possibly shingles. Tablets to be started only if blisters appear.",
    wrong: "Shingles. Tablets started.",
  },
  {
    said: "The itching was terrible last week, now it's bearable, so I left off the cream.",
    right: "Itching was terrible last week and is bearable now. Cream stopped.",
    wrong: "Terrible itching. Uses a cream.",
  },
];

export const RULES_AND_EXAMPLES = `Rules
${RULES.map((rule) => `- ${rule}`).join("\n")}

Examples
${
  EXAMPLES.map(({ said, right, wrong }) => `- Said: "${said}" Right: "${right}" Wrong: "${wrong}"`)
    .join("\n")
}`;
