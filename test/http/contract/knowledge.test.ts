import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../../support/runtime.ts';
import { call, createKnowledge, fileForm, TEXT, uploadText } from './client.ts';

let runtime: RunningRuntime;
let userKey = '';
beforeAll(async () => {
  runtime = await startRuntime({ env: { ENABLE_SIGNUP: 'true', DEFAULT_USER_ROLE: 'user' } });
  const json = { name: 'Bob', email: 'bob@example.com', password: 'bob-pass-1' };
  userKey = (await call(runtime, 'POST', '/api/v1/auths/signup', { key: null, json })).json.token;
});
afterAll(async () => runtime?.stop());

const KNOWLEDGE_KEYS = ['id', 'user_id', 'name', 'description', 'meta', 'access_grants', 'created_at', 'updated_at'];
const add = (knowledgeId: string, fileId: string) => call(runtime, 'POST', `/api/v1/knowledge/${knowledgeId}/file/add`, { json: { file_id: fileId } });
const linkedIds = (answer: { json: { files: Array<{ id: string }> } }) => answer.json.files.map((file) => file.id);

describe('a knowledge base', () => {
  it('is created, read, changed and deleted in the contract’s shapes', async () => {
    const created = await createKnowledge(runtime, 'Shop');
    expect(Object.keys(created)).toEqual([...KNOWLEDGE_KEYS, 'files']);
    expect(created).toMatchObject({ name: 'Shop', description: 'About Shop', access_grants: [], files: null });
    const read = (await call(runtime, 'GET', `/api/v1/knowledge/${created.id}`)).json;
    expect(Object.keys(read)).toEqual([...KNOWLEDGE_KEYS, 'files', 'write_access']);
    expect(read).toMatchObject({ files: null, write_access: true });
    const change = { name: 'Shop 2', description: 'New', access_grants: [{ principal_type: 'user', principal_id: '*', permission: 'read' }] };
    const updated = (await call(runtime, 'POST', `/api/v1/knowledge/${created.id}/update`, { json: change })).json;
    expect(updated).toMatchObject({ name: 'Shop 2', files: [], access_grants: [{ principal_type: 'user', principal_id: '*', permission: 'read', resource_type: 'knowledge', resource_id: created.id }] });
    expect((await call(runtime, 'DELETE', `/api/v1/knowledge/${created.id}/delete`)).text).toBe('true');
    const gone = await call(runtime, 'GET', `/api/v1/knowledge/${created.id}`);
    expect([gone.status, gone.json]).toEqual([404, { detail: TEXT.notFound }]);
  });

  it('is listed with its owner, number of files and right to write', async () => {
    const { id } = await createKnowledge(runtime, 'Listed');
    await uploadText(runtime, 'Listed text.', 'listed.txt', { knowledge_id: id });
    const { json } = await call(runtime, 'GET', '/api/v1/knowledge/?page=0');
    const item = json.items.find((entry: { id: string }) => entry.id === id);
    expect(Object.keys(item)).toEqual([...KNOWLEDGE_KEYS, 'user', 'file_count', 'write_access']);
    expect(item).toMatchObject({ file_count: 1, write_access: true, user: { email: runtime.adminEmail, role: 'admin' } });
    const found = (await call(runtime, 'GET', '/api/v1/knowledge/search?query=liste')).json;
    expect(found.items.map((entry: { id: string }) => entry.id)).toEqual([id]);
  });

  it('belongs to its owner until it is shared', async () => {
    const { id } = await createKnowledge(runtime, 'Private');
    const stranger = { key: userKey };
    expect((await call(runtime, 'GET', '/api/v1/knowledge/', stranger)).json.items.map((item: { id: string }) => item.id)).not.toContain(id);
    const read = await call(runtime, 'GET', `/api/v1/knowledge/${id}`, stranger);
    expect([401, 404]).toContain(read.status);
    const write = await call(runtime, 'POST', `/api/v1/knowledge/${id}/reset`, stranger);
    expect(write.status).toBe(400);
    const grants = { access_grants: [{ principal_type: 'user', principal_id: '*', permission: 'read' }] };
    await call(runtime, 'POST', `/api/v1/knowledge/${id}/access/update`, { json: grants });
    expect((await call(runtime, 'GET', `/api/v1/knowledge/${id}`, stranger)).json).toMatchObject({ id, write_access: false });
  });
});

