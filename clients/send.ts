/** A request whose body's progress is told: XMLHttpRequest where there is one, else fetch. */

export interface Answer {
  /** 0: nobody answered. */
  status: number;
  text: string;
  header(name: string): string | null;
}

interface Request {
  method: string;
  headers: Record<string, string>;
  body?: Blob;
  signal?: AbortSignal;
  /** Bytes of the body that are on their way. */
  onSent?(bytes: number): void;
}

/** Resolves when there is an answer, none, or the signal was aborted. */
export type Send = (url: string, request: Request) => Promise<Answer>;

/** What is used of it; Deno's types have none of the browser's. */
interface Xhr {
  upload: { onprogress: ((event: { loaded: number }) => void) | null };
  onloadend: (() => void) | null;
  status: number;
  responseText: string;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body?: Blob): void;
  abort(): void;
}
const xhrOf = () => (globalThis as { XMLHttpRequest?: new () => Xhr }).XMLHttpRequest;

const NOBODY: Answer = { status: 0, text: "", header: () => null };

export const send: Send = (url, request) => {
  const Xhr = xhrOf();
  return Xhr ? byXhr(new Xhr(), url, request) : byFetch(url, request);
};

async function byFetch(
  url: string,
  { onSent: _, ...request }: Request,
): Promise<Answer> {
  try {
    const { status, headers, ...answer } = await read(
      await fetch(url, request),
    );
    return { ...answer, status, header: (name) => headers.get(name) };
  } catch {
    return NOBODY;
  }
}

const read = async (answer: Response) => ({
  status: answer.status,
  headers: answer.headers,
  text: await answer.text(),
});

/** fetch tells nothing of how far a body is. */
function byXhr(
  xhr: Xhr,
  url: string,
  { method, headers, body, signal, onSent }: Request,
): Promise<Answer> {
  return new Promise((resolve) => {
    const abort = () => xhr.abort();
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      xhr.setRequestHeader(name, value);
    }
    if (onSent && body) xhr.upload.onprogress = ({ loaded }) => onSent(loaded);
    xhr.onloadend = () => {
      signal?.removeEventListener("abort", abort);
      const { status, responseText: text } = xhr;
      resolve({ status, text, header: (name) => xhr.getResponseHeader(name) });
    };
    signal?.addEventListener("abort", abort);
    xhr.send(body);
  });
}
