/** An <input type="file">: each file with its progress, one after the other, until the user stops it. */
import { type Place, type Summaries, SummariesError } from "../clients/index.ts";

/**
 * Gives what to tell the user of each file. The summary starts by itself when an upload is complete;
 * the same file chosen once more, also after a reload, goes on where it was.
 */
export async function uploadAll(
  summaries: Summaries,
  place: Place,
  files: Iterable<File>,
  onProgress: (name: string, share: number) => void,
  signal: AbortSignal,
): Promise<string[]> {
  const told: string[] = [];
  for (const file of files) {
    try {
      await summaries.upload(place, file, {
        onProgress: (share) => onProgress(file.name, share),
        signal,
      });
      told.push(`${file.name} is there.`);
    } catch (error) {
      if (signal.aborted) return told;
      if (!(error instanceof SummariesError)) throw error;
      told.push(`${file.name}: ${error.message}`);
    }
  }
  return told;
}
