import type { Json } from './engine-types.ts';
import type { ScriptedStore, StoredBase } from './scripted-store.ts';
import type { Reply, SeenRequest } from './scripted-types.ts';
import { detail, NOT_FOUND, ok } from './scripted-types.ts';

const PAGE_SIZE = 30;

const paged = <T>(list: T[], { page = '1', limit = String(PAGE_SIZE) }: Record<string, string>): T[] =>
  list.slice((Number(page) - 1) * Number(limit), Number(page) * Number(limit));

/** The query without what the server does not hear. */
const pageOnly = ({ page }: Record<string, string>): Record<string, string> => (page === undefined ? {} : { page });

/** Links to files that are gone are counted, although no list shows them. */
const shown = ({ files, ghosts, isPrivateToOther, ...base }: StoredBase): Json => ({
  ...base, user_id: isPrivateToOther ? 'user-2' : 'user-1', meta: null, created_at: 1, updated_at: 1, file_count: files.length + ghosts.length,
});

function withFiles(store: ScriptedStore, base: StoredBase): Json {
  const files = base.files.map((id) => ({ id, hash: store.files.get(id)?.hash, meta: store.files.get(id)?.meta }));
  return { ...shown(base), files, write_access: false };
}

function added(store: ScriptedStore, base: StoredBase, fileId: string): Reply {
  const file = store.current(fileId);
  if (!file) return detail(400, NOT_FOUND);
  const refusal = store.link(base, file);
  return refusal === undefined ? ok(withFiles(store, base)) : detail(400, refusal);
}

/** As Open WebUI: what cannot be added is left out without a word, and unharmed. */
function batchAdded(store: ScriptedStore, base: StoredBase, fileIds: string[]): Reply {
  const unknown = fileIds.find((id) => !store.files.has(id));
  if (unknown !== undefined) return detail(400, `File ${unknown} not found`);
  // Which of two equal texts survives is up to the database.
  for (const id of fileIds.toReversed()) store.linkQuietly(base, id);
  return ok(withFiles(store, base));
}

function removed(store: ScriptedStore, base: StoredBase, { body, query }: SeenRequest): Reply {
  const fileId = String((body as Json)['file_id']);
  if (!base.files.includes(fileId)) return detail(400, NOT_FOUND);
  const file = store.files.get(fileId);
  if (file && query['delete_file'] !== 'false' && store.owns(file)) store.deleteThrough(base, fileId);
  base.files = base.files.filter((linked) => linked !== fileId);
  return ok(withFiles(store, base));
}

/** Deletes only files of the key's user, and only those that no other base holds. */
function cleanedUp(store: ScriptedStore, base: StoredBase, fileIds: string[]): Reply {
  for (const id of fileIds.filter((fileId) => base.files.includes(fileId))) {
    const file = store.files.get(id);
    const isElsewhere = [...store.bases.values()].some((other) => other !== base && other.files.includes(id));
    if (file && !isElsewhere && store.owns(file)) store.deleteThrough(base, id);
    base.files = base.files.filter((linked) => linked !== id);
  }
  return ok({ status: true });
}

function created(store: ScriptedStore, { name, description, access_grants: grants }: Json): Reply {
  const base = store.addBase(String(name));
  const usable = (Array.isArray(grants) ? (grants as Json[]) : []).filter(() => store.keepsGrants);
  Object.assign(base, { description, access_grants: usable });
  return ok(shown(base));
}

/** The files of the bases that the user owns or that are shared with him, once for each base. */
function filesAnswer(store: ScriptedStore, query: Record<string, string>): Reply {
  const words = (query['query'] ?? '').toLowerCase();
  const found = [...store.bases.values()].filter(({ isPrivateToOther }) => !isPrivateToOther).flatMap((base) =>
    base.files
      .map((id) => store.current(id))
      .filter((file) => file?.filename.toLowerCase().includes(words))
      .map((file) => ({ ...store.record(file), data: null, collection: shown(base) })),
  );
  return ok({ items: paged(found, pageOnly(query)), directories: [], breadcrumbs: [], total: found.length });
}

function baseAnswer(store: ScriptedStore, base: StoredBase, action: string | undefined, seen: SeenRequest): Reply | undefined {
  const { method, query } = seen;
  if (method === 'GET' && !action) return ok({ ...shown(base), files: null, write_access: true });
  if (method === 'GET' && action === 'files') {
    // Processing that is over by now may have brought files here.
    for (const id of store.files.keys()) store.current(id);
    const items = paged(base.files, store.isAdmin ? query : pageOnly(query)).map((fileId) => ({ ...store.record(store.current(fileId)), data: null }));
    return ok({ items, directories: [], breadcrumbs: [], total: base.files.length });
  }
  if (method === 'DELETE' && action === 'delete') {
    store.bases.delete(base.id);
    return ok(true);
  }
  if (method !== 'POST') return undefined;
  if (action === 'file/add') return added(store, base, String((seen.body as Json)['file_id']));
  if (action === 'files/batch/add') return batchAdded(store, base, (seen.body as Json[]).map(({ file_id: id }) => String(id)));
  if (action === 'file/remove') return removed(store, base, seen);
  if (action === 'sync/cleanup') return cleanedUp(store, base, (seen.body as { file_ids: string[] }).file_ids);
  return undefined;
}

/** The scripted server's knowledge bases, with their traps: what a batch leaves out is not told, names may be taken twice. */
export function knowledgeAnswer(store: ScriptedStore, seen: SeenRequest): Reply | undefined {
  const { method, path, query } = seen;
  if (method === 'GET' && (path === '/api/v1/knowledge/' || path === '/api/v1/knowledge/search')) {
    const words = (query['query'] ?? '').toLowerCase();
    const found = [...store.bases.values()].filter(({ name }) => name.toLowerCase().includes(words));
    return ok({ items: paged(found, pageOnly(query)).map(shown), total: found.length });
  }
  if (method === 'GET' && path === '/api/v1/knowledge/search/files') return filesAnswer(store, query);
  if (method === 'POST' && path === '/api/v1/knowledge/create') return created(store, seen.body as Json);
  const [, id, action] = /^\/api\/v1\/knowledge\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  const base = store.bases.get(id);
  return base ? baseAnswer(store, base, action, seen) : detail(method === 'GET' && !action ? 404 : 400, NOT_FOUND);
}
