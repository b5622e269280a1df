import { describe, expect, it } from '@jest/globals';
import { pdfPageText } from '../../runtime/src/adapters/extract/pdf-page-text.ts';
import type { PdfRun } from '../../runtime/src/adapters/extract/pdf-page-text.ts';

/** A run of letters five points wide (ten for wide ones) and ten high. */
function run(str: string, x: number, y: number, more: Partial<PdfRun> = {}): PdfRun {
  const width = [...str].reduce((sum, letter) => sum + (letter > '\u2e80' ? 10 : 5), 0);
  return { str, transform: [10, 0, 0, 10, x, y], width, height: 10, hasEOL: false, isVertical: false, ...more };
}

describe('pdfPageText', () => {
  it('follows the columns in which a page is written', () => {
    const left = [run('The left column begins', 50, 700), run('here and ends.', 50, 688)];
    const right = [run('The right column comes', 300, 700), run('after it.', 300, 688)];
    expect(pdfPageText([...left, ...right])).toBe('The left column begins here and ends.\n\nThe right column comes after it.');
  });

  it('keeps the rows of a table as lines, with their cells apart', () => {
    const rows = [['Code', 'Meaning'], ['E-17', 'Motor hot'], ['E-23', 'Dirty']];
    const runs = rows.flatMap(([code = '', meaning = ''], index) => [run(code, 50, 700 - index * 12), run(meaning, 150, 700 - index * 12)]);
    expect(pdfPageText(runs)).toBe('Code  Meaning\nE-17  Motor hot\nE-23  Dirty');
  });

  it('puts spaces between words that stand apart and none between Japanese characters', () => {
    expect(pdfPageText([run('two', 50, 700), run('words', 70, 700), run('!', 95, 700)])).toBe('two words!');
    expect(pdfPageText([run('保証', 50, 700), run('期間', 75, 700)])).toBe('保証期間');
  });

  it('joins a hyphenated word but leaves a short line where it ends', () => {
    expect(pdfPageText([run('The station has a docu-', 50, 700), run('mentation of its own.', 50, 688)])).toBe('The station has a documentation of its own.');
    expect(pdfPageText([run('A title', 50, 700), run('A paragraph that is much longer.', 50, 688)])).toBe('A title\nA paragraph that is much longer.');
  });

  it('shortens the dots of a table of contents and keeps its lines', () => {
    expect(pdfPageText([run('1 Start . . . . . . . 3', 50, 700), run('2 Stop . . . . . . . . 5', 50, 688)])).toBe('1 Start ... 3\n2 Stop ... 5');
  });

  it('reads vertical writing column by column and gives radicals as characters', () => {
    const column = (str: string, x: number) => run(str, x, 700, { isVertical: true, width: 10, height: str.length * 10 });
    expect(pdfPageText([column('電池の交換は販売', 500), column('店に依頼します︒', 482)])).toBe('電池の交換は販売店に依頼します。');
    expect(pdfPageText([run('⽇本', 50, 700)])).toBe('日本');
  });
});
