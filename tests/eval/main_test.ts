/** The command, as a process of its own: what it asks before it spends, and what it writes. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { importArgs } from "../../local/import_map.ts";

const MAIN = fileURLToPath(new URL("../../bench/eval/main.ts", import.meta.url));

/** What it says and writes, without any network but the stand-in's. */
async function evaluated(args: string[], env: Record<string, string> = {}, files = {}) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, value] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(value));
    }
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        ...importArgs,
        MAIN,
        ...args.map((arg) => arg.replace("FOLDER", folder)),
        "--out",
        `${folder}/out`,
      ],
      env: { GEMINI_API_KEY: "", GEMINI_BASE_URL: "http://127.0.0.1:1", ...env },
      stdin: "null",
      stderr: "inherit",
    }).output();
    const report = await Deno.readTextFile(`${folder}/out/report.json`).catch(() => null);
    return { code, said: new TextDecoder().decode(stdout), report: report && JSON.parse(report) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("with a key it tells the cost, and spends nothing that nobody agreed to", async () => {
  const { code, said, report } = await evaluated([], { GEMINI_API_KEY: "key" });
  assertEquals([code, report], [2, null]);
  assertStringIncludes(said, "10 consultations cost about $");
  assertStringIncludes(said, "Nothing was asked");
});

Deno.test("without a key the code alone is evaluated, on what is there", async () => {
  const { code, report } = await evaluated(["--limit", "2"]);
  assertEquals([code, report.consultations, report.models], [0, 2, []]);
  assert(report.figures.every(({ what }: { what: string }) => !/reader|stand-in/.test(what)));
});

const turn = { kind: "speech", start: 0, mentions: { drugs: [], quantities: [] } };
const UNSUMMARIZED = {
  consultations: [{
    name: "mine",
    recordings: [{ segments: [{ ...turn, speaker: "patient", text: "I cough." }] }],
  }],
};

Deno.test("without a key and without summaries it says what is needed", async () => {
  const { code, said } = await evaluated(["FOLDER"], {}, { "mine.json": UNSUMMARIZED });
  assertEquals(code, 2);
  assertStringIncludes(said, "set GEMINI_API_KEY");
});

Deno.test("what nobody recorded is said not to be", async () => {
  const recorded = { "recorded.json": {} };
  const { report } = await evaluated(
    ["--limit", "1", "--replay", "FOLDER/recorded.json"],
    {},
    recorded,
  );
  assertEquals([report.consultations, report.failed[0].code], [0, "not recorded"]);
});