describe('adding files', () => {
  it('links a file once however often it is added', async () => {
    const { id } = await createKnowledge(runtime, 'Twice');
    const file = await uploadText(runtime, 'Once only.', 'once.txt');
    expect(linkedIds(await add(id, file.id))).toEqual([file.id]);
    const again = await add(id, file.id);
    expect([again.status, linkedIds(again)]).toEqual([200, [file.id]]);
    expect(Object.keys(again.json.files[0])).toEqual(['id', 'hash', 'meta', 'created_at', 'updated_at']);
  });

  it('waits for a file that is still being processed (trap 2)', async () => {
    const { id } = await createKnowledge(runtime, 'Waiting');
    const text = Array.from({ length: 300 }, (_, index) => `Paragraph ${index} is about topic ${index * 7}.`).join('\n\n');
    const file = (await call(runtime, 'POST', '/api/v1/files/', { form: fileForm(text, 'long.txt') })).json;
    const added = await add(id, file.id);
    expect([added.status, linkedIds(added)]).toEqual([200, [file.id]]);
    expect((await call(runtime, 'GET', `/api/v1/files/${file.id}`)).json.data.status).toBe('completed');
  });

  it('refuses a duplicate and leaves it healthy (trap 3)', async () => {
    const { id } = await createKnowledge(runtime, 'Duplicates');
    const first = await uploadText(runtime, 'The very same text.', 'one.txt');
    const second = await uploadText(runtime, 'The very same text.', 'two.txt');
    await add(id, first.id);
    const answer = await add(id, second.id);
    expect([answer.status, answer.json]).toEqual([400, { detail: '400: Duplicate content detected. Please provide unique content to proceed.' }]);
    expect((await call(runtime, 'GET', `/api/v1/files/${second.id}`)).json).toMatchObject({ hash: second.hash, data: { status: 'completed' } });
  });

  it('says why it refuses a file without text', async () => {
    const { id } = await createKnowledge(runtime, 'Refusing');
    const unprocessed = (await call(runtime, 'POST', '/api/v1/files/?process=false', { form: fileForm('Later.', 'later.txt') })).json;
    expect((await add(id, unprocessed.id)).json.detail).toMatch(/^Extracted content is not available/);
    const blank = await uploadText(runtime, '  ', 'blank.txt');
    const failed = await add(id, blank.id);
    expect([failed.status, failed.json.detail]).toEqual([400, expect.stringContaining('blank.txt')]);
  });

  it('answers 400 to unknown ids and 404 to a directory', async () => {
    const { id } = await createKnowledge(runtime, 'Unknown');
    const file = await uploadText(runtime, 'Known file.', 'known.txt');
    for (const answer of [await add(id, 'nope'), await add('nope', file.id)]) {
      expect([answer.status, answer.json]).toEqual([400, { detail: TEXT.notFound }]);
    }
    const elsewhere = await call(runtime, 'POST', `/api/v1/knowledge/${id}/file/add`, { json: { file_id: file.id, directory_id: 'd' } });
    expect([elsewhere.status, elsewhere.json]).toEqual([404, { detail: 'Target directory not found.' }]);
  });

  it('in a batch skips duplicates and refuses unknown ids as a whole', async () => {
    const { id } = await createKnowledge(runtime, 'Batch');
    const files = [await uploadText(runtime, 'Batch one.', 'b1.txt'), await uploadText(runtime, 'Batch two.', 'b2.txt'), await uploadText(runtime, 'Batch one.', 'b3.txt')];
    const path = `/api/v1/knowledge/${id}/files/batch/add`;
    const refused = await call(runtime, 'POST', path, { json: [{ file_id: files[0].id }, { file_id: 'nope' }] });
    expect([refused.status, refused.json]).toEqual([400, { detail: 'File nope not found' }]);
    const added = await call(runtime, 'POST', path, { json: files.map((file) => ({ file_id: file.id })) });
    expect(linkedIds(added)).toEqual([files[0].id, files[1].id]);
  });
});

describe('the files of a knowledge base', () => {
  it('are listed, removed and, unless told otherwise, deleted', async () => {
    const { id } = await createKnowledge(runtime, 'Contents');
    const kept = await uploadText(runtime, 'Kept text.', 'kept.txt', { knowledge_id: id });
    const dropped = await uploadText(runtime, 'Dropped text.', 'dropped.txt', { knowledge_id: id });
    const { json } = await call(runtime, 'GET', `/api/v1/knowledge/${id}/files`);
    expect([json.total, json.directories, json.breadcrumbs]).toEqual([2, [], []]);
    expect(Object.keys(json.items[0])).toEqual(['id', 'user_id', 'hash', 'filename', 'data', 'meta', 'created_at', 'updated_at', 'directory_id', 'directory_path', 'has_original', 'user']);
    expect((await call(runtime, 'GET', `/api/v1/knowledge/${id}/files?query=kep`)).json.items.map((file: { id: string }) => file.id)).toEqual([kept.id]);
    const remove = (fileId: string, query: string) => call(runtime, 'POST', `/api/v1/knowledge/${id}/file/remove${query}`, { json: { file_id: fileId } });
    expect(linkedIds(await remove(kept.id, '?delete_file=false'))).toEqual([dropped.id]);
    expect((await call(runtime, 'GET', `/api/v1/files/${kept.id}`)).status).toBe(200);
    expect(linkedIds(await remove(dropped.id, ''))).toEqual([]);
    expect((await call(runtime, 'GET', `/api/v1/files/${dropped.id}`)).status).toBe(404);
    expect((await remove(kept.id, '')).status).toBe(400);
  });

  it('leave with a reset and stay as files', async () => {
    const { id } = await createKnowledge(runtime, 'Reset');
    const file = await uploadText(runtime, 'Reset text.', 'reset.txt', { knowledge_id: id });
    expect((await call(runtime, 'POST', `/api/v1/knowledge/${id}/reset`)).json).toMatchObject({ id, files: null });
    expect((await call(runtime, 'GET', `/api/v1/knowledge/${id}/files`)).json.total).toBe(0);
    expect((await call(runtime, 'GET', `/api/v1/files/${file.id}`)).json.data.status).toBe('completed');
  });
});
