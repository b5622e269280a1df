import assert from 'node:assert/strict';

import type { LaneExample } from './examples.ts';
import { executeByHand } from './execute-by-hand.ts';
import { eventually } from './processes.ts';
import { nodeOf, setSetting } from './workflows.ts';

/** Nightly evaluation: by hand, with its alarm, and by its schedule every few seconds. */
export const nightlyEvaluation: LaneExample = {
  fileName: 'nightly-evaluation.json',

  prepare(workflow) {
    nodeOf(workflow, 'Every Night').parameters['rule'] = { interval: [{ field: 'seconds', secondsInterval: 10 }] };
  },

  async byHand(cases, lane, workflow) {
    await cases.test('The evaluation, run by hand, finds all seven answers and sources right', async () => {
      const output = await executeByHand(lane, workflow);
      assert.deepEqual(output.itemsOf('Report'), [{ asked: 7, right: 7, percent: 100, wrong: [] }]);
      assert.equal(output.itemsOf('Fine').length, 1);
    });

    await cases.test('The evaluation ends with its alarm when too few answers are right', async () => {
      const strict = { ...structuredClone(workflow), id: 'NightlyEvaluation2', name: 'Evaluation with an alarm' };
      setSetting(strict, 'minimumPercent', 101);
      await lane.n8n.importWorkflows([strict]);
      await assert.rejects(executeByHand(lane, strict), /7 of 7 answers are right, wanted are 101 percent/);
    });
  },

  async published(cases, _lane, workflow, rest) {
    await cases.test('The evaluation runs by its schedule and is content', async () => {
      const finished = await eventually('a scheduled evaluation has ended', async () =>
        (await rest.executions(workflow.id)).find(({ mode, status }) => mode === 'trigger' && !['running', 'new'].includes(status)),
      );
      assert.equal(finished.status, 'success');
    });
  },
};
