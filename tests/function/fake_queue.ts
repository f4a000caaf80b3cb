/** The database's functions, as a test says that they answer; calls are written down. */
import type { Queue } from "../../supabase/functions/generate-summary/job/queue.ts";

type Name = Parameters<Queue>[0];
type Args = Record<string, unknown>;

/** What each function answers; a function makes it of the arguments, an error is thrown. */
export type Answers = { [name in Name]?: unknown };

export function fakeQueue(answers: Answers = {}) {
  const calls: { name: Name; args: Args }[] = [];
  const paidCalls: unknown[] = [];
  const call = async (name: Name, { p_calls = [], ...args }: Args) => {
    calls.push({ name, args });
    paidCalls.push(...p_calls as unknown[]);
    const answer = { save_draft: { outcome: "saved", may_spend: true }, ...answers }[name];
    const given = await (typeof answer === "function" ? answer(args) : answer);
    if (given instanceof Error) throw given;
    return given;
  };
  return {
    queue: call as unknown as Queue,
    calls,
    /** What was told to have been paid for. */
    paidCalls,
    /** What a function was called with, each time, without that. */
    given: (name: Name) => calls.filter((call) => call.name === name).map(({ args }) => args),
  };
}
