import type { Cases } from '../n8n/cases.ts';
import { runJest } from '../support/jest-run.ts';
import { call } from './client.ts';
import type { Target } from './client.ts';

/** The end of a title that says why a server has to do without the test. */
const REASON = /\(([^()]* only: .*)\)$/u;

async function nameOf(target: Target, isRuntime: boolean): Promise<string> {
  if (isRuntime) return target.name;
  const { version } = (await call(target, 'GET', '/api/version')).json as { version: string };
  return `${target.name} ${version}`;
}

/**
 * The live suite of the nodes (test/nodes/live) against one server, with jest. Adds its numbers to the lane's and says them in one
 * line, with the reasons of what was skipped. Models that the environment names are those of Open WebUI, not of the runtime.
 */
export async function nodeSuite(cases: Cases, target: Target, isRuntime: boolean, signal: AbortSignal): Promise<void> {
  const models = isRuntime ? { OPENWEBUI_CHAT_MODEL: undefined, OPENWEBUI_EMBED_MODEL: undefined } : {};
  const env = { OPENWEBUI_URL: target.baseUrl, OPENWEBUI_KEY: target.apiKey, ...models };
  const { passed, failed, skipped, failures } = await runJest(['test/nodes/live'], { env, signal, shown: false });
  const name = await nameOf(target, isRuntime);
  for (const { title, message } of failures) process.stdout.write(`not ok - on ${name}, ${title}\n${message.replaceAll(/^/gm, '    ')}\n`);
  const reasons = new Set(skipped.map((title) => REASON.exec(title)?.[1] ?? title));
  const why = skipped.length === 0 ? '' : `, ${skipped.length} skipped (${[...reasons].join('; ')})`;
  process.stdout.write(`node suite on ${name}: ${passed} passed, ${failed} failed${why}\n`);
  cases.add({ passed, failed });
}
