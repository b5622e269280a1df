/** How often the memory is looked at, in milliseconds. */
const LOOK_EVERY_MS = 20;

/** Watches the memory (RSS) of the process during a run, as a whole and for each node. */
export class MemoryWatch {
  private readonly startBytes = process.memoryUsage.rss();
  private peakBytes = this.startBytes;
  private node: { name: string; startBytes: number; peakBytes: number } | undefined;
  private readonly rises: Record<string, number> = {};
  private readonly timer = setInterval(() => this.look(), LOOK_EVERY_MS);

  /** From here on the rise is counted for this node. */
  enter(name: string): void {
    this.leave();
    const rss = process.memoryUsage.rss();
    this.node = { name, startBytes: rss, peakBytes: rss };
  }

  /** The rise above the start of the run, and above the start of each node, in bytes. */
  stop(): { memoryRiseBytes: number; nodeMemoryRiseBytes: Record<string, number> } {
    clearInterval(this.timer);
    this.leave();
    return { memoryRiseBytes: this.peakBytes - this.startBytes, nodeMemoryRiseBytes: this.rises };
  }

  private leave(): void {
    this.look();
    if (this.node) this.rises[this.node.name] = this.node.peakBytes - this.node.startBytes;
  }

  private look(): void {
    const rss = process.memoryUsage.rss();
    this.peakBytes = Math.max(this.peakBytes, rss);
    if (this.node) this.node.peakBytes = Math.max(this.node.peakBytes, rss);
  }
}
