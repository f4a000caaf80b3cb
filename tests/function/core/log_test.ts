import { assert, assertEquals } from "@std/assert";
import {
  createLog,
  EVENTS,
  logAbout,
  type LogFields,
} from "../../../supabase/functions/generate-summary/core/log.ts";

function written() {
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  /** The lines without their times. */
  const entries = () => lines.map((line): LogFields => ({ ...JSON.parse(line), time: undefined }));
  return { log, lines, entries };
}

Deno.test("an event is one line of JSON, with the time, the level and its fields", () => {
  const { log, lines } = written();
  log.info("file_uploaded", { bytes: 5 });
  log.warn("retry", { code: "overloaded" });
  log.error("failed");
  assert(lines.every((line) => !line.includes("\n")));
  const [uploaded, retry, failed] = lines.map((line) => JSON.parse(line));
  assert(Math.abs(Date.parse(uploaded.time) - Date.now()) < 60_000);
  assertEquals([uploaded.level, uploaded.event, uploaded.bytes], ["info", "file_uploaded", 5]);
  assertEquals([retry.level, retry.code, failed.level], ["warn", "overloaded", "error"]);
});

Deno.test("what a piece of work is about is in all its lines, within it and no further", () => {
  const { log, entries } = written();
  logAbout({ request_id: "r" }, () => {
    logAbout({ summary_id: "s" }, () => log.info("claim", { attempt: 1 }));
    log.info("answer");
  });
  log.info("shutdown");
  assertEquals(
    entries().map(({ request_id, summary_id, attempt }) => [request_id, summary_id, attempt]),
    [["r", "s", 1], ["r", undefined, undefined], [undefined, undefined, undefined]],
  );
});

Deno.test("what a line says itself counts over what the work is about", () => {
  const { log, entries } = written();
  logAbout({ summary_id: "outer" }, () => {
    logAbout({ summary_id: "inner" }, () => log.info("claim"));
    log.info("request", { summary_id: "own" });
  });
  assertEquals(entries().map(({ summary_id }) => summary_id), ["inner", "own"]);
});

Deno.test("requests at the same time don't get into each other's lines", async () => {
  const { log, entries } = written();
  const turns = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const both = turns.map(({ promise }, index) =>
    logAbout({ request_id: `r${index}` }, async () => {
      await promise;
      log.info("answer", { part: index });
      // Work that the request started and nobody waits for.
      await Promise.resolve().then(() => log.info("completed", { part: index }));
    })
  );
  turns[1].resolve();
  turns[0].resolve();
  await Promise.all(both);
  assertEquals(entries().length, 4);
  for (const { request_id, part } of entries()) assertEquals(request_id, `r${part}`);
});

Deno.test("each event says in a sentence what it is", () => {
  for (const [event, text] of Object.entries(EVENTS)) assert(/^[A-Z].*\.$/.test(text), event);
});
