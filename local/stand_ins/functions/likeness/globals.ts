/**
 * The global names of supabase/edge-runtime v1.74.0, made of Deno's: those it hasn't are taken away,
 * those it adds are there. What each is from stands in ../README.md.
 */

export const VERSIONS = { runtime: "1.74.0", deno: "2.1.4" };

const words = (text: string) => text.trim().split(/\s+/);

/** The language's own in V8 13.0, without what flags of Deno's command line switch on. */
const LANGUAGE = words(`
  AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date
  Error EvalError FinalizationRegistry Float32Array Float64Array Function Infinity Int16Array
  Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError
  ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError TypeError URIError
  Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly
  decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN
  parseFloat parseInt undefined unescape`);

/** `globalScope`, `globalProperties` and the event handlers of ext/runtime/js/bootstrap.js. */
const PLATFORM = words(`
  AbortController AbortSignal Blob ByteLengthQueuingStrategy CloseEvent CompressionStream
  CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream ErrorEvent Event
  EventTarget File FileReader FormData Headers ImageBitmap ImageData MessageChannel MessageEvent
  MessagePort Navigator Performance PerformanceEntry PerformanceMark PerformanceMeasure
  ProgressEvent PromiseRejectionEvent ReadableByteStreamController ReadableStream
  ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController
  ReadableStreamDefaultReader Request Response SubtleCrypto TextDecoder TextDecoderStream TextEncoder
  TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern URLSearchParams
  WebSocket Window WritableStream WritableStreamDefaultController WritableStreamDefaultWriter atob
  btoa caches clearInterval clearTimeout console createImageBitmap crypto fetch navigator
  onbeforeunload onerror onload onunhandledrejection onunload performance process queueMicrotask
  reportError self setInterval setTimeout structuredClone window Deno`);

/** Current Deno's npm packages read these from here; there and on 2.1.4 they have globals of their own. */
const OF_NODE = words("Buffer clearImmediate global setImmediate");

const KEPT = new Set([...LANGUAGE, ...PLATFORM, ...OF_NODE]);

export interface Additions {
  fetch: typeof fetch;
  waitUntil(work: unknown): unknown;
  /** See deno.ts. */
  deno: object;
}

/** Makes this process's globals the edge runtime's; only what is imported afterwards sees it so. */
export function becomeEdgeRuntime({ fetch, waitUntil, deno }: Additions): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!KEPT.has(name)) Reflect.deleteProperty(globalThis, name);
  }
  const edgeRuntime = { waitUntil };
  const define = (name: string, property: PropertyDescriptor) =>
    Object.defineProperty(globalThis, name, { configurable: true, ...property });
  const value = (name: string, value: unknown) => define(name, { value, writable: true });

  // Nothing ever sets it there (`setTimeOrigin` of ext:deno_web/15_performance.js).
  Object.defineProperty(Performance.prototype, "timeOrigin", {
    get: () => undefined,
    configurable: true,
  });
  value("fetch", fetch);
  value("caches", noCaches());
  value("SharedArrayBuffer", ArrayBuffer);
  value("Window", illegal("Window"));
  value("Navigator", illegal("Navigator"));
  define("window", { get: () => globalThis, set: () => {} });
  define("navigator", { get: () => navigator, set: () => {} });
  define("EdgeRuntime", { get: () => edgeRuntime });
  define("SUPABASE_VERSION", { value: VERSIONS.runtime, enumerable: true });
  define("DENO_VERSION", { value: VERSIONS.deno, enumerable: true });
  define("Deno", { value: deno, enumerable: true });
}

const navigator = {
  hardwareConcurrency: 1,
  userAgent: `Deno/${VERSIONS.deno} (variant; SupabaseEdgeRuntime/${VERSIONS.runtime})`,
  language: "en",
  languages: ["en"],
};

/** It is there, and has no place to keep anything in. */
function noCaches() {
  const refuse = () => Promise.reject(new Error("CacheStorage is not available in this context"));
  return { open: refuse, has: refuse, delete: refuse };
}

/** A class that nobody may make anything of. */
function illegal(name: string) {
  const made = class {
    constructor() {
      throw new TypeError("Illegal constructor");
    }
  };
  return Object.defineProperty(made, "name", { value: name });
}
