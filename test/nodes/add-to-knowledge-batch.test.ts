import { describe, expect, it } from '@jest/globals';

import { actions, openKnowledgeBench, outputs } from './support/knowledge-bench.ts';
import type { StoredBase, StoredFile } from './support/scripted-store.ts';
import { DUPLICATE } from './support/scripted-store.ts';
import { stopWhen } from './support/stopping.ts';
import { locator } from './support/workflows.ts';

const bench = openKnowledgeBench();
const { server, run: add } = bench;

const ids = (files: StoredFile[]): string[] => files.map(({ id }) => id);
const texts = (...contents: string[]): StoredFile[] => contents.map((text, index) => server.addFile(`${index}.txt`, text));
const batches = (base: StoredBase) => server.seen('POST', `/api/v1/knowledge/${base.id}/files/batch/add`);
const singles = (base: StoredBase) => server.seen('POST', `/api/v1/knowledge/${base.id}/file/add`);

describe('Add to Knowledge, many items', () => {
  it('adds fifty files with three requests, and learns about them with three more', async () => {
    const base = server.addBase('Manuals');
    const files = Array.from({ length: 50 }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`));
    const result = await add(ids(files), { knowledge: locator('id', base.id) });
    expect(outputs(result).map(({ action, fileCount, fileId }) => [action, fileCount, fileId])).toEqual(files.map(({ id }, index) => ['added', index + 1, id]));
    expect(batches(base).map(({ body }) => (body as unknown[]).length)).toEqual([20, 20, 10]);
    expect(base.files).toHaveLength(50);
    // The knowledge base, the files in it, and the state of the uploaded files.
    expect(server.requests).toHaveLength(6);
  });

  it('puts as many files in a request as the option says, each time in the order of the items', async () => {
    const base = server.addBase('Manuals');
    const files = texts('A', 'B', 'C', 'D', 'E');
    await add(ids(files), { knowledge: locator('id', base.id), options: { batchSize: 2 } });
    expect(batches(base).map(({ body }) => body)).toEqual([
      [{ file_id: files[0]?.id }, { file_id: files[1]?.id }],
      [{ file_id: files[2]?.id }, { file_id: files[3]?.id }],
    ]);
    expect(singles(base).map(({ body }) => body)).toEqual([{ file_id: files[4]?.id }]);
  });

  it('adds items of two knowledge bases to each of them', async () => {
    const [one, two] = [server.addBase('One'), server.addBase('Two')];
    const files = texts('A', 'B', 'C', 'D');
    const items = files.map(({ id }, index) => ({ id, base: index % 2 === 0 ? 'One' : 'Two' }));
    const result = await add(items, { knowledge: { __rl: true, mode: 'name', value: '={{ $json.base }}' } });
    expect(outputs(result).map(({ knowledgeName, action }) => [knowledgeName, action])).toEqual([['One', 'added'], ['Two', 'added'], ['One', 'added'], ['Two', 'added']]);
    expect([one.files, two.files]).toEqual([[files[2]?.id, files[0]?.id], [files[3]?.id, files[1]?.id]]);
  });

  it('sends PDF files one by one, because a batch on Open WebUI loses their pages, some at a time when told so', async () => {
    const base = server.addBase('Manuals');
    const meta = { name: 'a.pdf', content_type: 'application/pdf' };
    const files = [...texts('A', 'B'), ...['C', 'D', 'E'].map((text) => server.addFile(`${text}.pdf`, text, { meta }))];
    server.script('POST', `/api/v1/knowledge/${base.id}/file/add`, { status: 429, body: { detail: 'Slow down' }, headers: { 'retry-after': '0.1' }, delayMs: 100, times: 3 });
    await add(ids(files), { knowledge: locator('id', base.id), options: { concurrency: 3 } });
    expect(batches(base)).toHaveLength(1);
    expect(singles(base)).toHaveLength(6);
    expect(server.mostAtOnce).toBe(3);
    expect(base.files).toHaveLength(5);
  });

  it('waits for all files of a batch with few looks at the server', async () => {
    const base = server.addBase('Manuals');
    const readyAt = Date.now() + 600;
    const files = Array.from({ length: 10 }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`, { hash: null, data: { status: 'processing' }, readyAt }));
    expect(new Set(actions(await add(ids(files), { knowledge: locator('id', base.id) })))).toEqual(new Set(['added']));
    expect(server.requests.length).toBeLessThan(12);
  });

  it('does not add a file again that somebody else added while it waited', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.txt', 'A', { hash: null, data: { status: 'processing' }, readyAt: Date.now() + 600_000 });
    server.onRequest = ({ path }) => {
      if (base.files.length > 0 || !path.endsWith('/process/status')) return;
      base.files = [file.id];
      file.readyAt = Date.now() + 1_100;
    };
    expect(actions(await add([file.id], { knowledge: locator('id', base.id) }))).toEqual(['unchanged']);
    expect(singles(base)).toHaveLength(0);
  });

  it('does not add a file a second time that the server itself adds, as its metadata ask for', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.txt', 'A', { hash: null, data: { status: 'processing' }, readyAt: Date.now() + 300 });
    file.meta = { ...file.meta, data: { knowledge_id: base.id } };
    expect(actions(await add([file.id], { knowledge: locator('id', base.id) }))).toEqual(['unchanged']);
    expect(singles(base)).toHaveLength(0);
  });

  it('does not add it either where the server was done before the node first looked', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.txt', 'A');
    file.meta = { ...file.meta, data: { knowledge_id: base.id } };
    server.onRequest = ({ path }) => {
      if (path.endsWith('/process/status')) base.files = [file.id];
    };
    expect(actions(await add([file.id], { knowledge: locator('id', base.id) }))).toEqual(['unchanged']);
    expect(singles(base)).toHaveLength(0);
  });

  it('adds the files whose metadata name another knowledge base, or one that does not take them', async () => {
    const [base, other] = [server.addBase('Manuals'), server.addBase('Other')];
    const files = texts('A', 'B');
    files.forEach((file, index) => (file.meta = { ...file.meta, data: { knowledge_id: [base, other][index]?.id } }));
    expect(actions(await add(ids(files), { knowledge: locator('id', base.id) }))).toEqual(['added', 'added']);
  });

  it('reads the list of uploaded files once, however many batches there are and however old the files', async () => {
    const base = server.addBase('Manuals');
    const files = Array.from({ length: 3_000 }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`));
    const result = await add(ids(files), { knowledge: locator('id', base.id) });
    expect(new Set(actions(result))).toEqual(new Set(['added']));
    const asked = server.requests.filter(({ path }) => path.startsWith('/api/v1/files/'));
    // Those of the first batch, which are older than the two pages that a batch reads, are asked for one by one.
    expect(asked.length).toBeLessThan(50);
    expect(asked.filter(({ path }) => path.endsWith('/search')).map(({ query }) => query['skip'])).toEqual(['0', '1000', '2000']);
  });

  it('does not add a file again that somebody else added while a batch before it was added', async () => {
    const base = server.addBase('Manuals');
    const [a, b] = texts('A', 'B');
    server.onRequest = ({ path }) => {
      if (path.endsWith('/file/add')) base.files = ids([b as StoredFile]);
    };
    const result = await add([a?.id, b?.id], { knowledge: locator('id', base.id), options: { batchSize: 1 } });
    expect(actions(result)).toEqual(['added', 'unchanged']);
    expect(singles(base)).toHaveLength(1);
    expect(outputs(result)[1]?.['fileCount']).toBe(2);
  });

  it('adds the files that are processed in time although another one of the batch never is', async () => {
    const base = server.addBase('Manuals');
    // Uploaded without processing: it has no status, so that it is asked for by itself.
    const stuck = server.addFile('stuck.txt', 'S', { hash: null, data: {} });
    const soon = ['A', 'B', 'C'].map((text) => server.addFile(`${text}.txt`, text, { hash: null, data: { status: 'processing' }, readyAt: Date.now() + 300 }));
    const parameters = { knowledge: locator('id', base.id), options: { timeout: 1 } };
    const result = await add([stuck.id, ...ids(soon)], parameters, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error, action }) => error ?? action)).toEqual([
      `The file ${stuck.id} is not searchable after 1 seconds (status "pending")`, 'added', 'added', 'added',
    ]);
  });

  it('fails a file that is not processed in time, and adds the others', async () => {
    const base = server.addBase('Manuals');
    const stuck = server.addFile('stuck.txt', 'S', { hash: null, data: { status: 'processing' }, readyAt: Date.now() + 600_000 });
    const parameters = { knowledge: locator('id', base.id), options: { timeout: 1 } };
    const result = await add([stuck.id, ...ids(texts('A', 'B', 'C'))], parameters, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error, action }) => error ?? action)).toEqual([
      `The file ${stuck.id} is not searchable after 1 seconds (status "processing")`, 'added', 'added', 'added',
    ]);
  });

  it('says that a file failed without a reason, after giving it time to recover', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.pdf', '', { hash: null, data: { status: 'failed' } });
    const result = await add([file.id], { knowledge: locator('id', base.id) });
    expect(result.error?.message).toBe('"a.pdf" could not be processed: the server gives no reason');
    expect(singles(base)).toHaveLength(0);
  });

  it('sees one file twice among the items', async () => {
    const base = server.addBase('Manuals');
    const [a, b] = ids(texts('A', 'B'));
    expect(actions(await add([a, b, a], { knowledge: locator('id', base.id) }))).toEqual(['added', 'added', 'unchanged']);
  });

  it('names the file that it had taken out when the execution is stopped before the other was there', async () => {
    const [old, now] = [server.addFile('old.txt', 'Same'), server.addFile('new.txt', 'Same')];
    const base = server.addBase('Manuals', [old]);
    server.script('POST', `/api/v1/knowledge/${base.id}/file/add`, { status: 200, body: {}, delayMs: 3_000 });
    const running = add([now.id], { knowledge: locator('id', base.id), options: { ifDuplicate: 'replace' } }, { onError: 'continueRegularOutput' });
    const result = await stopWhen(() => singles(base).length > 0, running, bench.engine);
    expect(result.status).toBe('canceled');
    expect(result.error?.message).toContain('The file "old.txt" was taken out of the knowledge base "Manuals"');
    expect(result.error?.description).toContain(old.id);
  });

  it('stops at once when the execution is stopped', async () => {
    const base = server.addBase('Manuals');
    const files = Array.from({ length: 5 }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`, { hash: null, data: { status: 'processing' }, readyAt: Date.now() + 600_000 }));
    const running = add(ids(files), { knowledge: locator('id', base.id) }, { onError: 'continueRegularOutput' });
    const result = await stopWhen(() => server.requests.length > 2, running, bench.engine);
    expect(result.status).toBe('canceled');
    expect(base.files).toEqual([]);
  });
});

