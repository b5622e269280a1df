import { setTimeout as sleep } from 'node:timers/promises';
import type { KillDocument } from './documents.ts';
import type { AckedFile, Ledger, Owner } from './ledger.ts';
import type { Random } from './random.ts';

export type Wire = { status: number; text: string };
export type TrafficDeps = { baseUrl: string; ledger: Ledger; random: Random; nextDocument: () => Promise<KillDocument | null>; signal: AbortSignal };

/** One call; null when the connection broke, so that nobody knows what the server did. */
export async function send(baseUrl: string, key: string, method: string, path: string, body?: FormData | object, signal?: AbortSignal): Promise<Wire | null> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}` };
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  try {
    const answer = await fetch(baseUrl + path, {
      method, headers, body: body === undefined ? null : isForm ? body : JSON.stringify(body), ...(signal === undefined ? {} : { signal }),
    });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return null;
  }
}

/** Works until the server is gone, and writes down what was acknowledged. Throws for an answer that no correct server gives. */
export async function makeTraffic(deps: TrafficDeps): Promise<void> {
  while (!deps.signal.aborted) {
    const dice = deps.random.integer(100);
    const isAlive = dice < 50 ? await upload(deps) : dice < 82 ? await add(deps) : dice < 94 ? await unlink(deps) : await remove(deps);
    if (!isAlive) return;
  }
}

function ownerOf(ledger: Ledger, index: number): Owner {
  const owner = ledger.owners[index];
  if (owner === undefined) throw new Error(`There is no owner ${index}`);
  return owner;
}

async function upload(deps: TrafficDeps): Promise<boolean> {
  const { ledger, random } = deps;
  const document = await deps.nextDocument();
  if (document === null) {
    // This round's share is uploaded: the other calls go on.
    await sleep(40);
    return true;
  }
  const owner = random.isTrue(0.15) ? 1 : 0;
  const { key, knowledgeIds } = ownerOf(ledger, owner);
  const knowledgeId = random.isTrue(0.6) ? random.pick(knowledgeIds) : undefined;
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(document.bytes)], { type: document.contentType }), document.name);
  if (knowledgeId !== undefined) form.append('metadata', JSON.stringify({ knowledge_id: knowledgeId }));
  const answer = await send(deps.baseUrl, key, 'POST', '/api/v1/files/', form);
  if (answer === null) {
    ledger.unanswered.set(document.name, document);
    ledger.counts.unanswered += 1;
    return false;
  }
  expectStatus(answer, [200], `upload of ${document.name}`);
  const { id } = JSON.parse(answer.text) as { id: string };
  ledger.files.push({ id, document, owner, isDeleted: 'no', linked: new Map(knowledgeId === undefined ? [] : [[knowledgeId, 'yes']]), isBusy: false });
  ledger.counts.uploads += 1;
  return true;
}

/** Runs `work` on a file that no other lane uses. */
async function withFile(deps: TrafficDeps, isFit: (file: AckedFile) => boolean, work: (file: AckedFile, owner: Owner) => Promise<boolean>): Promise<boolean> {
  const file = deps.random.pick(deps.ledger.files.filter((one) => !one.isBusy && one.isDeleted === 'no' && isFit(one)));
  if (file === undefined) return upload(deps);
  file.isBusy = true;
  try {
    return await work(file, ownerOf(deps.ledger, file.owner));
  } finally {
    file.isBusy = false;
  }
}

/** Adds a file that may still be in work; the server waits for it. A copy of a text that is there is refused with 400. */
function add(deps: TrafficDeps): Promise<boolean> {
  return withFile(deps, (file) => file.document.outcome === 'completed', async (file, owner) => {
    const knowledgeId = deps.random.pick(owner.knowledgeIds) ?? '';
    const before = file.linked.get(knowledgeId);
    if (before !== 'yes') file.linked.set(knowledgeId, 'maybe');
    const answer = await send(deps.baseUrl, owner.key, 'POST', `/api/v1/knowledge/${knowledgeId}/file/add`, { file_id: file.id });
    if (answer === null) return false;
    // A server that was told to stop lets nobody wait for a file any longer.
    expectStatus(answer, [200, 400], `add of ${file.document.name}`);
    if (answer.status === 400 && !answer.text.includes('Duplicate content')) throw new Error(`An add was refused: ${answer.text}`);
    file.linked.set(knowledgeId, answer.status === 200 ? 'yes' : before === 'yes' ? 'maybe' : 'no');
    deps.ledger.counts.adds += 1;
    return true;
  });
}

function unlink(deps: TrafficDeps): Promise<boolean> {
  return withFile(deps, (file) => [...file.linked.values()].includes('yes'), async (file, owner) => {
    const [knowledgeId = ''] = [...file.linked].filter(([, certainty]) => certainty === 'yes').map(([id]) => id);
    file.linked.set(knowledgeId, 'maybe');
    const answer = await send(deps.baseUrl, owner.key, 'POST', `/api/v1/knowledge/${knowledgeId}/file/remove?delete_file=false`, { file_id: file.id });
    if (answer === null) return false;
    // Not linked yet (still in work) or never (a copy): a refusal says so, and the link may come later.
    expectStatus(answer, [200, 400, 404], `removal of ${file.document.name}`);
    if (answer.status === 200) file.linked.set(knowledgeId, 'no');
    deps.ledger.counts.removals += 1;
    return true;
  });
}

function remove(deps: TrafficDeps): Promise<boolean> {
  return withFile(deps, () => true, async (file, owner) => {
    file.isDeleted = 'maybe';
    const answer = await send(deps.baseUrl, owner.key, 'DELETE', `/api/v1/files/${file.id}`);
    if (answer === null) return false;
    expectStatus(answer, [200], `deletion of ${file.document.name}`);
    file.isDeleted = 'yes';
    deps.ledger.counts.deletes += 1;
    return true;
  });
}

function expectStatus(answer: Wire, wanted: number[], what: string): void {
  if (!wanted.includes(answer.status)) throw new Error(`The ${what} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
}
