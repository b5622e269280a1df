import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A request as the scripted server saw it, and how it ended. */
export type RecordedRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Parsed JSON; null when there was no body. */
  body: Record<string, unknown> | null;
  /** `aborted`: the client closed the connection before the answer was complete. */
  outcome: 'pending' | 'finished' | 'aborted';
  /** Resolves with the outcome. */
  ended: Promise<'finished' | 'aborted'>;
};

/** What the scripted server answers. */
export type ScriptedReply =
  | { kind: 'json'; status?: number; body: unknown; headers?: Record<string, string>; delayMs?: number }
  | { kind: 'text'; status?: number; contentType?: string; text: string | Buffer; headers?: Record<string, string> }
  /** Pieces, made as the client takes them, with a pause before each; then the end, a cut connection, or silence until the client leaves. */
  | { kind: 'chunks'; status?: number; contentType: string; chunks: Iterable<string | Buffer>; delayMs?: number; end?: 'end' | 'reset' | 'silence' }
  /** Headers, then nothing. */
  | { kind: 'silence'; contentType: string }
  /** Not even headers. */
  | { kind: 'no-answer' }
  /** The connection is cut at once. */
  | { kind: 'reset' };

export type ScriptedServer = {
  /** Without a trailing slash. */
  url: string;
  /** Every request so far, in order. */
  requests: RecordedRequest[];
  /** Requests to one path. */
  requestsTo(path: string): RecordedRequest[];
  /** Cuts open connections and stops listening. */
  close(): Promise<void>;
};

async function readBody(request: IncomingMessage): Promise<Record<string, unknown> | null> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? null : (JSON.parse(text) as Record<string, unknown>);
}

/** Resolves when the response takes more, or is closed. */
function writable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

async function sendChunks(response: ServerResponse, reply: ScriptedReply & { kind: 'chunks' }): Promise<void> {
  response.writeHead(reply.status ?? 200, { 'Content-Type': reply.contentType });
  response.flushHeaders();
  for (const chunk of reply.chunks) {
    if (reply.delayMs !== undefined) await delay(reply.delayMs);
    if (response.destroyed) return;
    // A client that does not read stops the server here, as a real one's socket would.
    if (!response.write(chunk)) await writable(response);
  }
  if (reply.end === 'reset') {
    if (reply.delayMs !== undefined) await delay(reply.delayMs);
    response.socket?.resetAndDestroy();
  } else if (reply.end !== 'silence') response.end();
}

async function send(response: ServerResponse, reply: ScriptedReply): Promise<void> {
  switch (reply.kind) {
    case 'json':
      if (reply.delayMs !== undefined) await delay(reply.delayMs);
      response.writeHead(reply.status ?? 200, { 'Content-Type': 'application/json; charset=utf-8', ...reply.headers }).end(JSON.stringify(reply.body));
      return;
    case 'text':
      response.writeHead(reply.status ?? 200, { 'Content-Type': reply.contentType ?? 'text/plain', ...reply.headers }).end(reply.text);
      return;
    case 'chunks':
      await sendChunks(response, reply);
      return;
    case 'silence':
      response.writeHead(200, { 'Content-Type': reply.contentType });
      response.flushHeaders();
      return;
    case 'no-answer':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
  }
}

/** An HTTP server on a loopback port that records what it is asked and answers what `handle` says. */
export async function startScriptedServer(
  handle: (request: RecordedRequest, requests: readonly RecordedRequest[]) => ScriptedReply | Promise<ScriptedReply>,
  options: { port?: number } = {},
): Promise<ScriptedServer> {
  const requests: RecordedRequest[] = [];
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let end: (outcome: 'finished' | 'aborted') => void = () => undefined;
    const ended = new Promise<'finished' | 'aborted'>((resolve) => (end = resolve));
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname;
    const request: RecordedRequest = { method: incoming.method ?? '', path, headers: incoming.headers, body: null, outcome: 'pending', ended };
    response.on('close', () => {
      request.outcome = response.writableFinished ? 'finished' : 'aborted';
      end(request.outcome);
    });
    request.body = await readBody(incoming);
    requests.push(request);
    await send(response, await handle(request, requests));
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500).end(String(error));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    requestsTo: (path) => requests.filter((request) => request.path === path),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * A vector made from a text's words alone: equal texts get equal vectors, texts that share words are near each other.
 * Japanese text counts by character.
 */
export function textVector(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  const words = text.toLowerCase().match(/[a-z0-9]+|[^\x00-\x7f]/g) ?? [text];
  for (const word of words) {
    let hash = 7;
    for (const character of word) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
    const place = hash % dimensions;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** The text of the last user message of a chat body, content parts joined. */
export function lastUserText(body: Record<string, unknown> | null): string {
  const messages = Array.isArray(body?.['messages']) ? (body['messages'] as { role?: string; content?: unknown }[]) : [];
  const content = messages.findLast(({ role }) => role === 'user')?.content;
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part: { text?: string }) => part.text ?? '').join('\n') : '';
}

/** A text in the pieces in which the scripted servers stream it. */
export function pieces(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

/** Rough token count, the same on both scripted servers. */
export function wordCount(text: string): number {
  return (text.match(/\S+/g) ?? []).length;
}
