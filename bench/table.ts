import { cpus, loadavg, totalmem } from 'node:os';

/** Prints a Markdown table, so that it can be pasted into docs/performance.md as it is. */
export function printTable(title: string, head: readonly string[], rows: ReadonlyArray<readonly string[]>): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  console.log(['', `### ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'));
}

/** Names the machine and how busy it was: numbers without them say nothing. */
export function describeMachine(): string {
  const [first] = cpus();
  const load = loadavg().map((value) => value.toFixed(1)).join(', ');
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${new Date().toISOString().slice(0, 16)}Z, Node ${process.versions.node}, ${cpus().length} x ${first?.model ?? 'unknown'}, ${gigabytes} GB, load ${load}`;
}
