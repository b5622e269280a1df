import { describeSettings } from './describe-settings.ts';

/** What --help prints: every setting with its default. */
export function helpText(): string {
  const rows = describeSettings().map((setting) => `  ${setting.name}${setting.fallback === '' ? '' : ` (${setting.fallback})`}\n      ${setting.description}`);
  return [
    'openwebui-rag-runtime: a server that speaks the Open WebUI HTTP API, with Chroma inside.',
    '',
    'Usage: openwebui-rag-runtime [--help]',
    '',
    'All settings come from the environment:',
    '',
    ...rows,
  ].join('\n');
}
