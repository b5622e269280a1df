import { isJsonObject } from '../../../domain/json.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { nameOf } from './model-names.ts';

/** The objects in the list under a key; empty when there is no list. */
export function objectsIn(answer: JsonObject, key: string): JsonObject[] {
  const list = answer[key];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function expiryEpoch(entry: JsonObject): number | null {
  const text = entry['expires_at'];
  const atMs = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.floor(atMs / 1_000);
}

/** Epoch seconds until which each model of /api/ps stays loaded, the latest of all servers. */
export function loadedUntil(answers: readonly JsonObject[]): Map<string, number> {
  const expiries = new Map<string, number>();
  for (const entry of answers.flatMap((answer) => objectsIn(answer, 'models'))) {
    const [name, epoch] = [nameOf(entry), expiryEpoch(entry)];
    if (name !== null && epoch !== null) expiries.set(name, Math.max(epoch, expiries.get(name) ?? 0));
  }
  return expiries;
}

/** One entry a model in the order of first sight; `urls` names every server that has it. */
export function mergeTags(servers: readonly { index: number; tags: JsonObject[] }[], expiries: ReadonlyMap<string, number>): JsonObject[] {
  const merged = new Map<string, JsonObject & { urls: number[] }>();
  for (const { index, tags } of servers) {
    for (const entry of tags) {
      const name = nameOf(entry);
      if (name === null) continue;
      const known = merged.get(name);
      if (known !== undefined) {
        known.urls.push(index);
        continue;
      }
      const expiresAt = expiries.get(name);
      merged.set(name, { ...entry, name: entry['name'] ?? name, model: name, connection_type: 'local', urls: [index], ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) });
    }
  }
  return [...merged.values()];
}
