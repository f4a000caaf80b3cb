import { assertEquals } from "@std/assert";
import { follow } from "../../../supabase/functions/generate-summary/core/follow.ts";

const stateOf = ({ signal }: AbortController) => signal.aborted ? signal.reason : "open";

Deno.test("a controller is aborted when what it follows is, with the reason", () => {
  const [first, own] = [new AbortController(), new AbortController()];
  follow(first.signal, own);
  assertEquals(stateOf(own), "open");
  first.abort("gone");
  assertEquals(stateOf(own), "gone");
});

Deno.test("it is aborted at once when that was aborted before", () => {
  const own = new AbortController();
  follow(AbortSignal.abort("gone"), own);
  assertEquals(stateOf(own), "gone");
});

Deno.test("it follows no longer once it is let go, and may follow nothing", () => {
  const [first, own] = [new AbortController(), new AbortController()];
  follow(first.signal, own)();
  follow(undefined, own)();
  first.abort("gone");
  assertEquals(stateOf(own), "open");
});
