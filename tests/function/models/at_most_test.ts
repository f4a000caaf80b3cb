import { assertEquals, assertRejects } from "@std/assert";
import { atMost } from "../../../supabase/functions/generate-summary/models/at_most.ts";
import { settled } from "../fake_clock.ts";

Deno.test("no more run than may, the next as soon as one is done, also when that failed", async () => {
  const limited = atMost(2);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const runs = [0, 1, 2, 3].map((index) =>
    limited(() =>
      new Promise<number>((resolve, reject) => {
        begun.push(index);
        ends[index] = () => index === 0 ? reject(new TypeError("failed")) : resolve(index);
      })
    )
  );
  const failed = assertRejects(() => runs[0], TypeError);
  await settled();
  assertEquals(begun, [0, 1]);
  ends[0]();
  await failed;
  await settled();
  assertEquals(begun, [0, 1, 2]);
  ends[2]();
  await settled();
  assertEquals(begun, [0, 1, 2, 3]);
  ends[1]();
  ends[3]();
  assertEquals(await Promise.all(runs.slice(1)), [1, 2, 3]);
});
