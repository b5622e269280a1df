import { describe, expect, it } from '@jest/globals';

import { actions, openKnowledgeBench, outputs } from './support/knowledge-bench.ts';
import { locator } from './support/workflows.ts';

const { server, run: add } = openKnowledgeBench();

describe('Add to Knowledge', () => {
  it('adds each file once and says so when it is there already', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.txt', 'A');
    const knowledge = locator('id', base.id);
    expect(outputs(await add([file.id], { knowledge }))).toEqual([
      { knowledgeId: base.id, knowledgeName: 'Manuals', fileId: file.id, filename: 'a.txt', action: 'added', fileCount: 1 },
    ]);
    expect(actions(await add([file.id, file.id], { knowledge }))).toEqual(['unchanged', 'unchanged']);
    expect(server.seen('POST', `/api/v1/knowledge/${base.id}/file/add`)).toHaveLength(1);
  });

  it('waits until a file is processed, so that it is never marked as failed', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.txt', 'A', { hash: null, data: { status: 'processing' }, readyAt: Date.now() + 400 });
    expect(actions(await add([file.id], { knowledge: locator('id', base.id) }))).toEqual(['added']);
    expect(file.data['status']).toBe('completed');
  });

  it('gives a file another chance that reads as failed for a moment', async () => {
    const base = server.addBase('Manuals');
    const error = 'The content provided is empty. Please ensure that there is text or data present before proceeding.';
    const file = server.addFile('a.txt', 'A', { hash: null, data: { status: 'failed', error }, readyAt: Date.now() + 700 });
    expect(actions(await add([file.id], { knowledge: locator('id', base.id) }))).toEqual(['added']);
  });

  it('fails with the reason when a file could not be processed', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.pdf', '', { hash: null, data: { status: 'failed', error: 'Stream has ended unexpectedly' } });
    const result = await add([file.id], { knowledge: locator('id', base.id) });
    expect(result.error?.message).toBe('"a.pdf" could not be processed: Stream has ended unexpectedly');
  });

  it('skips a file whose text is there under another name, and leaves that file unharmed', async () => {
    const first = server.addFile('a.txt', 'Same');
    const second = server.addFile('b.txt', 'Same');
    const base = server.addBase('Manuals', [first]);
    const result = await add([second.id], { knowledge: locator('id', base.id) });
    expect(outputs(result)[0]).toMatchObject({ action: 'skipped', duplicateOf: first.id, fileCount: 1 });
    expect(second.data['status']).toBe('completed');
    expect(second.hash).not.toBeNull();
  });

  it('sees equal texts among the items of one run', async () => {
    const base = server.addBase('Manuals');
    const files = [server.addFile('a.txt', 'Same'), server.addFile('b.txt', 'Same')];
    expect(actions(await add(files.map(({ id }) => id), { knowledge: locator('id', base.id) }))).toEqual(['added', 'skipped']);
  });

  it('looks through all pages of a large knowledge base', async () => {
    const files = Array.from({ length: 70 }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`));
    const base = server.addBase('Manuals', files);
    const twin = server.addFile('twin.txt', 'Text 69');
    const result = await add([twin.id], { knowledge: locator('id', base.id) });
    expect(outputs(result)[0]).toMatchObject({ action: 'skipped', duplicateOf: files[69]?.id, fileCount: 70 });
  });

  it('fails at, or replaces, the other file when told so', async () => {
    const first = server.addFile('a.txt', 'Same');
    const second = server.addFile('b.txt', 'Same');
    const base = server.addBase('Manuals', [first]);
    const knowledge = locator('id', base.id);
    const failed = await add([second.id], { knowledge, options: { ifDuplicate: 'fail' } });
    expect(failed.error?.message).toBe('The knowledge base "Manuals" already has the text of "b.txt"');
    expect(failed.error?.description).toContain(first.id);
    const replaced = await add([second.id], { knowledge, options: { ifDuplicate: 'replace' } });
    expect(outputs(replaced)[0]).toMatchObject({ action: 'replaced', duplicateOf: first.id, fileCount: 1 });
    expect(base.files).toEqual([second.id]);
    expect(server.files.has(first.id)).toBe(true);
  });

  it('puts the other file back when replacing it fails', async () => {
    const first = server.addFile('a.txt', 'Same');
    const second = server.addFile('b.txt', 'Same');
    const base = server.addBase('Manuals', [first]);
    const path = `/api/v1/knowledge/${base.id}/file/add`;
    server.script('POST', path, { status: 400, body: { detail: '400: embedder is down' }, times: 1 });
    const result = await add([second.id], { knowledge: locator('id', base.id), options: { ifDuplicate: 'replace' } });
    expect(result.error?.message).toBe('400: embedder is down');
    expect(base.files).toEqual([first.id]);
  });

  it('says which file is missing now when it can neither replace it nor put it back', async () => {
    const [first, second] = [server.addFile('a.txt', 'Same'), server.addFile('b.txt', 'Same')];
    const base = server.addBase('Manuals', [first]);
    server.script('POST', `/api/v1/knowledge/${base.id}/file/add`, { status: 400, body: { detail: '400: embedder is down' } });
    const { error } = await add([second.id], { knowledge: locator('id', base.id), options: { ifDuplicate: 'replace' } });
    expect(error?.message).toContain('400: embedder is down. The file "a.txt" was taken out of the knowledge base "Manuals"');
    expect(error?.description).toContain(first.id);
  });

  it('warns where the server refuses a text that no file of the knowledge base has', async () => {
    const file = server.addFile('a.txt', 'Same');
    const base = server.addBase('Manuals');
    base.ghosts.push(server.addFile('ghost.txt', 'Same'));
    const result = await add([file.id], { knowledge: locator('id', base.id) });
    expect(outputs(result)[0]).toMatchObject({ action: 'skipped', fileCount: 0 });
    expect(result.nodes['AddToKnowledge']?.hints.join()).toContain('The server refuses the text of "a.txt" (Manuals)');
  });

  it('says so where the File ID is a list', async () => {
    const base = server.addBase('Manuals');
    const { error } = await add([{ ids: ['a', 'b'] }], { knowledge: locator('id', base.id), fileId: '={{ $json.ids }}' });
    expect(error).toMatchObject({ message: 'The field "File ID" holds a list, not a text', description: expect.stringContaining('["a","b"]') as unknown });
  });

  it('creates a knowledge base by name once for all items', async () => {
    const files = [server.addFile('a.txt', 'A'), server.addFile('b.txt', 'B'), server.addFile('c.txt', 'C')];
    const parameters = { knowledge: locator('name', '手引き'), createIfMissing: true, options: { description: 'All', access: 'public' } };
    const result = await add(files.map(({ id }) => id), parameters);
    expect(actions(result)).toEqual(['added', 'added', 'added']);
    expect(server.seen('POST', '/api/v1/knowledge/create').map(({ body }) => body)).toEqual([
      { name: '手引き', description: 'All', access_grants: [{ principal_type: 'user', principal_id: '*', permission: 'read' }], access_control: null },
    ]);
    expect(actions(await add([files[0]?.id], parameters))).toEqual(['unchanged']);
    expect(server.bases.size).toBe(1);
  });

  it('finds a name on a later page and takes the address of a knowledge base', async () => {
    const bases = Array.from({ length: 35 }, (_, index) => server.addBase(`Base ${index}`));
    const file = server.addFile('a.txt', 'A');
    const last = bases[34];
    expect(outputs(await add([file.id], { knowledge: locator('name', 'Base 34') }))[0]).toMatchObject({ knowledgeId: last?.id });
    const url = `http://127.0.0.1/workspace/knowledge/${last?.id}`;
    expect(actions(await add([file.id], { knowledge: locator('url', url) }))).toEqual(['unchanged']);
  });

  it('says which names are missing or taken twice', async () => {
    const file = server.addFile('a.txt', 'A');
    const missing = await add([file.id], { knowledge: locator('name', 'Nope') });
    expect(missing.error?.message).toBe('No knowledge base is named "Nope"');
    const twins = [server.addBase('Twin'), server.addBase('Twin')];
    const twice = await add([file.id], { knowledge: locator('name', 'Twin') });
    expect(twice.error?.description).toContain(twins[1]?.id);
  });

  it('tells what to do when an item has no file ID, and goes on with the others', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.txt', 'A');
    const result = await add([undefined, file.id, 'unknown'], { knowledge: locator('id', base.id) }, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error, action }) => error ?? action)).toEqual([
      'The field "File ID" is empty', 'added', "We could not find what you're looking for :/",
    ]);
    expect(result.nodes['AddToKnowledge']?.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
  });

  it('says why there is no file ID when the upload of the item failed', async () => {
    const base = server.addBase('Manuals');
    const item = { id: null, filename: 'b.txt', change: 'failed', error: 'The file is too large' };
    const result = await add([item], { knowledge: locator('id', base.id), fileId: '={{ $json.id }}' });
    expect(result.error).toMatchObject({ message: 'The field "File ID" is empty', description: expect.stringContaining('(b.txt): The file is too large') as unknown });
  });
});
