import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../domain/errors.ts';
import type { Call, Reply } from './worker-protocol.ts';
import { isFailedSync, toWireError } from './wire-error.ts';

/** Runs a call's function; the caller of `createGroupCommit` supplies it. */
export type Execute = (call: Call) => unknown;

/**
 * Runs calls that queued up behind one another in one transaction, so that they share one fsync. Each has a savepoint of
 * its own: a failing one leaves the others alone. When the transaction as a whole cannot be committed (a full disk, say),
 * each call is tried alone. Replies are made after the commit. After a failed fsync every write is refused until a restart.
 */
export function createGroupCommit(database: DatabaseSync, folder: string, execute: Execute): (calls: readonly Call[]) => Reply[] {
  let broken: AppError | null = null;

  const fail = (call: Call, error: unknown): Reply => {
    if (isFailedSync(error)) {
      broken = new AppError('STORAGE_FAILED', 'The disk failed to confirm a write; nothing is written any more until the program is restarted.');
    }
    return { id: call.id, error: toWireError(error, folder) };
  };
  const rollBack = (): void => {
    if (database.isTransaction) database.exec('ROLLBACK');
  };

  const runAlone = (call: Call): Reply => {
    if (broken !== null) return fail(call, broken);
    try {
      database.exec('BEGIN IMMEDIATE');
      const value = execute(call);
      database.exec('COMMIT');
      return { id: call.id, value };
    } catch (error) {
      rollBack();
      return fail(call, error);
    }
  };

  /** Throws when the transaction was lost: nothing of it is in the database then. */
  const runTogether = (calls: readonly Call[]): Reply[] => {
    const replies: Reply[] = [];
    database.exec('BEGIN IMMEDIATE');
    for (const call of calls) {
      database.exec('SAVEPOINT one_call');
      try {
        replies.push({ id: call.id, value: execute(call) });
      } catch (error) {
        if (!database.isTransaction) throw error;
        database.exec('ROLLBACK TO one_call');
        replies.push(fail(call, error));
      }
      database.exec('RELEASE one_call');
    }
    database.exec('COMMIT');
    return replies;
  };

  return (calls) => {
    if (calls.length === 1 || broken !== null) return calls.map(runAlone);
    try {
      return runTogether(calls);
    } catch (error) {
      rollBack();
      return isFailedSync(error) ? calls.map((call) => fail(call, error)) : calls.map(runAlone);
    }
  };
}
