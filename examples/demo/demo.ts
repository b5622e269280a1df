/**
 * `npm run demo`: starts the runtime with an empty data folder and runs two of the example workflows in n8n's own engine with the
 * built node pack. Documents go into a knowledge base, seven questions are asked; exits 0 only if all seven come out right.
 * `npm run demo -- FILE "QUESTION"` does the same with any file. OLLAMA_BASE_URLS, OPENAI_* and RAG_* are passed on; MODEL picks the chat model, MAX_TOKENS ends its answers.
 */
import { copyFile, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine } from '../../test/nodes/support/engine.ts';
import type { Engine, RunResult } from '../../test/nodes/support/engine-types.ts';
import { startRuntime, type RunningRuntime } from '../../test/support/runtime.ts';
import { chatWorkflow, ingestionWorkflow } from './example-workflows.ts';
import { citation, indent, line, seconds, title } from './print.ts';
import { judge, readQuestions, type DemoQuestion, type DemoSource } from './questions.ts';

const KNOWLEDGE = 'Company documents';
const QUOTING_MODEL = 'builtin/extractive';
const model = process.env['MODEL'] ?? QUOTING_MODEL;
const documents = join(dirname(fileURLToPath(import.meta.url)), '..', 'documents');

/** What the ingestion example tells of a file. */
type Uploaded = { id?: string; filename?: string; change?: string; error?: string };

/** What the webhook of the chat example sends back: an answer, or with status 404 an error. */
type Reply = { answer?: string; sources?: DemoSource[]; error?: string };

type Ask = { expected: DemoQuestion; isChecked: boolean };

/** Settings of model servers that the caller set; everything else is fixed here. */
function passedOn(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) => /^(OLLAMA_|OPENAI_|RAG_|CHUNK_)/u.test(name));
  return { OFFLINE_MODE: 'true', ...Object.fromEntries(names.map((name) => [name, process.env[name] ?? ''])) };
}

async function fillInbox(inbox: string, file: string | undefined): Promise<void> {
  await mkdir(inbox, { recursive: true });
  if (file === undefined) return cp(documents, inbox, { recursive: true });
  if (!(await stat(file).catch(() => null))?.isFile()) throw new Error(`There is no file ${file}.`);
  await copyFile(file, join(inbox, basename(file)));
}

function mustSucceed(result: RunResult, what: string): void {
  if (result.status !== 'success') throw new Error(`${what} ended with "${result.status}": ${result.error?.message ?? 'no reason given'} ${result.error?.description ?? ''}`);
}

async function ingest(engine: Engine, runtime: RunningRuntime, inbox: string): Promise<void> {
  title(`Ingestion: examples/scheduled-ingestion.json puts ${inbox.replace(tmpdir(), '...')} into "${KNOWLEDGE}"`);
  const startedMs = performance.now();
  const result = await engine.run(await ingestionWorkflow(inbox, KNOWLEDGE), { startNode: 'Every Hour' });
  mustSucceed(result, 'The ingestion');
  const items = (result.nodes['Upload File']?.items ?? []).map(({ json }) => json as Uploaded);
  for (const { id, filename, change, error } of items) {
    if (error !== undefined) throw new Error(`${filename ?? 'A file'} was not uploaded: ${error}`);
    const record = (await (await fetch(`${runtime.baseUrl}/api/v1/files/${id ?? ''}`, { headers: runtime.headers })).json()) as { meta: { chunk_count: number; processing_ms: number } };
    line(`  ${(filename ?? '').padEnd(24)} ${String(record.meta.chunk_count).padStart(3)} chunks   searchable after ${seconds(record.meta.processing_ms).padStart(7)}   ${change ?? ''}`);
  }
  const { files, failed } = result.nodes['Summary']?.items[0]?.json as { files: number; failed: unknown[] };
  if (files !== items.length || failed.length > 0) throw new Error(`Of ${items.length} files ${files} are in the knowledge base: ${JSON.stringify(failed)}`);
  line(`  in all ${seconds(performance.now() - startedMs)}`);
}

async function ask(engine: Engine, number: number, { expected, isChecked }: Ask): Promise<boolean> {
  const startedMs = performance.now();
  const result = await engine.run(await chatWorkflow(model, KNOWLEDGE), { startNode: 'Webhook', inputItems: [{ json: { body: { question: expected.question } } }] });
  mustSucceed(result, 'The question');
  const { statusCode, body } = result.responses[0] as { statusCode: number; body: Reply };
  const { answer = `Status ${statusCode}: ${body.error ?? ''}`, sources = [] } = body;
  const verdict = judge(expected, answer, sources, model === QUOTING_MODEL);
  line(`${String(number).padStart(3)}. ${expected.question}   (${seconds(performance.now() - startedMs)})`);
  line(indent(answer));
  for (const place of new Set(sources.map(citation))) line(`     > ${place}`);
  if (isChecked) line(`     ${verdict.isRight ? 'right' : 'WRONG'}: ${verdict.why}`);
  line();
  return verdict.isRight || !isChecked;
}

async function questionsFor(question: string | undefined): Promise<Ask[]> {
  if (question !== undefined) return [{ expected: { question, expectedFile: null }, isChecked: false }];
  // Only an embedding model that knows meanings can find a place by other words.
  const questions = await readQuestions(Boolean(process.env['RAG_EMBEDDING_ENGINE']));
  return questions.map((expected) => ({ expected, isChecked: true }));
}

async function demo(file: string | undefined, question: string | undefined): Promise<number> {
  if (file !== undefined && question === undefined) throw new Error('Usage: npm run demo -- FILE "QUESTION"');
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const inbox = join(folder, 'inbox');
  await fillInbox(inbox, file);
  const startedMs = performance.now();
  const runtime = await startRuntime({ env: passedOn(), dataDir: join(folder, 'data') });
  const engine = await createEngine({ baseUrl: runtime.baseUrl, apiKey: runtime.apiKey });
  try {
    line(`Runtime on ${runtime.baseUrl} with an empty data folder, model ${model}; n8n's engine and the node pack loaded (${seconds(performance.now() - startedMs)})`);
    await ingest(engine, runtime, inbox);
    title('Questions: examples/webhook-chat.json answers them');
    const asks = await questionsFor(question);
    let rightCount = 0;
    for (const [index, one] of asks.entries()) if (await ask(engine, index + 1, one)) rightCount += 1;
    if (question === undefined) line(`${rightCount} of ${asks.length} right, in ${seconds(performance.now() - startedMs)}`);
    return rightCount === asks.length ? 0 : 1;
  } finally {
    await engine.close();
    await runtime.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await demo(process.argv[2], process.argv[3]);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
