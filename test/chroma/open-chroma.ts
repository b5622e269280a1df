import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StartedChroma, startChroma } from '../../runtime/src/adapters/chroma/start-chroma.ts';
import type { ChromaProcessOptions } from '../../runtime/src/adapters/chroma/chroma-process.ts';
import type { Logger } from '../../runtime/src/ports/logger.ts';

export type LogLine = { level: string; message: string; fields: Record<string, unknown> };

export function listLogger(lines: LogLine[]): Logger {
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => void lines.push({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export type TestChroma = StartedChroma & { folder: string; dataDir: string; log: LogLine[]; close: () => Promise<void> };

/** A real Chroma in a folder of its own that `close` removes. */
export async function openChroma(options: Partial<ChromaProcessOptions> = {}): Promise<TestChroma> {
  const folder = await mkdtemp(join(tmpdir(), 'chroma-test-'));
  const log: LogLine[] = [];
  const dataDir = join(folder, 'chroma');
  const chroma = startChroma({ dataDir, stateFile: join(folder, 'chroma.json'), logger: listLogger(log), ...options });
  await chroma.start();
  const close = async (): Promise<void> => {
    await chroma.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...chroma, folder, dataDir, log, close };
}
