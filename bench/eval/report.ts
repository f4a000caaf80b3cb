/** What was seen, as figures with their n and interval: the same in JSON and in Markdown. */
import { PROMPT_VERSION } from "../../supabase/functions/generate-summary/core/prompt_version.ts";
import { dollarsOf } from "./cost.ts";
import type { Evaluated } from "./evaluate.ts";
import { type Share, share, shown } from "./figures.ts";
import type { Labelled } from "./labels.ts";

export interface Figure {
  part: "extraction" | "composition" | "planted faults" | "labels";
  what: string;
  share: Share;
}

export interface Report {
  data: string;
  prompt_version: string;
  /** Those that answered; none where only the code was asked. */
  models: string[];
  /** What said what a model would: named in every figure that is not a model's. */
  stand_in: boolean;
  consultations: number;
  failed: { name: string; code: string }[];
  figures: Figure[];
  per_consultation: { dollars: number; seconds: number } | null;
  repairs: { name: string; before: string[]; after: string[] }[];
  missing_facts: { name: string; fact: string }[];
}

export function reportOf(
  evaluated: Evaluated[],
  { data, failed, standIn, labelled }: {
    data: string;
    failed: Report["failed"];
    standIn: boolean;
    labelled: Labelled[];
  },
): Report {
  const calls = evaluated.flatMap(({ calls }) => calls);
  const dollars = calls.reduce((sum, call) => sum + dollarsOf(call, call.model), 0);
  const seconds = calls.reduce((sum, { ms }) => sum + ms / 1000, 0);
  const per = evaluated.length;
  return {
    data,
    prompt_version: PROMPT_VERSION,
    models: [...new Set(calls.map(({ model }) => model))],
    stand_in: standIn,
    consultations: evaluated.length,
    failed,
    figures: [
      ...hearing(evaluated),
      ...composition(evaluated),
      ...planted(evaluated),
      ...labelled.flatMap(({ by, wrongFound, falseAlarms }): Figure[] => [
        { part: "labels", what: `wrong statements that were warned of, ${by}`, share: wrongFound },
        { part: "labels", what: `right statements that were warned of, ${by}`, share: falseAlarms },
      ]),
    ].map((figure) => standIn ? { ...figure, what: `${figure.what} (stand-in)` } : figure),
    per_consultation: calls.length > 0 ? { dollars: dollars / per, seconds: seconds / per } : null,
    repairs: evaluated.filter(({ repaired }) => repaired.asked)
      .map(({ name, repaired: { before, after } }) => ({ name, before, after })),
    missing_facts: evaluated.flatMap(({ name, facts }) =>
      facts.filter(({ present }) => !present).map(({ fact }) => ({ name, fact }))
    ),
  };
}

function hearing(evaluated: Evaluated[]): Figure[] {
  const heard = evaluated.flatMap(({ heard }) => heard);
  if (heard.length === 0) return [];
  const sum = (key: keyof typeof heard[0]) => heard.reduce((all, one) => all + one[key], 0);
  const figure = (what: string, part: number, n: number): Figure => (
    { part: "extraction", what, share: share(part, n) }
  );
  return [
    // More can be wrong than was said.
    figure("words that are wrong", Math.min(sum("errors"), sum("words")), sum("words")),
    figure("turns whose speaker is right", sum("speakers"), sum("turns")),
    figure("numbers that were heard", sum("numbersHeard"), sum("numbers")),
    figure("drugs named that were said", sum("drugsSaid"), sum("drugs")),
  ];
}

const isOfReader = (code: string) => code.startsWith("reader_");
const isOfCode = (code: string) => !isOfReader(code) && code !== "unverified";

