import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { SupabaseClient } from "@supabase/supabase-js";
import { decodeJwt } from "jose";
import { project } from "./project.ts";

// A folder belongs to the user it is named after. What is written is noted by a trigger.
const schema = `
  insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
    ('files', 'files', false, 1000000, '{audio/*,image/jpeg,text/plain}'),
    ('open', 'open', true, null, null);
  create policy "owners" on storage.objects for all to authenticated
    using (bucket_id = 'files' and (storage.foldername(name))[1] = (select auth.uid()::text))
    with check (bucket_id = 'files' and (storage.foldername(name))[1] = (select auth.uid()::text));
  create table public.writes (n int generated always as identity, op text, name text, version text,
                              size int, owner text, uid uuid);
  create function public.note() returns trigger language plpgsql security definer as $$
  declare r storage.objects := coalesce(new, old);
  begin
    insert into public.writes (op, name, version, size, owner, uid)
    values (tg_op, r.name, r.version, (r.metadata->>'size')::int, r.owner_id, auth.uid());
    return null;
  end $$;
  create trigger note after insert or update or delete on storage.objects
    for each row execute function public.note();
`;

const bytesOf = (size: number, seed = 1) =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed) % 251);

const errorOf = ({ error }: { error: unknown }) => {
  const { status, statusCode, message } = error as Record<string, unknown>;
  return { status, statusCode, message };
};

async function download(client: SupabaseClient, path: string): Promise<Uint8Array> {
  const { data, error } = await client.storage.from("files").download(path);
  if (error) throw error;
  return new Uint8Array(await data.arrayBuffer());
}

Deno.test("what is uploaded as a Blob, a buffer or a stream comes back as it was", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const files = user.storage.from("files");
  for (const [name, size] of [["empty", 0], ["small", 10], ["large", 300_001]] as const) {
    const bytes = bytesOf(size);
    const path = `${user.userId}/${name}`;
    const blob = await files.upload(`${path}-blob`, new Blob([bytes], { type: "audio/webm" }));
    assertEquals(blob.error, null);
    assertEquals(blob.data!.fullPath, `files/${path}-blob`);
    const options = { contentType: "audio/webm;codecs=opus", metadata: { take: 1 } };
    assertEquals((await files.upload(`${path}-raw`, bytes, options)).error, null);
    const stream = new Blob([bytes]).stream();
    assertEquals((await files.upload(`${path}-stream`, stream, options)).error, null);
    for (const way of ["blob", "raw", "stream"]) {
      assertEquals(await download(user, `${path}-${way}`), bytes);
    }
    const { data: info } = await files.info(`${path}-raw`);
    assertEquals([info!.size, info!.contentType], [size, "audio/webm;codecs=opus"]);
    assertEquals<unknown>(info!.metadata, { take: 1 });
    assertEquals((await files.info(`${path}-blob`)).data!.contentType, "audio/webm");
    assertEquals((await files.exists(`${path}-blob`)).data, true);
  }
});

Deno.test("an upload is one committed write by the service, in the uploader's name", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const path = `${user.userId}/a.webm`;
  await user.storage.from("files").upload(path, bytesOf(5), { contentType: "audio/webm" });
  const writes = await made.db.sql`select op, size, owner, uid, version from public.writes`;
  assertEquals(writes.length, 1);
  const [{ version, ...write }] = writes;
  assertEquals(write, { op: "INSERT", size: 5, owner: user.userId, uid: null });
  assertMatch(version, /^[0-9a-f-]{36}$/);
});

