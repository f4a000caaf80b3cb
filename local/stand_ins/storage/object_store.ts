/**
 * Rows of `storage.objects`, read and written as the Storage API does: what the caller may is asked
 * of row level security as the caller; what is written is written as the service.
 */
import type { Sql, TransactionSql } from "postgres";
import { asCaller, become, rolledBack, SERVICE_ROLE } from "../auth/as_caller.ts";
import type { Caller } from "../auth/tokens.ts";
import { noSuchBucket, noSuchKey } from "./errors.ts";
import type { ByteStore } from "./byte_store.ts";
import { type Bucket, validName } from "./rules.ts";

interface Metadata {
  eTag: string;
  size: number;
  mimetype: string;
  cacheControl: string;
  lastModified: string;
  contentLength: number;
  httpStatusCode: number;
}

export interface StoredObject {
  id: string;
  bucket_id: string;
  name: string;
  version: string;
  owner_id: string | null;
  metadata: Metadata;
  user_metadata: Record<string, unknown> | null;
  created_at: Date;
  updated_at: Date;
}

/** Where an object goes and how it is declared. */
export interface ObjectWrite {
  bucket: Bucket;
  name: string;
  caller: Caller;
  /** What becomes of an object that is there already. */
  existing: "refuse" | "replace";
  mimetype: string;
  cacheControl: string;
  userMetadata: Record<string, unknown> | null;
}

const columns = (tx: TransactionSql) =>
  tx`id, bucket_id, name, version, owner_id, metadata, user_metadata, created_at, updated_at`;

/** `keeps`: told of what is overwritten; whether somebody else needs those bytes for a while. */
export function objectStore(
  sql: Sql,
  bytes: ByteStore,
  keeps: (overwritten: StoredObject) => boolean,
) {
  async function bucket(id: string, caller = SERVICE_ROLE): Promise<Bucket> {
    const [found] = await asCaller(sql, caller, (tx) =>
      tx<Bucket[]>`
        select id, public, file_size_limit::float8 as file_size_limit, allowed_mime_types
          from storage.buckets where id = ${id}`);
    if (!found) throw noSuchBucket();
    return found;
  }

  /** The object as this caller may see it. */
  async function find(caller: Caller, bucketId: string, name: string): Promise<StoredObject> {
    const [found] = await asCaller(sql, caller, (tx) =>
      tx<StoredObject[]>`
        select ${columns(tx)} from storage.objects
         where bucket_id = ${bucketId} and name = ${name}`);
    if (!found) throw noSuchKey();
    return found;
  }

  /** Would this caller's upload be allowed? Asked of the policies by a write that is undone. */
  function probe({ bucket, name, caller, existing }: ObjectWrite): Promise<void> {
    const { owner, ownerId } = ownerOf(caller);
    return rolledBack(sql, async (tx) => {
      await become(tx, caller);
      await tx`
        insert into storage.objects (bucket_id, name, owner, owner_id, version)
        values (${bucket.id}, ${name}, ${owner}, ${ownerId}, '1')
        ${
        existing === "replace"
          ? tx`on conflict (bucket_id, name) do update
                 set version = excluded.version, owner = excluded.owner,
                     owner_id = excluded.owner_id`
          : tx``
      }`;
    });
  }

  /** Makes what lies under `version` the object's content, in one committed write. */
  async function commit(upload: ObjectWrite, version: string): Promise<{ id: string }> {
    const { bucket, name, caller, mimetype, cacheControl, userMetadata } = upload;
    const { owner, ownerId } = ownerOf(caller);
    const size = await bytes.size(version);
    const metadata = {
      eTag: await bytes.eTag(version),
      size,
      mimetype,
      cacheControl,
      lastModified: new Date().toISOString(),
      contentLength: size,
      httpStatusCode: 200,
    };
    const { operation } = caller;
    const { id, replaced } = await asCaller(sql, { ...SERVICE_ROLE, operation }, async (tx) => {
      await lock(tx, bucket.id, name);
      const [before] = await tx<StoredObject[]>`
        select ${columns(tx)} from storage.objects
         where bucket_id = ${bucket.id} and name = ${name} for update`;
      const [row] = await tx<{ id: string }[]>`
        insert into storage.objects
               (bucket_id, name, owner, owner_id, version, metadata, user_metadata)
        values (${bucket.id}, ${name}, ${owner}, ${ownerId}, ${version},
                ${tx.json({ ...metadata })}, ${
        userMetadata ? tx.json(userMetadata as never) : null
      })
        on conflict (bucket_id, name) do update
           set owner = excluded.owner, owner_id = excluded.owner_id, version = excluded.version,
               metadata = excluded.metadata, user_metadata = excluded.user_metadata,
               updated_at = now()
        returning id`;
      return { id: row.id, replaced: before };
    });
    if (replaced && !keeps(replaced)) await bytes.remove(replaced.version);
    return { id };
  }

  async function remove(caller: Caller, bucketId: string, names: string[]) {
    const removed = await asCaller(sql, caller, async (tx) => {
      // A direct delete is refused by the platform; this says it is the Storage API's.
      await tx`select set_config('storage.allow_delete_query', 'true', true)`;
      return await tx<StoredObject[]>`
        delete from storage.objects
         where bucket_id = ${bucketId} and name = any(${names}) returning ${columns(tx)}`;
    });
    for (const { version } of removed) await bytes.remove(version);
    return removed;
  }

  /** Renames, with a new version, as the Storage API copies the bytes under another key. */
  async function move(caller: Caller, from: StoredObject, bucketId: string, name: string) {
    validName(name);
    const rename = (tx: TransactionSql, version: string) =>
      tx`update storage.objects
            set bucket_id = ${bucketId}, name = ${name}, version = ${version}, updated_at = now()
          where id = ${from.id} returning id`;
    const version = crypto.randomUUID();
    const allowed = await rolledBack(sql, async (tx) => {
      await become(tx, caller);
      return await rename(tx, version);
    });
    if (allowed.length === 0) throw noSuchKey();
    await bytes.copy(from.version, version);
    const { operation } = caller;
    await asCaller(sql, { ...SERVICE_ROLE, operation }, (tx) => rename(tx, version));
    await bytes.remove(from.version);
  }

  /** All rows below a prefix that the caller may see, by name. */
  function list(caller: Caller, bucketId: string, prefix: string) {
    return asCaller(sql, caller, (tx) =>
      tx<StoredObject[]>`
        select ${columns(tx)} from storage.objects
         where bucket_id = ${bucketId} and starts_with(name, ${prefix}) order by name`);
  }

  return { bucket, find, probe, commit, remove, move, list };
}

export type ObjectStore = ReturnType<typeof objectStore>;

/** Simultaneous writes to one name wait for each other. */
function lock(tx: TransactionSql, bucketId: string, name: string) {
  return tx`select pg_advisory_xact_lock(hashtextextended(${`${bucketId}/${name}`}, 0))`;
}

function ownerOf({ claims: { sub } }: Caller) {
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(sub ?? "");
  return { owner: isUuid ? sub! : null, ownerId: sub ?? null };
}
