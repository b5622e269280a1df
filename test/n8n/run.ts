/**
 * `npm run test:n8n`: the node pack and the examples in a real n8n, against the real runtime, with pictures of
 * the editor where Chromium is installed. `--update-screenshots` writes the pictures to docs/.
 */
import { join } from 'node:path';

import { Cases } from './cases.ts';
import { findChromium } from './chromium.ts';
import { credentialCases } from './credential-cases.ts';
import { editorCases } from './editor-cases.ts';
import { installedN8n } from './install.ts';
import { openLane } from './lane.ts';
import type { Lane } from './lane.ts';
import { ROOT } from './pack.ts';
import { N8nRest } from './rest.ts';
import { screenshotCases } from './screenshot-cases.ts';
import { openWatch, putWatchedFile, watchCases } from './watch-cases.ts';
import type { Watch } from './watch-cases.ts';

const log = (text: string): void => void process.stdout.write(`# ${text}\n`);

async function program(): Promise<string | undefined> {
  try {
    return await installedN8n(log);
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).split('\n');
    const reason = lines.find((line) => /^npm error (?!code|errno|A complete log)/.test(line)) ?? lines[0];
    process.stdout.write(`skipped: n8n, it cannot be installed: ${reason}\n`);
    return undefined;
  }
}

async function runningCases(cases: Cases, lane: Lane, watch: Watch): Promise<void> {
  const running = await lane.n8n.start();
  try {
    const rest = await N8nRest.asNewOwner(running.url);
    // Looked for at the end: n8n polls once a minute.
    const watchedFile = await putWatchedFile(lane, rest, watch);
    await editorCases(cases, lane, rest);
    for (const { example, workflow } of lane.examples) await example.published?.(cases, lane, workflow, rest);
    const chromium = findChromium();
    if (chromium === undefined) log('skipped: screenshots, no Chromium here (set CHROME_BIN)');
    else {
      const update = process.argv.includes('--update-screenshots');
      const folder = update ? join(ROOT, 'docs') : join(lane.workFolder, 'docs');
      const workflows = lane.examples.map(({ example, workflow }) => ({ workflow, picture: example.fileName.replace('.json', '.png') }));
      await screenshotCases(cases, { chromium, rest, workflows, folder, workFolder: lane.workFolder });
    }
    await watchCases(cases, rest, watch, watchedFile);
  } finally {
    await running.stop();
  }
}

async function main(): Promise<number> {
  const n8n = await program();
  if (n8n === undefined) return 0;
  log('building the node pack, starting the runtime, importing the examples');
  const lane = await openLane(n8n);
  const cases = new Cases();
  // Without a handler Node would end here and leave n8n and the folders behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => cases.stop());
  try {
    for (const { example, workflow } of lane.examples) await example.byHand?.(cases, lane, workflow);
    await credentialCases(cases, lane);
    for (const { workflow } of lane.examples) await lane.n8n.publish(workflow.id);
    const watch = await openWatch(lane);
    log('starting n8n with the examples published');
    await runningCases(cases, lane, watch);
  } finally {
    await lane.close();
  }
  const { passed, failed } = cases.score;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
