import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json } from './support/engine-types.ts';
import { locator, ourNode } from './support/workflows.ts';

const bench = openBench();
const listed = (value: string, name: string): Json => ({ ...locator('list', value), cachedResultName: name });

describe('The line under the name of a node in the editor', () => {
  const rows: Array<[kind: string, parameters: Json, line: string]> = [
    ['ListModels', {}, 'all models'],
    ['ListModels', { options: { capability: 'any', source: 'all', nameFilter: '' } }, 'all models'],
    ['ListModels', { options: { capability: 'chat', source: 'builtin', nameFilter: 'llama' } }, 'chat, builtin, llama'],
    ['ListModels', { options: { nameFilter: 'all' } }, 'all'],
    ['ListModels', { options: { source: 'openai' } }, 'openai'],
    ['OllamaEmbed', {}, ''],
    ['OllamaEmbed', { model: listed('bge-m3:latest', 'bge-m3:latest') }, 'bge-m3:latest'],
    ['ChatCompletion', {}, ''],
    ['ChatCompletion', { model: locator('id', 'gpt-test') }, 'gpt-test'],
    ['QueryKnowledge', { query: '保証期間は？' }, '保証期間は？'],
    ['AddToKnowledge', { knowledge: listed('id-1', 'Manuals') }, 'add to Manuals'],
    ['AddToKnowledge', { operation: 'mirror', knowledge: locator('name', '手引き') }, 'mirror to 手引き'],
    ['AddToKnowledge', { operation: 'remove', knowledge: 'id-2' }, 'remove from id-2'],
    ['UploadFile', {}, 'from field data'],
    ['UploadFile', { operation: 'sync', inputType: 'json' }, 'sync from JSON'],
    ['KnowledgeTrigger', { events: ['searchable', 'failed'] }, 'searchable, failed'],
    ['AddToKnowledge', { knowledge: locator('list', '') }, 'add to ...'],
  ];

  it.each(rows)('of %s with %j is "%s"', async (kind, parameters, line) => {
    expect(await bench.engine.subtitle(ourNode(kind, parameters))).toBe(line);
  });
});
