/** The routes there are. */

export const ROUTES = {
  summarize: { method: "POST", path: "/generate-summary" },
  health: { method: "GET", path: "/generate-summary/health" },
  document: { method: "GET", path: "/generate-summary/openapi.json" },
} as const;

export type Route = keyof typeof ROUTES;
