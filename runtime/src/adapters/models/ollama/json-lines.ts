import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { parseJson } from '../http/parse-json.ts';
import { readLines } from '../http/read-lines.ts';
import type { UpstreamStream } from '../http/upstream-client.ts';
import { brokenOff, invalidResponse } from '../http/upstream-errors.ts';
import type { UpstreamTarget } from '../http/upstream-target.ts';

/**
 * The objects of a newline-delimited JSON answer. Ends after the line marked `done` or with `error`; throws
 * UPSTREAM_INVALID_RESPONSE for a line that is not an object or is too long, and UPSTREAM_UNREACHABLE when the answer stops before.
 */
export async function* readJsonLines(target: UpstreamTarget, stream: UpstreamStream): AsyncGenerator<JsonObject> {
  const tooLong = (): never => {
    throw invalidResponse(target, `sent a line above ${target.limits.maxLineBytes} bytes`);
  };
  for await (const line of readLines(stream.chunks, target.limits.maxLineBytes, tooLong)) {
    if (line.trim() === '') continue;
    const value = parseJson(line);
    if (!isJsonObject(value)) throw invalidResponse(target, 'sent a line that is not a JSON object');
    yield value;
    if (value['done'] === true || typeof value['error'] === 'string') return;
  }
  throw brokenOff(target, 'it ended before the last line');
}
