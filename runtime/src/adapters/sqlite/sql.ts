import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** The few calls that the table modules make, with each statement prepared once per connection. */
export type Sql = {
  /** Runs a statement and returns how many rows it changed. */
  run(text: string, ...values: SQLInputValue[]): number;
  /** First row. `Row` names the selected columns; the statements of a module stand beside their row types. */
  get<Row>(text: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(text: string, ...values: SQLInputValue[]): Row[];
};

export function createSql(database: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>();
  const statement = (text: string): StatementSync => {
    let found = prepared.get(text);
    if (found === undefined) {
      found = database.prepare(text);
      prepared.set(text, found);
    }
    return found;
  };
  return {
    run: (text, ...values) => Number(statement(text).run(...values).changes),
    get: <Row>(text: string, ...values: SQLInputValue[]) => statement(text).get(...values) as Row | undefined,
    all: <Row>(text: string, ...values: SQLInputValue[]) => statement(text).all(...values) as Row[],
  };
}

/** What the writing modules of the writer's thread work with; `nowMs` is the time at which the running call was made. */
export type WriteContext = { readonly sql: Sql; nowMs: number };
