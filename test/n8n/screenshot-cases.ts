import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Cases } from './cases.ts';
import { chatWindowCases } from './chat-window-cases.ts';
import { ChromiumPage } from './chromium.ts';
import { galleryWorkflow } from './gallery.ts';
import { PACKAGE_NAME } from './pack.ts';
import { eventually } from './processes.ts';
import type { N8nRest } from './rest.ts';
import { watchWorkflow } from './watch-cases.ts';
import { CREDENTIAL_ID, KNOWLEDGE_NAME } from './workflows.ts';
import type { Workflow } from './workflows.ts';

const SIZE = { width: 1440, height: 810 };
/** A form that is longer than this ends in its picture. */
const MAX_HEIGHT = 1500;
const MAX_PNG_BYTES = 300_000;
/** Animations of the editor (fade of a panel, fit to view) last less. */
const SETTLE_MS = 1200;

const NODES = '[data-test-id="canvas-node"]';
const SUCCESSES = '[data-test-id="canvas-node-status-success"]';
const TOASTS = '.el-notification';

export type Studio = {
  chromium: string;
  rest: N8nRest;
  workflows: readonly { workflow: Workflow; picture: string }[];
  /** Takes the pictures: those of workflows under `images`, those of nodes under `nodes`. */
  folder: string;
  /** Takes Chromium's profile. */
  workFolder: string;
};

/** Opens the examples and the nodes in the editor and takes a picture of each. */
export async function screenshotCases(cases: Cases, studio: Studio): Promise<void> {
  for (const name of ['images', 'nodes']) await mkdir(join(studio.folder, name), { recursive: true });
  const page = await ChromiumPage.open(studio.chromium, join(studio.workFolder, 'chromium'), SIZE);
  try {
    await page.setCookie(studio.rest.url, studio.rest.cookie);
    for (const { workflow, picture } of studio.workflows) {
      await cases.test(`The editor shows "${workflow.name}" with every node known`, async () => {
        const nodes = workflow.nodes.filter(({ type }) => !type.endsWith('.stickyNote'));
        await openWorkflow(page, studio, workflow.id, nodes.length);
        await take(page, studio, `images/${picture}`);
      });
    }
    await galleryCases(cases, page, studio);
    await triggerCase(cases, page, studio);
    await credentialCase(cases, page, studio);
    const workflows = studio.workflows.map(({ workflow }) => workflow);
    await chatWindowCases(cases, page, workflows, async ({ id, nodes }) => await openWorkflow(page, studio, id, nodes.filter(({ type }) => !type.endsWith('.stickyNote')).length));
  } finally {
    await page.close();
  }
}

async function knowledgeId(studio: Studio): Promise<string> {
  const [base] = await studio.rest.picker({ nodeType: `${PACKAGE_NAME}.openWebUiAddToKnowledge`, methodName: 'searchKnowledge', path: 'parameters.knowledge', filter: KNOWLEDGE_NAME });
  assert.ok(base, 'There is no knowledge base');
  return base.value;
}

/** A workflow of the six nodes that act, run by the editor's button, then the panel of each with its output. */
async function galleryCases(cases: Cases, page: ChromiumPage, studio: Studio): Promise<void> {
  const gallery = galleryWorkflow(await knowledgeId(studio));
  const id = await studio.rest.createWorkflow(gallery);

  await cases.test('All six nodes that act run one after another from the button of the editor', async () => {
    await openWorkflow(page, studio, id, gallery.nodes.length);
    await page.click('[data-test-id="execute-workflow-button"]');
    const { status } = await eventually('the execution is finished', async () => {
      const [execution] = await studio.rest.executions(id);
      return execution === undefined || ['new', 'running'].includes(execution.status) ? undefined : execution;
    });
    assert.equal(status, 'success');
    await page.until('every node is marked as done', `document.querySelectorAll('${SUCCESSES}').length >= ${gallery.nodes.length}`);
    await page.until('the messages are gone', `document.querySelector('${TOASTS}') === null`);
    await take(page, studio, 'nodes/nodes.png');
  });

  for (const { name, type } of gallery.nodes.filter((node) => node.type.startsWith(PACKAGE_NAME))) {
    await cases.test(`The panel of ${name} shows its form and its output`, async () => {
      await openPanel(page, name);
      await takePanel(page, studio, type);
    });
  }
}

/** The panel of the trigger after the button that fetches a test event. */
async function triggerCase(cases: Cases, page: ChromiumPage, studio: Studio): Promise<void> {
  const workflow = { ...watchWorkflow(KNOWLEDGE_NAME), id: undefined, name: 'Trigger gallery' };
  const id = await studio.rest.createWorkflow(workflow);
  await cases.test('The panel of Knowledge Trigger fetches a real file as its test event', async () => {
    const [node] = workflow.nodes;
    assert.ok(node);
    await openWorkflow(page, studio, id, 1);
    await openPanel(page, node.name);
    await page.click('[data-test-id="node-execute-button"]');
    await page.until('the output is there', `document.querySelector('[data-test-id="output-panel"]')?.innerText.includes('1 item')`);
    await page.until('the messages are gone', `document.querySelector('${TOASTS}') === null`);
    await takePanel(page, studio, node.type);
  });
}

