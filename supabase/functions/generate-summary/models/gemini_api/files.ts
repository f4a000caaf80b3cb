/** The Gemini API's files: how one is looked up, deleted and uploaded (start, bytes, query). */
import type { File as RemoteFile } from "@google/genai";
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { atMost } from "../at_most.ts";
import { type ModelClient, SHORT_MS } from "../client.ts";
import { faultOf } from "../faults.ts";
import { Fault } from "../policy.ts";
import { ask, askAgain } from "../requests.ts";
import type { FileStore, KeptFile } from "../upload.ts";

// The SDK's default is v1, which knows no model aliases.
export const API_VERSION = "v1beta";

/** Files that are deleted at a time: a clinic's whole day may have to go at once. */
const DELETIONS_AT_ONCE = 3;

/** What is said of a file; numbers come as text. */
const Finished = z.object({
  file: z.object({
    uri: z.string(),
    mimeType: z.string(),
    sizeBytes: z.string(),
    state: z.string(),
  }).partial(),
});

interface FilesDeps {
  client: ModelClient;
  apiKey: string;
  baseUrl: string;
  fetch: typeof fetch;
}

export function createFiles({ client, apiKey, baseUrl, fetch }: FilesDeps): FileStore {
  const { clock, log } = client;
  const deleting = atMost(DELETIONS_AT_ONCE);
  /** The protocol's requests are all POSTs; a session's address needs no key. */
  const wire = {
    clock,
    log,
    fetch: ((url, init) => {
      if (!apiKey) throw new Fault("key");
      return fetch(url, { method: "POST", ...init });
    }) as typeof globalThis.fetch,
  };

  return {
    clock,
    log,
    async look(name, limits) {
      try {
        return keptFile(
          await client.call(
            { ...limits, ofFile: true },
            (ai, abortSignal) => ai.files.get({ name, config: { abortSignal } }),
          ),
        );
      } catch (error) {
        if (error instanceof AppError && error.code === "file_gone") return null;
        throw error;
      }
    },
    async remove(name) {
      try {
        await deleting(() =>
          client.call(
            { deadline: clock.now() + 3 * SHORT_MS },
            (ai, abortSignal) => ai.files.delete({ name, config: { abortSignal } }),
          )
        );
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "file_gone") {
          log.warn("file_not_deleted", {
            code: error instanceof AppError ? error.code : "internal",
          });
          return false;
        }
      }
      log.info("file_deleted");
      return true;
    },
    async start({ name, mimeType, size }, limits) {
      const headers = {
        "x-goog-api-key": apiKey,
        "content-type": "application/json",
        "x-goog-upload-protocol": "resumable",
        "x-goog-upload-command": "start",
        "x-goog-upload-header-content-length": String(size),
        "x-goog-upload-header-content-type": mimeType,
      };
      const body = JSON.stringify({ file: { name, mimeType, sizeBytes: String(size) } });
      const url = `${baseUrl}/upload/${API_VERSION}/files`;
      return await askAgain(wire, limits, url, { headers, body }, async (response) => {
        if (response.ok) {
          return sessionUrl(response.headers.get("x-goog-upload-url") ?? "", baseUrl);
        }
        if (response.status === 409) return null;
        const fault = await faultOf(response);
        throw fault.kind === "bad_request" ? new Fault("upload_refused") : fault;
      });
    },
    async send(session, { offset, body, signal }) {
      const headers = {
        "x-goog-upload-offset": String(offset),
        "x-goog-upload-command": body ? "upload, finalize" : "finalize",
      };
      return await ask(wire, session, { headers, body, signal }, async (response) => {
        const status = response.headers.get("x-goog-upload-status");
        if (response.ok && status === "final") {
          return keptFile(Finished.parse(await response.json()).file);
        }
        // Somebody else finished a file of this name meanwhile, or an earlier try did.
        if (response.status === 409) return "taken";
        if (status === "final" || status === "cancelled") throw new Fault("upload_void");
        return null;
      });
    },
    async received(session, _file, limits) {
      const headers = { "x-goog-upload-command": "query" };
      return await askAgain(wire, limits, session, { headers }, async (response) => {
        const status = response.headers.get("x-goog-upload-status");
        if (response.ok && status === "final") return "final";
        if (response.ok && status === "active") {
          return Number(response.headers.get("x-goog-upload-size-received") ?? NaN);
        }
        const passing = response.status >= 500 || [408, 429].includes(response.status);
        if (passing) throw await faultOf(response);
        return NaN;
      });
    },
  };
}

function keptFile(
  { uri = "", mimeType = "", sizeBytes, state }:
    & Pick<RemoteFile, "uri" | "mimeType" | "sizeBytes">
    & { state?: string },
): KeptFile {
  const known = (["PROCESSING", "ACTIVE", "FAILED"] as const).find((name) => name === state);
  return { uri, mimeType, size: Number(sizeBytes), state: known ?? "UNKNOWN" };
}

/**
 * The address that Gemini gave, at the host that is asked for everything else, as the SDK does it:
 * behind a proxy it names Google's, and no other host gets the bytes. It works without a key: never
 * log it.
 */
function sessionUrl(given: string, baseUrl: string): URL {
  if (!URL.canParse(given)) throw new Fault("upload_void");
  const { protocol, hostname, port } = new URL(baseUrl);
  return Object.assign(new URL(given), { protocol, hostname, port });
}
