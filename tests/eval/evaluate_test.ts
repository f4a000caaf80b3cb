import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { loadSamples } from "../../local/stand_ins/gemini/samples.ts";
import { startGemini } from "../../local/stand_ins/gemini/server.ts";
import type { Case } from "../../bench/eval/cases.ts";
import { estimate } from "../../bench/eval/cost.ts";
import { evaluate, type Evaluated, tells } from "../../bench/eval/evaluate.ts";
import { NotRecorded, type Recording, recording, replaying } from "../../bench/eval/recorded.ts";
import { markdownOf, reportOf } from "../../bench/eval/report.ts";
import { systemClock as clock } from "../../supabase/functions/generate-summary/core/clock.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import { geminiApi } from "../../supabase/functions/generate-summary/models/gemini_api/gemini_api.ts";
import type { Model } from "../../supabase/functions/generate-summary/models/model.ts";
import { createReader } from "../../supabase/functions/generate-summary/verify/verify.ts";
import { CONSULTATIONS } from "../function/consultations/all.ts";

const log = createLog(() => {});

const readerWith = (reader: Pick<Model, "model" | "generate">) =>
  createReader({
    reader,
    signal: undefined,
    callSeconds: 148,
    deadline: clock.now() + 3_600_000,
    clock,
    triesLeft: 1,
    log,
  });

/** With a model that is the stand-in. */
async function withStandIn<T>(run: (model: Model) => Promise<T>): Promise<T> {
  await using gemini = await startGemini();
  const { apiKey, url: baseUrl } = gemini;
  const settings = { apiKey, baseUrl, model: "gemini-3.8-flash" };
  return await run(geminiApi(settings, { fetch, clock, log, longest: 148_000 }));
}

const known = ({ name, template, recordings, answer }: typeof CONSULTATIONS[0]): Case => (
  { name, template, recordings, answer, facts: [] }
);

const SHEET = { data: "invented", failed: [], labelled: [] };
const shareOf = (one: Evaluated, what: string, standIn = true) => {
  const { figures } = reportOf([one], { ...SHEET, standIn });
  const found = figures.find((figure) => figure.what === what);
  assert(found, `${what} in ${figures.map(({ what }) => what).join("; ")}`);
  return [found.share.part, found.share.n];
};

Deno.test("a recording is heard, composed and read, and each part has its figures", async () => {
  const [sample] = await loadSamples();
  const segments = sample.segments.map((segment) => (
    { kind: "speech", ...segment, speaker: segment.speaker ?? null, start: segment.start ?? null }
  ));
  const path = fileURLToPath(new URL("../../local/samples/consultation.webm", import.meta.url));
  const one: Case = {
    name: "sample",
    template: {},
    recordings: [{ segments, audio: { path, seconds: 60, speaker: null } }],
    facts: ["bad cough for five days", "no fish 7"],
  };
  const done =
    (await withStandIn((model) =>
      evaluate(one, { model, reader: readerWith(model), clock, log, times: 1 })
    ))!;
  assertEquals(done.calls.map(({ purpose }) => purpose).slice(0, 3), [
    "extract",
    "compose",
    "verify",
  ]);
  const [wrong, words] = shareOf(done, "words that are wrong (stand-in)");
  assertEquals([wrong, words > 100], [0, true]);
  assertEquals(shareOf(done, "turns whose speaker is right (stand-in)"), [18, 18]);
  assertEquals(shareOf(done, "drugs named that were said (stand-in)"), [2, 2]);
  assertEquals(shareOf(done, "facts present, by words, of composed summaries (stand-in)"), [1, 2]);
  assertEquals(shareOf(done, "summaries read a second time, of composed summaries (stand-in)"), [
    1,
    1,
  ]);
  assertEquals(shareOf(done, "changed number, by code (stand-in)"), [1, 1]);
  assertEquals(shareOf(done, "changed number, by either (stand-in)"), [1, 1]);
});

