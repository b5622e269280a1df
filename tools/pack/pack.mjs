// Makes what is published: a staging copy and a tarball of each package, in the folder given (default tools/pack/dist).
// npm packs every README of a folder whatever `files` says, and n8n wants English only; and n8n removes nothing but
// dependencies from a package.json. So a copy with just what users need is packed instead. Run `npm run build` first.
//   node tools/pack/pack.mjs [folder] [name of the only package to pack]
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const out = resolve(process.argv[2] ?? join(root, 'tools/pack/dist'));

const only = process.argv[3];

/** Fields of the repository that mean nothing to somebody who installs the package. */
const DEVELOPMENT_FIELDS = ['scripts', 'devDependencies', 'workspaces', 'allowScripts'];

/** `folders` are copied; a server needs neither type declarations nor source maps, the node pack keeps them as n8n's own packages do. */
const PACKAGES = [
  { name: 'n8n-nodes-openwebui-rag', from: '.', folders: ['dist'], files: ['README.md'], entry: 'n8n', isServer: false },
  { name: 'openwebui-rag-runtime', from: 'runtime', folders: ['bin', 'dist'], files: ['README.md'], entry: 'bin', isServer: true },
];

const isRuntimeFile = (path) => !/\.(d\.ts|map|tsbuildinfo)$/u.test(path);

/** Every file that package.json names must be there: a package without its build would install and then do nothing. */
async function checkEntries(manifest, entry, folder) {
  const paths = entry === 'bin' ? [...Object.values(manifest.bin), 'dist/main.js'] : [...manifest.n8n.nodes, ...manifest.n8n.credentials];
  for (const path of paths) {
    await stat(join(folder, path)).catch(() => {
      throw new Error(`${manifest.name}: ${path} is missing. Run \`npm run build\` first.`);
    });
  }
}

async function stage({ from, folders, files, entry, isServer }) {
  const source = join(root, from);
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  await checkEntries(manifest, entry, source);
  const target = join(out, manifest.name);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const folder of folders) {
    await cp(join(source, folder), join(target, folder), { recursive: true, filter: (path) => !isServer || isRuntimeFile(path) });
  }
  for (const file of files) await copyFile(join(source, file), join(target, file));
  await copyFile(join(root, 'LICENSE'), join(target, 'LICENSE'));
  const published = Object.fromEntries(Object.entries(manifest).filter(([field]) => !DEVELOPMENT_FIELDS.includes(field)));
  if (entry === 'n8n' && Object.keys(published.dependencies ?? {}).length > 0) throw new Error('The node pack must have no dependencies: n8n would not verify it.');
  await writeFile(join(target, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  return { target, manifest };
}

await mkdir(out, { recursive: true });
for (const old of await readdir(out)) if (old.endsWith('.tgz')) await rm(join(out, old));
for (const one of PACKAGES.filter(({ name }) => only === undefined || name === only)) {
  const { target, manifest } = await stage(one);
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], { cwd: target, maxBuffer: 64 * 1024 * 1024 });
  const parsed = JSON.parse(stdout);
  const [packed] = Array.isArray(parsed) ? parsed : Object.values(parsed);
  process.stdout.write(`${manifest.name} ${manifest.version}: ${packed.files.length} files, ${Math.round(packed.size / 1024)} kB, ${join(out, packed.filename)}\n`);
}
