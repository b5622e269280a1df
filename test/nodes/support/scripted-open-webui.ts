import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Json } from './engine-types.ts';
import { filesOf, textPart } from './multipart.ts';
import { chatAnswer, streamAnswer } from './scripted-chat.ts';
import { knowledgeAnswer } from './scripted-knowledge.ts';
import { collectionAnswer, emptiedAnswer } from './scripted-retrieval.ts';
import type { StoredFile } from './scripted-store.ts';
import { EMPTY_CONTENT, ScriptedStore, sha256 } from './scripted-store.ts';
import type { Reply, ScriptedAnswer, SeenRequest } from './scripted-types.ts';
import { detail, NOT_FOUND, ok } from './scripted-types.ts';

/**
 * A server that answers like Open WebUI 0.12.4 where the nodes meet it, with its traps: processing
 * goes on after the upload, an early or duplicate `file/add` harms the file, unknown paths are the
 * web page, lists are paged, a search without a match is 404.
 */
export class ScriptedOpenWebUi extends ScriptedStore {
  readonly apiKey = 'sk-0123456789abcdef';
  readonly requests: SeenRequest[] = [];
  processingMs = 120;
  /** How many requests were open together at most. */
  mostAtOnce = 0;
  private atOnce = 0;
  /** Servers before 0.12.4 have no search among one's own files. */
  hasOwnSearch = true;
  /** What another version makes of an answer. */
  version: (seen: SeenRequest, reply: Reply) => Reply = (_seen, reply) => reply;
  /** Called before each answer: what happens on the server while a client is at work. */
  onRequest: (seen: SeenRequest) => void = () => undefined;
  models: Json[] = [
    { id: 'llama3.2:latest', name: 'llama3.2:latest', object: 'model', created: 0, owned_by: 'ollama', ollama: { name: 'llama3.2:latest', model: 'llama3.2:latest', size: 2019393189, details: { family: 'llama', parameter_size: '3.2B', quantization_level: 'Q4_K_M' } }, loaded: true },
    { id: 'nomic-embed-text:latest', name: 'nomic-embed-text:latest', owned_by: 'ollama', ollama: { name: 'nomic-embed-text:latest', details: { family: 'nomic-bert', families: ['nomic-bert'] } } },
    { id: 'gpt-test', name: 'GPT Test', object: 'model', owned_by: 'openai', openai: { id: 'gpt-test' } },
    { id: 'builtin/extractive', name: 'Extractive', owned_by: 'ollama' },
  ];
  /** What `/ollama/api/show` tells of a model, by id. An older Ollama tells nothing. */
  capabilities: Record<string, string[]> = {};
  /** What the chat model says. */
  reply = 'The warranty lasts two years.';
  private readonly scripts = new Map<string, ScriptedAnswer>();
  private readonly server: Server = createServer((request, response) => {
    this.handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`Internal Server Error ${String(error)}`);
    });
  });

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Forgets everything but the models. */
  reset(): void {
    this.requests.length = 0;
    this.mostAtOnce = 0;
    this.files.clear();
    this.bases.clear();
    this.orphans.clear();
    this.emptied.clear();
    this.cleansBases = true;
    this.scripts.clear();
    this.processingMs = 120;
    this.hasOwnSearch = true;
    this.version = (_seen, reply) => reply;
    this.keepsGrants = true;
    this.isAdmin = true;
    this.isHybrid = false;
    this.onRequest = () => undefined;
    this.capabilities = {};
    this.reply = 'The warranty lasts two years.';
  }

  /** Answers `method path` as told instead of as the server would. */
  script(method: string, path: string, answer: ScriptedAnswer): void {
    this.scripts.set(`${method} ${path}`, { ...answer });
  }

  seen(method: string, path: string): SeenRequest[] {
    return this.requests.filter((request) => request.method === method && request.path === path);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    const isJson = String(request.headers['content-type']).includes('json');
    const seen: SeenRequest = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: isJson && bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : bytes,
      sizeBytes: bytes.length,
    };
    this.requests.push(seen);
    this.onRequest(seen);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    const reply = (await this.scripted(seen, response)) ?? this.version(seen, this.route(seen, response));
    this.atOnce--;
    if (reply !== 'handled') send(response, reply);
  }

  private async scripted(seen: SeenRequest, response: ServerResponse): Promise<Reply | undefined> {
    const key = `${seen.method} ${seen.path}`;
    const script = this.scripts.get(key);
    if (!script) return undefined;
    if (script.times !== undefined && --script.times <= 0) this.scripts.delete(key);
    if (script.delayMs) await new Promise((done) => setTimeout(done, script.delayMs).unref());
    await script.until?.();
    if (script.cut === undefined) return script;
    if (script.cut === 'done') this.route(seen, response);
    response.destroy();
    return 'handled';
  }

  private route(seen: SeenRequest, response: ServerResponse): Reply {
    if (!seen.path.startsWith('/api') && !seen.path.startsWith('/ollama')) return notRouted(seen);
    const { authorization } = seen.headers;
    if (authorization === undefined) return detail(401, 'Not authenticated');
    if (authorization !== `Bearer ${this.apiKey}`) return detail(401, 'Your session has expired or the token is invalid. Please sign in again.');
    const { method, path } = seen;
    if (method === 'GET' && path === '/api/models') return ok({ data: this.models });
    if (method === 'GET' && path === '/ollama/api/tags') {
      return ok({ models: this.models.filter(({ ollama }) => ollama).map(({ ollama, id }) => ({ model: id, ...(ollama as Json) })) });
    }
    if (method === 'POST' && path === '/ollama/api/show') return this.show(String((seen.body as Json)['model']));
    if (method === 'POST' && path === '/ollama/api/embed') return this.embed(seen.body as Json);
    if (method === 'POST' && path === '/api/v1/retrieval/process/file') return this.processAgain(String((seen.body as Json)['file_id'])) ? ok({ status: true }) : detail(404, NOT_FOUND);
    if (method === 'POST' && path === '/api/v1/retrieval/query/collection') return ok(collectionAnswer(this, seen.body as Json));
    if (method === 'POST' && path === '/api/v1/retrieval/delete') return emptiedAnswer(this, seen.body as Json);
    if (method === 'POST' && path === '/api/chat/completions') return this.chat(seen.body as Json, response);
    return this.fileRoute(seen) ?? knowledgeAnswer(this, seen) ?? notRouted(seen);
  }

  private show(model: string): Reply {
    const known = this.models.find(({ id, ollama }) => id === model && ollama);
    if (!known) return detail(400, `Model '${model}' was not found`);
    const capabilities = this.capabilities[model];
    return ok({ details: (known['ollama'] as Json)['details'], ...(capabilities && { capabilities }) });
  }

  private embed({ model, input, dimensions }: Json): Reply {
    const known = this.models.some(({ id }) => id === model);
    if (!known) return detail(400, `Model '${String(model)}' was not found`);
    const texts = Array.isArray(input) ? (input as string[]) : [String(input)];
    if (texts.includes('too long')) return detail(400, 'the input length exceeds the context length');
    const length = typeof dimensions === 'number' ? dimensions : 4;
    return ok({ model, embeddings: texts.map((text) => Array.from({ length }, (_, index) => (text.length + index) / 100)) });
  }

  private chat(body: Json, response: ServerResponse): Reply {
    if (!this.models.some(({ id }) => id === body['model'])) return detail(400, 'Model not found');
    const sources = this.sourcesFor(body['files']);
    if (!body['stream']) return ok(chatAnswer(body, this.reply, sources));
    streamAnswer(response, body, this.reply, sources);
    return 'handled';
  }

  private sourcesFor(files: unknown): Json[] | undefined {
    const entries = Array.isArray(files) ? (files as Json[]) : [];
    const sources = entries.flatMap((entry) => {
      const ids = entry['type'] === 'file' ? [String(entry['id'])] : (this.bases.get(String(entry['id']))?.files ?? []);
      const found = ids.map((id) => this.current(id)).filter((file) => file !== undefined && file.data['status'] === 'completed') as StoredFile[];
      if (entry['type'] === 'file' ? found.length === 0 : !this.bases.has(String(entry['id']))) return [];
      return [{
        source: entry,
        document: found.map(({ text }) => text),
        metadata: found.map((file) => ({ name: file.filename, source: file.filename, file_id: file.id, page: 1, page_label: '2' })),
        distances: found.map(() => 0.81),
      }];
    });
    return sources.length > 0 ? sources : undefined;
  }

  private fileRoute(seen: SeenRequest): Reply | undefined {
    const { method, path, query } = seen;
    if (method === 'POST' && path === '/api/v1/files/') return this.upload(seen);
    if (method === 'GET' && path === '/api/v1/files/') {
      const all = [...this.files.keys()].map((id) => this.record(this.current(id)));
      return ok({ items: all.slice((Number(query['page'] ?? 1) - 1) * 50).slice(0, 50), total: all.length });
    }
    if (method === 'GET' && path === '/api/v1/files/user/search' && !this.hasOwnSearch) return 'html';
    if (method === 'GET' && /^\/api\/v1\/files\/(user\/)?search$/.test(path)) return this.searchFiles(query, !this.isAdmin && path.endsWith('/user/search'));
    const [, id, rest] = /^\/api\/v1\/files\/([^/]+)(\/process\/status)?$/.exec(path) ?? [];
    if (id === undefined) return undefined;
    const file = this.current(id);
    if (!file) return detail(404, NOT_FOUND);
    if (method === 'DELETE') {
      if (!this.owns(file)) return detail(404, NOT_FOUND);
      this.deleteFile(id);
      return ok({ message: 'File deleted successfully' });
    }
    if (method !== 'GET') return undefined;
    return ok(rest ? { status: file.data['status'] ?? 'pending' } : this.record(file));
  }

  private searchFiles(query: Record<string, string>, isOwnOnly: boolean): Reply {
    const pattern = (query['filename'] ?? '').replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
    const matcher = new RegExp(`^${pattern}$`, 'i');
    const newestFirst = [...this.files.keys()].reverse().map((id) => this.current(id));
    const skip = Number(query['skip'] ?? 0);
    const page = newestFirst.filter((file) => file && matcher.test(file.filename) && (!isOwnOnly || file.user_id === 'user-1')).slice(skip, skip + Number(query['limit'] ?? 50));
    return page.length === 0 ? detail(404, 'No files found matching the pattern.') : ok(page.map((file) => this.record(file)));
  }

  private upload(seen: SeenRequest): Reply {
    const bytes = seen.body as Buffer;
    const [part] = filesOf(bytes, String(seen.headers['content-type']));
    if (!part) return detail(422, [{ type: 'missing', loc: ['body', 'file'], msg: 'Field required', input: null }]);
    if (part.bytes.length === 0) return detail(400, EMPTY_CONTENT);
    const metadata = textPart(bytes, String(seen.headers['content-type']), 'metadata');
    const text = part.bytes.toString('utf8');
    const file = this.addFile(part.filename.split('/').pop() ?? '', text, {
      hash: null,
      data: { status: 'pending' },
      readyAt: Date.now() + this.processingMs,
      meta: { name: part.filename, content_type: part.type, size: part.bytes.length, file_hash: sha256(part.bytes), data: metadata ? (JSON.parse(metadata) as Json) : {} },
    });
    return ok({ ...this.record(file), status: true, path: `/data/uploads/${file.id}_${file.filename}` });
  }
}

function notRouted({ method }: SeenRequest): Reply {
  if (method === 'GET') return 'html';
  return { status: 405, body: { detail: 'Method Not Allowed' }, headers: { allow: 'GET, HEAD' } };
}

function send(response: ServerResponse, reply: Exclude<Reply, 'handled'>): void {
  if (reply === 'html') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end('<!doctype html><html><body>Open WebUI</body></html>');
    return;
  }
  const isText = typeof reply.body === 'string';
  response.writeHead(reply.status, { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json', ...reply.headers });
  response.end(isText ? String(reply.body) : JSON.stringify(reply.body));
}
