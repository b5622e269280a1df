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
const CJK_END = /[\u3040-\u30ff\u3400-\u9fff\uff01-\uff5e\u3001\u3002]$/;

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

function isTableRow(line: string): boolean {
  return line.trim().startsWith('|') && line.trim().length > 2;
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
  return lines.reduce((joined, line) => (joined === '' ? line.trim() : joined + (CJK_END.test(joined) ? '' : ' ') + line.trim()), '');
}

type State = { heading: string; intro: string; columns: string[] | null; prose: string[]; record: string[] };

/** Turns the lines of one source into units; keeps the heading, introduction and table header that the next lines stand under. */
function createCollector(): { take(line: string): void; finish(): Unit[] } {
  const units: Unit[] = [];
  const state: State = { heading: '', intro: '', columns: null, prose: [], record: [] };
  const context = (): string => [state.heading, state.intro].filter((text) => text !== '').join(' ');

  const endProse = (): void => {
    if (state.prose.length === 0) return;
    const sentences = splitSentences(joinLines(state.prose));
    state.prose = [];
    for (const text of sentences) units.push({ text, context: context(), kind: 'sentence' });
    const last = sentences.at(-1) ?? '';
    state.intro = /[:\uff1a]$/.test(last) ? last : '';
  };
  const endRecord = (): void => {
    if (state.record.length === 0) return;
    const text = state.record.join(', ');
    const first = state.record[0] ?? '';
    if (text.length <= MAX_RECORD_CHARS) units.push({ text, context: context(), kind: 'row' });
    // A long record is answered field by field, with the field that names it.
    else for (const [i, field] of state.record.entries()) units.push({ text: field.slice(0, MAX_UNIT_CHARS), context: i === 0 ? context() : `${context()} ${first}`, kind: 'row' });
    state.record = [];
  };
  const takeRow = (line: string): void => {
    endProse();
    endRecord();
    if (isRule(line)) return;
    const cells = cellsOf(line);
    if (state.columns === null) {
      state.columns = cells;
      return;
    }
    const columns = state.columns;
    const text = cells.map((cell, i) => (cell === '' ? '' : `${columns[i] ?? ''}: ${cell}`.replace(/^: /, ''))).filter((cell) => cell !== '').join(', ');
    units.push({ text: text.slice(0, MAX_UNIT_CHARS), context: context(), kind: 'row' });
  };
  const takeField = (line: string): void => {
    endProse();
    const name = FIELD.exec(line)?.[1];
    const first = FIELD.exec(state.record[0] ?? '')?.[1];
    // The first column's name again: the next record of a table written as fields.
    if (name !== undefined && name === first) endRecord();
    state.record.push(line.trim());
  };

  const take = (line: string): void => {
    const heading = headingText(line);
    if (isTableRow(line)) {
      takeRow(line);
      return;
    }
    state.columns = null;
    if (heading === null && FIELD.test(line.trim()) && !/[.!?\u3002]$/.test(line.trim())) {
      takeField(line);
      return;
    }
    endRecord();
    if (heading !== null) {
      endProse();
      state.heading = heading;
      state.intro = '';
      units.push({ text: heading, context: '', kind: 'heading' });
    } else if (line.trim() === '') {
      endProse();
    } else if (/^\s*(?:[-*+\u30fb\u2022]|\d{1,3}[.)])\s*\S/.test(line)) {
      const intro = state.intro;
      endProse();
      const kept = state.intro === '' ? intro : state.intro;
      state.prose = [line.replace(/^\s*(?:[-*+\u30fb\u2022]|\d{1,3}[.)])\s*/, '')];
      state.intro = kept;
    } else {
      state.prose.push(line);
    }
  };

  return {
    take,
    finish: () => {
      endProse();
      endRecord();
      // A header row alone, cut off from its rows, is still text.
      if (state.columns !== null && units.length === 0) units.push({ text: state.columns.join(', '), context: context(), kind: 'row' });
      return units;
    },
  };
}

/** The units of one source's text in their order: sentences, list items, table rows with their column names, records, headings. */
export function splitUnits(text: string): Unit[] {
  const collector = createCollector();
  for (const line of text.split(/\r?\n/)) collector.take(line);
  return collector.finish();
}
