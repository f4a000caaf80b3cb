/** `streamGenerateContent`: an answer in chunks, each sent when the model has come so far. */
import type { Behaviour } from "./behaviour.ts";
import { chunksOf } from "./chunks.ts";
import { ClientGone, type Delivery } from "./delivery.ts";
import type { StreamBreak } from "./faults.ts";
import type { GenerateAnswer } from "./generation.ts";
import type { StreamFormat } from "./routes.ts";
import { type ChunkWriter, Streaming } from "./sending.ts";
import { ConnectionLost } from "./wire.ts";

/** The answer as a stream, which may break on its way. */
export function streamed(
  answer: GenerateAnswer,
  format: StreamFormat,
  behaviour: Behaviour,
  delivery: Delivery,
  gone: AbortSignal,
  broken?: StreamBreak,
): Streaming {
  const chunks = chunksOf(answer, behaviour);
  const { frame, end, type } = FORMATS[format];
  const encoder = new TextEncoder();

  async function run(to: ChunkWriter): Promise<void> {
    for (const [index, chunk] of chunks.entries()) {
      await delivery.generate(chunk.generated);
      const event = encoder.encode(frame(chunk.answer, index));
      if (broken?.after === index) return await goWrong(broken, event, index, to);
      const length = behaviour.packetLength ?? event.length;
      for (let at = 0; at < event.length; at += length) {
        await to.write(event.subarray(at, at + length));
      }
      delivery.wrote(chunk.tokens, event.length);
    }
    if (broken && broken.after >= chunks.length) {
      return await goWrong(broken, encoder.encode(frame({}, chunks.length)), chunks.length, to);
    }
    if (end) await to.write(encoder.encode(end));
    delivery.end("whole");
  }

  /** In place of the event that is due. */
  async function goWrong(broken: StreamBreak, event: Uint8Array, index: number, to: ChunkWriter) {
    delivery.end("fault");
    const half = event.subarray(0, Math.ceil(event.length / 2));
    if ("error" in broken) {
      const { body } = broken.error;
      return await to.write(
        encoder.encode(broken.bare ? JSON.stringify(body) : frame(body, index)),
      );
    }
    if ("halfEvent" in broken) return await to.write(half);
    if ("ends" in broken) return;
    if ("torn" in broken) await to.tear(event);
    if ("hang" in broken && !gone.aborted) {
      // Nothing is read before the head has come: it hangs after that.
      await to.begin();
      await new Promise((resolve) => gone.addEventListener("abort", resolve, { once: true }));
    }
    throw new ConnectionLost();
  }

  return new Streaming(200, { "content-type": type }, async (to) => {
    try {
      await run(to);
    } catch (error) {
      if (!(error instanceof ClientGone)) throw error;
    } finally {
      delivery.end("gone");
    }
  });
}

const FORMATS = {
  sse: {
    type: "text/event-stream",
    frame: (body: object, _index: number) => `data: ${JSON.stringify(body)}\r\n\r\n`,
    end: "",
  },
  array: {
    type: "application/json; charset=UTF-8",
    frame: (body: object, index: number) => (index > 0 ? ",\r\n" : "[") + JSON.stringify(body),
    end: "]",
  },
};