Deno.test("without a model the code alone is evaluated, on summaries that are known", async () => {
  const deps = { model: null, reader: null, clock, log, times: 1 };
  const done = (await evaluate(known(CONSULTATIONS[0]), deps))!;
  const right = "of summaries known to be right";
  assertEquals(shareOf(done, `statements warned of by code, ${right}`, false)[0], 0);
  assertEquals(shareOf(done, "swapped side, by code", false), [1, 1]);
  assert(done.found.every(({ reader }) => reader === null));
  const unknown = { ...known(CONSULTATIONS[0]), answer: undefined };
  assertEquals(await evaluate(unknown, deps), null);
});

Deno.test("a stand-in is named in every figure, and its verdicts are called what they are", async () => {
  const done = (await withStandIn((model) =>
    evaluate(known(CONSULTATIONS[0]), {
      model: null,
      reader: readerWith(model),
      clock,
      log,
      times: 1,
    })
  ))!;
  const report = reportOf([done], { ...SHEET, standIn: true });
  assert(report.figures.length > 10);
  for (const { what } of report.figures) assert(what.endsWith("(stand-in)"), what);
  assert(markdownOf(report).includes("**A stand-in gave the verdicts"));
});

Deno.test("what was recorded is replayed at no cost; anything else is not recorded", async () => {
  const answers: Recording = {};
  const deps = { model: null, clock, log, times: 0 };
  const case_ = known(CONSULTATIONS[0]);
  const live = await withStandIn((model) =>
    evaluate(case_, { ...deps, reader: readerWith(recording(model, answers)) })
  );
  assertEquals(Object.keys(answers).length, 1);
  const again = await evaluate(case_, { ...deps, reader: readerWith(replaying(answers)) });
  assertEquals([
    again!.sections.map(({ statements }) => statements.map(({ warnings }) => warnings)),
  ], [
    live!.sections.map(({ statements }) => statements.map(({ warnings }) => warnings)),
  ]);
  assertEquals(again!.calls, []);
  const other = known(CONSULTATIONS[1]);
  await assertRejects(
    () => evaluate(other, { ...deps, reader: readerWith(replaying(answers)) }),
    NotRecorded,
    "not recorded",
  );
});

Deno.test("verdicts that were recorded fit the prompts of today, or are said not to be", async () => {
  const answers: Recording = JSON.parse(
    await Deno.readTextFile(new URL("recorded.json", import.meta.url)),
  );
  for (const consultation of CONSULTATIONS.slice(0, 3)) {
    const reader = readerWith(replaying(answers));
    const done = await evaluate(known(consultation), { model: null, reader, clock, log, times: 0 })
      .catch((error) => {
        if (!(error instanceof NotRecorded)) throw error;
        console.log(`${consultation.name}: ${error.message}`);
        return null;
      });
    if (done) assertEquals(done.read, true);
  }
});

for (
  const [summary, fact, there] of [
    ["Has a bad cough for 5 days.", "cough 5 days", true],
    ["Has a bad cough for 4 days.", "cough 5 days", false],
    ["Coughing for days.", "cough", true],
    ["Well.", "cough", false],
    ["Well.", "", false],
  ] as const
) {
  Deno.test(`"${summary}" ${there ? "tells" : "does not tell"} "${fact}"`, () => {
    assertEquals(tells(summary, fact), there);
  });
}

Deno.test("what it will cost grows with the sound, the words and the faults", () => {
  const one = known(CONSULTATIONS[0]);
  const path = "";
  const heard = {
    ...one,
    recordings: one.recordings.map((all) => ({
      ...all,
      audio: { path, seconds: 600, speaker: null },
    })),
  };
  const model = "gemini-3.8-flash";
  const costs = [
    estimate([], model, 15),
    estimate([one], model, 0),
    estimate([one], model, 15),
    estimate([heard], model, 15),
    estimate([heard, heard], model, 15),
  ];
  assertEquals(costs, costs.toSorted((a, b) => a - b));
  assertEquals([costs[0], new Set(costs).size], [0, 5]);
});
