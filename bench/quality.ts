import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The retrieval bench with the built-in embedding on the data set in `folder`; says how to get one when none is given. */
export async function benchQuality(folder: string | undefined): Promise<void> {
  if (folder === undefined) {
    console.log('Skipped: give --data <folder with corpus.jsonl, queries.jsonl and qrels.tsv>. See docs/retrieval.md.');
    return;
  }
  const script = fileURLToPath(new URL('./retrieval-quality.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, '--data', folder, '--builtin'], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The retrieval bench ended with code ${code}.`);
}
