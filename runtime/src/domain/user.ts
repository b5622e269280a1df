export type Role = 'admin' | 'user' | 'pending';

export type User = {
  id: string;
  /** Lower-cased. */
  email: string;
  name: string;
  role: Role;
  /** PHC-like string with its own parameters; never leaves the use cases. */
  passwordHash: string;
  /** Sits in every JWT; changing it ends all sessions. */
  sessionStamp: string;
  createdAtMs: number;
};

/** Who is asking, after any kind of credential has been checked. */
export type Principal = { user: User; via: 'session' | 'api-key' };
