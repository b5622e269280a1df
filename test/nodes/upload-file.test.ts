import { createHash } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { spawnEngine } from './support/engine-client.ts';
import type { Engine, Json, RunResult } from './support/engine-types.ts';
import { filesOf, textPart } from './support/multipart.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';
import { BROKEN_PDF } from './support/scripted-store.ts';
import { chain, ourNode } from './support/workflows.ts';

const FILES = '/api/v1/files/';
const AGAIN = '/api/v1/retrieval/process/file';
const server = new ScriptedOpenWebUi();
const engines = new Map<string, Engine>();

beforeAll(async () => {
  await server.start();
  for (const binaryMode of ['memory', 'filesystem'] as const) {
    engines.set(binaryMode, await spawnEngine({ baseUrl: server.baseUrl, apiKey: server.apiKey, binaryMode }));
  }
});

afterAll(async () => {
  for (const engine of engines.values()) await engine.close();
  await server.stop();
});

beforeEach(() => server.reset());

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const inputItem = (fileName: string, text: string) => ({ json: {}, files: { data: { fileName, mimeType: 'text/plain', text } } });

async function upload(parameters: Json, inputItems = [inputItem('a.txt', 'Hello')], more: Json = {}, mode = 'filesystem'): Promise<RunResult> {
  const engine = engines.get(mode);
  if (!engine) throw new Error(mode);
  return await engine.run(chain(ourNode('UploadFile', parameters, more)), { inputItems });
}

const outputs = (result: RunResult): Json[] => (result.nodes['UploadFile']?.items ?? []).map(({ json }) => json);

describe.each(['memory', 'filesystem'])('Upload File with files in n8n kept in %s', (mode) => {
  it('streams the bytes with their length, name and type, and waits until they are searchable', async () => {
    const text = '保証書\r\n'.repeat(100_000);
    const result = await upload({}, [inputItem('保証 "書".txt', text)], {}, mode);
    expect(result.error).toBeUndefined();
    const [request] = server.seen('POST', FILES);
    const [part] = filesOf(request?.body as Buffer, String(request?.headers['content-type']));
    expect(part?.bytes.toString('utf8')).toBe(text);
    expect(part?.type).toBe('text/plain');
    expect(request?.headers['content-length']).toBe(String(request?.sizeBytes));
    expect(outputs(result)[0]).toMatchObject({ status: 'completed', action: 'uploaded', fileHash: sha256(text), sizeBytes: Buffer.byteLength(text) });
  });

  it.each([429, 503])('opens the file anew and sends all of it again after %s', async (status) => {
    const text = '保証書\r\n'.repeat(100_000);
    server.script('POST', FILES, { status, body: { detail: 'busy' }, headers: { 'retry-after': '0' }, times: 2 });
    expect((await upload({}, [inputItem('a.txt', text)], {}, mode)).error).toBeUndefined();
    const sent = server.seen('POST', FILES).map(({ body, headers }) => filesOf(body as Buffer, String(headers['content-type']))[0]?.bytes.toString('utf8') === text);
    expect(sent).toEqual([true, true, true]);
  });

  it('names the missing field when an item has no file', async () => {
    const result = await upload({ binaryPropertyName: 'other' }, undefined, {}, mode);
    expect(result.error?.message).toContain('other');
  });
});

