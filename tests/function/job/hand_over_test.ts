import { assertEquals } from "@std/assert";
import { createHandOver } from "../../../supabase/functions/generate-summary/job/hand_over.ts";

const settings = { url: "http://project.test", key: "a-hint-key" };

Deno.test("another isolate is woken as the database wakes one", async () => {
  const requests: Request[] = [];
  await createHandOver({
    ...settings,
    fetch(input, init) {
      requests.push(new Request(input, init));
      return Promise.resolve(Response.json({}, { status: 202 }));
    },
  })();
  assertEquals(requests.map(({ method, url, redirect }) => [method, url, redirect]), [
    ["POST", "http://project.test/functions/v1/generate-summary", "error"],
  ]);
  assertEquals(requests[0].headers.get("apikey"), "a-hint-key");
  assertEquals(await requests[0].json(), {});
});

Deno.test("a platform that is away is no error: the database's hint comes too", async () => {
  await createHandOver({ ...settings, fetch: () => Promise.reject(new TypeError("away")) })();
});
