import { assert, assertEquals } from "@std/assert";
import { denseSpeech } from "../../../local/samples/dense_speech.ts";
import { afterOf, joined } from "../../../supabase/functions/generate-summary/extract/join.ts";

interface Said {
  start: number;
  text: string;
}

/** What follows, as its texts. */
function follows(said: Said[], heard: Said[], from = heard.at(-1)?.start ?? 0, to = 3600) {
  const { segments, outside } = joined(said, heard, from, to);
  return { texts: segments.map(({ text }) => text), outside };
}

const TALK: Said[] = [
  { start: 0, text: "Good morning, what brings you here today?" },
  { start: 4, text: "I have had a cough for three weeks, mostly at night." },
  { start: 9, text: "Do you bring anything up with it?" },
  { start: 12, text: "Yes." },
  { start: 13, text: "Is it yellow, green, or does it have blood in it?" },
  { start: 18, text: "Yellow, in the mornings." },
  { start: 21, text: "Yes." },
  { start: 22, text: "Take amoxicillin 500 milligrams three times a day for seven days." },
];
const texts = (from: number) => TALK.slice(from).map(({ text }) => text);

Deno.test("what comes after are the last words over several turns, and the last one's start", () => {
  const { text, start } = afterOf(TALK)!;
  assert(text.startsWith("Yellow") || text.endsWith("for seven days."), text);
  assertEquals(start, 22);
  assertEquals(afterOf([]), null);
});

Deno.test("however much is said again, nothing is doubled and nothing is lost", () => {
  for (let heard = 1; heard < TALK.length; heard++) {
    for (let from = 0; from <= heard; from++) {
      const { texts: found, outside } = follows(TALK.slice(from), TALK.slice(0, heard));
      assertEquals(found, texts(heard), `heard ${heard}, said from ${from}`);
      assertEquals(outside, from < heard ? 0 : outside);
    }
  }
});

Deno.test("a word that differs hides no join", () => {
  for (let heard = 2; heard < TALK.length; heard++) {
    const again = TALK.slice(heard - 2).map((one, index) =>
      index === 0 ? { ...one, text: one.text.replace(/^(\w+)/, "$1, er,") } : one
    );
    assertEquals(follows(again, TALK.slice(0, heard)).texts, texts(heard), `heard ${heard}`);
  }
});

Deno.test("a turn that goes on after the words is taken from there", () => {
  const said = [{
    start: 4,
    text: "I have had a cough for three weeks, mostly at night. It hurts.",
  }];
  assertEquals(follows(said, TALK.slice(0, 2)).texts, ["It hurts."]);
});

Deno.test("an echo is no repetition: it has another time", () => {
  const heard = [...TALK, { start: 28, text: "Three times a day." }];
  const said = [{ start: 31, text: "Three times a day?" }, { start: 33, text: "Right." }];
  assertEquals(follows(said, heard).texts, ["Three times a day?", "Right."]);
  assertEquals(follows([heard.at(-1)!, ...said], heard).texts, ["Three times a day?", "Right."]);
});

Deno.test("sentences that differ in a number only are not the same", () => {
  const { segments } = denseSpeech({ minutes: 20 }).sample;
  for (const count of [50, 77, 120]) {
    const heard = segments.slice(0, count);
    const rest = segments.slice(count).map(({ text }) => text);
    assertEquals(follows(segments.slice(count), heard, undefined, 1200).texts, rest);
    assertEquals(follows(segments.slice(count - 3), heard, undefined, 1200).texts, rest);
  }
});

Deno.test("ten minutes of silence are no gap in the words", () => {
  const later = [{ start: 700, text: "Here I am again." }];
  assertEquals(follows([TALK.at(-1)!, ...later], TALK).texts, ["Here I am again."]);
  assertEquals(follows(later, TALK).texts, ["Here I am again."]);
});

Deno.test("an answer that counts from its own beginning is joined, and told in the recording's time", () => {
  const heard = TALK.map(({ start, text }) => ({ start: start + 600, text }));
  const said = [
    { start: 0, text: TALK.at(-1)!.text },
    { start: 7, text: "And come back in a week." },
  ];
  const { segments } = joined(said, heard, 622, 3600);
  assertEquals(segments, [{ start: 629, text: "And come back in a week." }]);
});

Deno.test("of another stretch nothing is taken, and it is counted", () => {
  const heard = TALK.map(({ start, text }) => ({ start: start + 1000, text }));
  const other = [
    { start: 5, text: "This was said long before." },
    { start: 9, text: "And this." },
  ];
  assertEquals(follows(other, heard), { texts: [], outside: 2 });
  const beyond = [{ start: 9000, text: "This is nowhere." }];
  assertEquals(follows(beyond, heard), { texts: [], outside: 1 });
});

Deno.test("without anything heard the stretch decides", () => {
  const said = [{ start: 59, text: "Before." }, { start: 60, text: "From there on." }];
  assertEquals(follows(said, [], 60), { texts: ["From there on."], outside: 1 });
});

Deno.test("two hours of talk are joined within a moment", () => {
  const { segments } = denseSpeech({ minutes: 60 }).sample;
  const begun = performance.now();
  const { texts } = follows(segments.slice(2), segments.slice(0, 5), undefined, 7200);
  assertEquals(texts.length, segments.length - 5);
  assert(performance.now() - begun < 200);
});

Deno.test("a turn that is alike but for its number is not the one that was heard last", () => {
  const turn = (start: number, side: string, entry: number) => ({
    start,
    text: `My ${side} hurt again in the evening; I wrote it down as entry ${entry}.`,
  });
  const lead = { start: 2590, text: "Take it in the morning, and tell me how it goes." };
  const heard = [lead, turn(2595, "right hip", 661)];
  const between = { start: 2600, text: "Line 662 of the chart says a pulse of 66 after meals." };
  const said = [
    between,
    { ...lead, start: 2635 },
    turn(2640, "right wrist", 671),
    { start: 2645, text: "Good." },
  ];
  assertEquals(joined(said, heard, 2595, 3600), { segments: said, outside: 0 });
});

Deno.test("nor is one of which but the number is missing, though more of its words are those", () => {
  const exchange = (start: number, entry: number) => [
    { start, text: "Take it in the morning, and tell me how it goes." },
    {
      start: start + 5,
      text: `My right wrist hurt again in the evening; I wrote it down as entry ${entry}.`,
    },
  ];
  const heard = exchange(6890, 1691);
  const between = { start: 6902, text: "Line 1692 of the chart says a pulse of 71 after meals." };
  const later = exchange(7015, 1721);
  const said = [heard[1], between, ...later];
  assertEquals(joined(said, heard, 6895, 7200), { segments: [between, ...later], outside: 0 });
});
