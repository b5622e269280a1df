import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RunningRuntime } from '../support/runtime.ts';
import { startRuntime } from '../support/runtime.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { startScriptedOpenAi } from '../support/scripted-openai.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { spawnEngine } from './support/engine-client.ts';
import type { Engine, Json, RunResult } from './support/engine-types.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const OLLAMA_MODEL = 'echo:latest';
const OPENAI_MODEL = 'gpt-wire';

let ollama: ScriptedServer;
let openai: ScriptedServer;
let runtime: RunningRuntime;
let engine: Engine;

beforeAll(async () => {
  ollama = await startScriptedOllama({ models: [OLLAMA_MODEL, 'nomic-embed-text:latest'] });
  openai = await startScriptedOpenAi({ models: [OPENAI_MODEL] });
  runtime = await startRuntime({ env: { OLLAMA_BASE_URLS: ollama.url, OPENAI_API_BASE_URLS: openai.url } });
  engine = await spawnEngine({ baseUrl: runtime.baseUrl, apiKey: runtime.apiKey });
}, 60_000);

afterAll(async () => {
  await engine.close();
  await runtime.stop();
  await openai.close();
  await ollama.close();
});

async function ask(model: string, options: Json): Promise<RunResult> {
  return await engine.run(chain(ourNode('ChatCompletion', { model: locator('id', model), prompt: 'こんにちは', options })));
}

/** The body with which the runtime asked the model server. */
async function upstream(model: string, options: Json): Promise<Json> {
  expect((await ask(model, options)).error).toBeUndefined();
  const request = model === OLLAMA_MODEL ? ollama.requestsTo('/api/chat').at(-1) : openai.requests.filter(({ path }) => path.endsWith('/chat/completions')).at(-1);
  return request?.body ?? {};
}

const FORM = { temperature: 0.2, topP: 0.9, topK: 40, minP: 0.05, seed: 7, maxTokens: 64, frequencyPenalty: 0.5, presencePenalty: 0.25, repeatPenalty: 1.1, contextLength: 4096 };
const SHARED = { temperature: 0.2, top_p: 0.9, top_k: 40, min_p: 0.05, seed: 7, frequency_penalty: 0.5, presence_penalty: 0.25, repeat_penalty: 1.1, num_ctx: 4096 };
const BY_HAND = { mirostat: 2, mirostat_eta: 0.1, mirostat_tau: 5, tfs_z: 1, repeat_last_n: 64 };

describe('Every sampling option reaches the model server through the runtime', () => {
  it('as an option of Ollama, the limit under its name there', async () => {
    const body = await upstream(OLLAMA_MODEL, { ...FORM, stop: '。', keepAlive: '10m', additionalBodyFields: { params: BY_HAND } });
    expect(body['options']).toEqual({ ...SHARED, ...BY_HAND, num_predict: 64, stop: ['。'] });
    expect(body['keep_alive']).toBe('10m');
  });

  it('as a field of the request of an OpenAI-compatible server', async () => {
    const body = await upstream(OPENAI_MODEL, { ...FORM, stop: '。', additionalBodyFields: { params: { ...BY_HAND, logit_bias: { 50256: -100 } } } });
    expect(body).toMatchObject({ ...SHARED, ...BY_HAND, max_tokens: 64, stop: ['。'], logit_bias: { 50256: -100 } });
    expect(body).not.toHaveProperty('params');
  });

  it('the effort of reasoning in the words of each', async () => {
    expect((await upstream(OLLAMA_MODEL, { reasoningEffort: 'high' }))['think']).toBe(true);
    expect((await upstream(OLLAMA_MODEL, { reasoningEffort: 'none' }))['think']).toBe(false);
    expect((await upstream(OPENAI_MODEL, { reasoningEffort: 'high' }))['reasoning_effort']).toBe('high');
  });

  it('JSON mode and schemas in the words of each', async () => {
    const schema = { type: 'object' };
    const wants = async (model: string, options: Json): Promise<Json> => {
      await ask(model, options);
      const requests = model === OLLAMA_MODEL ? ollama.requestsTo('/api/chat') : openai.requests;
      return requests.at(-1)?.body ?? {};
    };
    const bySchema = { responseFormat: 'json_schema', jsonSchema: JSON.stringify(schema) };
    expect((await wants(OLLAMA_MODEL, { responseFormat: 'json_object' }))['format']).toBe('json');
    expect((await wants(OLLAMA_MODEL, bySchema))['format']).toEqual(schema);
    expect((await wants(OPENAI_MODEL, { responseFormat: 'json_object' }))['response_format']).toEqual({ type: 'json_object' });
    expect((await wants(OPENAI_MODEL, bySchema))['response_format']).toMatchObject({ json_schema: { schema } });
  });
});

describe('A model that cannot answer', () => {
  it('is explained when its server is down', async () => {
    const dead = await startScriptedOllama({ models: ['gone:latest'] });
    const other = await startRuntime({ env: { OLLAMA_BASE_URLS: dead.url } });
    const credential = { baseUrl: other.baseUrl, apiKey: other.apiKey };
    const node = chain(ourNode('ChatCompletion', { model: locator('id', 'gone:latest'), prompt: 'Hi' }));
    try {
      expect((await engine.run(node, { credential })).error).toBeUndefined();
      await dead.close();
      const { error } = await engine.run(node, { credential });
      expect(error?.httpCode).toMatch(/^(500|400)$/u);
      expect(error?.description).toMatch(/does not answer|whose server is down/u);
    } finally {
      await other.stop();
    }
  }, 60_000);
});
