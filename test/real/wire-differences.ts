/** What the two servers answer differently on purpose. `at` is the line that the comparison gives. */
export type Difference = { step: string; at: string; reason: string };

const PROCESSING = 'The runtime tells how many chunks a file has and how long its processing took; additional keys harm no client.';
const PLACE = 'The runtime tells where a passage ends and its fused score; `distances` keep Open WebUI’s meaning.';

/** The same two keys wherever the metadata of a processed file is shown. */
const processed = (step: string, meta: string): Difference[] => [
  { step, at: `${meta}.chunk_count: runtime number, Open WebUI absent`, reason: PROCESSING },
  { step, at: `${meta}.processing_ms: runtime number, Open WebUI absent`, reason: PROCESSING },
];

const passage = (step: string, metadata: string): Difference[] => [
  { step, at: `${metadata}.end_index: runtime number, Open WebUI absent`, reason: PLACE },
  { step, at: `${metadata}.score: runtime number, Open WebUI absent`, reason: PLACE },
];

/** A passage that a chat rests on. */
const source = (step: string, metadata: string): Difference[] => [
  ...passage(step, metadata),
  { step, at: `${metadata}.source_number: runtime number, Open WebUI absent`, reason: 'The runtime tells the number by which the answer cites the document.' },
];

/** Every deliberate difference, and nothing else: the comparison fails for one that is missing here, and for one that is no more. */
export const DIFFERENCES: readonly Difference[] = [
  ...processed('the record of a file', 'meta'),
  ...processed('the list of files', 'items[].meta'),
  ...processed('a search for a file', '[].meta'),
  ...processed('adding a file', 'files[].meta'),
  ...processed('the files of a knowledge base', 'items[].meta'),
  ...passage('the closest chunks of a collection', 'metadatas[][]'),
  ...source('a chat with a collection', 'sources[].metadata[]'),
  ...source('a streamed chat with a collection', 'events[].sources[].metadata[]'),
];