Deno.test("an overwrite has to be asked for, and updates the row with a new version", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const files = user.storage.from("files");
  const path = `${user.userId}/a.txt`;
  const contentType = "text/plain";
  await files.upload(path, bytesOf(5), { contentType });
  assertEquals(errorOf(await files.upload(path, bytesOf(6), { contentType })), {
    status: 400,
    statusCode: "409",
    message: "The resource already exists",
  });
  assertEquals((await download(user, path)).length, 5);
  assertEquals((await files.upload(path, bytesOf(7), { contentType, upsert: true })).error, null);
  assertEquals((await files.update(path, bytesOf(8), { contentType })).error, null);
  assertEquals((await download(user, path)).length, 8);
  const created = await files.update(`${user.userId}/new.txt`, bytesOf(1), { contentType });
  assertEquals(created.error, null, "an update makes what is not there yet");
  const writes = await made.db.sql`select op, version from public.writes order by n`;
  assertEquals(writes.map(({ op }) => op), ["INSERT", "UPDATE", "UPDATE", "INSERT"]);
  assertEquals(new Set(writes.map(({ version }) => version)).size, 4);
});

Deno.test("two uploads to one path at once leave one whole file", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const files = user.storage.from("files");
  const path = `${user.userId}/a.txt`;
  const sizes = [200_000, 300_000, 400_000];
  const options = { contentType: "text/plain", upsert: true };
  const answers = await Promise.all(sizes.map((n) => files.upload(path, bytesOf(n, n), options)));
  assertEquals(answers.map(({ error }) => error), [null, null, null]);
  const { size } = (await files.info(path)).data!;
  assertEquals(await download(user, path), bytesOf(size!, size!));
  assertEquals((await made.db.sql`select from storage.objects`).length, 1);
  assertEquals(await made.stored(), 1);
});

Deno.test("size and type are the bucket's to limit, and what is refused leaves nothing", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const files = user.storage.from("files");
  const path = `${user.userId}/a`;
  const upload = (size: number, contentType: string) =>
    files.upload(path, bytesOf(size), { contentType, upsert: true });
  assertEquals((await upload(1_000_000, "audio/webm;codecs=opus")).error, null);
  assertEquals((await files.remove([path])).error, null);
  assertEquals(errorOf(await upload(1_000_001, "audio/webm")), {
    status: 400,
    statusCode: "413",
    message: "The object exceeded the maximum allowed size",
  });
  const asBlob = await files.upload(path, new Blob([bytesOf(1_000_001)], { type: "audio/webm" }));
  assertEquals(errorOf(asBlob).statusCode, "413");
  for (const type of ["video/mp4", "image/jpeg;q=1", "text/plain;charset=UTF-8"]) {
    assertEquals(errorOf(await upload(1, type)), {
      status: 400,
      statusCode: "415",
      message: `mime type ${type} is not supported`,
    });
  }
  const named = (contentType: string) => files.upload(`${path}é`, bytesOf(1), { contentType });
  assertEquals(errorOf(await named("audio/webm")).message, `Invalid key: ${path}é`);
  assertEquals(errorOf(await named("video/mp4")).statusCode, "415", "the type is looked at first");
  assertEquals(errorOf(await user.storage.from("none").upload(path, bytesOf(1))), {
    status: 400,
    statusCode: "404",
    message: "Bucket not found",
  });
  assertEquals((await made.db.sql`select from storage.objects`).length, 0);
  assertEquals(await made.stored(), 0);
});

Deno.test("a type is compared as it was declared: of a Blob its own, of bytes the contentType", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const files = user.storage.from("files");
  const path = `${user.userId}/a`;
  const code = async (answer: Promise<{ error: unknown }>) => {
    const { error } = await answer;
    return error ? errorOf({ error }).statusCode : "taken";
  };
  const asBlob = (type: string, contentType: string) =>
    code(files.upload(path, new Blob([bytesOf(1)], { type }), { contentType, upsert: true }));
  const asBytes = (contentType: string) =>
    code(files.upload(path, bytesOf(1), { contentType, upsert: true }));
  assertEquals(await asBlob("video/mp4", "image/jpeg"), "415");
  assertEquals(await asBlob("image/jpeg", "video/mp4"), "taken");
  assertEquals(await asBlob("", "image/jpeg"), "415");
  // A form's parser takes the parameters off, and writes in lower case.
  assertEquals(await asBlob("image/jpeg;q=1", ""), "taken");
  for (const type of ["image/jpeg;q=1", "IMAGE/JPEG", "Audio/webm", ""]) {
    assertEquals([type, await asBytes(type)], [type, "415"]);
  }
  const open = made.client(made.services.tokens.keys.secret).storage.from("open");
  assertEquals(errorOf(await open.upload("a", bytesOf(1), { contentType: "webm" })), {
    status: 400,
    statusCode: "415",
    message: "Invalid Content-Type header",
  });
});

