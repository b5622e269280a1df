import { settings } from './config.ts';

export type SettingDescription = { name: string; fallback: string; description: string };

/** Name, default (as it would be written in the environment) and description of every setting, in the schema's order. */
export function describeSettings(): SettingDescription[] {
  return Object.entries(settings).map(([name, schema]) => ({ name, fallback: fallbackOf(schema), description: schema.description ?? '' }));
}

/** The text that an unset variable stands for, found by walking through zod's wrappers. */
function fallbackOf(schema: unknown): string {
  let current = schema as { def?: { defaultValue?: string; in?: unknown; innerType?: unknown } } | undefined;
  while (current?.def !== undefined) {
    if (current.def.defaultValue !== undefined) return current.def.defaultValue;
    current = (current.def.in ?? current.def.innerType) as typeof current;
  }
  return '';
}