function composition(evaluated: Evaluated[]): Figure[] {
  const figures: Figure[] = [];
  for (const known of [true, false]) {
    const summaries = evaluated.filter((one) => one.known === known);
    if (summaries.length === 0) continue;
    const kind = known ? "of summaries known to be right" : "of composed summaries";
    const figure = (what: string, part: number, n: number) =>
      figures.push({ part: "composition", what: `${what}, ${kind}`, share: share(part, n) });
    const statements = summaries.flatMap(({ sections }) =>
      sections.filter(({ section }) => section !== "left_out").flatMap(({ statements }) =>
        statements
      )
    );
    const warned = (by: (code: string) => boolean, all = statements) =>
      all.filter(({ warnings }) => warnings.some(({ code }) => by(code))).length;
    figure(
      "statements with evidence",
      statements.filter((s) => s.evidence.length > 0).length,
      statements.length,
    );
    figure("statements warned of by code", warned(isOfCode), statements.length);
    figure(
      "summaries with a warning by code",
      summaries.filter(({ sections }) =>
        sections.some(({ statements }) => warned(isOfCode, statements) > 0)
      ).length,
      summaries.length,
    );
    const asked = summaries.filter(({ read }) => read !== null);
    if (asked.length > 0) {
      figure("summaries read a second time", asked.filter(({ read }) => read).length, asked.length);
      figure("statements doubted by a second reader", warned(isOfReader), statements.length);
    }
    if (!known) {
      figure(
        "summaries sent back",
        summaries.filter((s) => s.repaired.asked).length,
        summaries.length,
      );
    }
    const facts = summaries.flatMap(({ facts }) => facts);
    if (facts.length > 0) {
      figure(
        "facts present, by words",
        facts.filter((f) => f.present).length,
        facts.length,
      );
    }
  }
  return figures;
}

function planted(evaluated: Evaluated[]): Figure[] {
  const found = Map.groupBy(evaluated.flatMap(({ found }) => found), ({ kind }) => kind);
  return [...found].flatMap(([kind, all]) => {
    const read = all.filter(({ reader }) => reader !== null);
    const figure = (by: string, of: typeof all, is: (one: typeof all[0]) => boolean): Figure => (
      {
        part: "planted faults",
        what: `${kind}, by ${by}`,
        share: share(of.filter(is).length, of.length),
      }
    );
    return [
      figure("code", all, ({ code }) => code),
      ...read.length === 0 ? [] : [
        figure("a second reader", read, ({ reader }) => reader!),
        figure("either", read, ({ code, reader }) => code || reader!),
      ],
    ];
  });
}

export function markdownOf(report: Report): string {
  const { data, prompt_version, models, stand_in, consultations, failed, figures } = report;
  const lines = [
    `# Evaluation on ${data}`,
    "",
    `${consultations} consultations, prompts of ${prompt_version}, ` +
    `${models.length > 0 ? models.join(", ") : "no model was asked"}.`,
    "Shares with their 95 % intervals (Wilson).",
    "",
  ];
  if (stand_in) {
    lines.push(
      "**A stand-in gave the verdicts: they show that it works, and nothing of a model.**",
      "",
    );
  }
  for (const [part, all] of Map.groupBy(figures, ({ part }) => part)) {
    lines.push(
      `## ${part[0].toUpperCase()}${part.slice(1)}`,
      "",
      "| what | seen |",
      "| --- | --- |",
    );
    lines.push(...all.map(({ what, share }) => `| ${what} | ${shown(share)} |`), "");
  }
  if (figures.some(({ part }) => part === "planted faults")) {
    lines.push(
      "How many planted faults are found does not tell how many natural ones are: arXiv 2506.00448.",
      "",
    );
  }
  if (report.per_consultation) {
    const { dollars, seconds } = report.per_consultation;
    lines.push(`A consultation: $${dollars.toFixed(4)}, ${seconds.toFixed(1)} s of the model.`, "");
  }
  const list = (title: string, items: string[]) => {
    if (items.length > 0) lines.push(`## ${title}`, "", ...items.map((item) => `- ${item}`), "");
  };
  list(
    "Changed by the repair",
    report.repairs.map(({ name, before, after }) =>
      `${name}: ${before.join(" / ") || "nothing"} → ${after.join(" / ") || "nothing"}`
    ),
  );
  list(
    "Facts that were not found",
    report.missing_facts.map(({ name, fact }) => `${name}: ${fact}`),
  );
  list("Failed", failed.map(({ name, code }) => `${name}: ${code}`));
  return lines.join("\n");
}
