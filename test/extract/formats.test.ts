import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow } from 'docx';
import { unpackTerms } from '../../runtime/src/domain/packed-terms.ts';
import { japanesePdf, latinPdf } from '../fixtures/build-pdf.ts';
import { startReading } from './reading.ts';
import type { Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await startReading();
});
afterAll(() => reading.close());

const row = (...cells: string[]) =>
  new TableRow({ children: cells.map((cell) => new TableCell({ children: [new Paragraph(cell)] })) });

describe('PDF', () => {
  it('gives pages with their numbers, wrapped lines joined, lists kept, empty pages left out', async () => {
    const { text, chunks } = await reading.read('a.pdf', await latinPdf([
      ['The mower stops when it rains and returns to its', 'station at once. Long lines are wrapped here, so', 'they join.', '', '- item one', '- item two'],
      [''],
      ['Third page'],
    ]));
    expect(text).toBe(
      'The mower stops when it rains and returns to its station at once. Long lines are wrapped here, so they join.\n\n- item one\n- item two\n\nThird page',
    );
    expect(chunks.map((chunk) => chunk.page)).toEqual([1, 3]);
  });

  it('reads Japanese with a predefined CMap and joins wrapped lines without a space', async () => {
    const { text, chunks } = await reading.read('ja.pdf', japanesePdf([['保証期間は二年です。刃は含まれま', 'せん。'], ['型番 GR-450 の電池']]));
    expect(text).toBe('保証期間は二年です。刃は含まれません。\n\n型番 GR-450 の電池');
    expect(chunks.map((chunk) => chunk.page)).toEqual([1, 2]);
  });

  it('reads Japanese in the Shift_JIS character map too', async () => {
    const shiftJis = new Map([['電池', '93649272']]);
    const { text } = await reading.read('ja.pdf', japanesePdf([['電池']], (line) => shiftJis.get(line) ?? '', '90ms-RKSJ-H'));
    expect(text).toBe('電池');
  });
});

describe('Word', () => {
  it('keeps headings, lists and tables', async () => {
    const document = new Document({
      sections: [{
        children: [
          new Paragraph({ text: 'サービス手順', heading: HeadingLevel.HEADING_1 }),
          new Paragraph('Body text'),
          new Paragraph({ text: 'Batteries', heading: HeadingLevel.HEADING_2 }),
          new Paragraph({ text: 'Change it', bullet: { level: 0 } }),
          new Table({ rows: [row('Part', 'Torque'), row('Blade', '8 Nm')] }),
        ],
      }],
    });
    const { text, chunks } = await reading.read('manual.docx', await Packer.toBuffer(document));
    expect(text).toBe('# サービス手順\n\nBody text\n\n## Batteries\n\n- Change it\n\nPart | Torque\nBlade | 8 Nm');
    expect(chunks.map((chunk) => chunk.heading)).toEqual(['サービス手順', 'Batteries']);
  });
});

describe('HTML', () => {
  it('gives title, headings, lists, rows and preformatted text without scripts and navigation', async () => {
    const page =
      '<html><head><title>Notes</title><style>x{}</style></head><body><nav>menu</nav><h1>Release &nbsp;2.1</h1><p>Fixed &amp; better<br>now<ul><li><p>one</p><li>two</ul><h2></h2><table><tr><th>k<th>v<tr><td>1<td>2</table><pre>a\n  b</pre><p hidden>no</p><script>bad()</script>end';
    const { text } = await reading.read('notes.html', page);
    expect(text).toBe('# Notes\n\n# Release 2.1\n\nFixed & better\nnow\n\n- one\n- two\n\nk | v\n1 | 2\n\na\n  b\n\nend');
  });

  it('follows the charset that a page declares', async () => {
    const page = Buffer.from('<meta charset="windows-1251"><p>\xcf\xf0\xe8\xe2\xe5\xf2</p>', 'latin1');
    expect((await reading.read('a.html', page)).text).toBe('Привет');
  });
});

describe('CSV', () => {
  it('names the column of each value, whatever the delimiter', async () => {
    expect((await reading.read('a.csv', 'item,name\nGR-1,"Blade, steel"\n')).text).toBe('item: GR-1 | name: Blade, steel');
    expect((await reading.read('a.csv', '型番;価格\nGR-1;1,5\n')).text).toBe('型番: GR-1 | 価格: 1,5');
    expect((await reading.read('a.tsv', 'a\tb\n1\t\n\t2\n')).text).toBe('a: 1\nb: 2');
  });

  it('never splits a row that fits, and repeats none', async () => {
    const rows = Array.from({ length: 200 }, (_, index) => `GR-${index},Spare part number ${index}. With a full stop.`);
    const { chunks } = await reading.read('a.csv', `item,name\n${rows.join('\n')}`, { chunkSizeChars: 300 });
    const lines = chunks.flatMap((chunk) => chunk.text.split('\n'));
    expect(lines).toEqual(rows.map((line) => `item: ${line.replace(',', ' | name: ')}`));
    expect(chunks.every((chunk) => chunk.heading === null)).toBe(true);
  });

  it('reads formulas as text and goes on after an unclosed quote', async () => {
    expect((await reading.read('a.csv', 'a,b\n"=1+1",5" pipe\n')).text).toBe('a: =1+1 | b: 5" pipe');
    expect((await reading.read('a.csv', 'a,b\n"open,2\n3,4\n')).text).toBe('a: "open | b: 2\na: 3 | b: 4');
  });
});

