import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Engine } from './support/engine-types.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const ROOT = join(import.meta.dirname, '../..');
const bench = openBench();
const { server } = bench;

const names = async (request: Parameters<Engine['listSearch']>[0]): Promise<string[]> =>
  (await bench.engine.listSearch(request)).results.map(({ name }) => name);

describe('The pickers in the editor', () => {
  it('offer the models that can chat, filtered and by name', async () => {
    const request = { node: 'openWebUiChatCompletion', method: 'searchModels' };
    expect(await names(request)).toEqual(['Extractive (builtin/extractive)', 'GPT Test (gpt-test)', 'llama3.2:latest']);
    expect(await names({ ...request, filter: 'gpt' })).toEqual(['GPT Test (gpt-test)']);
  });

  it('offer only the models made for embedding, by family and name where the server does not tell', async () => {
    expect(await names({ node: 'openWebUiOllamaEmbed', method: 'searchOllamaModels' })).toEqual(['nomic-embed-text:latest']);
  });

  it('offer knowledge bases page by page', async () => {
    for (let index = 0; index < 35; index++) server.addBase(`Base ${index}`);
    const request = { node: 'openWebUiAddToKnowledge', method: 'searchKnowledge' };
    const first = await bench.engine.listSearch(request);
    expect(first.results).toHaveLength(30);
    const second = await bench.engine.listSearch({ ...request, paginationToken: first.paginationToken ?? '' });
    expect(second.results).toHaveLength(5);
    expect(second.paginationToken).toBeUndefined();
    expect(await names({ ...request, filter: 'base 34' })).toEqual(['Base 34']);
  });

  it('take a list as a bare array, as older servers send it', async () => {
    server.script('GET', '/api/v1/knowledge/search', { status: 200, body: [{ id: 'k1', name: 'Old' }] });
    expect(await names({ node: 'openWebUiAddToKnowledge', method: 'searchKnowledge' })).toEqual(['Old']);
  });

  it('offer files and find them by a part of their name', async () => {
    server.addFile('manual.pdf', 'A');
    server.addFile('notes.txt', 'B');
    const request = { node: 'openWebUiChatCompletion', method: 'searchFiles' };
    expect(await names(request)).toEqual(['manual.pdf', 'notes.txt']);
    expect(await names({ ...request, filter: 'note' })).toEqual(['notes.txt']);
    expect(await names({ ...request, filter: 'zzz' })).toEqual([]);
  });
});

describe('The package', () => {
  it('has seven nodes that n8n loads, with an icon for light and dark, and found by search words', async () => {
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { n8n: { nodes: string[] } };
    expect(manifest.n8n.nodes).toHaveLength(7);
    for (const path of manifest.n8n.nodes) {
      const codex = JSON.parse(await readFile(join(ROOT, path.replace(/\.js$/, '.json')), 'utf8')) as { node: string; alias: string[] };
      expect(codex.node).toMatch(/^n8n-nodes-openwebui-rag\.openWebUi/);
      expect(codex.alias.length).toBeGreaterThan(2);
    }
    for (const icon of ['openWebUi.svg', 'openWebUi.dark.svg']) {
      expect(await readFile(join(ROOT, 'dist/icons', icon), 'utf8')).toContain('<svg');
    }
  });

  it('carries a file from the upload through the knowledge base into an answer with its source', async () => {
    const files = { data: { fileName: '保証.txt', mimeType: 'text/plain', text: '保証は二年です。' } };
    const workflow = chain(
      ourNode('UploadFile', {}),
      ourNode('AddToKnowledge', { knowledge: locator('name', '手引き'), createIfMissing: true }),
      ourNode('ChatCompletion', {
        model: locator('id', 'llama3.2:latest'), prompt: '保証期間は?',
        options: { knowledgeIds: '={{ $json.knowledgeId }}', requireSources: 'fail' },
      }),
    );
    const result = await bench.engine.run(workflow, { inputItems: [{ json: {}, files }] });
    expect(result.error).toBeUndefined();
    expect(result.nodes['ChatCompletion']?.items[0]?.json['sources']).toEqual([
      expect.objectContaining({ file: '保証.txt', text: '保証は二年です。', page: 2 }),
    ]);
  });
});
