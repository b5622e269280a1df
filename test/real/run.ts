/**
 * `npm run test:real`: the demo, the runtime and the nodes with real servers: Ollama, an embedding server and Open WebUI, each
 * installed once and started by its script in servers/. What cannot be had is skipped with its reason.
 */
import { Cases } from '../n8n/cases.ts';
import { demoCases } from './demo-cases.ts';
import { floodCases } from './flood-cases.ts';
import { openLane } from './lane.ts';
import type { Lane } from './lane.ts';
import { nodeSuite } from './node-suite.ts';
import { ollamaCases } from './ollama-cases.ts';
import { wireCases } from './wire-cases.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** `npm run test:real -- nodes wire` runs these parts alone. */
const chosen = process.argv.slice(2);
const wants = (part: string): boolean => chosen.length === 0 || chosen.includes(part);

async function allCases(cases: Cases, lane: Lane, signal: AbortSignal): Promise<void> {
  const { servers, runtime, proxy } = lane;
  const { ollama, e5, openWebUi } = servers;
  if (ollama === undefined || proxy === undefined) return say('skipped: real servers, Ollama is missing');
  if (wants('ollama')) await ollamaCases(cases, runtime, proxy, ollama.model);
  if (wants('nodes')) {
    await nodeSuite(cases, runtime, true, signal);
    if (openWebUi === undefined) say('skipped: the nodes on a real Open WebUI, which is missing');
    else await nodeSuite(cases, openWebUi, false, signal);
  }
  if (wants('flood')) {
    await floodCases(cases, runtime, 1_000);
    if (openWebUi !== undefined) await floodCases(cases, openWebUi, 100);
  }
  if (wants('wire')) {
    if (openWebUi === undefined) say('skipped: the comparison on the wire, Open WebUI is missing');
    else await wireCases(cases, runtime, openWebUi, ollama.model);
  }
  if (wants('demo')) {
    if (e5 === undefined) say('skipped: the demo, the embedding server is missing');
    else await demoCases(cases, ollama, e5);
  }
}

async function main(): Promise<number> {
  const cases = new Cases();
  const stopping = new AbortController();
  // Without a handler Node would end here and leave the servers and folders behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      cases.stop();
      stopping.abort(new Error('the run was stopped'));
    });
  }
  say('# starting the real servers; the first time installs them, which takes minutes');
  const lane = await openLane(say, stopping.signal);
  try {
    await allCases(cases, lane, stopping.signal);
  } finally {
    await lane.close();
  }
  const { passed, failed } = cases.score;
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
