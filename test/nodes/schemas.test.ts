import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { InputItem, Json } from './support/engine-types.ts';
import { ALL_EVENTS, watchBases, Watcher } from './support/watcher.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

type Schema = { type: string; properties: Record<string, { type: string; items?: { type: string } }> };

const bench = openBench();
const { server } = bench;

/** n8n looks for the preview of a node in its folder, by version and, where there is one, operation. */
async function schemaOf(kind: string, operation = ''): Promise<Schema> {
  const path = join(import.meta.dirname, `../../dist/nodes/OpenWebUi${kind}/__schema__/v1.0.0${operation && `/${operation}`}.json`);
  return JSON.parse(await readFile(path, 'utf8')) as Schema;
}

async function runNode(kind: string, parameters: Json, item: InputItem = { json: {} }): Promise<Json[]> {
  const result = await bench.engine.run(chain(ourNode(kind, parameters)), { inputItems: [item] });
  expect(result.error).toBeUndefined();
  return (result.nodes[kind]?.items ?? []).map(({ json }) => json);
}

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return `array of ${typeof value[0]}`;
  return Number.isInteger(value) ? 'integer' : typeof value;
};

/** Each field of the items is in the preview, with its type. */
function expectToFit(items: Json[], { type, properties }: Schema): void {
  expect(type).toBe('object');
  expect(items.length).toBeGreaterThan(0);
  const fields = items.flatMap((item) => Object.entries(item));
  for (const [name, value] of fields) {
    const field = properties[name];
    const known = field?.items ? `array of ${field.items.type}` : field?.type;
    const actual = typeOf(value);
    expect([name, known === 'number' && actual === 'integer' ? 'number' : actual]).toEqual([name, known]);
  }
}

describe('The previews of the output in the editor', () => {
  it('fit what List Models gives', async () => {
    server.capabilities = { 'llama3.2:latest': ['completion'] };
    expectToFit(await runNode('ListModels', { returnAll: true }), await schemaOf('ListModels'));
  });

  it('fit what Ollama Embed gives', async () => {
    const parameters = { model: locator('id', 'nomic-embed-text:latest'), options: { compareWith: 'b' } };
    expectToFit(await runNode('OllamaEmbed', parameters, { json: { text: 'a' } }), await schemaOf('OllamaEmbed'));
  });

  it('fit what Knowledge Trigger gives', async () => {
    const file = server.addFile('a.txt', 'A');
    const broken = server.addFile('b.txt', 'B', { hash: null, data: { status: 'failed', error: 'Broken' } });
    const base = server.addBase('Manuals', [file, broken]);
    const watcher = new Watcher(bench.engine, { ...watchBases(base.id), events: ALL_EVENTS, options: { includeExisting: true } });
    const items = await watcher.items();
    base.files = [broken.id];
    items.push(...(await watcher.items()));
    expect(items.map(({ event }) => event)).toEqual(['searchable', 'failed', 'removed']);
    // A failed file has no hash.
    const filled = items.map((item) => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null)));
    expectToFit(filled, await schemaOf('KnowledgeTrigger'));
  });

  it('fit what Query Knowledge gives', async () => {
    const file = server.addFile('a.pdf', 'The warranty: two years.', { meta: { passage: { heading: 'Warranty', page_label: '2' } } });
    const parameters = { query: 'warranty', options: { fileIds: file.id } };
    const items = await runNode('QueryKnowledge', parameters);
    const schema = await schemaOf('QueryKnowledge');
    expectToFit(items, schema);
    expect(Object.keys(items[0] ?? {}).sort()).toEqual(Object.keys(schema.properties).sort());
  });

  it('fit what Chat Completion gives, also with reasoning, JSON and calls of tools', async () => {
    const file = server.addFile('a.txt', 'A');
    const model = locator('id', 'llama3.2:latest');
    server.reply = '<think>Two.</think>{"years": 2}';
    const items = await runNode('ChatCompletion', { model, prompt: 'x', options: { fileIds: file.id, responseFormat: 'json_object' } });
    expect(Object.keys(items[0] ?? {})).toEqual(['content', 'reasoning', 'parsed', 'model', 'finishReason', 'usage', 'sources']);
    const message = { content: '', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] };
    server.script('POST', '/api/chat/completions', { status: 200, body: { model: 'm', choices: [{ message, finish_reason: 'tool_calls' }], usage: { prompt_tokens: 1 } } });
    const [called] = await runNode('ChatCompletion', { model, prompt: 'x' });
    const { sources, ...rest } = called ?? {};
    expect(sources).toEqual([]);
    const schema = await schemaOf('ChatCompletion');
    expectToFit([...items, rest], schema);
    const [source] = items[0]?.['sources'] as Json[];
    expectToFit([source ?? {}], (schema.properties['sources'] as unknown as { items: Schema }).items);
  });

  it('fit what Upload File gives', async () => {
    const replaced = { inputType: 'text', text: 'A', options: { ifSameContent: 'replace' } };
    const items = [...(await runNode('UploadFile', replaced)), ...(await runNode('UploadFile', replaced))];
    expect(items[1]).toHaveProperty('deletedIds');
    expectToFit(items, await schemaOf('UploadFile', 'upload'));
  });

  it('fit what a sync gives', async () => {
    const items: Json[] = [];
    for (const text of ['"A"', '"B"']) items.push(...(await runNode('UploadFile', { operation: 'sync', inputType: 'json', jsonContent: text, jsonFileName: 'docs/a' })));
    server.script('POST', '/api/v1/files/', { status: 400, body: { detail: 'no' } });
    items.push(...(await runNode('UploadFile', { operation: 'sync', inputType: 'text', text: 'C', textFileName: 'docs/a.json' })));
    expect(items.map(({ change }) => change)).toEqual(['added', 'changed', 'failed']);
    expectToFit(items, await schemaOf('UploadFile', 'sync'));
  });

  it('fit what Add to Knowledge gives for each operation', async () => {
    const files = [server.addFile('a.txt', 'Same'), server.addFile('b.txt', 'Same')];
    const knowledge = locator('id', server.addBase('Manuals').id);
    const items: Json[] = [];
    for (const { id } of files) items.push(...(await runNode('AddToKnowledge', { knowledge }, { json: { id } })));
    expect(items[1]).toHaveProperty('duplicateOf');
    expectToFit(items, await schemaOf('AddToKnowledge', 'add'));
    const removed = await runNode('AddToKnowledge', { knowledge, operation: 'remove' }, { json: { id: files[0]?.id } });
    expectToFit(removed, await schemaOf('AddToKnowledge', 'remove'));
    const mirror = ourNode('AddToKnowledge', { knowledge, operation: 'mirror' }, { onError: 'continueRegularOutput' });
    const mirrored = await bench.engine.run(chain(mirror), { inputItems: [{ json: { id: files[0]?.id } }, { json: { id: files[1]?.id } }, { json: {} }] });
    const done = (mirrored.nodes['AddToKnowledge']?.items ?? []).map(({ json }) => json).filter(({ error }) => error === undefined);
    expect(done[1]).toMatchObject({ action: 'skipped', removalSkipped: true });
    expectToFit(done, await schemaOf('AddToKnowledge', 'mirror'));
  });
});
