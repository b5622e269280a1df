import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CollectionIndex } from '../runtime/src/adapters/lexical/collection-index.ts';
import { packChunks } from '../runtime/src/adapters/lexical/packed-chunks.ts';
import { lexicalEmbed } from '../runtime/src/adapters/models/builtin/lexical-embed.ts';
import { fuse } from '../runtime/src/domain/rank.ts';
import { packTerms } from '../runtime/src/domain/packed-terms.ts';
import { contentTerms, extractTerms, queryTerms } from '../runtime/src/domain/terms.ts';
import { ndcg, readRetrievalData } from './retrieval-data.ts';
import type { RetrievalData } from './retrieval-data.ts';
import { cosine, serverEmbedder } from './retrieval-embeddings.ts';
import type { Embed } from './retrieval-embeddings.ts';
import { reportFloors, reportRelevance } from './retrieval-relevance.ts';

const HELP = `Retrieval quality (nDCG@10) on a data set in BEIR form (corpus.jsonl, queries.jsonl, qrels.tsv).

  --data <folder>        the data set
  --questions <n>        ask the first n questions only (default 600)
  --embeddings <url>     OpenAI-compatible server for the vectors, for example http://127.0.0.1:8001/v1
  --model <name>         its model (default multilingual-e5-small-q4)
  --builtin              take the vectors of builtin/lexical-embed
  --cache <folder>       where vectors are kept (default: the system's temporary folder)
  --content              search for the question's content terms only
  --weights              try lexical weights from 0 to 1
  --relevance            distribution of cosines and shared terms of right and unrelated passages`;

const DEPTH = 100;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    questions: { type: 'string', default: '600' },
    embeddings: { type: 'string' },
    model: { type: 'string', default: 'multilingual-e5-small-q4' },
    builtin: { type: 'boolean', default: false },
    cache: { type: 'string', default: join(tmpdir(), 'retrieval-vectors') },
    content: { type: 'boolean', default: false },
    weights: { type: 'boolean', default: false },
    relevance: { type: 'boolean', default: false },
  },
});

function chooseEmbedder(): Embed | null {
  if (values.builtin) return (texts) => Promise.resolve(texts.map(lexicalEmbed));
  return values.embeddings === undefined ? null : serverEmbedder(values.embeddings, values.model, values.cache);
}

function searchWords(data: RetrievalData) {
  const index = new CollectionIndex();
  for (const { id, text } of data.passages) {
    index.addFile({ fileId: id, version: 1 }, packChunks([{ chunkId: id, terms: packTerms(extractTerms(text)) }]));
  }
  return data.questions.map(({ text }) => {
    const content = contentTerms(text);
    const query = values.content ? extractTerms(text).filter(([term]) => content.has(term)) : queryTerms(text);
    return index.search(query, DEPTH);
  });
}

async function searchVectors(data: RetrievalData, embed: Embed) {
  const passages = await embed(data.passages.map((passage) => passage.text), 'passage');
  const questions = await embed(data.questions.map((question) => question.text), 'query');
  const cosines = questions.map((question) => Float64Array.from(passages, (passage) => cosine(question, passage)));
  const hits = cosines.map((ofQuestion) => {
    const all = data.passages.map(({ id }, index) => ({ chunkId: id, cosine: ofQuestion[index] ?? 0 }));
    return all.sort((a, b) => b.cosine - a.cosine).slice(0, DEPTH);
  });
  return { cosines, hits };
}

function mean(data: RetrievalData, rankings: ReadonlyArray<ReadonlyArray<{ chunkId: string }>>): string {
  const sum = data.questions.reduce((total, { id }, index) => {
    const ranking = (rankings[index] ?? []).map((hit) => hit.chunkId);
    return total + ndcg(ranking, data.relevance.get(id) ?? new Map<string, number>());
  }, 0);
  return (sum / data.questions.length).toFixed(4);
}

async function main(folder: string): Promise<void> {
  const data = readRetrievalData(folder, Number(values.questions));
  console.log(`${folder}: ${data.passages.length} passages, ${data.questions.length} questions`);
  const words = searchWords(data);
  console.log(`BM25 alone      ${mean(data, words)}`);
  const embed = chooseEmbedder();
  if (embed === null) return;
  const { cosines, hits } = await searchVectors(data, embed);
  const fused = (lexicalWeight: number) => words.map((lexical, index) => fuse({ lexical, vector: hits[index] ?? [] }, { lexicalWeight }));
  console.log(`vectors alone   ${mean(data, hits)}`);
  console.log(`fused           ${mean(data, fused(0.5))}`);
  if (values.weights) for (let tenth = 0; tenth <= 10; tenth += 1) console.log(`  lexical weight ${tenth / 10}: ${mean(data, fused(tenth / 10))}`);
  if (values.relevance) {
    reportRelevance(data, cosines);
    reportFloors(data, fused(0.5), cosines);
  }
}

if (values.data === undefined) {
  console.log(HELP);
  process.exitCode = 2;
} else {
  await main(values.data);
}
