import { describe, expect, it } from '@jest/globals';
import { parseRange } from '../../runtime/src/http/byte-range.ts';
import { contentHeaders } from '../../runtime/src/http/content-headers.ts';
import type { FileRecord } from '../../runtime/src/domain/file.ts';

describe('a Range header', () => {
  it.each([
    [undefined, 'all'],
    ['bytes=0-', { start: 0, end: 9 }],
    ['bytes=2-4', { start: 2, end: 4 }],
    ['bytes=2-400', { start: 2, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=9-9', { start: 9, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=4-2', 'all'],
    ['bytes=-', 'all'],
    ['bytes=0-1,3-4', 'all'],
    ['chapters=1-2', 'all'],
    [`bytes=${'9'.repeat(100)}-`, 'all'],
  ])('%s of ten bytes', (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected);
  });

  it('can name nothing of an empty file', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
  });
});

function headersOf(filename: string, contentType: string | null, isAttachment = false) {
  const file = { filename, contentType, fileHash: 'abc', createdAtMs: 0 } as FileRecord;
  return contentHeaders(file, isAttachment);
}

describe('the headers of stored bytes', () => {
  it.each([
    ['a.txt', 'text/plain', 'text/plain; charset=utf-8', undefined],
    ['a.pdf', 'application/pdf', 'application/pdf', "inline; filename*=UTF-8''a.pdf"],
    ['a.png', 'image/png', 'image/png', "attachment; filename*=UTF-8''a.png"],
    ['a.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', "attachment; filename*=UTF-8''a.docx"],
    ['無題 (1).bin', null, 'application/octet-stream', "attachment; filename*=UTF-8''%E7%84%A1%E9%A1%8C%20%281%29.bin"],
  ])('show plain text and PDF and offer %s', (filename, contentType, expectedType, disposition) => {
    const headers = headersOf(filename, contentType);
    expect([headers['content-type'], headers['content-disposition']]).toEqual([expectedType, disposition]);
  });

  it.each([
    ['a.html', 'text/html'],
    ['a.txt', 'text/html; charset=utf-8'],
    ['a.svg', 'image/svg+xml'],
    ['a.xhtml', 'application/xhtml+xml'],
    ['a.xml', 'text/xml'],
    ['a.js', 'application/javascript'],
    ['a.html', 'text/plain'],
    ['a.htm', null],
    ['a.txt', 'TEXT/HTML'],
    ['a.txt', 'text/html\r\nx: y'],
  ])('never let a browser run %s declared as %s', (filename, contentType) => {
    const headers = headersOf(filename, contentType);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toMatch(/^attachment; /);
    expect([headers['x-content-type-options'], headers['content-security-policy']]).toEqual(['nosniff', "sandbox; default-src 'none'"]);
  });

  it('survive a name with half a character', () => {
    expect(headersOf('a\uD800.bin', null)['content-disposition']).toContain('%EF%BF%BD');
  });
});
