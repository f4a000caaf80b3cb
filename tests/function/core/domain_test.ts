import { assertEquals } from "@std/assert";
import { usageOf } from "../../../supabase/functions/generate-summary/core/domain.ts";
import { paid } from "../fake_model.ts";

Deno.test("what was used is the sum of the calls", () => {
  assertEquals(
    usageOf([paid({ cached_tokens: 7 }), paid({ output_tokens: 5, thought_tokens: 3 })]),
    {
      calls: 2,
      input_tokens: 2000,
      audio_tokens: 1920,
      cached_tokens: 7,
      output_tokens: 15,
    },
  );
  assertEquals(usageOf([]), {
    calls: 0,
    input_tokens: 0,
    audio_tokens: 0,
    cached_tokens: 0,
    output_tokens: 0,
  });
});
