/** Where something is in a JSON answer (`data[].id`) and the types it has there, such as `string` or `null|string`. */
export type Shape = Record<string, string>;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The shape of a JSON value. Elements of an array are taken together. */
export function shapeOf(value: unknown): Shape {
  const types = new Map<string, Set<string>>();
  collect(value as Json, '', types);
  return Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, names]) => [path, [...names].sort().join('|')]));
}

function collect(value: Json | undefined, path: string, types: Map<string, Set<string>>): void {
  const names = types.get(path) ?? new Set<string>();
  types.set(path, names.add(typeOf(value)));
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const element of value) collect(element, `${path}[]`, types);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    collect(inner, path === '' ? key : `${path}.${key}`, types);
  }
}

function typeOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** One line for each place where two shapes differ: `path: ours X, theirs Y`. Below a place that one side lacks nothing more is told. */
export function differences(ours: Shape, theirs: Shape): string[] {
  const lines: string[] = [];
  const missing: string[] = [];
  for (const path of [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort()) {
    if (missing.some((parent) => path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`))) continue;
    const [here, there] = [ours[path] ?? 'absent', theirs[path] ?? 'absent'];
    if (here === there) continue;
    if (here === 'absent' || there === 'absent') missing.push(path);
    lines.push(`${path}: runtime ${here}, Open WebUI ${there}`);
  }
  return lines;
}
