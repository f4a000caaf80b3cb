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

export const sizeLimit = (bucket: Bucket) =>
  Math.min(bucket.file_size_limit ?? PROJECT_LIMIT, PROJECT_LIMIT);

export function validName(name: string): void {
  // The characters that S3 calls safe, as supabase/storage checks them.
  if (!/^[\w/!\-.*'() &$@=;:+,?]+$/.test(name)) throw invalidKey(name);
}

/** Declared types are compared as they stand; only `type/*` is a wildcard. */
export function validType({ allowed_mime_types: allowed }: Bucket, type: string): void {
  if (!allowed?.length) return;
  const fits = (pattern: string) =>
    pattern === type || pattern === "*/*" ||
    (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1)));
  if (!allowed.some(fits)) throw invalidMimeType(type);
}
