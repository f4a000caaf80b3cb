import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { fileName } from "../../../supabase/functions/generate-summary/models/file_name.ts";

Deno.test("a file's name is the same on every try and says nothing", async () => {
  const name = await fileName("files", { recording_id: "a", object_version: "1" });
  assertMatch(name, /^files\/[0-9a-f]{40}$/);
  assertEquals(name, await fileName("files", { recording_id: "a", object_version: "1" }));
  assertFalse(name === await fileName("files", { recording_id: "a", object_version: "2" }));
});

Deno.test("files of the same name at the service are of the same version of a recording", async () => {
  const names = await Promise.all(
    [["a", "1"], ["a", "2"], ["b", "1"], ["b", "2"]].map(([recording_id, object_version]) =>
      fileName("files", { recording_id, object_version })
    ),
  );
  assertEquals(new Set(names).size, 4);
});

Deno.test("the name stays what it was: what earlier deployments left is found by it", async () => {
  const name = await fileName("files", { recording_id: "a", object_version: "1" });
  assertEquals(name, "files/773232abe9343f0e102f8248423fc6ceec7d0ac3");
});
