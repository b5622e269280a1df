/** `npm run test:kill -- [rounds=30] [files=200] [seed]`: kill -9 at random moments, then everything acknowledged is checked. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkBytes, checkChroma, checkFindable, checkStranger, type CheckDeps } from './kill/check-answers.ts';
import { checkAfterKill, checkSettled } from './kill/check-state.ts';
import { killDocument } from './kill/documents.ts';
import { createLedger, type Ledger } from './kill/ledger.ts';
import { createRandom, type Random } from './kill/random.ts';
import { ADMIN_KEY, chromaPort, killChroma, spawnServer, until, type KillServer } from './kill/server.ts';
import { readStoredState, type StoredState } from './kill/stored-state.ts';
import { makeTraffic, send } from './kill/traffic.ts';

const LANES = 3;
const option = (name: string, at: number, fallback: number): number => {
  const named = process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split('=')[1];
  const positional = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))[at];
  return Number(named ?? positional ?? fallback);
};
const rounds = option('rounds', 0, 30);
const fileCount = option('files', 1, 200);
const seed = option('seed', 2, Date.now() % 1_000_000);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Loop = { dataDir: string; random: Random; ledger: Ledger; uploaded: number; kills: Record<string, number>; problems: string[] };

async function post(baseUrl: string, key: string, path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await send(baseUrl, key, 'POST', path, body);
  if (answer?.status !== 200) throw new Error(`${path} answered ${answer?.status}: ${answer?.text}`);
  return JSON.parse(answer.text) as Record<string, unknown>;
}

/** The admin and a second user, each with knowledge bases of their own. */
async function prepare(dataDir: string): Promise<Ledger> {
  const server = spawnServer(dataDir);
  const baseUrl = await server.listening;
  const { token } = await post(baseUrl, ADMIN_KEY, '/api/v1/auths/signup', { name: 'Second', email: 'second@example.com', password: 'kill-loop-second' });
  const owners = [{ key: ADMIN_KEY, knowledgeIds: [] as string[] }, { key: String(token), knowledgeIds: [] as string[] }];
  for (const [owner, name] of [[0, 'Alpha'], [0, 'Beta'], [0, 'Gamma'], [1, 'Delta']] as const) {
    const { id } = await post(baseUrl, owners[owner]?.key ?? '', '/api/v1/knowledge/create', { name, description: name });
    owners[owner]?.knowledgeIds.push(String(id));
  }
  await server.stop();
  return createLedger(owners);
}

/** One life of the server under load, ended by kill -9. */
async function liveAndDie(loop: Loop, round: number): Promise<void> {
  const { random, dataDir } = loop;
  const server = spawnServer(dataDir);
  const isDuringStart = random.isTrue(0.15);
  if (isDuringStart) await Promise.race([sleep(100 + random.integer(1400)), server.listening.catch(() => undefined)]);
  const baseUrl = isDuringStart ? null : await server.listening;
  const stop = new AbortController();
  const quota = Math.ceil((fileCount * round) / rounds);
  const nextDocument = async () => (loop.uploaded < quota ? killDocument(loop.uploaded++) : null);
  const traffic = baseUrl === null ? [] : Array.from({ length: LANES }, () => makeTraffic({ baseUrl, ledger: loop.ledger, random, nextDocument, signal: stop.signal }));
  const settled = Promise.allSettled(traffic);
  if (!isDuringStart) {
    await sleep(random.integer(1800));
    if (random.isTrue(0.25)) {
      if (await killChroma(dataDir)) count(loop, 'Chroma alone, runtime later');
      await sleep(random.integer(1500));
    }
  }
  const isBoth = random.isTrue(0.5);
  if (isBoth && random.isTrue(0.5)) await killChroma(dataDir);
  await server.kill();
  if (isBoth) await killChroma(dataDir);
  count(loop, isDuringStart ? 'during its start' : isBoth ? 'runtime and Chroma' : 'runtime alone');
  stop.abort();
  for (const result of await settled) if (result.status === 'rejected') loop.problems.push(`round ${round}: ${String(result.reason)}`);
  const found = checkAfterKill(await readStoredState(dataDir));
  loop.problems.push(...found.map((problem) => `round ${round}, after the kill: ${problem}`));
}

/** What the killed lives did not get to, in a life that ends well. */
async function uploadTheRest(loop: Loop): Promise<void> {
  const server = spawnServer(loop.dataDir);
  const baseUrl = await server.listening;
  const stop = new AbortController();
  const nextDocument = async () => (loop.uploaded < fileCount ? killDocument(loop.uploaded++) : null);
  const traffic = Array.from({ length: LANES }, () => makeTraffic({ baseUrl, ledger: loop.ledger, random: loop.random, nextDocument, signal: stop.signal }));
  const settled = Promise.all(traffic);
  settled.catch(() => undefined);
  await until('all documents are uploaded', () => loop.uploaded >= fileCount || server.isOver());
  stop.abort();
  await settled;
  await stopCleanly(loop, server);
}

