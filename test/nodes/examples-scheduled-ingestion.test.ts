import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ingestionWorkflow } from '../../examples/demo/example-workflows.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import type { ExampleServer } from './support/example-server.ts';
import { DOCUMENTS, KNOWLEDGE, startExampleServer } from './support/example-server.ts';
import { jsonsOf } from './support/examples.ts';
import { FaultyProxy } from './support/faulty-proxy.ts';

const UPLOAD = /^POST \/api\/v1\/files\/$/u;
const BROKEN_PDF = '%PDF-1.7\nThis file ends here.';
const NAMES = ['handbook.pdf', 'price-list.csv', 'product-guide.ja.md', 'release-notes.html', 'service-manual.docx'];

let server: ExampleServer;
let proxy: FaultyProxy;
let inbox: string;

beforeAll(async () => {
  server = await startExampleServer();
  proxy = await new FaultyProxy(server.runtime.baseUrl).start();
  inbox = await mkdtemp(join(tmpdir(), 'inbox-'));
  await cp(DOCUMENTS, inbox, { recursive: true });
}, 120_000);

afterAll(async () => {
  await proxy.stop();
  await server.close();
  await rm(inbox, { recursive: true, force: true });
});

const ingest = async (startNode = 'Every Hour'): Promise<RunResult> =>
  await server.engine.run(await ingestionWorkflow(inbox, KNOWLEDGE), { startNode, credential: { baseUrl: proxy.baseUrl } });
const summaryOf = (result: RunResult): Json | undefined => jsonsOf(result, 'Summary')[0];
const write = async (name: string, text: string): Promise<void> => await writeFile(join(inbox, name), text);
const remove = async (name: string): Promise<void> => await rm(join(inbox, name));

/** File names by ID, as the server has them in the knowledge base. */
async function filesOfBase(result: RunResult): Promise<Map<string, string>> {
  const id = String(jsonsOf(result, 'Add to Knowledge')[0]?.['knowledgeId']);
  const response = await fetch(`${server.runtime.baseUrl}/api/v1/knowledge/${id}/files`, { headers: server.runtime.headers });
  const { items } = (await response.json()) as { items: { id: string; filename: string }[] };
  return new Map(items.map((file) => [file.id, file.filename]));
}

