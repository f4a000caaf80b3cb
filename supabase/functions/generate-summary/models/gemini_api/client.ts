/** Requests to the Gemini API: its address, key, limits and model; whatever goes wrong is a `Fault`. */
import type { File as RemoteFile, GoogleGenAI } from "@google/genai";
import { type Clock, type Limits, within } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { atMost } from "../at_most.ts";
import { Fault } from "../policy.ts";
import { withRetry } from "../retry.ts";
import { API_VERSION, faultOfSdk, lazilySdk } from "./sdk.ts";

export interface GeminiSettings {
  apiKey: string;
  /** Without a slash at its end. */
  baseUrl?: string;
  model: string;
  /** Asked instead once the model is gone. */
  fallbackModel?: string;
}

interface ClientDeps extends GeminiSettings {
  fetch?: typeof fetch;
  clock: Clock;
  log: Log;
}

/** How a call may take its time, and whether it is about a file. */
interface CallLimits extends Limits {
  /** Milliseconds that one try may take, by default `SHORT_MS`. */
  ms?: number;
  ofFile?: boolean;
}

export interface GeminiClient {
  /** The one that is asked: the fallback, once the first is gone. */
  readonly model: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A call of the SDK, tried again as the table says. */
  call<T>(
    limits: CallLimits,
    send: (ai: GoogleGenAI, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** The same about a model: when that is gone, the fallback takes its place. */
  callModel<T>(
    limits: CallLimits,
    send: (ai: GoogleGenAI, abortSignal: AbortSignal, model: string) => Promise<T>,
  ): Promise<T>;
  /** The same, where each try takes its own time: `attempt` calls `once`. */
  tryModel<T>(
    limits: Limits & { needs: number; ofFile: boolean },
    attempt: (model: string) => Promise<T>,
  ): Promise<T>;
  /** A call of the SDK, tried once. Throws a `Fault`, `late` after `ms`, the signal's reason. */
  once<T>(
    limits: { ms: number; late: Error; signal?: AbortSignal },
    send: (ai: GoogleGenAI, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /**
   * A POST of the upload's protocol, which the SDK can only speak with the whole file in memory:
   * without `session` it begins one, with the key; a session's address needs none, and is a secret of
   * its own. Throws the `Fault` `unreachable`.
   */
  postUpload(init: RequestInit, session?: URL): Promise<Response>;
  /** Where everything is sent to. */
  readonly baseUrl: string;
  /** What is known of a file; null when there is none of that name. */
  look(name: string, limits: Limits): Promise<RemoteFile | null>;
  /** True when it is not there any more; never throws. */
  remove(name: string): Promise<boolean>;
}

/** Calls that generate nothing answer within this. */
export const SHORT_MS = 10_000;
/** Files that are deleted at a time: a clinic's whole day may have to go at once. */
const DELETIONS_AT_ONCE = 3;

export function createGeminiClient(deps: ClientDeps): GeminiClient {
  const { apiKey, baseUrl = "https://generativelanguage.googleapis.com", clock, log } = deps;
  const plainFetch = deps.fetch ?? fetch;
  let model = deps.model;
  const deleting = atMost(DELETIONS_AT_ONCE);

  const sdk = lazilySdk({ apiKey, baseUrl, fetch: plainFetch });

  const once: GeminiClient["once"] = async ({ ms, late, signal }, send) => {
    if (!apiKey) throw new Fault("key");
    const ai = await sdk();
    return await within(clock, ms, late, signal, async (signal) => {
      try {
        return await send(ai, signal);
      } catch (error) {
        if (error instanceof Fault) throw error;
        throw faultOfSdk(error);
      }
    });
  };

  async function withModel<T>(send: (model: string) => Promise<T>): Promise<T> {
    const { fallbackModel } = deps;
    const asked = model;
    try {
      return await send(asked);
    } catch (error) {
      const gone = error instanceof Fault && error.kind === "model_gone";
      if (!gone || !fallbackModel || asked === fallbackModel) throw error;
      model = fallbackModel;
      log.warn("retry", { code: "model_gone", model });
      return await send(model);
    }
  }

  const trying = <T>(
    { ms = SHORT_MS, ...limits }: CallLimits,
    send: (limits: {
      ms: number;
      late: Error;
      signal?: AbortSignal;
    }) => Promise<T>,
  ) =>
    withRetry(
      () => send({ ms, late: new Fault("timed_out"), signal: limits.signal }),
      { ...limits, clock, log, needs: ms },
    );

  const call: GeminiClient["call"] = (limits, send) =>
    trying(limits, (limits) => once(limits, send));

  return {
    get model() {
      return model;
    },
    baseUrl,
    clock,
    log,
    call,
    callModel: (limits, send) =>
      trying(
        limits,
        (limits) => withModel((model) => once(limits, (ai, signal) => send(ai, signal, model))),
      ),
    tryModel: (limits, attempt) => withRetry(() => withModel(attempt), { ...limits, clock, log }),
    once,
    async postUpload(init, session) {
      if (!apiKey) throw new Fault("key");
      const headers = { ...init.headers, ...(session ? {} : { "x-goog-api-key": apiKey }) };
      const url = session ?? `${baseUrl}/upload/${API_VERSION}/files`;
      try {
        return await plainFetch(url, { method: "POST", redirect: "error", ...init, headers });
      } catch {
        throw new Fault("unreachable");
      }
    },
    async look(name, limits) {
      try {
        return await call(
          { ...limits, ofFile: true },
          (ai, abortSignal) => ai.files.get({ name, config: { abortSignal } }),
        );
      } catch (error) {
        if (error instanceof AppError && error.code === "file_gone") return null;
        throw error;
      }
    },
    async remove(name) {
      try {
        await deleting(() =>
          call(
            { deadline: clock.now() + 3 * SHORT_MS },
            (ai, abortSignal) => ai.files.delete({ name, config: { abortSignal } }),
          )
        );
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "file_gone") {
          log.warn("file_not_deleted", {
            code: error instanceof AppError ? error.code : "internal",
          });
          return false;
        }
      }
      log.info("file_deleted");
      return true;
    },
  };
}
