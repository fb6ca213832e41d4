import { isDeepStrictEqual } from 'node:util';
import { SILENT_AFTER_SECONDS } from '../config/files.ts';
import type { Log } from './guard.ts';
import type { Looker } from './lookup-threads.ts';
import type { LookupAnswer, LookupKind, LookupParameters, Reply } from './lookups.ts';

const SILENT_AFTER_MILLISECONDS = 1000 * SILENT_AFTER_SECONDS;
const MOST_KNOWN = 4000;

/** How long an answer counts, in milliseconds; then it still serves, and is asked for anew beside the work. */
const FRESH_FOR: Readonly<Record<LookupKind, number>> = {
  status: 1000,
  text: 1000,
  list: 1000,
  realPath: 1000,
  data: 1000,
  freeBytes: 30_000,
  // Told by whoever writes them.
  newestRun: Infinity,
  dryRun: Infinity,
};

interface Fact {
  readonly path: string;
  readonly kind: LookupKind;
  readonly parameters: readonly [path: string, ...more: unknown[]];
  /** Undefined: none yet. */
  answer: { readonly value: unknown; readonly at: number } | undefined;
  /** A question is on its way. */
  asked: boolean;
  /** It was asked before something changed, so what comes back will be old. */
  outdated: boolean;
  /** The question has been on its way for too long. */
  silent: boolean;
  /** Somebody went on without the answer. */
  missed: boolean;
  /** Who waits for the answer, or for its absence. */
  readonly waiting: Set<() => void>;
}

/**
 * What is known of the file system, kept so that nobody waits for it: an answer that is missing or old is asked for beside the
 * work, and whoever needs it is told when it has come. What does not answer in time is called silent until it does.
 */
export class Facts {
  private readonly known = new Map<string, Map<string, Fact>>();
  private count = 0;
  private readonly missing = new Set<Fact>();

  /** @param changed called when something is known, or known to be silent, that nobody waits for any more */
  constructor(
    private readonly looker: Looker,
    private readonly log: Log,
    private readonly changed: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The answer as far as it is known; else `otherwise`. */
  ask<K extends LookupKind>(
    kind: K,
    parameters: LookupParameters<K>,
    otherwise: LookupAnswer<K>,
  ): LookupAnswer<K> {
    const fact = this.fact(kind, parameters);
    if (fact.answer === undefined || this.now() - fact.answer.at >= FRESH_FOR[kind]) this.send(fact);
    if (fact.answer === undefined && !fact.silent) this.missing.add(fact);
    return fact.silent ? otherwise : ((fact.answer?.value as LookupAnswer<K> | undefined) ?? otherwise);
  }

  /** Whoever holds back because an answer is on its way stands on that answer, whoever asked for it. */
  silence(path: string): 'soon' | 'silent' | null {
    const facts = [...(this.known.get(path)?.values() ?? [])];
    if (facts.some(({ silent }) => silent)) return 'silent';
    const coming = facts.filter(({ answer }) => answer === undefined);
    for (const fact of coming) this.missing.add(fact);
    return coming.length > 0 ? 'soon' : null;
  }

  /** Whether what was worked out since the last call of `settled` lacks something that is on its way. */
  get isMissing(): boolean {
    return this.missing.size > 0;
  }

  /** Something has changed: everything, or everything of some kinds, is asked for anew before it is used. */
  forget(kinds?: readonly LookupKind[]): void {
    for (const [path, facts] of this.known) {
      for (const [key, fact] of facts) {
        if (kinds?.includes(fact.kind) === false) continue;
        fact.answer = undefined;
        if (fact.asked) fact.outdated = true;
        else this.remove(path, key);
      }
    }
  }

  /** Does a piece of work, and does it again when what it lacked has come, until it lacks nothing or the time is up. */
  async settled<T>(work: () => T, milliseconds: number, isStale: () => boolean = () => false): Promise<T> {
    const until = this.now() + milliseconds;
    for (;;) {
      this.missing.clear();
      const result = work();
      const missing = [...this.missing];
      this.missing.clear();
      const left = until - this.now();
      if (missing.length === 0 || isStale()) return result;
      if (left > 0) await this.answers(missing, left);
      else {
        for (const fact of missing) fact.missed = true;
        return result;
      }
    }
  }

  private async answers(facts: readonly Fact[], milliseconds: number): Promise<void> {
    await Promise.all(
      facts.map(
        (fact) =>
          new Promise<void>((resolve) => {
            const done = (): void => {
              clearTimeout(timer);
              fact.waiting.delete(done);
              resolve();
            };
            const giveUp = (): void => {
              fact.missed = true;
              done();
            };
            const timer = setTimeout(giveUp, milliseconds);
            fact.waiting.add(done);
          }),
      ),
    );
  }

  private fact(kind: LookupKind, parameters: Fact['parameters']): Fact {
    const [path] = parameters;
    const key = JSON.stringify([kind, ...parameters]);
    const facts = this.known.get(path) ?? new Map<string, Fact>();
    this.known.set(path, facts);
    const found = facts.get(key);
    if (found !== undefined) return found;
    const fact: Fact = {
      ...{ path, kind, parameters, answer: undefined },
      ...{ asked: false, outdated: false, silent: false, missed: false, waiting: new Set() },
    };
    facts.set(key, fact);
    this.count += 1;
    if (this.count > MOST_KNOWN) this.forget();
    return fact;
  }

  private remove(path: string, key: string): void {
    const facts = this.known.get(path);
    if (facts?.delete(key) === true) this.count -= 1;
    if (facts?.size === 0) this.known.delete(path);
  }

  private send(fact: Fact): void {
    if (fact.asked) return;
    fact.asked = true;
    fact.outdated = false;
    const timer = setTimeout(() => {
      fact.silent = true;
      this.tell(fact);
    }, SILENT_AFTER_MILLISECONDS);
    timer.unref();
    this.looker.look({ kind: fact.kind, parameters: fact.parameters }, (reply) => {
      clearTimeout(timer);
      this.take(fact, reply);
    });
  }

  private take(fact: Fact, reply: Reply): void {
    const { silent, answer } = fact;
    fact.asked = false;
    fact.silent = false;
    if (fact.outdated) {
      this.send(fact);
      return;
    }
    if ('error' in reply) this.log.error(`${fact.kind} of ${fact.path}: ${reply.error}`);
    const value = 'value' in reply ? reply.value : undefined;
    fact.answer = { value, at: this.now() };
    if (silent || answer === undefined || !isDeepStrictEqual(answer.value, value)) this.tell(fact);
  }

  private tell(fact: Fact): void {
    if (fact.missed || fact.waiting.size === 0) this.changed();
    fact.missed = false;
    for (const done of [...fact.waiting]) done();
  }
}
