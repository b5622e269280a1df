import { z } from 'zod';
import type { User } from '../../domain/user.ts';
import type { Session } from '../../usecases/use-cases.ts';

export const userSummary = z.object({ id: z.string(), name: z.string(), role: z.string(), email: z.string() });

export function toUserSummary(user: User | null): z.input<typeof userSummary> | null {
  return user === null ? null : { id: user.id, name: user.name, role: user.role, email: user.email };
}

const permissionGroup = z.record(z.string(), z.boolean());
export const permissions = z.object({
  workspace: permissionGroup,
  sharing: permissionGroup,
  access_grants: permissionGroup,
  chat: permissionGroup,
  features: permissionGroup,
  settings: permissionGroup,
});

export const sessionResponse = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  email: z.string(),
  profile_image_url: z.string(),
  token: z.string(),
  token_type: z.literal('Bearer'),
  expires_at: z.int().nullable(),
  permissions,
});

/** GET /api/v1/auths/ puts a status before and personal data behind the sign-in object. */
export const currentSessionResponse = z.object({
  status_emoji: z.null(),
  status_message: z.null(),
  status_expires_at: z.null(),
  ...sessionResponse.shape,
  bio: z.null(),
  gender: z.null(),
  date_of_birth: z.null(),
});

/** What clients ask before they show a function; only true where this server has it. */
const PERMISSIONS: z.input<typeof permissions> = {
  workspace: { models: false, knowledge: true, prompts: false, tools: false },
  sharing: { knowledge: true, public_knowledge: true },
  access_grants: { allow_users: true },
  chat: { file_upload: true, delete: false, edit: false, temporary: true },
  features: { api_keys: true, web_search: false, image_generation: false, code_interpreter: false },
  settings: { interface: false },
};

export function toSession(session: Session): z.input<typeof sessionResponse> {
  const { user } = session;
  return {
    id: user.id,
    name: user.name,
    role: user.role,
    email: user.email,
    profile_image_url: `/api/v1/users/${user.id}/profile/image`,
    token: session.token,
    token_type: 'Bearer',
    expires_at: session.expiresAtSeconds,
    permissions: PERMISSIONS,
  };
}

export function toCurrentSession(session: Session): z.input<typeof currentSessionResponse> {
  return {
    status_emoji: null,
    status_message: null,
    status_expires_at: null,
    ...toSession(session),
    profile_image_url: '/user.png',
    bio: null,
    gender: null,
    date_of_birth: null,
  };
}
