import { writeFile } from 'node:fs/promises';
import { Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow } from 'docx';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import type { PDFFont, PDFPage } from 'pdf-lib';
import { openZip, readEntry } from '../../runtime/src/adapters/extract/open-zip.ts';
import { storedZip } from '../../runtime/src/adapters/extract/stored-zip.ts';
import { HANDBOOK } from './example-handbook.ts';
import type { HandbookPage } from './example-handbook.ts';
import { SERVICE_MANUAL } from './example-service-manual.ts';
import type { ManualBlock } from './example-service-manual.ts';

const FOLDER = new URL('../../examples/documents/', import.meta.url);
/** The documents bear this date, so that making them again changes no byte. */
const EDITION = new Date('2026-09-01T08:00:00Z');

const PAGE = { width: 595.28, height: 841.89, margin: 64 };
const TITLE_SIZE = 18;
const TEXT_SIZE = 11;
const LINE_HEIGHT = 15.5;
const PARAGRAPH_GAP = 12;

async function makeHandbook(): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.setTitle('Mossbyte Employee Handbook');
  pdf.setProducer('make-example-documents');
  pdf.setCreationDate(EDITION);
  pdf.setModificationDate(EDITION);
  const text = await pdf.embedFont(StandardFonts.Helvetica);
  const bold = await pdf.embedFont(StandardFonts.HelveticaBold);
  HANDBOOK.forEach((content, index) => {
    drawPage(pdf.addPage([PAGE.width, PAGE.height]), content, index + 1, text, bold);
  });
  return pdf.save();
}

function drawPage(page: PDFPage, content: HandbookPage, number: number, text: PDFFont, bold: PDFFont): void {
  let y = PAGE.height - PAGE.margin - TITLE_SIZE;
  page.drawText(content.title, { x: PAGE.margin, y, size: TITLE_SIZE, font: bold });
  y -= 2 * LINE_HEIGHT;
  for (const paragraph of content.paragraphs) {
    for (const line of wrap(paragraph, text)) {
      page.drawText(line, { x: PAGE.margin, y, size: TEXT_SIZE, font: text });
      y -= LINE_HEIGHT;
    }
    y -= PARAGRAPH_GAP;
  }
  page.drawText(String(number), { x: PAGE.width / 2, y: PAGE.margin / 2, size: 9, font: text });
}

function wrap(paragraph: string, font: PDFFont): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (font.widthOfTextAtSize(longer, TEXT_SIZE) > PAGE.width - 2 * PAGE.margin) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

async function makeServiceManual(): Promise<Uint8Array> {
  const document = new Document({
    title: 'Clover Service Manual',
    creator: 'Mossbyte',
    sections: [{ children: SERVICE_MANUAL.map(manualBlock) }],
  });
  return withFixedDates(await Packer.toBuffer(document));
}

function manualBlock(block: ManualBlock): Paragraph | Table {
  switch (block.kind) {
    case 'title':
      return new Paragraph({ text: block.text, heading: HeadingLevel.TITLE });
    case 'heading':
      return new Paragraph({ text: block.text, heading: HeadingLevel.HEADING_1 });
    case 'subheading':
      return new Paragraph({ text: block.text, heading: HeadingLevel.HEADING_2 });
    case 'step':
      return new Paragraph({ text: block.text, bullet: { level: 0 } });
    case 'text':
      return new Paragraph(block.text);
    case 'table':
      return new Table({ rows: block.rows.map(tableRow) });
  }
}

function tableRow(cells: readonly string[]): TableRow {
  return new TableRow({ children: cells.map((cell) => new TableCell({ children: [new Paragraph(cell)] })) });
}

/** Packs a Word file again with the edition's date in place of the time at which it was made. */
async function withFixedDates(docx: Buffer): Promise<Buffer> {
  const { zip, entries } = await openZip(docx);
  const parts = new Map<string, Buffer>();
  for (const { name, entry } of entries) {
    const data = await readEntry(zip, entry);
    const isProperties = name === 'docProps/core.xml';
    parts.set(name, isProperties ? Buffer.from(data.toString('utf8').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, EDITION.toISOString())) : data);
  }
  return storedZip(parts);
}

await writeFile(new URL('handbook.pdf', FOLDER), await makeHandbook());
await writeFile(new URL('service-manual.docx', FOLDER), await makeServiceManual());
