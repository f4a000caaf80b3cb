/**
 * A stand-in for the Gemini API on this machine, strict about its protocol: what the real one
 * would refuse, it refuses, in the same words where they are known. It says plainly that it
 * cannot listen (answers.ts).
 */
import { createHash } from "node:crypto";
import { Files } from "./files.ts";
import { countTokens } from "./generate.ts";
import { describeModel, findModel } from "./models.ts";
import { checkKey, findRoute, type RecordedRequest, recordOf, type Route } from "./routes.ts";
import { type Around, type ModelService, type ServiceOptions, startService } from "./service.ts";
import { Uploads } from "./uploads.ts";
import type { WireAnswer, WireRequest } from "./wire.ts";

export type { GenerateRequest } from "./model.ts";

export interface GeminiStandIn extends ModelService {
  files: Files["stored"];
  apiKey: string;
}

interface GeminiOptions extends ServiceOptions {
  /** The key that is taken. */
  apiKey?: string;
}

/** Listens on 127.0.0.1 until `close()`. */
export async function startGemini(options: GeminiOptions = {}): Promise<GeminiStandIn> {
  const { apiKey = "stand-in-key" } = options;
  const files = new Files();
  const uploads = new Uploads(files);

  async function run(
    { kind, version, id }: Route,
    record: RecordedRequest,
    request: WireRequest,
    bytes: WireRequest["body"],
    { fault, fileFault, behaviour, samples, generate }: Around,
  ): Promise<WireAnswer> {
    if (kind === "bytes" || kind === "query" || kind === "cancel") {
      if (fault && "cancelled" in fault) uploads.cancel(id);
      const done = await uploads.command(id, request, bytes, fileFault);
      record.sha256 = done.sha256;
      return done.response;
    }
    checkKey(request.headers.get("x-goog-api-key"), apiKey);
    switch (kind) {
      case "start":
        return uploads.start(request.headers, version, record.body, behaviour);
      case "get":
        return Response.json(files.get(id));
      case "delete":
        files.delete(id);
        return Response.json({});
      case "model":
        return Response.json(describeModel(id, version));
      case "count":
        findModel(id, version);
        return Response.json(countTokens(record.body, files, samples));
      case "generate":
        return await generate({ files, model: findModel(id, version) });
      default:
        return Response.json({ files: files.list() });
    }
  }

  const service = await startService({
    title: "Gemini",
    granularity: 1,
    folder: "files",
    leave(file, bytes, fault) {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      files.add({ ...file, size: bytes.length, sha256, version: "v1beta" }, fault);
    },
    settings: (url) => ({ GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: url }),
    files: files.stored,
    uploads: uploads.open,
    findRoute,
    record: recordOf,
    jsonKinds: ["start", "count", "generate"],
    run,
  }, options);
  return Object.assign(service, { apiKey, files: files.stored });
}
