import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { fileForm } from '../../real/client.ts';
import type { Json, WorkflowNode } from '../support/engine-types.ts';
import { locator, ourNode } from '../support/workflows.ts';
import { firstOf, jsons, ONE_ITEM, OPEN_WITHIN_MS, openLiveServer, TEST_WITHIN_MS, textFile } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const baseName = (title: string): string => `${title} ${server.run}`;
const add = (title: string, more: Json = {}): WorkflowNode =>
  ourNode('AddToKnowledge', { knowledge: locator('name', baseName(title)), createIfMissing: true, ...more });

/** Long enough that a server is still at it when the next request comes. */
const longText = (subject: string): string =>
  Array.from({ length: 300 }, (_, index) => `Paragraph ${index} of ${server.run} is about the ${subject} and what to do when part ${index} of it stops working.`).join('\n\n');

async function upload(name: string, text: string): Promise<string> {
  const { json } = await server.call('POST', '/api/v1/files/', { form: fileForm(text, `${name}-${server.run}.txt`) });
  return (json as { id: string }).id;
}

async function stateOf(fileId: unknown): Promise<Json> {
  const { data, hash } = (await server.call('GET', `/api/v1/files/${String(fileId)}`)).json as { data: Json; hash: string | null };
  return { status: data['status'], hasHash: typeof hash === 'string' };
}

const HEALTHY = { status: 'completed', hasHash: true };

async function filesIn(knowledgeId: unknown): Promise<string[]> {
  const { items } = (await server.call('GET', `/api/v1/knowledge/${String(knowledgeId)}/files`)).json as { items: Array<{ id: string }> };
  return items.map(({ id }) => id);
}

describe('Trap 2, adding a file while it is being processed', () => {
  it('is no race for a workflow: Add to Knowledge waits, and the file is there once', async () => {
    const file = textFile(`pump-${server.run}.txt`, longText('pump'));
    const result = await server.execute([file], ourNode('UploadFile', { options: { wait: false } }), add('Race'));
    const uploaded = firstOf(result, 'UploadFile');
    expect(uploaded['status']).not.toBe('completed');
    const added = firstOf(result, 'AddToKnowledge');
    expect(added).toMatchObject({ action: 'added', fileId: uploaded['id'] });
    expect(await stateOf(uploaded['id'])).toEqual(HEALTHY);
    expect(await filesIn(added['knowledgeId'])).toEqual([uploaded['id']]);
  }, TEST_WITHIN_MS);

  it('by somebody else does not make the workflow give up on a good file', async () => {
    const { knowledgeId } = firstOf(await server.execute([textFile(`first-${server.run}.txt`, `First of ${server.run}.`)], ourNode('UploadFile', {}), add('Two')), 'AddToKnowledge');
    const fileId = await upload('valve', longText('valve'));
    const rash = server.call('POST', `/api/v1/knowledge/${String(knowledgeId)}/file/add`, { json: { file_id: fileId } });
    const result = await server.execute(ONE_ITEM, add('Two', { fileId }));
    await rash;
    expect(['added', 'unchanged']).toContain(firstOf(result, 'AddToKnowledge')['action']);
    expect(await stateOf(fileId)).toEqual(HEALTHY);
    expect((await filesIn(knowledgeId)).filter((id) => id === fileId)).toHaveLength(1);
  }, TEST_WITHIN_MS);
});

