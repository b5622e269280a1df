import type { RunningRuntime } from '../../support/runtime.ts';

/** JSON whose shape the test is about to state. */
type ParsedJson = ReturnType<typeof JSON.parse>;

export type Answer = { status: number; headers: Headers; text: string; json: ParsedJson };
export type CallOptions = { json?: unknown; form?: FormData; headers?: Record<string, string>; key?: string | null; body?: string };

/** Plain fetch against a running service, with its API key unless `key` says otherwise (null: no credential). */
export async function call(runtime: RunningRuntime, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.key !== null) headers['authorization'] ??= `Bearer ${options.key ?? runtime.apiKey}`;
  if (options.json !== undefined) headers['content-type'] ??= 'application/json';
  const body = options.form ?? options.body ?? (options.json === undefined ? null : JSON.stringify(options.json));
  const answer = await fetch(runtime.baseUrl + path, { method, headers, body, redirect: 'manual' });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: answer.status, headers: answer.headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined };
}

export function fileForm(text: string | Uint8Array, filename: string, metadata?: object, type = 'text/plain'): FormData {
  const form = new FormData();
  form.append('file', new Blob([text as BlobPart], { type }), filename);
  if (metadata !== undefined) form.append('metadata', JSON.stringify(metadata));
  return form;
}

/** Uploads and waits until the file is processed. */
export async function uploadText(runtime: RunningRuntime, text: string, filename: string, metadata?: object): Promise<ParsedJson> {
  const answer = await call(runtime, 'POST', '/api/v1/files/?process_in_background=false', { form: fileForm(text, filename, metadata) });
  if (answer.status !== 200) throw new Error(`The upload answered ${answer.status}: ${answer.text}`);
  return answer.json;
}

export async function createKnowledge(runtime: RunningRuntime, name: string, key?: string): Promise<ParsedJson> {
  const options = { json: { name, description: `About ${name}` }, ...(key === undefined ? {} : { key }) };
  return (await call(runtime, 'POST', '/api/v1/knowledge/create', options)).json;
}

/** The objects of an event stream's `data:` lines; `[DONE]` stays a string. */
export function events(text: string): ParsedJson[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length))
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
}

export const TEXT = {
  notFound: "We could not find what you're looking for :/",
  accessProhibited: 'You do not have permission to access this resource. Please contact your administrator for assistance.',
  invalidToken: 'Your session has expired or the token is invalid. Please sign in again.',
};
