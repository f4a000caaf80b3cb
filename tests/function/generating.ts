/** What tests of the Gemini API share: a request, and what goes wrong with it. */
import type { AnswerFault } from "../../local/stand_ins/gemini/faults.ts";
import type {
  GenerateRequest,
  PaidCall,
} from "../../supabase/functions/generate-summary/models/model.ts";
import { webm, type Workbench } from "./workbench.ts";

const SCHEMA = { type: "object", properties: { said: { type: "string" } }, required: ["said"] };

/** A request with nothing but text, for which the model says `{"said": "hello"}`, and what it costs. */
export function given({ service, limits }: Workbench, changes: Partial<GenerateRequest> = {}) {
  service.answer = () => ({ said: "hello" });
  const calls: PaidCall[] = [];
  return {
    calls,
    ...limits(),
    system: "Say hello.",
    parts: [{ text: "{}" }],
    schema: SCHEMA,
    maxOutputTokens: 100,
    book: (call: PaidCall) => void calls.push(call),
    ...changes,
  };
}

export const error = (status: string, message: string, details: object[] = []) => ({
  error: { code: 0, status, message, details },
});

/** Uploads a small file and names it in a request. */
export async function withFile(bench: Workbench) {
  const recording = bench.record(webm(5000));
  const pin = await bench.storage.peek(recording, bench.limits());
  const file = await bench.model.upload(
    pin.open,
    { name: await bench.nameOf(recording), mimeType: "audio/webm", size: 5000 },
    bench.limits(),
  );
  return { file, request: given(bench, { parts: [{ file }, { text: "{}" }] }) };
}

export const reset = { on: "generate", reset: true } as const;
export const http = (status: number, body: string | object = "<html>Error</html>") =>
  ({ on: "generate", status, body }) as const;
export const says = (answer: AnswerFault) => ({ on: "generate", answer }) as const;
