/** `generateContent` and `streamGenerateContent`: from a request's body to what the wire sends. */
import { answerTo, type Question } from "./answers.ts";
import type { Behaviour } from "./behaviour.ts";
import type { PromptCache } from "./caching.ts";
import { ClientGone, Delivery } from "./delivery.ts";
import type { AnswerFault } from "./faults.ts";
import { checkGenerate, type GenerateBody, questionOf, type UsableFiles } from "./generate.ts";
import { checkLength, type UsageMetadata, wrap } from "./generation.ts";
import type { RecordedRequest, Route } from "./routes.ts";
import type { Sample } from "./samples.ts";
import { checkAnswer } from "./schema.ts";
import { streamed } from "./streaming.ts";
import { faultyAnswer } from "./under_fault.ts";
import { BREAK, type WireAnswer, type WireRequest } from "./wire.ts";

/** A `generateContent` request as `answer` sees it: checked, its files found. */
export interface GenerateRequest extends Question {
  model: string;
  body: GenerateBody;
}

/** A Response is the whole answer, an object the JSON that the model says; undefined: as usual. */
export type OwnAnswer = (request: GenerateRequest) => Answer | Promise<Answer>;
type Answer = Response | object | undefined;

/** What the protocol knows of a request. */
export interface Knowing {
  files: UsableFiles;
  /** The model's real name. */
  model: string;
  /** What else each answer tells of its usage. */
  usage?: Partial<UsageMetadata>;
}

interface Surroundings extends Knowing {
  samples: Sample[];
  behaviour: Behaviour;
  cache: PromptCache;
  answer?: OwnAnswer;
}

/** Answers a request whose body has been read into its record; the record gets its delivery. */
export async function generate(
  route: Route,
  record: RecordedRequest,
  request: WireRequest,
  { files, model, usage, samples, behaviour, cache, answer: ownAnswer }: Surroundings,
  fault: AnswerFault = {},
): Promise<WireAnswer> {
  const body = checkGenerate(model, record.body);
  const question = questionOf(body.contents, files);
  const prompt = { model, body, question };
  checkLength(prompt, samples);

  const own = await ownAnswer?.({ model: route.id, body, ...question });
  if (own instanceof Response) return own;
  const said = own ?? answerTo(question, samples, { ...behaviour.lapse, ...fault.lapse });
  const schema = body.generationConfig.responseJsonSchema;
  if (own === undefined && schema !== undefined) checkAnswer(schema, said);
  const wrapped = wrap(JSON.stringify(said), prompt, samples, behaviour, cache);
  Object.assign(wrapped.usageMetadata!, usage);
  const answer = faultyAnswer(wrapped, fault);

  const leaving = new AbortController();
  request.gone().then(() => leaving.abort());
  const delivery = new Delivery(route.stream !== undefined, behaviour.pace, leaving.signal);
  record.delivery = delivery;
  if (route.stream) {
    return streamed(answer, route.stream, behaviour, delivery, leaving.signal, fault.stream);
  }
  const { candidatesTokenCount, thoughtsTokenCount = 0 } = wrapped.usageMetadata!;
  try {
    await delivery.generate(candidatesTokenCount + thoughtsTokenCount);
  } catch (error) {
    if (error instanceof ClientGone) return BREAK;
    throw error;
  }
  const bytes = new TextEncoder().encode(JSON.stringify(answer));
  delivery.wrote(candidatesTokenCount, bytes.length);
  return new Response(bytes, { headers: { "content-type": "application/json; charset=UTF-8" } });
}
