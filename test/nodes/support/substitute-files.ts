import { glob, readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';

import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Json } from './engine-types.ts';
import { parametersOf } from './substitute-node.ts';

const MIME_TYPES: Record<string, string> = {
  '.csv': 'text/csv',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.html': 'text/html',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
};

/** Read/Write Files from Disk, reading: an item for each file of the selector; no file at all is an error. */
export async function readFiles(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const output: INodeExecutionData[] = [];
  for (const item of this.getInputData().keys()) {
    const { fileSelector, options } = parametersOf(this, item) as { fileSelector: string; options?: Json };
    const field = typeof options?.['dataPropertyName'] === 'string' ? options['dataPropertyName'] : 'data';
    const paths = (await Array.fromAsync(glob(fileSelector))).sort();
    if (paths.length === 0) throw new Error('No file(s) found');
    for (const path of paths) {
      const mimeType = MIME_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
      const binary = await this.helpers.prepareBinaryData(await readFile(path), basename(path), mimeType);
      const json = { fileName: basename(path), mimeType, fileExtension: extname(path).slice(1) };
      output.push({ json, binary: { [field]: binary }, pairedItem: { item } });
    }
  }
  return [output];
}