describe('Add to Knowledge and equal texts in a batch (trap 14: batch add hides what it left out)', () => {
  it('adds the first in the order of the items, whichever the server would keep', async () => {
    const base = server.addBase('Manuals');
    const files = texts('Same', 'Other', 'Same', 'Same');
    const result = await add(ids(files), { knowledge: locator('id', base.id) });
    expect(outputs(result).map(({ action, duplicateOf }) => [action, duplicateOf])).toEqual([
      ['added', undefined], ['added', undefined], ['skipped', files[0]?.id], ['skipped', files[0]?.id],
    ]);
    expect(files.map(({ data }) => data['status'])).toEqual(['completed', 'completed', 'completed', 'completed']);
  });

  it('replaces one after the other when told so, so that the last one stays', async () => {
    const base = server.addBase('Manuals');
    const files = texts('Same', 'Other', 'Same');
    const result = await add(ids(files), { knowledge: locator('id', base.id), options: { ifDuplicate: 'replace' } });
    expect(outputs(result).map(({ action, fileCount }) => [action, fileCount])).toEqual([['added', 1], ['added', 2], ['replaced', 2]]);
    expect(base.files).toEqual(ids(files).slice(1));
  });

  it('fails the later items when told so', async () => {
    const base = server.addBase('Manuals');
    const parameters = { knowledge: locator('id', base.id), options: { ifDuplicate: 'fail' } };
    const result = await add(ids(texts('Same', 'Other', 'Same')), parameters, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error, action }) => error ?? action)).toEqual(['added', 'added', 'The knowledge base "Manuals" already has the text of "2.txt"']);
  });

  it('adds the second where the first of two equal texts could not be added', async () => {
    const base = server.addBase('Manuals');
    const files = texts('Same', 'Same');
    server.script('POST', `/api/v1/knowledge/${base.id}/file/add`, { status: 400, body: { detail: '400: embedder is down' }, times: 1 });
    const result = await add(ids(files), { knowledge: locator('id', base.id) }, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error, action }) => error ?? action)).toEqual(['400: embedder is down', 'added']);
    expect(base.files).toEqual([files[1]?.id]);
  });

  it('tells the reason for a file that the batch left out without a word', async () => {
    const base = server.addBase('Manuals');
    const silent = server.addFile('film.mp4', '', { hash: null });
    const failed = server.addFile('bad.docx', '', { hash: null, data: { status: 'failed', error: 'File is not a zip file' } });
    const files = [...texts('A', 'B'), silent, failed];
    server.script('POST', `/api/v1/knowledge/${base.id}/file/add`, { status: 400, body: { detail: '400: The content provided is empty.' } });
    const result = await add(ids(files), { knowledge: locator('id', base.id) }, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error, action }) => error ?? action)).toEqual([
      'added', 'added', '400: The content provided is empty.', '"bad.docx" could not be processed: File is not a zip file',
    ]);
    expect(singles(base)).toHaveLength(1);
  });
});

