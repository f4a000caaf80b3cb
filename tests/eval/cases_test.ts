/** The layouts of other people's data, in consultations that are invented. */
import { assertEquals, assertRejects } from "@std/assert";
import { loadCases } from "../../bench/eval/cases.ts";

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${path.split("/").slice(0, -1).join("/")}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  return folder;
}

async function loaded(files: Record<string, string>) {
  const folder = await folderOf(files);
  try {
    return await loadCases(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const DIALOGUE = "[doctor] how are you ? [patient] i feel [unclear] fine .\n[doctor] good .";
const TURNS = ["doctor: how are you ?", "patient: i feel [unclear] fine .", "doctor: good ."];
const turnsOf = ({ recordings }: Awaited<ReturnType<typeof loadCases>>[0]) =>
  recordings.flatMap(({ segments }) => segments.map(({ speaker, text }) => `${speaker}: ${text}`));

for (const id of ["encounter_id", "id"]) {
  Deno.test(`ACI-Bench as CSV, with ${id}`, async () => {
    const [one, ...others] = await loaded({
      "data/challenge_data/valid.csv":
        `dataset,${id},dialogue,note\nvirtassist,D2N001,"${DIALOGUE}","Well."\n`,
      "data/challenge_data/valid_metadata.csv": "dataset,encounter_id,cc\nvirtassist,D2N001,none\n",
      "data/src_experiment_data/valid_aci_asr.csv":
        `dataset,id,dialogue,note\na,b,"[doctor] x","y"\n`,
    });
    assertEquals([one.name, turnsOf(one), others], ["valid.csv D2N001", TURNS, []]);
  });
}

Deno.test("ACI-Bench as JSON, each dialogue once", async () => {
  const data = JSON.stringify({ data: [{ src: DIALOGUE, tgt: "Well.", file: "0-aci" }] });
  const cases = await loaded({ "valid.json": data, "valid_full.json": data });
  assertEquals(cases.map((one) => [one.name, turnsOf(one)]), [["valid.json 0-aci", TURNS]]);
});

const grid = (name: string, ...intervals: [from: number, to: number, text: string][]) =>
  `File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0 \nxmax = 9 \ntiers? <exists> \n` +
  `size = 1 \nitem []: \n    item [1]:\n        class = "IntervalTier" \n        name = "${name}" \n` +
  `        xmin = 0 \n        xmax = 9 \n        intervals: size = ${intervals.length} \n` +
  intervals.map(([from, to, text], index) =>
    `        intervals [${index + 1}]:\n            xmin = ${from} \n            xmax = ${to} \n` +
    `            text = "${text.replaceAll('"', '""')}" \n`
  ).join("");

const PRIMOCK = {
  "transcripts/day1_consultation01_doctor.TextGrid": grid(
    "Doctor",
    [0, 2, "Hello. <UNSURE>How</UNSURE> are you?"],
    [2, 5, ""],
    [5, 9, 'Say "ah". <UNIN/>'],
  ),
  "transcripts/day1_consultation01_patient.TextGrid": grid("Patient", [0, 2.5, ""], [
    2.5,
    9,
    "Fine.",
  ]),
  "notes/day1_consultation01.json": JSON.stringify({
    day: 1,
    consultation: 1,
    presenting_complaint: "A cold",
    note: "Well.",
    highlights: ["feels fine"],
  }),
};

Deno.test("PriMock57 without its sound: both speakers' turns in the order of their time", async () => {
  const [one] = await loaded(PRIMOCK);
  assertEquals([one.name, one.facts], ["day1_consultation01", ["feels fine"]]);
  assertEquals(turnsOf(one), [
    "doctor: Hello. How are you?",
    "patient: Fine.",
    'doctor: Say "ah". [unclear]',
  ]);
});

Deno.test("PriMock57 with its sound: a recording a speaker", async () => {
  const [{ recordings }] = await loaded({
    ...PRIMOCK,
    "audio/day1_consultation01_doctor.wav": "RIFF",
    "audio/day1_consultation01_patient.wav": "RIFF",
  });
  assertEquals(
    recordings.map(({ segments, audio }) => [audio!.speaker, audio!.seconds, segments.length]),
    [["doctor", 9, 2], ["patient", 9, 1]],
  );
});

Deno.test("the project's own JSON, with what a good summary must hold", async () => {
  const segments = [{
    kind: "speech",
    speaker: "patient",
    start: 0,
    text: "I cough.",
    mentions: { drugs: [], quantities: [] },
  }];
  const [one] = await loaded({
    "mine.json": JSON.stringify({
      consultations: [{ name: "mine", recordings: [{ segments }], facts: ["coughs"] }],
    }),
  });
  assertEquals([one.name, one.facts, turnsOf(one)], ["mine", ["coughs"], ["patient: I cough."]]);
});

Deno.test("a folder of nothing that is known says what it looked for", async () => {
  await assertRejects(
    () => loaded({ "a.json": "{}", "b.txt": "" }),
    Error,
    "checkout of ACI-Bench",
  );
});
