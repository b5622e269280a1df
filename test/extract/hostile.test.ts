import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { latinPdf, pdfFromObjects } from '../fixtures/build-pdf.ts';
import { buildDocx, buildZip, wordParagraph } from '../fixtures/build-zip.ts';
import { startReading } from './reading.ts';
import type { Reading } from './reading.ts';

const MIB = 1024 * 1024;

let reading: Reading;
beforeAll(async () => {
  reading = await startReading({ maxTextChars: 2_000_000, maxPages: 20, maxChunks: 500 });
});
afterAll(() => reading.close());

describe('the type', () => {
  it('follows the content, not the name', async () => {
    expect((await reading.read('notes.txt', await latinPdf([['A page']]))).chunks[0]?.page).toBe(1);
    expect((await reading.read('report.pdf', 'only text')).text).toBe('only text');
    expect((await reading.read('table.csv', buildDocx(wordParagraph('Hello')))).text).toBe('Hello');
  });

  const unsupported: Array<[string, Buffer, string]> = [
    ['PNG', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), 'a PNG image'],
    ['JPEG', Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF', 'latin1'), 'a JPEG image'],
    ['Excel', buildZip([{ name: 'xl/workbook.xml', data: '<x/>' }]), 'an Excel workbook'],
    ['an old Word file', Buffer.from('d0cf11e0a1b11ae1000000', 'hex'), 'an older Microsoft Office file'],
    ['any other zip', buildZip([{ name: 'a.txt', data: 'x' }]), 'a zip archive'],
    ['random bytes', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919 + (index >> 3) * 31) % 256)), 'a binary file'],
  ];
  it.each(unsupported)('of %s is refused by name, with what is supported', async (_name, bytes, words) => {
    const failure = await reading.failure('innocent.txt', bytes);
    expect(failure).toMatchObject({ code: 'UNSUPPORTED_TYPE', isRetryable: false });
    expect(failure.message).toContain(words);
    expect(failure.message).toContain('PDF, Word (.docx), HTML');
  });
});

describe('a file without text', () => {
  it('is NO_TEXT with a reason, and a scanned PDF gets the advice to run OCR', async () => {
    expect(await reading.failure('a.md', ' \n\u200b\n ')).toMatchObject({ code: 'NO_TEXT', message: 'The file holds no text.' });
    expect(await reading.failure('a.html', '<!-- nothing -->')).toMatchObject({ code: 'NO_TEXT' });
    const scanned = await reading.failure('scan.pdf', await latinPdf([[''], ['']]));
    expect(scanned.code).toBe('NO_TEXT');
    expect(scanned.message).toContain('OCR');
  });
});

describe('a hostile Word file', () => {
  it.each([
    ['part that inflates a thousandfold', () => buildDocx(wordParagraph('x'), [{ name: 'word/media/a.bin', data: Buffer.alloc(20 * MIB) }]), 'EXTRACTION_LIMIT'],
    ['part that claims more than 50 MB', () => buildDocx(wordParagraph('x'), [{ name: 'word/a.xml', data: 'x', claimedSize: 60 * MIB }]), 'EXTRACTION_LIMIT'],
    ['part that is longer than it claims', () => buildDocx(wordParagraph('x'), [{ name: 'word/styles.xml', data: 'x'.repeat(500), claimedSize: 10 }]), 'EXTRACTION_FAILED'],
    ['directory of 2,001 parts', () => buildZip(Array.from({ length: 2_001 }, (_, index) => ({ name: `word/${index}`, data: '' }))), 'EXTRACTION_LIMIT'],
    ['name that leaves the archive', () => buildDocx(wordParagraph('x'), [{ name: '../../x', data: 'x' }]), 'EXTRACTION_FAILED'],
    ['part that exists twice', () => buildDocx(wordParagraph('x'), [{ name: 'word/document.xml', data: '<x/>' }]), 'EXTRACTION_FAILED'],
    ['DOCTYPE with entities', () => buildDocx(wordParagraph('&b;'), [], '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'), 'EXTRACTION_FAILED'],
    ['thousand nested elements', () => buildDocx(`${'<w:p>'.repeat(1_000)}${'</w:p>'.repeat(1_000)}`), 'EXTRACTION_LIMIT'],
    ['missing end', () => buildDocx(wordParagraph('x')).subarray(0, 300), 'EXTRACTION_FAILED'],
  ])('with a %s is refused with a sentence', async (_name, bytes, code) => {
    const failure = await reading.failure('a.docx', bytes());
    expect(failure).toMatchObject({ code, isRetryable: false });
    expect(failure.message).toMatch(/^[A-Z].*\.$/);
  });

  it('that points to pictures elsewhere is read without them', async () => {
    const relationships =
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="file:///etc/passwd" TargetMode="External"/></Relationships>';
    const picture = '<w:p><w:r><w:drawing><a:blip r:link="r9"/></w:drawing></w:r></w:p>';
    const bytes = buildDocx(wordParagraph('Seen') + picture, [{ name: 'word/_rels/document.xml.rels', data: relationships }]);
    expect((await reading.read('a.docx', bytes)).text).toBe('Seen');
  });
});

