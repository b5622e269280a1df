import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startRuntime } from '../support/runtime.ts';
import type { RunningRuntime } from '../support/runtime.ts';
import { openBench } from './support/bench.ts';
import type { InputItem, Json, RunOptions, RunResult, WorkflowNode } from './support/engine-types.ts';
import { everyNode } from './support/every-node.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const CHAT = '/api/chat/completions';
const bench = openBench(() => ({ substituteModules: [join(import.meta.dirname, 'support/substitute-http.ts')] }));
const { server } = bench;
let runtime: RunningRuntime;

beforeAll(async () => void (runtime = await startRuntime()), 60_000);
afterAll(async () => await runtime.stop());

const run = async (nodes: WorkflowNode[], options: RunOptions = {}): Promise<RunResult> => await bench.engine.run(chain(...nodes), options);
const onRuntime = (): RunOptions => ({ credential: { baseUrl: runtime.baseUrl, apiKey: runtime.apiKey } });
const outputs = (result: RunResult, name: string): Json[] => (result.nodes[name]?.items ?? []).map(({ json }) => json);
const chat = (parameters: Json = {}): WorkflowNode => ourNode('ChatCompletion', { model: locator('id', 'gpt-test'), prompt: 'How long is the warranty?', ...parameters });
const textFile = (fileName: string, text: string, json: Json = {}): InputItem => ({ json, files: { data: { fileName, mimeType: 'text/plain', text } } });

