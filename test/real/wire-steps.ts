import { setTimeout as delay } from 'node:timers/promises';

import { call, events, fileForm } from './client.ts';
import type { Answer, Target } from './client.ts';
import { ECHO_MODEL } from '../support/echo-model.ts';

/** What earlier steps made on one server. */
export type Made = { run: string; model: string; fileId: string; otherId: string; knowledgeId: string };

/** A request that both servers get, with what they made before. `pick` chooses the part of the answer to compare. */
export type WireStep = {
  name: string;
  send(target: Target, made: Made): Promise<Answer>;
  pick?: (answer: Answer, made: Made) => unknown;
  /** Keeps ids for later steps. */
  keep?: (answer: Answer, made: Made, target: Target) => Promise<void> | void;
};

const get = (name: string, path: (made: Made) => string, pick?: WireStep['pick']): WireStep => ({
  name,
  send: (target, made) => call(target, 'GET', path(made)),
  ...(pick === undefined ? {} : { pick }),
});
const post = (name: string, path: (made: Made) => string, json: (made: Made) => unknown, more: Partial<WireStep> = {}): WireStep => ({
  name,
  send: (target, made) => call(target, 'POST', path(made), { json: json(made) }),
  ...more,
});
const upload = (name: string, text: (made: Made) => string, key: 'fileId' | 'otherId'): WireStep => ({
  name,
  send: (target, made) => call(target, 'POST', '/api/v1/files/', { form: fileForm(text(made), `${key}-${made.run}.txt`) }),
  async keep(answer, made, target) {
    made[key] = answer.json.id;
    await processed(target, made[key]);
  },
});

/** Waits until a file is completed. */
async function processed(target: Target, id: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const { json } = await call(target, 'GET', `/api/v1/files/${id}/process/status`);
    if (json.status === 'completed') return;
    await delay(100);
  }
  throw new Error(`File ${id} was not processed within a minute`);
}

const byId = (id: string) => (entry: { id: string }) => entry.id === id;
const passage = ({ run }: Made): string => `The warranty of the Aurora kettle ${run} lasts 27 months.`;
const ask = ({ knowledgeId }: Made, stream: boolean): object => ({
  model: ECHO_MODEL,
  stream,
  messages: [{ role: 'user', content: 'How long does the warranty of the Aurora kettle last?' }],
  files: [{ type: 'collection', id: knowledgeId }],
});

const MODELS: WireStep[] = [
  get('the list of models', () => '/api/models', (answer, { model }) => ({ ...answer.json, data: answer.json.data.filter(byId(model)) })),
  get('a remote model in the list', () => '/api/models', (answer) => ({ ...answer.json, data: answer.json.data.filter(byId(ECHO_MODEL)) })),
  { name: 'models without a key', send: (target) => call(target, 'GET', '/api/models', { key: null }) },
  { name: 'models with a wrong key', send: (target) => call(target, 'GET', '/api/models', { key: 'sk-wrong' }) },
  get('who is asking', () => '/api/v1/auths/'),
  get('Ollama’s tags', () => '/ollama/api/tags', (answer, { model }) => ({ models: answer.json.models.filter(byModel(model)) })),
  get('Ollama’s version', () => '/ollama/api/version'),
  post('embedding through Ollama', () => '/ollama/api/embed', ({ model }) => ({ model, input: ['kettle'] })),
  post('embedding with an unknown model', () => '/ollama/api/embed', () => ({ model: 'no-such-model', input: ['x'] })),
  post('generating through Ollama', () => '/ollama/api/generate', ({ model }) => ({ model, prompt: 'Hi', stream: false, options: { num_predict: 3 } })),
  post('a chat with the real model', () => '/api/chat/completions', ({ model }) => ({ model, stream: false, max_tokens: 4, messages: [{ role: 'user', content: 'Hi' }] })),
  post('a chat with an unknown model', () => '/api/chat/completions', () => ({ model: 'no-such-model', messages: [{ role: 'user', content: 'Hi' }] })),
];

