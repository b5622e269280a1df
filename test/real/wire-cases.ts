import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { Cases } from '../n8n/cases.ts';
import type { Answer, Target } from './client.ts';
import { DIFFERENCES } from './wire-differences.ts';
import { differences, shapeOf } from './wire-shape.ts';
import { WIRE_STEPS } from './wire-steps.ts';
import type { Made, WireStep } from './wire-steps.ts';

/** Sends the same requests to the runtime and to the real Open WebUI; status, media type, keys and types must be equal, and so must the texts of errors. */
export async function wireCases(cases: Cases, runtime: Target, openWebUi: Target, model: string): Promise<void> {
  const run = randomUUID().slice(0, 8);
  const made = (): Made => ({ run, model, fileId: '', otherId: '', knowledgeId: '' });
  const [ours, theirs] = [made(), made()];
  for (const step of WIRE_STEPS) {
    const expected = DIFFERENCES.filter((difference) => difference.step === step.name);
    const but = expected.length === 0 ? 'alike' : `alike but for ${expected.length} deliberate difference${expected.length === 1 ? '' : 's'}`;
    await cases.test(`the runtime and Open WebUI answer ${but}: ${step.name}`, async () => {
      const [here, there] = [await take(step, runtime, ours), await take(step, openWebUi, theirs)];
      assert.deepEqual(compared(step, [here, ours], [there, theirs]).sort(), expected.map(({ at }) => at).sort(), `${here.text.slice(0, 1500)}\n${there.text.slice(0, 1500)}`);
    });
  }
}

async function take(step: WireStep, target: Target, made: Made): Promise<Answer> {
  const answer = await step.send(target, made);
  await step.keep?.(answer, made, target);
  return answer;
}

function compared(step: WireStep, [here, ours]: [Answer, Made], [there, theirs]: [Answer, Made]): string[] {
  const lines: string[] = [];
  if (here.status !== there.status) lines.push(`status: runtime ${here.status}, Open WebUI ${there.status}`);
  if (here.type !== there.type) lines.push(`media type: runtime ${here.type}, Open WebUI ${there.type}`);
  const picked = (answer: Answer, made: Made): unknown => (answer.status < 400 ? (step.pick?.(answer, made) ?? answer.json) : answer.json);
  lines.push(...differences(shapeOf(picked(here, ours)), shapeOf(picked(there, theirs))));
  const detail = here.json?.detail as unknown;
  if (here.status >= 400 && typeof detail === 'string' && detail !== there.json?.detail) lines.push(`detail: runtime "${detail}", Open WebUI "${String(there.json?.detail)}"`);
  return lines;
}
