/** `docs/data.md`: the database as somebody reads it for the first time. */
import type postgres from "postgres";
import * as catalog from "./catalog.ts";
import { type Change, changes, type Who } from "./states.ts";

/** The page of a migrated database, not yet formatted. */
export async function page(sql: postgres.Sql): Promise<string> {
  const relations = await catalog.relations(sql);
  const functions = await catalog.callables(sql);
  const status = await changes(sql, "status");
  const review = await changes(sql, "review_status");
  const of = (schema: string) => relations.filter((relation) => relation.schema === schema);
  const by = (role: catalog.Role) => functions.filter(({ roles }) => roles.includes(role));
  return [
    "# What the database holds",
    "Written by `deno task data` from a migrated database. A **member** is a signed-in user with a " +
    "row in `clinic_members` that isn't disabled; the **service** is whoever holds a secret key, the " +
    "function `generate-summary` above all. Whoever isn't named for an operation can't do it: with " +
    "the publishable key alone nobody can do anything. Nearly every table has a `clinic_id`, so that " +
    "its policies needn't look elsewhere. Every role's attempt at every operation: " +
    "[matrix.md](../tests/security/matrix.md). What is kept for how long, here and at Google: " +
    "[operating.md](operating.md).",
    "## Tables and views of the Data API",
    ...of("public").map(relation),
    "## Tables and views that the Data API does not show",
    "In the schema `summaries_private`. Its tables are for the database's own functions, and for an " +
    "operator in SQL.",
    ...of("summaries_private").map(relation),
    "## Files",
    ...(await catalog.buckets(sql)).map(bucket),
    list((await catalog.policies(sql, "storage.objects")).map(({ name }) => sentence(name))),
    triggers(await catalog.triggers(sql, "storage.objects")),
    "## Realtime",
    "Messages are broadcast on private topics; a trigger on `summaries` sends them.",
    list((await catalog.policies(sql, "realtime.messages")).map(({ name }) => sentence(name))),
    "## States of a summary",
    "Each change was tried by each role of members, and by the **worker**: as the database's own " +
    "functions make it. An empty cell is a change that is refused.",
    "### status",
    transitions(status),
    "### review_status",
    "Of a completed summary, by members.",
    transitions(review),
    "## Functions",
    "### For the service",
    "Called through the Data API, with a secret key.",
    list(by("service_role").filter(({ schema }) => schema === "public").map(signature)),
    "### For policies, checks and triggers",
    "Whoever reads or writes a row executes them on the way; the Data API does not show them.",
    list(functions.filter(({ schema }) => schema !== "public").map(signature)),
  ].filter(Boolean).join("\n\n") + "\n";
}

function relation(of: catalog.Relation): string {
  const short = of.columns.map(({ comment }) => comment === null || isPhrase(comment));
  const head = ["column", "type", ...(of.kind === "view" ? [] : ["null"]), "what it is"];
  return [
    `### ${of.name}`,
    of.comment,
    of.invoker && "A view that shows each reader what the tables would.",
    table(
      head,
      of.columns.map(({ name, type, nullable, comment, refers }, n) => [
        code(name),
        type.replace("timestamp with time zone", "timestamptz"),
        ...(of.kind === "view" ? [] : [nullable ? "null" : ""]),
        short[n] ? comment?.replace(/\.$/, "") ?? (refers ? `In ${code(refers)}` : "") : "",
      ]),
    ),
    list(
      of.columns.filter((_, n) => !short[n])
        .map(({ name, comment }) => `${code(name)}: ${comment}`),
    ),
    of.parents.length > 0 &&
    `Deleted with its row in ${of.parents.map(code).join(" or ")}.`,
    access(of),
    triggers(of.triggers),
  ].filter(Boolean).join("\n\n");
}

/** Fits into a cell. */
function isPhrase(comment: string): boolean {
  return comment.length <= 72 && !comment.includes(". ");
}

/** Who may do what, an item an operation. */
function access({ grants, policies }: catalog.Relation): string {
  const verbs = { select: "read", insert: "insert", update: "update", delete: "delete" };
  const items = catalog.OPERATIONS.map((operation) => {
    const granted = (role: catalog.Role) =>
      grants.find((grant) => grant.role === role && grant.operation === operation);
    const columns = (grant: catalog.Grant) =>
      grant.columns === null ? "" : ` (${grant.columns.map(code).join(", ")})`;
    const said: string[] = [];
    const members = granted("authenticated");
    if (members) {
      const rules = policies.filter((policy) => policy.operation === operation);
      said.push(
        rules.length > 0
          ? rules.map(({ name }) => name + columns(members)).join("; ")
          : "members, as the tables let them",
      );
    }
    const service = granted("service_role");
    if (service) said.push(`the service${columns(service)}`);
    if (granted("anon")) said.push("everybody");
    return said.length > 0 && `**${verbs[operation]}**: ${said.join("; ")}`;
  });
  const some = items.filter((item) => item !== false);
  return some.length > 0 ? `Who may:\n\n${list(some)}` : "";
}

/** What happens by itself, an item a function. */
function triggers(found: catalog.Trigger[]): string {
  const byFunction = Map.groupBy(found, (trigger) => trigger.function);
  if (byFunction.size === 0) return "";
  return "Triggers:\n\n" + list(
    [...byFunction].map(([name, all]) =>
      `${code(name)}, ${all.map(({ when }) => when).join(", ")}: ${all[0].comment}`
    ),
  );
}

function bucket(of: catalog.Bucket): string {
  const kind = of.public ? "public" : "private";
  return `Bucket ${code(of.id)}: ${kind}, ${of.file_size_limit / 1024 ** 2} MiB a file; ` +
    `${of.allowed_mime_types.map(code).join(", ")}.`;
}

function transitions({ values, changes }: { values: string[]; changes: Change[] }): string {
  const cell = (from: string, to: string) => {
    const change = changes.find((change) => change.from === from && change.to === to);
    if (!change) return "";
    if (change.who.length > 0) return people(change.who);
    return change.editing.length > 0 ? `by an edit: ${people(change.editing)}` : "";
  };
  return table(
    ["from ↓ to →", ...values],
    values.map((from) => [`**${from}**`, ...values.map((to) => cell(from, to))]),
  );
}

function people(who: Who[]): string {
  const members = who.filter((one) => one !== "worker");
  return [
    ...(who.includes("worker") ? ["worker"] : []),
    ...(members.length === 4 ? ["any member"] : members),
  ].join(", ");
}

function signature(of: catalog.Callable): string {
  const { schema, name, arguments: args, result, roles, comment } = of;
  const who = schema === "public"
    ? ""
    : `, ${roles.map((role) => role === "service_role" ? "the service" : "members").join(" and ")}`;
  const written = args.replaceAll(" DEFAULT ", " default ").replaceAll("NULL", "null")
    .replaceAll(/::[a-z]+(\[\])?/g, "");
  return `\`${name}(${written})\` → \`${result.toLowerCase()}\`${who}: ${comment}`;
}

const code = (name: string) => `\`${name}\``;
const sentence = (name: string) => `${name[0].toUpperCase()}${name.slice(1)}.`;
const list = (items: string[]) => items.map((item) => `- ${item}`).join("\n");
const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
