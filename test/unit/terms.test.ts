import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stemEnglish } from '../../runtime/src/domain/stem.ts';
import { MAX_TERM_LENGTH, contentTerms, extractTerms, isContentTerm, queryTerms, sharesContent } from '../../runtime/src/domain/terms.ts';

const termsOf = (text: string): string[] => extractTerms(text).map(([term]) => term);
const countOf = (text: string, term: string): number => extractTerms(text).find(([other]) => other === term)?.[1] ?? 0;

describe('extractTerms', () => {
  it('brings the forms of an English word to one term', () => {
    expect(extractTerms('Connect connected CONNECTING connection')).toEqual([['connect', 4]]);
  });

  it('finds accented words by their plain letters and wide letters by narrow ones', () => {
    expect(termsOf('Café ＣＡＦＥ cafe\u0301')).toEqual(['cafe']);
  });

  it('drops what an apostrophe adds to a word', () => {
    expect(termsOf("the engine's engines’")).toEqual(['the', 'engin']);
  });

  it.each(['AB-1234', 'ab_1234', 'AB/1234', 'AB1234', 'ＡＢ－１２３４', 'ABー1234', 'AB–1234'])('finds the item code %s whole and in parts', (code) => {
    expect(termsOf(`品番${code}の価格`)).toEqual(expect.arrayContaining(['ab1234', 'ab', '1234']));
  });

  it('does not take a code for another one with a part in common', () => {
    expect(termsOf('AB-1235')).not.toContain('ab1234');
    expect(termsOf('AB-1235')).toContain('ab');
  });

  it('reads a number with thousands separators as one, and keeps the point of a decimal', () => {
    expect(termsOf('12,000')).toEqual(['12000']);
    expect(termsOf('3.14')).toEqual(['3.14', '3', '14']);
    expect(termsOf('1,2')).toEqual(['1', '2']);
  });

  it('gives a date the same whole term with hyphens and slashes', () => {
    expect(termsOf('2026-11-23')[0]).toBe('20261123');
    expect(termsOf('2026/11/23')[0]).toBe('20261123');
  });

  it('gives words and pairs of characters of a Japanese text', () => {
    const terms = termsOf('梅雨の時期が始まる。');
    expect(terms).toEqual(expect.arrayContaining(['梅雨', '時期', '始まる', '雨の', 'の時', '期が']));
    expect(terms).not.toContain('の');
    expect(terms.every((term) => !term.includes('。'))).toBe(true);
  });

  it('folds half-width katakana and keeps the long vowel mark', () => {
    expect(termsOf('ｻｰﾊﾞｰ')).toEqual(termsOf('サーバー'));
    expect(termsOf('サーバー')).toContain('サーバー');
  });

  it('joins a number with the counter after it, so that article 3 is not article 5', () => {
    expect(termsOf('第3条')).toContain('3条');
    expect(termsOf('第5条')).not.toContain('3条');
    expect(termsOf('3の')).toEqual(['3', 'の']);
  });

  it('keeps a run of one character', () => {
    expect(termsOf('「雨」')).toEqual(['雨']);
  });

  it('gives Korean words with their pairs, and words of scripts without spaces', () => {
    expect(termsOf('서울에서')).toEqual(['서울에서', '서울', '울에', '에서']);
    expect(termsOf('ภาษาไทย')).toEqual(['ภาษา', 'ไทย']);
  });

  it('counts a term as often as it occurs', () => {
    expect(countOf('雨と雨。雨', '雨')).toBeGreaterThanOrEqual(2);
    expect(countOf('flow flows, flow', 'flow')).toBe(3);
  });

  it('never throws, cuts terms, and gives whole characters and counts whatever the text is', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)));
    fc.assert(
      fc.property(text, (value) => {
        const terms = extractTerms(value);
        for (const [term, count] of terms) {
          if (term.length === 0 || term.length > MAX_TERM_LENGTH || !term.isWellFormed() || !Number.isInteger(count) || count < 1) return false;
        }
        return new Set(terms.map(([term]) => term)).size === terms.length;
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same terms for a text in any Unicode normal form', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      expect(extractTerms(value.normalize('NFD'))).toEqual(extractTerms(value.normalize('NFC')));
    }));
  });

  it('cuts a word of two million characters, and one of surrogate pairs between pairs', () => {
    expect(termsOf('x'.repeat(2_000_000))).toEqual(['x'.repeat(MAX_TERM_LENGTH)]);
    expect(termsOf(`a${'𝒳'.repeat(10)}${'\u{1F600}'.repeat(100_000)}`)).toEqual([`a${'x'.repeat(10)}`]);
    expect(termsOf('\u{10400}'.repeat(1000)).every((term) => term.isWellFormed())).toBe(true);
    expect(termsOf(`a${'\u{10428}'.repeat(1000)}`)[0]).toHaveLength(MAX_TERM_LENGTH - 1);
  });

  it('has no terms for signs, emoji and halves of characters', () => {
    expect(termsOf('😀 \ud800 \udc00 … ！？ --')).toEqual([]);
  });

  it('does not lose words at the edges of the pieces that it works in', () => {
    const words = Array.from({ length: 3000 }, (_, index) => `word${index}x`);
    expect(new Set(termsOf(words.join(' ')))).toEqual(new Set(words.flatMap((word) => termsOf(word))));
  });
});

