import { randomUUID } from 'node:crypto';

import { call } from '../../real/client.ts';
import type { Target } from '../../real/client.ts';
import { spawnEngine } from './engine-client.ts';
import type { Engine, InputItem, Json, RunResult } from './engine-types.ts';
import type { Fault } from './faulty-proxy.ts';
import { FaultyProxy } from './faulty-proxy.ts';
import { chain, locator, ourNode } from './workflows.ts';

/** What a run took. */
export interface FloodRun {
  /** What the items say, each once: the `action` or `change` of Upload File, the `action` of Add to Knowledge. */
  uploads: unknown[];
  links: unknown[];
  requests: number;
  faults: number;
  durationMs: number;
}

/** Two runs of the same items, and what the server then holds. */
export interface Flood {
  runs: FloodRun[];
  /** Files on the server, and how many different names they have. */
  files: number;
  names: number;
  /** Files in the knowledge base, and how many different ones. */
  linked: number;
  different: number;
}

/** What befalls every tenth request, in turn. */
const FAULTS: Fault[] = [{ kind: 'answer', status: 500, body: 'Internal Server Error' }, { kind: 'lost' }, { kind: 'answer', status: 503, body: 'Internal Server Error' }, { kind: 'reset' }];
const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 };

async function filesNamed(target: Target, run: string): Promise<Json[]> {
  const files: Json[] = [];
  for (;;) {
    const page = await call(target, 'GET', `/api/v1/files/search?filename=*${run}*&content=false&limit=1000&skip=${files.length}`);
    if (page.status === 404) return files;
    files.push(...(page.json as Json[]));
  }
}

async function filesIn(target: Target, knowledgeName: string): Promise<Json[]> {
  const bases = (await call(target, 'GET', `/api/v1/knowledge/search?query=${encodeURIComponent(knowledgeName)}`)).json as { items: Json[] };
  if (bases.items.length !== 1) throw new Error(`${bases.items.length} knowledge bases are named ${knowledgeName}`);
  const files: Json[] = [];
  for (let page = 1; ; page++) {
    const list = (await call(target, 'GET', `/api/v1/knowledge/${String(bases.items[0]?.['id'])}/files?page=${page}`)).json as { items: Json[] };
    if (list.items.length === 0) return files;
    files.push(...list.items);
  }
}

function distinct(result: RunResult, node: string): unknown[] {
  const jsons = (result.nodes[node]?.items ?? []).map(({ json }) => json);
  return [...new Set(jsons.map(({ change, action, error }) => error ?? change ?? action))];
}

async function runOnce(engine: Engine, proxy: FaultyProxy, items: InputItem[], run: string, operation: string): Promise<FloodRun> {
  const before = { requests: proxy.requests, faults: proxy.spoilt.length };
  const startedAt = Date.now();
  const upload = ourNode('UploadFile', { operation, options: { concurrency: 4 } }, RETRY);
  const add = ourNode('AddToKnowledge', { knowledge: locator('name', `Flood ${run}`), createIfMissing: true }, RETRY);
  const result = await engine.run(chain(upload, add), { inputItems: items });
  if (result.error) throw new Error(`${result.error.node}: ${result.error.message} ${result.error.description ?? ''} (Upload File: ${JSON.stringify(distinct(result, 'UploadFile'))})`);
  if (result.nodes['AddToKnowledge']?.items.length !== items.length) throw new Error('Items are missing');
  return {
    uploads: distinct(result, 'UploadFile'),
    links: distinct(result, 'AddToKnowledge'),
    requests: proxy.requests - before.requests,
    faults: proxy.spoilt.length - before.faults,
    durationMs: Date.now() - startedAt,
  };
}

/**
 * Brings `count` different files through Upload File and Add to Knowledge, twice, to a server of which every tenth request
 * fails, with "Retry On Fail" switched on. `operation` is that of Upload File. Throws when a run fails.
 */
export async function ingestFlood(target: Target, count: number, operation: 'upload' | 'sync'): Promise<Flood> {
  const run = randomUUID().slice(0, 8);
  const proxy = await new FaultyProxy(target.baseUrl).start();
  proxy.spoilEvery(10, FAULTS);
  const engine = await spawnEngine({ baseUrl: proxy.baseUrl, apiKey: target.apiKey });
  try {
    const items = Array.from({ length: count }, (_, index): InputItem => ({
      json: {},
      files: { data: { fileName: `note-${index}-${run}.txt`, mimeType: 'text/plain', text: `Note ${index} of ${run}: the shelf number is ${index * 13}.` } },
    }));
    const runs = [await runOnce(engine, proxy, items, run, operation), await runOnce(engine, proxy, items, run, operation)];
    const files = await filesNamed(target, run);
    const linked = await filesIn(target, `Flood ${run}`);
    return {
      runs,
      files: files.length,
      names: new Set(files.map(({ filename }) => filename)).size,
      linked: linked.length,
      different: new Set(linked.map(({ id }) => id)).size,
    };
  } finally {
    await engine.close();
    await proxy.stop();
  }
}

/** One line about a run, for a report. */
export const figures = ({ requests, faults, durationMs }: FloodRun): string =>
  `${requests} requests, ${faults} of them failed, ${(durationMs / 1000).toFixed(1)} s`;
