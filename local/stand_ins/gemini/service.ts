/**
 * What the stand-ins for a model's service share, whatever protocol they speak: requests are kept, faults
 * are met, answers are the model's. Nothing is sent anywhere, and no bytes are kept.
 */
import type { Behaviour } from "./behaviour.ts";
import { PromptCache } from "./caching.ts";
import { type Sent, sentInVain } from "./delivery.ts";
import { type Fault, Faults } from "./faults.ts";
import type { FileFault, StoredFile } from "./files.ts";
import { generate, type Knowing, type OwnAnswer } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { noSuchAddress, type RecordedRequest, type Route } from "./routes.ts";
import { loadSamples, type Sample } from "./samples.ts";
import { underFault } from "./under_fault.ts";
import type { Upload } from "./uploads.ts";
import { readJson } from "./validate.ts";
import { BREAK, ConnectionLost, listen, type WireAnswer, type WireRequest } from "./wire.ts";

export interface ModelService extends AsyncDisposable {
  url: string;
  /** Which settings make the function ask here. */
  settings: Record<string, string>;
  /** What it is called where people read it. */
  title: string;
  /** Bytes of an upload that broke are kept in multiples of this. */
  granularity: number;
  /** What files' names begin with. */
  folder: string;
  /** Puts a file there as an earlier worker would have left it. */
  leave(file: Left, bytes: Uint8Array, fault?: FileFault): void;
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

/** A file that was left there. */
export interface Left {
  name: string;
  mimeType: string;
}

export interface ServiceOptions {
  /** The project's unless told. */
  samples?: Sample[];
  behaviour?: Behaviour;
  /** A free one unless told. */
  port?: number;
}

/** What a request is answered with the help of. */
export interface Around {
  samples: Sample[];
  behaviour: Behaviour;
  fault?: Fault;
  /** Of the next file that arrives whole. */
  fileFault(): FileFault | undefined;
  /** The model's answer. */
  generate(knowing: Knowing): Promise<WireAnswer>;
}

/** A protocol: addresses, and what is done at each. */
interface Protocol {
  title: string;
  granularity: number;
  folder: string;
  leave: ModelService["leave"];
  settings(url: string): Record<string, string>;
  files: Map<string, StoredFile>;
  uploads: Map<string, Upload>;
  findRoute(request: WireRequest): Route | undefined;
  record(route: Route, request: WireRequest): RecordedRequest;
  /** Whose body is JSON. */
  jsonKinds: string[];
  run(
    route: Route,
    record: RecordedRequest,
    request: WireRequest,
    bytes: WireRequest["body"],
    around: Around,
  ): Promise<WireAnswer>;
}

/** Listens on 127.0.0.1 until `close()`. */
export async function startService(
  protocol: Protocol,
  options: ServiceOptions,
): Promise<ModelService> {
  const samples = options.samples ?? await loadSamples();
  const cache = new PromptCache();
  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  const { title, granularity, folder, leave, files, uploads } = protocol;

  async function answerOrBreak(
    record: RecordedRequest,
    route: Route,
    request: WireRequest,
  ): Promise<WireAnswer> {
    try {
      if (["POST", "PUT"].includes(request.method) && request.contentLength === null) {
        throw new Refusal(411, "INVALID_ARGUMENT", "A Content-Length is needed.");
      }
      if (protocol.jsonKinds.includes(route.kind)) record.body = await readJson(request.body);
      const fault = faults.forRequest(record);
      const { samples, behaviour, answer } = service;
      const spoilt = fault && "answer" in fault ? fault.answer : undefined;
      const around: Around = {
        samples,
        behaviour,
        fault,
        fileFault: () => faults.forFile(),
        generate: (knowing) => {
          const surroundings = { ...knowing, samples, behaviour, cache, answer };
          return generate(route, record, request, surroundings, spoilt);
        },
      };
      return await underFault(
        fault,
        request,
        (bytes) => protocol.run(route, record, request, bytes, around),
      );
    } catch (error) {
      if (error instanceof Refusal) return error.response();
      if (error instanceof ConnectionLost) return BREAK;
      throw error;
    }
  }

  const server = listen(options.port ?? 0, async (request) => {
    const route = protocol.findRoute(request);
    if (route === undefined) return noSuchAddress(request);
    const record = protocol.record(route, request);
    requests.push(record);
    const answer = await answerOrBreak(record, route, request);
    if (answer !== BREAK) record.status = answer.status;
    if (answer instanceof Response) record.delivery?.end("whole");
    if (answer === BREAK) record.delivery?.end("fault");
    return answer;
  });
  const url = `http://127.0.0.1:${server.port}`;
  const service: ModelService = {
    url,
    settings: protocol.settings(url),
    title,
    granularity,
    folder,
    leave,
    requests,
    files,
    uploads,
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
      files.clear();
      uploads.clear();
      faults.clear();
      cache.clear();
      service.samples = [...samples];
      service.behaviour = options.behaviour ?? {};
      service.answer = undefined;
    },
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
  return service;
}
