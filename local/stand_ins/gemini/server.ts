/**
 * A stand-in for the Gemini API on this machine, strict about its protocol: what the real one
 * would refuse, it refuses, in the same words where they are known. It says plainly that it
 * cannot listen (answers.ts). Nothing is sent anywhere, and no bytes are kept.
 */
import type { Behaviour } from "./behaviour.ts";
import { PromptCache } from "./caching.ts";
import { type Sent, sentInVain } from "./delivery.ts";
import { type Fault, Faults } from "./faults.ts";
import { Files, type StoredFile } from "./files.ts";
import { countTokens } from "./generate.ts";
import { generate, type OwnAnswer } from "./model.ts";
import { describeModel, findModel } from "./models.ts";
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
import { underFault } from "./under_fault.ts";
import { type Upload, Uploads } from "./uploads.ts";
import { readJson } from "./validate.ts";
import { BREAK, ConnectionLost, listen, type WireAnswer, type WireRequest } from "./wire.ts";

export type { GenerateRequest } from "./model.ts";

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
  /** The files whose script it knows; a test may add some. */
  samples: Sample[];
  /** See behaviour.ts; a test may put another in its place. */
  behaviour: Behaviour;
  /** A test's own answers. */
  answer?: OwnAnswer;
  /** Makes something go wrong, see faults.ts. */
  fail(fault: Fault): void;
  /** Says that whoever reads an answer now has stopped: only the test can know, see `Delivery`. */
  readersStop(): void;
  /** What was written after that, of all answers. */
  readonly sentAfterGone: Sent;
  /** Tokens of all answers that were generated and that nobody was there to read. */
  readonly unreadTokens: number;
  /** Forgets requests, files, uploads, faults and `answer`; samples and behaviour are the first ones. */
  reset(): void;
  close(): Promise<void>;
}

interface GeminiOptions {
  /** The key that is taken. */
  apiKey?: string;
  /** The project's unless told. */
  samples?: Sample[];
  behaviour?: Behaviour;
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
  const uploads = new Uploads(files, () => gemini.behaviour.nameTakenAtEnd ?? false);
  const cache = new PromptCache();
  const faults = new Faults();
  const requests: RecordedRequest[] = [];

  async function run(
    route: Route,
    record: RecordedRequest,
    request: WireRequest,
    bytes: WireRequest["body"],
    fault: Fault | undefined,
  ): Promise<WireAnswer> {
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
        return Response.json(countTokens(record.body, files, gemini.samples));
      case "generate": {
        const { samples, behaviour, answer } = gemini;
        const surroundings = { files, samples, behaviour, cache, answer };
        const spoilt = fault && "answer" in fault ? fault.answer : undefined;
        return await generate(route, record, request, surroundings, spoilt);
      }
    }
  }

  async function answerOrBreak(
    record: RecordedRequest,
    route: Route,
    request: WireRequest,
  ): Promise<WireAnswer> {
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
    if (answer instanceof Response) record.delivery?.end("whole");
    if (answer === BREAK) record.delivery?.end("fault");
    return answer;
  });
  const gemini: GeminiStandIn = {
    url: `http://127.0.0.1:${server.port}`,
    apiKey,
    requests,
    files: files.stored,
    uploads: uploads.open,
    samples: [...samples],
    behaviour: options.behaviour ?? {},
    readersStop: () => requests.forEach(({ delivery }) => delivery?.readerStops()),
    get sentAfterGone() {
      return sentInVain(requests.flatMap(({ delivery }) => delivery ?? []));
    },
    get unreadTokens() {
      return requests.reduce((total, { delivery }) => total + (delivery?.unread ?? 0), 0);
    },
    fail: (fault) => faults.add(fault),
    reset() {
      requests.length = 0;
      files.stored.clear();
      uploads.open.clear();
      faults.clear();
      cache.clear();
      gemini.samples = [...samples];
      gemini.behaviour = options.behaviour ?? {};
      gemini.answer = undefined;
    },
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
  return gemini;
}