Deno.test("Studio's placeholder of an empty folder may be of any type, and holds nothing", async () => {
  await using made = await project(schema);
  const files = made.client(made.services.tokens.keys.secret).storage.from("files");
  const upload = (bytes: Uint8Array) =>
    files.upload("a/.emptyFolderPlaceholder", bytes, { contentType: "text/csv", upsert: true });
  assertEquals((await upload(new Uint8Array())).error, null);
  assertEquals(errorOf(await upload(bytesOf(1))).statusCode, "413");
});

Deno.test("a bucket's settings are the service's to read", async () => {
  await using made = await project(schema);
  const service = made.client(made.services.tokens.keys.secret);
  const { data } = await service.storage.getBucket("files");
  assertEquals([data?.name, data?.public], ["files", false]);
  const user = await made.user();
  assertEquals(errorOf(await user.storage.getBucket("files")).statusCode, "404");
});

Deno.test("an upload that breaks off leaves neither a row nor bytes", async () => {
  await using made = await project(schema);
  const form = '--b\r\ncontent-disposition: form-data; name=""; filename="a"\r\n' +
    "content-type: audio/webm\r\n\r\n";
  for (
    const [type, head] of [["audio/webm", ""], ["multipart/form-data; boundary=b", form]] as const
  ) {
    let controller!: ReadableStreamDefaultController;
    const body = new ReadableStream({ start: (given) => void (controller = given) });
    const upload = fetch(`${made.services.url}/storage/v1/object/files/a`, {
      method: "POST",
      headers: { apikey: made.services.tokens.keys.secret, "content-type": type },
      body,
    });
    controller.enqueue(new TextEncoder().encode(head));
    controller.enqueue(bytesOf(100_000));
    const until = async (count: number) => {
      while (await made.stored() !== count) await new Promise((done) => setTimeout(done, 5));
    };
    await until(1);
    controller.error(new Error("the browser was closed"));
    await assertRejects(() => upload);
    await until(0);
  }
  assertEquals((await made.db.sql`select from storage.objects`).length, 0);
});

Deno.test("a refusal is read also when the file is far too large", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const bytes = new Uint8Array(60 * 1024 * 1024);
  const blob = new Blob([bytes], { type: "audio/webm" });
  const files = user.storage.from("files");
  for (const [folder, code] of [[user.userId, "413"], ["elsewhere", "403"]]) {
    const asForm = await files.upload(`${folder}/a`, blob);
    const plain = await files.upload(`${folder}/a`, bytes, { contentType: "audio/webm" });
    // Of plain bytes the length is known before the policies are asked.
    assertEquals([errorOf(asForm).statusCode, errorOf(plain).statusCode], [code, "413"]);
  }
  assertEquals(await made.stored(), 0);
});

