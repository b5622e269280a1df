import type { InputItem, Json } from './engine-types.ts';
import type { ScriptedOpenWebUi } from './scripted-open-webui.ts';
import { locator } from './workflows.ts';

/** How to use a node so that it reaches its main request, as `METHOD /path`. */
export interface NodeUse {
  kind: string;
  request: RegExp;
  /** Puts in place what the node needs and tells how to fill it in; `timeout` is its time limit in seconds. */
  prepare(server: ScriptedOpenWebUi, timeout: number): { parameters: Json; item: InputItem };
}

const item = (json: Json = {}): InputItem => ({ json: { row: 7, ...json } });

/** Each node of the pack with an Execute method. */
export const everyNode: readonly NodeUse[] = [
  {
    kind: 'AddToKnowledge',
    request: /^POST \/api\/v1\/knowledge\/[^/]+\/(file\/add|files\/batch\/add)$/,
    prepare(server, timeout) {
      const { id } = server.addFile('a.txt', 'Two years.');
      const knowledge = locator('id', server.addBase('Manuals').id);
      return { parameters: { knowledge, options: { timeout } }, item: item({ id }) };
    },
  },
  {
    kind: 'ChatCompletion',
    request: /^POST \/api\/chat\/completions$/,
    prepare: (_server, timeout) => ({ parameters: { model: locator('id', 'gpt-test'), prompt: 'Hello', options: { timeout } }, item: item() }),
  },
  {
    kind: 'ListModels',
    request: /^GET \/api\/models$/,
    prepare: (_server, timeout) => ({ parameters: { returnAll: true, options: { timeout } }, item: item() }),
  },
  {
    kind: 'OllamaEmbed',
    request: /^POST \/ollama\/api\/embed$/,
    prepare: (_server, timeout) => ({ parameters: { model: locator('id', 'nomic-embed-text:latest'), options: { timeout } }, item: item({ text: 'abc' }) }),
  },
  {
    kind: 'QueryKnowledge',
    request: /^POST \/api\/v1\/retrieval\/query\/collection$/,
    prepare(server, timeout) {
      const knowledgeIds = server.addBase('Manuals', [server.addFile('a.txt', 'Two years.')]).id;
      return { parameters: { query: 'How long?', options: { knowledgeIds, timeout } }, item: item() };
    },
  },
  {
    kind: 'UploadFile',
    request: /^POST \/api\/v1\/files\/$/,
    prepare: (_server, timeout) => ({ parameters: { inputType: 'text', text: 'Two years.', textFileName: 'a.txt', options: { timeout } }, item: item() }),
  },
];
