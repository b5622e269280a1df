import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import { CountingServer } from './support/counting-server.ts';
import type { InputItem, Json, RunOptions, RunResult } from './support/engine-types.ts';
import { EMPTY_CONTENT } from './support/scripted-store.ts';
import { stopWhen } from './support/stopping.ts';
import { chain, ourNode } from './support/workflows.ts';

/** The node ends within some milliseconds; the rest is for a machine with other work. */
const PROMPT_MS = 300;
const FILES = '/api/v1/files/';
const LISTS = ['/api/v1/files/user/search', '/api/v1/files/search'];
const MEGABYTE = 1024 * 1024;
const bench = openBench();
const { server } = bench;
const counter = new CountingServer();
let counterUrl = '';

beforeAll(async () => void (counterUrl = await counter.start()));
afterAll(async () => await counter.stop());
beforeEach(() => void Object.assign(counter, { uploadBytes: 0, mostAtOnce: 0, waitsForAtOnce: 0, answerAfterMs: 0, stalls: false, knownSizeBytes: undefined }));

const file = (fileName: string, text: string): InputItem => ({ json: { row: fileName }, files: { data: { fileName, mimeType: 'text/plain', text } } });
const big = (sizeBytes: number): InputItem => ({ json: {}, files: { data: { fileName: 'big.bin', mimeType: 'application/octet-stream', zeroBytes: sizeBytes } } });
const upload = async (inputItems: InputItem[], parameters: Json = {}, more: Json = {}, run: RunOptions = {}): Promise<RunResult> =>
  await bench.engine.run(chain(ourNode('UploadFile', parameters, more)), { inputItems, ...run });
const outputs = (result: RunResult): Json[] => (result.nodes['UploadFile']?.items ?? []).map(({ json }) => json);
const hints = (result: RunResult): string[] => result.nodes['UploadFile']?.hints ?? [];

describe('Upload File while it waits', () => {
  it('tells a manual run how far it is', async () => {
    server.processingMs = 60_000;
    let firstAt: number | undefined;
    server.onRequest = ({ path }) => {
      firstAt ??= Date.now();
      // A look that finds a file still processing is late enough for a message; the next one finds both ready.
      if (!path.endsWith('/process/status') || Date.now() - firstAt < 2_000) return;
      setImmediate(() => server.files.forEach((stored) => Object.assign(stored, { readyAt: 1 })));
    };
    const result = await upload([file('a.txt', 'A'), file('b.txt', 'B')]);
    expect(result.messages[0]).toMatch(/^[01] of 2 files searchable, [12] still processing after [2-9] s$/);
  });

  it('leaves a hint that tells how many files are searchable, still processing and failed', async () => {
    server.processingMs = 60_000;
    server.addFile('a.txt', 'A');
    const items = [file('a.txt', 'A'), file('b.txt', 'B'), file('c.txt', 'C')];
    const result = await upload(items, { options: { timeout: 1, concurrency: 3 } }, { onError: 'continueRegularOutput' });
    expect(hints(result)).toEqual([expect.stringMatching(/^1 of 3 files searchable, 2 still processing after [1-9] s$/) as unknown]);
    server.processingMs = 0;
    const failing = await upload([file('a.txt', 'A'), file('d.pdf', '%PDF-1.7 broken')], {}, { onError: 'continueRegularOutput' });
    expect(hints(failing)).toEqual(['1 of 2 files searchable, 1 failed']);
    expect(hints(await upload([file('a.txt', 'A')]))).toEqual([]);
  });

  it.each([
    ['is still being read', 600, {}],
    ['takes long to read', 9_000, {}],
    ['is read and takes long to embed', 9_000, { content: 'A' }],
  ])('does not stop at a failure that passes: somebody added the file to a knowledge base while it %s (trap 2)', async (_what, processingMs, read) => {
    server.processingMs = processingMs;
    const base = server.addBase('Early');
    const refusals: unknown[] = [];
    server.onRequest = ({ path }) => {
      const [stored] = server.files.values();
      if (!stored || refusals.length > 0 || !path.endsWith('/process/status')) return;
      refusals.push(server.link(base, stored), stored.data['status']);
      Object.assign(stored.data, read);
    };
    const result = await upload([file('a.txt', 'A')]);
    expect(refusals).toEqual([expect.stringMatching(/content provided is empty/), 'failed']);
    expect(outputs(result)).toEqual([expect.objectContaining({ id: [...server.files.keys()][0], status: 'completed' })]);
  });

  it('gives the reason of the server when such a failure has not passed within the time limit', async () => {
    server.processingMs = 60_000;
    const base = server.addBase('Early');
    server.onRequest = () => {
      for (const stored of server.files.values()) server.link(base, stored);
    };
    const { error } = await upload([file('a.txt', 'A')], { options: { timeout: 1 } });
    expect(error?.message).toBe(`"a.txt" could not be processed: ${EMPTY_CONTENT}`);
  });

  it('believes at the first look that a file failed for want of text when the server keeps a blank text', async () => {
    const { error } = await upload([file('blank.txt', ' \n')]);
    expect(error?.message).toBe(`"blank.txt" could not be processed: ${EMPTY_CONTENT}`);
    const [id] = server.files.keys();
    expect(server.seen('GET', `/api/v1/files/${id}`)).toHaveLength(1);
  });

  it('believes after some seconds that a file failed without a reason, and says so', async () => {
    server.onRequest = () => {
      for (const stored of server.files.values()) if (stored.filename === 'a.txt') Object.assign(stored, { data: { status: 'failed' }, readyAt: 0 });
    };
    const result = await upload([file('a.txt', 'A')], {}, { onError: 'continueRegularOutput' });
    expect(outputs(result)).toEqual([
      expect.objectContaining({ error: '"a.txt" could not be processed: the server gives no reason', details: { description: expect.stringContaining('status "failed"') as unknown } }),
    ]);
  });
});

