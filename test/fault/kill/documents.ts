import { latinPdf } from '../../fixtures/build-pdf.ts';

/** A document of the kill loop and how its processing must end. */
export type KillDocument = { name: string; bytes: Buffer; contentType: string; outcome: 'completed' | 'failed' };

const TOPICS = ['pump', 'valve', 'lamp', 'gearbox', 'turbine', 'ledger', 'bicycle', 'greenhouse', 'antenna', 'kettle', 'harbour', 'orchard'];
const CITIES = ['Osaka', 'Lisbon', 'Tampere', 'Quito', 'Dakar', 'Perth', 'Sapporo', 'Bergen'];

function sentences(number: number, count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const topic = TOPICS[(number * 7 + at * 5) % TOPICS.length];
    const city = CITIES[(number * 3 + at) % CITIES.length];
    return `Record ${number}-${at}: the ${topic} with serial N${number * 131 + at * 17} was inspected in ${city} and weighs ${(number * 37 + at * 11) % 900} kg.`;
  });
}

function japanese(number: number): string {
  return Array.from({ length: 12 }, (_, at) => `記録${number}の${at}番。製品番号${number * 131 + at}の検査は東京工場で行われ、重さは${(number * 37 + at) % 900}キログラムでした。`).join('\n');
}

/** The document number `number`: formats in turn; each tenth repeats the text of an earlier one, two kinds have no text to find. */
export async function killDocument(number: number): Promise<KillDocument> {
  const base = `doc-${String(number).padStart(4, '0')}`;
  // A copy of another text under its own name.
  if (number % 10 === 9) return { name: `${base}.txt`, bytes: Buffer.from(sentences(5, 20).join('\n')), contentType: 'text/plain', outcome: 'completed' };
  switch (number % 8) {
    case 0:
      return { name: `${base}.md`, bytes: Buffer.from(`# Report ${number}\n\n${sentences(number, 30).join('\n\n')}`), contentType: 'text/markdown', outcome: 'completed' };
    case 1:
      return { name: `${base}.txt`, bytes: Buffer.from(sentences(number, 12).join(' ')), contentType: 'text/plain', outcome: 'completed' };
    case 2:
      return { name: `記録-${base}.txt`, bytes: Buffer.from(japanese(number)), contentType: 'text/plain', outcome: 'completed' };
    case 3:
      return { name: `${base}.csv`, bytes: Buffer.from(['item,city,text', ...sentences(number, 15).map((text, at) => `${at},${CITIES[at % CITIES.length]},"${text}"`)].join('\n')), contentType: 'text/csv', outcome: 'completed' };
    case 4:
      return { name: `${base}.html`, bytes: Buffer.from(`<html><body><h1>Report ${number}</h1>${sentences(number, 15).map((text) => `<p>${text}</p>`).join('')}</body></html>`), contentType: 'text/html', outcome: 'completed' };
    case 5:
      return { name: `${base}.json`, bytes: Buffer.from(JSON.stringify({ number, records: sentences(number, 10) })), contentType: 'application/json', outcome: 'completed' };
    case 6:
      return { name: `${base}.pdf`, bytes: await latinPdf([sentences(number, 12), sentences(number + 1000, 12)]), contentType: 'application/pdf', outcome: 'completed' };
    default:
      return number % 16 === 7
        ? { name: `${base}-blank.txt`, bytes: Buffer.from(' \n\t '), contentType: 'text/plain', outcome: 'failed' }
        : { name: `${base}-broken.pdf`, bytes: Buffer.from(`%PDF-1.7\n1 0 obj << broken ${number}`), contentType: 'application/pdf', outcome: 'failed' };
  }
}