describe('contentTerms', () => {
  it('keeps what a Japanese question is about', () => {
    const terms = contentTerms('AB-1234の価格はいくらですか？教えてください。');
    expect(terms).toEqual(new Set(['ab1234', 'ab', '1234', '価格']));
  });

  it.each(['これは何ですか', 'どこにありますか？', 'いつですか', 'What is it?', 'Could you please tell me about that?', ''])('has none for "%s"', (question) => {
    expect([...contentTerms(question)]).toEqual([]);
  });

  it('keeps a short hiragana word that is no function word', () => {
    expect(contentTerms('つゆはいつですか')).toEqual(new Set(['つゆ']));
  });

  it('keeps katakana words and English nouns', () => {
    expect([...contentTerms('サーバーの再起動')]).toEqual(expect.arrayContaining(['サーバー', '起動']));
    expect(contentTerms('What are the payment terms?')).toEqual(new Set(['payment', 'term']));
  });

  it('gives only terms that the same text has when it is indexed', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const indexed = new Set(termsOf(value));
      return [...contentTerms(value)].every((term) => indexed.has(term));
    }));
  });
});

describe('sharesContent', () => {
  const shares = (question: string, text: string): boolean => sharesContent(contentTerms(question), extractTerms(text));

  it('asks for a fifth of what the question is about', () => {
    expect(shares('保証期間は何年ですか', '保証期間は二年間です。')).toBe(true);
    expect(shares('保証期間は何年ですか', '会議は月曜日です。')).toBe(false);
    expect(shares('alpha beta gamma delta epsilon', 'only epsilon here')).toBe(true);
    expect(shares('alpha beta gamma delta epsilon zeta', 'only epsilon here')).toBe(false);
  });

  it('takes one item code for enough, but not a plain number', () => {
    const question = 'alpha beta gamma delta epsilon zeta eta theta AB-1234 iota kappa lambda 2009 sigma tau omega omikron';
    expect(shares(question, 'AB1234')).toBe(true);
    expect(shares(question, '2009')).toBe(false);
  });

  it('is false for a question that is about nothing', () => {
    expect(shares('これは何ですか', 'これは何ですか')).toBe(false);
  });
});

describe('isContentTerm', () => {
  it('is false for function words, single letters and pairs with hiragana', () => {
    for (const term of ['the', 'what', 'は', 'です', 'ください', '雨の', 'のは', 'a', '3']) expect([term, isContentTerm(term)]).toEqual([term, false]);
    for (const term of ['梅雨', '雨', 'ab1234', 'invoic', '12', 'サー', 'お申し込み']) expect([term, isContentTerm(term)]).toEqual([term, true]);
  });
});

describe('queryTerms', () => {
  it('leaves English function words out as long as another term is left', () => {
    expect(queryTerms('What is the boiling point of the oil?')).toEqual([['boil', 1], ['point', 1], ['oil', 1]]);
    expect(queryTerms('the who')).toEqual([['the', 1], ['who', 1]]);
  });
});

describe('stemEnglish', () => {
  it.each([
    ['caresses', 'caress'], ['ties', 'tie'], ['cries', 'cri'], ['gas', 'gas'], ['this', 'this'], ['kiwis', 'kiwi'], ['gaps', 'gap'],
    ['agreed', 'agre'], ['feed', 'feed'], ['luxuriating', 'luxuri'], ['hopping', 'hop'], ['hoping', 'hope'], ['falling', 'fall'],
    ['cry', 'cri'], ['by', 'by'], ['say', 'say'], ['dying', 'die'], ['sky', 'sky'], ['skies', 'sky'], ['herring', 'herring'],
    ['generalization', 'general'], ['generously', 'generous'], ['relational', 'relat'], ['conditional', 'condit'], ['rational', 'ration'],
    ['hopefulness', 'hope'], ['formality', 'formal'], ['electrical', 'electr'], ['adjustment', 'adjust'], ['adoption', 'adopt'],
    ['knightly', 'knight'], ['consistency', 'consist'], ['probate', 'probat'], ['rate', 'rate'], ['controlled', 'control'],
    ['communication', 'communic'], ['community', 'communiti'], ['apology', 'apolog'], ['succeeding', 'succeed'], ['yes', 'yes'], ['enjoyed', 'enjoy'],
  ])('stems %s to %s', (word, stem) => {
    expect(stemEnglish(word)).toBe(stem);
  });

  it('leaves other words alone', () => {
    for (const word of ['über', 'ab12', 'is', '梅雨', 'a'.repeat(41)]) expect(stemEnglish(word)).toBe(word);
  });
});
