/** JSON bodies: read, parsed, and each field known, as Google's front end insists. */
import { z } from "zod";
import { invalid, invalidField } from "./refusal.ts";
import type { WireRequest } from "./wire.ts";

export async function readJson(body: WireRequest["body"]): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body) text += decoder.decode(bytes, { stream: true });
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("Invalid JSON payload received. Unexpected token.");
  }
}

/** The value as the schema sees it; 400 naming the first field that is wrong or unknown. */
export function valid<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue.path.join(".");
  throw issue.code === "unrecognized_keys"
    ? invalidField(
      path,
      `Invalid JSON payload received. Unknown name "${
        issue.keys[0]
      }" at '${path}': Cannot find field.`,
    )
    : invalidField(path, `Invalid value at '${path}': ${issue.message}`);
}
