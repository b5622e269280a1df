import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { InputItem, Json, RunResult } from './support/engine-types.ts';
import { chain, ourNode } from './support/workflows.ts';

const bench = openBench();
const { server } = bench;

const file = (fileName: string, text: string): InputItem => ({ json: {}, files: { data: { fileName, mimeType: 'text/plain', text } } });

async function sync(inputItems: InputItem[], options: Json = {}): Promise<RunResult> {
  return await bench.engine.run(chain(ourNode('UploadFile', { operation: 'sync', options })), { inputItems });
}

const outputs = (result: RunResult): Json[] => (result.nodes['UploadFile']?.items ?? []).map(({ json }) => json);
const changes = (result: RunResult): unknown[] => outputs(result).map(({ change }) => change);

describe('Upload File: Sync and the fields of the user', () => {
  it('leaves a field "replaces" of the user as it is, and takes its file for unchanged', async () => {
    const options = { compareMetadata: true, metadata: { fields: [{ name: 'replaces', value: 'DOC-12' }] } };
    expect(changes(await sync([file('a.txt', 'Old')], options))).toEqual(['added']);
    const changed = await sync([file('a.txt', 'New')], options);
    expect(outputs(changed)[0]).toMatchObject({ change: 'changed', metadata: { replaces: 'DOC-12' } });
    expect([...server.files.values()].map(({ meta }) => (meta['data'] as Json)['replaces'])).toEqual(['DOC-12']);
    expect(changes(await sync([file('a.txt', 'New')], options))).toEqual(['unchanged']);
  });

  it('shows the user\'s own metadata alone, without its note of the older versions', async () => {
    const old = server.addFile('a.txt', 'Old');
    const [output] = outputs(await sync([file('a.txt', 'New')], { metadata: { fields: [{ name: 'team', value: 'ice' }] } }));
    expect(output?.['metadata']).toEqual({ team: 'ice' });
    expect([...server.files.values()].map(({ meta }) => meta['data'])).toEqual([{ team: 'ice', n8n_replaces: [old.id] }]);
  });
});
