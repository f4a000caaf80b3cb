/** The OpenAPI 3.1 document, from the schemas that the requests are checked with. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { AppError, type ErrorCode, ERRORS } from "../core/errors.ts";
import { ACCEPTED, BODIES, COMPLETED, errorExample, HEALTH } from "./examples.ts";
import { AcceptedAnswer, AnyRequest, ErrorAnswer, HealthAnswer, SummaryAnswer } from "./bodies.ts";

const json = <T>(schema: T, description: string, examples: Record<string, unknown>) => ({
  description,
  content: {
    "application/json": {
      schema,
      examples: Object.fromEntries(
        Object.entries(examples).map(([name, value]) => [name, { value }]),
      ),
    },
  },
});

/** Registers the routes on `app` and gives the document, as plain JSON. */
// deno-lint-ignore no-explicit-any -- whatever variables the app has
export function describe(app: OpenAPIHono<any>) {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "user", {
    type: "http",
    scheme: "bearer",
    description: "The access token of a signed-in member of the clinic.",
  });
  registry.registerComponent("securitySchemes", "service", {
    type: "apiKey",
    in: "header",
    name: "apikey",
    description: "A secret key of the project, for the dispatcher and for database webhooks.",
  });
  registry.registerPath({
    method: "post",
    path: "/generate-summary",
    summary: "Summarize a consultation",
    security: [{ user: [] }, { service: [] }],
    request: {
      body: { required: true, ...json(AnyRequest, "One of four, told apart by its keys.", BODIES) },
    },
    responses: {
      200: json(SummaryAnswer, "The summary is completed.", { completed: COMPLETED }),
      202: json(AcceptedAnswer, "The work goes on; Realtime tells when it has ended.", {
        accepted: ACCEPTED,
      }),
      ...errorResponses(),
    },
  });
  registry.registerPath({
    method: "get",
    path: "/generate-summary/health",
    summary: "Whether the database and the model answer",
    security: [{}, { service: [] }],
    responses: {
      200: json(HealthAnswer, "Everything answers.", { ok: HEALTH }),
      503: json(HealthAnswer, "Something that is needed does not answer.", {
        database: { ...HEALTH, status: "down", database: "down" },
        gemini: { ...HEALTH, status: "down", gemini_client: "down" },
      }),
    },
  });
  registry.registerPath({
    method: "get",
    path: "/generate-summary/openapi.json",
    summary: "This document",
    responses: { 200: { description: "OpenAPI 3.1", content: { "application/json": {} } } },
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Consultation summaries",
      version: "1.0.0",
      description: "Summaries of recorded consultations, each statement with its evidence.",
    },
    servers: [{ url: "/functions/v1" }],
  });
}

/** Every status that an error of the table has, with the codes that come with it. */
function errorResponses() {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort();
  return Object.fromEntries(statuses.map((status) => {
    const here = codes.filter((code) => ERRORS[code].status === status);
    const lines = here.map((code) => `- \`${code}\`: ${new AppError(code).message}`);
    const examples = Object.fromEntries(here.map((code) => [code, errorExample(code)]));
    return [status, json(ErrorAnswer, lines.join("\n"), examples)];
  }));
}
