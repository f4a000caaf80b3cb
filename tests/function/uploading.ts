/** What tests of uploads share. */
import { assertEquals } from "@std/assert";
import type { ModelFile } from "../../supabase/functions/generate-summary/models/model.ts";
import { sha256, webm, type Workbench } from "./workbench.ts";

export const SIZE = 3_000_000;

/** A stored object and how it is uploaded. */
export async function uploadOf(bench: Workbench, bytes = webm(SIZE), mimeType = "audio/webm") {
  const recording = bench.record(bytes);
  const limits: { deadline: number; signal?: AbortSignal } = bench.limits();
  const pin = await bench.storage.peek(recording, limits);
  const name = await bench.nameOf(recording);
  return {
    bytes,
    name,
    recording,
    limits,
    upload: (): Promise<ModelFile> =>
      bench.model.upload(
        pin.open,
        { name, mimeType, size: pin.size },
        limits,
      ),
  };
}

/** The uploads' requests, in order: what was asked and from where. */
export const asked = ({ service }: Workbench) =>
  service.requests.map(({ kind, offset }) => kind === "bytes" ? `bytes ${offset}` : kind);

export async function assertWhole(bench: Workbench, name: string, bytes: Uint8Array) {
  assertEquals(bench.service.files.get(name)?.sha256, await sha256(bytes));
}
