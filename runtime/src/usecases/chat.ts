import { AppError } from '../domain/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../domain/json.ts';
import type { Principal } from '../domain/user.ts';
import type { ModelBackend } from '../ports/model-backend.ts';
import { collectSources, type ChatSources, type ChatSourcesDeps } from './chat-sources.ts';
import type { ModelDirectory } from './model-directory.ts';
import { contextText, fillTemplate, injectPrompt, lastQuestion } from './rag-prompt.ts';
import type { UseCases } from './use-cases.ts';

export type ChatDeps = ChatSourcesDeps & { models: ModelDirectory; template: string; isSystemContext: boolean };

/** Keys that are this server's or the web UI's and never reach a model server (contract 3.1). */
const OWN_KEYS = new Set([
  'files', 'metadata', 'chat_id', 'id', 'session_id', 'parent_id', 'user_message', 'message_ids', 'background_tasks', 'folder_id',
  'model_item', 'tool_ids', 'tool_servers', 'filter_ids', 'features', 'variables',
]);

type Prepared = { backend: ModelBackend; request: JsonObject; sources: ChatSources };

/** Chat completions with retrieval. No extra model call is made: the question itself is what is searched. */
export function createChat(deps: ChatDeps): Pick<UseCases, 'chat' | 'chatStream'> {
  return {
    async chat(principal, body, signal) {
      const { backend, request, sources } = await prepare(deps, principal, body, signal);
      const answer = await backend.chat({ ...request, stream: false }, signal);
      return sources.entries.length > 0 ? { sources: sources.entries, ...answer } : answer;
    },
    async chatStream(principal, body, options, signal) {
      const { backend, request, sources } = await prepare(deps, principal, body, signal);
      const chunks = backend.chatStream({ ...request, stream: true }, signal)[Symbol.asyncIterator]();
      // The first chunk is awaited here, so that a refusal of the model server is still a status code.
      const first = await chunks.next();
      const shownSources = options.includeSources ? sources.entries : [];
      return (async function* events(): AsyncGenerator<JsonObject> {
        try {
          if (shownSources.length > 0) yield { sources: shownSources };
          for (let result = first; result.done !== true; result = await chunks.next()) yield result.value;
        } finally {
          await chunks.return?.();
        }
      })();
    },
  };
}

async function prepare(deps: ChatDeps, principal: Principal, body: JsonObject, signal: AbortSignal): Promise<Prepared> {
  const model = typeof body['model'] === 'string' ? body['model'] : '';
  const backend = await deps.models.backendOf(model, signal);
  const messages = checkMessages(body['messages']);
  const request: JsonObject = Object.fromEntries(Object.entries(body).filter(([key]) => !OWN_KEYS.has(key)));
  const files = body['files'];
  if (files === undefined || files === null || (Array.isArray(files) && files.length === 0)) {
    return { backend, request: { ...request, messages }, sources: { entries: [], prompt: [] } };
  }
  const question = lastQuestion(messages);
  if (question === null) throw new AppError('INVALID_INPUT', '`files` need a question: the last user message has no text to search with.');
  const sources = await collectSources(deps, principal, files, question.text, signal);
  const prompt = fillTemplate(deps.template, contextText(sources.prompt), question.text);
  return { backend, request: { ...request, messages: injectPrompt(messages, question.index, prompt, deps.isSystemContext) }, sources };
}

/** Messages with `content: null` (n8n's and LangChain's tool history) made an empty string, which every server accepts. */
function checkMessages(messages: Json | undefined): JsonObject[] {
  if (messages === undefined || messages === null) return [];
  if (!Array.isArray(messages)) throw new AppError('INVALID_INPUT', '`messages` must be an array of {"role", "content"} objects.');
  return messages.map((message) => {
    if (!isJsonObject(message)) throw new AppError('INVALID_INPUT', 'Each entry of `messages` must be an object with role and content.');
    return message['content'] === null ? { ...message, content: '' } : message;
  });
}
