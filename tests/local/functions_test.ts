/** The functions' host: isolates that live and die as hosted ones do. */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { withHost } from "./isolates.ts";

/** A function that says who it is, what it was given, and when it hears that it will be unloaded. */
const FUNCTION = `
addEventListener("beforeunload", (event) => console.log("unload " + event.detail.reason));
export default {
  fetch: (request) => {
    if (request.url.endsWith("/stay")) EdgeRuntime.waitUntil(new Promise(() => {}));
    return Response.json({
      pid: Deno.pid,
      path: new URL(request.url).pathname,
      given: Deno.env.get("GIVEN"),
      key: Deno.env.get("GOOGLE_OF_THE_TESTER") ?? null,
    });
  },
};`;

Deno.test("a function runs in a process of its own, with its own settings alone", async () => {
  Deno.env.set("GOOGLE_OF_THE_TESTER", "not for the function");
  try {
    await withHost(FUNCTION, async ({ ask }) => {
      const { pid, path, given, key } = await (await ask("/path")).json();
      assertNotEquals(pid, Deno.pid);
      assertEquals([path, given, key], ["/name/path", "this", null]);
      assertEquals((await (await ask()).json()).pid, pid);
    });
  } finally {
    Deno.env.delete("GOOGLE_OF_THE_TESTER");
  }
});

Deno.test("after a kill -9 the next request is served by a new isolate", async () => {
  await withHost(FUNCTION, async ({ host, ask }) => {
    const { pid } = await (await ask()).json();
    await host.kill("SIGKILL");
    assertEquals(host.pids(), []);
    assertNotEquals((await (await ask()).json()).pid, pid);
  });
});

Deno.test("requests that come at once while none lives start one isolate", async () => {
  await withHost(FUNCTION, async ({ host, ask }) => {
    await host.kill("SIGKILL");
    const answers = await Promise.all([ask(), ask(), ask()]);
    const pids = await Promise.all(answers.map(async (answer) => (await answer.json()).pid));
    assertEquals(new Set(pids), new Set(host.pids()));
    assertEquals(host.pids().length, 1);
  });
});

Deno.test("an isolate hears why it is unloaded, and takes no more requests", async () => {
  await withHost(FUNCTION, async ({ host, ask, said }) => {
    const { pid } = await (await ask()).json();
    await host.unload("memory");
    await said("unload memory");
    assertNotEquals((await (await ask()).json()).pid, pid);
  });
});

Deno.test("an isolate that still works is unloaded and ended by its wall clock", async () => {
  await withHost(FUNCTION, async ({ ask, said, left, host }) => {
    const { pid } = await (await ask("/stay")).json();
    await said("unload wall_clock");
    assertNotEquals((await (await ask("/stay")).json()).pid, pid);
    await left(host.pids().filter((other) => other !== pid));
  }, { wallClockSeconds: 2 });
});

Deno.test("an isolate that has nothing to do at half of its wall clock is dropped", async () => {
  await withHost(FUNCTION, async ({ ask, said, lines, left }) => {
    await (await ask()).body?.cancel();
    await said("unload early_drop");
    await left([]);
    // The answer may have been the second one's, on a machine that is slow to ask.
    assertEquals([...new Set(lines)], ["unload early_drop"]);
  }, { wallClockSeconds: 4 });
});

Deno.test("a function that can't start says why", async () => {
  await assertRejects(
    () => withHost('throw new Error("a setting is missing");', () => Promise.resolve()),
    Error,
    "a setting is missing",
  );
});
