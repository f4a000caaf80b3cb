/** What has ended, is to come, or is certain: a statement says so where the evidence has no word for it. */
import { once } from "../core/lazily.ts";
import type { Segment } from "../core/domain.ts";
import { plainOf } from "./reading.ts";
import { plain } from "./words/denials.ts";
import { NEEDS } from "./words/needs.ts";
import { whole } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

const patterns = once(() =>
  NEEDS.map(([claimed, said]) => [new RegExp(whole(claimed), "u"), new RegExp(whole(said), "u")])
);

export function needs(claim: string, evidence: Segment[], language: string): Warning[] {
  const text = plain(claim);
  const said = evidence.map((segment) => plainOf(segment, language));
  return patterns().flatMap(([claimed, needed]) => {
    const word = claimed.exec(text)?.[0];
    return word && !said.some((text) => needed.test(text))
      ? [{ code: "time_unsupported", detail: word }]
      : [];
  });
}
