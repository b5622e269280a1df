import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { InputItem, Json, RunResult } from './support/engine-types.ts';
import { filesOf, textPart } from './support/multipart.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';
import { BROKEN_PDF } from './support/scripted-store.ts';
import { chain, ourNode } from './support/workflows.ts';

const FILES = '/api/v1/files/';
const LIST = '/api/v1/files/user/search';
const PROCESSING = { status: 'processing' };
const bench = openBench();
const { server } = bench;

const file = (fileName: string, text: string): InputItem => ({ json: { folder: 'x' }, files: { data: { fileName, mimeType: 'text/plain', text } } });

async function sync(inputItems: InputItem[], options: Json = {}, more: Json = {}): Promise<RunResult> {
  return await bench.engine.run(chain(ourNode('UploadFile', { operation: 'sync', options }, more)), { inputItems });
}

const outputs = (result: RunResult): Json[] => (result.nodes['UploadFile']?.items ?? []).map(({ json }) => json);
const changes = (result: RunResult): unknown[] => outputs(result).map(({ change }) => change);
const hints = (result: RunResult): string[] => result.nodes['UploadFile']?.hints ?? [];
const names = (): string[] => [...server.files.values()].map(({ filename }) => filename);

describe('Upload File: Sync', () => {
  it('tells in one pass what was added, changed, unchanged and failed, and how many of each', async () => {
    server.addFile('same.txt', 'Same');
    const old = server.addFile('new.txt', 'Old');
    const result = await sync([file('first.txt', 'First'), file('new.txt', 'New'), file('same.txt', 'Same'), file('empty.txt', '')]);
    expect(result.error).toBeUndefined();
    expect(changes(result)).toEqual(['added', 'changed', 'unchanged', 'failed']);
    const counts = { added: 1, changed: 1, unchanged: 1, failed: 1 };
    expect(outputs(result).map((json) => json['counts'])).toEqual([counts, counts, counts, counts]);
    expect(hints(result)).toEqual(['1 added, 1 changed, 1 unchanged, 1 failed']);
    expect(outputs(result)[1]).toMatchObject({ filename: 'new.txt', path: 'new.txt', status: 'completed', previousId: old.id, deletedIds: [old.id], sizeBytes: 3 });
    expect(outputs(result)[3]).toMatchObject({ id: null, filename: 'empty.txt', status: 'failed', error: expect.stringContaining('The content provided is empty') as unknown });
    expect(names().sort()).toEqual(['first.txt', 'new.txt', 'same.txt']);
    expect(result.nodes['UploadFile']?.items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2, 3].map((item) => ({ item })));
  });

  it('asks for the list once and sends nothing when nothing changed, whatever the number of files', async () => {
    const items = Array.from({ length: 1_050 }, (_, index) => file(`f${index}.txt`, `Text ${index}`));
    for (let index = 0; index < items.length; index++) server.addFile(`f${index}.txt`, `Text ${index}`);
    const result = await sync(items);
    expect(outputs(result)[1_049]).toMatchObject({ change: 'unchanged', counts: { added: 0, changed: 0, unchanged: 1_050, failed: 0 } });
    expect(server.requests.map(({ path, query }) => [path, query['skip']])).toEqual([[LIST, '0'], [LIST, '1000']]);
  });

  it('leaves no text of the older version, neither in knowledge bases nor in its own collection', async () => {
    const old = server.addFile('a.txt', 'Old');
    const bases = [server.addBase('One', [old]), server.addBase('Two', [old])];
    await sync([file('a.txt', 'New')]);
    expect(bases.map(({ files, ghosts }) => [files, ghosts])).toEqual([[[], []], [[], []]]);
    expect(server.orphans.size).toBe(0);
  });

  it('keeps the older version until the new one is searchable', async () => {
    const old = server.addFile('a.txt', 'Old');
    await sync([file('a.txt', 'New')]);
    const seen = server.requests.map(({ method, path }) => `${method} ${path}`);
    const gone = seen.indexOf(`DELETE ${FILES}${old.id}`);
    const ready = seen.findLastIndex((line) => line.endsWith('/process/status'));
    expect(ready).toBeGreaterThan(0);
    expect(gone).toBeGreaterThan(ready);
  });

  it('keeps the older version for good when told so, and finds it again when the content comes back', async () => {
    const old = server.addFile('a.txt', 'Old');
    const changed = await sync([file('a.txt', 'New')], { olderVersions: 'keep' });
    expect(outputs(changed)[0]).toMatchObject({ change: 'changed', previousId: old.id, deletedIds: [] });
    expect(server.files.size).toBe(2);
    expect(outputs(await sync([file('a.txt', 'Old')], { olderVersions: 'keep' }))[0]).toMatchObject({ change: 'unchanged', id: old.id });
  });

  it('names the older version when the server refuses or cannot process the new one, and goes on', async () => {
    const refused = server.addFile('a.txt', 'Old');
    const broken = server.addFile('b.pdf', 'Old');
    const result = await sync([file('a.txt', ''), file('b.pdf', '%PDF-1.7 broken'), file('c.txt', 'C')]);
    expect(result.status).toBe('success');
    expect(outputs(result)[0]).toMatchObject({ change: 'failed', id: refused.id, previousId: refused.id, status: 'failed' });
    expect(outputs(result)[1]).toMatchObject({ change: 'failed', id: broken.id, error: `"b.pdf" could not be processed: ${BROKEN_PDF}` });
    expect(outputs(result)[2]).toMatchObject({ change: 'added' });
    // What could not be processed is taken off the server: it would come again with every run.
    expect(names()).toEqual(['a.txt', 'b.pdf', 'c.txt']);
    expect([server.files.has(refused.id), server.files.has(broken.id)]).toEqual([true, true]);
  });

  it('is no error item: with "On Error" set, a failed file stays in the main output', async () => {
    const result = await sync([file('a.txt', '')], {}, { onError: 'continueErrorOutput' });
    expect(result.nodes['UploadFile']?.outputs.map(({ length }) => length)).toEqual([1, 0]);
  });

  it('takes a failed file of an earlier day for none, and clears it away', async () => {
    server.addFile('a.txt', 'Text', { data: { status: 'failed', error: 'x' }, hash: null });
    expect(changes(await sync([file('a.txt', 'Text')]))).toEqual(['added']);
    expect([...server.files.values()].map(({ data }) => data['status'])).toEqual(['completed']);
  });

  it('sends a file again that the server has not finished within a day, as after a restart, and clears the lost one away', async () => {
    const updatedAt = Math.floor(Date.now() / 1000) - 25 * 60 * 60;
    const lost = server.addFile('a.txt', 'Text', { data: PROCESSING, hash: null, readyAt: Date.now() + 600_000, updated_at: updatedAt });
    expect(outputs(await sync([file('a.txt', 'Text')]))[0]).toMatchObject({ change: 'added', status: 'completed' });
    expect(server.files.has(lost.id)).toBe(false);
    expect(server.files.size).toBe(1);
  });

  it('waits for a file of another run that is still being processed', async () => {
    server.addFile('a.txt', 'Text', { data: PROCESSING, hash: null, readyAt: Date.now() + 400 });
    expect(outputs(await sync([file('a.txt', 'Text')]))[0]).toMatchObject({ change: 'unchanged', status: 'completed' });
    expect(server.seen('POST', FILES)).toEqual([]);
  });

  it('deletes the older version later when a run ended before it could', async () => {
    const old = server.addFile('a.txt', 'Old');
    server.processingMs = 2_000;
    expect(outputs(await sync([file('a.txt', 'New')], { timeout: 1 }))[0]).toMatchObject({ change: 'failed', id: old.id, error: expect.stringContaining('not searchable after 1 seconds') as unknown });
    expect(server.files.size).toBe(2);
    expect(outputs(await sync([file('a.txt', 'New')]))[0]).toMatchObject({ change: 'unchanged', deletedIds: [old.id] });
    expect(server.files.size).toBe(1);
  });

  it.each(['sent just now', 'sent by an earlier run'])('names the new version, %s, when an older one cannot be deleted', async (when) => {
    const old = server.addFile('a.txt', 'Old');
    const { meta } = server.addFile('b.txt', 'New');
    const [now] = when === 'sent just now' ? [] : [server.addFile('a.txt', 'New', { meta: { ...meta, data: { n8n_replaces: [old.id] } } })];
    server.script('DELETE', `${FILES}${old.id}`, { status: 400, body: { detail: '[ERROR: Error deleting files]' } });
    const [output] = outputs(await sync([file('a.txt', 'New')]));
    const newest = [...server.files.values()].filter(({ filename }) => filename === 'a.txt').pop();
    expect(output).toMatchObject({ change: 'failed', id: now?.id ?? newest?.id, error: '[ERROR: Error deleting files]' });
  });

  it('never deletes the files of other users', async () => {
    const foreign = server.addFile('a.txt', 'Old', { user_id: 'somebody' });
    expect(outputs(await sync([file('a.txt', 'New')]))[0]).toMatchObject({ change: 'changed', deletedIds: [] });
    expect(server.files.has(foreign.id)).toBe(true);
  });

  it('works on servers without a search among own files', async () => {
    server.hasOwnSearch = false;
    server.addFile('a.txt', 'Text');
    expect(changes(await sync([file('a.txt', 'Text'), file('b.txt', 'B')]))).toEqual(['unchanged', 'added']);
  });
});

