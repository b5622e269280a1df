import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { spawnEngine } from './support/engine-client.ts';
import type { BinaryMode, Engine, HostVersion, InputItem, Json, OutputItem, WorkflowNode } from './support/engine-types.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const FILES = '/api/v1/files/';
const COMBINED = { binaryMode: 'combined' };
const server = new ScriptedOpenWebUi();
let engine: Engine;

beforeAll(async () => void (await server.start()));
afterAll(async () => await server.stop());
beforeEach(() => server.reset());
afterEach(async () => await engine.close());

const open = async (host: HostVersion = 'current', binaryMode: BinaryMode = 'filesystem'): Promise<void> => {
  engine = await spawnEngine({ baseUrl: server.baseUrl, apiKey: server.apiKey, host, binaryMode });
};

const input = (text: string): InputItem => ({ json: { row: 1 }, files: { data: { fileName: 'a.txt', mimeType: 'text/plain', text } } });
const again = (binaryPropertyName: string): WorkflowNode => ourNode('UploadFile', { binaryPropertyName, options: { fileName: 'again.txt' } }, { name: 'Again' });

/** What the nodes gave out; `Upload File` is the first one. */
async function outputsOf(settings: Json, items: InputItem[], ...nodes: WorkflowNode[]): Promise<OutputItem[][]> {
  const result = await engine.run({ ...chain(...nodes), settings }, { inputItems: items });
  expect(result.error).toBeUndefined();
  return nodes.map(({ name }) => (result.nodes[name]?.outputs ?? []).flat());
}

const names = (): string[] => [...server.files.values()].map(({ filename }) => filename);
const withFile = expect.objectContaining({ data: expect.objectContaining({ mimeType: 'text/plain', fileName: 'a.txt' }) as unknown }) as unknown;

describe('A node after Upload File can go on with the file', () => {
  it.each<[HostVersion, BinaryMode]>([['current', 'filesystem'], ['current', 'memory'], ['2.0', 'filesystem'], ['2.0', 'memory']])('on n8n %s with files in %s', async (host, binaryMode) => {
    await open(host, binaryMode);
    const [first] = await outputsOf({}, [input('A')], ourNode('UploadFile', {}), again('data'));
    expect(first?.[0]?.binary).toEqual(withFile);
    expect(names()).toEqual(['a.txt', 'again.txt']);
  });

  it.each(['upload', 'sync'])('where the workflow keeps files and fields together (binaryMode combined, %s)', async (operation) => {
    await open();
    const [first] = await outputsOf(COMBINED, [input('A')], ourNode('UploadFile', { operation, binaryPropertyName: '_files.data' }), again('_files.data'));
    expect(first?.[0]?.json).toMatchObject({ filename: 'a.txt', _files: withFile });
    expect(first?.[0]?.json).not.toHaveProperty('row');
    expect(first?.[0]?.binary).toBeUndefined();
    expect(names()).toEqual(['a.txt', 'again.txt']);
  });

  it('as far as Ollama Embed, which keeps the fields too', async () => {
    await open();
    const embed = ourNode('OllamaEmbed', { model: locator('id', 'nomic-embed-text:latest'), text: 'A', output: 'addToItem' });
    const [, embedded] = await outputsOf(COMBINED, [input('A')], ourNode('UploadFile', { binaryPropertyName: '_files.data' }), embed, again('_files.data'));
    expect(embedded?.[0]?.json).toMatchObject({ filename: 'a.txt', _files: withFile });
    expect(names()).toEqual(['a.txt', 'again.txt']);
  });

  it('and a field of the name "_files" is a field like another where the workflow keeps them apart', async () => {
    await open();
    const item = { ...input('A'), json: { _files: { data: { mimeType: 'x', id: 'y' } } } };
    const [first] = await outputsOf({}, [item], ourNode('UploadFile', {}));
    expect(first?.[0]?.binary).toEqual(withFile);
    expect(first?.[0]?.json).not.toHaveProperty('_files');
  });

  it.each(['continueErrorOutput', 'continueRegularOutput'])('of an item that failed (%s), beside the error and the fields of the input', async (onError) => {
    await open();
    const node = ourNode('UploadFile', { binaryPropertyName: '_files.data' }, { onError });
    const result = await engine.run({ ...chain(node), settings: COMBINED }, { inputItems: [input('')] });
    const failed = result.nodes['UploadFile']?.outputs.at(-1);
    expect(result.nodes['UploadFile']?.outputs.map(({ length }) => length)).toEqual(onError === 'continueErrorOutput' ? [0, 1] : [1]);
    expect(failed?.[0]?.json).toMatchObject({ row: 1, error: expect.stringContaining('empty') as unknown, _files: withFile });
    expect(server.seen('POST', FILES)).toHaveLength(1);
  });
});
