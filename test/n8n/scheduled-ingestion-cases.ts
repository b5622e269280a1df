import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ask } from './ask.ts';
import type { LaneExample } from './examples.ts';
import { executeByHand } from './execute-by-hand.ts';
import { eventually } from './processes.ts';
import { nodeOf, setSetting } from './workflows.ts';

/** Folder ingestion: by hand, and by its schedule every few seconds. */
export const scheduledIngestion: LaneExample = {
  fileName: 'scheduled-ingestion.json',

  prepare(workflow, inbox) {
    setSetting(workflow, 'folder', inbox);
    nodeOf(workflow, 'Every Hour').parameters['rule'] = { interval: [{ field: 'seconds', secondsInterval: 5 }] };
  },

  async byHand(cases, lane, workflow) {
    await cases.test('The ingestion example uploads every file of the folder and adds it to the knowledge base', async () => {
      const files = (await readdir(lane.inbox)).toSorted();
      assert.notEqual(files.length, 0);
      const output = await executeByHand(lane, workflow);
      const uploaded = output.itemsOf('Upload File');
      assert.deepEqual(uploaded.map(({ filename }) => filename).toSorted(), files);
      assert.deepEqual(uploaded.map(({ status, action }) => ({ status, action })), files.map(() => ({ status: 'completed', action: 'uploaded' })));
      const added = output.itemsOf('Add to Knowledge');
      assert.deepEqual(added.map(({ action, fileCount }) => ({ action, fileCount })), files.map((_, index) => ({ action: 'added', fileCount: index + 1 })));
      assert.deepEqual(added.map(({ fileId }) => fileId), uploaded.map(({ id }) => id));
    });

    await cases.test('The ingestion example, run again, uploads and adds nothing', async () => {
      const output = await executeByHand(lane, workflow);
      const actions = (node: string): unknown[] => [...new Set(output.itemsOf(node).map(({ action }) => action))];
      assert.deepEqual(actions('Upload File'), ['reused']);
      assert.deepEqual(actions('Add to Knowledge'), ['unchanged']);
    });
  },

  async published(cases, lane, workflow, rest) {
    await cases.test('The schedule runs by itself, and what was put into the folder can be asked about', async () => {
      await writeFile(join(lane.inbox, 'lunch.txt'), 'The canteen serves lunch from 11:40 until 13:55 on the seventh floor.\n');
      const found = await eventually('the answer names lunch.txt', async () => {
        const reply = await ask(lane, 'When does the canteen serve lunch?');
        return reply.sources.some(({ file }) => file === 'lunch.txt') ? reply : undefined;
      });
      assert.match(found.answer, /11:40/);
      const scheduled = (await rest.executions(workflow.id)).filter(({ mode }) => mode === 'trigger');
      assert.notEqual(scheduled.length, 0);
      assert.deepEqual(scheduled.filter(({ status }) => !['success', 'running', 'new'].includes(status)), []);
    });
  },
};
