import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import type { Cases } from './cases.ts';
import type { ChromiumPage } from './chromium.ts';
import { exampleQuestions } from './questions.ts';
import type { Workflow } from './workflows.ts';

const BUTTON = '[data-test-id="workflow-chat-button"]';
const INPUT = '[data-test-id="chat-input"]';
const SEND = '.chat-input-send-button';
const MESSAGES = '.chat-messages-list';
/** The panel slides in in less. */
const SETTLE_MS = 800;

/** The chat in the editor of each workflow that starts with one; `open` opens a workflow. The editor shows the chat panel from then on. */
export async function chatWindowCases(cases: Cases, page: ChromiumPage, workflows: readonly Workflow[], open: (workflow: Workflow) => Promise<void>): Promise<void> {
  const [asked] = (await exampleQuestions()).questions;
  assert.ok(asked);
  for (const workflow of workflows.filter(({ nodes }) => nodes.some(({ type }) => type.endsWith('.chatTrigger')))) {
    await cases.test(`The chat window of the editor shows the answer of "${workflow.name}"`, async () => {
      await open(workflow);
      if (!(await page.evaluate<boolean>(`document.querySelector('${INPUT}') !== null`))) await page.click(BUTTON);
      await page.until('the chat is open', `document.querySelector('${INPUT}')`);
      await delay(SETTLE_MS);
      await page.click(INPUT);
      await page.write(asked.question);
      await page.click(SEND);
      await page.until('the answer is there', `document.querySelector('${MESSAGES}').innerText.includes(${JSON.stringify(asked.answerContains)})`);
    });
  }
}
