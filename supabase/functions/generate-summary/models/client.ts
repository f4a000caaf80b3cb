/** Calls of a model by Google's SDK, by whichever way: tried again, and of the fallback once it is gone. */
import type { GoogleGenAI } from "@google/genai";
import { type Clock, type Limits, within } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { Fault } from "./policy.ts";
import { withRetry } from "./retry.ts";
import { faultOfSdk } from "./sdk.ts";

export interface ModelNames {
  model: string;
  /** Asked instead once the model is gone. */
  fallbackModel?: string;
}

interface ClientDeps extends ModelNames {
  /** Throws a `Fault` where there is nobody to ask. */
  sdk(): Promise<GoogleGenAI>;
  clock: Clock;
  log: Log;
}

/** How a call may take its time, and whether it is about a file. */
interface CallLimits extends Limits {
  ofFile?: boolean;
}

export interface ModelClient {
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
}

/** Calls that generate nothing answer within this. */
export const SHORT_MS = 10_000;

export function createModelClient(deps: ClientDeps): ModelClient {
  const { sdk, clock, log } = deps;
  let model = deps.model;

  const once: ModelClient["once"] = async ({ ms, late, signal }, send) => {
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
    limits: CallLimits,
    send: (limits: { ms: number; late: Error; signal?: AbortSignal }) => Promise<T>,
  ) =>
    withRetry(
      () => send({ ms: SHORT_MS, late: new Fault("timed_out"), signal: limits.signal }),
      { ...limits, clock, log, needs: SHORT_MS },
    );

  return {
    get model() {
      return model;
    },
    clock,
    log,
    call: (limits, send) => trying(limits, (limits) => once(limits, send)),
    callModel: (limits, send) =>
      trying(
        limits,
        (limits) => withModel((model) => once(limits, (ai, signal) => send(ai, signal, model))),
      ),
    tryModel: (limits, attempt) => withRetry(() => withModel(attempt), { ...limits, clock, log }),
    once,
  };
}
