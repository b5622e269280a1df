import { AppError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { ModelBackend } from '../../../ports/model-backend.ts';
import type { OllamaGateway } from '../../../ports/ollama-gateway.ts';
import { createChunkMaker, toChatCompletion } from '../ollama/from-ollama-chat.ts';
import { toOllamaChat } from '../ollama/to-ollama-chat.ts';
import { openAiEmbeddings } from '../openai-embeddings.ts';
import { estimateTokens } from './answer-pieces.ts';
import { runExtractive } from './answer-run.ts';
import type { AnswerRun } from './answer-run.ts';
import { answerLines, createBuiltinGateway, embedInput, requireCapability, wholeAnswer } from './builtin-gateway.ts';
import { BUILTIN_MODELS, findBuiltin, toEntry } from './builtin-models.ts';
import type { BuiltinModel } from './builtin-models.ts';

function modelFor(request: JsonObject, capability: BuiltinModel['capability']): BuiltinModel {
  const model = findBuiltin(request['model']);
  if (model === undefined) throw new AppError('MODEL_NOT_FOUND', 'Model not found', { details: { model: request['model'] ?? null } });
  requireCapability(model, capability);
  return model;
}

/** The same reading of messages, params, stop and limits as for an Ollama server. */
function run(request: JsonObject, model: BuiltinModel, stream: boolean): AnswerRun {
  const body = toOllamaChat(request, model.name, stream);
  return runExtractive(body['messages'], body['options']);
}

async function* chatChunks(request: JsonObject, signal: AbortSignal): AsyncGenerator<JsonObject> {
  const model = modelFor(request, 'completion');
  const maker = createChunkMaker(model.name);
  for await (const line of answerLines(model.name, run(request, model, true), 'chat', signal)) yield* maker.chunksFor(line);
}

/**
 * The models that need no server: `builtin/extractive` answers with sentences of the given documents, `builtin/lexical-embed`
 * makes lexical vectors. Token counts in `usage` are estimates: one for each Chinese or Japanese character, one for each
 * four others.
 */
export function createBuiltinBackend(): ModelBackend & { gateway: OllamaGateway } {
  return {
    kind: 'builtin',
    gateway: createBuiltinGateway(),
    models: async () => BUILTIN_MODELS.map(toEntry),
    serves: async (model) => findBuiltin(model) !== undefined,
    chat: async (request, signal) => {
      const model = modelFor(request, 'completion');
      signal.throwIfAborted();
      return toChatCompletion(wholeAnswer(model.name, run(request, model, false), 'chat'), model.name);
    },
    chatStream: (request, signal) => chatChunks(request, signal),
    embeddings: async (request, signal) => {
      const model = modelFor(request, 'embedding');
      const vectors = await embedInput(request['input'], signal);
      const tokens = estimateTokens(JSON.stringify(request['input'] ?? ''));
      return { ...openAiEmbeddings(vectors, { ...request, model: model.name }), usage: { prompt_tokens: tokens, total_tokens: tokens } };
    },
    health: () => [],
  };
}
