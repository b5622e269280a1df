import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { LEXICAL_EMBED_DIMENSIONS, lexicalEmbed } from '../../runtime/src/adapters/models/builtin/lexical-embed.ts';

function cosine(left: string, right: string): number {
  const [a, b] = [lexicalEmbed(left), lexicalEmbed(right)];
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Every number of the vector, rounded so that no platform's logarithm can change it. */
function fingerprint(text: string): string {
  const rounded = Array.from(lexicalEmbed(text), (value) => Math.round(value * 1e5) + 0);
  return createHash('sha256').update(JSON.stringify(rounded)).digest('hex').slice(0, 16);
}

describe('the built-in lexical embedding', () => {
  it('gives a text the same vector for ever (a change here needs a new revision)', () => {
    expect(fingerprint('The invoice INV-2024 was paid within 30 days; invoices are numbered.')).toBe('fa2a736c634e6f7b');
    expect(fingerprint('有給休暇は入社6か月後に10日付与する。')).toBe('37587d7fbbab176a');
  });

  it('has 512 finite numbers of length 1 for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const vector = lexicalEmbed(text);
        expect(vector).toHaveLength(LEXICAL_EMBED_DIMENSIONS);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
      }),
      { numRuns: 300 },
    );
    for (const text of ['', ' ', '!!!', '🍣', '\ud800']) expect(Math.hypot(...lexicalEmbed(text))).toBeCloseTo(1, 4);
  });

  it('brings texts together that share words, parts of words or an item number', () => {
    const question = 'How long is the warranty of pump X-200?';
    expect(cosine(question, 'Pump X-200 has a warranty of two years.')).toBeGreaterThan(cosine(question, 'The canteen opens at noon every weekday.') + 0.3);
    expect(cosine('unpaid invoices', 'invoicing')).toBeGreaterThan(cosine('unpaid invoices', 'shipping') + 0.1);
  });

  it('brings Japanese texts together that share words, however they are written', () => {
    const question = '有給休暇は何日もらえますか';
    expect(cosine(question, '年次有給休暇は10日付与する。')).toBeGreaterThan(cosine(question, '通勤手当は月額3万円まで支給する。') + 0.3);
    expect(cosine('ﾎﾟﾝﾌﾟ ＡＢＣ１２３', 'ポンプ abc123')).toBeCloseTo(1, 5);
  });

  it('does not see the same meaning in other words: it is lexical', () => {
    expect(Math.abs(cosine('automobile', 'car'))).toBeLessThan(0.3);
  });
});
