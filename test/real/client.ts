/** A server that speaks Open WebUI's API. */
export type Target = { name: string; baseUrl: string; apiKey: string };

/** JSON whose shape a case is about to state. */
type ParsedJson = ReturnType<typeof JSON.parse>;

export type Answer = { status: number; type: string; text: string; json: ParsedJson };
export type CallOptions = { json?: unknown; form?: FormData; key?: string | null };

/** One request with the target's API key unless `key` says otherwise (null: none). */
export async function call(target: Target, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (options.key !== null) headers['authorization'] = `Bearer ${options.key ?? target.apiKey}`;
  if (options.json !== undefined) headers['content-type'] = 'application/json';
  const body = options.form ?? (options.json === undefined ? null : JSON.stringify(options.json));
  const answer = await fetch(target.baseUrl + path, { method, headers, body });
  const text = await answer.text();
  const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
  return { status: answer.status, type, text, json: type === 'application/json' && text !== '' ? JSON.parse(text) : undefined };
}

export function fileForm(text: string, filename: string): FormData {
  const form = new FormData();
  form.append('file', new Blob([text], { type: 'text/plain' }), filename);
  return form;
}

/** The objects of an event stream's `data:` lines; `[DONE]` stays a string. */
export function events(text: string): ParsedJson[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length))
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
}
