/** The demo for people: lines as things happen, then the summary with its evidence. */
import type { DemoFile, FileError } from "./files.ts";
import type { DemoOutcome, Observer, SummaryEvent } from "./summarize_files.ts";

interface Printer extends Observer {
  line(text: string): void;
  result(outcome: DemoOutcome): void;
  /** Ends the progress line. */
  stop(): void;
}

/**
 * Prints to `out`. Meanwhile `progress` shows what is being waited for: on a terminal in one line that
 * is written over, elsewhere in a line every five seconds.
 */
export function createPrinter(
  out: (text: string) => void,
  progress: { isTerminal(): boolean; writeSync(bytes: Uint8Array): number },
): Printer {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const live = progress.isTerminal();
  const write = (text: string) => progress.writeSync(new TextEncoder().encode(text));
  let doing = "starting";
  const timer = setInterval(
    () => write(live ? `\r\x1b[K… ${doing}, ${seconds()}` : `… ${doing}, ${seconds()}\n`),
    live ? 200 : 5000,
  );
  const line = (text: string) => {
    if (live) write("\r\x1b[K");
    out(text);
  };

  return {
    line(text) {
      line(text);
    },
    uploading({ path, type, bytes }: DemoFile) {
      line(`Upload     ${path} (${type}, ${size(bytes.length)})`);
      doing = "waiting for the summary";
    },
    refused({ path, code, message }: FileError) {
      line(`Not taken  ${path}: ${message} [${code}]`);
    },
    event({ at, status, waiting_for }: SummaryEvent) {
      doing = status;
      line(
        `Realtime   ${at.slice(11, 23)}  ${status}${
          waiting_for ? ` (waits for: ${waiting_for})` : ""
        }`,
      );
    },
    result({ result, paths }) {
      for (const { path, code, message } of result.files_processed.errors) {
        line(`Not used   ${path}: ${message} [${code}]`);
      }
      if (result.status !== "completed") {
        line(`\nNo summary: ${result.status ?? "nothing was uploaded"} [${result.error_code}]`);
        return;
      }
      for (const { heading, statements, warnings } of result.sections) {
        if (statements.length + warnings.length === 0) continue;
        line(`\n${heading}`);
        warnings.forEach((warning) => line(`  ! ${warning.detail}`));
        for (const { text, evidence, warnings } of statements) {
          line(`  • ${text}`);
          warnings.forEach((warning) => line(`    ! ${warning.detail}`));
          for (const { recording_id, start, speaker, kind, text } of evidence) {
            const where = [paths.get(recording_id) ?? recording_id, clock(start), speaker ?? kind];
            line(`      ↳ ${where.filter(Boolean).join(" ")}: “${text}”`);
          }
        }
      }
      const { audio, images } = result.files_processed;
      line(
        `\n${audio} audio, ${images} images; ${result.seconds?.toFixed(2)} s from the upload's ` +
          `commit to the summary's event`,
      );
    },
    stop() {
      clearInterval(timer);
      if (live) write("\r\x1b[K");
    },
  };
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** 75.4 → 1:15 */
function clock(seconds: number | null): string | null {
  if (seconds === null) return null;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
