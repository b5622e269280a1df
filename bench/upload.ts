import { CountingServer } from '../test/nodes/support/counting-server.ts';
import { spawnEngine } from '../test/nodes/support/engine-client.ts';
import type { RunResult } from '../test/nodes/support/engine-types.ts';
import { chain, ourNode } from '../test/nodes/support/workflows.ts';
import { round } from './statistics.ts';
import { printTable } from './table.ts';

/** The most that an upload may add to n8n's memory when n8n keeps files in its filesystem, in MB (10^6 bytes). */
const MOST_MB = 150;

type BinaryMode = 'filesystem' | 'memory';

async function uploadOnce(binaryMode: BinaryMode, sizeBytes: number): Promise<{ result: RunResult; arrivedBytes: number }> {
  const counter = new CountingServer();
  const engine = await spawnEngine({ baseUrl: await counter.start(), apiKey: 'sk-0123456789abcdef', binaryMode });
  try {
    const files = { data: { fileName: 'big.bin', mimeType: 'application/octet-stream', zeroBytes: sizeBytes } };
    const result = await engine.run(chain(ourNode('UploadFile', {})), { inputItems: [{ json: {}, files }] });
    return { result, arrivedBytes: counter.uploadBytes };
  } finally {
    await engine.close();
    await counter.stop();
  }
}

/**
 * One large file through n8n's engine and Upload File (run `npm run build:nodes` first) to a server that only counts its bytes,
 * with n8n's files on disk and in memory. Throws when the file on disk does not arrive whole, or adds too much to n8n's memory.
 */
export async function benchUpload({ sizeBytes }: { sizeBytes: number }): Promise<void> {
  const rows: string[][] = [];
  for (const binaryMode of ['filesystem', 'memory'] as const) {
    const { result, arrivedBytes } = await uploadOnce(binaryMode, sizeBytes);
    const node = result.nodes['UploadFile'];
    const seconds = (node?.durationMs ?? 0) / 1000;
    const riseMb = (result.nodeMemoryRiseBytes['UploadFile'] ?? 0) / 1e6;
    const rate = seconds > 0 && arrivedBytes > 0 ? `${round(arrivedBytes / 1e6 / seconds)} MB/s` : '-';
    rows.push([binaryMode, `${round(arrivedBytes / 1e6)} MB`, rate, `${round(riseMb)} MB`, `${round(result.memoryRiseBytes / 1e6)} MB`, result.error?.message ?? result.status]);
    if (binaryMode === 'filesystem' && (arrivedBytes < sizeBytes || riseMb > MOST_MB)) throw new Error(`The upload from the filesystem: ${JSON.stringify(rows)}`);
  }
  const title = `Upload File with one file of ${round(sizeBytes / 2 ** 30)} GB in n8n's engine`;
  printTable(title, ['n8n keeps files in', 'arrived', 'rate', 'memory added by the node', 'memory added by the whole run', 'outcome'], rows);
}
