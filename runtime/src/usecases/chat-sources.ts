import { AppError, isAppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import { isJsonObject, scalarText, type Json, type JsonObject } from '../domain/json.ts';
import type { Principal } from '../domain/user.ts';
import { canKnowledge } from './authorize.ts';
import { chunkMetadata, similarity } from './chunk-metadata.ts';
import { requireFile, shown, type FileAccessDeps } from './file-access.ts';
import type { PromptSource } from './rag-prompt.ts';
import { prepareQuestion, retrieve, type Question, type RetrieveDeps, type RetrievedChunk, type Scope } from './retrieve.ts';
import { waitUntilProcessed, type WaitDeps } from './wait-until-processed.ts';

export type ChatSourcesDeps = RetrieveDeps & FileAccessDeps & WaitDeps & { topK: number };

export type ChatSources = {
  /** Entries for `sources` (contract 3.7); those without a hit are left out. */
  entries: JsonObject[];
  prompt: PromptSource[];
};

/** Whole documents go into the prompt up to this length; more would not fit any model's window. */
const MAX_FULL_CONTEXT_CHARS = 400_000;
/** Entries of `files` in one call. */
const MAX_ENTRIES = 50;

type Found = { entry: JsonObject; documents: string[]; metadata: JsonObject[]; distances: number[] | null };

/**
 * Turns a chat's `files` into sources. An entry that cannot be used (unknown, foreign, failed, of an unknown type) is an
 * error, never an answer without context. Throws UNKNOWN_SOURCE, FILE_FAILED, FILE_STILL_PROCESSING, FILE_NOT_PROCESSED.
 */
export async function collectSources(deps: ChatSourcesDeps, principal: Principal, files: Json, questionText: string, signal: AbortSignal): Promise<ChatSources> {
  const entries = checkEntries(files);
  const rest = new AbortController();
  const all = AbortSignal.any([signal, rest.signal]);
  const question = prepareQuestion(deps, questionText, all);
  try {
    const found = await Promise.all(entries.map((entry) => searchEntry(deps, principal, entry, question, all)));
    return number(found.filter((one) => one.documents.length > 0));
  } finally {
    // When one entry is refused the others need not go on, above all not wait for files.
    rest.abort();
  }
}

function checkEntries(files: Json): JsonObject[] {
  if (!Array.isArray(files)) throw new AppError('INVALID_INPUT', '`files` must be an array such as [{"type":"collection","id":"..."}].');
  if (files.length > MAX_ENTRIES) throw new AppError('INVALID_INPUT', `\`files\` has ${files.length} entries; ${MAX_ENTRIES} are allowed.`);
  const unique = new Map<string, JsonObject>();
  for (const entry of files) {
    if (!isJsonObject(entry)) throw new AppError('INVALID_INPUT', 'Each entry of `files` must be an object such as {"type":"file","id":"..."}.');
    unique.set(JSON.stringify(entry), entry);
  }
  return [...unique.values()];
}

async function searchEntry(deps: ChatSourcesDeps, principal: Principal, entry: JsonObject, question: Question, signal: AbortSignal): Promise<Found> {
  const isFull = entry['context'] === 'full';
  if (Array.isArray(entry['docs'])) return givenDocuments(entry, entry['docs']);
  const id = typeof entry['id'] === 'string' ? entry['id'] : '';
  switch (entry['type']) {
    case 'text':
      return givenText(entry);
    case 'file': {
      const file = await readableFile(deps, principal, id, signal);
      return isFull ? fullText(deps, entry, [file]) : search(deps, entry, { kind: 'file', id }, question, signal);
    }
    case 'collection': {
      const knowledge = id === '' || id.length > 64 ? null : await deps.knowledge.get(id);
      if (knowledge === null || !canKnowledge(principal, 'read', knowledge)) throw unknownSource(`There is no collection with the id ${shown(id)}.`);
      return isFull ? fullText(deps, entry, await linkedFiles(deps, id)) : search(deps, entry, { kind: 'knowledge', id }, question, signal);
    }
    default:
      throw unknownSource(`\`files\` has an entry of type ${JSON.stringify(entry['type'] ?? null)}; this server knows "file", "collection" and "text".`);
  }
}

async function readableFile(deps: ChatSourcesDeps, principal: Principal, id: string, signal: AbortSignal): Promise<FileRecord> {
  try {
    const file = await requireFile(deps, principal, 'read', id);
    if (file.status === 'completed') return file;
    await waitUntilProcessed(deps, file, signal);
    // The wait may have been long enough for the right to be taken away.
    return await requireFile(deps, principal, 'read', id);
  } catch (error) {
    throw isAppError(error) && error.code === 'NOT_FOUND' ? unknownSource(`There is no file with the id ${shown(id)}.`) : error;
  }
}

async function linkedFiles(deps: ChatSourcesDeps, knowledgeId: string): Promise<FileRecord[]> {
  return deps.files.getMany([...(await deps.cache.files(knowledgeId)).keys()]);
}

async function search(deps: ChatSourcesDeps, entry: JsonObject, scope: Scope, question: Question, signal: AbortSignal): Promise<Found> {
  const hits: RetrievedChunk[] = await retrieve(deps, scope, question, deps.topK, signal);
  const files = new Map((await deps.files.getMany([...new Set(hits.map((hit) => hit.chunk.fileId))])).map((file) => [file.id, file]));
  const shownHits = hits.filter((hit) => files.has(hit.chunk.fileId));
  return {
    entry,
    documents: shownHits.map((hit) => hit.chunk.text),
    metadata: shownHits.map((hit) => chunkMetadata(hit, files.get(hit.chunk.fileId), deps.embedder.profile)),
    distances: shownHits.map((hit) => similarity(hit.cosine)),
  };
}

async function fullText(deps: ChatSourcesDeps, entry: JsonObject, files: readonly FileRecord[]): Promise<Found> {
  const found: Found = { entry, documents: [], metadata: [], distances: null };
  let totalChars = 0;
  for (const file of files) {
    const text = (await deps.files.text(file.id)) ?? '';
    totalChars += text.length;
    if (totalChars > MAX_FULL_CONTEXT_CHARS) {
      throw new AppError('INVALID_INPUT', `The documents are longer than ${MAX_FULL_CONTEXT_CHARS} characters, too long for "context":"full". Leave it out to search them instead.`);
    }
    found.documents.push(text);
    found.metadata.push({ file_id: file.id, name: file.filename, source: file.filename });
  }
  return found;
}

function givenText(entry: JsonObject): Found {
  const inner = isJsonObject(entry['file']) && isJsonObject(entry['file']['data']) ? entry['file']['data']['content'] : undefined;
  const text = typeof entry['content'] === 'string' ? entry['content'] : inner;
  if (typeof text !== 'string') throw unknownSource('An entry of type "text" needs its text in `content`.');
  const name = typeof entry['name'] === 'string' ? entry['name'] : 'text';
  return { entry, documents: [text], metadata: [{ name, source: name }], distances: null };
}

function givenDocuments(entry: JsonObject, docs: readonly Json[]): Found {
  const usable = docs.filter((doc): doc is JsonObject => isJsonObject(doc) && typeof doc['content'] === 'string');
  const metadata = usable.map((doc): JsonObject => (isJsonObject(doc['metadata']) ? doc['metadata'] : {}));
  return { entry, documents: usable.map((doc) => scalarText(doc['content'], '')), metadata, distances: null };
}

/**
 * Numbers the sources by document, from 1, across all entries: chunks of one file share a number, as clients expect. The
 * number is told with each passage (`source_number`): a client that shows only some of them could not count them itself.
 */
function number(found: readonly Found[]): ChatSources {
  const numbers = new Map<string, number>();
  const numbered = found.map((one) =>
    one.documents.map((text, at): PromptSource => {
      const metadata = one.metadata[at] ?? {};
      const name = scalarText(metadata['name'] ?? metadata['source'] ?? one.entry['name'], 'document');
      const key = scalarText(metadata['file_id'], name);
      if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
      return { number: numbers.get(key) ?? 0, name, text };
    }),
  );
  const entries = found.map((one, index): JsonObject => {
    const { data: _data, docs: _docs, ...source } = one.entry;
    const metadata = one.metadata.map((data, at): JsonObject => ({ ...data, source_number: numbered[index]?.[at]?.number ?? 0 }));
    return { source, document: one.documents, metadata, ...(one.distances === null ? {} : { distances: one.distances }) };
  });
  return { entries, prompt: numbered.flat() };
}

function unknownSource(message: string): AppError {
  return new AppError('UNKNOWN_SOURCE', message);
}
