import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runOrThrow } from './processes.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const PACKAGE_NAME = 'n8n-nodes-openwebui-rag';

/**
 * Builds the node pack and unpacks it, as its tarball holds it, where n8n keeps community packages.
 * `workFolder` takes the staging copy and the tarball.
 */
export async function installNodePack(userFolder: string, workFolder: string): Promise<void> {
  await runOrThrow('npm', ['run', 'build:nodes'], { cwd: ROOT });
  const staging = join(workFolder, 'staging');
  await mkdir(staging, { recursive: true });
  for (const entry of ['package.json', 'README.md', 'LICENSE', 'dist']) {
    if (existsSync(join(ROOT, entry))) await cp(join(ROOT, entry), join(staging, entry), { recursive: true });
  }
  const pack = ['pack', '--ignore-scripts', '--json', '--workspaces=false', '--pack-destination', workFolder];
  const { stdout } = await runOrThrow('npm', pack, { cwd: staging });
  const target = join(userFolder, '.n8n', 'nodes', 'node_modules', PACKAGE_NAME);
  await mkdir(target, { recursive: true });
  await runOrThrow('tar', ['-xzf', join(workFolder, tarballOf(stdout)), '--strip-components=1', '-C', target]);
}

/** npm 10 and 11 print a list, npm 12 an object by package name. */
function tarballOf(report: string): string {
  const parsed = JSON.parse(report) as Record<string, { filename: string }>;
  const [first] = Object.values(parsed);
  if (first === undefined) throw new Error(`npm pack reported no tarball: ${report}`);
  return first.filename;
}
