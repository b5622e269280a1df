import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { parseJson } from './parse-json.ts';
import { invalidResponse, statusError } from './upstream-errors.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** The JSON object in an answer's text. Throws UPSTREAM_INVALID_RESPONSE, or UPSTREAM_ERROR (502) for a success that holds only an error. */
export function parseAnswer(target: UpstreamTarget, text: string, contentType: string): JsonObject {
  if (text.trim() === '') throw invalidResponse(target, 'sent an empty answer');
  const value = parseJson(text);
  if (!isJsonObject(value)) {
    const isHtml = contentType.includes('html') || /^\s*<(!doctype|html)/i.test(text.slice(0, 200));
    throw invalidResponse(target, isHtml ? 'sent a web page instead of JSON' : 'sent something that is not a JSON object');
  }
  const failed = value['error'];
  if (failed !== undefined && failed !== null && failed !== false && failed !== '') {
    throw statusError(target, { status: 502, text: JSON.stringify(value) });
  }
  return value;
}
