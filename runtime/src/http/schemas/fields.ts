import { z } from 'zod';
import { INTEGER_MESSAGE } from '../validation.ts';

const TRUE_WORDS = new Set(['true', '1', 'yes', 'on', 't', 'y']);
const FALSE_WORDS = new Set(['false', '0', 'no', 'off', 'f', 'n']);

function readBoolean(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const word = value.toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : value;
}

function readNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
}

/** `true/false/1/0/yes/no/on/off/t/f/y/n` in any case; an empty value is refused, not the default. */
export function queryBoolean(byDefault: boolean) {
  return z.preprocess((value) => readBoolean(value === undefined ? byDefault : value), z.boolean()).optional().default(byDefault);
}

export type IntegerRange = { min?: number; max?: number };

function integer({ min, max }: IntegerRange) {
  let schema = z.int({ error: INTEGER_MESSAGE });
  if (min !== undefined) schema = schema.min(min);
  if (max !== undefined) schema = schema.max(max);
  return schema;
}

export function queryInteger(byDefault: number, range: IntegerRange = {}) {
  return z.preprocess((value) => readNumber(value), integer(range)).optional().default(byDefault);
}

export function pathInteger() {
  return z.preprocess((value) => readNumber(value), integer({}));
}

/** An integer in a JSON body that clients also send as text, as null or not at all. */
export function bodyInteger(range: IntegerRange = {}) {
  return z.preprocess((value) => readNumber(value), integer(range).nullable()).optional();
}

/** Any JSON object: routes that pass a body on to a model server take what they get. */
export const anyObject = z.record(z.string(), z.unknown());

/** Ids are opaque here; the use cases answer unknown ones. */
export const idParams = z.object({ id: z.string() });
export const statusTrue = z.object({ status: z.literal(true) });

/** Epoch milliseconds inside, integer seconds on the wire: the one place where they meet. */
export function toSeconds(epochMs: number): number {
  return Math.floor(epochMs / 1000);
}
