/** Objects in a bucket of Cloud Storage, as files for the model; by the JSON API. */
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { atMost } from "../at_most.ts";
import { SHORT_MS } from "../client.ts";
import { faultOf } from "../faults.ts";
import { Fault } from "../policy.ts";
import { ask, askAgain, type Wire } from "../requests.ts";
import type { FileStore, KeptFile } from "../upload.ts";

export const PREFIX = "consultations";
/** Objects that are deleted at a time. */
const DELETIONS_AT_ONCE = 3;
/** What lies there for so long, no run will ask for: its job may be gone, and the bucket's rule acts later. */
const LEFT_OVER_MS = 60 * 60_000;

/** An object's metadata; numbers come as text. */
const StoredObject = z.object({
  name: z.string(),
  size: z.string(),
  contentType: z.string().optional(),
  md5Hash: z.string().optional(),
});
const Listing = z.object({
  items: z.array(z.object({ name: z.string(), timeCreated: z.string() })).optional(),
});

interface ObjectsDeps {
  bucket: string;
  /** Cloud Storage's origin. */
  host: string;
  /** Asks with a token. */
  wire: Wire;
  /** Asks without one: a session's address is enough. */
  plain: Wire;
}

export interface Objects extends FileStore {
  /** Deletes what is left over, as far as one page of the list goes; never throws. */
  sweep(): Promise<void>;
}

export function createObjects({ bucket, host, wire, plain }: ObjectsDeps): Objects {
  const { clock, log } = wire;
  const deleting = atMost(DELETIONS_AT_ONCE);
  const all = `${host}/storage/v1/b/${bucket}/o`;
  const addressOf = (name: string) => `${all}/${encodeURIComponent(name)}`;
  const shortly = () => ({ deadline: clock.now() + 3 * SHORT_MS });

  async function kept(response: Response): Promise<KeptFile> {
    const { name, size, contentType = "", md5Hash } = StoredObject.parse(await response.json());
    const md5 = md5Hash &&
      Array.from(
        atob(md5Hash),
        (character) => character.charCodeAt(0).toString(16).padStart(2, "0"),
      ).join("");
    const uri = `gs://${bucket}/${name}`;
    return { uri, mimeType: contentType, size: Number(size), state: "ACTIVE", md5 };
  }

  async function remove(name: string): Promise<boolean> {
    const init = { method: "DELETE" };
    try {
      await deleting(() =>
        askAgain(wire, shortly(), addressOf(name), init, async (response) => {
          if (!response.ok && response.status !== 404) throw await faultOf(response);
        })
      );
    } catch (error) {
      log.warn("file_not_deleted", { code: error instanceof AppError ? error.code : "internal" });
      return false;
    }
    log.info("file_deleted");
    return true;
  }

  return {
    clock,
    log,
    remove,
    look: (name, limits) =>
      askAgain(wire, limits, addressOf(name), {}, async (response) => {
        if (response.ok) return await kept(response);
        // Of the bucket, too: whoever begins an upload then hears of it.
        if (response.status === 404) return null;
        throw await faultOf(response);
      }),
    async start({ name, mimeType, size }, limits) {
      const query = new URLSearchParams({
        uploadType: "resumable",
        name,
        // Only if there is no object of that name yet.
        ifGenerationMatch: "0",
      });
      const headers = {
        "x-upload-content-type": mimeType,
        "x-upload-content-length": String(size),
      };
      const url = `${host}/upload/storage/v1/b/${bucket}/o?${query}`;
      return await askAgain(wire, limits, url, { method: "POST", headers }, async (response) => {
        if (response.ok) return sessionUrl(response.headers.get("location") ?? "", host);
        if (response.status === 412) return null;
        const fault = await faultOf(response);
        throw fault.kind === "bad_request" ? new Fault("upload_refused") : fault;
      });
    },
    async send(session, { file: { size }, offset, body, signal }) {
      const range = body ? `${offset}-${size - 1}` : "*";
      const headers = { "content-range": `bytes ${range}/${size}` };
      const init: RequestInit = { method: "PUT", redirect: "manual", headers, body, signal };
      return await ask(plain, session, init, async (response) => {
        if (response.ok) return await kept(response);
        // Somebody else finished an object of this name meanwhile.
        if (response.status === 412) return "taken";
        if (isGone(response)) throw new Fault("upload_void");
        return null;
      });
    },
    async received(session, { size }, limits) {
      const init: RequestInit = {
        method: "PUT",
        redirect: "manual",
        headers: { "content-range": `bytes */${size}` },
      };
      return await askAgain(plain, limits, session, init, async (response) => {
        if (response.ok || response.status === 412) return "final";
        if (isIncomplete(response)) {
          const range = response.headers.get("range");
          // Without that header nothing has arrived.
          return range === null ? 0 : Number(/^bytes=0-(\d+)$/.exec(range)?.[1] ?? NaN) + 1;
        }
        if (isGone(response)) return NaN;
        throw response.status < 400 ? new Fault("unreachable") : await faultOf(response);
      });
    },
    async sweep() {
      const query = new URLSearchParams({
        prefix: `${PREFIX}/`,
        fields: "items(name,timeCreated)",
      });
      try {
        const { items = [] } = await askAgain(
          wire,
          shortly(),
          `${all}?${query}`,
          {},
          async (response) => {
            if (!response.ok) throw await faultOf(response);
            return Listing.parse(await response.json());
          },
        );
        const left = items.filter(({ timeCreated }) =>
          Date.parse(timeCreated) < clock.now() - LEFT_OVER_MS
        );
        await Promise.all(left.map(({ name }) => remove(name)));
        if (left.length > 0) log.warn("swept", { count: left.length });
      } catch (error) {
        log.warn("file_not_deleted", { code: error instanceof AppError ? error.code : "internal" });
      }
    },
  };
}

/** More bytes are expected. With a Location the same status is a redirect, which nobody follows. */
const isIncomplete = ({ status, headers }: Response) => status === 308 && !headers.has("location");

/** 404, 410: the session is unknown or over; 499: it was cancelled. */
const isGone = ({ status }: Response) => [404, 410, 499].includes(status);

/**
 * The address that Cloud Storage gave, at the host that is asked for everything else: behind a proxy it
 * names Google's, and no other host gets the bytes. It works without a token: never log it.
 */
function sessionUrl(given: string, host: string): URL {
  if (!URL.canParse(given)) throw new Fault("upload_void");
  const { protocol, hostname, port } = new URL(host);
  return Object.assign(new URL(given), { protocol, hostname, port, username: "", password: "" });
}
