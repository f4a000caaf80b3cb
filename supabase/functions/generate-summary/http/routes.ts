/** The routes there are, and what whoever asks nothing is told. */

export const ROUTES = {
  summarize: { method: "POST", path: "/generate-summary" },
  health: { method: "GET", path: "/generate-summary/health" },
  document: { method: "GET", path: "/generate-summary/openapi.json" },
} as const;

/** To a user whose body names nothing. */
export const ASK = "Name a consultation_id, or a primary_audio_url.";

export type Route = keyof typeof ROUTES;
