import { parse } from 'csv-parse/sync';
import { AppError } from '../../domain/errors.ts';
import { BoundedText } from './bounded-text.ts';
import { group, limitError } from './extract-limits.ts';
import type { ExtractLimits } from './extract-limits.ts';

/** A row of more characters is no table row (a missing line end or quote). */
const MAX_ROW_CHARS = 1_000_000;
const MAX_COLUMNS = 2_000;
/** A row that is longer is written as a block of one line a column instead of one line. */
const MAX_LINE_CHARS = 400;
const SAMPLE_CHARS = 64 * 1024;
const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * A table as text in which every row says what its values are: `column: value | column: value`, one line a row; long rows
 * as a block of `column: value` lines between blank lines. The first row names the columns. Formulas stay what they are:
 * text. Rows with an unclosed quote are read again with quotes as plain characters.
 */
export function csvToText(source: string, limits: ExtractLimits): string {
  const delimiter = detectDelimiter(source);
  try {
    return renderRows(source, delimiter, '"', limits);
  } catch (error) {
    if (!isQuoteError(error)) throw error;
  }
  return renderRows(source, delimiter, null, limits);
}

/** The delimiter that the first lines hold most often outside quotes, preferring one that all of them hold equally often. */
export function detectDelimiter(source: string): string {
  const lines = unquotedLines(source.slice(0, SAMPLE_CHARS)).slice(0, 20);
  let best: (typeof DELIMITERS)[number] = ',';
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const least = Math.min(...counts);
    const total = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
    const score = least * 10 + total;
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
}

function unquotedLines(sample: string): string[] {
  return sample
    .split('"')
    .filter((_, index) => index % 2 === 0)
    .join('')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

function renderRows(source: string, delimiter: string, quote: '"' | null, limits: ExtractLimits): string {
  const out = new BoundedText(limits);
  let columns: string[] | null = null;
  const takeRow = (row: string[]): null => {
    if (row.length > MAX_COLUMNS) throw limitError(`The table has more than ${group(MAX_COLUMNS)} columns.`);
    const values = row.map((value) => value.replace(/\s+/g, ' ').trim());
    if (columns === null) columns = values;
    else out.append(renderRow(columns, values));
    return null;
  };
  try {
    // Each row is written and dropped as soon as it is complete.
    parse(source, {
      delimiter,
      quote,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_CHARS,
      on_record: takeRow,
    });
  } catch (error) {
    throw readableCsvError(error);
  }
  return out.length === 0 ? headerOnly(columns) : out.toString();
}

function headerOnly(columns: readonly string[] | null): string {
  return (columns ?? []).filter((name) => name !== '').join(' | ');
}

function renderRow(columns: readonly string[], values: readonly string[]): string {
  const cells: string[] = [];
  let length = 0;
  values.forEach((value, index) => {
    if (value === '') return;
    const name = columns[index] ?? '';
    const cell = name === '' ? value : `${name}: ${value}`;
    length += cell.length + 3;
    cells.push(cell);
  });
  if (cells.length === 0) return '';
  return length > MAX_LINE_CHARS ? `\n${cells.join('\n')}\n\n` : `${cells.join(' | ')}\n`;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

function isQuoteError(error: unknown): boolean {
  const cause: unknown = error instanceof AppError ? error.cause : error;
  return codeOf(cause).includes('QUOTE') || codeOf(cause) === 'CSV_MAX_RECORD_SIZE';
}

function readableCsvError(error: unknown): unknown {
  if (error instanceof AppError || !codeOf(error).startsWith('CSV_')) return error;
  if (codeOf(error) === 'CSV_MAX_RECORD_SIZE') {
    const sentence = `A row of the table is longer than ${group(MAX_ROW_CHARS)} characters. Check its line ends and quotes.`;
    return new AppError('EXTRACTION_LIMIT', sentence, { cause: error });
  }
  return new AppError('EXTRACTION_FAILED', 'The table could not be read. Check that it is a CSV file with one row a line.', { cause: error });
}
