import type { z } from 'zod';
import { isJsonObject } from '../domain/json.ts';

/** One entry of a 422 answer, in the contract's vocabulary (types, locations and sentences as clients know them). */
export type ValidationIssue = {
  type: string;
  loc: Array<string | number>;
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
};

/** A request that does not fit its schema; `detail` is the 422 body's. */
export class ValidationError extends Error {
  readonly detail: ValidationIssue[] | string;

  constructor(detail: ValidationIssue[] | string) {
    super('The request does not fit its schema.');
    this.name = 'ValidationError';
    this.detail = detail;
  }
}

export type Location = 'path' | 'query' | 'body';

/** zod reports a text in place of an integer as a missing number; the message of the schema tells the two apart. */
export const INTEGER_MESSAGE = 'an integer is needed';

const MAX_ECHO_LENGTH = 2000;

/** zod's findings about one part of a request, translated. `input` is what was checked. */
export function translateIssues(issues: readonly z.core.$ZodIssue[], location: Location, input: unknown): ValidationIssue[] {
  return issues.map((issue) => translate(issue, location, input));
}

function translate(issue: z.core.$ZodIssue, location: Location, input: unknown): ValidationIssue {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  const value = valueAt(input, path);
  const loc = [location, ...path];
  if (value === undefined) return { type: 'missing', loc, msg: 'Field required', input: echo(valueAt(input, path.slice(0, -1))) };
  if (path.length === 0 && location === 'body') return { ...rootIssue(issue), loc, input: echo(value) };
  return { ...describe(issue, value), loc, input: echo(value) };
}

type Description = Omit<ValidationIssue, 'loc' | 'input'>;

function rootIssue(issue: z.core.$ZodIssue): Description {
  const expected = issue.code === 'invalid_type' ? issue.expected : '';
  if (expected === 'array') return TYPE_MESSAGES['array'] ?? fallback(issue);
  if (expected === 'record') return TYPE_MESSAGES['record'] ?? fallback(issue);
  return {
    type: 'model_attributes_type',
    msg: 'Input should be a valid dictionary or object to extract fields from',
  };
}

const TYPE_MESSAGES: Record<string, Description> = {
  string: { type: 'string_type', msg: 'Input should be a valid string' },
  array: { type: 'list_type', msg: 'Input should be a valid list' },
  object: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
  record: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
};

function describe(issue: z.core.$ZodIssue, value: unknown): Description {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_MESSAGES[issue.expected] ?? scalarType(issue.message === INTEGER_MESSAGE ? 'int' : issue.expected, value) ?? fallback(issue);
    case 'too_small':
      if (typeof issue.minimum !== 'number' || issue.origin === 'string') return fallback(issue);
      return { type: 'greater_than_equal', msg: `Input should be greater than or equal to ${issue.minimum}`, ctx: { ge: issue.minimum } };
    case 'too_big':
      if (typeof issue.maximum !== 'number' || issue.origin === 'string') return fallback(issue);
      return { type: 'less_than_equal', msg: `Input should be less than or equal to ${issue.maximum}`, ctx: { le: issue.maximum } };
    case 'invalid_value': {
      const expected = issue.values.map((allowed) => `'${String(allowed)}'`).join(', ').replace(/, ([^,]*)$/, ' or $1');
      return { type: 'literal_error', msg: `Input should be ${expected}`, ctx: { expected } };
    }
    default:
      return fallback(issue);
  }
}

function scalarType(expected: string, value: unknown): Description | null {
  const isText = typeof value === 'string';
  switch (expected) {
    case 'int':
      return isText
        ? { type: 'int_parsing', msg: 'Input should be a valid integer, unable to parse string as an integer' }
        : { type: 'int_type', msg: 'Input should be a valid integer' };
    case 'number':
      return isText
        ? { type: 'float_parsing', msg: 'Input should be a valid number, unable to parse string as a number' }
        : { type: 'float_type', msg: 'Input should be a valid number' };
    case 'boolean':
      return isText
        ? { type: 'bool_parsing', msg: 'Input should be a valid boolean, unable to interpret input' }
        : { type: 'bool_type', msg: 'Input should be a valid boolean' };
    default:
      return null;
  }
}

function fallback(issue: z.core.$ZodIssue): Description {
  return { type: 'value_error', msg: `Value error, ${issue.message}`, ctx: { error: {} } };
}

function valueAt(input: unknown, path: ReadonlyArray<string | number>): unknown {
  let value = input;
  for (const key of path) {
    if (Array.isArray(value) && typeof key === 'number') value = value[key];
    else if (isJsonObject(value) && Object.hasOwn(value, String(key))) value = value[String(key)];
    else return undefined;
  }
  return value;
}

/** The value that was refused, unless it is so long that sending it back would help nobody. */
function echo(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'string') return value.length > MAX_ECHO_LENGTH ? `${value.slice(0, MAX_ECHO_LENGTH)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  return JSON.stringify(value).length > MAX_ECHO_LENGTH ? null : value;
}