describe('Add to Knowledge and files that a duplicate has spoilt (trap 3: a duplicate poisons the file)', () => {
  it('mends a file that the server marked as failed for its text elsewhere, and adds it', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.txt', 'A', { hash: null, data: { status: 'failed', error: DUPLICATE } });
    expect(actions(await add([file.id], { knowledge: locator('id', base.id) }))).toEqual(['added']);
    expect(file.data['status']).toBe('completed');
  });

  it.each([['skip', 'skipped'], ['replace', 'replaced']])('mends a file when somebody else adds its text at the same moment, and goes on as the option says: %s', async (ifDuplicate, action) => {
    const base = server.addBase('Manuals');
    const [mine, theirs] = texts('Same', 'Same');
    // The list was read, both times, before the other file came in.
    server.script('GET', `/api/v1/knowledge/${base.id}/files`, { status: 200, body: { items: [], total: 0 }, times: 2 });
    base.files = [String(theirs?.id)];
    const result = await add([mine?.id], { knowledge: locator('id', base.id), options: { ifDuplicate } });
    expect(outputs(result)[0]).toMatchObject({ action, duplicateOf: theirs?.id, fileCount: 1 });
    expect([mine?.data['status'], theirs?.data['status']]).toEqual(['completed', 'completed']);
  });

  it('does not send a file of a batch again whose text somebody else added meanwhile', async () => {
    const base = server.addBase('Manuals');
    const [a, mine, theirs] = texts('A', 'Same', 'Same');
    server.script('GET', `/api/v1/knowledge/${base.id}/files`, { status: 200, body: { items: [], total: 0 }, times: 1 });
    base.files = [String(theirs?.id)];
    const result = await add([a?.id, mine?.id], { knowledge: locator('id', base.id) });
    expect(outputs(result)[1]).toMatchObject({ action: 'skipped', duplicateOf: theirs?.id, fileCount: 2 });
    expect(singles(base)).toHaveLength(0);
  });
});
