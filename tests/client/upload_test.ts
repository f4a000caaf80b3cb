/** Uploads of the client package go on after what interrupts them, and end when they are aborted. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createSummaries, SummariesError } from "../../clients/index.ts";
import { signIn } from "../../local/commands/demo/clinic.ts";
import { sample, type Scene, withStack } from "../e2e/harness.ts";

const test = withStack();

const MIB = 1024 * 1024;

const place = ({ clinic, consultation }: Scene) => ({
  clinicId: clinic.id,
  consultationId: consultation,
});

/** Three parts: the sample, and then bytes that make it large. */
async function large(): Promise<Blob> {
  const bytes = new Uint8Array(13 * MIB);
  bytes.set(await Deno.readFile(sample("consultation.webm")));
  return new Blob([bytes], { type: "audio/webm" });
}

/** As `localStorage`, of which a browser has one whatever page is open. */
function memory() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** Stands between the browser and Storage, for requests that carry bytes; gives what came. */
function between(
  { stack }: Scene,
  meddle: (number: number, pass: () => Promise<Response>, request: Request) => Promise<Response>,
): string[] {
  const came: string[] = [];
  stack.services.between = (request, pass) => {
    if (!request.url.includes("/upload/resumable")) return pass();
    came.push(request.method);
    return meddle(came.length, pass, request);
  };
  return came;
}

const lost = () => Promise.reject(new Error("lost"));

async function stored({ doctor }: Scene, path: string) {
  const { data } = await doctor.storage.from("consultations").info(path);
  return data && [data.size, data.contentType];
}

test("a file is taken as what its name says, whatever the browser knows of it", async (scene) => {
  const bytes = await Deno.readFile(sample("prescription.jpg"));
  const summaries = createSummaries(scene.doctor, { memory: memory() });
  for (
    const [name, type, stands] of [
      ["IMG_0001.JPG", "image/jpeg", "image/jpeg"],
      ["scan.HEIC", "", "image/heic"],
      ["note.one.m4a", "", "audio/mp4"],
      ["talk.webm", "video/webm;codecs=opus", "video/webm"],
      ["capitals.png", "IMAGE/PNG", "image/png"],
    ]
  ) {
    const path = await summaries.upload(place(scene), new File([bytes], name, { type }));
    assertMatch(path, /^[0-9a-f-]{36}\/[0-9a-f-]{36}\/[0-9a-f-]{36}\.[a-z0-9]+$/);
    assertEquals(await stored(scene, path), [bytes.length, stands]);
  }
});

test("lost parts and lost answers are made up for, and progress is told", async (scene) => {
  const file = await large();
  // The second part doesn't arrive, and the last one's answer doesn't.
  const came = between(scene, async (number, pass) => {
    if (number === 2) return await lost();
    const answer = await pass();
    return number === 4 ? await lost() : answer;
  });
  const shares: number[] = [];
  const path = await createSummaries(scene.doctor, { memory: memory() })
    .upload(place(scene), file, { extension: "webm", onProgress: (share) => shares.push(share) });
  assertEquals(await stored(scene, path), [file.size, "audio/webm"]);
  // The last one finds that the file is there.
  assertEquals(came, ["POST", "PATCH", "PATCH", "PATCH", "POST"]);
  assertEquals(shares.slice(0, 3), [6 / 13, 6 / 13, 12 / 13]);
  assertEquals(
    (await scene.doctor.storage.from("consultations")
      .list(path.split("/").slice(0, 2).join("/"))).data?.length,
    1,
  );
});

test("it waits while the browser is offline", async (scene) => {
  const came = between(scene, (number, pass) => {
    if (number !== 2) return pass();
    Object.defineProperty(navigator, "onLine", { value: false, configurable: true });
    return lost();
  });
  const add = globalThis.addEventListener;
  let waited = 0;
  globalThis.addEventListener = ((type: string, ...rest: unknown[]) => {
    (add as (...all: unknown[]) => void).call(globalThis, type, ...rest);
    if (type !== "online") return;
    waited++;
    Object.defineProperty(navigator, "onLine", { value: true, configurable: true });
    globalThis.dispatchEvent(new Event("online"));
  }) as typeof add;
  try {
    const file = await large();
    const path = await createSummaries(scene.doctor, { memory: memory() })
      .upload(place(scene), file, { extension: "webm" });
    assertEquals([waited, came.length], [1, 4]);
    assertEquals((await stored(scene, path))?.[0], file.size);
  } finally {
    globalThis.addEventListener = add;
  }
});

