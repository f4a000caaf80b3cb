import { assertEquals } from "@std/assert";
import {
  AUDIO_SCHEMA,
  AUDIO_SYSTEM,
  IMAGE_SCHEMA,
  IMAGE_SYSTEM,
} from "../../../supabase/functions/generate-summary/extract/prompt.ts";
import {
  audioRequest,
  imageRequest,
} from "../../../supabase/functions/generate-summary/extract/request.ts";

const FILE = { name: "files/a", uri: "https://model.example/files/a", mimeType: "audio/webm" };

Deno.test("a recording is asked for from the words on that were heard last", () => {
  const after = { text: "three times a day.", start: 61.5 };
  const question = { after, from_seconds: 61.5, doubted: false };
  assertEquals(audioRequest(FILE, question), {
    system: AUDIO_SYSTEM,
    parts: [{ file: FILE }, {
      text: JSON.stringify({ task: "extract", kind: "audio", after, from_seconds: 61.5 }),
    }],
    schema: AUDIO_SCHEMA,
    maxOutputTokens: 65_536,
    thinkingLevel: "LOW",
    takesBeginning: true,
  });
  const doubted = audioRequest(FILE, { ...question, doubted: true, fault: "Nothing." });
  assertEquals(doubted.thinkingLevel, "MEDIUM");
  assertEquals(JSON.parse((doubted.parts[1] as { text: string }).text).fault, "Nothing.");
});

Deno.test("a picture is asked for as a whole, and of no use in part", () => {
  const { system, parts, schema, takesBeginning } = imageRequest(FILE);
  assertEquals(parts[1], { text: JSON.stringify({ task: "extract", kind: "image" }) });
  assertEquals([system, schema, takesBeginning], [IMAGE_SYSTEM, IMAGE_SCHEMA, undefined]);
});
