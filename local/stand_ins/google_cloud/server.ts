/**
 * A stand-in for Google Cloud on this machine: its token endpoint, Cloud Storage with one bucket, and the
 * platform's models, whose answers are those of the stand-in for Gemini. As strict as the documents say.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { countTokens } from "../gemini/generate.ts";
import { findModel } from "../gemini/models.ts";
import { Refusal } from "../gemini/refusal.ts";
import { type RecordedRequest, recordOf } from "../gemini/routes.ts";
import {
  type Around,
  type ModelService,
  type ServiceOptions,
  startService,
} from "../gemini/service.ts";
import type { WireAnswer, WireRequest } from "../gemini/wire.ts";
import { Objects, PROPER_RIGHTS, properBucket } from "./objects.ts";
import { CLOUD_REFUSALS } from "./refusals.ts";
import { type CloudRoute, findRoute } from "./routes.ts";
import { makeAccount, Tokens } from "./tokens.ts";
import { GRANULARITY, Uploads } from "./uploads.ts";

export interface GoogleCloudStandIn extends ModelService {
  files: Objects["stored"];
  tokens: Tokens;
  /** The bucket's metadata. */
  bucket: ReturnType<typeof properBucket>;
  /** What the service account may do with the bucket and its objects. */
  rights: Set<string>;
  /** Where the models run. */
  locations: Set<string>;
}

const PROJECT = "hospital-1";
const BUCKET = "hospital-1-recordings";
const LOCATION = "eu";

/** What a request needs a right for. */
const RIGHTS: Partial<Record<RecordedRequest["kind"], string>> = {
  start: "storage.objects.create",
  media: "storage.objects.create",
  get: "storage.objects.get",
  list: "storage.objects.list",
  delete: "storage.objects.delete",
  bucket: "storage.buckets.get",
};

const Contents = z.looseObject({ contents: z.array(z.looseObject({ role: z.string() })) });

/** Listens on 127.0.0.1 until `close()`. */
export async function startGoogleCloud(
  options: ServiceOptions = {},
): Promise<GoogleCloudStandIn> {
  const account = await makeAccount(PROJECT);
  const tokens = new Tokens(account);
  const objects = new Objects(BUCKET);
  const uploads = new Uploads(objects);

  async function run(
    route: CloudRoute,
    record: RecordedRequest,
    request: WireRequest,
    bytes: WireRequest["body"],
    around: Around,
  ): Promise<WireAnswer> {
    const { kind, id, bucket } = route;
    const { fault, fileFault, behaviour } = around;
    if (kind === "token") return await tokens.answer(bytes);
    if (kind === "cancel") {
      uploads.cancel(id);
      return new Response("", { status: 499 });
    }
    if (kind === "bytes" || kind === "query") {
      if (fault && "cancelled" in fault) uploads.cancel(id);
      const done = await uploads.put(id, request, bytes, fileFault);
      record.sha256 = done.sha256;
      return done.response;
    }
    const known = tokens.has(request.headers.get("authorization"));
    if (!bucket) {
      if (!known) throw CLOUD_REFUSALS.unauthenticated();
      return await ask(route, record, around);
    }
    if (!known) throw CLOUD_REFUSALS.storageUnauthenticated();
    if (bucket !== BUCKET) throw CLOUD_REFUSALS.bucket();
    const right = RIGHTS[kind]!;
    if (!cloud.rights.has(right)) throw CLOUD_REFUSALS.forbidden(account.email, right);
    switch (kind) {
      case "start":
        return uploads.start(request, behaviour);
      case "media":
        return (await uploads.media(request, bytes, fileFault())).response;
      case "get":
        return Response.json(objects.get(id));
      case "delete":
        objects.delete(id);
        return new Response(null, { status: 204 });
      case "list":
        return Response.json(objects.list(request.url.searchParams.get("prefix") ?? ""));
      default:
        return Response.json({ kind: "storage#bucket", name: BUCKET, ...cloud.bucket });
    }
  }

  /** A model. */
  async function ask(
    { kind, id, project = "", location = "" }: CloudRoute,
    record: RecordedRequest,
    { samples, generate }: Around,
  ): Promise<WireAnswer> {
    if (project !== PROJECT) throw CLOUD_REFUSALS.role(project);
    const missing = CLOUD_REFUSALS.publisherModel(project, location, id);
    if (!cloud.locations.has(location)) throw missing;
    const model = modelOf(id) ?? missing;
    if (model instanceof Refusal) throw model;
    if (!Contents.safeParse(record.body).success) throw CLOUD_REFUSALS.contentRole();
    if (kind === "generate") {
      return await generate({ files: objects, model, usage: { trafficType: "ON_DEMAND" } });
    }
    return Response.json({
      ...countTokens(record.body, objects, samples),
      totalBillableCharacters: 0,
    });
  }

  const service = await startService({
    title: "Google Cloud",
    granularity: GRANULARITY,
    folder: "consultations",
    leave(file, bytes, fault) {
      const hex = (name: string) => createHash(name).update(bytes).digest("hex");
      const said = { sha256: hex("sha256"), md5: hex("md5") };
      objects.add({ ...file, size: bytes.length, ...said }, fault);
    },
    settings: (url) => ({
      MODEL_PROVIDER: "google-cloud",
      GOOGLE_CLOUD_KEY: JSON.stringify(account.key),
      GOOGLE_CLOUD_LOCATION: LOCATION,
      GOOGLE_CLOUD_BUCKET: BUCKET,
      GOOGLE_CLOUD_BASE_URL: url,
    }),
    files: objects.stored,
    uploads: uploads.open,
    findRoute,
    record: recordOf,
    jsonKinds: ["count", "generate"],
    run,
  }, options);
  const reset = service.reset;
  const proper = () => ({
    bucket: properBucket(),
    rights: new Set(PROPER_RIGHTS),
    locations: new Set(["global", "us", "eu"]),
  });
  const cloud: GoogleCloudStandIn = Object.assign(service, {
    ...proper(),
    files: objects.stored,
    tokens,
    reset() {
      reset();
      tokens.keyDeleted = false;
      Object.assign(cloud, proper());
    },
  });
  return cloud;
}

/** No aliases here. */
function modelOf(name: string): string | undefined {
  try {
    return findModel(name, "v1");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
