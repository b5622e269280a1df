import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SRC = join(ROOT, 'runtime', 'src');
/** The composition root: the only files that see every layer. */
const COMPOSITION = new Set(['main.ts', 'service.ts', 'models.ts']);
const MAX_LINES = 300;
/** Files over the limit, each with its reason. */
const LONG_FILES = new Map<string, string>([]);

const SOURCE_FOLDERS = ['runtime/src', 'nodes', 'credentials', 'test', 'examples', 'bench', 'tools/docs'];

type Layer = 'domain' | 'ports' | 'usecases' | 'http' | 'adapters' | 'root';

const ALLOWED: Record<Layer, { layers: Layer[]; thirdParty: RegExp | null }> = {
  domain: { layers: ['domain'], thirdParty: null },
  ports: { layers: ['domain', 'ports'], thirdParty: null },
  usecases: { layers: ['domain', 'ports', 'usecases'], thirdParty: null },
  http: { layers: ['domain', 'http', 'ports', 'usecases'], thirdParty: /^(fastify|@fastify\/|zod|prom-client|swagger-ui-dist)/u },
  adapters: { layers: ['domain', 'ports', 'adapters'], thirdParty: /./u },
  root: { layers: ['domain', 'ports', 'usecases', 'http', 'adapters', 'root'], thirdParty: /^zod$/u },
};

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules') && !entry.parentPath.includes(`${sep}dist`))
    .map((entry) => join(entry.parentPath, entry.name));
}

function layerOf(file: string): Layer {
  const [first] = relative(SRC, file).split(sep);
  return first === 'domain' || first === 'ports' || first === 'usecases' || first === 'http' || first === 'adapters' ? first : 'root';
}

function importsOf(file: string): Array<{ specifier: string; isTypeOnly: boolean }> {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gmu);
  return [...statements].map((match) => ({ specifier: match[2] ?? match[3] ?? match[4] ?? '', isTypeOnly: match[1] !== undefined }));
}

function wrongImports(file: string): string[] {
  const layer = layerOf(file);
  const rule = ALLOWED[layer];
  const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:') || builtinModules.includes(specifier);
  return importsOf(file).flatMap(({ specifier, isTypeOnly }) => {
    const shown = `${relative(ROOT, file)} imports ${specifier}`;
    if (!specifier.startsWith('.')) {
      if (isBuiltin(specifier)) return layer === 'domain' && specifier !== 'node:crypto' ? [`${shown}: the domain does no I/O`] : [];
      return rule.thirdParty?.test(specifier) === true ? [] : [`${shown}: a package that this layer may not know`];
    }
    const target = join(dirname(file), specifier);
    const targetLayer = layerOf(target);
    if (!rule.layers.includes(targetLayer)) return [`${shown}: ${layer} may not know ${targetLayer}`];
    if (layer === 'http' && (targetLayer === 'usecases' || targetLayer === 'ports') && !isTypeOnly) return [`${shown}: http takes only types from there`];
    if (layer === 'adapters' && targetLayer === 'adapters') {
      const [own, other] = [file, target].map((path) => relative(join(SRC, 'adapters'), path).split(sep)[0]);
      if (own !== other) return [`${shown}: an adapter knows only its own folder`];
    }
    return [];
  });
}

describe('the layers', () => {
  it('import in one direction: http -> usecases -> ports <- adapters', () => {
    const wrong = filesBelow(SRC).filter((file) => !COMPOSITION.has(relative(SRC, file))).flatMap(wrongImports);
    expect(wrong).toEqual([]);
  });

  it('keep nodes and runtime apart: they share nothing but the HTTP contract', () => {
    const crossing = [...filesBelow(join(ROOT, 'nodes')), ...filesBelow(join(ROOT, 'credentials'))].filter((file) =>
      importsOf(file).some(({ specifier }) => specifier.includes('runtime')),
    );
    expect(crossing).toEqual([]);
  });

  it('read the environment in one place', () => {
    const readers = filesBelow(SRC)
      .filter((file) => /process\.env/u.test(readFileSync(file, 'utf8')))
      .map((file) => relative(SRC, file))
      .filter((file) => file !== 'main.ts' && !file.startsWith(join('adapters', 'chroma')));
    expect(readers).toEqual([]);
  });

  it('do not import in circles', () => {
    const graph = new Map(
      filesBelow(SRC).map((file) => [file, importsOf(file).filter((one) => one.specifier.startsWith('.') && !one.isTypeOnly).map((one) => join(dirname(file), one.specifier))]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].map((one) => relative(SRC, one)).join(' -> '));
      if (path.includes(file) || done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });
});

describe('the files', () => {
  it(`stay under ${MAX_LINES} lines`, () => {
    const tooLong = SOURCE_FOLDERS.flatMap((folder) => filesBelow(join(ROOT, folder)))
      .map((file) => ({ file: relative(ROOT, file), lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
      .filter(({ file, lines }) => lines > MAX_LINES && !LONG_FILES.has(file));
    expect(tooLong).toEqual([]);
  });

  it('hold no loose ends', () => {
    const looseEnd = new RegExp(['TO' + 'DO', 'FIX' + 'ME', '@ts-ig' + 'nore', '@ts-expect-err' + 'or', 'eslint-dis' + 'able', '\\.on' + 'ly\\('].join('|'), 'u');
    const found = SOURCE_FOLDERS.flatMap((folder) => filesBelow(join(ROOT, folder)))
      .filter((file) => looseEnd.test(readFileSync(file, 'utf8')))
      .map((file) => relative(ROOT, file));
    expect(found).toEqual([]);
  });
});