Deno.test("policies decide who writes, reads, lists, signs, moves and deletes", async () => {
  await using made = await project(schema);
  const [ada, bob] = [await made.user(), await made.user()];
  const [mine, other] = [ada.storage.from("files"), bob.storage.from("files")];
  const path = `${ada.userId}/a.txt`;
  const contentType = "text/plain";
  assertEquals(errorOf(await other.upload(path, bytesOf(1), { contentType })), {
    status: 400,
    statusCode: "403",
    message: "new row violates row-level security policy",
  });
  assertEquals((await mine.upload(path, bytesOf(1), { contentType })).error, null);

  const notFound = { status: 400, statusCode: "404", message: "Object not found" };
  assertEquals(errorOf(await other.info(path)), notFound);
  assertEquals(errorOf(await other.createSignedUrl(path, 60)), notFound);
  assertEquals(errorOf(await other.move(path, `${bob.userId}/a.txt`)), notFound);
  assertEquals(errorOf(await other.copy(path, `${bob.userId}/a.txt`)), notFound);
  await assertRejects(() => download(bob, path), Error, "Object not found");
  await assertRejects(() => download(made.client(), path), Error, "Object not found");
  assertEquals((await other.list(ada.userId)).data, []);
  assertEquals((await other.remove([path])).data, []);
  const upsert = await other.upload(path, bytesOf(2), { contentType, upsert: true });
  assertEquals(errorOf(upsert).statusCode, "403");
  assertEquals(errorOf(await mine.move(path, `${bob.userId}/a.txt`)).statusCode, "403");

  assertEquals((await download(ada, path)).length, 1);
  const service = made.client(made.services.tokens.keys.secret);
  assertEquals((await download(service, path)).length, 1);
  const url = `${made.services.url}/storage/v1/object/authenticated/files/${path}`;
  const unsigned = await fetch(url);
  assertEquals([unsigned.status, await unsigned.json()], [400, {
    statusCode: "400",
    code: "InvalidRequest",
    error: "Error",
    message: "headers must have required property 'authorization'",
  }]);
  const wrong = await fetch(url, { headers: { apikey: "sb_secret_wrong" } });
  assertEquals([wrong.status, await wrong.json()], [400, {
    statusCode: "403",
    code: "AccessDenied",
    error: "Unauthorized",
    message: "Invalid Compact JWS",
  }]);
  assertEquals((await mine.remove([path])).data!.map(({ name }) => name), [path]);
  assertEquals((await mine.exists(path)).data, false);
});

Deno.test("moving renames the row, copying makes another, and the bytes go along", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const files = user.storage.from("files");
  const at = (name: string) => `${user.userId}/${name}`;
  await files.upload(at("a.txt"), bytesOf(9), { contentType: "text/plain" });
  const { id, version } = (await files.info(at("a.txt"))).data!;
  assertEquals((await files.move(at("a.txt"), at("sub/b.txt"))).error, null);
  const moved = (await files.info(at("sub/b.txt"))).data!;
  assertEquals(moved.id, id);
  assert(moved.version !== version);
  assertEquals((await files.copy(at("sub/b.txt"), at("c.txt"))).error, null);
  assertEquals(errorOf(await files.move(at("c.txt"), at("sub/b.txt"))).statusCode, "409");
  assertEquals(await download(user, at("c.txt")), bytesOf(9));
  assertEquals(await download(user, at("sub/b.txt")), bytesOf(9));

  const { data: listed } = await files.list(user.userId);
  assertEquals(listed!.map(({ name, id }) => [name, id === null]), [["c.txt", false], [
    "sub",
    true,
  ]]);
  assertEquals((await files.list(user.userId, { limit: 1, offset: 1 })).data![0].name, "sub");
  assertEquals((await files.list(`${user.userId}/sub`)).data!.map(({ name }) => name), ["b.txt"]);
  await files.remove([at("c.txt"), at("sub/b.txt")]);
  assertEquals(await made.stored(), 0);
  const ops = await made.db.sql`select op from public.writes order by n`;
  assertEquals(ops.map(({ op }) => op), ["INSERT", "UPDATE", "INSERT", "DELETE", "DELETE"]);
});

