import { beforeEach, describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { InputItem, Json, RunResult, WorkflowNode } from './support/engine-types.ts';
import type { OlderVersion } from './support/scripted-versions.ts';
import { answerAs } from './support/scripted-versions.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const bench = openBench();
const { server } = bench;

const file = (name: string, text: string): InputItem => ({ json: {}, files: { data: { fileName: name, mimeType: 'text/plain', text } } });
const add = (more: Json = {}): WorkflowNode => ourNode('AddToKnowledge', { knowledge: locator('name', 'Manuals'), createIfMissing: true, ...more });
const run = async (items: InputItem[], ...nodes: WorkflowNode[]): Promise<RunResult> => await bench.engine.run(chain(...nodes), { inputItems: items });
const actions = (result: RunResult, node: string): unknown[] => {
  expect(result.error).toBeUndefined();
  return result.nodes[node]?.items.map(({ json }) => json['action']) ?? [];
};

describe.each<OlderVersion>(['0.6.22', '0.6.41', '0.8.10', '0.12.3'])('On an Open WebUI of version %s', (version) => {
  beforeEach(() => answerAs(server, version));

  it('files are uploaded, waited for, and put into a knowledge base once', async () => {
    const items = ['One', 'Two', 'Three', 'Four'].map((text, index) => file(`${index}.txt`, `${text}.`));
    const first = await run(items, ourNode('UploadFile', {}), add());
    expect(actions(first, 'UploadFile')).toEqual(Array(4).fill('uploaded'));
    expect(first.nodes['UploadFile']?.items.map(({ json }) => json['hash'])).toEqual(Array(4).fill(expect.any(String)));
    expect(actions(first, 'AddToKnowledge')).toEqual(Array(4).fill('added'));
    const again = await run(items, ourNode('UploadFile', {}), add());
    expect(actions(again, 'UploadFile')).toEqual(Array(4).fill('reused'));
    expect(actions(again, 'AddToKnowledge')).toEqual(Array(4).fill('unchanged'));
    expect([...server.bases.values()].map(({ name, files }) => [name, files.length])).toEqual([['Manuals', 4]]);
  });

  it('an equal text is known by its hash', async () => {
    const twins = await run([file('a.txt', 'Same.'), file('b.txt', 'Same.')], ourNode('UploadFile', {}), add());
    expect(actions(twins, 'AddToKnowledge')).toEqual(['added', 'skipped']);
  });

  it('a file is taken out again, and the pickers find knowledge bases and files', async () => {
    const stored = server.addFile('valve.txt', 'The valve.');
    const base = server.addBase('Manuals', [stored]);
    server.addBase('Recipes');
    const picked = await bench.engine.listSearch({ node: 'openWebUiAddToKnowledge', method: 'searchKnowledge', filter: 'man' });
    expect(picked.results).toEqual([expect.objectContaining({ name: 'Manuals', value: base.id })]);
    for (const filter of [undefined, 'valve']) {
      const files = await bench.engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchFiles', ...(filter === undefined ? {} : { filter }) });
      expect(files.results).toEqual([expect.objectContaining({ name: 'valve.txt', value: stored.id })]);
    }
    const result = await run([{ json: {} }], add({ operation: 'remove', fileId: stored.id }));
    expect(actions(result, 'AddToKnowledge')).toEqual(['removed']);
    expect(base.files).toEqual([]);
  });

  it('a file that is taken out and deleted leaves no text in the knowledge base', async () => {
    const stored = server.addFile('valve.txt', 'The valve.');
    const base = server.addBase('Manuals', [stored]);
    const result = await run([{ json: {} }], add({ operation: 'remove', fileId: stored.id, options: { deleteFile: true } }));
    expect(actions(result, 'AddToKnowledge')).toEqual(['removed']);
    expect([base.files, base.ghosts, server.files.size]).toEqual([[], [], 0]);
  });

  it('a file or knowledge base that is not there is not taken for a missing feature', async () => {
    server.addBase('Manuals');
    const noFile = await run([{ json: {} }], add({ fileId: 'no-such-file' }));
    expect(noFile.error).toMatchObject({ name: 'NodeApiError', httpCode: '404' });
    const noBase = await run([{ json: {} }], add({ knowledge: locator('id', 'no-such-base'), fileId: 'x' }));
    expect(noBase.error).toMatchObject({ name: 'NodeApiError', httpCode: '404' });
  });
});

describe('On an Open WebUI before 0.6.23, which reads a file while it is uploaded', () => {
  it('a file without text fails, although it has no status', async () => {
    answerAs(server, '0.6.22');
    const { error } = await run([file('c.txt', ' ')], ourNode('UploadFile', {}));
    expect(error?.message).toContain('"c.txt" could not be processed');
  });
});

describe('On an Open WebUI before 0.9.2', () => {
  it('an answer of null, which hides a fault of the model server, fails with that in words', async () => {
    server.script('POST', '/api/chat/completions', { status: 200, body: null });
    const { error } = await run([{ json: {} }], ourNode('ChatCompletion', { model: locator('id', 'gpt-test'), prompt: 'x' }));
    expect(error).toMatchObject({ name: 'NodeApiError', message: 'The server sent no answer of the model' });
    expect(error?.description).toContain('model server failed');
  });
});
