import { AppError } from '../../../domain/errors.ts';
import { scalarText, type Json, type JsonObject } from '../../../domain/json.ts';
import type { OllamaGateway, OllamaOperation, OllamaReply } from '../../../ports/ollama-gateway.ts';
import { modelNotFound } from '../ollama/model-names.ts';
import { generateMessages, runExtractive } from './answer-run.ts';
import type { AnswerRun } from './answer-run.ts';
import { BUILTIN_MODELS, findBuiltin, toShow, toTag } from './builtin-models.ts';
import type { BuiltinModel } from './builtin-models.ts';
import { estimateTokens } from './answer-pieces.ts';
import { lexicalEmbed } from './lexical-embed.ts';

/** Texts in one embeddings request; more would hold up every other request of this process. */
const MAX_EMBED_TEXTS = 1_024;

/** Throws INVALID_INPUT when the model is of the other kind. */
export function requireCapability(model: BuiltinModel, capability: BuiltinModel['capability']): void {
  if (model.capability === capability) return;
  const can = model.capability === 'embedding' ? 'makes embeddings and does not chat' : 'chats and does not make embeddings';
  throw new AppError('INVALID_INPUT', `The model "${model.name}" ${can}.`);
}

/** The vectors of `input`. Throws INVALID_INPUT when it is no text or list of texts. */
export async function embedInput(input: Json | undefined, signal: AbortSignal): Promise<number[][]> {
  const texts = typeof input === 'string' ? [input] : input;
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) throw new AppError('INVALID_INPUT', 'The input must be a text or a list of texts.');
  if (texts.length > MAX_EMBED_TEXTS) throw new AppError('INVALID_INPUT', `At most ${MAX_EMBED_TEXTS} texts can be embedded in one request.`);
  const vectors: number[][] = [];
  for (const text of texts) {
    signal.throwIfAborted();
    vectors.push(Array.from(lexicalEmbed(text)));
    if (vectors.length % 32 === 0) await new Promise(setImmediate);
  }
  return vectors;
}

/** The lines of one answer in the shape of /api/chat or /api/generate. */
export async function* answerLines(model: string, run: AnswerRun, shape: 'chat' | 'generate', signal: AbortSignal): AsyncGenerator<JsonObject> {
  const line = (text: string): JsonObject => ({
    model,
    created_at: new Date().toISOString(),
    ...(shape === 'chat' ? { message: { role: 'assistant', content: text } } : { response: text }),
  });
  for (const piece of run.pieces) {
    signal.throwIfAborted();
    yield { ...line(piece), done: false };
    // Lets the piece reach the client before the next one is made.
    await new Promise(setImmediate);
  }
  yield { ...line(''), done: true, done_reason: run.doneReason, ...run.counts };
}

/** One whole answer in the shape of /api/chat or /api/generate. */
export function wholeAnswer(model: string, run: AnswerRun, shape: 'chat' | 'generate'): JsonObject {
  const text = run.pieces.join('');
  return {
    model,
    created_at: new Date().toISOString(),
    ...(shape === 'chat' ? { message: { role: 'assistant', content: text } } : { response: text }),
    done: true,
    done_reason: run.doneReason,
    ...run.counts,
  };
}

function answer(model: BuiltinModel, shape: 'chat' | 'generate', body: JsonObject, signal: AbortSignal): OllamaReply {
  requireCapability(model, 'completion');
  const run = runExtractive(shape === 'chat' ? body['messages'] : generateMessages(body), body['options']);
  if (body['stream'] === false) return { kind: 'json', status: 200, body: wholeAnswer(model.name, run, shape) };
  return { kind: 'stream', lines: answerLines(model.name, run, shape, signal) };
}

async function embed(model: BuiltinModel, operation: 'embed' | 'embeddings', body: JsonObject, signal: AbortSignal): Promise<OllamaReply> {
  requireCapability(model, 'embedding');
  const startedMs = performance.now();
  const input = operation === 'embed' ? (body['input'] ?? []) : (body['prompt'] ?? '');
  const vectors = await embedInput(input, signal);
  if (operation === 'embeddings') return { kind: 'json', status: 200, body: { embedding: vectors[0] ?? [] } };
  const tokens = (Array.isArray(input) ? input : [input]).reduce<number>((sum, text) => sum + estimateTokens(scalarText(text, '')), 0);
  const elapsedNs = Math.round((performance.now() - startedMs) * 1e6);
  return { kind: 'json', status: 200, body: { model: model.name, embeddings: vectors, total_duration: elapsedNs, load_duration: 0, prompt_eval_count: tokens } };
}

async function call(operation: OllamaOperation, body: JsonObject, signal: AbortSignal): Promise<OllamaReply> {
  const model = findBuiltin(body['model'] ?? body['name']);
  if (model === undefined) throw modelNotFound(body['model'] ?? body['name']);
  signal.throwIfAborted();
  if (operation === 'show') return { kind: 'json', status: 200, body: toShow(model) };
  if (operation === 'chat' || operation === 'generate') return answer(model, operation, body, signal);
  return embed(model, operation, body, signal);
}

/** Ollama's own API over the built-in models; they have no server, so `urlIndex` means nothing and there is no version. */
export function createBuiltinGateway(): OllamaGateway {
  return {
    tags: async () => BUILTIN_MODELS.map(toTag),
    ps: async () => [],
    version: async () => null,
    serves: async (model) => findBuiltin(model) !== undefined,
    call: (operation, body, { signal }) => call(operation, body, signal),
  };
}