Deno.test("signed addresses hold for one path and until they expire", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const files = user.storage.from("files");
  const path = `${user.userId}/a b.txt`;
  const signing = await files.createSignedUploadUrl(path);
  assertEquals(signing.error, null);
  const blob = new Blob([bytesOf(4)], { type: "text/plain" });
  const anyone = made.client().storage.from("files");
  const sent = await anyone.uploadToSignedUrl(path, signing.data!.token, blob);
  assertEquals(sent.error, null);
  const elsewhere = await anyone.uploadToSignedUrl(`${path}2`, signing.data!.token, blob);
  assertEquals(errorOf(elsewhere).statusCode, "400");
  const [{ owner_id }] = await made.db.sql`select owner_id from storage.objects`;
  assertEquals(owner_id, user.userId);

  const { data } = await files.createSignedUrl(path, 60, { download: "x.txt" });
  const answer = await fetch(data!.signedUrl);
  assertEquals(new Uint8Array(await answer.arrayBuffer()), bytesOf(4));
  assertStringIncludes(answer.headers.get("content-disposition")!, "x.txt");
  for (const seconds of [-1, 0]) {
    const refused = {
      status: 400,
      statusCode: "400",
      message: "body/expiresIn must be >= 1",
    };
    assertEquals(errorOf(await files.createSignedUrl(path, seconds)), refused);
    assertEquals(errorOf(await files.createSignedUrls([path], seconds)), refused);
  }
  const { token } = Object.fromEntries(new URL(data!.signedUrl).searchParams);
  const { iat, exp } = decodeJwt(token);
  assertEquals(exp! - iat!, 60);
  const both = (await files.createSignedUrls([path, "none"], 60)).data!;
  assertEquals((await fetch(both[0].signedUrl!)).status, 200);
  assertEquals([both[1].signedUrl, both[1].path], [null, "none"]);
  const published = await fetch(files.getPublicUrl(path).data.publicUrl);
  assertEquals((await published.json()).message, "Bucket not found");

  const service = made.client(made.services.tokens.keys.secret).storage.from("open");
  await service.upload("p.txt", bytesOf(3));
  const open = await fetch(service.getPublicUrl("p.txt").data.publicUrl);
  assertEquals(new Uint8Array(await open.arrayBuffer()), bytesOf(3));
});

Deno.test("reads give exact lengths, ranges and validators", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const path = `${user.userId}/a.txt`;
  const bytes = bytesOf(100_000);
  await user.storage.from("files").upload(path, bytes, { contentType: "text/plain" });
  const url = `${made.services.url}/storage/v1/object/authenticated/files/${path}`;
  const apikey = made.services.tokens.keys.secret;
  const get = (headers: Record<string, string> = {}, method = "GET") =>
    fetch(url, { method, headers: { apikey, "accept-encoding": "gzip", ...headers } });

  const whole = await get();
  assertEquals(new Uint8Array(await whole.arrayBuffer()), bytes);
  assertEquals(whole.headers.get("content-length"), "100000");
  assertEquals(whole.headers.get("content-type"), "text/plain");
  const etag = whole.headers.get("etag")!;
  assertMatch(etag, /^"[0-9a-f]{32}"$/);
  const head = await get({}, "HEAD");
  assertEquals([head.status, head.headers.get("content-length")], [200, "100000"]);

  const ranges: [string, number, number][] = [
    ["bytes=0-4095", 0, 4096],
    ["bytes=70000-", 70_000, 100_000],
    ["bytes=-10", 99_990, 100_000],
    ["bytes=99999-200000", 99_999, 100_000],
  ];
  for (const [range, from, to] of ranges) {
    const part = await get({ range });
    assertEquals([part.status, part.headers.get("etag")], [206, etag]);
    assertEquals(part.headers.get("content-range"), `bytes ${from}-${to - 1}/100000`);
    assertEquals(part.headers.get("content-length"), String(to - from));
    assertEquals(new Uint8Array(await part.arrayBuffer()), bytes.slice(from, to));
  }
  const beyond = async (range: string) => {
    const answer = await get({ range });
    assertEquals(answer.headers.get("content-range"), null);
    return [answer.status, await answer.json()];
  };
  const s3 = [500, {
    statusCode: "500",
    code: "InternalError",
    error: "Internal",
    message: "Internal Server Error",
  }];
  assertEquals(await beyond("bytes=100000-"), s3);
  made.services.storage.switches.backend = "file";
  const onDisk = [416, {
    statusCode: "416",
    code: "InvalidRange",
    error: "invalid_range",
    message: "invalid range provided",
  }];
  assertEquals(await beyond("bytes=100000-"), onDisk);
  await user.storage.from("files").update(path, new Uint8Array(), { contentType: "text/plain" });
  assertEquals(await beyond("bytes=0-4095"), onDisk, "of an empty object no range is");
  made.services.storage.switches.backend = "s3";
  assertEquals(await beyond("bytes=0-4095"), s3);
  await user.storage.from("files").update(path, bytes, { contentType: "text/plain" });
  const same = await get({ "if-none-match": etag });
  const since = await get({ "if-modified-since": whole.headers.get("last-modified")! });
  const other = await get({ "if-none-match": '"other"' });
  assertEquals([same.status, since.status, other.status], [304, 304, 200]);
  await other.body?.cancel();
});

