import { afterEach, describe, expect, it } from '@jest/globals';

import { spawnEngine } from './support/engine-client.ts';
import type { BinaryMode, Engine, HostVersion } from './support/engine-types.ts';
import { chain } from './support/workflows.ts';

let engine: Engine | undefined;

afterEach(async () => await engine?.close());

/** The other node tests run twice: on the current n8n with files on disk, and with N8N_CORE=2.0 and N8N_BINARY_MODE=memory. */
describe('The hosts of the node tests', () => {
  const open = async (host?: HostVersion, binaryMode?: BinaryMode): Promise<Engine> => {
    const chosen = { ...(host === undefined ? {} : { host }), ...(binaryMode === undefined ? {} : { binaryMode }) };
    engine = await spawnEngine({ baseUrl: 'http://127.0.0.1:9', apiKey: 'sk-unused', ...chosen });
    return engine;
  };

  it('are n8n 2.41 and n8n 2.0, and the nodes share the n8n-workflow of each', async () => {
    expect(await (await open('current')).host()).toMatchObject({ coreVersion: expect.stringMatching(/^2\.41\./u) as unknown, nodesShareWorkflow: true });
    await engine?.close();
    expect(await (await open('2.0')).host()).toEqual({ coreVersion: '2.0.0', workflowVersion: '2.0.0', nodesShareWorkflow: true });
  });

  it('are chosen by the environment, as is the storage of files', async () => {
    const file = { fileName: 'a.txt', mimeType: 'text/plain', text: 'a' };
    const run = await (await open()).run(chain(), { inputItems: [{ json: {}, files: { data: file } }] });
    const id = run.nodes['Start']?.items[0]?.binary?.['data']?.id;
    const { coreVersion } = await (engine as Engine).host();
    expect(coreVersion.startsWith(process.env['N8N_CORE'] === '2.0' ? '2.0.' : '2.41.')).toBe(true);
    if (process.env['N8N_BINARY_MODE'] === 'memory') expect(id).toBeUndefined();
    else expect(id).toMatch(/^filesystem/u);
  });
});
