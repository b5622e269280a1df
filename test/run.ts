/** `npm test`: runs jest over all quick lanes and ends in one line, `N passed, N failed`. */
import { runJest } from './support/jest-run.ts';

const { passed, failed, skipped } = await runJest(process.argv.slice(2));
process.stdout.write(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`);
process.exitCode = failed > 0 ? 1 : 0;
