import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Engine, Json, RunResult } from './support/engine-types.ts';
import { stopWhen } from './support/stopping.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const CHAT = '/api/chat/completions';
const bench = openBench();
const { server } = bench;

const model = locator('id', 'llama3.2:latest');

async function chat(parameters: Json, options: Parameters<Engine['run']>[1] = {}, more: Json = {}): Promise<RunResult> {
  return await bench.engine.run(chain(ourNode('ChatCompletion', { model, prompt: 'How long is the warranty?', ...parameters }, more)), options);
}

const sent = (index = 0): Json => server.seen('POST', CHAT)[index]?.body as Json;
const output = (result: RunResult): Json => result.nodes['ChatCompletion']?.items[0]?.json ?? {};

describe('Chat Completion', () => {
  it('gives the answer, the model, the tokens and the passages with the page people see', async () => {
    const file = server.addFile('warranty.txt', 'Two years.');
    const result = await chat({ files: { values: [{ file: locator('id', file.id) }] } });
    expect(result.status).toBe('success');
    expect(output(result)).toEqual({
      content: 'The warranty lasts two years.',
      model: 'llama3.2:latest',
      finishReason: 'stop',
      usage: { promptTokens: 26, completionTokens: 10, totalTokens: 36 },
      sources: [{ file: 'warranty.txt', fileId: file.id, page: 2, text: 'Two years.', score: 0.81, citation: 1 }],
    });
    expect(sent()).toMatchObject({ stream: false, files: [{ type: 'file', id: file.id }] });
  });

  it('evaluates expressions for each item and pairs each answer with its question', async () => {
    const items = [{ json: { q: 'first' } }, { json: { q: 'second' } }];
    const result = await chat({ prompt: '={{ $json.q }}' }, { inputItems: items });
    const questions = server.seen('POST', CHAT).map(({ body }) => ((body as Json)['messages'] as Json[])[0]?.['content']);
    expect(questions).toEqual(['first', 'second']);
    expect(result.nodes['ChatCompletion']?.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
  });

  it('lets additional body fields win and adds their params to those of the form', async () => {
    await chat({ options: { seed: 7, additionalBodyFields: '{"max_tokens": 5, "params": {"num_ctx": 8192}}' } });
    expect(sent()).toMatchObject({ max_tokens: 5, params: { seed: 7, num_ctx: 8192 } });
  });

  it('sends a system message before a conversation', async () => {
    const values = [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }, { role: 'user', content: 'Bye' }];
    await chat({ messageMode: 'conversation', conversation: { values }, systemMessage: 'Be brief.' });
    expect(sent()['messages']).toEqual([{ role: 'system', content: 'Be brief.' }, ...values]);
  });

  it('takes messages as JSON and never sends a null content, which the server chokes on', async () => {
    const messages = [{ role: 'assistant', content: null }, { role: 'user', content: 'Hi' }];
    await chat({ messageMode: 'json', messagesJson: '={{ $json.messages }}' }, { inputItems: [{ json: { messages } }] });
    expect(sent()['messages']).toEqual([{ role: 'assistant', content: '' }, { role: 'user', content: 'Hi' }]);
  });

  it('names the field when the messages are not JSON', async () => {
    const result = await chat({ messageMode: 'json', messagesJson: '[{' });
    expect(result.error).toMatchObject({ name: 'NodeOperationError', message: 'The field "Messages (JSON)" is not valid JSON' });
  });

  it('takes knowledge bases by name, URL and ID, and files by expression, each once', async () => {
    const base = server.addBase('Manuals', [server.addFile('a.txt', 'A')]);
    const url = `http://127.0.0.1:8080/workspace/knowledge/${base.id}`;
    const values = [{ knowledge: locator('name', 'Manuals') }, { knowledge: locator('url', url) }];
    await chat({ knowledgeBases: { values }, options: { knowledgeIds: base.id, fileIds: '={{ ["x", "y"] }}' } });
    expect(sent()['files']).toEqual([{ type: 'collection', id: base.id }, { type: 'file', id: 'x' }, { type: 'file', id: 'y' }]);
  });

  it('sends images of binary fields as data URLs in the last message of the user', async () => {
    const files = { photo: { fileName: 'p.png', mimeType: 'image/png', base64: 'iVBORw0=' } };
    await chat({ options: { imageFields: 'photo' } }, { inputItems: [{ json: {}, files }] });
    expect(((sent()['messages'] as Json[])[0]?.['content'] as Json[])[1]).toEqual({
      type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' },
    });
  });

  it('parses JSON out of a fence and asks Ollama models in their own words', async () => {
    server.reply = '```json\n{"years": 2}\n```';
    const result = await chat({ options: { responseFormat: 'json_object' } });
    expect(output(result)['parsed']).toEqual({ years: 2 });
    expect(sent()).toMatchObject({ response_format: { type: 'json_object' }, params: { format: 'json' } });
  });

  it('does not send the words of Ollama to other models', async () => {
    server.reply = '{"years": 2}';
    await chat({ model: locator('id', 'gpt-test'), options: { responseFormat: 'json_object' } });
    expect(sent()).not.toHaveProperty('params');
  });

  it('sends a JSON schema and fails when the answer is not JSON', async () => {
    const result = await chat({ options: { responseFormat: 'json_schema', jsonSchema: '{"type":"object"}' } });
    expect(sent()).toMatchObject({ response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } } });
    expect(result.error?.message).toBe('The answer of the model is not JSON');
  });

  it('fails without sources when none may be missing, and only hints otherwise', async () => {
    const strict = await chat({ options: { fileIds: 'nope', requireSources: 'fail' } });
    expect(strict.error?.message).toBe('Nothing was found in the knowledge and files');
    const lax = await chat({ options: { fileIds: 'nope' } });
    expect(lax.status).toBe('success');
    expect(lax.nodes['ChatCompletion']?.hints.join()).toContain('nothing was found');
  });

  it('survives an answer without usage, finish reason and content', async () => {
    server.script('POST', CHAT, { status: 200, body: { choices: [{ message: { role: 'assistant', content: null } }] } });
    expect(output(await chat({}))).toEqual({ content: '', model: null, finishReason: null, usage: null, sources: [] });
  });

  it('reports an answer of null instead of an empty item', async () => {
    server.script('POST', CHAT, { status: 200, body: null });
    expect((await chat({})).error).toMatchObject({ name: 'NodeApiError', message: 'The server sent no answer of the model' });
  });

  it('gives the whole answer of the server without Simplify', async () => {
    expect(output(await chat({ simplify: false }))).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
  });
});

