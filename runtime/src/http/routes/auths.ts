import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Session, UseCases } from '../../usecases/use-cases.ts';
import { TEXT } from '../error-texts.ts';
import type { Router } from '../router.ts';
import { statusTrue } from '../schemas/fields.ts';
import { currentSessionResponse, sessionResponse, toCurrentSession, toSession } from '../schemas/users.ts';

const signUpForm = z.object({
  name: z.string(),
  email: z.string(),
  password: z.string(),
  profile_image_url: z.string().optional(),
});
const signInForm = z.object({ email: z.string(), password: z.string() });
const apiKeyResponse = z.object({ api_key: z.string() });

const common = { validationText: TEXT.invalidAuthRequest, isUncacheable: true, tags: ['auths'] };

/** Sign-up, sign-in and the caller's API key (contract 1.4 to 1.6). */
export function registerAuths(router: Router, useCases: UseCases): void {
  registerSignIn(router, useCases);
  registerApiKey(router, useCases);
}

function registerSignIn(router: Router, useCases: UseCases): void {
  router.route({
    ...common,
    method: 'POST',
    url: '/api/v1/auths/signup',
    auth: 'public',
    summary: 'Create an account; the first one becomes the admin',
    body: signUpForm,
    response: sessionResponse,
    handler: async ({ body, reply }) => withCookie(reply, await useCases.signUp(body)),
  });
  router.route({
    ...common,
    method: 'POST',
    url: '/api/v1/auths/signin',
    auth: 'public',
    summary: 'Exchange e-mail and password for a token',
    body: signInForm,
    response: sessionResponse,
    handler: async ({ body, reply }) => withCookie(reply, await useCases.signIn(body)),
  });
  router.route({
    ...common,
    method: 'GET',
    url: '/api/v1/auths/',
    auth: 'session',
    summary: 'The session behind the presented token',
    response: currentSessionResponse,
    handler: async ({ caller }) => toCurrentSession(await useCases.currentSession(caller.principal, caller.credential)),
  });
  for (const method of ['POST', 'GET'] as const) {
    router.route({
      ...common,
      method,
      url: '/api/v1/auths/signout',
      auth: 'public',
      summary: 'Remove the session cookie',
      response: statusTrue,
      handler: async ({ reply }) => {
        reply.header('set-cookie', 'token=; HttpOnly; Max-Age=0; Path=/; SameSite=lax');
        return { status: true as const };
      },
    });
  }
}

function registerApiKey(router: Router, useCases: UseCases): void {
  const shared = { ...common, url: '/api/v1/auths/api_key', auth: 'session' as const };
  router.route({
    ...shared,
    method: 'POST',
    summary: 'Make a new API key; the old one stops working',
    response: apiKeyResponse,
    handler: async ({ caller }) => ({ api_key: await useCases.createApiKey(caller.principal) }),
  });
  router.route({
    ...shared,
    method: 'GET',
    summary: 'Show the API key',
    response: apiKeyResponse,
    handler: async ({ caller }) => ({ api_key: await useCases.getApiKey(caller.principal) }),
  });
  router.route({
    ...shared,
    method: 'DELETE',
    summary: 'Delete the API key',
    response: z.literal(true),
    handler: async ({ caller }) => {
      await useCases.deleteApiKey(caller.principal);
      return true as const;
    },
  });
}

function withCookie(reply: FastifyReply, session: Session): z.input<typeof sessionResponse> {
  const { expiresAtSeconds, token } = session;
  const maxAge = expiresAtSeconds === null ? '' : ` Max-Age=${Math.max(0, expiresAtSeconds - Math.floor(Date.now() / 1000))};`;
  reply.header('set-cookie', `token=${token}; HttpOnly;${maxAge} Path=/; SameSite=lax`);
  return toSession(session);
}
