/** What Storage lets into a bucket. */
import { invalidKey, invalidMimeType } from "./errors.ts";

export interface Bucket {
  id: string;
  public: boolean;
  /** Bytes; null: the project's limit. */
  file_size_limit: number | null;
  allowed_mime_types: string[] | null;
}

/** Bytes an upload may have at most where the bucket says nothing. */
const PROJECT_LIMIT = 50 * 1024 * 1024;

/** What Studio keeps a folder by: of any type, and without a byte. */
const isPlaceholder = (name: string) => name.endsWith(".emptyFolderPlaceholder");

export const sizeLimit = (bucket: Bucket, name: string) =>
  isPlaceholder(name) ? 0 : Math.min(bucket.file_size_limit ?? PROJECT_LIMIT, PROJECT_LIMIT);

export function validName(name: string): void {
  // The characters that S3 calls safe, as supabase/storage checks them.
  if (!/^[\w/!\-.*'() &$@=;:+,?]+$/.test(name)) throw invalidKey(name);
}

/** Both halves of a declared type are compared as they stand; only `type/*` is a wildcard. */
export function validType({ allowed_mime_types: allowed }: Bucket, name: string, type: string) {
  if (!allowed?.length || isPlaceholder(name)) return;
  const [main, sub] = type.split("/");
  const fits = (pattern: string) => {
    const [wantedMain, wantedSub] = pattern.split("/");
    return main === wantedMain && (wantedSub === "*" || sub === wantedSub);
  };
  if (sub === undefined || !allowed.some(fits)) throw invalidMimeType(type);
}
