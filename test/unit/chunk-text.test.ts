import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkText, DEFAULT_CHUNK_SIZES } from '../../runtime/src/domain/chunk-text.ts';
import type { ChunkSpan } from '../../runtime/src/domain/chunk-text.ts';
import { cleanText } from '../../runtime/src/domain/text-clean.ts';
import { splitAtHeadings } from '../../runtime/src/domain/text-sections.ts';

function chunksOf(text: string, chunkSizeChars = 1000, chunkOverlapChars = 100): ChunkSpan[] {
  const whole = { startOffset: 0, endOffset: text.length, page: null, heading: null };
  return [...chunkText(text, splitAtHeadings(text, [whole]), { chunkSizeChars, chunkOverlapChars })];
}

const pieces = fc.constantFrom(
  'robot ', 'The mower stops. ', '電池を交換します。', '、', '\n', '\n\n', '   ', '　', '🤖', '👩‍🔧', '🇯🇵', 'é', 'ไม่', '# Title\n',
  '## 見出し\n', '```\n', 'x'.repeat(40), '「はい。」', '3.14', 'が', '\n---\n', '葛\u{e0100}',
);
const documents = fc.array(pieces, { maxLength: 120 }).map((parts) => cleanText(parts.join('')));

describe('chunkText', () => {
  it('gives exact offsets, keeps to the size, is never blank and leaves out nothing visible', () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 2, max: 120 }), fc.integer({ min: 0, max: 80 }), (text, size, overlap) => {
        let covered = 0;
        for (const chunk of chunksOf(text, size, overlap)) {
          expect(text.slice(chunk.startOffset, chunk.endOffset)).toBe(chunk.text);
          expect(chunk.text.length).toBeLessThanOrEqual(size);
          expect(chunk.text.trim()).not.toBe('');
          expect(chunk.text.isWellFormed()).toBe(true);
          expect(text.slice(covered, Math.max(covered, chunk.startOffset)).trim()).toBe('');
          expect(chunk.endOffset).toBeGreaterThan(covered);
          covered = chunk.endOffset;
        }
        expect(text.slice(covered).trim()).toBe('');
      }),
      { numRuns: 400 },
    );
  });

  it('repeats at most the overlap of the chunk before', () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 10, max: 200 }), fc.integer({ min: 0, max: 60 }), (text, size, overlap) => {
        const chunks = chunksOf(text, size, overlap);
        chunks.slice(1).forEach((chunk, index) => {
          const before = chunks[index];
          expect(chunk.startOffset).toBeGreaterThanOrEqual((before?.endOffset ?? 0) - overlap);
          expect(chunk.startOffset).toBeGreaterThan(before?.startOffset ?? -1);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('never crosses a page and keeps its number', () => {
    const pages = ['First page. '.repeat(30).trim(), 'tiny', '第三ページです。'.repeat(40)];
    const text = pages.join('\n\n');
    let offset = 0;
    const sections = pages.map((page, index) => {
      const section = { startOffset: offset, endOffset: offset + page.length, page: index + 1, heading: null };
      offset += page.length + 2;
      return section;
    });
    const chunks = [...chunkText(text, sections, { chunkSizeChars: 200, chunkOverlapChars: 40 })];
    expect(new Set(chunks.map((chunk) => chunk.page))).toEqual(new Set([1, 2, 3]));
    for (const chunk of chunks) expect(pages[(chunk.page ?? 0) - 1]).toContain(chunk.text);
  });

  it('prefers paragraphs to lines, lines to sentences and sentences to words', () => {
    const sentences = 'The blade turns slowly. The motor hums quietly. ';
    expect(chunksOf(`${sentences.trim()}\n\n${sentences.repeat(3)}`, 80, 0)[0]?.text).toBe(sentences.trim());
    expect(chunksOf(sentences.repeat(4), 60, 0)[0]?.text).toBe('The blade turns slowly. The motor hums quietly.');
    expect(chunksOf('alpha beta gamma delta epsilon zeta', 20, 0)[0]?.text).toBe('alpha beta gamma');
  });

  it('cuts Japanese at sentence ends, keeps closing brackets with them and uses commas only as a fallback', () => {
    const text = '電源を切ってください。「本当によろしいですか？」と表示されます。次に、刃を外し、布でよく拭いてから、元に戻し、ふたを閉めます。';
    expect(chunksOf(text, 32, 0).map((chunk) => chunk.text)).toEqual([
      '電源を切ってください。「本当によろしいですか？」と表示されます。',
      '次に、刃を外し、布でよく拭いてから、元に戻し、ふたを閉めます。',
    ]);
  });

  it('cuts an endless Japanese sentence after its commas', () => {
    const chunks = chunksOf('刃を外し、布で拭き、元に戻し、'.repeat(10), 24, 0);
    expect(chunks.every((chunk) => chunk.text.endsWith('、'))).toBe(true);
  });

  it('starts the overlap at a sentence where one begins in it', () => {
    const chunks = chunksOf('The first sentence is here. A second one follows. The third ends it. A fourth is last.', 55, 30);
    expect(chunks[1]?.text.startsWith('A second one follows.')).toBe(true);
  });

  it('keeps decimals, flags and emoji families whole when nothing better is near', () => {
    expect(chunksOf('🇯🇵'.repeat(20), 10, 0).every((chunk) => chunk.text.length % 4 === 0)).toBe(true);
    expect(chunksOf('👩‍🔧'.repeat(20), 12, 0).every((chunk) => chunk.text.startsWith('👩') && chunk.text.endsWith('🔧'))).toBe(true);
  });

  it('divides a small surplus evenly instead of leaving a scrap', () => {
    const chunks = chunksOf('word '.repeat(210).trim(), 1000, 0);
    expect(chunks).toHaveLength(2);
    expect(chunks[1]?.text.length).toBeGreaterThan(350);
  });

  it('makes no chunk of a blank text', () => {
    expect(chunksOf(' \n\n　\t ')).toEqual([]);
    expect(chunksOf('')).toEqual([]);
  });

  it('cuts one word of five million characters in time proportional to its length', () => {
    const chunks = chunksOf('長'.repeat(5_000_000), DEFAULT_CHUNK_SIZES.chunkSizeChars, DEFAULT_CHUNK_SIZES.chunkOverlapChars);
    expect(chunks.length).toBeLessThan(6_000);
    expect(chunks.at(-1)?.endOffset).toBe(5_000_000);
  });
});

describe('headings', () => {
  const headings = (text: string) => chunksOf(text).map((chunk) => [chunk.heading, chunk.text]);

  it('start sections, stay in the text and name the innermost title', () => {
    expect(headings('intro\n\n# Robot\n\nbody\n\n## 保証\n二年です。\n\n## Repair ##\nCall us.')).toEqual([
      [null, 'intro'],
      ['Robot', '# Robot\n\nbody'],
      ['保証', '## 保証\n二年です。'],
      ['Repair', '## Repair ##\nCall us.'],
    ]);
  });

  it('without a text of their own join the section that follows, or the one before at the end', () => {
    expect(headings('# A\n\n## B\nbody\n\n## C\n')).toEqual([['B', '# A\n\n## B\nbody\n\n## C']]);
  });

  it('are not seen in code fences, front matter, tables or hash words', () => {
    const text = '---\ntitle: x\n---\n\n```sh\n# comment\n```\n\n#hashtag\n\n| a |\n---\nrow\n\n~~~\n# other\n```\n# still\n~~~\nend';
    expect(headings(text)).toEqual([[null, text]]);
  });

  it('may be underlined when they stand alone in a paragraph', () => {
    expect(headings('Title\n=====\nbody\n\none\ntwo\n---\nafter')).toEqual([['Title', 'Title\n=====\nbody\n\none\ntwo\n---\nafter']]);
  });
});

describe('cleanText', () => {
  it('removes what nobody sees and keeps the joiners that scripts and emoji need', () => {
    expect(cleanText('a\u200bb\u202ec\u0000d\u00ade\u{e0041}f\ufeff')).toBe('abcdef');
    expect(cleanText('👩\u200d🔧 می\u200cخواهم क्\u200dष')).toBe('👩\u200d🔧 می\u200cخواهم क्\u200dष');
    expect(cleanText('pass\u200dword\u200c')).toBe('password');
  });

  it('gives line feeds, composed characters and well-formed text, and is stable', () => {
    expect(cleanText('a\r\nb\rc\u2028d\fe')).toBe('a\nb\nc\nd\ne');
    expect(cleanText('か\u3099\ud800')).toBe('が\ufffd');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (raw) => cleanText(cleanText(raw)) === cleanText(raw)));
  });
});
