import { assertEquals } from "@std/assert";
import { withFile } from "../../generating.ts";
import { codeOf, startWorkbench } from "../../workbench.ts";

Deno.test("a file that is gone between upload and use is told apart", async () => {
  await using bench = await startWorkbench();
  const { file, request } = await withFile(bench);
  await bench.model.deleteFile(file.name);
  assertEquals(await codeOf(() => bench.model.generate(request)), "file_gone");
  assertEquals(await codeOf(() => bench.model.countTokens(file, bench.limits())), "file_gone");
});

Deno.test("a check asks for the model, and for no other", async () => {
  await using bench = await startWorkbench();
  await bench.model.check();
  assertEquals(bench.service.requests.map(({ path }) => path), ["/v1beta/models/gemini-3.8-flash"]);
  bench.service.fail({ on: "model", status: 503 });
  assertEquals(await codeOf(() => bench.model.check()), "model_unavailable");
});
