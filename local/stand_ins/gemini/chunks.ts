/** How an answer is cut for a stream: pieces of its text, and where its finish and usage are told. */
import type { Behaviour, StreamUsage } from "./behaviour.ts";
import type { Candidate, GenerateAnswer, UsageMetadata } from "./generation.ts";
import { textTokens } from "./tokens.ts";

/** Characters (UTF-16 units). */
const CHUNK_LENGTH = 160;

export interface Chunk {
  answer: GenerateAnswer;
  /** Of its own text. */
  tokens: number;
  /** Of the answer up to its end, thoughts included. */
  generated: number;
}

/** Anything may be cut: words, JSON's tokens and escapes, surrogate pairs. */
export function chunksOf(answer: GenerateAnswer, behaviour: Behaviour): Chunk[] {
  const { candidates: [candidate] = [], usageMetadata: usage, ...others } = answer;
  const thoughts = usage?.thoughtsTokenCount ?? 0;
  const said = contents(candidate, behaviour);
  if (behaviour.streamUsage === "apart" && usage) said.push(undefined);
  const told = toldIn(behaviour.streamUsage ?? "each", said.length);
  let text = "";
  return said.map((candidate, index) => {
    const before = textTokens(text);
    const [part] = candidate?.content.parts ?? [];
    if (!part?.thought) text += part?.text ?? "";
    const tokens = textTokens(text);
    return {
      answer: {
        candidates: candidate && [candidate],
        ...others,
        usageMetadata: usage && told(index) ? upTo(usage, tokens) : undefined,
      },
      tokens: tokens - before,
      generated: thoughts + tokens,
    };
  });
}

/** The candidate piece by piece; one chunk without any where there is none. */
function contents(
  candidate: Candidate | undefined,
  { chunkLength = CHUNK_LENGTH, finishApart }: Behaviour,
): (Candidate | undefined)[] {
  if (!candidate?.content.parts) return [candidate];
  const { finishReason, content: { parts, role }, ...others } = candidate;
  const cut = parts.flatMap((part) =>
    pieces(part.text, chunkLength).map((text) => ({ ...part, text }))
  );
  if (finishApart) cut.push({ text: "" });
  return cut.map((part, index) => ({
    ...others,
    content: { role, parts: [part] },
    finishReason: index === cut.length - 1 ? finishReason : undefined,
  }));
}

function pieces(text: string, length: number): string[] {
  const count = Math.max(1, Math.ceil(text.length / length));
  return Array.from({ length: count }, (_, index) => text.slice(index * length).slice(0, length));
}

/** Whether the chunk of that index tells the usage. */
function toldIn(usage: StreamUsage, count: number): (index: number) => boolean {
  const last = count - 1;
  switch (usage) {
    case "each":
      return () => true;
    case "ends":
      return (index) => index === 0 || index === last;
    case "last":
    case "apart":
      return (index) => index === last;
    case "never":
      return () => false;
  }
}

/** The usage when so much of the text has come. */
function upTo(usage: UsageMetadata, tokens: number): UsageMetadata {
  const { promptTokenCount, thoughtsTokenCount = 0 } = usage;
  return {
    ...usage,
    candidatesTokenCount: tokens,
    totalTokenCount: promptTokenCount + thoughtsTokenCount + tokens,
  };
}
