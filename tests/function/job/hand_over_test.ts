import { assertEquals } from "@std/assert";
import { createHandOver } from "../../../supabase/functions/generate-summary/job/hand_over.ts";

const settings = { url: "http://project.test", key: "a-hint-key", isolate: "this" };

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
  const fetch = () => Promise.reject(new TypeError("away"));
  assertEquals(await createHandOver({ ...settings, fetch })(), false);
});

for (
  const [who, name, status, another] of [
    ["another isolate", "another", 202, true],
    ["this isolate", "this", 202, false],
    ["none, but the platform", null, 503, false],
  ] as const
) {
  Deno.test(`it tells who took the hint: ${who}`, async () => {
    const headers = new Headers(name ? { "x-isolate": name } : {});
    const fetch = () => Promise.resolve(Response.json({}, { status, headers }));
    assertEquals(await createHandOver({ ...settings, fetch })(), another);
  });
}
