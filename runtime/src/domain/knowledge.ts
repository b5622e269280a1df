import type { JsonObject } from './json.ts';

export type AccessGrant = {
  id: string;
  principalType: 'user' | 'group' | 'anyone';
  /** A user's or group's id, or `*` for every user. */
  principalId: string;
  permission: 'read' | 'write';
  createdAtMs: number;
};

export type Knowledge = {
  id: string;
  userId: string;
  name: string;
  description: string;
  meta: JsonObject | null;
  /** Empty means private to the owner and admins. */
  accessGrants: AccessGrant[];
  createdAtMs: number;
  updatedAtMs: number;
};