describe('Upload File: Sync and names', () => {
  const path = { fileName: '={{ $json.folder }}/{{ $binary.data.fileName }}' };
  const inFolder = (folder: string, fileName: string, text: string): InputItem => ({ ...file(fileName, text), json: { folder } });

  it('tells files of equal names in two folders apart, although the server keeps the last part only', async () => {
    const items = [inFolder('docs', 'a.md', 'Docs'), inFolder('sub', 'a.md', 'Sub')];
    expect(changes(await sync(items, path))).toEqual(['added', 'added']);
    expect(names()).toEqual(['a.md', 'a.md']);
    // The two uploads run side by side, so either may come first.
    const sent = server.seen('POST', FILES).map(({ headers, body }) => {
      const type = String(headers['content-type']);
      return { name: filesOf(body as Buffer, type)[0]?.filename, metadata: JSON.parse(textPart(body as Buffer, type, 'metadata') ?? '') as unknown };
    });
    expect(sent).toHaveLength(2);
    expect(sent).toEqual(expect.arrayContaining(['docs/a.md', 'sub/a.md'].map((whole) => ({ name: 'a.md', metadata: { path: whole } }))));
    expect(changes(await sync(items, path))).toEqual(['unchanged', 'unchanged']);
    const changed = await sync([inFolder('.\\docs', 'a.md', 'Docs, new'), inFolder('sub', 'a.md', 'Sub')], path);
    expect(outputs(changed).map((json) => [json['change'], json['path']])).toEqual([['changed', 'docs/a.md'], ['unchanged', 'sub/a.md']]);
    expect([...server.files.values()].map(({ text }) => text).sort()).toEqual(['Docs, new', 'Sub']);
  });

  it('does not let two items of one name replace each other', async () => {
    const items = [file('a.md', 'Docs'), file('a.md', 'Sub'), file('a.md', 'Docs')];
    for (const first of ['added', 'unchanged']) {
      const result = await sync(items);
      expect(changes(result)).toEqual([first, 'failed', 'unchanged']);
      expect(outputs(result)[1]).toMatchObject({ id: outputs(result)[0]?.['id'], error: expect.stringMatching(/^Item 0 has the same name "a\.md" and other content\. .*Options > File Name/) as unknown });
    }
    expect([...server.files.values()].map(({ text }) => text)).toEqual(['Docs']);
  });

  it.each(['保証書.txt', '「冬」の "手引" ❄️.txt', 'a*b?[1].txt', "it's #1 & more;.txt"])('knows %s again', async (name) => {
    expect(changes(await sync([file(name, 'Text')]))).toEqual(['added']);
    expect(changes(await sync([file(name, 'Text')]))).toEqual(['unchanged']);
    expect(changes(await sync([file(name, 'Text 2')]))).toEqual(['changed']);
    expect(server.files.size).toBe(1);
  });

  it('knows a name again whose marks macOS writes apart', async () => {
    expect(changes(await sync([file('ガイド.txt'.normalize('NFD'), 'Text')]))).toEqual(['added']);
    expect(changes(await sync([file('ガイド.txt'.normalize('NFC'), 'Text')]))).toEqual(['unchanged']);
  });

  it('leaves a field "path" of the metadata alone that means something else', async () => {
    server.addFile('a.txt', 'Text', { meta: { ...server.addFile('b.txt', 'Text').meta, data: { path: '/mnt/share' } } });
    expect(changes(await sync([file('a.txt', 'Text')]))).toEqual(['unchanged']);
  });

  it('takes a field "path" of the metadata for the folder of the file, as it would on the server, and sends the file once', async () => {
    const options = { metadata: { fields: [{ name: 'path', value: '={{ $json.folder }}/a.md' }] } };
    const items = [inFolder('docs', 'a.md', 'Docs'), inFolder('sub', 'a.md', 'Sub')];
    expect(changes(await sync(items, options))).toEqual(['added', 'added']);
    expect(changes(await sync(items, options))).toEqual(['unchanged', 'unchanged']);
    expect(outputs(await sync([inFolder('docs', 'a.md', 'New')], options))[0]).toMatchObject({ change: 'changed', path: 'docs/a.md' });
    expect([...server.files.values()].map(({ text }) => text).sort()).toEqual(['New', 'Sub']);
  });
});

