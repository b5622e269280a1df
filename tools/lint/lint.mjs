// Lints the node pack the two ways n8n does: with the untouched default configuration that `strict`
// demands, and as the scanner of published packages does, which allows no inline switches and looks
// at the built files as well. Run it after a build. Prints the number of messages; any is a failure.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { config } from '@n8n/node-cli/eslint';
import { buildScanConfig, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';
import { ESLint } from 'eslint';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

async function lint(name, overrideConfig, patterns, allowInlineConfig) {
  const eslint = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig, allowInlineConfig });
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

const scanConfig = await buildScanConfig();
const found = [
  await checkDefaultConfig(),
  await lint('n8n strict', config, ['package.json', 'nodes/**/*.ts', 'credentials/**/*.ts'], true),
  await lint('n8n scanner, sources', scanConfig, SOURCE_FILE_PATTERNS, false),
  await lint('n8n scanner, build', scanConfig, ['package.json', 'dist/**/*.js'], false),
];
process.exitCode = found.some((count) => count > 0) ? 1 : 0;
