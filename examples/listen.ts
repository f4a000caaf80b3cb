/** What a statement rests on, heard from the second where it was said. */
import type { Statement, Summaries } from "../clients/index.ts";

/** What an <audio> element has of this. */
interface Player {
  src: string;
  currentTime: number;
  play(): Promise<void>;
}

/** Plays the first words that the statement rests on. Gives what to call when they aren't needed. */
export async function playEvidence(
  summaries: Summaries,
  { evidence: [first] }: Statement,
  player: Player,
): Promise<() => void> {
  const { blob, start } = await summaries.evidence(first);
  player.src = URL.createObjectURL(blob);
  player.currentTime = start ?? 0;
  await player.play();
  return () => URL.revokeObjectURL(player.src);
}

/**
 * Words that are missing or wrong: the recording is heard from its beginning, and paid for again.
 * Gives the id of the summary that is made of it.
 */
export async function hearAgain(summaries: Summaries, { evidence: [first] }: Statement) {
  return await summaries.listenAgain(first.recording_id);
}
