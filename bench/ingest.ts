import { startRuntime } from '../test/support/runtime.ts';
import { createApi, untilIdle, untilVectorsReady, type Api } from './api.ts';
import { makeText } from './corpus.ts';
import { median, round } from './statistics.ts';
import { printTable } from './table.ts';

const SMALL_BYTES = 3_000;
const FILE_BYTES = 8_000;
const BIG_BYTES = 3_000_000;
const FILES = 60;
const ADDED = 70;

async function seconds(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

async function ingestAll(api: Api, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [at, text] of texts.entries()) ids.push(await api.upload(`note-${at}.txt`, text));
  for (const id of ids) await api.untilProcessed(id);
  return ids;
}

/** Every text is new to the server: one that it has seen would be embedded already. */
async function measure(api: Api): Promise<number[]> {
  const seed = Date.now() % 1_000_000;
  const single: number[] = [];
  for (let at = 0; at < 5; at += 1) single.push(await seconds(() => ingestAll(api, [makeText(seed + at, SMALL_BYTES)]).then(() => undefined)));
  const many = Array.from({ length: FILES }, (_, at) => makeText(seed + 100 + at, FILE_BYTES));
  let fileIds: string[] = [];
  const manySeconds = await seconds(async () => {
    fileIds = await ingestAll(api, many);
  });
  const bigSeconds = await seconds(() => ingestAll(api, [makeText(seed + 300, BIG_BYTES)]).then(() => undefined));
  const more = await ingestAll(api, Array.from({ length: ADDED - FILES }, (_, at) => makeText(seed + 400 + at, FILE_BYTES)));
  const knowledgeId = await api.createKnowledge(`bench ${seed}`);
  const addSeconds = await seconds(() => api.addFiles(knowledgeId, [...fileIds, ...more]));
  return [median(single), manySeconds, bigSeconds, addSeconds];
}

async function measureRuntime(env: Record<string, string>): Promise<string[]> {
  const runtime = await startRuntime({ env });
  try {
    const api = createApi(runtime.baseUrl, runtime.apiKey);
    if (env['VECTOR_DB'] !== 'none') await untilVectorsReady(api);
    const results = await measure(api);
    const idleSeconds = await seconds(() => untilIdle(api));
    api.client.close();
    return [...results, (results[3] ?? 0) + idleSeconds].map(round);
  } finally {
    await runtime.stop();
  }
}

/** From the start of the upload until the file's status is `completed`, with the built-in embedding. */
export async function benchIngest(): Promise<void> {
  const rows = [
    ['runtime with Chroma', ...(await measureRuntime({}))],
    ['runtime, VECTOR_DB=none', ...(await measureRuntime({ VECTOR_DB: 'none' }))],
  ];
  const { OPENWEBUI_URL: url, OPENWEBUI_KEY: key } = process.env;
  if (url !== undefined && key !== undefined) rows.push(['Open WebUI', ...(await measure(createApi(url, key))).map(round), '-']);
  printTable('Ingestion, seconds', ['', 'one 3 kB file (median of 5)', `${FILES} files of 8 kB`, 'one text of 3 MB', `add ${ADDED} processed files`, '... until all their vectors are in Chroma'], rows);
}
