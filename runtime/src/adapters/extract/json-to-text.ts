import { BoundedText } from './bounded-text.ts';
import { MAX_DEPTH, tooDeep } from './extract-limits.ts';
import type { ExtractLimits } from './extract-limits.ts';

/** An open object or array, and what may come next in it. */
type Frame = {
  isArray: boolean;
  /** Path of the frame itself, '' at the top. */
  path: string;
  expects: 'key' | 'colon' | 'value' | 'comma';
  key: string;
  index: number;
  /** Bare values of an array waiting to share one line. */
  scalars: string[];
};

const SPACE = /[ \t\n\r\ufeff]*/y;
const BARE_TOKEN = /[{}[\]:,]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * JSON, and any number of JSON values one after the other (NDJSON), as lines `path: value`, with a blank line after each
 * object of an array. Numbers keep their digits and repeated keys all their values, because nothing is built from the
 * input: it is read token by token, in linear time, its depth counted. Null when it is not JSON.
 */
export function jsonToText(source: string, limits: ExtractLimits): string | null {
  const out = new BoundedText(limits);
  const frames: Frame[] = [];
  let at = skipSpace(source, 0);
  while (at < source.length) {
    const end = tokenEnd(source, at);
    if (end === null || !accept(source.slice(at, end), frames, out)) return null;
    at = skipSpace(source, end);
  }
  return frames.length === 0 ? out.toString() : null;
}

function skipSpace(source: string, from: number): number {
  SPACE.lastIndex = from;
  return from + (SPACE.exec(source)?.[0].length ?? 0);
}

/** Strings are scanned by hand: a pattern would keep a state for each escape of a very long one. */
function tokenEnd(source: string, at: number): number | null {
  if (source.charAt(at) !== '"') {
    BARE_TOKEN.lastIndex = at;
    return BARE_TOKEN.test(source) ? BARE_TOKEN.lastIndex : null;
  }
  for (let end = at + 1; end < source.length; end += 1) {
    const character = source.charAt(end);
    if (character === '"') return end + 1;
    if (character === '\\') end += 1;
  }
  return null;
}

/** Takes the next token; false when it cannot stand here. */
function accept(token: string, frames: Frame[], out: BoundedText): boolean {
  const frame = frames.at(-1);
  if (token === '}' || token === ']') return close(token, frames, out);
  if (token === ',' || token === ':') return frame !== undefined && takeMark(frame, token);
  if (frame?.expects === 'key') return takeKey(frame, token);
  if (frame !== undefined && frame.expects !== 'value') return false;
  if (token === '{' || token === '[') return open(token, frames, out);
  const value = scalarText(token);
  if (value === null) return false;
  if (frame === undefined) out.append(`${value}\n`);
  else if (frame.isArray) frame.scalars.push(value);
  else out.append(`${childPath(frame)}: ${value}\n`);
  endValue(frame);
  return true;
}

function open(token: string, frames: Frame[], out: BoundedText): boolean {
  if (frames.length >= MAX_DEPTH) throw tooDeep('JSON');
  const parent = frames.at(-1);
  if (parent !== undefined) flushScalars(parent, out);
  const isArray = token === '[';
  const path = parent === undefined ? '' : childPath(parent);
  frames.push({ isArray, path, expects: isArray ? 'value' : 'key', key: '', index: 0, scalars: [] });
  return true;
}

/** A comma before the closing bracket is forgiven. */
function close(token: string, frames: Frame[], out: BoundedText): boolean {
  const frame = frames.pop();
  if (frame?.isArray !== (token === ']')) return false;
  if (frame.expects === 'colon' || (!frame.isArray && frame.expects === 'value')) return false;
  flushScalars(frame, out);
  const parent = frames.at(-1);
  if (!frame.isArray && (parent === undefined || parent.isArray)) out.append('\n');
  endValue(parent);
  return true;
}

function endValue(frame: Frame | undefined): void {
  if (frame === undefined) return;
  frame.expects = 'comma';
  frame.index += 1;
}

function takeMark(frame: Frame, mark: ',' | ':'): boolean {
  if (frame.expects !== (mark === ',' ? 'comma' : 'colon')) return false;
  frame.expects = mark === ',' && !frame.isArray ? 'key' : 'value';
  return true;
}

function takeKey(frame: Frame, token: string): boolean {
  const key = token.startsWith('"') ? scalarText(token) : null;
  if (key === null) return false;
  frame.key = key;
  frame.expects = 'colon';
  return true;
}

/** Path of the value that comes next. Elements of the outermost array are records and carry no number. */
function childPath(frame: Frame): string {
  if (frame.isArray) return frame.path === '' ? '' : `${frame.path}[${frame.index}]`;
  return frame.path === '' ? frame.key : `${frame.path}.${frame.key}`;
}

function flushScalars(frame: Frame, out: BoundedText): void {
  if (frame.scalars.length === 0) return;
  out.append(frame.path === '' ? `${frame.scalars.join('\n')}\n` : `${frame.path}: ${frame.scalars.join(', ')}\n`);
  frame.scalars = [];
}

function scalarText(token: string): string | null {
  if (!token.startsWith('"')) return token;
  try {
    const value: unknown = JSON.parse(token);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
