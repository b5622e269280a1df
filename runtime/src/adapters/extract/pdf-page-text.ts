/** A run of characters on a page, as pdf.js reports it. Coordinates are points, y upwards. */
export type PdfRun = {
  str: string;
  /** Transformation matrix: scale and skew in 0-3, position in 4 and 5. */
  transform: readonly number[];
  width: number;
  height: number;
  hasEOL: boolean;
  isVertical: boolean;
};

/** A line in a coordinate system of its own: `along` runs with the writing, `across` from line to line. */
type Line = { text: string; start: number; end: number; across: number; size: number; hasWideGaps: boolean };
type Placed = { str: string; start: number; end: number; across: number; size: number };

/** Characters between which Japanese and Chinese put no space. */
const WIDE = /[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const LIST_ITEM = /^(?:[-–—•·*▪◦○●■□◆◇・※✓]|[([]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)\]]\s|[①-⑳])/;
/** Dots that lead from a title to its page number. */
const LEADER = /(?: ?[.·…]){5,}/g;
/** Kangxi radicals that stand for characters, and punctuation in its vertical form. */
const COMPATIBILITY_FORMS = /[\u2f00-\u2fd5\ufe10-\ufe19\ufe31-\ufe44\ufe47\ufe48]/g;

/** Gaps in multiples of the letter size: between words, between columns of a table. */
const WORD_GAP = 0.15;
const COLUMN_GAP = 1.5;
/** A paragraph begins where the step between lines exceeds the page's usual one by this factor, within these bounds. */
const PARAGRAPH_FACTOR = 1.35;
const PARAGRAPH_GAP = { least: 1.45, most: 2.7 };

/**
 * Text of a page in the order in which it is written: runs joined to lines, lines that were only wrapped joined to
 * paragraphs (without a space between Japanese characters), paragraphs separated by blank lines. Lines of tables and
 * lists stay lines.
 */
export function pdfPageText(runs: readonly PdfRun[]): string {
  const lines = toLines(runs);
  const gap = paragraphGap(lines);
  let text = '';
  let blockStart = 0;
  lines.forEach((line, index) => {
    const previous = lines[index - 1];
    if (previous === undefined) {
      text = line.text;
      return;
    }
    if (isNewBlock(previous, line, gap)) {
      blockStart = index;
      text += `\n\n${line.text}`;
      return;
    }
    const edge = blockEdge(lines, blockStart, index, gap);
    text = isWrapped(previous, line, edge) ? joinWrapped(text, line.text) : `${text}\n${line.text}`;
  });
  return text.replace(COMPATIBILITY_FORMS, (form) => form.normalize('NFKC'));
}

function toLines(runs: readonly PdfRun[]): Line[] {
  const lines: Line[] = [];
  let current: Line | null = null;
  for (const run of runs) {
    const placed = place(run);
    if (placed.str.trim() !== '') {
      if (current !== null && !continues(current, placed)) {
        lines.push(current);
        current = null;
      }
      current = current === null ? startLine(placed) : extend(current, placed);
    }
    if (run.hasEOL && current !== null) {
      lines.push(current);
      current = null;
    }
  }
  if (current !== null) lines.push(current);
  return mergeSameLine(lines).map(shortenLeader);
}

function place(run: PdfRun): Placed {
  const [a = 0, b = 0, , d = 0, x = 0, y = 0] = run.transform;
  const size = Math.hypot(a, b) || Math.abs(d) || run.height || 1;
  return run.isVertical
    ? { str: run.str, start: -y, end: -y + run.height, across: -x, size }
    : { str: run.str, start: x, end: x + run.width, across: -y, size };
}

function continues(line: Line, run: Placed): boolean {
  return Math.abs(run.across - line.across) < Math.max(line.size, run.size) * 0.5 && run.start >= line.end - line.size;
}

function startLine(run: Placed): Line {
  return { text: run.str, start: run.start, end: run.end, across: run.across, size: run.size, hasWideGaps: false };
}

