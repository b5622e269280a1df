import { startRuntime } from '../test/support/runtime.ts';
import { createApi, fillKnowledge, untilVectorsReady } from './api.ts';
import { makeQuestion, makeText } from './corpus.ts';
import { latencies } from './load.ts';
import { residentMb } from './process-info.ts';
import { percentile, round } from './statistics.ts';
import { printTable } from './table.ts';

const TOP_K = 10;

async function measure(chunks: number, questions: number, vectorDb: 'chroma' | 'none'): Promise<string[]> {
  const runtime = await startRuntime({ env: { VECTOR_DB: vectorDb } });
  try {
    const api = createApi(runtime.baseUrl, runtime.apiKey);
    if (vectorDb === 'chroma') await untilVectorsReady(api);
    const startedAt = performance.now();
    const collection = await fillKnowledge(api, chunks, makeText);
    const fillSeconds = (performance.now() - startedAt) / 1000;
    let hits = 0;
    const samples = await latencies(questions, 10, async (at) => {
      hits += await api.query(collection, makeQuestion(at), TOP_K);
    });
    if (hits === 0) throw new Error('No question found anything: the search does not work, so its speed means nothing.');
    api.client.close();
    return [String(chunks), vectorDb, round(percentile(samples, 0.5)), round(percentile(samples, 0.95)), round(fillSeconds), round(residentMb(runtime.pid) ?? 0)];
  } finally {
    await runtime.stop();
  }
}

/** Hybrid search over HTTP (words and vectors, the question embedded by the built-in model), ten hits, questions of six words. */
export async function benchSearch(options: { sizes: readonly number[]; questions: number }): Promise<void> {
  const rows: string[][] = [];
  for (const size of options.sizes) for (const vectorDb of ['chroma', 'none'] as const) rows.push(await measure(size, options.questions, vectorDb));
  printTable('POST /api/v1/retrieval/query/collection', ['chunks', 'VECTOR_DB', 'p50 ms', 'p95 ms', 'filled in s', 'memory after it, MB'], rows);
}
