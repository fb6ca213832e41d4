import { createHash } from 'node:crypto';
import type { InferenceSession } from 'onnxruntime-node';

/** A session that several programs may run: it holds no state between runs. */
export interface SharedSession {
  readonly session: InferenceSession;
  /** True where it was there already, and nothing was compiled. */
  readonly reused: boolean;
  /** To be called once, when the program that took it ends. */
  release(): Promise<void>;
}

interface Entry {
  readonly session: Promise<InferenceSession>;
  users: number;
}

/** Equal where all that a session depends on is equal. */
export type SessionKey = string;

/**
 * @param place where it computes, and how: the provider's name and its sessions' options
 * @param model the encoded graph, in which whatever the step was traced from is contained: the networks, the batch, the terms, the
 * optimizer and the code that wrote them
 */
export function sessionKey(place: unknown, model: Uint8Array): SessionKey {
  return createHash('sha256').update(JSON.stringify(place)).update('\0').update(model).digest('base64');
}

/**
 * The sessions of a runtime by what they depend on, so that a program which needs the step of another does not compile it again:
 * phases that train alike, and the run after a trial of its step. What nobody uses stays until the next program has taken what
 * it needs, and is released then: never more than the sessions of two programs exist at once.
 */
export class SessionCache {
  readonly #entries = new Map<SessionKey, Entry>();

  /** How many sessions exist, in use or not. */
  get size(): number {
    return this.#entries.size;
  }

  /** @param create makes the session where there is none; what it throws is passed on, and nothing is kept */
  async take(key: SessionKey, create: () => Promise<InferenceSession>): Promise<SharedSession> {
    const known = this.#entries.get(key);
    const entry = known ?? { session: create(), users: 0 };
    this.#entries.set(key, entry);
    entry.users++;
    try {
      return {
        session: await entry.session,
        reused: known !== undefined,
        release: () => {
          entry.users--;
          return Promise.resolve();
        },
      };
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }

  /** Releases the sessions that no program uses. */
  async releaseIdle(): Promise<void> {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    for (const [key] of idle) this.#entries.delete(key);
    for (const [, { session }] of idle) await (await session).release();
  }
}