describe('Trap 3, an equal text under a second name', () => {
  it('leaves both files of one run searchable, one of them in the knowledge base', async () => {
    const text = `The gearbox (${server.run}) takes two litres of oil.`;
    const items = [textFile(`oil-${server.run}.txt`, text), textFile(`oil-copy-${server.run}.txt`, text)];
    const result = await server.execute(items, ourNode('UploadFile', {}), add('Oil'));
    expect(result.error).toBeUndefined();
    const [first, second] = jsons(result, 'UploadFile').map(({ id }) => id);
    expect(jsons(result, 'AddToKnowledge')).toEqual([
      expect.objectContaining({ action: 'added', fileId: first }),
      expect.objectContaining({ action: 'skipped', fileId: second, duplicateOf: first }),
    ]);
    for (const id of [first, second]) expect(await stateOf(id)).toEqual(HEALTHY);
  }, TEST_WITHIN_MS);

  it('that another client spoiled is uploaded anew and skipped, not waited for', async () => {
    const text = `The belt (${server.run}) is changed every two years.`;
    const placed = await server.execute([textFile(`belt-${server.run}.txt`, text)], ourNode('UploadFile', {}), add('Belt'));
    const { knowledgeId } = firstOf(placed, 'AddToKnowledge');
    const copy = textFile(`belt-copy-${server.run}.txt`, text);
    const { id } = firstOf(await server.execute([copy], ourNode('UploadFile', {})), 'UploadFile');
    const refused = await server.call('POST', `/api/v1/knowledge/${String(knowledgeId)}/file/add`, { json: { file_id: id } });
    expect(refused.status).toBe(400);
    const again = await server.execute([copy], ourNode('UploadFile', {}), add('Belt'));
    expect(firstOf(again, 'UploadFile')['status']).toBe('completed');
    expect(firstOf(again, 'AddToKnowledge')).toMatchObject({ action: 'skipped', fileCount: 1 });
    expect(await stateOf(firstOf(again, 'UploadFile')['id'])).toEqual(HEALTHY);
  }, TEST_WITHIN_MS);
});

describe('Traps 8 and 9, a web page or a lying 405 for a wrong address', () => {
  it('end in an error that names the base URL, for reading and for uploading', async () => {
    const credential = { baseUrl: `${server.baseUrl}/somewhere` };
    const read = await server.executeWith({ credential }, ourNode('ListModels', {}));
    const sent = await server.executeWith({ credential, inputItems: [textFile(`lost-${server.run}.txt`, 'x')] }, ourNode('UploadFile', { options: { ifSameContent: 'upload' } }));
    for (const { error } of [read, sent]) {
      expect(error?.name).toBe('NodeApiError');
      expect(`${error?.message} ${error?.description}`).toContain('base URL');
    }
  }, TEST_WITHIN_MS);

  it('do not happen when the base URL ends in a path of the API or a slash', async () => {
    for (const [index, suffix] of ['/', '/api', '/api/v1/', '/v1'].entries()) {
      const credential = { baseUrl: server.baseUrl + suffix };
      const inputItems = [textFile(`suffix-${index}-${server.run}.txt`, `Suffix ${index} of ${server.run}.`)];
      expect(firstOf(await server.executeWith({ credential, inputItems }, ourNode('UploadFile', {})), 'UploadFile')).toMatchObject({ action: 'uploaded', status: 'completed' });
    }
  }, TEST_WITHIN_MS);
});

describe("Trap 13, status 500 for a caller's mistake", () => {
  it('is no riddle: an unknown model for embeddings is named', async () => {
    const { error } = await server.execute([{ json: { text: 'x' } }], ourNode('OllamaEmbed', { model: locator('id', 'no-such-model') }));
    expect(error).toMatchObject({ name: 'NodeApiError', node: 'OllamaEmbed' });
    expect(error?.message).toMatch(/no-such-model|not found/iu);
    expect(error?.httpCode).not.toBe('500');
  }, TEST_WITHIN_MS);

  it('does not come of a text or a file with nothing in it: Upload File names the fault', async () => {
    const text = ourNode('UploadFile', { inputType: 'text', text: '={{ $json.none }}', textFileName: `empty-${server.run}.txt` });
    const asText = await server.execute(ONE_ITEM, text);
    const asFile = await server.execute([textFile(`blank-${server.run}.txt`, ' \n')], ourNode('UploadFile', {}));
    for (const { error } of [asText, asFile]) {
      expect(error?.node).toBe('UploadFile');
      expect(error?.message).toMatch(/empty|no text|no content/iu);
    }
  }, TEST_WITHIN_MS);
});

describe('Trap 16, an error page in the index', () => {
  it('cannot happen: no node lets the server fetch a page', async () => {
    const folder = join(import.meta.dirname, '../../../nodes');
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
    const texts = await Promise.all(files.map(async (name) => await readFile(join(folder, name), 'utf8')));
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.filter((text) => text.includes('process/web'))).toEqual([]);
  });
});