Deno.test("bytes that are gone while the row is there are a 404 in a 400", async () => {
  await using made = await project(schema);
  const service = made.client(made.services.tokens.keys.secret);
  await service.storage.from("files").upload("a", bytesOf(9), { contentType: "audio/webm" });
  await made.db.sql`update storage.objects set version = 'another' where name = 'a'`;
  const answer = await fetch(`${made.services.url}/storage/v1/object/authenticated/files/a`, {
    headers: { apikey: made.services.tokens.keys.secret },
  });
  assertEquals([answer.status, await answer.json()], [400, {
    statusCode: "404",
    code: "NoSuchKey",
    error: "Not found",
    message: "The resource was not found",
  }]);
});

Deno.test("while the CDN is stale, an overwritten object is read as it was, in ranges too", async () => {
  await using made = await project(schema);
  const { switches } = made.services.storage;
  const apikey = made.services.tokens.keys.secret;
  const files = made.client(apikey).storage.from("files");
  const put = (seed: number) =>
    files.upload("a", bytesOf(1000, seed), { contentType: "audio/webm", upsert: true });
  const read = async (range?: string) => {
    const answer = await fetch(`${made.services.url}/storage/v1/object/authenticated/files/a`, {
      headers: { apikey, ...(range ? { range } : {}) },
    });
    return [answer.headers.get("etag"), new Uint8Array(await answer.arrayBuffer())] as const;
  };
  await put(1);
  const [before] = await read();
  switches.stale = true;
  await put(2);
  await put(3);
  assertEquals(await read(), [before, bytesOf(1000, 1)]);
  assertEquals(await read("bytes=10-19"), [before, bytesOf(1000, 1).slice(10, 20)]);
  const [{ tag }] = await made.db.sql`
    select metadata ->> 'eTag' as tag from storage.objects where name = 'a'`;
  assert(tag !== before, "the row knows better");
  switches.stale = false;
  assertEquals(await read(), [tag, bytesOf(1000, 3)]);
  assertEquals(await made.stored(), 1);
});

const tus = (key: string, token: string, more: Record<string, string> = {}) => ({
  apikey: key,
  authorization: `Bearer ${token}`,
  "tus-resumable": "1.0.0",
  ...more,
});

const metadataOf = (entries: Record<string, string>) =>
  Object.entries(entries).map(([key, value]) => `${key} ${btoa(value)}`).join(",");

Deno.test("a resumable upload goes on where it broke off, and is one write at its end", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const { url, tokens: { keys: { publishable } } } = made.services;
  const name = `${user.userId}/long.webm`;
  const bytes = bytesOf(250_000);
  const send = (address: string, method: string, more: Record<string, string>, body?: Uint8Array) =>
    fetch(address, {
      method,
      headers: tus(publishable, user.token, more),
      body: body as Uint8Array<ArrayBuffer>,
    });
  const metadata = metadataOf({
    bucketName: "files",
    objectName: name,
    contentType: "audio/webm",
    cacheControl: "60",
  });
  const created = await send(`${url}/storage/v1/upload/resumable`, "POST", {
    "upload-length": "250000",
    "upload-metadata": metadata,
  });
  assertEquals(created.status, 201);
  const address = created.headers.get("location")!;
  const patch = (offset: number, part: Uint8Array) =>
    send(address, "PATCH", {
      "upload-offset": String(offset),
      "content-type": "application/offset+octet-stream",
    }, part);
  assertEquals((await patch(0, bytes.subarray(0, 100_000))).headers.get("upload-offset"), "100000");
  assertEquals((await patch(0, bytes)).status, 409);
  const where = await send(address, "HEAD", {});
  assertEquals(where.headers.get("upload-offset"), "100000");
  assertEquals((await made.db.sql`select from public.writes`).length, 0);
  assertEquals((await patch(100_000, bytes.subarray(100_000))).status, 204);
  assertEquals(await download(user, name), bytes);
  const writes = await made.db.sql`select op, owner, size from public.writes`;
  assertEquals([...writes], [{ op: "INSERT", owner: user.userId, size: 250_000 }]);
});

