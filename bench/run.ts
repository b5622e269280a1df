import { parseArgs } from 'node:util';
import { benchCancel } from './cancel.ts';
import { benchChat } from './chat.ts';
import { benchIngest } from './ingest.ts';
import { benchQuality } from './quality.ts';
import { benchSearch } from './search.ts';
import { benchStart } from './start.ts';
import { describeMachine } from './table.ts';
import { benchUpload } from './upload.ts';

const HELP = `Measures the runtime and prints a table for each bench.

  npm run bench                        all of them
  npm run bench -- start chat          the named ones: start, chat, ingest, search, quality, upload, cancel
  npm run bench -- --quick             fewer repetitions, 2,000 instead of 20,000 chunks, an upload of 0.5 instead of 2 GB
  npm run bench -- quality --data dir  retrieval quality on a data set in BEIR form

Beside Open WebUI, where these are set:
  OPENWEBUI_PID                        its resident memory (start)
  OPENWEBUI_CMD, OPENWEBUI_URL         a command that starts it and the address it then answers at (start)
  OPENWEBUI_URL, OPENWEBUI_KEY         a running one (ingest)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const benches: Readonly<Record<string, () => Promise<void>>> = {
  start: () => benchStart({ runs: values.quick ? 2 : 5 }),
  chat: () => benchChat({ calls: values.quick ? 100 : 500, durationMs: values.quick ? 2_000 : 8_000 }),
  ingest: () => benchIngest(),
  search: () => benchSearch({ sizes: values.quick ? [1_000, 2_000] : [1_000, 20_000], questions: values.quick ? 50 : 300 }),
  quality: () => benchQuality(values.data),
  cancel: () => benchCancel({ runs: values.quick ? 5 : 30 }),
  upload: () => benchUpload({ sizeBytes: (values.quick ? 0.5 : 2) * 2 ** 30 }),
};

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const names = positionals.length > 0 ? positionals : Object.keys(benches);
  const unknown = names.filter((name) => !(name in benches));
  if (unknown.length > 0) throw new Error(`No bench is called ${unknown.join(', ')}.\n${HELP}`);
  for (const name of names) {
    console.log(`\n## ${name} (${describeMachine()})`);
    await benches[name]?.();
  }
}

await main();
