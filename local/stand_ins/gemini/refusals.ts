/**
 * What Google refuses with, in its words, by what is the matter: the stand-in's own refusals, and those
 * that a test makes it give (`fail({ on: "generate", refusal: REFUSALS.billing() })`).
 */
import { Refusal } from "./refusal.ts";

const info = (reason: string) => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "googleapis.com",
});
const retryInfo = (retryDelay: string) => ({
  "@type": "type.googleapis.com/google.rpc.RetryInfo",
  retryDelay,
});
const quotaFailure = (quotaId: string) => ({
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: [{
    quotaMetric: "generativelanguage.googleapis.com/generate_content_requests",
    quotaId,
    quotaDimensions: { location: "global" },
  }],
});

const EXCEEDED = "You exceeded your current quota, please check your plan and billing details.";

export const REFUSALS = {
  keyMissing: () =>
    new Refusal(
      403,
      "PERMISSION_DENIED",
      "Method doesn't allow unregistered callers. Please use API Key.",
    ),
  keyInvalid: () =>
    new Refusal(
      400,
      "INVALID_ARGUMENT",
      "API key not valid. Please pass a valid API key.",
      [info("API_KEY_INVALID")],
    ),
  keyExpired: () =>
    new Refusal(
      400,
      "INVALID_ARGUMENT",
      "API key expired. Please renew the API key.",
      [info("API_KEY_INVALID")],
    ),
  /** The project is blocked. */
  suspended: () =>
    new Refusal(
      403,
      "PERMISSION_DENIED",
      "Permission denied: Consumer 'projects/1' has been suspended.",
      [info("CONSUMER_SUSPENDED")],
    ),
  apiDisabled: () =>
    new Refusal(
      403,
      "PERMISSION_DENIED",
      "Generative Language API has not been used in project 1 before or it is disabled.",
      [info("SERVICE_DISABLED")],
    ),
  location: () =>
    new Refusal(
      400,
      "FAILED_PRECONDITION",
      "User location is not supported for the API use.",
    ),
  billing: () =>
    new Refusal(
      400,
      "FAILED_PRECONDITION",
      "Gemini API free tier is not available in your country. Please enable billing on your project " +
        "in Google AI Studio.",
    ),
  thinkingLevel: (level: string) =>
    new Refusal(
      400,
      "INVALID_ARGUMENT",
      `Thinking level ${level} is not supported for this model.`,
    ),
  inputTokens: (count: number, limit: number) =>
    new Refusal(
      400,
      "INVALID_ARGUMENT",
      `The input token count (${count}) exceeds the maximum number of tokens allowed (${limit}).`,
    ),
  /** Gemini does not say whether a file is unknown, gone or another project's. */
  file: (name: string) =>
    new Refusal(
      403,
      "PERMISSION_DENIED",
      `You do not have permission to access the File ${name} or it may not exist.`,
    ),
  fileNotActive: (name: string) =>
    new Refusal(
      400,
      "FAILED_PRECONDITION",
      `The File ${name} is not in an ACTIVE state and usage is not allowed.`,
    ),
  nameTaken: (name: string) =>
    new Refusal(409, "ALREADY_EXISTS", `Requested entity already exists: ${name}`),
  model: (name: string, version: string) =>
    new Refusal(
      404,
      "NOT_FOUND",
      `models/${name} is not found for API version ${version}, or is not supported for this method.`,
    ),
  /** Too many a minute; `retryDelay` as Google writes it: "11.7s", "0s", and often none. */
  limited: (retryDelay?: string) =>
    new Refusal(429, "RESOURCE_EXHAUSTED", EXCEEDED, [
      quotaFailure("GenerateRequestsPerMinutePerProjectPerModel"),
      ...(retryDelay === undefined ? [] : [retryInfo(retryDelay)]),
    ]),
  /** No more today, whatever delay it names. */
  daily: (retryDelay?: string) =>
    new Refusal(429, "RESOURCE_EXHAUSTED", EXCEEDED, [
      quotaFailure("GenerateRequestsPerDayPerProjectPerModel"),
      ...(retryDelay === undefined ? [] : [retryInfo(retryDelay)]),
    ]),
  internal: () => new Refusal(500, "INTERNAL", "An internal error has occurred. Please retry."),
  overloaded: () =>
    new Refusal(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
  deadline: () =>
    new Refusal(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
};
