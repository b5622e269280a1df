// The tarball of the node pack, unpacked in a folder of its own, and what is wrong with what it holds.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAME = 'n8n-nodes-openwebui-rag';
const ALLOWED = /^(package\.json|README\.md|LICENSE|dist\/.+)$/u;

/** Packs the node pack from its staging copy and unpacks the tarball. `remove` takes the folder away. */
export async function unpackTarball(root) {
  const folder = await mkdtemp(join(tmpdir(), 'tarball-'));
  const remove = async () => await rm(folder, { recursive: true, force: true });
  try {
    await run(process.execPath, [join(root, 'tools/pack/pack.mjs'), folder, NAME], { cwd: root });
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
    await run('tar', ['-xzf', join(folder, tarball), '-C', folder]);
    return { folder: join(folder, 'package'), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Sentences about what a published package must not hold, or lacks. */
export async function tarballFaults(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const faults = files.filter((file) => !ALLOWED.test(file)).map((file) => `${file} does not belong into the tarball`);
  for (const file of ['package.json', 'README.md', 'LICENSE', ...manifest.n8n.nodes, ...manifest.n8n.credentials]) {
    if (!files.includes(file)) faults.push(`${file} is missing`);
  }
  for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies', 'devDependencies', 'scripts', 'workspaces', 'overrides']) {
    if (field in manifest) faults.push(`package.json has the field "${field}"`);
  }
  return { files, faults };
}
