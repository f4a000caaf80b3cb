/** What an isolate uses up: CPU time and memory over its whole life, and requests to others. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Consequences, createGauge, HOSTED } from "../../local/stand_ins/functions/limits.ts";
import { withHost } from "./isolates.ts";

Deno.test("at half it is retired, at nine tenths unloaded, at the limit ended; each once", () => {
  const happened: string[] = [];
  const consequences: Consequences = {
    retire: () => happened.push("retire"),
    unload: (reason) => happened.push(`unload ${reason}`),
    end: (reason) => happened.push(`end ${reason}`),
  };
  const gauge = createGauge("cpu", 2000, consequences);
  const after = (used: number) => {
    gauge(used);
    return happened.splice(0);
  };
  assertEquals(after(999), []);
  assertEquals(after(1000), ["retire"]);
  assertEquals(after(1799), []);
  assertEquals(after(2100), ["unload cpu", "end cpu"]);
  assertEquals(after(2200), []);
});

/** Uses CPU time: what is left over at half of the limit, or all of it. */
const BURNING = `
addEventListener("drain", () => console.log("drain"));
addEventListener("beforeunload", (event) => console.log("unload " + event.detail.reason));
const burn = () => { for (let n = 0; n < 1e7; n++) Math.sqrt(n); };
const used = async () => Number((await Deno.readTextFile("/proc/self/schedstat")).split(" ")[0]) / 1e6;
const before = await used();
const later = () => new Promise((resolve) => setTimeout(resolve, 50));
const burnTo = async (ms) => { while (await used() - before < ms) burn(); };
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/forever")) while (true) burn();
    if (pathname.endsWith("/half")) await burnTo(1200);
    if (pathname.endsWith("/behind")) EdgeRuntime.waitUntil(later().then(() => burnTo(1200)));
    if (pathname.endsWith("/nearly")) await burnTo(1850);
    if (pathname.endsWith("/promise")) EdgeRuntime.waitUntil(new Promise(() => {}));
    if (pathname.endsWith("/thenable")) EdgeRuntime.waitUntil({ then: () => {} });
    return Response.json(Deno.pid);
  },
};`;

const only = { ignore: Deno.build.os !== "linux" };

Deno.test("beyond half of its CPU time an isolate answers, and takes no more", only, async () => {
  await withHost(BURNING, async ({ ask, said, lines, left, host }) => {
    const pid = await (await ask("/half")).json();
    assertNotEquals(await (await ask()).json(), pid);
    // It had nothing left to do.
    await said("unload early_drop");
    await left(host.pids().filter((other) => other !== pid));
    assertEquals(lines, ["drain", "unload early_drop"]);
    assertEquals(host.lives().map(({ unloads }) => unloads), [["early_drop"], []]);
    // As last measured: it may end between two measurements.
    assert(host.lives()[0].cpuMs >= HOSTED.cpuMs / 2);
  });
});

Deno.test(
  "one that is retired when all is answered goes on, and is told nothing",
  only,
  async () => {
    await withHost(BURNING, async ({ ask, said, lines, left }) => {
      await (await ask("/behind")).body?.cancel();
      await said("unload early_drop");
      await left([]);
      assertEquals(lines, ["unload early_drop"]);
    });
  },
);

Deno.test(
  "what waits in waitUntil keeps a spent isolate, if it is a native promise",
  only,
  async () => {
    await withHost(BURNING, async ({ ask, said, lines, host }) => {
      await (await ask("/promise")).body?.cancel();
      await (await ask("/half")).body?.cancel();
      await host.unload("asked by the test");
      await said("unload asked by the test");
      assertEquals(lines, ["drain", "unload asked by the test"]);
    });
    await withHost(BURNING, async ({ ask, said, left }) => {
      await (await ask("/thenable")).body?.cancel();
      await (await ask("/half")).body?.cancel();
      await said("unload early_drop");
      await left([]);
    });
  },
);

Deno.test("near its CPU limit an isolate hears of it", only, async () => {
  await withHost(BURNING, async ({ ask, said }) => {
    await (await ask("/promise")).body?.cancel();
    await (await ask("/nearly")).body?.cancel();
    await said("unload cpu");
  });
});

Deno.test(
  "at the limit the isolate dies, and who waits for its answer gets 546",
  only,
  async () => {
    await withHost(BURNING, async ({ ask, host }) => {
      const [pid] = host.pids();
      const answer = await ask("/forever");
      assertEquals([answer.status, (await answer.json()).code], [546, "WORKER_LIMIT"]);
      assertNotEquals(await (await ask()).json(), pid);
      assert(!host.pids().includes(pid));
      assertEquals(host.lives().map(({ endedBy }) => endedBy), ["cpu", undefined]);
    });
  },
);

Deno.test("a function that uses up its CPU time before it serves never starts", only, async () => {
  let message = "";
  await withHost("while (true); export default {};", () => Promise.resolve()).catch((error) =>
    message = error.message
  );
  assert(message.startsWith("The function did not start"), message);
});

const HOARDING = `
const kept = [];
addEventListener("beforeunload", (event) => console.log("unload " + event.detail.reason));
export default {
  async fetch(request) {
    const mb = Number(new URL(request.url).pathname.split("/").at(-1));
    if (mb) kept.push(new Uint8Array(mb * 2 ** 20).fill(1));
    else while (true) kept.push(Array.from({ length: 1e5 }, (_, n) => ({ n })));
    await new Promise(() => {});
  },
};`;

Deno.test("near the limit of memory the isolate is told, and beyond it ended", async () => {
  await withHost(HOARDING, async ({ host, ask, said }) => {
    const near = ask("/240");
    await said("unload memory");
    const beyond = await ask("/300");
    assertEquals([beyond.status, (await beyond.json()).code], [546, "WORKER_LIMIT"]);
    // Whom the host killed for another reason says nothing of limits.
    await host.kill("SIGKILL");
    assertEquals([(await near).status, (await (await near).json()).code], [502, "BAD_GATEWAY"]);
  });
});

Deno.test("a heap that is full ends the isolate with 546", async () => {
  await withHost(HOARDING, async ({ ask }) => {
    const answer = await ask("/0");
    assertEquals([answer.status, (await answer.json()).code], [546, "WORKER_LIMIT"]);
  });
});
