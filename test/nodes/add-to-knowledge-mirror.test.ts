import { describe, expect, it } from '@jest/globals';

import type { Json, RunResult } from './support/engine-types.ts';
import { actions, openKnowledgeBench, outputs, pairs } from './support/knowledge-bench.ts';
import type { StoredFile } from './support/scripted-store.ts';
import { DUPLICATE } from './support/scripted-store.ts';
import { locator } from './support/workflows.ts';

const { server, run } = openKnowledgeBench();
const mirror = async (files: unknown[], parameters: Json, more: Json = {}): Promise<RunResult> =>
  await run(files, { operation: 'mirror', ...parameters }, more);
const goOn = { onError: 'continueRegularOutput' };

const ids = (files: Array<StoredFile | undefined>): string[] => files.map((file) => String(file?.id));
const texts = (...contents: string[]): StoredFile[] => contents.map((text) => server.addFile(`${text}.txt`, text));

describe('Add to Knowledge, operation Mirror', () => {
  it('makes the knowledge base hold exactly the files that came in, and keeps the others on the server', async () => {
    const files = texts('A', 'B', 'C', 'D');
    const [a, b, c, d] = files;
    const base = server.addBase('Manuals', files.slice(0, 2));
    const result = await mirror(ids([b, c, d]), { knowledge: locator('id', base.id), options: { batchSize: 2 } });
    const common = { knowledgeId: base.id, knowledgeName: 'Manuals' };
    expect(outputs(result)).toEqual([
      { ...common, fileId: b?.id, filename: 'B.txt', action: 'unchanged', fileCount: 2 },
      { ...common, fileId: c?.id, filename: 'C.txt', action: 'added', fileCount: 3 },
      { ...common, fileId: d?.id, filename: 'D.txt', action: 'added', fileCount: 4 },
      { ...common, fileId: a?.id, filename: 'A.txt', action: 'removed', fileCount: 3 },
    ]);
    expect(pairs(result)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }, { item: 0 }]);
    expect([...base.files].sort()).toEqual(ids([b, c, d]).sort());
    expect(server.files.size).toBe(4);
  });

  it('changes nothing the second time', async () => {
    const base = server.addBase('Manuals', texts('Old'));
    const files = ids(texts('A', 'B'));
    await mirror(files, { knowledge: locator('id', base.id) });
    server.requests.length = 0;
    expect(actions(await mirror(files, { knowledge: locator('id', base.id) }))).toEqual(['unchanged', 'unchanged']);
    expect(server.requests.map(({ method }) => method)).not.toContain('POST');
  });

  it('has a new version of a file in place before it takes the old one out', async () => {
    const [old, now, other] = texts('Version 1', 'Version 2', 'C');
    const base = server.addBase('Manuals', [old as StoredFile]);
    await mirror(ids([now, other]), { knowledge: locator('id', base.id), options: { deleteRemoved: true } });
    const changes = server.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path.split('/').slice(3).join('/')}`);
    expect(changes).toEqual([`POST knowledge/${base.id}/files/batch/add`, 'POST retrieval/delete', `DELETE files/${old?.id}`]);
    expect(base.files).toEqual(ids([now, other]).reverse());
    expect(server.files.has(String(old?.id))).toBe(false);
  });

  it('lets a file take the place of another with the same text that did not come in, and deletes that one when told so', async () => {
    const [old, now] = [server.addFile('old name.txt', 'Same'), server.addFile('new name.txt', 'Same')];
    const base = server.addBase('Manuals', [old]);
    const result = await mirror([now.id], { knowledge: locator('id', base.id), options: { deleteRemoved: true } });
    expect(outputs(result)).toEqual([expect.objectContaining({ action: 'replaced', duplicateOf: old.id, fileCount: 1 })]);
    expect(base.files).toEqual([now.id]);
    expect([...server.files.keys()]).toEqual([now.id]);
  });

  it('adds a file after all once the file with the same text is gone that the server knows but does not name', async () => {
    const now = server.addFile('new name.txt', 'Same');
    // Spoilt by a duplicate in another knowledge base: its text is in this one, its hash is lost.
    const spoilt = server.addFile('old name.txt', 'Same', { hash: null, data: { status: 'failed', error: DUPLICATE } });
    const base = server.addBase('Manuals', [spoilt]);
    server.onRequest = ({ path }) => {
      if (!path.endsWith('/file/add') || !base.files.includes(spoilt.id)) return;
      Object.assign(now, { hash: null, data: { status: 'failed', error: DUPLICATE } });
      server.script('POST', path, { status: 400, body: { detail: `400: ${DUPLICATE}` }, times: 1 });
    };
    const result = await mirror([now.id], { knowledge: locator('id', base.id) });
    expect(actions(result)).toEqual(['added', 'removed']);
    expect(base.files).toEqual([now.id]);
  });

  it('keeps one of two incoming files with the same text', async () => {
    const [a, b] = texts('Same', 'Same');
    const base = server.addBase('Manuals', [b as StoredFile]);
    expect(actions(await mirror(ids([a, b]), { knowledge: locator('id', base.id) }))).toEqual(['skipped', 'unchanged']);
    expect(base.files).toEqual(ids([b]));
  });

  it('takes nothing out when an item has no file ID, and says so', async () => {
    const [old, now] = texts('Old', 'New');
    const base = server.addBase('Manuals', [old as StoredFile]);
    const result = await mirror([now?.id, { error: 'could not be uploaded' }], { knowledge: locator('id', base.id) }, goOn);
    expect(outputs(result)[0]).toMatchObject({ action: 'added', removalSkipped: true });
    expect(outputs(result)[1]).toMatchObject({ error: 'The field "File ID" is empty' });
    expect(result.nodes['AddToKnowledge']?.hints.join()).toContain('No file was removed from the knowledge base "Manuals"');
    expect(base.files).toEqual(ids([old, now]));
  });

  it('takes nothing out when a file failed, and stops with its error unless it is told to go on', async () => {
    const [old, now] = texts('Old', 'New');
    const bad = server.addFile('bad.pdf', '', { hash: null, data: { status: 'failed', error: 'Stream has ended unexpectedly' } });
    const base = server.addBase('Manuals', [old as StoredFile]);
    const summary = await mirror(ids([now, bad]), { knowledge: locator('id', base.id), output: 'summary' }, goOn);
    expect(outputs(summary)).toEqual([expect.objectContaining({ removalSkipped: true, removed: [], failed: [expect.objectContaining({ id: bad.id })] })]);
    const stopped = await mirror(ids([now, bad]), { knowledge: locator('id', base.id) });
    expect(stopped.error).toMatchObject({ message: '"bad.pdf" could not be processed: Stream has ended unexpectedly', itemIndex: 1 });
    expect(base.files).toContain(old?.id);
  });

  it('takes nothing out where no item has a file ID', async () => {
    const base = server.addBase('Manuals', texts('Old'));
    const result = await mirror([{}, {}], { knowledge: locator('id', base.id), output: 'summary' }, goOn);
    expect(outputs(result)[0]).toMatchObject({ removalSkipped: true, fileCount: 1 });
  });

  it('keeps the older version of a file whose new one failed in the sync of Upload File', async () => {
    const [kept, now, gone] = texts('Version 1', 'New', 'Gone');
    const base = server.addBase('Manuals', [kept, gone] as StoredFile[]);
    const failed = { id: kept?.id, filename: 'Version 1.txt', status: 'failed', change: 'failed', error: 'no text', previousId: kept?.id };
    const result = await mirror([failed, { id: now?.id, change: 'added' }], { knowledge: locator('id', base.id) });
    expect(actions(result)).toEqual(['unchanged', 'added', 'removed']);
    expect(base.files).toEqual(ids([kept, now]));
  });

  it('mirrors each knowledge base on its own, and one with a failed item does not hold up the other', async () => {
    const [oldOne, oldTwo, a, b] = texts('Old 1', 'Old 2', 'A', 'B');
    const [one, two] = [server.addBase('One', [oldOne as StoredFile]), server.addBase('Two', [oldTwo as StoredFile])];
    const items = [{ id: a?.id, base: 'One' }, { id: b?.id, base: 'Two' }, { id: 'unknown', base: 'Two' }];
    const result = await mirror(items, { knowledge: locator('name', '={{ $json.base }}') }, goOn);
    expect(outputs(result).map(({ knowledgeName, action, removalSkipped, error }) => error ?? [knowledgeName, action, removalSkipped])).toEqual([
      ['One', 'added', undefined], ['Two', 'added', true], expect.any(String), ['One', 'removed', undefined],
    ]);
    expect([one.files, two.files]).toEqual([ids([a]), ids([oldTwo, b])]);
  });

  it('takes nothing out of any knowledge base while it does not know to which one a failed item belongs', async () => {
    const [old, a] = texts('Old', 'A');
    const base = server.addBase('One', [old as StoredFile]);
    const items = [{ id: a?.id, base: 'One' }, { id: a?.id, base: 'Missing' }];
    const result = await mirror(items, { knowledge: locator('name', '={{ $json.base }}') }, goOn);
    expect(outputs(result)[0]).toMatchObject({ action: 'added', removalSkipped: true });
    expect(base.files).toContain(old?.id);
  });

  it('tells what it could not take out', async () => {
    const [old, a] = texts('Old', 'A');
    const base = server.addBase('Manuals', [old as StoredFile]);
    server.script('POST', `/api/v1/knowledge/${base.id}/file/remove`, { status: 400, body: { detail: 'read-only' } });
    const result = await mirror(ids([a]), { knowledge: locator('id', base.id), output: 'summary' }, goOn);
    expect(outputs(result)).toEqual([expect.objectContaining({ fileCount: 2, failed: [{ id: old?.id, filename: 'Old.txt', error: 'read-only' }] })]);
    expect((await mirror(ids([a]), { knowledge: locator('id', base.id) })).error?.message).toBe('read-only');
  });

  it('tells when a file that another took the place of cannot be deleted, and clears up the other knowledge bases', async () => {
    const [old, now] = [server.addFile('old name.txt', 'Same'), server.addFile('new name.txt', 'Same')];
    const [gone, a] = texts('Gone', 'A');
    const [one, two] = [server.addBase('One', [old]), server.addBase('Two', [gone as StoredFile])];
    server.script('DELETE', `/api/v1/files/${old.id}`, { status: 400, body: { detail: '[ERROR: Error deleting files]' } });
    const items = [{ id: now.id, base: 'One' }, { id: a?.id, base: 'Two' }];
    const result = await mirror(items, { knowledge: locator('name', '={{ $json.base }}'), options: { deleteRemoved: true } }, goOn);
    expect(outputs(result).map(({ knowledgeName, action, error }) => error ?? [knowledgeName, action])).toEqual([
      ['One', 'replaced'], '[ERROR: Error deleting files]', ['Two', 'added'], ['Two', 'removed'],
    ]);
    expect([one.files, two.files]).toEqual([[now.id], ids([a])]);
  });

  it('deletes no file that came in for another knowledge base in the same run, and takes it out only', async () => {
    const [a, b, gone] = texts('A', 'B', 'Gone');
    const [one, two] = [server.addBase('One'), server.addBase('Two', [a, gone] as StoredFile[])];
    const items = [{ id: a?.id, base: 'One' }, { id: b?.id, base: 'Two' }];
    const result = await mirror(items, { knowledge: locator('name', '={{ $json.base }}'), options: { deleteRemoved: true } });
    expect(outputs(result).map(({ knowledgeName, action, fileId }) => [knowledgeName, action, fileId])).toEqual([
      ['One', 'added', a?.id], ['Two', 'added', b?.id], ['Two', 'removed', a?.id], ['Two', 'removed', gone?.id],
    ]);
    expect([one.files, two.files]).toEqual([ids([a]), ids([b])]);
    expect([...server.files.keys()]).toEqual(ids([a, b]));
  });

  it("has the new file in the place of one of somebody else, which the key may not delete, and says that it stays", async () => {
    server.isAdmin = false;
    const former = server.addFile('old.txt', 'Same text.', { user_id: 'user-2' });
    const base = server.addBase('Manuals', [former]);
    const { id } = server.addFile('new.txt', 'Same text.');
    const result = await mirror([id], { knowledge: locator('id', base.id), options: { deleteRemoved: true } });
    expect(result.error).toBeUndefined();
    expect(outputs(result).map(({ action, fileId }) => [action, fileId])).toEqual([['replaced', id]]);
    expect(result.nodes['AddToKnowledge']?.hints.join()).toContain(`The file ${former.id}, which another took the place of`);
    expect(server.files.has(former.id)).toBe(true);
  });

  it('does not delete a file that another took the place of where it came in for another knowledge base', async () => {
    const [old, now] = [server.addFile('old name.txt', 'Same'), server.addFile('new name.txt', 'Same')];
    const [one, two] = [server.addBase('One', [old]), server.addBase('Two')];
    const items = [{ id: now.id, base: 'One' }, { id: old.id, base: 'Two' }];
    const result = await mirror(items, { knowledge: locator('name', '={{ $json.base }}'), options: { deleteRemoved: true } });
    expect(actions(result)).toEqual(['replaced', 'added']);
    expect([one.files, two.files]).toEqual([[now.id], [old.id]]);
    expect(server.files.has(old.id)).toBe(true);
  });

  it('leaves no text of a deleted file in a knowledge base that it does not mirror', async () => {
    const [gone, a] = texts('Gone', 'A');
    const [one, two] = [server.addBase('One', [gone as StoredFile]), server.addBase('Two', [gone as StoredFile])];
    await mirror(ids([a]), { knowledge: locator('id', one.id), options: { deleteRemoved: true } });
    expect([two.files, two.ghosts, server.orphans.size]).toEqual([[], [], 0]);
  });

  it('creates a knowledge base that is missing', async () => {
    const result = await mirror(ids(texts('A')), { knowledge: locator('name', 'New'), createIfMissing: true });
    expect(outputs(result)).toEqual([expect.objectContaining({ knowledgeName: 'New', action: 'added', fileCount: 1 })]);
  });
});
