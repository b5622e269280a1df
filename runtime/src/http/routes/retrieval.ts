import { z } from 'zod';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { Principal } from '../../domain/user.ts';
import type { SearchHit, UseCases } from '../../usecases/use-cases.ts';
import { TEXT } from '../error-texts.ts';
import type { Router } from '../router.ts';
import { bodyInteger } from '../schemas/fields.ts';

/** Settings of Open WebUI's own search that callers send along; this server's search has one way. */
const ignored = {
  k_reranker: bodyInteger(),
  r: z.number().nullable().optional(),
  hybrid: z.boolean().nullable().optional(),
  hybrid_bm25_weight: z.number().nullable().optional(),
};
const k = bodyInteger({ min: 0 }).meta({ description: 'Number of hits; 0 and null mean the configured number' });

const documentForm = z.object({ collection_name: z.string(), query: z.string(), k, ...ignored });
const collectionForm = z.object({
  collection_names: z.array(z.string()),
  query: z.string(),
  k,
  ...ignored,
  enable_enriched_texts: z.boolean().nullable().optional(),
});

const processForm = z.object({
  file_id: z.string(),
  content: z.literal('').nullable().optional().meta({ description: 'Replacing the text is not supported' }),
  collection_name: z.null().optional().meta({ description: 'Not supported; add the file to a knowledge base instead' }),
});
const processResponse = z.object({ status: z.literal(true), collection_name: z.string(), filename: z.string(), content: z.string() });

const metadata = z.record(z.string(), z.unknown());
const lists = {
  documents: z.array(z.array(z.string())),
  metadatas: z.array(z.array(metadata)),
  distances: z.array(z.array(z.number())),
};
const documentResponse = z.object({ ids: z.array(z.array(z.string())), ...lists }).nullable();
const collectionResponse = z.object({ distances: lists.distances, documents: lists.documents, metadatas: lists.metadatas });

/** Processing on request (contract 7.1) and search without a model (7.2, 7.3). */
export function registerRetrieval(router: Router, useCases: UseCases): void {
  const shared = { method: 'POST' as const, auth: 'user' as const, tags: ['retrieval'], errorStatus: { ACCESS_PROHIBITED: 403 } };
  router.route({
    ...shared,
    url: '/api/v1/retrieval/process/file',
    summary: 'Process a stored file, or one that failed, and wait until it is searchable',
    body: processForm,
    response: processResponse,
    handler: async ({ caller, body, signal }) => {
      const file = await useCases.processFile(caller.principal, body.file_id, signal);
      const content = await useCases.getFileText(caller.principal, file.id);
      return { status: true as const, collection_name: `file-${file.id}`, filename: file.filename, content };
    },
  });
  router.route({
    ...shared,
    url: '/api/v1/retrieval/query/doc',
    summary: 'Search one collection: a knowledge base or file-<id>',
    body: documentForm,
    response: documentResponse,
    handler: async ({ caller, body, signal }) => {
      const hits = await search(useCases, caller.principal, [body.collection_name], body, signal);
      if (hits.length === 0 && !(await exists(useCases, caller.principal, body.collection_name))) return null;
      return { ids: [hits.map((hit) => hit.id)], ...toLists(hits) };
    },
  });
  router.route({
    ...shared,
    url: '/api/v1/retrieval/query/collection',
    summary: 'Search several collections at once, best hit first',
    body: collectionForm,
    response: collectionResponse,
    handler: async ({ caller, body, signal }) => {
      const hits = await search(useCases, caller.principal, body.collection_names, body, signal);
      const { distances, documents, metadatas } = toLists(hits);
      return { distances, documents, metadatas };
    },
  });
}

type Search = { query: string; k?: number | null | undefined };

/** A name that no collection can have is refused as a foreign one is. */
async function search(
  useCases: UseCases,
  principal: Principal,
  collectionNames: string[],
  { query, k: count }: Search,
  signal: AbortSignal,
): Promise<SearchHit[]> {
  if (!collectionNames.every((name) => /^[A-Za-z0-9_-]{1,255}$/.test(name))) {
    throw new AppError('ACCESS_PROHIBITED', TEXT.accessProhibited);
  }
  return useCases.query(principal, { collectionNames, query, k: count === 0 ? null : (count ?? null) }, signal);
}

/** Tells a collection without hits from one that is not there, which the contract answers with null. */
async function exists(useCases: UseCases, principal: Principal, collectionName: string): Promise<boolean> {
  try {
    if (collectionName.startsWith('file-')) await useCases.getFile(principal, collectionName.slice('file-'.length));
    else await useCases.getKnowledge(principal, collectionName);
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

function toLists(hits: readonly SearchHit[]) {
  return {
    documents: [hits.map((hit) => hit.text)],
    metadatas: [hits.map((hit) => hit.metadata)],
    distances: [hits.map((hit) => hit.similarity)],
  };
}
