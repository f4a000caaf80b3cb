export type { ModelClient as GeminiClient } from "../client.ts";
