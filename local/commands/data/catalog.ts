/** What a database's own catalog says of it, in the order in which the migrations made it. */
import type postgres from "postgres";

export const OPERATIONS = ["select", "insert", "update", "delete"] as const;
export type Operation = typeof OPERATIONS[number];
export type Role = "anon" | "authenticated" | "service_role";

export interface Relation {
  schema: string;
  name: string;
  kind: "table" | "view";
  comment: string;
  /** A view that reads with the rights of whoever asks. */
  invoker: boolean;
  columns: Column[];
  /** Tables with whose row a row of this one is deleted. */
  parents: string[];
  grants: Grant[];
  policies: Policy[];
  triggers: Trigger[];
}

export interface Column {
  name: string;
  type: string;
  nullable: boolean;
  comment: string | null;
  /** The table whose id it holds. */
  refers: string | null;
}

export interface Grant {
  role: Role;
  operation: Operation;
  /** null: all of them. */
  columns: string[] | null;
}

export interface Policy {
  name: string;
  operation: Operation;
}

export interface Trigger {
  /** E.g. `after update of status`. */
  when: string;
  function: string;
  /** Of the function. */
  comment: string;
}

export interface Callable {
  schema: string;
  name: string;
  arguments: string;
  result: string;
  roles: Role[];
  comment: string;
}

export interface Bucket {
  id: string;
  public: boolean;
  file_size_limit: number;
  allowed_mime_types: string[];
}

const SCHEMAS = ["public", "summaries_private"];
const ROLES: Role[] = ["anon", "authenticated", "service_role"];

type Asked = "columns" | "grants" | "policies" | "triggers";

/** Tables and views of this project. */
export async function relations(sql: postgres.Sql): Promise<Relation[]> {
  const found = await sql<(Omit<Relation, Asked> & { oid: number })[]>`
    select c.oid, n.nspname as schema, c.relname as name,
      case c.relkind when 'v' then 'view' else 'table' end as kind,
      obj_description(c.oid, 'pg_class') as comment,
      coalesce('security_invoker=true' = any (c.reloptions), false) as invoker,
      array(
        select f.confrelid::regclass::text from pg_constraint f
        where f.conrelid = c.oid and f.contype = 'f' and f.confdeltype = 'c' order by f.oid
      ) as parents
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ${sql(SCHEMAS)} and c.relkind in ('r', 'p', 'v')
      -- The table that they are parts of stands for its partitions.
      and not c.relispartition
    order by c.oid`;
  return await Promise.all(found.map(async ({ oid, ...relation }) => ({
    ...relation,
    columns: await columns(sql, oid),
    grants: await grants(sql, oid),
    policies: await policies(sql, `${relation.schema}.${relation.name}`),
    triggers: await triggers(sql, `${relation.schema}.${relation.name}`),
  })));
}

async function columns(sql: postgres.Sql, oid: number): Promise<Column[]> {
  return await sql<Column[]>`
    select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable,
      col_description(attrelid, attnum) as comment, (
        select f.confrelid::regclass::text from pg_constraint f
        join unnest(f.conkey, f.confkey) as k (own, other) on k.own = attnum
        join pg_attribute o on o.attrelid = f.confrelid and o.attnum = k.other
        where f.conrelid = pg_attribute.attrelid and f.contype = 'f' and o.attname = 'id'
      ) as refers
    from pg_attribute where attrelid = ${oid} and attnum > 0 and not attisdropped
    order by attnum`;
}

async function grants(sql: postgres.Sql, oid: number): Promise<Grant[]> {
  const found = await sql`
    select role, operation, has_table_privilege(role, ${oid}::oid, operation) as whole, array(
      select attname from pg_attribute
      where attrelid = ${oid} and attnum > 0 and not attisdropped
        and case when operation <> 'delete'
          then has_column_privilege(role, ${oid}::oid, attnum, operation) end
      order by attnum) as columns
    from unnest(${ROLES}::text[]) role, unnest(${[...OPERATIONS]}::text[]) operation`;
  return found.filter(({ whole, columns }) => whole || columns.length > 0)
    .map(({ role, operation, whole, columns }) => ({
      role,
      operation,
      columns: whole ? null : columns,
    }));
}

/** Policies for signed-in users. */
export async function policies(sql: postgres.Sql, table: string): Promise<Policy[]> {
  return await sql<Policy[]>`
    select p.polname as name, o.operation
    from pg_policy p
    join (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete'))
      as o (letter, operation) on p.polcmd::text in (o.letter, '*')
    where p.polrelid = ${table}::regclass and 'authenticated'::regrole = any (p.polroles)
    order by p.oid`;
}

export async function triggers(sql: postgres.Sql, table: string): Promise<Trigger[]> {
  const found = await sql`
    select pg_get_triggerdef(t.oid) as definition, p.proname as function,
      obj_description(p.oid, 'pg_proc') as comment
    from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = ${table}::regclass and not t.tgisinternal
      and p.pronamespace::regnamespace::text in ${sql(SCHEMAS)}
    order by t.oid`;
  return found.map(({ definition, ...rest }) => ({
    when: /^CREATE TRIGGER \S+ (.+?) ON /.exec(definition)![1].toLowerCase(),
    ...rest,
  })) as Trigger[];
}

/** Functions that somebody but their owner may call. */
export async function callables(sql: postgres.Sql): Promise<Callable[]> {
  return await sql<Callable[]>`
    select schema, name, arguments, result, roles, comment from (
      select p.oid, n.nspname as schema, p.proname as name,
        pg_get_function_arguments(p.oid) as arguments, pg_get_function_result(p.oid) as result,
        array(
          select r from unnest(${ROLES}::text[]) r
          where has_function_privilege(r, p.oid, 'execute') and has_schema_privilege(r, n.oid, 'usage')
        ) as roles,
        obj_description(p.oid, 'pg_proc') as comment
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ${sql(SCHEMAS)} and p.prokind = 'f'
    ) f
    where cardinality(roles) > 0
    order by oid`;
}

export async function buckets(sql: postgres.Sql): Promise<Bucket[]> {
  const found = await sql`
    select id, public, file_size_limit::float, allowed_mime_types from storage.buckets order by id`;
  return [...found] as unknown as Bucket[];
}
