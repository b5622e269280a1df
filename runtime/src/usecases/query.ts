import { AppError, isAppError } from '../domain/errors.ts';
import type { Principal } from '../domain/user.ts';
import { canKnowledge } from './authorize.ts';
import { chunkMetadata, similarity } from './chunk-metadata.ts';
import type { ChatSourcesDeps } from './chat-sources.ts';
import { requireFile } from './file-access.ts';
import { prepareQuestion, retrieve, type Scope } from './retrieve.ts';
import type { SearchHit, UseCases } from './use-cases.ts';

const MAX_COLLECTIONS = 50;
const MAX_K = 100;

/** Retrieval without a model. Collections are asked one by one and merged by score; equal texts appear once. */
export function createQuery(deps: ChatSourcesDeps): UseCases['query'] {
  const resolve = async (principal: Principal, name: string): Promise<Scope | null> => {
    if (!/^[A-Za-z0-9_-]{1,255}$/u.test(name)) throw forbidden();
    if (name.startsWith('file-')) {
      const file = await requireFile(deps, principal, 'read', name.slice('file-'.length)).catch((error: unknown) => {
        if (isAppError(error) && error.code === 'NOT_FOUND') return null;
        throw error;
      });
      if (file === null && principal.user.role !== 'admin') throw forbidden();
      return file === null ? null : { kind: 'file', id: file.id };
    }
    const knowledge = await deps.knowledge.get(name);
    if (knowledge !== null && canKnowledge(principal, 'read', knowledge)) return { kind: 'knowledge', id: knowledge.id };
    if (principal.user.role !== 'admin') throw forbidden();
    return null;
  };
  return async function query(principal, input, signal) {
    if (input.collectionNames.length > MAX_COLLECTIONS) throw new AppError('INVALID_INPUT', `At most ${MAX_COLLECTIONS} collections can be searched at once.`);
    const scopes: Scope[] = [];
    for (const name of new Set(input.collectionNames)) {
      const scope = await resolve(principal, name);
      if (scope !== null) scopes.push(scope);
    }
    const text = input.query.trim();
    if (text === '' || scopes.length === 0) return [];
    const k = Math.min(input.k ?? deps.topK, MAX_K);
    const question = prepareQuestion(deps, text, signal);
    const found = (await Promise.all(scopes.map((scope) => retrieve(deps, scope, question, k, signal)))).flat();
    const unique = [...new Map(found.sort((a, b) => a.score - b.score).map((hit) => [hit.chunk.textHash, hit])).values()].reverse().slice(0, k);
    const files = new Map((await deps.files.getMany([...new Set(unique.map((hit) => hit.chunk.fileId))])).map((file) => [file.id, file]));
    return unique.map((hit): SearchHit => ({
      id: hit.chunk.id,
      text: hit.chunk.text,
      similarity: similarity(hit.cosine),
      metadata: chunkMetadata(hit, files.get(hit.chunk.fileId), deps.embedder.profile),
    }));
  };
}

function forbidden(): AppError {
  return new AppError('ACCESS_PROHIBITED', 'You have no right to search this collection.', { details: { isForbidden: true } });
}
