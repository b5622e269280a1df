export type Json = Record<string, unknown>;

type Run = { data?: { main: ({ json: Json }[] | null)[] } };
type Report = { status?: string; data: { resultData: { runData: Record<string, Run[]>; error?: { message: string } } } };

/** What `n8n execute --rawOutput` printed: the execution as JSON between log lines. */
export class ExecutionOutput {
  private readonly report: Report;

  /** Throws when there is no JSON in the text, or the execution ended with an error. */
  constructor(stdout: string) {
    const [text] = /^\{$[\s\S]*?^\}$/m.exec(stdout) ?? [];
    if (text === undefined) throw new Error(`n8n printed no execution:\n${stdout}`);
    this.report = JSON.parse(text) as Report;
    const { error } = this.report.data.resultData;
    if (error !== undefined) throw new Error(`The execution failed: ${error.message}`);
  }

  /** The items that a node gave in its first run. */
  itemsOf(nodeName: string): Json[] {
    const [run] = this.report.data.resultData.runData[nodeName] ?? [];
    return (run?.data?.main[0] ?? []).map(({ json }) => json);
  }
}
