import { it } from '@jest/globals';

/** Whether the engines of this run are n8n 2.0, the oldest n8n that the nodes work with (environment N8N_CORE=2.0). */
export const isOlderHost = process.env['N8N_CORE'] === '2.0';

/** A test of what n8n 2.0 cannot do: the title ends in "(newer n8n only: reason)", and there it is reported as skipped. */
export function newerHostOnly(sentence: string, reason: string, test: () => Promise<void>): void {
  (isOlderHost ? it.skip : it)(`${sentence} (newer n8n only: ${reason})`, test);
}