describe('Upload File and its options for a run', () => {
  it.each([[undefined, 2], [1, 1], [4, 4]])('works on as many items at once as told (%s)', async (concurrency, most) => {
    Object.assign(counter, { waitsForAtOnce: most, answerAfterMs: 50 });
    const items = Array.from({ length: 6 }, (_, index) => file(`${index}.txt`, 'Text'));
    const options = concurrency === undefined ? {} : { concurrency };
    expect((await upload(items, { options }, {}, { credential: { baseUrl: counterUrl } })).error).toBeUndefined();
    expect(counter.mostAtOnce).toBe(most);
  });

  it('gives up an upload after the time limit', async () => {
    counter.answerAfterMs = 5_000;
    const { error } = await upload([file('a.txt', 'A')], { options: { timeout: 1 } }, {}, { credential: { baseUrl: counterUrl } });
    expect(error?.message).toBe(`${counterUrl} did not answer within 1 seconds`);
  });

  it('keeps the source item beside the error of an item', async () => {
    const result = await upload([file('a.txt', 'A'), file('empty.txt', '')], {}, { onError: 'continueErrorOutput' });
    const [done, failed] = result.nodes['UploadFile']?.outputs ?? [];
    expect(done?.map(({ json }) => json['filename'])).toEqual(['a.txt']);
    expect(failed).toEqual([expect.objectContaining({ json: expect.objectContaining({ row: 'empty.txt', error: expect.stringContaining('empty') as unknown }) as unknown, pairedItem: { item: 1 } })]);
  });

  it.each(['upload', 'sync'])('ends at once when it is stopped in the middle of an upload (%s)', async (operation) => {
    counter.stalls = true;
    const run = upload([big(30 * MEGABYTE)], { operation }, { onError: 'continueRegularOutput' }, { credential: { baseUrl: counterUrl } });
    const result = await stopWhen(() => counter.uploadBytes > 0, run, bench.engine, 0);
    expect(counter.uploadBytes).toBeLessThan(30 * MEGABYTE);
    expect(result.status).toBe('canceled');
    expect(result.stoppedAfterMs).toBeLessThan(PROMPT_MS);
  });
});

describe('Upload File and a server in trouble', () => {
  const html = { status: 200, body: '<!doctype html><html></html>', headers: { 'content-type': 'text/html' } };

  it('says that the address is wrong when a web page answers (trap 8)', async () => {
    for (const path of LISTS) server.script('GET', path, html);
    expect((await upload([file('a.txt', 'A')])).error?.message).toBe(`${server.baseUrl} answered with a web page instead of data`);
    server.reset();
    server.script('POST', FILES, html);
    expect((await upload([file('a.txt', 'A')])).error?.message).toBe(`${server.baseUrl} answered with a web page instead of data`);
  });

  it('explains a 405 that names the wrong methods (trap 9)', async () => {
    server.script('POST', FILES, { status: 405, body: { detail: 'Method Not Allowed' }, headers: { allow: 'GET, HEAD' } });
    expect((await upload([file('a.txt', 'A')])).error).toMatchObject({ message: 'Method Not Allowed', description: expect.stringContaining('base URL in the credential') as unknown });
  });

  it('shows the text of a 500 that does not pass, and leaves no second file (trap 13)', async () => {
    server.script('POST', FILES, { status: 500, body: 'Internal Server Error' });
    expect((await upload([file('a.txt', 'A')])).error).toMatchObject({ message: 'Internal Server Error', httpCode: '500' });
    expect(server.seen('POST', FILES)).toHaveLength(6);
  });

  it('tries again after a 502 and takes what has arrived, unless told to upload without looking', async () => {
    server.script('POST', FILES, { status: 502, body: 'Bad Gateway', times: 1 });
    server.onRequest = ({ method }) => void (method === 'POST' && server.addFile('a.txt', 'A'));
    const result = await upload([file('a.txt', 'A')]);
    expect(outputs(result)).toEqual([expect.objectContaining({ id: [...server.files.keys()][0], action: 'uploaded' })]);
    expect(server.seen('POST', FILES)).toHaveLength(1);
    server.script('POST', FILES, { status: 502, body: 'Bad Gateway', times: 1 });
    expect((await upload([file('a.txt', 'A')], { options: { ifSameContent: 'upload' } })).error?.httpCode).toBe('502');
  });

  it('does not take another file of the same content for one that has arrived', async () => {
    const old = server.addFile('a.txt', 'A');
    server.script('POST', FILES, { status: 502, body: 'Bad Gateway', times: 1 });
    const result = await upload([file('a.txt', 'A')], { options: { ifSameContent: 'replace' } });
    expect(outputs(result)).toEqual([expect.objectContaining({ action: 'replaced', deletedIds: [old.id] })]);
    expect([...server.files.keys()]).toEqual([outputs(result)[0]?.['id']]);
  });
});