function extend(line: Line, run: Placed): Line {
  const gap = (run.start - line.end) / Math.max(line.size, run.size);
  const isJoined = gap < WORD_GAP || (gap < COLUMN_GAP && WIDE.test(line.text.at(-1) ?? '') && WIDE.test(run.str.charAt(0)));
  const needsSpace = !isJoined && !line.text.endsWith(' ') && !run.str.startsWith(' ');
  const separator = gap > COLUMN_GAP ? '  ' : needsSpace ? ' ' : '';
  return {
    ...line,
    text: line.text + separator + run.str,
    end: Math.max(line.end, run.end),
    size: Math.max(line.size, run.size),
    hasWideGaps: line.hasWideGaps || gap > COLUMN_GAP,
  };
}

/** Cells of a table row come as lines of their own, side by side. */
function mergeSameLine(lines: readonly Line[]): Line[] {
  const merged: Line[] = [];
  for (const line of lines) {
    const previous = merged.at(-1);
    if (previous !== undefined && continues(previous, { ...line, str: line.text })) merged[merged.length - 1] = extend(previous, { ...line, str: line.text });
    else merged.push(line);
  }
  return merged;
}

/** Step between lines, in letter sizes, above which a paragraph begins. Japanese text is often set far apart. */
function paragraphGap(lines: readonly Line[]): number {
  const steps: number[] = [];
  lines.forEach((line, index) => {
    const previous = lines[index - 1];
    const step = previous === undefined ? 0 : (line.across - previous.across) / Math.max(previous.size, line.size);
    if (step > 0 && step < 3) steps.push(step);
  });
  steps.sort((a, b) => a - b);
  const usual = steps[Math.floor(steps.length / 4)] ?? 1.3;
  return Math.min(PARAGRAPH_GAP.most, Math.max(PARAGRAPH_GAP.least, usual * PARAGRAPH_FACTOR));
}

function isNewBlock(previous: Line, line: Line, gap: number): boolean {
  const step = line.across - previous.across;
  const size = Math.max(previous.size, line.size);
  const isOtherSize = Math.abs(previous.size - line.size) > size * 0.12;
  return step <= 0 || step > size * gap || isOtherSize || line.start >= previous.end;
}

/** A line of a table of contents is no running text. */
function shortenLeader(line: Line): Line {
  const text = line.text.replace(LEADER, ' ...').trim();
  return { ...line, text, hasWideGaps: line.hasWideGaps || text.length < line.text.trim().length };
}

/** How far to the right the lines of the block around `index` reach. */
function blockEdge(lines: readonly Line[], blockStart: number, index: number, gap: number): number {
  let edge = -Infinity;
  for (let at = Math.max(blockStart, index - 40); at < Math.min(lines.length, index + 40); at += 1) {
    const line = lines[at];
    const previous = lines[at - 1];
    if (line === undefined || (at > index && previous !== undefined && isNewBlock(previous, line, gap))) break;
    edge = Math.max(edge, line.end);
  }
  return edge;
}

/** True when the next line's first word would not have fitted on the previous line. */
function isWrapped(previous: Line, line: Line, edge: number): boolean {
  if (previous.hasWideGaps || line.hasWideGaps || LIST_ITEM.test(line.text)) return false;
  if (line.start > previous.start + line.size * 1.5 && !LIST_ITEM.test(previous.text)) return false;
  const widthPerChar = (line.end - line.start) / Math.max(1, line.text.length);
  const firstWord = WIDE.test(line.text.charAt(0)) ? 2 : line.text.split(' ', 1)[0]?.length ?? 0;
  return previous.end + widthPerChar * (firstWord + 1) > edge;
}

function joinWrapped(text: string, next: string): string {
  const last = text.at(-1) ?? '';
  const first = next.charAt(0);
  if (WIDE.test(last) && WIDE.test(first)) return text + next;
  const isHyphenated = last === '-' && /\p{Ll}-$/u.test(text.slice(-3)) && /^\p{Ll}/u.test(next);
  return isHyphenated ? text.slice(0, -1) + next : `${text} ${next}`;
}
