import { assert } from "@std/assert";
import { warned } from "../function/checking.ts";
import { FRESH } from "../function/consultations/fresh.ts";
import { SET_ASIDE } from "../function/consultations/set_aside.ts";
import { UNSEEN, type Unseen } from "../function/consultations/unseen.ts";

/** What was seen when this was written: a change of a rule may do better, and no worse. */
const SETS: [name: string, statements: Unseen[], mostAlarms: number, leastCaught: number][] = [
  ["short", UNSEEN, 1, 36],
  ["set aside", SET_ASIDE, 5, 62],
  ["fresh", FRESH, 3, 45],
];

for (const [set, statements, mostAlarms, leastCaught] of SETS) {
  Deno.test(`few true statements are warned of, most faults are: ${set}`, () => {
    const isWarned = (language: string, text: string, said: string[]) =>
      warned(language, text, said).length > 0;
    const alarms = statements.filter(([, language, said, sound]) =>
      isWarned(language, sound, said)
    );
    const missed = statements.filter(([, language, said, , wrong]) =>
      !isWarned(language, wrong, said)
    );
    for (const [name, , , sound] of alarms) {
      console.log(`warned of, though true (${name}): ${sound}`);
    }
    for (const [name, , , , wrong, kind] of missed) {
      console.log(`missed, ${kind} (${name}): ${wrong}`);
    }
    const caught = statements.length - missed.length;
    console.log(
      `${alarms.length} of ${statements.length} true, ${caught} of ${statements.length} faults`,
    );
    assert(alarms.length <= mostAlarms && caught >= leastCaught);
  });
}
