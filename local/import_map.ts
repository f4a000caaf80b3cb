/** The import maps that deno.ts chose for this process, for the processes that it starts. */
import { fileURLToPath } from "node:url";

const npm = Deno.env.get("IMPORTS") !== "jsr";
const map = (name: string) => npm ? fileURLToPath(new URL(name, import.meta.url)) : undefined;
const asArgs = (map?: string) => map ? [`--import-map=${map}`] : [];

/** Undefined: none but deno.json, since JSR answers. */
export const importMap = map("./npm_imports.json");
/** The same for the function alone, which is run with what is deployed: its own deno.json. */
export const functionImportMap = map("./npm_imports_function.json");

/** The same, as arguments of Deno. */
export const importArgs = asArgs(importMap);
export const functionImportArgs = asArgs(functionImportMap);
