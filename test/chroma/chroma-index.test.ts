import { openChroma } from './open-chroma.ts';
import { describeVectorIndex } from './vector-index-contract.ts';

describeVectorIndex('Chroma in a child process', () => openChroma());