describe('a hostile PDF', () => {
  it('that is cut off keeps what can be read or is refused with a sentence', async () => {
    const whole = await latinPdf([['First page']]);
    expect(await reading.failure('a.pdf', whole.subarray(0, 60))).toMatchObject({ code: 'EXTRACTION_FAILED', isRetryable: false });
    expect(await reading.failure('a.pdf', '%PDF-1.7\nnothing else')).toMatchObject({ code: 'EXTRACTION_FAILED' });
  });

  it('with a password is refused with that reason', async () => {
    const encrypted = pdfFromObjects(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Count 0 /Kids [] >>']).toString('latin1');
    const dictionary = `/Encrypt << /Filter /Standard /V 1 /R 2 /O <${'00'.repeat(32)}> /U <${'00'.repeat(32)}> /P -4 >> /ID [<00> <00>]`;
    const failure = await reading.failure('a.pdf', Buffer.from(encrypted.replace('/Root', `${dictionary} /Root`), 'latin1'));
    expect(failure.code).toBe('EXTRACTION_FAILED');
    expect(failure.message).toContain('password');
  });

  it('is read up to the limit of pages and not one page further', async () => {
    const pages = Array.from({ length: 21 }, (_, index) => [`Page ${index + 1}`]);
    expect((await reading.read('a.pdf', await latinPdf(pages.slice(1)))).chunks).toHaveLength(20);
    expect(await reading.failure('a.pdf', await latinPdf(pages))).toMatchObject({ code: 'EXTRACTION_LIMIT' });
  });

  it('whose page tree contains itself is refused', async () => {
    const bytes = pdfFromObjects(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Count 2 /Kids [2 0 R 2 0 R] >>']);
    expect((await reading.failure('a.pdf', bytes)).code).toMatch(/^(EXTRACTION_FAILED|NO_TEXT)$/);
  });
});

describe('hostile text', () => {
  it('nested too deep is refused in JSON and HTML', async () => {
    expect(await reading.failure('a.json', '['.repeat(500_000))).toMatchObject({ code: 'EXTRACTION_LIMIT' });
    expect(await reading.failure('a.html', '<div>'.repeat(1_000_000))).toMatchObject({ code: 'EXTRACTION_LIMIT' });
  });

  it('with a table row of millions of characters or columns is refused', async () => {
    expect(await reading.failure('a.csv', `a,b\n${'x'.repeat(3_000_000)}`)).toMatchObject({ code: 'EXTRACTION_LIMIT' });
    expect(await reading.failure('a.csv', ','.repeat(5_000))).toMatchObject({ code: 'EXTRACTION_LIMIT' });
    expect(await reading.failure('a.csv', `a,b\n"${'x,\n'.repeat(500_000)}`)).toMatchObject({ code: 'EXTRACTION_LIMIT' });
  });

  it('of an attribute of megabytes is read without it', async () => {
    expect((await reading.read('a.html', `<p title="${'x'.repeat(5 * MIB)}">short</p>`)).text).toBe('short');
  });

  it('is taken at the limit of characters and refused one over', async () => {
    const atLimit = await reading.failure('a.txt', '字'.repeat(2_000_000));
    expect(atLimit).toMatchObject({ code: 'EXTRACTION_LIMIT', message: expect.stringContaining('500 chunks') });
    expect(await reading.failure('a.txt', '字'.repeat(2_000_001))).toMatchObject({ message: expect.stringContaining('2,000,000 characters') });
    expect(await reading.failure('a.txt', 'x'.repeat(9_000_000))).toMatchObject({ code: 'EXTRACTION_LIMIT' });
  });

  it('of escapes that repeat a long path is capped by what comes out', async () => {
    const deep = `{"${'k'.repeat(1_000)}":[${'{"a":1},'.repeat(20_000)}1]}`;
    expect(await reading.failure('a.json', deep)).toMatchObject({ code: 'EXTRACTION_LIMIT' });
  });
});
