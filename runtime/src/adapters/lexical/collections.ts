import { CollectionIndex } from './collection-index.ts';
import { deleteIndexFile, readIndexFile, writeIndexFile } from './index-file.ts';

export type CollectionsOptions = {
  dir: string;
  quietMs: number;
  idleMs: number;
  /** Told when a file could not be read or written; the index goes on without it. */
  warn: (message: string, collection: string, reason: string) => void;
};

type OpenCollection = {
  index: Promise<CollectionIndex>;
  lastUsedMs: number;
  /** Calls that are waiting for it to be read. */
  waiting: number;
  /** Goes up with each change; a file is up to date when it was written at this value. */
  revision: number;
  savedRevision: number;
  saveTimer: NodeJS.Timeout | null;
};

/** The collections in memory: read on first use, written after a quiet moment, let go when nobody has used them for long. */
export class Collections {
  readonly #options: CollectionsOptions;
  readonly #open = new Map<string, OpenCollection>();
  /** Last disk operation of each collection: reading, writing and deleting its file never overlap. */
  readonly #disk = new Map<string, Promise<unknown>>();
  readonly #idleTimer: NodeJS.Timeout;

  constructor(options: CollectionsOptions) {
    this.#options = options;
    this.#idleTimer = setInterval(() => this.#unloadIdle(), Math.max(10, options.idleMs / 4));
    this.#idleTimer.unref();
  }

  /** Runs `use` on a collection's index, in the order of calls; `use` says whether it changed anything. */
  async use<T>(collection: string, use: (index: CollectionIndex) => { result: T; isChanged: boolean }): Promise<T> {
    const entry = this.#open.get(collection) ?? this.#load(collection);
    entry.lastUsedMs = Date.now();
    entry.waiting += 1;
    const index = await entry.index;
    entry.waiting -= 1;
    const { result, isChanged } = use(index);
    if (isChanged) this.#noteChange(collection, entry);
    return result;
  }

  async drop(collection: string): Promise<void> {
    const entry = this.#open.get(collection);
    if (entry?.saveTimer) clearTimeout(entry.saveTimer);
    this.#open.delete(collection);
    await this.#onDisk(collection, () => deleteIndexFile(this.#options.dir, collection));
  }

  /** Writes what has changed and stops the timers. */
  async close(): Promise<void> {
    clearInterval(this.#idleTimer);
    await Promise.all(Array.from(this.#open, ([collection, entry]) => this.#save(collection, entry)));
  }

  #load(collection: string): OpenCollection {
    const index = this.#onDisk(collection, () => this.#read(collection));
    const entry: OpenCollection = { index, lastUsedMs: Date.now(), waiting: 0, revision: 0, savedRevision: 0, saveTimer: null };
    this.#open.set(collection, entry);
    return entry;
  }

  async #read(collection: string): Promise<CollectionIndex> {
    try {
      return new CollectionIndex((await readIndexFile(this.#options.dir, collection)) ?? undefined);
    } catch (error) {
      this.#options.warn('The lexical index file cannot be used; the collection starts empty and is filled again', collection, String(error));
      return new CollectionIndex();
    }
  }

  #noteChange(collection: string, entry: OpenCollection): void {
    entry.revision += 1;
    if (entry.saveTimer) clearTimeout(entry.saveTimer);
    entry.saveTimer = setTimeout(() => void this.#save(collection, entry), this.#options.quietMs);
    entry.saveTimer.unref();
  }

  /** Never rejects: a file that could not be written costs time at the next start, no more. */
  async #save(collection: string, entry: OpenCollection): Promise<void> {
    if (entry.saveTimer) clearTimeout(entry.saveTimer);
    entry.saveTimer = null;
    const index = await entry.index;
    await this.#onDisk(collection, async () => {
      if (entry.savedRevision === entry.revision || this.#open.get(collection) !== entry) return;
      const revision = entry.revision;
      try {
        await writeIndexFile(this.#options.dir, collection, index.snapshot());
        entry.savedRevision = revision;
      } catch (error) {
        this.#options.warn('The lexical index file could not be written', collection, String(error));
      }
    });
  }

  #unloadIdle(): void {
    const now = Date.now();
    for (const [collection, entry] of this.#open) {
      if (entry.waiting > 0 || now - entry.lastUsedMs < this.#options.idleMs) continue;
      if (entry.savedRevision === entry.revision) this.#open.delete(collection);
      else void this.#save(collection, entry);
    }
  }

  #onDisk<T>(collection: string, operation: () => Promise<T>): Promise<T> {
    const before = this.#disk.get(collection) ?? Promise.resolve();
    const result = before.then(operation, operation);
    this.#disk.set(collection, result);
    const forget = (): void => {
      if (this.#disk.get(collection) === result) this.#disk.delete(collection);
    };
    result.then(forget, forget);
    return result;
  }
}
