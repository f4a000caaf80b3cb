/** What a file costs as input, by whichever way. */
import type { Limits } from "../core/clock.ts";
import type { ModelClient } from "./client.ts";
import { fileData } from "./generate.ts";
import type { ModelFile } from "./model.ts";

/** See `Model.countTokens`. */
export async function countTokens(
  file: ModelFile,
  client: ModelClient,
  limits: Limits,
): Promise<number> {
  return await client.callModel({ ...limits, ofFile: true }, async (ai, abortSignal, model) => {
    const contents = [{ role: "user", parts: [fileData(file)] }];
    const counted = await ai.models.countTokens({ model, contents, config: { abortSignal } });
    return counted.totalTokens ?? 0;
  });
}
