import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { post } from './ask.ts';
import type { ChatAnswer } from './ask.ts';
import type { LaneExample } from './examples.ts';
import { executeByHand } from './execute-by-hand.ts';
import type { Lane } from './lane.ts';
import { eventually } from './processes.ts';
import { KNOWLEDGE_NAME, nodeOf, setSetting } from './workflows.ts';

const LUNCH = 'When does the canteen serve lunch?';

/** Waits until the chat example answers the question with these words, or with status 404 when there are none. */
async function untilAnswered(lane: Lane, question: string, words?: string): Promise<ChatAnswer> {
  return await eventually(`the answer is ${words ?? 'status 404'}`, async () => {
    const { status, text } = await post(lane, question);
    const reply = JSON.parse(text) as ChatAnswer;
    const isIt = words === undefined ? status === 404 : status === 200 && reply.answer.includes(words);
    return isIt ? reply : undefined;
  });
}

/** Folder ingestion: by hand, and by its schedule every few seconds. */
export const scheduledIngestion: LaneExample = {
  fileName: 'scheduled-ingestion.json',

  prepare(workflow, inbox) {
    setSetting(workflow, 'folder', inbox);
    nodeOf(workflow, 'Every Hour').parameters['rule'] = { interval: [{ field: 'seconds', secondsInterval: 5 }] };
  },

  async byHand(cases, lane, workflow) {
    const nothing = { knowledge: KNOWLEDGE_NAME, added: [], changed: [], removed: [], failed: [] };
    const files = (await readdir(lane.inbox)).toSorted();
    assert.notEqual(files.length, 0);

    const first = await cases.test('The ingestion example puts every file of the folder into the knowledge base', async () => {
      const output = await executeByHand(lane, workflow);
      const [summary] = output.itemsOf('Summary') as { added: string[] }[];
      assert.deepEqual({ ...summary, added: summary?.added.toSorted() }, { ...nothing, files: files.length, added: files });
      return output.itemsOf('Upload File');
    });

    await cases.test('The ingestion example, run again, sends no file', async () => {
      const output = await executeByHand(lane, workflow);
      assert.deepEqual(output.itemsOf('Summary'), [{ ...nothing, files: files.length }]);
      const uploaded = output.itemsOf('Upload File');
      assert.deepEqual([...new Set(uploaded.map(({ change }) => change))], ['unchanged']);
      assert.deepEqual(uploaded.map(({ id }) => id), first?.map(({ id }) => id));
    });
  },

  async published(cases, lane, workflow, rest) {
    const lunch = join(lane.inbox, 'lunch.txt');
    const broken = join(lane.inbox, 'broken.pdf');

    await cases.test('The schedule runs by itself: a new file can be asked about, although another one cannot be read', async () => {
      await writeFile(broken, '%PDF-1.7\nThis file ends here.');
      await writeFile(lunch, 'The canteen serves lunch from 11:40 until 13:55 on the seventh floor.\n');
      const { sources } = await untilAnswered(lane, LUNCH, '11:40');
      assert.deepEqual(sources.map(({ file }) => file), ['lunch.txt']);
    });

    await cases.test('The schedule puts a changed file in the place of its older version', async () => {
      await writeFile(lunch, 'The canteen serves lunch from 12:20 until 14:10 on the seventh floor.\n');
      const { answer, sources } = await untilAnswered(lane, LUNCH, '12:20');
      assert.ok(!answer.includes('11:40'), answer);
      assert.deepEqual(sources.map(({ file }) => file), ['lunch.txt']);
    });

    await cases.test('The schedule takes a deleted file out of the knowledge base', async () => {
      await rm(lunch);
      await untilAnswered(lane, LUNCH);
      await rm(broken);
    });

    await cases.test('No run of the schedule has failed', async () => {
      const scheduled = (await rest.executions(workflow.id)).filter(({ mode }) => mode === 'trigger');
      assert.notEqual(scheduled.length, 0);
      assert.deepEqual(scheduled.filter(({ status }) => !['success', 'running', 'new'].includes(status)), []);
    });
  },
};
