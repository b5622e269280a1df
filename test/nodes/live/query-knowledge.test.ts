import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { InputItem, Json, WorkflowNode } from '../support/engine-types.ts';
import { locator, ourNode } from '../support/workflows.ts';
import { firstOf, jsons, knowledgeBasesOf, ONE_ITEM, OPEN_WITHIN_MS, openLiveServer, runtimeOnly, TEST_WITHIN_MS } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
  const files = [await example('product-guide.ja.md', 'text/markdown'), await example('handbook.pdf', 'application/pdf')];
  const upload = ourNode('UploadFile', { options: { metadata: { fields: [{ name: 'format', value: '={{ $binary.data.fileExtension }}' }] } } });
  const add = ourNode('AddToKnowledge', { knowledge: locator('name', knowledgeName()), createIfMissing: true });
  expect((await server.execute(files, upload, add)).error).toBeUndefined();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const knowledgeName = (): string => `Search ${server.run}`;
const query = (text: string, options: Json = {}): WorkflowNode => ourNode('QueryKnowledge', { query: text, knowledgeBases: knowledgeBasesOf(knowledgeName()), options });
const japanese = 'クローバーは何度の坂まで登れますか？';

async function example(fileName: string, mimeType: string): Promise<InputItem> {
  const bytes = await readFile(new URL(`../../../examples/documents/${fileName}`, import.meta.url));
  return { json: {}, files: { data: { fileName: `${server.run}-${fileName}`, mimeType, base64: bytes.toString('base64') } } };
}

describe('Query Knowledge on a real server', () => {
  it('finds the passage of a Japanese document, with its scores', async () => {
    const result = await server.execute(ONE_ITEM, query(japanese));
    const hit = firstOf(result, 'QueryKnowledge');
    expect(hit).toMatchObject({ file: `${server.run}-product-guide.ja.md`, text: expect.stringContaining('24度') as unknown, rank: 1 });
    for (const key of ['score', 'similarity']) {
      expect(hit[key]).toBeGreaterThan(0);
      expect(hit[key]).toBeLessThanOrEqual(1);
    }
  }, TEST_WITHIN_MS);

  it('gives as many passages as were asked for, with the page of a PDF', async () => {
    const result = await server.execute(ONE_ITEM, query('How much may I spend on a hotel room per night?', { topK: 1 }));
    expect(jsons(result, 'QueryKnowledge')).toEqual([expect.objectContaining({ file: `${server.run}-handbook.pdf`, page: 3 })]);
  }, TEST_WITHIN_MS);

  it('searches one file alone, its passages in one item', async () => {
    const { fileId } = firstOf(await server.execute(ONE_ITEM, query(japanese)), 'QueryKnowledge');
    const inFile = ourNode('QueryKnowledge', { query: japanese, options: { fileIds: fileId, output: 'perQuery' } });
    const { results } = firstOf(await server.execute(ONE_ITEM, inFile), 'QueryKnowledge') as { results: Json[] };
    expect(new Set(results.map(({ fileId: id }) => id))).toEqual(new Set([fileId]));
  }, TEST_WITHIN_MS);

  it('tells which words of the query stand in a passage, Japanese ones too', async () => {
    const hotel = await server.execute(ONE_ITEM, query('How much may I spend on a hotel room per night?', { topK: 1 }));
    expect(firstOf(hotel, 'QueryKnowledge')['matchedWords']).toEqual(['hotel', 'room', 'per', 'night']);
    const slope = await server.execute(ONE_ITEM, query(japanese, { topK: 1 }));
    expect(firstOf(slope, 'QueryKnowledge')['matchedWords']).toContain('クローバー');
  }, TEST_WITHIN_MS);

  it('keeps to files by their name and by the metadata that they were uploaded with', async () => {
    const filesOf = async (options: Json): Promise<Set<unknown>> => {
      const result = await server.execute(ONE_ITEM, query('Clover robot クローバー warranty hotel 傾斜', { topK: 20, ...options }));
      return new Set(jsons(result, 'QueryKnowledge').map(({ file }) => file));
    };
    const [guide, handbook] = [`${server.run}-product-guide.ja.md`, `${server.run}-handbook.pdf`];
    expect(await filesOf({})).toEqual(new Set([guide, handbook]));
    expect(await filesOf({ onlyFiles: '*.md' })).toEqual(new Set([guide]));
    expect(await filesOf({ metadataFilter: { fields: [{ name: 'format', value: 'pdf' }] } })).toEqual(new Set([handbook]));
    expect(await filesOf({ metadataFilter: { fields: [{ name: 'format', value: 'docx' }] } })).toEqual(new Set());
  }, TEST_WITHIN_MS);

  it('leaves out passages below the minimum score, and shows the metadata of the others', async () => {
    const all = jsons(await server.execute(ONE_ITEM, query(japanese)), 'QueryKnowledge');
    const best = Number(all[0]?.['score']);
    const result = await server.execute(ONE_ITEM, query(japanese, { minimumScore: best, includeMetadata: true }));
    const few = jsons(result, 'QueryKnowledge');
    expect(few.map(({ score }) => score)).toEqual(all.map(({ score }) => score).filter((score) => Number(score) >= best));
    expect(few[0]?.['metadata']).toMatchObject({ format: 'md' });
  }, TEST_WITHIN_MS);

  it('fails with the words of the server for an unknown knowledge base', async () => {
    const wrong = await server.execute(ONE_ITEM, ourNode('QueryKnowledge', { query: 'x', options: { knowledgeIds: randomUUID() } }));
    expect(wrong.error).toMatchObject({ node: 'QueryKnowledge', name: 'NodeApiError', message: "We could not find what you're looking for :/" });
  }, TEST_WITHIN_MS);

  runtimeOnly('tells the heading above a passage', 'Open WebUI has headings only with its Markdown splitter', async () => {
    const result = await server.execute(ONE_ITEM, query(japanese));
    expect(firstOf(result, 'QueryKnowledge')).toMatchObject({ heading: expect.stringContaining('傾斜地での使用') as unknown });
  });

  runtimeOnly('gives no item and a hint when nothing was found', 'Open WebUI always finds something', async () => {
    const nothing = await server.execute(ONE_ITEM, query('Which violin concerto did Sibelius compose?'));
    expect([nothing.status, jsons(nothing, 'QueryKnowledge')]).toEqual(['success', []]);
    expect(nothing.nodes['QueryKnowledge']?.hints.join()).toContain('no passage was found');
  });
});
