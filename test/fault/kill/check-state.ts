import type { Ledger } from './ledger.ts';
import type { StoredState } from './stored-state.ts';

/** Right after a kill: whatever moment it was, no row contradicts another. */
export function checkAfterKill(state: StoredState): string[] {
  return state.contradictions.filter((problem) => !problem.includes('completed file with a chunk'));
}

/** When all work is done: rows, blobs and the client's account agree (I1, I3, I4, I5, I7). */
export function checkSettled(state: StoredState, ledger: Ledger): string[] {
  const problems = [...state.contradictions];
  const rows = new Map(state.files.map((file) => [file.id, file]));
  if (state.jobs > 0) problems.push(`${state.jobs} jobs are left`);
  for (const file of state.files) {
    if (file.isHidden) problems.push(`I3 the row of deleted ${file.filename} is still there`);
    if (file.status !== 'completed' && file.status !== 'failed') problems.push(`I7 ${file.filename} is still ${file.status}`);
    if (file.status === 'failed' && (file.error ?? '') === '') problems.push(`${file.filename} failed without a reason`);
  }
  if (state.blobs.join() !== [...rows.keys()].sort().join()) problems.push(`I5 there are ${state.blobs.length} blobs for ${rows.size} rows`);
  for (const file of ledger.files) {
    const row = rows.get(file.id);
    const { name, outcome } = file.document;
    if (file.isDeleted === 'no' && row === undefined) problems.push(`I1 acknowledged ${name} has no row`);
    if (file.isDeleted === 'yes' && row !== undefined) problems.push(`I3 deleted ${name} has a row`);
    if (row !== undefined && row.status !== outcome) problems.push(`${name} is ${row.status} (${row.error}), not ${outcome}`);
  }
  const acked = new Set(ledger.files.map((file) => file.id));
  for (const row of state.files) {
    const known = acked.has(row.id) ? null : ledger.unanswered.get(row.filename);
    if (known === undefined) problems.push(`${row.filename} (${row.id}) was never uploaded`);
    if (known && row.status !== known.outcome) problems.push(`unanswered ${row.filename} is ${row.status} (${row.error}), not ${known.outcome}`);
  }
  return [...problems, ...checkLinks(state, ledger)];
}

/** Acknowledged links hold; of equal texts one file of a knowledge base carries the link. */
function checkLinks(state: StoredState, ledger: Ledger): string[] {
  const problems: string[] = [];
  const copies = new Map<string, number>();
  for (const file of ledger.files) copies.set(file.document.bytes.toString('base64'), (copies.get(file.document.bytes.toString('base64')) ?? 0) + 1);
  for (const file of ledger.files) {
    if (file.isDeleted !== 'no' || file.document.outcome !== 'completed') continue;
    const isCopy = (copies.get(file.document.bytes.toString('base64')) ?? 0) > 1;
    for (const [knowledgeId, certainty] of file.linked) {
      const isLinked = state.links.get(knowledgeId)?.includes(file.id) === true;
      if (certainty === 'yes' && !isLinked && !isCopy) problems.push(`the acknowledged link of ${file.document.name} is lost`);
      if (certainty === 'no' && isLinked) problems.push(`the removed link of ${file.document.name} is back`);
    }
  }
  return problems;
}
