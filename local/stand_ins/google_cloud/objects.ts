/** A bucket: its objects without their bytes, its settings, and what the account may do with it. */
import { Buffer } from "node:buffer";
import type { FileFault, StoredFile } from "../gemini/files.ts";
import { CLOUD_REFUSALS } from "./refusals.ts";

/** What the platform's pages of its models list. */
const TYPES = new Set([
  ..."x-aac flac mp3 m4a mpeg mpga mp4 ogg pcm wav webm".split(" ").map((name) => `audio/${name}`),
  ..."png jpeg webp heic heif".split(" ").map((name) => `image/${name}`),
]);

export interface Arrived {
  name: string;
  mimeType: string;
  size: number;
  /** Hex. */
  sha256: string;
  md5: string;
}

/** An object as tests see it, and what Cloud Storage answers of it. */
export interface StoredObject extends StoredFile {
  md5Hash: string;
  /** ISO 8601; a test may make it older. */
  timeCreated: string;
  generation: string;
}

/** A bucket's metadata as a hospital's should be; a test may change it. */
export const properBucket = () => ({
  location: "EU",
  locationType: "multi-region",
  softDeletePolicy: { retentionDurationSeconds: "0" } as
    | { retentionDurationSeconds: string }
    | undefined,
  versioning: undefined as { enabled: boolean } | undefined,
  lifecycle: { rule: [{ action: { type: "Delete" }, condition: { age: 1 } }] } as
    | { rule: { action: { type: string }; condition: Record<string, unknown> }[] }
    | undefined,
  iamConfiguration: {
    uniformBucketLevelAccess: { enabled: true },
    publicAccessPrevention: "enforced",
  },
  encryption: undefined as { defaultKmsKeyName: string } | undefined,
  retentionPolicy: undefined as { retentionPeriod: string } | undefined,
});

/** What roles/storage.objectUser and roles/storage.bucketViewer hold, as far as it is asked for. */
export const PROPER_RIGHTS = [
  "storage.objects.create",
  "storage.objects.get",
  "storage.objects.list",
  "storage.objects.delete",
  "storage.buckets.get",
];

export class Objects {
  readonly stored = new Map<string, StoredObject>();
  #generations = 1_700_000_000_000_000;

  constructor(readonly bucket: string) {}

  /** 412 when there is one of that name. */
  checkFree(name: string): void {
    if (this.stored.has(name)) throw CLOUD_REFUSALS.exists();
  }

  add({ name, mimeType, size, sha256, md5 }: Arrived, fault: FileFault = {}) {
    this.checkFree(name);
    const object: StoredObject = {
      file: {
        name,
        mimeType: fault.mimeType ?? mimeType,
        sizeBytes: fault.sizeBytes ?? String(size),
        uri: `gs://${this.bucket}/${name}`,
      },
      sha256,
      md5Hash: fault.md5Hash ?? Buffer.from(md5, "hex").toString("base64"),
      timeCreated: new Date().toISOString(),
      generation: String(++this.#generations),
    };
    if (!fault.gone) this.stored.set(name, object);
    return this.describe(object);
  }

  get(name: string) {
    return this.describe(this.#find(name));
  }

  list(prefix: string) {
    const items = [...this.stored.values()].map((object) => this.describe(object))
      .filter(({ name }) => name.startsWith(prefix));
    return { kind: "storage#objects", ...items.length > 0 && { items } };
  }

  delete(name: string): void {
    this.#find(name);
    this.stored.delete(name);
  }

  /** The object that a prompt points at: there, and called by a type that the platform lists. */
  use(uri: string, mimeType: string): StoredFile {
    if (!TYPES.has(mimeType)) throw CLOUD_REFUSALS.type(mimeType);
    const stored = [...this.stored.values()].find(({ file }) => file.uri === uri);
    if (!stored) throw CLOUD_REFUSALS.lostObject(uri);
    return stored;
  }

  describe({ file, md5Hash, timeCreated, generation }: StoredObject) {
    const { name, mimeType, sizeBytes } = file;
    return {
      kind: "storage#object",
      bucket: this.bucket,
      name,
      generation,
      metageneration: "1",
      contentType: mimeType,
      size: sizeBytes,
      md5Hash,
      timeCreated,
      updated: timeCreated,
    };
  }

  #find(name: string): StoredObject {
    const object = this.stored.get(name);
    if (!object) throw CLOUD_REFUSALS.object(this.bucket, name);
    return object;
  }
}