describe('The example of scheduled folder ingestion', () => {
  it('puts every file of the folder into the knowledge base, which it creates', async () => {
    const result = await ingest();
    expect(result.error).toBeUndefined();
    expect(summaryOf(result)).toEqual({ knowledge: KNOWLEDGE, files: 5, added: NAMES, changed: [], removed: [], failed: [] });
    expect([...(await filesOfBase(result)).values()].sort()).toEqual(NAMES);
  });

  it('sends no file when nothing has changed, by hand or by its schedule', async () => {
    proxy.spoil(UPLOAD, { kind: 'answer', status: 500, body: { detail: 'No file was to be sent' } });
    for (const startNode of ['Every Hour', 'Manual Trigger']) {
      const result = await ingest(startNode);
      expect(result.error).toBeUndefined();
      expect(jsonsOf(result, 'Upload File').map(({ change }) => change)).toEqual(NAMES.map(() => 'unchanged'));
      expect(summaryOf(result)).toEqual({ knowledge: KNOWLEDGE, files: 5, added: [], changed: [], removed: [], failed: [] });
    }
    expect(proxy.spoilt).toEqual([]);
    proxy.reset();
  });

  it('puts a changed file in the place of its older version, and adds a new one', async () => {
    await write('canteen.txt', 'The canteen serves lunch from 11:40.');
    const before = await ingest();
    expect(summaryOf(before)).toMatchObject({ files: 6, added: ['canteen.txt'] });
    await write('canteen.txt', 'The canteen serves lunch from 12:15.');
    await write('parking.txt', 'Visitors park behind building C.');
    const after = await ingest();
    expect(summaryOf(after)).toMatchObject({ files: 7, added: ['parking.txt'], changed: ['canteen.txt'], removed: [], failed: [] });
    const idsOf = (files: Map<string, string>): string[] => [...files].filter(([, name]) => name === 'canteen.txt').map(([id]) => id);
    const [older] = jsonsOf(before, 'Upload File').filter(({ filename }) => filename === 'canteen.txt');
    const [newer] = jsonsOf(after, 'Upload File').filter(({ filename }) => filename === 'canteen.txt');
    expect(newer?.['previousId']).toBe(older?.['id']);
    expect(idsOf(await filesOfBase(after))).toEqual([newer?.['id']]);
    const record = await fetch(`${server.runtime.baseUrl}/api/v1/files/${String(older?.['id'])}`, { headers: server.runtime.headers });
    expect(record.status).toBe(404);
  });

  it('takes a deleted file out of the knowledge base', async () => {
    await remove('parking.txt');
    const result = await ingest();
    expect(summaryOf(result)).toMatchObject({ files: 6, removed: ['parking.txt'], failed: [] });
    expect([...(await filesOfBase(result)).values()].sort()).toEqual(['canteen.txt', ...NAMES]);
  });

  it('reports a file that the server cannot read, with its reason, and goes on with the others, deleted ones among them', async () => {
    await write('broken.pdf', BROKEN_PDF);
    await write('garden.txt', 'The garden is open until nightfall.');
    await remove('canteen.txt');
    const result = await ingest();
    expect(result.error).toBeUndefined();
    expect(summaryOf(result)).toEqual({
      knowledge: KNOWLEDGE, files: 6, added: ['garden.txt'], changed: [], removed: ['canteen.txt'],
      failed: [{ file: 'broken.pdf', reason: expect.stringMatching(/\w/u) as unknown }],
    });
    expect([...(await filesOfBase(result)).values()].sort()).toEqual(['garden.txt', ...NAMES]);
    await remove('broken.pdf');
  });

  it('keeps the older version of a file whose new one cannot be read', async () => {
    const good = await ingest();
    await write('handbook.pdf', BROKEN_PDF);
    const result = await ingest();
    expect(summaryOf(result)).toMatchObject({ files: 6, changed: [], removed: [], failed: [{ file: 'handbook.pdf' }] });
    expect(await filesOfBase(result)).toEqual(await filesOfBase(good));
  });

  it('takes nothing out when the server cannot be asked for its files', async () => {
    const before = await filesOfBase(await ingest());
    await remove('garden.txt');
    proxy.spoil(/^GET \/api\/v1\/files\//u, { kind: 'answer', status: 400, body: { detail: 'The list is not there' } });
    const result = await ingest();
    expect(summaryOf(result)).toMatchObject({ added: [], changed: [], removed: [] });
    expect(summaryOf(result)?.['failed']).toHaveLength(5);
    proxy.reset();
    expect(await filesOfBase(await ingest())).not.toEqual(before);
  });

  it('says so when the server can read none of the files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'broken-'));
    try {
      await writeFile(join(folder, 'only.pdf'), BROKEN_PDF);
      const result = await server.engine.run(await ingestionWorkflow(folder, 'Broken documents'), { startNode: 'Every Hour' });
      expect(result.error).toBeUndefined();
      expect(jsonsOf(result, 'Summary')).toEqual([expect.objectContaining({ files: 0, added: [], failed: [{ file: 'only.pdf', reason: expect.stringMatching(/\w/u) as unknown }] })]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('leaves the knowledge base alone when the folder is empty, or cannot be seen', async () => {
    const before = await filesOfBase(await ingest());
    const workflow = await ingestionWorkflow(join(inbox, 'not-there'), KNOWLEDGE);
    const result = await server.engine.run(workflow, { startNode: 'Every Hour' });
    expect(result.error?.message).toContain('No file');
    expect(await filesOfBase(await ingest())).toEqual(before);
  });
});
