/** An isolate is spent while work goes on: the next one takes over, and no summary notices. */
import { assertEquals } from "@std/assert";
import { makeConsultation } from "../../local/commands/demo/clinic.ts";
import { until } from "../database/platform.ts";
import { sample, withStack } from "../e2e/harness.ts";
import { assertCleanedUp } from "./run.ts";

const test = withStack();

// CPU time is counted on Linux alone.
const only = Deno.build.os === "linux" ? test : () => {};

only("when an isolate's CPU time is used up, summaries go on in the next one", async (scene) => {
  const { stack, clinic, doctor } = scene;
  const type = "audio/webm";
  const recording = new Blob([await Deno.readFile(sample("consultation.webm"))], { type });
  const begin = async () => {
    const consultation = await makeConsultation(doctor, clinic.id);
    const { error } = await doctor.storage.from("consultations").upload(
      `${clinic.id}/${consultation}/${crypto.randomUUID()}.webm`,
      recording,
      { contentType: type },
    );
    if (error) throw error;
  };
  const first = stack.functions.pids();
  const more = () => stack.functions.pids().some((pid) => !first.includes(pid));
  let begun = 0;
  while (!more()) {
    await Promise.all([begin(), begin(), begin(), begin()]);
    begun += 4;
    await until(async () =>
      (await stack.sql`
        select from public.summaries
        where clinic_id = ${clinic.id} and status in ('queued', 'processing')`).count < 4
    );
  }
  const statuses = () =>
    stack.sql`
      select status, count(*)::int from public.summaries where clinic_id = ${clinic.id} group by 1`;
  await until(async () => (await statuses()).every(({ status }) => status === "completed"));
  assertEquals([...await statuses()], [{ status: "completed", count: begun }]);
  // The spent one was told to go, and went.
  await until(() => Promise.resolve(!stack.functions.pids().some((pid) => first.includes(pid))));
  await assertCleanedUp(scene);
});
