import type { Json } from './engine-types.ts';
import type { ScriptedOpenWebUi } from './scripted-open-webui.ts';
import { detail, NOT_FOUND, ok } from './scripted-types.ts';

/** Versions of Open WebUI after which something changed that the nodes meet. */
export type OlderVersion = '0.6.22' | '0.6.41' | '0.8.10' | '0.12.3';

const ORDER: OlderVersion[] = ['0.6.22', '0.6.41', '0.8.10', '0.12.3'];

function bodyOf(reply: unknown): Json {
  return (reply as { body?: Json }).body ?? {};
}

/** A record from before files had a status: read while it was uploaded. */
function readAtOnce(server: ScriptedOpenWebUi, record: Json): Json {
  const { data: _data, ...rest } = server.record(server.current(String(record['id'])));
  return { ...record, ...rest, data: { content: 'The text.' } };
}

/** Lets the scripted server answer as the last version before a change. */
export function answerAs(server: ScriptedOpenWebUi, version: OlderVersion): void {
  const isUpTo = (last: OlderVersion): boolean => ORDER.indexOf(version) <= ORDER.indexOf(last);
  server.hasOwnSearch = false;
  if (isUpTo('0.6.22')) server.processingMs = 0;
  server.cleansBases = !isUpTo('0.6.41');
  server.version = ({ method, path }, reply) => {
    if (method === 'GET' && path === '/api/v1/files/' && isUpTo('0.8.10')) return ok(bodyOf(reply)['items']);
    if (isUpTo('0.6.41') && method === 'GET') {
      if (path === '/api/v1/knowledge/search') return detail(401, NOT_FOUND);
      if (path === '/api/v1/knowledge/') return ok([...server.bases.values()].map(({ id, name, description }) => ({ id, name, description })));
      const [, id, list] = /^\/api\/v1\/knowledge\/([^/]+)(\/files)?$/.exec(path) ?? [];
      if (list !== undefined) return 'html';
      const files = server.bases.get(id ?? '')?.files.map((fileId) => ({ id: fileId, hash: server.current(fileId)?.hash, meta: server.current(fileId)?.meta }));
      if (files !== undefined) return ok({ ...bodyOf(reply), access_grants: undefined, access_control: null, files });
    }
    if (isUpTo('0.6.22')) {
      if (path.endsWith('/process/status')) return 'html';
      if (/^\/api\/v1\/files\/[^/]*$/.test(path) && bodyOf(reply)['id'] !== undefined) return ok(readAtOnce(server, bodyOf(reply)));
    }
    return reply;
  };
}