describe('What hurts with HTTP Request nodes is gone', () => {
  it.each(everyNode)('1. five minutes are no limit: $kind gives the HTTP client the time of its Timeout option', async ({ kind, prepare }) => {
    const { parameters, item } = prepare(server, 7200);
    const result = await run([ourNode(kind, parameters), { name: 'Timeouts', type: 'test.timeouts' }], { inputItems: [item] });
    expect(result.error).toBeUndefined();
    expect(outputs(result, 'Timeouts')[0]?.['timeoutsMs']).toContain(7_200_000);
  });

  it('1. five minutes are no limit: a chat and an upload have ten by default', async () => {
    for (const node of [chat(), ourNode('UploadFile', { inputType: 'text', text: 'Two years.', textFileName: 'a.txt' })]) {
      const result = await run([node, { name: 'Timeouts', type: 'test.timeouts' }]);
      expect(outputs(result, 'Timeouts')[0]?.['timeoutsMs']).toContain(600_000);
    }
  });

  it.each([['ListModels', 60_000], ['OllamaEmbed', 300_000], ['QueryKnowledge', 300_000]])('1. a time limit is no surprise: %s has the default that its page tells, %i ms', async (kind, timeoutMs) => {
    const { parameters, item } = everyNode.find((use) => use.kind === kind)?.prepare(server, 7200) ?? {};
    const options = { ...(parameters?.['options'] as Json), timeout: '={{ null }}' };
    const result = await run([ourNode(kind, { ...parameters, options }), { name: 'Timeouts', type: 'test.timeouts' }], { inputItems: item ? [item] : [] });
    expect(outputs(result, 'Timeouts')[0]?.['timeoutsMs']).toContain(timeoutMs);
  });

  it('2. a file is added to a knowledge base only when it has been processed', async () => {
    server.processingMs = 500;
    const { id } = server.addBase('Manuals');
    const upload = ourNode('UploadFile', { options: { wait: false } });
    const result = await run([upload, ourNode('AddToKnowledge', { knowledge: locator('id', id) }), chat({ options: { knowledgeIds: id } })], { inputItems: [textFile('a.txt', 'Two years.')] });
    expect(result.error).toBeUndefined();
    expect(outputs(result, 'UploadFile')[0]?.['status']).not.toBe('completed');
    expect(outputs(result, 'ChatCompletion')[0]?.['sources']).toEqual([expect.objectContaining({ file: 'a.txt', text: 'Two years.' })]);
  });

  it('3. a folder that is synced twice has no duplicates, embeds nothing again, and tells counts', async () => {
    const sync = async (...texts: string[]): Promise<unknown> => {
      const inputItems = texts.map((text, index) => textFile(`${index}.txt`, text));
      return outputs(await run([ourNode('UploadFile', { operation: 'sync' })], { inputItems }), 'UploadFile')[0]?.['counts'];
    };
    expect(await sync('One', 'Two', 'Three')).toEqual({ added: 3, changed: 0, unchanged: 0, failed: 0 });
    const uploads = server.seen('POST', '/api/v1/files/').length;
    expect(await sync('One', 'Two', 'Three')).toEqual({ added: 0, changed: 0, unchanged: 3, failed: 0 });
    expect(server.seen('POST', '/api/v1/files/')).toHaveLength(uploads);
    expect(await sync('One', 'Zwei', 'Three')).toEqual({ added: 0, changed: 1, unchanged: 2, failed: 0 });
    expect(server.files.size).toBe(3);
  });

  it('3. the knowledge base of a synced folder holds what is in the folder, and only that', async () => {
    const knowledge = locator('id', server.addBase('Manuals').id);
    const mirror = async (...texts: string[]): Promise<unknown> => {
      const inputItems = texts.map((text) => textFile(`${text}.txt`, text));
      const result = await run([ourNode('UploadFile', { operation: 'sync' }), ourNode('AddToKnowledge', { operation: 'mirror', knowledge })], { inputItems });
      expect(result.error).toBeUndefined();
      return outputs(result, 'AddToKnowledge').map(({ action }) => action);
    };
    expect(await mirror('One', 'Two')).toEqual(['added', 'added']);
    expect(await mirror('One', 'Two')).toEqual(['unchanged', 'unchanged']);
    expect(await mirror('One', 'Three')).toEqual(['unchanged', 'added', 'removed']);
  });

  it.each(['', '/v1', '/api', '/api/v1/'])('4. a chat goes to chat/completions, never to the Responses API, whatever the base URL ends in: "%s"', async (suffix) => {
    const result = await run([chat()], { credential: { baseUrl: server.baseUrl + suffix } });
    expect(result.error).toBeUndefined();
    const posts = server.requests.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path }) => path)).toEqual([CHAT]);
  });

  it("5. a server that refuses a chat, for want of a chat_id or else, is shown in the server's words", async () => {
    const words = "'NoneType' object has no attribute 'startswith'";
    for (const body of [{ detail: words }, { error: { message: words } }, words]) {
      server.script('POST', CHAT, { status: 400, body });
      const { error } = await run([chat()]);
      expect(error).toMatchObject({ name: 'NodeApiError', message: words, httpCode: '400' });
    }
  });

  it.each([
    ['all zeros', [[1, 2], [0, 0]]], ['cut', [[1, 2], [1]]], ['missing', [[1, 2]]], ['base64', ['AACAPwAAAEA=', 'AACAPwAAAEA=']],
  ])('6. vectors that are %s are an error, not a search that finds nothing', async (_name, embeddings) => {
    server.script('POST', '/ollama/api/embed', { status: 200, body: { embeddings } });
    const inputItems = [{ json: { text: 'a' } }, { json: { text: 'b' } }];
    const { error } = await run([ourNode('OllamaEmbed', { model: locator('id', 'nomic-embed-text:latest') })], { inputItems });
    expect(error?.message).toBe('The vectors of the model "nomic-embed-text:latest" cannot be used');
  });

  it('7. files do not vanish on the way, and a tool can upload a text without a file', async () => {
    const result = await run([ourNode('UploadFile', {}, { name: 'First' }), ourNode('UploadFile', { options: { ifSameContent: 'reuse' } }, { name: 'Second' })], { inputItems: [textFile('a.txt', 'Two years.')] });
    expect(result.error).toBeUndefined();
    expect(result.nodes['Second']?.items[0]?.binary?.['data']).toMatchObject({ fileName: 'a.txt', mimeType: 'text/plain' });
    expect(outputs(result, 'Second')[0]).toMatchObject({ action: 'reused', id: outputs(result, 'First')[0]?.['id'] });
    const text = await run([ourNode('UploadFile', { inputType: 'text', text: 'Three years.', textFileName: 'b.txt' })]);
    expect(outputs(text, 'UploadFile')[0]).toMatchObject({ filename: 'b.txt', status: 'completed' });
  });

  it('8. the original of a document comes back through an HTTP Request with the same credential', async () => {
    const url = `=${runtime.baseUrl}/api/v1/files/{{ $json.id }}/content`;
    const download = { name: 'Download', type: 'n8n-nodes-base.httpRequest', parameters: { options: { url } }, credentials: { openWebUiApi: { id: '1', name: 'Open WebUI' } } };
    const again = ourNode('UploadFile', { options: { fileName: '保証.txt', ifSameContent: 'reuse' } }, { name: 'Again' });
    const result = await run([ourNode('UploadFile', {}), download, again], { ...onRuntime(), inputItems: [textFile('保証.txt', '保証は二年です。')] });
    expect(result.error).toBeUndefined();
    // Its bytes are the same, so the server knows it by its content.
    expect(outputs(result, 'Again')[0]).toMatchObject({ action: 'reused', id: outputs(result, 'UploadFile')[0]?.['id'] });
  });

  it('9. an answer streams to the chat and is whole in the output', async () => {
    const result = await run([chat()], { streaming: true });
    const [begin, ...rest] = result.chunks;
    expect([begin?.type, rest.at(-1)?.type]).toEqual(['begin', 'end']);
    const text = rest.map(({ content }) => content ?? '').join('');
    expect([text, outputs(result, 'ChatCompletion')[0]?.['content']]).toEqual([server.reply, server.reply]);
    expect(rest.length).toBeGreaterThan(5);
  });

  it('10. metadata of an upload finds its passages again', async () => {
    const rows = [['a.txt', 'The discount for retailers is 20 percent.', 'sales'], ['b.txt', 'The discount for employees is 30 percent.', 'staff']] as const;
    const inputItems = rows.map(([name, text, team]) => textFile(name, text, { team }));
    const upload = ourNode('UploadFile', { options: { metadata: { fields: [{ name: 'team', value: '={{ $json.team }}' }] } } });
    const add = ourNode('AddToKnowledge', { knowledge: locator('name', 'Discounts'), createIfMissing: true });
    expect((await run([upload, add], { ...onRuntime(), inputItems })).error).toBeUndefined();
    const knowledgeBases = { values: [{ knowledge: locator('name', 'Discounts') }] };
    const found = async (options: Json): Promise<unknown[]> => outputs(await run([ourNode('QueryKnowledge', { query: 'Which discount is there?', knowledgeBases, options })], onRuntime()), 'QueryKnowledge').map(({ file }) => file);
    expect((await found({})).sort()).toEqual(['a.txt', 'b.txt']);
    expect(await found({ metadataFilter: { fields: [{ name: 'team', value: 'staff' }] } })).toEqual(['b.txt']);
  });
});