function count(loop: Loop, kind: string): void {
  loop.kills[kind] = (loop.kills[kind] ?? 0) + 1;
}

/** Starts, waits until no work is left and the index is there. */
async function startSettled(dataDir: string, env: Record<string, string> = {}): Promise<{ server: KillServer; baseUrl: string }> {
  const server = spawnServer(dataDir, env);
  const baseUrl = await server.listening;
  let last = '';
  const isIdle = async (): Promise<boolean> => {
    last = (await send(baseUrl, ADMIN_KEY, 'GET', '/metrics'))?.text ?? '';
    return /jobs_waiting 0\n/u.test(last) && /jobs_running 0\n/u.test(last) && /index_ready 1\n/u.test(last) && /index_checked 1\n/u.test(last);
  };
  // Twice: the check of the index may ask for work just after the first look.
  await until('all work is done', async () => (await isIdle()) && (await isIdle()) && (await chromaPort(dataDir)) !== null, 120_000).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${last.split('\n').filter((line) => line.startsWith('openwebui_rag_')).join('\n')}\n${server.output().slice(-3000)}`);
  });
  return { server, baseUrl };
}

async function stopCleanly(loop: Loop, server: KillServer): Promise<StoredState> {
  const code = await server.stop();
  if (code !== 0) loop.problems.push(`the stop ended with ${code}: ${server.output().slice(-500)}`);
  return readStoredState(loop.dataDir);
}

/** Three starts: to finish, to search by vectors alone, to search by words alone; the rows must not change any more after the first. */
async function checkEverything(loop: Loop): Promise<void> {
  const first = await stopCleanly(loop, (await startSettled(loop.dataDir)).server);
  loop.problems.push(...checkSettled(first, loop.ledger));
  for (const [kind, weight] of [['vectors', '0'], ['words', '1']] as const) {
    const { server, baseUrl } = await startSettled(loop.dataDir, { RAG_HYBRID_BM25_WEIGHT: weight });
    const deps: CheckDeps = { baseUrl, dataDir: loop.dataDir, ledger: loop.ledger, state: first };
    const found = await checkFindable(deps);
    say(`searched by ${kind} alone: ${found.queries} queries, ${found.problems.length} wrong`);
    const chroma = await checkChroma(deps);
    say(`Chroma: ${chroma.vectors} vectors, ${chroma.problems.length} wrong`);
    loop.problems.push(...found.problems, ...chroma.problems, ...(await checkBytes(deps)), ...(await checkStranger(deps)));
    const after = await stopCleanly(loop, server);
    const changed = [...after.digests].filter(([table, digest]) => first.digests.get(table) !== digest).map(([table]) => table);
    if (changed.length > 0) loop.problems.push(`I8 a restart (${kind}) changed rows of ${changed.join(', ')}`);
    loop.problems.push(...checkSettled(after, loop.ledger));
  }
  const counted = (status: string): number => first.files.filter((file) => file.status === status).length;
  say(`stored: ${first.files.length} files (${counted('completed')} completed, ${counted('failed')} failed), ${first.chunks.length} chunks, ${[...first.links.values()].flat().length} links`);
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kill-loop-'));
  say(`kill loop: ${rounds} rounds, ${fileCount} files, seed ${seed}, data folder ${dataDir}`);
  const loop: Loop = { dataDir, random: createRandom(seed), ledger: await prepare(dataDir), uploaded: 0, kills: {}, problems: [] };
  const beganMs = performance.now();
  for (let round = 1; round <= rounds; round += 1) await liveAndDie(loop, round);
  await uploadTheRest(loop);
  const { uploads, adds, removals, deletes, unanswered } = loop.ledger.counts;
  say(`kills: ${Object.entries(loop.kills).map(([kind, times]) => `${kind} ${times}`).join(', ')}`);
  say(`acknowledged: ${uploads} uploads, ${adds} adds, ${removals} removals, ${deletes} deletions; ${unanswered} uploads were cut off`);
  await checkEverything(loop);
  const problems = [...new Set(loop.problems)];
  for (const problem of problems.slice(0, 40)) say(`PROBLEM ${problem}`);
  say(`${problems.length === 0 ? 'all invariants hold' : `${problems.length} problems`} after ${rounds} rounds in ${Math.round((performance.now() - beganMs) / 1000)} s (seed ${seed})`);
  if (problems.length === 0) await rm(dataDir, { recursive: true, force: true });
  process.exitCode = problems.length === 0 ? 0 : 1;
}

await main();