describe('Chat Completion with a trigger that streams', () => {
  it('passes the answer on piece by piece and still gives it whole, with letters that were cut', async () => {
    server.reply = '保証は二年です。';
    const file = server.addFile('保証.txt', '二年');
    const result = await chat({ options: { fileIds: file.id } }, { streaming: true });
    expect(result.chunks.map(({ type }) => type)).toEqual(['begin', ...Array.from({ length: 8 }, () => 'item'), 'end']);
    expect(result.chunks.map(({ content }) => content ?? '').join('')).toBe('保証は二年です。');
    expect(output(result)).toMatchObject({ content: '保証は二年です。', finishReason: 'stop', usage: { totalTokens: 36 } });
    expect(output(result)['sources']).toHaveLength(1);
    expect(sent()).toMatchObject({ stream: true });
  });

  it('does not stream when the option is off', async () => {
    const result = await chat({ options: { enableStreaming: false } }, { streaming: true });
    expect(result.chunks).toEqual([]);
    expect(sent()).toMatchObject({ stream: false });
  });

  it('fails with the words of the server when the stream breaks off', async () => {
    server.reply = 'BROKEN';
    const result = await chat({}, { streaming: true });
    expect(result.error?.message).toBe('Chat completion stream failed');
  });

  it('says nothing before it is sure that there are sources when none may be missing', async () => {
    const result = await chat({ options: { fileIds: 'nope', requireSources: 'fail' } }, { streaming: true });
    expect(result.error?.message).toBe('Nothing was found in the knowledge and files');
    expect(result.chunks.filter(({ type }) => type === 'item')).toEqual([]);
  });

  it('shows the words of the server for a status that is an error', async () => {
    server.script('POST', CHAT, { status: 500, body: { error: { message: 'boom', type: 'server_error' } } });
    expect((await chat({}, { streaming: true })).error).toMatchObject({ message: 'boom', httpCode: '500' });
  });

  it('passes on an answer that is no stream after all', async () => {
    const body = { choices: [{ message: { content: 'All at once' }, finish_reason: 'stop' }] };
    server.script('POST', CHAT, { status: 200, body });
    const result = await chat({}, { streaming: true });
    expect(result.chunks.map(({ content }) => content)).toEqual([undefined, 'All at once', undefined]);
  });
});

