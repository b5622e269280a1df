import { z } from 'zod';
import type { UseCases } from '../../usecases/use-cases.ts';
import type { Router } from '../router.ts';
import { queryBoolean } from '../schemas/fields.ts';

const modelEntry = z.looseObject({ id: z.string(), name: z.string(), object: z.string().optional(), owned_by: z.string() });

/** The model list; both names answer the same (contract 2.1). */
export function registerModels(router: Router, useCases: UseCases): void {
  for (const url of ['/api/models', '/api/v1/models']) {
    router.route({
      method: 'GET',
      url,
      auth: 'user',
      tags: ['models'],
      summary: 'Models that the caller may use',
      query: z.object({ refresh: queryBoolean(false) }),
      response: z.object({ data: z.array(modelEntry) }),
      handler: async ({ caller, signal }) => ({ data: await useCases.listModels(caller.principal, signal) }),
    });
  }
}
