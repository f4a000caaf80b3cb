/**
 * The CDN between Storage and its readers. It learns of an overwrite after up to a minute: until then
 * it may give the bytes and the ETag of before, of a range too (docs, guides/storage/cdn/smart-cdn).
 */
import type { ByteStore } from "./byte_store.ts";
import type { StoredObject } from "./object_store.ts";

export interface Cdn {
  /** Told of what is overwritten from here on; gives whether it keeps those bytes. */
  keeps(overwritten: StoredObject): boolean;
  /** What a reader of this object gets. */
  serves(object: StoredObject): Promise<StoredObject>;
}

/** `stale`: whether the minute lasts; when it is over, everything kept is forgotten. */
export function cdn(bytes: ByteStore, stale: () => boolean): Cdn {
  /** By object. */
  const kept = new Map<string, StoredObject>();
  return {
    keeps(overwritten) {
      if (!stale() || kept.has(overwritten.id)) return false;
      kept.set(overwritten.id, overwritten);
      return true;
    },
    async serves(object) {
      if (stale()) return kept.get(object.id) ?? object;
      for (const { id, version } of kept.values()) {
        kept.delete(id);
        await bytes.remove(version);
      }
      return object;
    },
  };
}
