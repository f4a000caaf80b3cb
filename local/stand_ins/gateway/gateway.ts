/** A stand-in for a project's API gateway: one address, which passes each path on to its service. */

type Service = "rest" | "auth" | "storage" | "realtime" | "functions";

interface GatewayOptions {
  handlers: Record<Exclude<Service, "functions">, (request: Request) => Promise<Response>>;
  /** Where functions are served now, e.g. `http://127.0.0.1:1234`; rejects when they can't start. */
  functionsUrl(): Promise<string> | undefined;
  /** What a test has put between callers and services, but for functions. */
  between(): Between | undefined;
  /** A free one unless told. */
  port?: number;
  /**
   * An origin that functions allow: they see it in the place of any page's of this machine, whatever its
   * port.
   */
  localOrigin?: string;
}

/**
 * Called with each request that has a body. `pass` has the service answer it; throwing loses the
 * answer, and the caller gets a 502.
 */
export type Between = (request: Request, pass: () => Promise<Response>) => Promise<Response>;

export interface Gateway {
  url: string;
  /** Services that are away: they answer 503. */
  down: Set<Service>;
  stop(): Promise<void>;
}

/** Hosted functions have this long to start answering (docs, guides/functions/limits). */
const FUNCTION_ANSWER_MS = 150_000;

export function startGateway(options: GatewayOptions): Gateway {
  const { handlers, functionsUrl, between } = options;
  const down = new Set<Service>();

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const service = /^\/(\w+)\/v1(\/|$)/.exec(pathname)?.[1] as Service | undefined;
    if (service === undefined || !(service === "functions" || service in handlers)) {
      return Response.json({ message: "no Route matched with those values" }, { status: 404 });
    }
    if (service !== "functions" && request.method === "OPTIONS") return corsPreflight(request);
    if (down.has(service)) {
      const message = "name resolution failed";
      return withCors(Response.json({ message }, { status: 503 }), service);
    }
    if (service === "functions") {
      return await asLocalOrigin(
        request,
        options.localOrigin,
        (request) => callFunction(request, functionsUrl(), client),
      );
    }
    const pass = async (request: Request) => withCors(await handlers[service](request), service);
    const meddle = between();
    if (!meddle || request.body === null) return await pass(request);
    // Read first: the sender may be gone when the test passes it on.
    const { url, method, headers } = request;
    const whole = new Request(url, { method, headers, body: await request.arrayBuffer() });
    return await meddle(whole, () => pass(whole)).catch(() => {
      const message = "An invalid response was received from the upstream server";
      return withCors(Response.json({ message }, { status: 502 }), service);
    });
  }

  // A connection is used once: the function's server may close it when a body was left unread.
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const stopping = new AbortController();
  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: options.port ?? 0,
      onListen: () => {},
      signal: stopping.signal,
    },
    answer,
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    down,
    stop() {
      // What is still being answered is cut off.
      stopping.abort();
      return server.finished.finally(() => client.close());
    },
  };
}

function corsPreflight(request: Request): Response {
  const asked = request.headers.get("access-control-request-headers") ?? "*";
  return new Response(null, {
    status: 200,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT",
      "access-control-allow-headers": asked,
      "access-control-max-age": "3600",
    },
  });
}

/** Any origin may read these; functions decide for themselves. */
function withCors(answer: Response, service: Service): Response {
  if (service === "functions" || answer.status === 101) return answer;
  answer.headers.set("access-control-allow-origin", "*");
  answer.headers.set("access-control-expose-headers", "*");
  return answer;
}

/** A page of this machine is answered as the origin that functions allow. */
async function asLocalOrigin(
  request: Request,
  localOrigin: string | undefined,
  pass: (request: Request) => Promise<Response>,
): Promise<Response> {
  const origin = request.headers.get("origin") ?? "";
  if (!localOrigin || !/^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(origin)) {
    return await pass(request);
  }
  const asked = new Request(request);
  asked.headers.set("origin", localOrigin);
  const { body, status, headers } = await pass(asked);
  const answer = new Response(body, { status, headers });
  if (headers.get("access-control-allow-origin") === localOrigin) {
    answer.headers.set("access-control-allow-origin", origin);
  }
  return answer;
}

async function callFunction(
  request: Request,
  where: Promise<string> | undefined,
  client: Deno.HttpClient,
): Promise<Response> {
  const unavailable = (status: number, code: string, message: string) =>
    Response.json({ code, message }, { status });
  if (!where) return unavailable(503, "SERVICE_UNAVAILABLE", "Functions are not served");
  const base = await where.catch(() => undefined);
  if (!base) return unavailable(503, "BOOT_ERROR", "The function failed to start");
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.delete("host");
  // The answer is passed on as it comes, with its length.
  headers.set("accept-encoding", "identity");
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), FUNCTION_ANSWER_MS);
  try {
    return await fetch(`${base}${pathname.slice("/functions/v1".length)}${search}`, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      signal: late.signal,
      client,
    });
  } catch {
    return late.signal.aborted
      ? unavailable(504, "IDLE_TIMEOUT", "The function did not answer in time")
      : unavailable(502, "BAD_GATEWAY", "The function could not be reached");
  } finally {
    clearTimeout(timer);
  }
}
