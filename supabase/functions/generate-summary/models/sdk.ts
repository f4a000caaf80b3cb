/** Google's SDK: loaded when it is first needed, and its errors as faults. */
import type { GoogleGenAI } from "@google/genai";
import { lazily } from "../core/lazily.ts";
import { faultOf, faultOfError } from "./faults.ts";
import { Fault } from "./policy.ts";

interface SdkSettings {
  /** None: what takes its place, `fetch` adds. */
  apiKey?: string;
  /** The addresses and bodies of Google Cloud's platform. */
  vertexai?: true;
  /** What an address begins with. */
  apiVersion: string;
  baseUrl: string;
  fetch: typeof fetch;
}

/** Not every isolate gets to a model. What is answered with another status than 2xx is thrown as its `Fault`. */
export const lazilySdk = (
  { apiKey, vertexai, apiVersion, baseUrl, fetch }: SdkSettings,
) =>
  lazily(async (): Promise<GoogleGenAI> => {
    const { GoogleGenAI } = await import("@google/genai");
    return new GoogleGenAI({
      // Without one it prints a warning; nothing is asked then.
      apiKey: apiKey || "none",
      vertexai,
      apiVersion,
      httpOptions: {
        baseUrl,
        fetch: async (input, init) => {
          const response = await fetch(input, { ...init, redirect: "error" });
          // The SDK would lose the headers, and put the whole answer into its error's message.
          if (!response.ok) throw await faultOf(response);
          // A proxy's page: the SDK would take it for a stream that broke off.
          if (String(input).includes("alt=sse") && !isStream(response)) {
            await response.body?.cancel();
            throw new Fault("unusable");
          }
          return response;
        },
      },
    });
  });

const isStream = ({ headers }: Response) =>
  headers.get("content-type")?.includes("event-stream") ?? false;

/** What the SDK throws by itself: an error within a stream, a body that is no JSON or broke off. */
export function faultOfSdk(error: unknown): Fault {
  // Its class is not in the bundle.
  if (error instanceof Error && error.name === "ApiError" && "status" in error) {
    return faultOfError(Number(error.status), error.message);
  }
  return new Fault(error instanceof SyntaxError ? "unusable" : "unreachable");
}
