/** Which JSON Schema Gemini takes for its answers, and whether an answer keeps to it. */
import { z } from "zod";
import { invalidField, Refusal } from "./refusal.ts";

const KEYWORDS = new Set(
  ("type properties required enum items prefixItems minItems maxItems minimum maximum anyOf oneOf " +
    "$ref $defs format title description additionalProperties propertyOrdering " +
    // Taken and ignored.
    "minLength maxLength uniqueItems").split(" "),
);

type Schema = Record<string, unknown>;

/** 400 on a keyword outside the subset, or a reference to nothing. */
export function checkSchema(schema: unknown, root = schema, path = "response_json_schema"): void {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw invalidField(path, `Invalid value at '${path}': a schema must be an object.`);
  }
  for (const [keyword, value] of Object.entries(schema)) {
    const here = `${path}.${keyword}`;
    if (!KEYWORDS.has(keyword)) {
      throw invalidField(here, `Unknown keyword "${keyword}" at '${path}'.`);
    }
    if (keyword === "$ref") checkReference(value, root as Schema, here);
    for (const [name, inner] of subschemas(keyword, value)) {
      checkSchema(inner, root, name === "" ? here : `${here}.${name}`);
    }
  }
}

/** The schemas that a keyword holds, with what leads to them. */
function subschemas(keyword: string, value: unknown): [string, unknown][] {
  switch (keyword) {
    case "properties":
    case "$defs":
    case "anyOf":
    case "oneOf":
    case "prefixItems":
      return Object.entries(value as Schema);
    case "items":
      return [["", value]];
    case "additionalProperties":
      return typeof value === "boolean" ? [] : [["", value]];
    default:
      return [];
  }
}

function checkReference(reference: unknown, root: Schema, path: string): void {
  const name = String(reference).replace(/^#\/\$defs\//, "");
  if (reference !== "#" && !(name in ((root.$defs ?? {}) as Schema))) {
    throw invalidField(path, `Unknown reference "${reference}" at '${path}'.`);
  }
}

/** 500 when the stand-in's own answer is not what the request asks for: one of the two is out of date. */
export function checkAnswer(schema: unknown, answer: unknown): void {
  // deno-lint-ignore no-explicit-any -- checked above
  const { error } = z.fromJSONSchema(schema as any).safeParse(answer);
  if (error) {
    throw new Refusal(
      500,
      "INTERNAL",
      `The stand-in's answer does not fit the schema that was sent: ${z.prettifyError(error)}`,
    );
  }
}
