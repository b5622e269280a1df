import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { CountingServer } from './support/counting-server.ts';
import { spawnEngine } from './support/engine-client.ts';
import type { Engine } from './support/engine-types.ts';
import { chain, ourNode } from './support/workflows.ts';

const MEGABYTE = 1024 * 1024;
const SIZE_BYTES = 200 * MEGABYTE;
const counter = new CountingServer();
let baseUrl = '';

beforeAll(async () => {
  baseUrl = await counter.start();
});

afterAll(async () => await counter.stop());

describe.each(['memory', 'filesystem'] as const)('Upload File with 200 MB that n8n keeps in its %s', (binaryMode) => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await spawnEngine({ baseUrl, apiKey: 'sk-0123456789abcdef', binaryMode });
  });

  afterAll(async () => await engine.close());

  it('sends all of it without a copy in memory, and says what to change when n8n itself holds the file there', async () => {
    counter.uploadBytes = 0;
    const files = { data: { fileName: 'big.bin', mimeType: 'application/octet-stream', zeroBytes: SIZE_BYTES } };
    const result = await engine.run(chain(ourNode('UploadFile', {})), { inputItems: [{ json: {}, files }] });
    expect(result.error).toBeUndefined();
    expect(counter.uploadBytes).toBeGreaterThan(SIZE_BYTES);
    expect(counter.uploadBytes).toBeLessThan(SIZE_BYTES + 2_000);
    expect(result.nodeMemoryRiseBytes['UploadFile']).toBeLessThan(100 * MEGABYTE);
    const words = result.nodes['UploadFile']?.hints.filter((hint) => hint.includes('N8N_DEFAULT_BINARY_DATA_MODE=filesystem'));
    expect(words).toHaveLength(binaryMode === 'memory' ? 1 : 0);
  });
});
