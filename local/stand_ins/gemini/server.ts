/**
 * A stand-in for the Gemini API on this machine, strict about its protocol: what the real one
 * would refuse, it refuses, in the same words where they are known. It says plainly that it
 * cannot listen (answers.ts). Nothing is sent anywhere, and no bytes are kept.
 */
import { answerTo, type Question } from "./answers.ts";
import { type AnswerFault, type Fault, Faults } from "./faults.ts";
import { Files, type StoredFile } from "./files.ts";
import {
  checkGenerate,
  countTokens,
  describeModel,
  findModel,
  type GenerateBody,
  questionOf,
  wrap,
} from "./generate.ts";
import { Refusal } from "./refusal.ts";
import {
  checkKey,
  findRoute,
  noSuchAddress,
  type RecordedRequest,
  recordOf,
  type Route,
} from "./routes.ts";
import { loadSamples, type Sample } from "./samples.ts";
import { checkAnswer } from "./schema.ts";
import { faultyAnswer, underFault } from "./under_fault.ts";
import { type Upload, Uploads } from "./uploads.ts";
import { readJson } from "./validate.ts";
import { BREAK, ConnectionLost, listen, type WireRequest } from "./wire.ts";

/** A `generateContent` request as `answer` sees it: checked, its files found. */
export interface GenerateRequest extends Question {
  model: string;
  body: GenerateBody;
}

/** A Response is the whole answer, an object the JSON that the model says; undefined: as usual. */
type Answer = Response | object | undefined;

export interface GeminiStandIn extends AsyncDisposable {
  /** For `httpOptions.baseUrl` and GEMINI_BASE_URL. */
  url: string;
  apiKey: string;
  /** In the order of their arrival. */
  requests: RecordedRequest[];
  /** What is stored, by name. */
  files: Map<string, StoredFile>;
  /** By the secret in the upload's address. */
  uploads: Map<string, Upload>;
  /** A test's own answers. */
  answer?: (request: GenerateRequest) => Answer | Promise<Answer>;
  /** Makes something go wrong, see faults.ts. */
  fail(fault: Fault): void;
  /** Forgets requests, files, uploads, faults and `answer`. */
  reset(): void;
  close(): Promise<void>;
}

interface GeminiOptions {
  /** The key that is taken. */
  apiKey?: string;
  /** The files whose script it knows; the project's samples unless told. */
  samples?: Sample[];
  /** A free one unless told. */
  port?: number;
}

/** Whose body is JSON. */
const JSON_KINDS = ["start", "count", "generate"];

/** Listens on 127.0.0.1 until `close()`. */
export async function startGemini(options: GeminiOptions = {}): Promise<GeminiStandIn> {
  const { apiKey = "stand-in-key", port = 0 } = options;
  const samples = options.samples ?? await loadSamples();
  const files = new Files();
  const uploads = new Uploads(files);
  const faults = new Faults();
  const requests: RecordedRequest[] = [];

  async function generate(route: Route, body: unknown, fault?: AnswerFault): Promise<Response> {
    const model = findModel(route.id, route.version);
    const checked = checkGenerate(model, body);
    const question = questionOf(checked.contents, files);
    const own = await gemini.answer?.({ model: route.id, body: checked, ...question });
    if (own instanceof Response) return own;
    const said = own ?? answerTo(question, samples);
    const schema = checked.generationConfig.responseJsonSchema;
    if (own === undefined && schema !== undefined) checkAnswer(schema, said);
    const answer = wrap(JSON.stringify(said), model, checked, question, samples);
    return Response.json(fault ? faultyAnswer(answer, fault) : answer);
  }

  async function run(
    route: Route,
    record: RecordedRequest,
    request: WireRequest,
    bytes: WireRequest["body"],
    fault: Fault | undefined,
  ): Promise<Response> {
    const { kind, version, id } = route;
    if (kind === "bytes" || kind === "query" || kind === "cancel") {
      if (fault && "cancelled" in fault) uploads.cancel(id);
      const done = await uploads.command(id, request, bytes, () => faults.forFile());
      record.sha256 = done.sha256;
      return done.response;
    }
    checkKey(request.headers.get("x-goog-api-key"), apiKey);
    switch (kind) {
      case "start":
        return uploads.start(request.headers, version, record.body);
      case "get":
        return Response.json(files.get(id));
      case "delete":
        files.delete(id);
        return Response.json({});
      case "list":
        return Response.json({ files: files.list() });
      case "model":
        return Response.json(describeModel(id, version));
      case "count":
        findModel(id, version);
        return Response.json(countTokens(record.body, files, samples));
      case "generate":
        return await generate(
          route,
          record.body,
          fault && "answer" in fault ? fault.answer : undefined,
        );
    }
  }

  async function answerOrBreak(
    record: RecordedRequest,
    route: Route,
    request: WireRequest,
  ): Promise<Response | typeof BREAK> {
    try {
      if (request.method === "POST" && request.contentLength === null) {
        throw new Refusal(411, "INVALID_ARGUMENT", "A Content-Length is needed.");
      }
      if (JSON_KINDS.includes(route.kind)) record.body = await readJson(request.body);
      const fault = faults.forRequest(record);
      return await underFault(fault, request, (bytes) => run(route, record, request, bytes, fault));
    } catch (error) {
      if (error instanceof Refusal) return error.response();
      if (error instanceof ConnectionLost) return BREAK;
      throw error;
    }
  }

  const server = listen(port, async (request) => {
    const route = findRoute(request);
    if (route === undefined) return noSuchAddress(request);
    const record = recordOf(route, request);
    requests.push(record);
    const answer = await answerOrBreak(record, route, request);
    if (answer !== BREAK) record.status = answer.status;
    return answer;
  });
  const gemini: GeminiStandIn = {
    url: `http://127.0.0.1:${server.port}`,
    apiKey,
    requests,
    files: files.stored,
    uploads: uploads.open,
    fail: (fault) => faults.add(fault),
    reset() {
      requests.length = 0;
      files.stored.clear();
      uploads.open.clear();
      faults.clear();
      gemini.answer = undefined;
    },
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
  return gemini;
}
