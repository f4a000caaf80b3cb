/** The samples that the stand-in knows by their SHA-256. */
import type { Script } from "../../samples/scripts.ts";

export interface Sample extends Script {
  file: string;
  /** Hex. */
  sha256: string;
  /** BCP 47; null when nothing is said. */
  language: string | null;
  /** null: a picture. */
  seconds: number | null;
}

const FOLDER = new URL("../../samples/", import.meta.url);

/** The samples of the project, as `local/samples/make.ts` wrote them. */
export async function loadSamples(): Promise<Sample[]> {
  return await Promise.all(
    ["consultation", "prescription", "silence"].map(async (name) =>
      JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, FOLDER)))
    ),
  );
}
