import { assert, assertEquals, assertRejects } from "@std/assert";
import { startGoogleCloud } from "../../../../local/stand_ins/google_cloud/server.ts";
import { CLOUD_REFUSALS } from "../../../../local/stand_ins/google_cloud/refusals.ts";
import { AppError } from "../../../../supabase/functions/generate-summary/core/errors.ts";
import { readSettings } from "../../../../supabase/functions/generate-summary/models/google_cloud/settings.ts";
import { createTokens } from "../../../../supabase/functions/generate-summary/models/google_cloud/token.ts";
import { Fault } from "../../../../supabase/functions/generate-summary/models/policy.ts";
import { fakeClock } from "../../fake_clock.ts";

/** `now`: what the function's clock says. */
async function start(now = Date.now()) {
  const service = await startGoogleCloud();
  const settings = readSettings({
    key: service.settings.GOOGLE_CLOUD_KEY,
    location: "eu",
    bucket: "bucket-1",
  });
  assert("account" in settings);
  const clock = fakeClock(now);
  const { account } = settings;
  const tokens = createTokens({ account, host: service.url, fetch, clock });
  return {
    service,
    account,
    clock,
    tokens,
    asked: () => service.requests.length,
    kindOf: async () => (await assertRejects(() => tokens.get(), Fault)).kind,
    [Symbol.asyncDispose]: () => service.close(),
  };
}

Deno.test("a token is asked for once, whoever asks meanwhile", async () => {
  await using made = await start();
  const { tokens, asked } = made;
  const [one, ...others] = await Promise.all([tokens.get(), tokens.get(), tokens.get()]);
  assertEquals([others, asked()], [[one, one], 1]);
  assert(made.service.tokens.has(`Bearer ${one}`));
});

Deno.test("it is kept until five minutes before its end, and then asked for anew", async () => {
  await using made = await start();
  const { tokens, clock, asked } = made;
  const first = await tokens.get();
  await clock.sleep((3599 - 300) * 1000 - 1);
  assertEquals([await tokens.get() === first, asked()], [true, 1]);
  await clock.sleep(1);
  assert(await tokens.get() !== first);
});

Deno.test("one that was refused is forgotten", async () => {
  await using made = await start();
  const first = await made.tokens.get();
  made.tokens.forget();
  assert(await made.tokens.get() !== first);
});

for (const hours of [-3, 3]) {
  Deno.test(`a clock that is ${hours} hours off is put right by the answer's date`, async () => {
    await using made = await start(Date.now() + hours * 3_600_000);
    await made.tokens.get();
    made.tokens.forget();
    await made.tokens.get();
    // Known from the first time on.
    assertEquals(made.service.requests.map(({ status }) => status), [400, 200, 200]);
  });
}

Deno.test("a clock that is half a minute off needs nothing", async () => {
  for (const seconds of [-30, 30]) {
    await using made = await start(Date.now() + seconds * 1000);
    await made.tokens.get();
    assertEquals(made.asked(), 1);
  }
});

Deno.test("a key that was deleted is the account's fault, and asked with once", async () => {
  await using made = await start();
  made.service.tokens.keyDeleted = true;
  assertEquals([await made.kindOf(), made.asked()], ["key", 1]);
  made.service.tokens.keyDeleted = false;
  await made.tokens.get();
});

for (
  const [status, kind] of [[401, "key"], [403, "key"], [429, "rate_limited"], [
    500,
    "server_error",
  ], [503, "overloaded"]] as const
) {
  Deno.test(`${status} of the token's endpoint is ${kind}`, async () => {
    await using made = await start();
    made.service.fail({ on: "token", status });
    assertEquals(await made.kindOf(), kind);
    await made.tokens.get();
  });
}

Deno.test("a scope that is refused, an answer without a token, a broken connection are faults", async () => {
  await using made = await start();
  made.service.fail({ on: "token", refusal: CLOUD_REFUSALS.scope() });
  assertEquals(await made.kindOf(), "key");
  made.service.fail({ on: "token", status: 200, body: "<html>" });
  assertEquals(await made.kindOf(), "server_error");
  made.service.fail({ on: "token", reset: true });
  assertEquals(await made.kindOf(), "unreachable");
});

Deno.test("a private key that is no key is told as a setting that is wrong", async () => {
  await using made = await start();
  const { clock } = made;
  const account = { ...made.account, privateKey: new Uint8Array([1, 2, 3]) };
  const tokens = createTokens({ account, host: made.service.url, fetch, clock });
  const { code, message } = await assertRejects(() => tokens.get(), AppError);
  assertEquals([code, message.includes("GOOGLE_CLOUD_KEY")], ["model_settings", true]);
});