test("after a reload the same file goes on where it was, and another one begins anew", async (scene) => {
  const file = await large();
  const browser = memory();
  let left = () => {};
  const leaves = new Promise<void>((resolve) => left = resolve);
  let end = () => {};
  const held = new Promise<never>((_, reject) => end = () => reject(new Error("left")));
  held.catch(() => {});
  const came = between(scene, (number, pass) => {
    if (number !== 2) return pass();
    left();
    return held;
  });
  const first = createSummaries(scene.doctor, { memory: browser })
    .upload(place(scene), file, { extension: "webm" });
  await leaves;

  const page = createSummaries(await signIn(scene.stack, scene.clinic.doctor), { memory: browser });
  // As long, and other words.
  const other = new Blob([file.slice(0, file.size - 1), "!"], { type: "audio/webm" });
  const path = await page.upload(place(scene), file, { extension: "webm" });
  assertEquals(came, ["POST", "PATCH", "PATCH", "PATCH"]);
  assertEquals((await stored(scene, path))?.[0], file.size);
  assertEquals([...browser.kept], []);
  assert(await page.upload(place(scene), other, { extension: "webm" }) !== path);
  end();
  assertEquals(await first, path);
});

test("each request has the token of its time, and one that is refused is renewed", async (scene) => {
  const { auth } = scene.doctor;
  const session = async () => (await auth.getSession()).data.session!;
  const before = await session();
  const { exp: _, ...claims } = JSON.parse(atob(before.access_token.split(".")[1]));
  const other = await scene.stack.services.tokens.sign({ ...claims, jti: "another" });
  const tokens: (string | null)[] = [];
  const came = between(scene, async (number, pass, request) => {
    tokens.push(request.headers.get("authorization"));
    if (number === 2) {
      return new Response('"exp" claim timestamp check failed: jwt expired', { status: 403 });
    }
    const answer = await pass();
    if (number === 3) {
      assert((await session()).refresh_token !== before.refresh_token, "it was renewed");
      const { refresh_token } = await session();
      await auth.setSession({ access_token: other, refresh_token });
    }
    return answer;
  });
  await createSummaries(scene.doctor, { memory: memory() })
    .upload(place(scene), await large(), { extension: "webm" });
  assertEquals(came, ["POST", "PATCH", "PATCH", "PATCH"]);
  assertEquals(tokens.map((token) => token === `Bearer ${other}`), [false, false, false, true]);
});

test("who is signed out meanwhile goes on once signed in again", async (scene) => {
  const browser = memory();
  const user = await signIn(scene.stack, scene.clinic.doctor);
  const came = between(scene, async (number, pass) => {
    if (number !== 2) return await pass();
    await user.auth.signOut({ scope: "local" });
    return await lost();
  });
  const file = await large();
  const error = await assertRejects(
    () =>
      createSummaries(user, { memory: browser }).upload(place(scene), file, { extension: "webm" }),
    SummariesError,
  ) as SummariesError;
  assertEquals(error.code, "unauthorized");
  await createSummaries(scene.doctor, { memory: browser })
    .upload(place(scene), file, { extension: "webm" });
  assertEquals(came, ["POST", "PATCH", "PATCH", "PATCH"]);
});

test("an upload that is aborted leaves nothing behind", async (scene) => {
  const browser = memory();
  const abort = new AbortController();
  let url = "";
  const setItem = (key: string, value: string) => {
    browser.setItem(key, value);
    url = JSON.parse(value).url;
  };
  const reason = new Error("no longer wanted");
  const thrown = await createSummaries(scene.doctor, { memory: { ...browser, setItem } })
    .upload(place(scene), await large(), {
      extension: "webm",
      signal: abort.signal,
      onProgress: (share) => share > 0 && abort.abort(reason),
    }).catch((error) => error);
  assertEquals(thrown, reason);
  assertEquals([...browser.kept], []);
  const { data } = await scene.doctor.auth.getSession();
  const answer = await fetch(url, {
    method: "HEAD",
    headers: {
      apikey: scene.stack.keys.publishable,
      authorization: `Bearer ${data.session!.access_token}`,
    },
  });
  assertEquals(answer.status, 404);
});

test("what Storage refuses has a code and a sentence", async (scene) => {
  const browser = memory();
  const summaries = createSummaries(scene.doctor, { memory: browser });
  const words = new Blob(["words"]);
  for (
    const [file, extension, code, where] of [
      [words, "exe", "file_type", place(scene)],
      [words, undefined, "file_type", place(scene)],
      [new Blob([]), "webm", "file_empty", place(scene)],
      [new Blob([new Uint8Array(51 * MIB)]), "webm", "file_too_large", place(scene)],
      [words, "webm", "forbidden", { ...place(scene), consultationId: crypto.randomUUID() }],
    ] as const
  ) {
    const error = await assertRejects(
      () => summaries.upload(where, file, { extension }),
      SummariesError,
    ) as SummariesError;
    assertEquals(error.code, code);
    assertMatch(error.message, /^[A-Z].+\.$/);
  }
  assertEquals([...browser.kept], []);
});
