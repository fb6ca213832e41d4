import type { HostMessage } from '../src/protocol/panel.ts';

/** The run shown; runs laid over it go by their directory. */
const SHOWN = '';
/** A problem is told in so many letters. */
const LONGEST = 300;

type State = 'asked' | 'answered' | 'given up';

/**
 * What to do where a message was lost or cannot be read. The host is asked for everything once; what cannot be read then either
 * would not be read the next time, so the person is told instead. For the run shown, and for each laid over it:
 *
 *     well ── lost, unread ──▶ asked ── snapshot ──▶ answered ── delta ──▶ well
 *                                └── snapshot unread ──▶ given up ◀── unread ──┘ answered
 *
 * Whatever is read again leaves nothing to tell, and a host that says hello anew is asked anew.
 */
export class Recovery {
  readonly #ask: (reason: string) => void;
  /** Not in it: all is well. */
  readonly #states = new Map<string, State>();
  readonly #unread = new Map<string, string>();

  /** @param ask asks the host for everything */
  constructor(ask: (reason: string) => void) {
    this.#ask = ask;
  }

  /**
   * What could not be read and is missing now; null: nothing.
   *
   * @param overlays directories of the runs laid over the one shown; what is missing of others is missed by nobody
   */
  unread(overlays: readonly string[]): string | null {
    const missed = [...this.#unread].filter(
      ([of]) => of === SHOWN || of.startsWith(PART) || overlays.includes(of),
    );
    return missed[0]?.[1] ?? null;
  }

  /**
   * A message made sense.
   *
   * @param lost why it does not continue what is here; null: it does
   */
  took(message: HostMessage, lost: string | null): void {
    this.#unread.delete(`${PART}${message.type}`);
    if (message.type === 'welcome') {
      this.#states.clear();
      this.#unread.clear();
    }
    if (message.type !== 'snapshot' && message.type !== 'delta') return;
    const of = message.overlay ?? SHOWN;
    const state = this.#states.get(of);
    if (lost !== null) {
      // Until the answer is here nothing can continue; where it cannot be read there is none to wait for.
      if (state === undefined || state === 'answered') this.#askFor(of, lost);
      return;
    }
    this.#unread.delete(of);
    if (message.type === 'delta') this.#states.delete(of);
    else if (state !== undefined) this.#states.set(of, 'answered');
  }

  /** A message made no sense. */
  refused(message: unknown, problem: string): void {
    const { type, overlay } = headOf(message);
    if (type === null) return;
    const told = problem.slice(0, LONGEST);
    if (type !== 'snapshot' && type !== 'delta') {
      this.#unread.set(`${PART}${type}`, told);
      return;
    }
    const of = overlay ?? SHOWN;
    const state = this.#states.get(of);
    if (state === undefined) this.#askFor(of, 'a message made no sense');
    else if (state !== 'asked' || type === 'snapshot') {
      this.#states.set(of, 'given up');
      this.#unread.set(of, told);
    }
  }

  #askFor(of: string, reason: string): void {
    this.#states.set(of, 'asked');
    this.#ask(reason);
  }
}

/** Before the type of a message that is sent once and not continued. No directory begins like this. */
const PART = 'message ';

/** What a message says that it is. */
function headOf(message: unknown): { readonly type: string | null; readonly overlay: string | null } {
  const { type, overlay } = Object(message) as { readonly type?: unknown; readonly overlay?: unknown };
  return {
    type: typeof type === 'string' ? type : null,
    overlay: typeof overlay === 'string' ? overlay : null,
  };
}
