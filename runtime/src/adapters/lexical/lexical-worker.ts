import { parentPort, workerData } from 'node:worker_threads';
import { Collections } from './collections.ts';
import type { LexicalCommand, LexicalReply, LexicalRequest, LexicalResult, LexicalWorkerData } from './protocol.ts';

const reply = (message: LexicalReply): void => parentPort?.postMessage(message);

const collections = new Collections({
  ...(workerData as LexicalWorkerData),
  warn: (message, collection, reason) => reply({ type: 'warning', message, collection, reason }),
});

async function run(command: LexicalCommand): Promise<LexicalResult> {
  switch (command.type) {
    case 'files':
      return collections.use(command.collection, (index) => ({ result: index.files(), isChanged: false }));
    case 'addFile':
      return collections.use(command.collection, (index) => {
        index.addFile(command.file, command.packed);
        return { result: null, isChanged: true };
      });
    case 'removeFile':
      return collections.use(command.collection, (index) => ({ isChanged: index.removeFile(command.fileId), result: null }));
    case 'search':
      return collections.use(command.collection, (index) => ({ result: index.search(command.query, command.k), isChanged: false }));
    case 'drop':
      await collections.drop(command.collection);
      return null;
    case 'close':
      await collections.close();
      return null;
  }
}

parentPort?.on('message', ({ id, command }: LexicalRequest) => {
  run(command).then(
    (result) => reply({ type: 'done', id, result }),
    (error: unknown) => reply({ type: 'failed', id, message: String(error) }),
  );
});
