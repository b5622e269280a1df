/** A piece of a source that can be an answer by itself, with what stands above it. */
export type Unit = {
  text: string;
  /** Heading, list introduction and, for a table row, the column names: they say what the piece is about. */
  context: string;
  kind: 'sentence' | 'row' | 'heading';
};

/** Longer sentences are data; they are cut so that an answer stays an answer. */
const MAX_UNIT_CHARS = 600;
/** A record of fields up to this length is one answer. */
const MAX_RECORD_CHARS = 400;
const ABBREVIATION = /(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|no|nos|vs|etc|e\.g|i\.e|cf|fig|vol|approx|inc|ltd|co|[a-z])\.$/i;
const CJK_END = /[\u3001\u3002\u3040-\u30ff\u3400-\u9fff\uff01-\uff5e]/;

/** Sentences of a paragraph: after `.`, `!` or `?` and a space, and after the Japanese full stops unless a closing bracket follows. */
export function splitSentences(paragraph: string): string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const match of paragraph.matchAll(/[.!?]["')\]\u201d\u2019]*(?=\s)|[\u3002\uff01\uff1f\uff0e](?![\u300d\u300f\uff09\u3011)])/g)) {
    const end = match.index + match[0].length;
    const sentence = paragraph.slice(start, end);
    if (match[0].startsWith('.') && ABBREVIATION.test(sentence.slice(-12))) continue;
    sentences.push(sentence.trim());
    start = end;
  }
  sentences.push(paragraph.slice(start).trim());
  return sentences.filter((sentence) => sentence !== '').map((sentence) => sentence.slice(0, MAX_UNIT_CHARS));
}

function cellsOf(line: string): string[] {
  return line.trim().replace(/^\|/, '').replace(/\|$/, '').split('|').map((cell) => cell.trim());
}

/** Rows as Markdown has them, and as extraction writes them: cells with ` | ` between. */
function isTableRow(line: string): boolean {
  const trimmed = line.trim();
  return (trimmed.startsWith('|') && trimmed.length > 2) || trimmed.includes(' | ');
}

function isRule(line: string): boolean {
  return /^[\s|:=-]+$/.test(line) && line.includes('-');
}

const FIELD = /^([^:\uff1a\s][^:\uff1a]{0,39})(?::\s|\uff1a)\s*\S/;

function headingText(line: string): string | null {
  const match = /^\s{0,3}#{1,6}[ \t\u3000]+(.+?)\s*#*$/.exec(line.slice(0, 400));
  return match?.[1] ?? null;
}

/** Lines that a page break or a narrow column cut are one again; Japanese lines join without a space. */
function joinLines(lines: readonly string[]): string {
  const trimmed = lines.map((line) => line.trim());
  return trimmed.map((line, i) => (i + 1 === trimmed.length || CJK_END.test(line.slice(-1)) ? line : `${line} `)).join('');
}

/** Where the reading of a source is: what the next lines stand under, and the lines that are not yet a unit. */
type Reading = { units: Unit[]; heading: string; intro: string; columns: string[] | null; prose: string[]; record: string[] };

const LIST_MARK = /^\s*(?:[-*+\u30fb\u2022]|\d{1,3}[.)])\s*(?=\S)/;

function contextOf({ heading, intro }: Reading): string {
  return [heading, intro].filter((text) => text !== '').join(' ');
}

function endProse(reading: Reading): void {
  if (reading.prose.length === 0) return;
  const sentences = splitSentences(joinLines(reading.prose));
  reading.prose = [];
  for (const text of sentences) reading.units.push({ text, context: contextOf(reading), kind: 'sentence' });
  const last = sentences.at(-1) ?? '';
  reading.intro = /[:\uff1a]$/.test(last) ? last : '';
}

function endRecord(reading: Reading): void {
  if (reading.record.length === 0) return;
  const text = reading.record.join(', ');
  const first = reading.record[0] ?? '';
  const context = contextOf(reading);
  if (text.length <= MAX_RECORD_CHARS) reading.units.push({ text, context, kind: 'row' });
  // A long record is answered field by field, with the field that names it.
  else for (const [i, field] of reading.record.entries()) reading.units.push({ text: field.slice(0, MAX_UNIT_CHARS), context: i === 0 ? context : `${context} ${first}`, kind: 'row' });
  reading.record = [];
}

/** A row of a markdown table, with each value's column name before it; the first row holds the names. */
function takeRow(reading: Reading, line: string): void {
  endProse(reading);
  endRecord(reading);
  if (isRule(line)) return;
  const cells = cellsOf(line);
  // A row that names each of its values needs no header.
  if (cells.every((cell) => FIELD.test(cell))) {
    reading.units.push({ text: cells.join(' | ').slice(0, MAX_UNIT_CHARS), context: contextOf(reading), kind: 'row' });
    return;
  }
  const { columns } = reading;
  if (columns === null) {
    reading.columns = cells;
    return;
  }
  const named = cells.flatMap((cell, i) => (cell === '' ? [] : [(columns[i] ?? '') === '' ? cell : `${columns[i]}: ${cell}`]));
  reading.units.push({ text: named.join(', ').slice(0, MAX_UNIT_CHARS), context: contextOf(reading), kind: 'row' });
}

function takeField(reading: Reading, line: string): void {
  endProse(reading);
  const name = FIELD.exec(line)?.[1];
  // The first column's name again: the next record of a table written as fields.
  if (name !== undefined && name === FIELD.exec(reading.record[0] ?? '')?.[1]) endRecord(reading);
  reading.record.push(line);
}

function takeHeading(reading: Reading, heading: string): void {
  endProse(reading);
  reading.heading = heading;
  reading.intro = '';
  reading.units.push({ text: heading, context: '', kind: 'heading' });
}

/** A list item; the introduction above the list stays for all its items. */
function takeItem(reading: Reading, text: string): void {
  const before = reading.intro;
  endProse(reading);
  if (reading.intro === '') reading.intro = before;
  reading.prose = [text];
}

function takeLine(reading: Reading, line: string): void {
  if (isTableRow(line)) {
    takeRow(reading, line);
    return;
  }
  reading.columns = null;
  const heading = headingText(line);
  const trimmed = line.trim();
  if (heading === null && FIELD.test(trimmed) && !/[.!?\u3002]$/.test(trimmed)) {
    takeField(reading, trimmed);
    return;
  }
  endRecord(reading);
  if (heading !== null) takeHeading(reading, heading);
  else if (trimmed === '') endProse(reading);
  else if (LIST_MARK.test(line)) takeItem(reading, line.replace(LIST_MARK, ''));
  else reading.prose.push(line);
}

/** The units of one source's text in their order: sentences, list items, table rows with their column names, records, headings. */
export function splitUnits(text: string): Unit[] {
  const reading: Reading = { units: [], heading: '', intro: '', columns: null, prose: [], record: [] };
  for (const line of text.split(/\r?\n/)) takeLine(reading, line);
  endProse(reading);
  endRecord(reading);
  // A header row alone, cut off from its rows, is still text.
  if (reading.columns !== null && reading.units.length === 0) reading.units.push({ text: reading.columns.join(', '), context: '', kind: 'row' });
  return reading.units;
}
