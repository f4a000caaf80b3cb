/** The OpenAPI 3.1 document, from the schemas that bodies are checked with and answers are made of. */
import { z } from "zod";
import { ErrorCode } from "../core/domain.ts";
import { AppError, ERRORS } from "../core/errors.ts";
import {
  AcceptedAnswer,
  ErrorAnswer,
  HealthAnswer,
  PythonHealthAnswer,
  SummaryAnswer,
} from "./answers.ts";
import { BODIES } from "./bodies.ts";
import { ACCEPTED, BODY_EXAMPLES, COMPLETED, errorExample, HEALTH } from "./examples.ts";
import { inPythonWords } from "./health.ts";
import { type Route, ROUTES } from "./routes.ts";

const refTo = (id: string) => `#/components/schemas/${id}`;
const ref = (schema: z.ZodType) => ({ $ref: refTo(schema.meta()!.id!) });

const json = (schema: object, description: string, examples: Record<string, unknown>) => ({
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

function operation(name: Route, what: object) {
  const { method, path } = ROUTES[name];
  return { [path]: { [method.toLowerCase()]: what } };
}

const PATHS = {
  ...operation("summarize", {
    summary: "Summarize a consultation",
    security: [{ user: [] }, { service: [] }, { database: [] }],
    requestBody: {
      required: true,
      ...json(
        { anyOf: Object.values(BODIES).map(ref) },
        "One of four, told apart by its keys.",
        BODY_EXAMPLES,
      ),
    },
    responses: {
      200: json(ref(SummaryAnswer), "The summary is completed.", { completed: COMPLETED }),
      202: json(ref(AcceptedAnswer), "The work goes on; Realtime tells when it has ended.", {
        accepted: ACCEPTED,
      }),
      ...errorResponses(),
    },
  }),
  ...operation("health", {
    summary: "Whether the database and the model answer",
    security: [{}, { service: [] }],
    parameters: [{
      name: "words",
      in: "query",
      description: "`python`: four fields, in the words of the earlier backend.",
      schema: { enum: ["python"] },
    }],
    responses: {
      200: json({ anyOf: [ref(HealthAnswer), ref(PythonHealthAnswer)] }, "Everything answers.", {
        ok: HEALTH,
        python: inPythonWords(HEALTH),
      }),
      503: json(
        { anyOf: [ref(HealthAnswer), ref(PythonHealthAnswer)] },
        "Something that is needed does not answer.",
        {
          database: { ...HEALTH, status: "down", database: "down" },
          gemini: { ...HEALTH, status: "down", gemini_client: "down" },
        },
      ),
    },
  }),
  ...operation("document", {
    summary: "This document",
    responses: { 200: { description: "OpenAPI 3.1", content: { "application/json": {} } } },
  }),
};

/** Every status that an error of the table has, with the codes that come with it. */
function errorResponses() {
  const codes = ErrorCode.options;
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort();
  return Object.fromEntries(statuses.map((status) => {
    const here = codes.filter((code) => ERRORS[code].status === status);
    const lines = here.map((code) => `- \`${code}\`: ${new AppError(code).message}`);
    const examples = Object.fromEntries(here.map((code) => [code, errorExample(code)]));
    return [status, json(ref(ErrorAnswer), lines.join("\n"), examples)];
  }));
}

/** As plain JSON. */
export const OPENAPI = {
  openapi: "3.1.0",
  info: {
    title: "Consultation summaries",
    version: "1.0.0",
    description: "Summaries of recorded consultations, each statement with its evidence.",
  },
  servers: [{ url: "/functions/v1" }],
  paths: PATHS,
  components: {
    securitySchemes: {
      user: {
        type: "http",
        scheme: "bearer",
        description: "The access token of a signed-in member of the clinic.",
      },
      service: {
        type: "apiKey",
        in: "header",
        name: "apikey",
        description: "A secret key of the project, for the dispatcher and for database webhooks. " +
          "Taken as the bearer token, too, where no apikey comes with it.",
      },
      database: {
        type: "apiKey",
        in: "header",
        name: "apikey",
        description: "The function's HINT_KEY: wakes a worker, and can do nothing else.",
      },
    },
    // What may be sent: answers may get further fields.
    schemas: z.toJSONSchema(z.globalRegistry, { io: "input", uri: refTo }).schemas,
  },
};