Deno.test("a resumable upload asks the policies for each part and keeps to the limits", async () => {
  await using made = await project(schema);
  const [ada, bob] = [await made.user(), await made.user()];
  const { url, tokens: { keys: { publishable } } } = made.services;
  const create = (token: string, length: number, contentType = "audio/webm") =>
    fetch(`${url}/storage/v1/upload/resumable`, {
      method: "POST",
      headers: tus(publishable, token, {
        "upload-length": String(length),
        "upload-metadata": metadataOf({
          bucketName: "files",
          objectName: `${ada.userId}/a`,
          contentType,
        }),
      }),
    });
  assertEquals((await create(bob.token, 10)).status, 403);
  assertEquals((await create(bob.token, 1_000_001, "video/mp4")).status, 403);
  assertEquals((await create(ada.token, 1_000_001, "video/mp4")).status, 413);
  for (const type of ["video/mp4", "image/jpeg;q=1", "IMAGE/JPEG"]) {
    const refused = await create(ada.token, 10, type);
    assertEquals([refused.status, await refused.text()], [
      415,
      `mime type ${type} is not supported`,
    ]);
  }
  const created = await create(ada.token, 10);
  const address = created.headers.get("location")!;
  await made.db.sql`drop policy "owners" on storage.objects`;
  const part = await fetch(address, {
    method: "PATCH",
    headers: tus(publishable, ada.token, {
      "upload-offset": "0",
      "content-type": "application/offset+octet-stream",
    }),
    body: bytesOf(10),
  });
  assertEquals(part.status, 403);
  assertStringIncludes(await part.text(), "row-level security");
});

Deno.test("a read can be made to fail in the ways that tests ask for", async () => {
  await using made = await project(schema);
  const service = made.client(made.services.tokens.keys.secret);
  const bytes = bytesOf(200_000);
  await service.storage.from("files").upload("a", bytes, { contentType: "audio/webm" });
  const { faults } = made.services.storage;
  const get = (range?: string) =>
    fetch(`${made.services.url}/storage/v1/object/authenticated/files/a`, {
      redirect: "manual",
      headers: { apikey: made.services.tokens.keys.secret, ...(range ? { range } : {}) },
    });
  const body = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());

  faults.push({ status: 500, times: 2 }, { path: "files/other", status: 403 });
  assertEquals((await (await get()).json()).statusCode, "500");
  assertEquals((await (await get()).json()).statusCode, "500");
  assertEquals(await body(await get()), bytes);
  faults.splice(0);

  faults.push({ on: "whole", breakAt: 80_000 });
  assertEquals((await body(await get("bytes=0-9"))).length, 10);
  const broken = await get();
  assertEquals(broken.headers.get("content-length"), "200000");
  await assertRejects(() => body(broken));

  faults.push({ redirect: "http://127.0.0.1:1/" });
  const redirected = await get();
  assertEquals(redirected.headers.get("location"), "http://127.0.0.1:1/");
  await redirected.body?.cancel();

  faults.push({ chunked: true }, { gzip: true }, { bytesPerSecond: 10_000_000 });
  for (const expected of [null, null, "200000"]) {
    const answer = await get();
    assertEquals(answer.headers.get("content-length"), expected);
    assertEquals(await body(answer), bytes);
  }

  faults.push({
    before: () =>
      service.storage.from("files").update("a", bytesOf(3), { contentType: "audio/webm" }),
  });
  const old = (await service.storage.from("files").info("a")).data!.version;
  await (await get()).body?.cancel();
  assert((await service.storage.from("files").info("a")).data!.version !== old);
  assertEquals(faults, []);
});

