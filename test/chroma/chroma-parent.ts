/** A service that holds a Chroma and can be killed: `chroma-parent <folder>`. Prints one JSON line a state: ready with the child's number, or unavailable. */
import { join } from 'node:path';
import { startChroma } from '../../runtime/src/adapters/chroma/start-chroma.ts';
import { listLogger } from './open-chroma.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: chroma-parent <folder>');
const chroma = startChroma({ dataDir: join(folder, 'chroma'), stateFile: join(folder, 'chroma.json'), logger: listLogger([]), restart: { failuresUntilUnavailable: 1, slowPauseMs: 60_000 } });
await chroma.start();
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
try {
  await chroma.index.whenReady(AbortSignal.timeout(60_000));
  print({ state: 'ready', chromaPid: chroma.pid() });
} catch (error) {
  print({ state: 'unavailable', reason: error instanceof Error ? error.message : String(error) });
}
process.on('SIGTERM', () => void chroma.stop().then(() => process.exit(0)));
