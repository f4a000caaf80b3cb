/** Several files, their bytes on the way, and what is paid for only once. */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { assertNothingLeft, sample, type Scene, withStack } from "./harness.ts";

const test = withStack();

const kinds = ({ stack }: Scene, kind: string) =>
  stack.gemini!.requests.filter((request) => request.kind === kind);

/** Requests that made the model listen or look. */
const extractions = (scene: Scene) =>
  kinds(scene, "generate").filter(({ body }) => JSON.stringify(body).includes("fileData"));

/** Answers the model's next calls only when `let go` is called. */
function holdModel({ stack }: Scene) {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => letGo = resolve);
  const called = new Promise<void>((resolve) => {
    stack.gemini!.answer = async () => {
      resolve();
      await held;
      return undefined;
    };
  });
  return { called, letGo };
}

test("the bytes reach Gemini whole, with their length, in one request", async (scene) => {
  await scene.upload("consultation.webm");
  await scene.event({ status: "completed" });
  const bytes = await Deno.readFile(sample("consultation.webm"));
  const [upload, ...others] = kinds(scene, "bytes");
  assertEquals(others, []);
  assertEquals(upload.contentLength, bytes.length);
  assertEquals(upload.sha256, createHash("sha256").update(bytes).digest("hex"));
  assertEquals(upload.path.includes("key="), false);
});

test("a file uploaded while the first is worked on is in the same summary", async (scene) => {
  const { called, letGo } = holdModel(scene);
  await scene.upload("consultation.webm");
  await called;
  await scene.upload("prescription.jpg");
  letGo();
  await scene.event({ status: "completed" });
  const [row, ...others] = await scene.summaries();
  assertEquals(others, []);
  assertEquals(row.summary_recordings.map(({ outcome }) => outcome), ["used", "used"]);
  assertEquals(extractions(scene).length, 2);
  assertNothingLeft(scene.stack);
});

test("a file uploaded afterwards makes a new summary, which extracts only that file", async (scene) => {
  await scene.upload("consultation.webm");
  const first = await scene.event({ status: "completed" });
  assertEquals(extractions(scene).length, 1);

  await scene.upload("prescription.jpg");
  const { id } = await scene.event({ status: "queued", id: (await scene.summaries())[1].id });
  await scene.event({ status: "completed", id });
  const rows = await scene.summaries();
  assertEquals(rows.map(({ id }) => id), [first.id, id]);
  assertEquals(rows[1].summary_recordings.length, 2);
  assertEquals(extractions(scene).length, 2);
  assertEquals(kinds(scene, "bytes").length, 2);
  assertNothingLeft(scene.stack);
});

test("a file that can't be read is named, and the rest goes on", async (scene) => {
  // Alone it would fail before the other comes.
  await scene.stack.sql`
    update public.clinics set auto_summarize = false where id = ${scene.clinic.id}`;
  await scene.upload(new TextEncoder().encode("Not audio at all.\n"), "audio/mpeg");
  await scene.upload("consultation.webm");
  const { data, error } = await scene.doctor.functions.invoke("generate-summary", {
    body: { consultation_id: scene.consultation },
  });
  assertEquals(error, null);
  assertEquals(data.files_processed.audio, 1);
  assertEquals(data.files_processed.errors.map(({ code }: { code: string }) => code), [
    "file_type",
  ]);
  assertNothingLeft(scene.stack);
});

test("a recording on which nobody speaks makes no summary", async (scene) => {
  await scene.upload("silence.webm");
  const { id } = await scene.event({ status: "failed" });
  const [row] = await scene.summaries();
  assertEquals([row.id, row.error_code, row.summary], [id, "no_clinical_content", null]);
  assertNothingLeft(scene.stack);
});

const READ = { n: 1, words: [], aspect: null, verdict: "supported" };

test("another language for the same recordings is composed and read again, and nothing else", async (scene) => {
  await scene.upload("consultation.webm");
  await scene.event({ status: "completed" });
  scene.stack.gemini!.requests.length = 0;
  scene.stack.gemini!.answer = ({ texts: [input] }) => {
    const { template, segments } = JSON.parse(input);
    if (!template) return { verdicts: [READ], left_out: [] };
    const said = segments.find(({ text }: { text: string }) => /prescribing amox/.test(text));
    const statement = {
      text: "Amoxicillin 500 mg tre gånger om dagen i 7 dagar.",
      evidence: [said.id],
      medication: null,
    };
    return {
      clinical_content: true,
      sections: [{ section: template.sections[0], heading: "Recept", statements: [statement] }],
    };
  };
  const { data, error } = await scene.doctor.functions.invoke("generate-summary", {
    body: {
      consultation_id: scene.consultation,
      template_config: {
        language: "Swedish",
        sections: ["prescription"],
        prescription_format: "narrative",
      },
    },
  });
  assertEquals(error, null);
  assertEquals(
    data.summary,
    "## Recept\n\n- Amoxicillin 500 mg tre gånger om dagen i 7 dagar.\n",
  );
  assertEquals(scene.stack.gemini!.requests.map(({ kind }) => kind), ["generate", "generate"]);
});