Deno.test({
  name: "the folder of bytes is its user's alone",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using made = await project(schema);
    assertEquals((await Deno.stat(made.folder)).mode! & 0o777, 0o700);
  },
});

Deno.test("policies are told of each call by the Storage API's name of its route", async () => {
  await using made = await project(`
    insert into storage.buckets (id, name) values ('files', 'files');
    create table public.allowed (operation text);
    grant select on public.allowed to authenticated;
    create policy "by operation" on storage.objects for all to authenticated
      using (storage.operation() in (select operation from public.allowed));`);
  const user = await made.user();
  const files = user.storage.from("files");
  const { sql } = made.db;
  const address = `${made.services.url}/storage/v1`;
  const headers = { authorization: `Bearer ${user.token}` };
  const tus = (method: string, url: string, more: HeadersInit, body?: BodyInit) =>
    fetch(url, { method, headers: { ...headers, "tus-resumable": "1.0.0", ...more }, body });
  const named = (name: string) =>
    `bucketName ${btoa("files")},objectName ${btoa(name)},contentType ${btoa("text/plain")}`;
  const create = (name: string) =>
    tus("POST", `${address}/upload/resumable`, {
      "upload-length": "1",
      "upload-metadata": named(name),
    });

  const allow = async (operation: string) => {
    await sql`truncate public.allowed`;
    await sql`insert into public.allowed values (${operation})`;
  };
  const text = new Blob(["a"], { type: "text/plain" });
  const done = ({ error }: { error: unknown }) => error === null;
  const calls: [operation: string, call: () => Promise<boolean>][] = [
    ["storage.object.upload", async () => done(await files.upload("a", text))],
    ["storage.object.upload_update", async () => done(await files.update("a", text))],
    ["storage.object.get_authenticated", async () => done(await files.download("a"))],
    ["object.get_authenticated_info", async () => done(await files.info("a"))],
    ["object.head_authenticated_info", async () => {
      const { ok } = await fetch(`${address}/object/files/a`, { method: "HEAD", headers });
      return ok;
    }],
    ["storage.object.list", async () => (await files.list()).data!.length > 0],
    ["storage.object.sign", async () => done(await files.createSignedUrl("a", 60))],
    ["storage.object.sign_many", async () => {
      const { data } = await files.createSignedUrls(["a"], 60);
      return data![0].error === null;
    }],
    ["storage.object.sign_upload_url", async () => done(await files.createSignedUploadUrl("b"))],
    ["storage.object.copy", async () => done(await files.copy("a", "c"))],
    ["storage.object.move", async () => done(await files.move("c", "d"))],
    ["storage.object.delete_many", async () => (await files.remove(["d"])).data!.length > 0],
    ["storage.object.delete", async () => {
      const answer = await fetch(`${address}/object/files/a`, { method: "DELETE", headers });
      await answer.body?.cancel();
      return answer.ok;
    }],
    ["storage.tus.upload.create", async () => {
      const answer = await create("e");
      await answer.body?.cancel();
      return answer.status === 201;
    }],
    ["storage.tus.upload.part", async () => {
      const [{ operation }] = await sql`select operation from public.allowed`;
      await allow("storage.tus.upload.create");
      const location = (await create("f")).headers.get("location")!;
      await allow(operation);
      const type = "application/offset+octet-stream";
      const answer = await tus(
        "PATCH",
        location,
        { "upload-offset": "0", "content-type": type },
        "a",
      );
      await answer.body?.cancel();
      return answer.status === 204;
    }],
  ];
  for (const [operation, call] of calls) {
    await allow("another");
    assertEquals([operation, await call()], [operation, false]);
    await allow(operation);
    assertEquals([operation, await call()], [operation, true]);
  }
});