describe('Upload File', () => {
  it('uploads each item and pairs it with its file', async () => {
    const result = await upload({}, [inputItem('a.txt', 'A'), inputItem('b.txt', 'B'), inputItem('c.txt', 'C')]);
    expect(outputs(result).map(({ filename }) => filename)).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(result.nodes['UploadFile']?.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
  });

  it('makes a file of a text', async () => {
    const result = await upload({ inputType: 'text', text: '# 保証', textFileName: 'note.md' });
    const [request] = server.seen('POST', FILES);
    expect(filesOf(request?.body as Buffer, String(request?.headers['content-type']))[0]).toMatchObject({ filename: 'note.md', type: 'text/markdown' });
    expect(outputs(result)[0]).toMatchObject({ filename: 'note.md', status: 'completed' });
  });

  it('makes a readable JSON file of what an expression gives', async () => {
    const items = [{ ...inputItem('x', 'x'), json: { 製品: '急須', sizes: [1, 2] } }];
    const result = await upload({ inputType: 'json', jsonFileName: 'kettle' }, items);
    const [request] = server.seen('POST', FILES);
    const [part] = filesOf(request?.body as Buffer, String(request?.headers['content-type']));
    expect(part).toMatchObject({ filename: 'kettle.json', type: 'application/json' });
    expect(part?.bytes.toString('utf8')).toBe('{\n  "製品": "急須",\n  "sizes": [\n    1,\n    2\n  ]\n}');
    expect(outputs(result)[0]).toMatchObject({ filename: 'kettle.json', status: 'completed', action: 'uploaded' });
    expect(outputs(await upload({ inputType: 'json', jsonFileName: 'kettle' }, items))[0]).toMatchObject({ action: 'reused' });
  });

  it.each([
    ['{"a":[0,null]}', '{\n  "a": [\n    0,\n    null\n  ]\n}'],
    ['={{ ["急須", 0] }}', '[\n  "急須",\n  0\n]'],
    ['={{ 0 }}', '0'],
    ['={{ "plain words" }}', '"plain words"'],
    ['={{ "{a: " + 1 + "}" }}', '"{a: 1}"'],
    ['={{ "[1]" }}', '[\n  1\n]'],
    ['={"a": {{ 1 + 1 }}}', '{\n  "a": 2\n}'],
  ])('takes the JSON value %s', async (jsonContent, text) => {
    expect((await upload({ inputType: 'json', jsonContent })).error).toBeUndefined();
    const [request] = server.seen('POST', FILES);
    const [part] = filesOf(request?.body as Buffer, String(request?.headers['content-type']));
    expect([part?.filename, part?.bytes.toString('utf8')]).toEqual(['document.json', text]);
  });

  it.each([
    ['{"a": ', 'The field "JSON" is not valid JSON'],
    ['plain words', 'The field "JSON" is not valid JSON'],
    ['={"a": {{ "b" }} }', 'The field "JSON" is not valid JSON'],
    ['={{ 1 }}, {{ 2 }}', 'The field "JSON" is not valid JSON'],
    ['={{ "" }}', 'The field "JSON" is empty'],
    [' ', 'The field "JSON" is empty'],
    ['={{ null }}', 'The field "JSON" is empty'],
  ])('refuses %j as JSON before it asks the server', async (jsonContent, message) => {
    expect((await upload({ inputType: 'json', jsonContent })).error?.message).toBe(message);
    expect(server.requests).toEqual([]);
  });

  it('refuses an empty text before it asks the server', async () => {
    const result = await upload({ inputType: 'text', text: ' ' });
    expect(result.error?.message).toBe('The field "Text" is empty');
    expect(server.requests).toEqual([]);
  });

  it.each(['={{ { a: 1 } }}', '={{ ["a", "b"] }}'])('refuses %s as a text instead of uploading something else', async (text) => {
    const { error } = await upload({ inputType: 'text', text });
    expect(error).toMatchObject({ message: 'The field "Text" holds an object or a list, not a text', description: expect.stringContaining('Input Type') as unknown });
    expect(server.requests).toEqual([]);
  });

  it('takes numbers and dates that expressions give for a text, and numbers for a name', async () => {
    const named = await upload({ inputType: 'text', text: '={{ 42 }}', textFileName: '={{ 2026 }}' });
    expect(outputs(named)[0]).toMatchObject({ filename: '2026', sizeBytes: 2 });
    expect(outputs(await upload({ options: { fileName: '={{ 7 }}' } }))[0]).toMatchObject({ filename: '7' });
    expect(outputs(await upload({ inputType: 'json', jsonFileName: '={{ 7 }}' }))[0]).toMatchObject({ filename: '7.json' });
    const dated = await upload({ inputType: 'text', text: '={{ $now }}' });
    expect([...server.files.values()].find(({ id }) => id === outputs(dated)[0]?.['id'])?.text).toMatch(/^20\d\d-/);
  });

  it('sends metadata of fields and of JSON', async () => {
    const options = { metadata: { fields: [{ name: 'team', value: 'ice' }] }, metadataJson: '{"year": 2026, "team": "x"}' };
    const result = await upload({ options });
    const [request] = server.seen('POST', FILES);
    const sent = textPart(request?.body as Buffer, String(request?.headers['content-type']), 'metadata');
    expect(JSON.parse(sent ?? '')).toEqual({ year: 2026, team: 'ice' });
    expect(outputs(result)[0]?.['metadata']).toEqual({ year: 2026, team: 'ice' });
  });

  it('does not wait when it is told so', async () => {
    server.processingMs = 60_000;
    expect(outputs(await upload({ options: { wait: false } }))[0]).toMatchObject({ status: 'pending', hash: null });
  });

  it('fails with the reason of the server when a file cannot be processed', async () => {
    const result = await upload({}, [inputItem('broken.pdf', '%PDF-1.7 broken')]);
    expect(result.error?.message).toBe(`"broken.pdf" could not be processed: ${BROKEN_PDF}`);
  });

  it('gives up waiting after the time limit and says what the status was', async () => {
    server.processingMs = 60_000;
    const result = await upload({ options: { timeout: 1 } });
    expect(result.error?.message).toMatch(/not searchable after 1 seconds \(status "pending"\)/);
  });

  it('shows the words of the server when it refuses a file, and goes on with the others', async () => {
    const items = [inputItem('empty.txt', ''), inputItem('b.txt', 'B')];
    const result = await upload({}, items, { onError: 'continueRegularOutput' });
    expect(outputs(result)[0]?.['error']).toMatch(/The content provided is empty/);
    expect(outputs(result)[1]).toMatchObject({ filename: 'b.txt' });
  });

  it('says where the server redirects a file to', async () => {
    server.script('POST', FILES, { status: 307, body: '', headers: { location: 'https://chat.example.com/api/v1/files/' } });
    const { error } = await upload({});
    expect(error?.message).toContain('redirects to https://chat.example.com/api/v1/files/');
  });
});

describe('Upload File when the same content is already there', () => {
  it('reuses the file by default, so that a second run changes nothing', async () => {
    const first = outputs(await upload({}))[0];
    const second = outputs(await upload({}))[0];
    expect(second).toMatchObject({ id: first?.['id'], action: 'reused', status: 'completed' });
    expect(server.seen('POST', FILES)).toHaveLength(1);
  });

  it('asks the server once for a file that is there', async () => {
    const file = server.addFile('a.txt', 'Hello');
    for (const wait of [true, false]) expect(outputs(await upload({ options: { wait } }))[0]).toMatchObject({ id: file.id, status: 'completed', sizeBytes: 5 });
    expect(server.requests.map(({ path }) => path)).toEqual(['/api/v1/files/user/search', '/api/v1/files/user/search']);
  });

  it('takes a file for lost that the server has not finished within a day, as after a restart', async () => {
    const day = 24 * 60 * 60;
    const now = Math.floor(Date.now() / 1000);
    const unfinished = (updatedAt: number) => server.addFile('a.txt', 'Hello', { hash: null, data: { status: 'processing' }, readyAt: Date.now() + 600_000, updated_at: updatedAt });
    unfinished(now - day - 60);
    expect(outputs(await upload({}))[0]).toMatchObject({ action: 'uploaded', status: 'completed' });
    server.reset();
    server.script('POST', AGAIN, { status: 400, body: { detail: 'not now' } });
    unfinished(now - day + 60);
    expect((await upload({ options: { timeout: 1 } })).error?.message).toMatch(/not searchable after 1 seconds/);
  });

  it('lets the server begin anew with a file that it has not finished within an hour, also where two items ask for it', async () => {
    const updatedAt = Math.floor(Date.now() / 1000) - 90 * 60;
    const lost = server.addFile('a.txt', 'Hello', { hash: null, data: { status: 'pending' }, readyAt: Date.now() + 600_000, updated_at: updatedAt });
    const result = await upload({ options: { timeout: 5 } }, [inputItem('a.txt', 'Hello'), inputItem('a.txt', 'Hello')]);
    expect(outputs(result)).toEqual([1, 2].map(() => expect.objectContaining({ id: lost.id, action: 'reused', status: 'completed' }) as unknown));
    expect(server.seen('POST', AGAIN).map(({ body }) => body)).toEqual([{ file_id: lost.id }]);
  });

  it('does the same on servers without a search among own files', async () => {
    server.hasOwnSearch = false;
    const file = server.addFile('a.txt', 'Hello');
    expect(outputs(await upload({}))[0]).toMatchObject({ id: file.id, action: 'reused' });
  });

  it('uploads other bytes of the same name, the same bytes of another name, and after a failure', async () => {
    server.addFile('a.txt', 'Other');
    server.addFile('b.txt', 'Hello');
    server.addFile('a.txt', 'Hello', { data: { status: 'failed', error: 'x' } });
    expect(outputs(await upload({}))[0]).toMatchObject({ action: 'uploaded' });
  });

  it('uploads a file once that comes twice in one run', async () => {
    const result = await upload({}, [inputItem('a.txt', 'Hello'), inputItem('a.txt', 'Hello')]);
    expect(outputs(result).map(({ action }) => action).sort()).toEqual(['reused', 'uploaded']);
    expect(server.files.size).toBe(1);
  });

  it('uploads again, fails, or replaces when told so', async () => {
    const file = server.addFile('a.txt', 'Hello');
    expect((await upload({ options: { ifSameContent: 'fail' } })).error?.message).toBe('"a.txt" is already on the server');
    expect(outputs(await upload({ options: { ifSameContent: 'upload' } }))[0]).toMatchObject({ action: 'uploaded' });
    expect(server.files.size).toBe(2);
    const replaced = outputs(await upload({ options: { ifSameContent: 'replace' } }))[0];
    expect(replaced?.['deletedIds']).toContain(file.id);
    expect([...server.files.keys()]).toEqual([replaced?.['id']]);
  });

  it('does not replace a file that another item of the run has just sent: both items name the one that stays', async () => {
    const old = server.addFile('a.txt', 'Hello');
    const result = await upload({ options: { ifSameContent: 'replace' } }, [inputItem('a.txt', 'Hello'), inputItem('a.txt', 'Hello')]);
    expect(outputs(result).map(({ action, deletedIds }) => [action, deletedIds])).toEqual([['replaced', [old.id]], ['reused', undefined]]);
    expect(outputs(result).map(({ id }) => [id])).toEqual([[...server.files.keys()], [...server.files.keys()]]);
  });

  it('never deletes the files of other users', async () => {
    const foreign = server.addFile('a.txt', 'Hello', { user_id: 'somebody' });
    const result = await upload({ options: { ifSameContent: 'replace' } });
    expect(outputs(result)[0]?.['deletedIds']).toEqual([]);
    expect(server.files.has(foreign.id)).toBe(true);
  });

  it.each(['a*b[1].txt', '「冬」の "手引" ❄️.txt', "it's #1 & more;.txt"])('knows the name %s again', async (name) => {
    expect(outputs(await upload({}, [inputItem(name, 'Hello')]))[0]).toMatchObject({ action: 'uploaded' });
    expect(outputs(await upload({}, [inputItem(name, 'Hello')]))[0]).toMatchObject({ action: 'reused' });
  });

  it('names a file by its kind that has no name: the server reads it by the extension', async () => {
    expect(outputs(await upload({}, [inputItem(' ', 'Hello')]))[0]).toMatchObject({ filename: 'file.txt', action: 'uploaded' });
  });

  it('sends the last part of a name with folders, which is all that the server keeps', async () => {
    const options = { fileName: 'docs\\2026/a.txt' };
    expect(outputs(await upload({ options }))[0]).toMatchObject({ filename: 'a.txt', action: 'uploaded' });
    expect(outputs(await upload({ options }))[0]).toMatchObject({ filename: 'a.txt', action: 'reused' });
  });
});
