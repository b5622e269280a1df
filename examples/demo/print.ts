import type { DemoSource } from './questions.ts';

export function line(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function title(text: string): void {
  line();
  line(text);
  line('-'.repeat(text.length));
}

export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `handbook.pdf, page 3` or `guide.md, "Warranty"`; places of one document are named once each. */
export function citation(source: DemoSource): string {
  const place = source.page !== undefined ? `page ${source.page}` : source.heading ? `"${source.heading}"` : '';
  return place === '' ? source.file : `${source.file}, ${place}`;
}

export function indent(text: string): string {
  return text.trim().split('\n').filter((part) => part.trim() !== '').map((part) => `     ${part}`).join('\n');
}