describe('JSON', () => {
  it('gives lines of path and value, digits untouched, strange keys harmless', async () => {
    const { text } = await reading.read('a.json', '{"name":"x","tags":["a","b"],"items":[{"id":12345678901234567890,"n":{"deep":true}},{"id":2}],"__proto__":1,"a":1,"a":2}');
    expect(text).toBe('name: x\ntags: a, b\nitems[0].id: 12345678901234567890\nitems[0].n.deep: true\n\nitems[1].id: 2\n\n__proto__: 1\na: 1\na: 2');
  });

  it('reads records line by line and separates them', async () => {
    expect((await reading.read('a.ndjson', '{"a":1,"b":"日本"}\n{"a":2}\n')).text).toBe('a: 1\nb: 日本\n\na: 2');
    expect((await reading.read('a.json', '[{"a":"x\\ny"},[1,2]]')).text).toBe('a: x\ny\n\n1\n2');
  });

  it('reads what is no JSON as plain text', async () => {
    expect((await reading.read('a.json', '{"a": 1 /* note */}')).text).toBe('{"a": 1 /* note */}');
    expect((await reading.read('a.json', '{"a":}')).text).toBe('{"a":}');
  });
});

describe('text', () => {
  const japanese = '保証期間は購入日から二年です。ＧＲ型の電池は含まれません。';
  const encodings: Array<[string, Buffer, string]> = [
    ['UTF-8 with a mark', Buffer.from(`\ufeff${japanese}`), japanese],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${japanese}`, 'utf16le'), japanese],
    ['big-endian UTF-16 without a mark', Buffer.from('The mower stops.', 'utf16le').swap16(), 'The mower stops.'],
    ['Shift_JIS', Buffer.from('95db8fd88afa8ad482cd8d7793fc93fa82a982e793f1944e82c582b78142', 'hex'), '保証期間は購入日から二年です。'],
    ['EUC-JP', Buffer.from('caddbedab4fcb4d6a4cfb9d8c6fec6fca4aba4e9c6f3c7afa4c7a4b9a1a3', 'hex'), '保証期間は購入日から二年です。'],
    ['ISO-2022-JP', Buffer.from('\x1b$BJ]>Z\x1b(B ok', 'latin1'), '保証 ok'],
    ['Windows-1252', Buffer.from('Le pr\xe9fet na\xeff a pay\xe9 5 \x80 \xe0 l\x92h\xf4tel', 'latin1'), 'Le préfet naïf a payé 5 € à l’hôtel'],
    ['German Windows-1252', Buffer.from('Gr\xfc\xdfe aus M\xfcnchen, sch\xf6ne \xc4pfel f\xfcr Gro\xdfm\xfctter', 'latin1'), 'Grüße aus München, schöne Äpfel für Großmütter'],
  ];
  it.each(encodings)('is decoded from %s', async (_name, bytes, expected) => {
    expect((await reading.read('a.txt', bytes)).text).toBe(expected);
  });

  it('has headings in markdown and plain text but not in source code', async () => {
    const source = '# one\nbody one\n\n# two\nbody two';
    expect((await reading.read('a.md', source)).chunks.map((chunk) => chunk.heading)).toEqual(['one', 'two']);
    expect((await reading.read('a.txt', source)).chunks).toHaveLength(2);
    expect((await reading.read('a.py', source)).chunks.map((chunk) => chunk.heading)).toEqual([null]);
  });

  it('takes the declared type where the name says nothing', async () => {
    expect((await reading.read('export', 'a,b\n1,2', { contentType: 'text/csv; charset=utf-8' })).text).toBe('a: 1 | b: 2');
    expect((await reading.read('page', '<!DOCTYPE html><p>hi</p>')).text).toBe('hi');
  });

  it('loses invisible characters, also those that entities bring back', async () => {
    expect((await reading.read('a.txt', 'pass\u200bword\u202e\0 か\u3099')).text).toBe('password が');
    expect((await reading.read('a.html', '<p>pass&#8203;word&#x202e;</p>')).text).toBe('password');
  });

  it('comes with exact offsets, hashes and search terms', async () => {
    const { text, textHash, chunks } = await reading.read('a.txt', 'The mower stops. '.repeat(300));
    const hash = (value: string) => createHash('sha256').update(value).digest('hex');
    expect(textHash).toBe(hash(text));
    expect(chunks.length).toBeGreaterThan(4);
    for (const chunk of chunks) {
      expect(chunk.text).toBe(text.slice(chunk.startOffset, chunk.endOffset));
      expect(chunk.textHash).toBe(hash(chunk.text));
      expect(new Map(unpackTerms(chunk.terms)).get('mower')).toBeGreaterThan(0);
    }
  });
});
