import assert from 'node:assert/strict';

import OpenAI from 'openai';

import type { Cases } from '../n8n/cases.ts';
import { call, events, fileForm } from './client.ts';
import type { Target } from './client.ts';
import type { RecordingProxy } from './recording-proxy.ts';

const QUESTION = [{ role: 'user' as const, content: 'Name three colours.' }];
const MAX_TOKENS = 20;

type StreamedLine = { model: string; response: string; done: boolean; done_reason?: string; eval_count?: number };

/** The runtime in front of the real Ollama. */
export async function ollamaCases(cases: Cases, runtime: Target, proxy: RecordingProxy, model: string): Promise<void> {
  await listCases(cases, runtime, model);
  await chatCases(cases, runtime, model);
  await gatewayCases(cases, runtime, model);
  await streamedSourcesCase(cases, runtime, model);
  await abortCase(cases, runtime, proxy, model);
}

async function listCases(cases: Cases, runtime: Target, model: string): Promise<void> {
  await cases.test('the model of a real Ollama is listed with its details and where it runs', async () => {
    const { json } = await call(runtime, 'GET', '/api/models');
    const entry = json.data.find(({ id }: { id: string }) => id === model);
    assert.equal(entry.owned_by, 'ollama');
    assert.equal(entry.connection_type, 'local');
    assert.equal(entry.ollama.details.format, 'gguf');
    assert.deepEqual(entry.ollama.urls, [0]);
    assert.ok(entry.ollama.size > 50_000_000);
  });
  await cases.test('the tags, the version and the loaded models of a real Ollama come through', async () => {
    const tags = await call(runtime, 'GET', '/ollama/api/tags');
    assert.ok(tags.json.models.some((entry: { model: string }) => entry.model === model), tags.text);
    assert.match((await call(runtime, 'GET', '/ollama/api/version')).json.version, /^\d+\.\d+\.\d+$/u);
    assert.equal((await call(runtime, 'GET', '/ollama/api/ps')).status, 200);
    assert.equal((await call(runtime, 'POST', '/ollama/api/show', { json: { model } })).json.details.family, 'llama');
  });
}

async function chatCases(cases: Cases, runtime: Target, model: string): Promise<void> {
  const client = new OpenAI({ baseURL: `${runtime.baseUrl}/api`, apiKey: runtime.apiKey, maxRetries: 0 });
  await cases.test('the openai client lists the model and reads a whole answer with its usage', async () => {
    assert.ok((await client.models.list()).data.some(({ id }) => id === model));
    const { choices, usage } = await client.chat.completions.create({ model, messages: QUESTION, max_tokens: MAX_TOKENS });
    assert.ok((choices[0]?.message.content ?? '').length > 0);
    assert.ok(usage !== undefined && usage.completion_tokens > 0 && usage.completion_tokens <= MAX_TOKENS, JSON.stringify(usage));
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  });
  await cases.test('the openai client reads an answer token by token', async () => {
    const stream = await client.chat.completions.create({ model, messages: QUESTION, max_tokens: MAX_TOKENS, stream: true });
    const parts: string[] = [];
    let finish: string | null = null;
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      if (choice?.delta.content) parts.push(choice.delta.content);
      finish = choice?.finish_reason ?? finish;
    }
    assert.ok(parts.length > 3, `only ${parts.length} parts: ${parts.join('')}`);
    assert.ok(finish === 'length' || finish === 'stop', String(finish));
  });
  await cases.test('a model that Ollama does not have is named as not found', async () => {
    const chat = await call(runtime, 'POST', '/api/chat/completions', { json: { model: 'no-such-model', messages: QUESTION } });
    assert.deepEqual([chat.status, chat.json], [400, { detail: 'Model not found' }]);
    const generate = await call(runtime, 'POST', '/ollama/api/generate', { json: { model: 'no-such-model', prompt: 'x' } });
    assert.deepEqual([generate.status, generate.json], [400, { detail: "Model 'no-such-model' was not found" }]);
  });
}

async function gatewayCases(cases: Cases, runtime: Target, model: string): Promise<void> {
  await cases.test('generate streams Ollama’s own lines up to the one that says done', async () => {
    const { text, type } = await call(runtime, 'POST', '/ollama/api/generate', { json: { model, prompt: 'One, two,', options: { num_predict: 10 } } });
    assert.equal(type, 'application/x-ndjson');
    const lines = text.trim().split('\n').map((line) => JSON.parse(line) as StreamedLine);
    assert.ok(lines.length > 2);
    assert.ok(lines.every((line) => line.model === model));
    const last = lines.at(-1);
    assert.equal(last?.done, true);
    assert.ok((last.eval_count ?? 0) <= 10);
  });
  await cases.test('embed gives a vector for each text, equal for equal texts', async () => {
    const { json } = await call(runtime, 'POST', '/ollama/api/embed', { json: { model, input: ['kettle', 'やかん', 'kettle'] } });
    const [first, second, third] = json.embeddings as number[][];
    assert.ok(first !== undefined && first.length > 100);
    assert.equal(second?.length, first.length);
    assert.notDeepEqual(second, first);
    for (const [index, value] of first.entries()) assert.ok(Math.abs(value - (third?.[index] ?? 9)) < 1e-3);
  });
}

async function streamedSourcesCase(cases: Cases, runtime: Target, model: string): Promise<void> {
  await cases.test('an answer about a file streams its sources first, then the real model’s tokens', async () => {
    const file = await call(runtime, 'POST', '/api/v1/files/?process_in_background=false', { form: fileForm('The Aurora kettle holds 1.7 litres.', 'kettle.txt') });
    const messages = [{ role: 'user', content: 'How many litres does the Aurora kettle hold?' }];
    const json = { model, messages, stream: true, max_tokens: MAX_TOKENS, files: [{ type: 'file', id: file.json.id }] };
    const { text } = await call(runtime, 'POST', '/api/chat/completions', { json });
    const [first, ...rest] = events(text);
    assert.equal(first.sources[0].metadata[0].name, 'kettle.txt');
    assert.match(first.sources[0].document[0], /1\.7 litres/u);
    assert.equal(rest.at(-1), '[DONE]');
    const tokens = rest.filter((event) => typeof event.choices?.[0]?.delta?.content === 'string' && event.choices[0].delta.content !== '');
    assert.ok(tokens.length > 3, text);
  });
}

async function abortCase(cases: Cases, runtime: Target, proxy: RecordingProxy, model: string): Promise<void> {
  await cases.test('a client that leaves ends the generation in Ollama, which then answers the next one', async () => {
    const before = proxy.requests.length;
    const leaving = new AbortController();
    const answer = await fetch(`${runtime.baseUrl}/api/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${runtime.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Write a very long story.' }], stream: true, max_tokens: 1500 }),
      signal: leaving.signal,
    });
    await answer.body?.getReader().read();
    leaving.abort();
    const chat = proxy.requests.slice(before).find(({ path }) => path === '/api/chat');
    assert.equal(await chat?.ended, 'aborted');
    const next = await call(runtime, 'POST', '/ollama/api/generate', { json: { model, prompt: 'Hi', stream: false, options: { num_predict: 3 } } });
    assert.equal(next.json.done, true);
  });
}
