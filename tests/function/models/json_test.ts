import { assertEquals, assertThrows } from "@std/assert";
import { parseJson } from "../../../supabase/functions/generate-summary/models/json.ts";

Deno.test("a model's JSON is read without what a database can't keep, names apart", () => {
  const value = { list: ["a\0b", 5, null, true], text: "x\ud800y", pair: "💊" };
  assertEquals(parseJson(JSON.stringify(value)), {
    list: ["ab", 5, null, true],
    text: "x\ufffdy",
    pair: "💊",
  });
  assertEquals(parseJson('"half \ud83d"'), "half \ufffd");
  assertEquals(parseJson('"\\ud83d\\udc8a \\\\u0000"'), "💊 \\u0000");
});

Deno.test("what is no JSON is a SyntaxError", () => {
  assertThrows(() => parseJson('{"a":'), SyntaxError);
  assertEquals(parseJson("5"), 5);
});
