/** What a second reader gets wrong: the summary is there all the same, and nothing is made up. */
import { assert, assertEquals, assertFalse } from "@std/assert";
import type { Fault } from "../../local/stand_ins/gemini/faults.ts";
import { REFUSALS } from "../../local/stand_ins/gemini/refusals.ts";
import type { ReadingLapse } from "../../local/stand_ins/gemini/lapses.ts";
import type { RecordedRequest } from "../../local/stand_ins/gemini/routes.ts";
import type { Section } from "../../supabase/functions/generate-summary/compose/sections.ts";
import { NONE, reads, USUAL } from "./counts.ts";
import { assertNothingLeft, sample, type Scene, withFunction } from "./harness.ts";

const test = withFunction();

async function summarized(scene: Scene): Promise<{ summary: string; sections: Section[] }> {
  await scene.upload(await sample("consultation.webm"));
  const { status, body } = await scene.invoke();
  assertEquals([status, body.status], [200, "completed"]);
  return body;
}

const warningsIn = (sections: Section[]) =>
  sections.flatMap(({ statements }) => statements.flatMap(({ warnings }) => warnings));

/** One whose template has no place for a drug that was named. */
async function lacking(scene: Scene, reads: ReadingLapse = {}) {
  scene.gemini.behaviour.lapse = { reads };
  await scene.upload(await sample("consultation.webm"));
  const template_config = { sections: ["symptoms", "diagnosis"] };
  const { body } = await scene.invoke({ template_config });
  return body as { summary: string; sections: Section[] };
}

test("a summary in which he finds nothing has no warning, and cost one call more", async (scene) => {
  const { summary, sections } = await summarized(scene);
  assertEquals(warningsIn(sections), []);
  assertFalse(summary.includes("⚠"));
  assertEquals(scene.counts(), USUAL);
  const calls = await scene.stack.sql`
    select purpose, outcome from summaries_private.model_calls
    where summary_id = ${(await scene.row()).id} order by at`;
  assertEquals(calls.map(({ purpose, outcome }) => `${purpose} ${outcome}`), [
    "extract ok",
    "compose ok",
    "verify ok",
  ]);
});

test("what he doubts is marked, in the words that it is about", async (scene) => {
  scene.gemini.behaviour.lapse = { reads: { says: "contradicted" } };
  const { summary, sections } = await summarized(scene);
  const [{ statements: [{ text, warnings: [{ code, detail, aspect }] }] }] = sections;
  assertEquals([code, aspect], ["reader_contradicted", "finding"]);
  assert(detail && text.includes(detail), `${detail} in ${text}`);
  assert(summary.includes(`⚠ check: ${detail}`));
});

test("a quote that stands in no statement is dropped, the doubt is not", async (scene) => {
  scene.gemini.behaviour.lapse = { reads: { says: "not_said", misquotes: true } };
  const { sections } = await summarized(scene);
  const warnings = warningsIn(sections);
  assert(warnings.length > 0);
  assertEquals(
    new Set(warnings.map(({ code, detail }) => `${code} ${detail}`)),
    new Set([
      "reader_not_said ",
    ]),
  );
});

test("statements that he says nothing of are unverified, those he judges are not", async (scene) => {
  scene.gemini.behaviour.lapse = { reads: { strangers: true } };
  const { sections } = await summarized(scene);
  assertEquals(
    sections.flatMap(({ statements }) => statements.map(({ warnings }) => warnings.length)),
    warningsIn(sections).map(() => 1),
  );
  assertEquals(new Set(warningsIn(sections).map(({ code }) => code)), new Set(["unverified"]));
});

test("a statement that he passes over is unverified, the others are not", async (scene) => {
  scene.gemini.behaviour.lapse = { reads: { skips: 1 } };
  const { sections } = await summarized(scene);
  assertEquals(warningsIn(sections).map(({ code }) => code), ["unverified"]);
});

test("a drug that the summary names nowhere is listed, in the words that it was said in", async (scene) => {
  const { summary, sections } = await lacking(scene);
  const { section, statements } = sections.at(-1)!;
  assertEquals(section, "left_out");
  assertEquals(statements.map(({ text }) => text.split(":")[0]), ["amoxicillin", "paracetamol"]);
  assert(statements.every(({ evidence }) => evidence.length === 1));
  assert(summary.includes("## Said, but not in the summary ⚠ check\n\n- amoxicillin: "), summary);
});

test("what nobody said was not left out", async (scene) => {
  const { sections } = await lacking(scene, { invents: true });
  assertEquals(sections.map(({ section }) => section), ["symptoms", "diagnosis"]);
});

const when = ({ body }: RecordedRequest) => reads(body);

for (
  const [what, fault] of [
    ["is refused", { on: "generate", when, answer: { finishReason: "SAFETY", text: "" } }],
    ["is blocked", { on: "generate", when, answer: { blockReason: "OTHER" } }],
    [
      "is cut off",
      { on: "generate", when, answer: { finishReason: "MAX_TOKENS", truncateAt: 0.5 } },
    ],
    ["is nonsense", { on: "generate", when, answer: { text: "Of course! The summary is fine." } }],
    ["is JSON of another shape", { on: "generate", when, answer: { text: '{"verdicts":{}}' } }],
    ["is not served", { on: "generate", when, status: 503, times: 9 }],
    [
      "is refused for the day",
      { on: "generate", when, refusal: REFUSALS.daily(), times: 9 },
    ],
  ] as [string, Fault][]
) {
  test(`a reading that ${what} leaves a summary that says so first`, async (scene) => {
    scene.gemini.fail(fault);
    const { summary, sections } = await summarized(scene);
    assertEquals(sections[0].warnings.map(({ code }) => code), ["unverified"]);
    assertEquals(warningsIn(sections), []);
    assert(summary.startsWith("**⚠ No second reader has judged this summary: "), summary);
    await assertNothingLeft(scene);
  });
}

test("another model reads where one is named, and none where it is turned off", async (scene) => {
  await scene.replaceIsolate({ VERIFY_MODEL: "gemini-3.5-flash-lite" });
  await summarized(scene);
  const asked = () => scene.gemini.requests.filter(({ kind }) => kind === "generate").at(-1)!;
  assertEquals([asked().model, reads(asked().body)], ["gemini-3.5-flash-lite", true]);
  assertEquals((await scene.row()).model, "gemini-3.8-flash");

  await scene.replaceIsolate({ VERIFY_MODEL: "off" });
  scene.counts();
  const { body } = await scene.invoke();
  assertEquals(body.sections[0].warnings, []);
  assertEquals(scene.counts(), { ...NONE, compose: 1 });
});

test("a model that there is not is told by the summary, and by the health route", async (scene) => {
  await scene.replaceIsolate({ VERIFY_MODEL: "gemini-0" });
  const { sections } = await summarized(scene);
  assertEquals(sections[0].warnings.map(({ code }) => code), ["unverified"]);
  const answer = await fetch(`${scene.stack.url}/functions/v1/generate-summary/health`);
  const { status, second_reader } = await answer.json();
  assertEquals([status, second_reader], ["ok", "down"]);
});