describe('Errors of Chat Completion', () => {
  it.each([
    ['a text in detail', 400, { detail: 'Model not found' }, 'Model not found'],
    ['field errors in detail', 422, { detail: [{ loc: ['body', 'model'], msg: 'Field required' }] }, 'model: Field required'],
    ['an object in detail', 400, { detail: { message: 'inner' } }, 'inner'],
    ['a text in error', 400, { error: 'pull the model first' }, 'pull the model first'],
    ['a message in error', 500, { error: { message: 'boom' } }, 'boom'],
    ['plain text', 500, 'Internal Server Error', 'Internal Server Error'],
  ])('shows the words of the server: %s', async (_name, status, body, message) => {
    server.script('POST', CHAT, { status, body });
    const { error } = await chat({});
    expect(error).toMatchObject({ name: 'NodeApiError', message, httpCode: String(status), itemIndex: 0 });
    expect(error?.description).toContain(`POST ${CHAT} answered with status ${status}`);
  });

  it('explains a refused key and a web page instead of data', async () => {
    server.script('POST', CHAT, { status: 401, body: { detail: 'Not authenticated' } });
    expect((await chat({})).error?.description).toContain('Settings > Account > API Keys');
    server.script('POST', CHAT, { status: 200, body: '<!doctype html><html></html>', headers: { 'content-type': 'text/html' } });
    expect((await chat({})).error?.message).toContain('answered with a web page');
  });

  it.each([
    ['its server is down and the list still has it (trap 23)', 500, 'Ollama: Cannot connect to host 127.0.0.1:11434 ssl:default [Connect call failed]', 'The model server behind Open WebUI (Ollama, for one) does not answer.'],
    ['its server is down and the list has lost it (trap 23)', 400, "Model 'llama3.2:latest' was not found", 'A model whose server is down is not found either.'],
    ['it makes embeddings', 400, '"nomic-embed-text:latest" does not support chat', 'This model makes embeddings and cannot answer.'],
    ['a proxy gave up', 504, 'Gateway Timeout', 'raise the time limit of the proxy'],
  ])('explains why a model does not answer: %s', async (_name, status, detail, advice) => {
    server.script('POST', CHAT, { status, body: { detail } });
    const { error } = await chat({});
    expect(error).toMatchObject({ message: detail, httpCode: String(status) });
    expect(error?.description).toContain(advice);
  });

  it('makes Open WebUI look for a model that is newer than its list, once, and asks again', async () => {
    server.script('POST', CHAT, { status: 400, body: { detail: 'Model not found' }, times: 1 });
    expect((await chat({})).error).toBeUndefined();
    expect([server.seen('GET', '/api/models').length, server.seen('POST', CHAT).length]).toEqual([1, 2]);
    const inputItems = [{ json: {} }, { json: {} }];
    const unknown = await chat({ model: locator('id', 'gone') }, { inputItems }, { onError: 'continueRegularOutput' });
    expect(unknown.nodes['ChatCompletion']?.items.map(({ json }) => json['error'])).toEqual(['Model not found', 'Model not found']);
    expect([server.seen('GET', '/api/models').length, server.seen('POST', CHAT).length]).toEqual([2, 4]);
  });

  it('tries again after 429 and honours Retry-After', async () => {
    server.script('POST', CHAT, { status: 429, body: { detail: 'slow down' }, headers: { 'retry-after': '0' }, times: 2 });
    const result = await chat({});
    expect(result.status).toBe('success');
    expect(server.seen('POST', CHAT)).toHaveLength(3);
  });

  it('does not wait for a quota that ends in an hour', async () => {
    server.script('POST', CHAT, { status: 429, body: { detail: 'quota' }, headers: { 'retry-after': '3600' } });
    expect((await chat({})).error).toMatchObject({ message: 'quota', httpCode: '429' });
    expect(server.seen('POST', CHAT)).toHaveLength(1);
  });

  it('turns only the failed item into an error item when it is to continue', async () => {
    const inputItems = [{ json: { m: 'llama3.2:latest' } }, { json: { m: 'gone' } }];
    const parameters = { model: locator('id', '={{ $json.m }}') };
    const result = await chat(parameters, { inputItems }, { onError: 'continueRegularOutput' });
    const [good, bad] = result.nodes['ChatCompletion']?.items ?? [];
    expect(result.status).toBe('success');
    expect(good?.json).toMatchObject({ content: 'The warranty lasts two years.' });
    expect(bad).toMatchObject({ json: { error: 'Model not found', details: { httpCode: '400' } }, pairedItem: { item: 1 } });
  });

  it('sends failed items to the error output together with their input', async () => {
    const inputItems = [{ json: { m: 'gone', row: 12 } }];
    const parameters = { model: locator('id', '={{ $json.m }}') };
    const result = await chat(parameters, { inputItems }, { onError: 'continueErrorOutput' });
    expect(result.nodes['ChatCompletion']?.outputs[0] ?? []).toEqual([]);
    expect(result.nodes['ChatCompletion']?.outputs[1]?.[0]?.json).toMatchObject({ row: 12, error: 'Model not found' });
  });

  it('ends with a clear message after the time limit', async () => {
    server.script('POST', CHAT, { status: 200, body: {}, delayMs: 5000 });
    const { error } = await chat({ options: { timeout: 1 } });
    expect(error?.message).toContain('did not answer within 1 seconds');
  });

  it('stops at once when the user stops the execution, without an error item', async () => {
    server.script('POST', CHAT, { status: 200, body: {}, delayMs: 20_000 });
    const running = chat({}, {}, { onError: 'continueRegularOutput' });
    const result = await stopWhen(() => server.seen('POST', CHAT).length > 0, running, bench.engine);
    expect(result.status).toBe('canceled');
    expect(JSON.stringify(result.nodes['ChatCompletion']?.items ?? [])).not.toContain('"error"');
  });
});