async function credentialCase(cases: Cases, page: ChromiumPage, studio: Studio): Promise<void> {
  await cases.test('The form of the credential is complete', async () => {
    await page.goTo(`${studio.rest.url}/home/credentials/${CREDENTIAL_ID}`);
    await page.until('the form is there', `document.querySelector('[data-test-id="editCredential-modal"]')?.innerText.includes('Ignore SSL Issues')`);
    await delay(SETTLE_MS);
    await take(page, studio, 'nodes/credential.png');
  });
}

async function openPanel(page: ChromiumPage, name: string): Promise<void> {
  await page.click(`${NODES}[data-node-name="${name}"]`, 2);
  await page.until('the form is there', `document.querySelector('[data-test-id="node-parameters"] [data-test-id="credentials-label"]')`);
  await page.until('no part of the form is loading', `!document.querySelector('[data-test-id="ndv"]').innerText.includes('Loading')`);
}

/** The open panel, without a field that is marked as wrong; closes it. */
async function takePanel(page: ChromiumPage, studio: Studio, type: string): Promise<void> {
  await page.click('[data-test-id="output-panel"] [data-test-id="radio-button-schema"]');
  const issues = await page.evaluate<number>(`document.querySelectorAll('[data-test-id="ndv"] [data-test-id="parameter-issues"]').length`);
  assert.equal(issues, 0, 'A field of the form is marked as wrong');
  if (type.endsWith('OllamaEmbed')) await foldFirstField(page);
  await fitForm(page);
  const name = type.replace(`${PACKAGE_NAME}.openWebUi`, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  await take(page, studio, `nodes/${name}.png`);
  await page.resize(SIZE);
  assert.ok(await page.evaluate<boolean>(`document.querySelector('[data-test-id="ndv"]') !== null`), 'The panel has closed by itself');
  await page.press('Escape');
  await page.until('the panel is closed', `document.querySelector('[data-test-id="ndv"]') === null`);
}

/** Folds the first field of the output: a vector of hundreds of numbers hides the fields below it. */
async function foldFirstField(page: ChromiumPage): Promise<void> {
  const fields = '[data-test-id="output-panel"] [data-test-id="run-data-schema-item"]';
  await page.until('the output has its fields', `document.querySelectorAll('${fields}').length > 1`);
  await page.click(`${fields} .toggle`);
  // The list keeps the rows that it does not show, far outside of the page.
  const second = `[...document.querySelectorAll('${fields}')].map((row) => [row.innerText, row.getBoundingClientRect().top])`;
  await page.until('the field after it is seen', `${second}.some(([text, top]) => text.startsWith('similarity') && top > 0 && top < innerHeight)`);
}

/** Makes the page so high that the form of the panel is seen to its last option. */
async function fitForm(page: ChromiumPage): Promise<void> {
  const hidden = await page.evaluate<number>(`(() => {
    const form = document.querySelector('[data-test-id="node-parameters"]');
    let most = 0;
    for (let part = form; part !== null; part = part.parentElement) most = Math.max(most, part.scrollHeight - part.clientHeight);
    return most;
  })()`);
  if (hidden > 0) await page.resize({ ...SIZE, height: Math.min(MAX_HEIGHT, SIZE.height + hidden) });
}

async function openWorkflow(page: ChromiumPage, studio: Studio, id: string, nodeCount: number): Promise<void> {
  await page.goTo(`${studio.rest.url}/workflow/${id}`);
  await page.until('every node is drawn', `document.querySelectorAll('${NODES}').length >= ${nodeCount}`);
  const unknown = await page.evaluate<number>(`[...document.querySelectorAll('${NODES}')].filter((node) => node.innerText.includes('Install this node')).length`);
  assert.equal(unknown, 0, 'n8n does not know a node of the workflow');
  // The empty box of the code editor's tips stands in the corner of the page.
  await page.evaluate(`document.head.append(Object.assign(document.createElement('style'), { textContent: '#cm-tooltip-container { display: none }' })), true`);
  await delay(SETTLE_MS);
  await page.click('[data-test-id="zoom-to-fit"]');
}

async function take(page: ChromiumPage, studio: Studio, fileName: string): Promise<void> {
  await page.pointAt(SIZE.width / 2, 1);
  await delay(SETTLE_MS);
  const picture = await page.screenshot();
  assert.ok(picture.length < MAX_PNG_BYTES, `${fileName} has ${picture.length} bytes`);
  await writeFile(join(studio.folder, fileName), picture);
}
