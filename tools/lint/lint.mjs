// Lints the node pack the two ways n8n does: with the untouched default configuration that `strict`
// demands, and as the scanner of published packages does, which allows no inline switches and looks
// at the built files and at the tarball as well. Run it after a build. Prints the number of messages;
// any is a failure.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { config } from '@n8n/node-cli/eslint';
import { ESLint } from 'eslint';
import { tarballFaults, unpackTarball } from './tarball.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

async function lint(name, overrideConfig, patterns, allowInlineConfig, cwd = root) {
  const eslint = new ESLint({ cwd, overrideConfigFile: true, overrideConfig, allowInlineConfig });
  const results = await eslint.lintFiles(patterns);
  const formatter = await eslint.loadFormatter('stylish');
  const text = await formatter.format(results);
  const count = (key) => results.reduce((sum, result) => sum + result[key], 0);
  if (text) process.stdout.write(`${text}\n`);
  process.stdout.write(
    `${name}: ${results.length} files, ${count('errorCount')} errors, ${count('warningCount')} warnings\n`,
  );
  return count('errorCount') + count('warningCount');
}

/** `n8n.strict` holds only while the root's own configuration is n8n's template, word for word. */
async function checkDefaultConfig() {
  const cli = dirname(createRequire(import.meta.url).resolve('@n8n/node-cli/eslint'));
  const template = resolve(cli, '../template/templates/shared/default/eslint.config.mjs');
  const [ours, theirs] = await Promise.all(
    [resolve(root, 'eslint.config.mjs'), template].map(async (path) => (await readFile(path, 'utf8')).replace(/\s+/g, ' ').trim()),
  );
  const same = ours === theirs;
  process.stdout.write(`n8n default configuration: ${same ? 'unchanged' : 'changed, which ends eligibility'}\n`);
  return same ? 0 : 1;
}

/** The tarball holds what it may, and both linters find nothing in it. */
async function checkTarball(scan) {
  const { folder, remove } = await unpackTarball(root);
  try {
    const { files, faults } = await tarballFaults(folder);
    process.stdout.write(`tarball: ${files.length} files, ${faults.length} faults\n${faults.map((fault) => `  ${fault}\n`).join('')}`);
    // n8n's configuration passes over `dist`, of which the tarball is made.
    const strictConfig = config.filter((part) => !('ignores' in part && Object.keys(part).every((key) => ['ignores', 'name'].includes(key))));
    const strict = await lint('n8n strict, tarball', strictConfig, ['package.json', '**/*.js'], false, folder);
    return faults.length + strict + (await lint('n8n scanner, tarball', scan, ['package.json', '**/*.js'], false, folder));
  } finally {
    await remove();
  }
}

// The scanner makes a folder for downloads as soon as it is loaded, and leaves it.
const temporary = await mkdtemp(join(tmpdir(), 'lint-'));
process.env.TMPDIR = temporary;
try {
  const { buildScanConfig, SOURCE_FILE_PATTERNS } = await import('@n8n/scan-community-package/scanner/scanner.mjs');
  const scanConfig = await buildScanConfig();
  const found = [
    await checkDefaultConfig(),
    await lint('n8n strict', config, ['package.json', 'nodes/**/*.ts', 'credentials/**/*.ts'], true),
    await lint('n8n scanner, sources', scanConfig, SOURCE_FILE_PATTERNS, false),
    await lint('n8n scanner, build', scanConfig, ['package.json', 'dist/**/*.js'], false),
    await checkTarball(scanConfig),
  ];
  process.exitCode = found.some((count) => count > 0) ? 1 : 0;
} finally {
  await rm(temporary, { recursive: true, force: true });
}
