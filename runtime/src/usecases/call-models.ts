import { AppError } from '../domain/errors.ts';
import { scalarText } from '../domain/json.ts';
import type { ModelDirectory } from './model-directory.ts';
import type { UseCases } from './use-cases.ts';

type CallModels = Pick<UseCases, 'listModels' | 'embeddings' | 'ollamaTags' | 'ollamaPs' | 'ollamaVersion' | 'ollamaCall'>;

/** Everything about models but chat. Every verified user may use every model. */
export function createCallModels(deps: { models: ModelDirectory }): CallModels {
  return {
    listModels: (_principal, signal) => deps.models.list(signal),
    async embeddings(_principal, body, signal) {
      const model = typeof body['model'] === 'string' ? body['model'] : '';
      if (body['input'] === undefined || body['input'] === null) throw new AppError('INVALID_INPUT', '`input` is missing: a text or an array of texts.');
      return (await deps.models.backendOf(model, signal)).embeddings(body, signal);
    },
    ollamaTags: (_principal, signal) => deps.models.tags(signal),
    async ollamaPs(_principal, signal) {
      const lists = await Promise.all(deps.models.gateways().map((gateway) => gateway.ps(signal)));
      return lists.flat();
    },
    async ollamaVersion(_principal, signal) {
      for (const gateway of deps.models.gateways()) {
        const version = await gateway.version(signal);
        if (version !== null) return version;
      }
      return null;
    },
    async ollamaCall(_principal, operation, body, options, signal) {
      const name = body['model'] ?? body['name'];
      const gateway = await deps.models.gatewayOf(scalarText(name, 'None'), signal);
      return gateway.call(operation, body, { ...options, signal });
    },
  };
}