const FILES: WireStep[] = [
  upload('an upload', passage, 'fileId'),
  upload('an upload of the same text under another name', passage, 'otherId'),
  get('the record of a file', ({ fileId }) => `/api/v1/files/${fileId}`),
  get('the status of a processed file', ({ fileId }) => `/api/v1/files/${fileId}/process/status`),
  get('the text of a file', ({ fileId }) => `/api/v1/files/${fileId}/data/content`),
  get('the list of files', () => '/api/v1/files/', (answer, { fileId }) => ({ ...answer.json, items: answer.json.items.filter(byId(fileId)) })),
  get('a search for a file', ({ run }) => `/api/v1/files/search?filename=fileId-${run}*`),
  get('a search that finds nothing', ({ run }) => `/api/v1/files/search?filename=nothing-${run}*`),
  get('an unknown file', () => '/api/v1/files/no-such-file'),
  get('the status of an unknown file', () => '/api/v1/files/no-such-file/process/status'),
];

const KNOWLEDGE: WireStep[] = [
  post('creating a knowledge base', () => '/api/v1/knowledge/create', ({ run }) => ({ name: `Wire ${run}`, description: 'Compared' }), {
    keep(answer, made) { made.knowledgeId = answer.json.id; },
  }),
  post('creating one without a description', () => '/api/v1/knowledge/create', () => ({ name: 'x' })),
  get('a knowledge base', ({ knowledgeId }) => `/api/v1/knowledge/${knowledgeId}`),
  post('adding a file', ({ knowledgeId }) => `/api/v1/knowledge/${knowledgeId}/file/add`, ({ fileId }) => ({ file_id: fileId })),
  post('adding an equal text', ({ knowledgeId }) => `/api/v1/knowledge/${knowledgeId}/file/add`, ({ otherId }) => ({ file_id: otherId })),
  post('adding an unknown file', ({ knowledgeId }) => `/api/v1/knowledge/${knowledgeId}/file/add`, () => ({ file_id: 'no-such-file' })),
  get('the list of knowledge bases', () => '/api/v1/knowledge/', (answer, { knowledgeId }) => ({ ...answer.json, items: answer.json.items.filter(byId(knowledgeId)) })),
  get('a search for a knowledge base', ({ run }) => `/api/v1/knowledge/search?query=${run}`),
  get('the files of a knowledge base', ({ knowledgeId }) => `/api/v1/knowledge/${knowledgeId}/files`),
  get('an unknown knowledge base', () => '/api/v1/knowledge/no-such-base'),
  post('the closest chunks of a collection', () => '/api/v1/retrieval/query/collection', ({ knowledgeId }) => ({ collection_names: [knowledgeId], query: 'warranty of the kettle', k: 2 })),
  post('a chat with a collection', () => '/api/chat/completions', (made) => ask(made, false)),
  post('a streamed chat with a collection', () => '/api/chat/completions', (made) => ask(made, true), { pick: (answer) => ({ events: events(answer.text).filter((event) => event !== '[DONE]') }) }),
  post('removing a file, which is then deleted', ({ knowledgeId }) => `/api/v1/knowledge/${knowledgeId}/file/remove`, ({ fileId }) => ({ file_id: fileId })),
  get('the removed file', ({ fileId }) => `/api/v1/files/${fileId}`),
  { name: 'deleting a knowledge base', send: (target, { knowledgeId }) => call(target, 'DELETE', `/api/v1/knowledge/${knowledgeId}/delete`) },
  { name: 'deleting a file', send: (target, { otherId }) => call(target, 'DELETE', `/api/v1/files/${otherId}`) },
];

function byModel(model: string) {
  return (entry: { model: string }) => entry.model === model;
}

/** The requests in their order: later ones use what earlier ones made. */
export const WIRE_STEPS: readonly WireStep[] = [...MODELS, ...FILES, ...KNOWLEDGE];
