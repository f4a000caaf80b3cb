import { assertEquals } from "@std/assert";
import {
  chosenWay,
  type GoogleCloudSettings,
} from "../../../supabase/functions/generate-summary/models/settings.ts";

const chosen = (provider: string | undefined, apiKey: string, googleCloud: GoogleCloudSettings) => {
  const way = chosenWay({ provider, model: "m", geminiApi: { apiKey }, googleCloud });
  return typeof way === "string" ? way : way.problem;
};
const BUCKET = { bucket: "bucket-1" };

Deno.test("the way that is set is taken, the Gemini API where none is", () => {
  assertEquals(chosen(undefined, "", {}), "gemini-api");
  assertEquals(chosen(undefined, "key", {}), "gemini-api");
  assertEquals(chosen(undefined, "", BUCKET), "google-cloud");
});

Deno.test("the one that is named is taken, whatever else is set", () => {
  assertEquals(chosen("google-cloud", "key", BUCKET), "google-cloud");
  assertEquals(chosen("google-cloud", "key", {}), "google-cloud");
  assertEquals(chosen("gemini-api", "key", BUCKET), "gemini-api");
});

Deno.test("where both are set none is taken before one is named", () => {
  assertEquals(chosen(undefined, "key", BUCKET).includes("in MODEL_PROVIDER"), true);
});

Deno.test("a way that there is not is told, and no other is taken", () => {
  assertEquals(
    chosen("vertex", "key", {}),
    "MODEL_PROVIDER is neither of gemini-api and google-cloud.",
  );
});
