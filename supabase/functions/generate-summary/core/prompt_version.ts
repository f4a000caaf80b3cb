/** Kept with everything that a model wrote; changes with any prompt, schema or check. */
export const PROMPT_VERSION = "2026-11-24.3";
