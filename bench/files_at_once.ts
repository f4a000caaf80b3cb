/** Several files of one consultation: ours, and one after another; each request takes 50 ms more. */
import { startGemini } from "../local/stand_ins/gemini/server.ts";
import { compare, inProcess, type Report } from "./measure.ts";
import { makeCertificate, startServer } from "./upload.ts";
import type { Asked, Walls } from "./files_at_once_way.ts";

const ROUNDS = 5;

export async function benchFilesAtOnce(report: Report): Promise<void> {
  const certificate = await makeCertificate();
  const source = await startServer(certificate);
  await using gemini = await startGemini({ samples: [] });
  try {
    for (const files of [1, 3, 6]) {
      const asked: Asked = {
        files,
        size: 10_000_000,
        rounds: ROUNDS,
        latency: 50,
        storage: source.urls.plain,
        gemini: gemini.url,
        key: gemini.apiKey,
      };
      const walls = await inProcess<Walls>("files_at_once_way.ts", asked);
      const what = `${files} ${files === 1 ? "file" : "files"} of 10 MB, 50 ms a request`;
      report(compare(
        { what, measure: "wall ms", than: "one after another" },
        walls.ours,
        walls.oneAfterAnother,
      ));
    }
  } finally {
    await source.stop();
    await certificate.remove();
  }
}