describe('Upload File: Sync and metadata', () => {
  const year = (value: number): Json => ({ metadataJson: `{"year": ${value}}` });

  it('takes a file with other metadata for unchanged, unless told to compare them', async () => {
    expect(changes(await sync([file('a.txt', 'Text')], year(2026)))).toEqual(['added']);
    expect(changes(await sync([file('a.txt', 'Text')], year(2027)))).toEqual(['unchanged']);
    expect(changes(await sync([file('a.txt', 'Text')], { ...year(2026), compareMetadata: true }))).toEqual(['unchanged']);
    const changed = await sync([file('a.txt', 'Text')], { ...year(2027), compareMetadata: true });
    expect(outputs(changed)[0]).toMatchObject({ change: 'changed', metadata: { year: 2027 } });
    expect(changes(await sync([file('a.txt', 'Text')], { ...year(2027), compareMetadata: true }))).toEqual(['unchanged']);
    expect(server.files.size).toBe(1);
  });
});

describe('Upload File: Sync and faults', () => {
  it('ends when the files cannot be listed: every file would seem new', async () => {
    server.script('GET', LIST, { status: 400, body: { detail: 'no list' } });
    const result = await sync([file('a.txt', 'A'), file('b.txt', 'B')], {}, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error }) => error)).toEqual(['no list', 'no list']);
    expect(server.seen('POST', FILES)).toEqual([]);
    expect((await sync([file('a.txt', 'A')])).error).toMatchObject({ message: 'no list', node: 'UploadFile' });
  });

  it('ends when the key may not upload', async () => {
    server.script('POST', FILES, { status: 403, body: { detail: 'not allowed' } });
    expect((await sync([file('a.txt', 'A')])).error).toMatchObject({ message: 'not allowed', httpCode: '403' });
  });

  it('ends when the server is gone, and does not call every file failed', async () => {
    const passing = new ScriptedOpenWebUi();
    await passing.start();
    const { baseUrl } = passing;
    passing.processingMs = 60_000;
    const workflow = chain(ourNode('UploadFile', { operation: 'sync' }));
    const run = bench.engine.run(workflow, { inputItems: [file('a.txt', 'A'), file('b.txt', 'B')], credential: { baseUrl, apiKey: passing.apiKey } });
    while (passing.files.size < 2) await new Promise((done) => setTimeout(done, 20));
    await passing.stop();
    expect((await run).error?.message).toBe(`Nothing answers at ${baseUrl}: the connection was refused`);
  });

  it('takes the file that arrived although the answer was lost, and sends it again when it did not', async () => {
    server.script('POST', FILES, { status: 502, body: 'bad gateway', times: 1 });
    expect(changes(await sync([file('a.txt', 'A')]))).toEqual(['added']);
    server.script('POST', FILES, { status: 502, body: 'bad gateway', times: 1 });
    server.onRequest = ({ method }) => void (method === 'POST' && server.addFile('b.txt', 'B'));
    expect(changes(await sync([file('b.txt', 'B')]))).toEqual(['added']);
    expect(names()).toEqual(['a.txt', 'b.txt']);
  });

  it('gives the server\'s own record, with what was found out, when not simplified', async () => {
    const workflow = chain(ourNode('UploadFile', { operation: 'sync', simplify: false }));
    const run = await bench.engine.run(workflow, { inputItems: [file('a.txt', 'A')] });
    expect(outputs(run)[0]).toMatchObject({ change: 'added', user_id: 'user-1', meta: { size: 1 }, counts: { added: 1 } });
  });
});
