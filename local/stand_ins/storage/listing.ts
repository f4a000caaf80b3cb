/** Storage's listing of a folder. */
import type { StoredObject } from "./object_store.ts";

interface ListOptions {
  limit?: number;
  offset?: number;
  search?: string;
  sortBy?: { column?: string; order?: string };
}

/** One level of a folder: its objects, and the folders in it as entries without an id. */
export function listing(rows: StoredObject[], folder: string, options: ListOptions) {
  const { limit = 100, offset = 0, search = "", sortBy } = options;
  const entries = new Map<string, Record<string, unknown> & { name: string }>();
  for (const row of rows) {
    const [name, ...below] = row.name.slice(folder.length).split("/");
    if (!name.toLowerCase().startsWith(search.toLowerCase())) continue;
    const { id, metadata, created_at, updated_at } = row;
    entries.set(
      name,
      below.length > 0
        ? { name, id: null, metadata: null, created_at: null, updated_at: null }
        : { name, id, metadata, created_at, updated_at },
    );
  }
  const column = sortBy?.column ?? "name";
  const direction = sortBy?.order === "desc" ? -1 : 1;
  const key = (entry: Record<string, unknown>) => {
    const value = entry[column];
    return value instanceof Date ? value.toISOString() : String(value ?? "");
  };
  return [...entries.values()]
    .sort((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
    .slice(offset, offset + limit);
}
