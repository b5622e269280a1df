import assert from 'node:assert/strict';

import type { LaneExample } from './examples.ts';
import { executeByHand } from './execute-by-hand.ts';

type Row = { id: string; text: string; similarity: number };

function assertRanked(rows: Row[], first: string): void {
  assert.equal(rows.length, 3);
  assert.equal(rows[0]?.id, first);
  const similarities = rows.map(({ similarity }) => similarity);
  assert.deepEqual(similarities, similarities.toSorted((a, b) => b - a));
  for (const row of rows) assert.deepEqual(Object.keys(row), ['id', 'text', 'similarity']);
}

/** Semantic search over a table: by hand, and by its published webhook. */
export const semanticSearch: LaneExample = {
  fileName: 'semantic-search.json',

  async byHand(cases, lane, workflow) {
    await cases.test('The semantic search, run by hand, gives the three closest rows to its own question', async () => {
      assertRanked((await executeByHand(lane, workflow)).itemsOf('Result') as Row[], 'warranty');
    });
  },

  async published(cases, lane) {
    for (const [question, first] of [['I forgot my password', 'password'], ['電池の保証期間は何年ですか？', 'warranty-ja']] as const) {
      await cases.test(`The webhook of the semantic search ranks the rows for "${question}"`, async () => {
        const response = await fetch(`${lane.n8n.url}/webhook/semantic-search?${new URLSearchParams({ q: question }).toString()}`);
        const text = await response.text();
        assert.equal(response.status, 200, text);
        assertRanked(JSON.parse(text) as Row[], first);
      });
    }
  },
};
