import { assertEquals } from "@std/assert";
import {
  createDeleteFiles,
  createHandOver,
} from "../../../supabase/functions/generate-summary/job/project.ts";

function deleting(answer: () => Response | Promise<Response>) {
  const asked: { url: string; init: RequestInit }[] = [];
  const deleteFiles = createDeleteFiles({
    url: "https://project.example",
    key: "sb_secret_one",
    fetch: async (input, init) => {
      asked.push({ url: String(input), init: init! });
      return await answer();
    },
  });
  return { asked, run: () => deleteFiles("a bucket", ["c/k/a.webm", "c/k/b.jpg"]) };
}

Deno.test("one request deletes all the files of a bucket, with the service's key and a limit", async () => {
  const { asked, run } = deleting(() => Response.json([]));
  assertEquals(await run(), true);
  const [{ url, init: { signal, ...init } }] = asked;
  assertEquals([asked.length, url], [1, "https://project.example/storage/v1/object/a%20bucket"]);
  assertEquals(init, {
    method: "DELETE",
    headers: {
      apikey: "sb_secret_one",
      authorization: "Bearer sb_secret_one",
      "content-type": "application/json",
    },
    body: '{"prefixes":["c/k/a.webm","c/k/b.jpg"]}',
    redirect: "error",
  });
  assertEquals(signal?.aborted, false);
});

for (
  const [what, answer] of [
    ["refuses", () => Response.json({}, { status: 400 })],
    ["is broken", () => new Response(null, { status: 503 })],
    ["is away", () => Promise.reject(new TypeError("unreachable"))],
  ] as const
) {
  Deno.test(`a Storage that ${what} has deleted nothing, and nothing is thrown`, async () => {
    assertEquals(await deleting(answer).run(), false);
  });
}

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
