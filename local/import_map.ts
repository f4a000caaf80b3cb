/** The import map that deno.ts chose for this process, for the processes that it starts. */

/** Undefined: none but deno.json, since JSR answers. */
export const importMap = Deno.env.get("IMPORTS") === "jsr"
  ? undefined
  : new URL("./npm_imports.json", import.meta.url).pathname;

/** The same, as arguments of Deno. */
export const importArgs = importMap ? [`--import-map=${importMap}`] : [];
