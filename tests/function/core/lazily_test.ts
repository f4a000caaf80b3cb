import { assertEquals, assertRejects } from "@std/assert";
import { lazily } from "../../../supabase/functions/generate-summary/core/lazily.ts";

Deno.test("what is needed by several at once is made once", async () => {
  let made = 0;
  const get = lazily(async () => await ++made);
  assertEquals(await Promise.all([get(), get()]), [1, 1]);
  assertEquals(await get(), 1);
});

Deno.test("what could not be made is made again when it is next needed", async () => {
  let tried = 0;
  const get = lazily(async () => {
    if (await ++tried === 1) throw new Error("broke");
    return "made";
  });
  await Promise.all([assertRejects(get, Error, "broke"), assertRejects(get, Error, "broke")]);
  assertEquals(await get(), "made");
  assertEquals(tried, 2);
});
