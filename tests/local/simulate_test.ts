import { assert, assertEquals } from "@std/assert";
import { type Settings, simulate } from "../../local/commands/simulate/simulation.ts";

const SETTINGS: Settings = {
  waiting: 0,
  arrivals: () => 0,
  seconds: 0,
  cap: 20,
  modelSeconds: 4,
  answers: 2,
  answersPerMinute: Infinity,
  hintSeconds: 0,
  startSeconds: 0,
  cpu: { start: 0, summary: 0, enough: Infinity },
  lifeSeconds: Infinity,
  database: { summary: 0, cores: 1 },
};

Deno.test("what waits goes at the cap's rate, and never above the cap", () => {
  const { done, seconds, mostInFlight, hints } = simulate({ ...SETTINGS, waiting: 500 });
  assertEquals([done, seconds, mostInFlight], [500, 100, 20]);
  assertEquals(hints, 20, "each worker goes on without one");
});

Deno.test("a hint that takes long, and isolates that end, cost time", () => {
  const cpu = { start: 0.4, summary: 0.02, enough: 1.4 };
  const seconds = [0, 0.3, 3].map((hintSeconds) =>
    simulate({ ...SETTINGS, waiting: 500, cpu, hintSeconds, startSeconds: 0.5 }).seconds
  );
  assert(100 < seconds[0] && seconds[0] < seconds[1] && seconds[1] < seconds[2], String(seconds));
});

Deno.test("an outage and a limit of requests lose nothing", () => {
  const arrivals = { arrivals: () => 2, seconds: 600 };
  const away = simulate({ ...SETTINGS, ...arrivals, outage: [100, 400] });
  assertEquals(away.done, 1200);
  assert(away.inVain < 40, `${away.inVain} calls were in vain`);
  const limited = simulate({ ...SETTINGS, ...arrivals, answersPerMinute: 120 });
  assertEquals(limited.done, 1200);
  assert(limited.seconds > 1100, `${limited.seconds} s`);
});
