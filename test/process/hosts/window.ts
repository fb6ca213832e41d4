import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CommandId } from '../../../src/extension/ids.ts';
import type { Look, Request } from './host.ts';

export interface WindowOptions {
  /** Folder of the bundles: `host.cjs`. */
  readonly bundles: string;
  /** Folder of the extension, with its `dist`. */
  readonly extension: string;
  readonly version: string;
  /** Shared by all windows of a person. */
  readonly storage: string;
  /** What is open in it. */
  readonly folder: string;
  /** Of the stand-in engines that it starts. */
  readonly settings?: object;
}

type Answer = { readonly id: number; readonly result?: Look; readonly error?: string };

/** A window whose extension host is a process of its own. */
export class Window {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #next = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  static async open(options: WindowOptions): Promise<Window> {
    const { bundles, extension, version, storage, folder, settings = {} } = options;
    const child = fork(join(bundles, 'host.cjs'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        ...{ KD_HOST_EXTENSION: extension, KD_HOST_STORAGE: storage, KD_HOST_VERSION: version },
        ...{ KD_HOST_FOLDER: folder, KD_STAND_IN: JSON.stringify(settings) },
      },
    });
    const window = new Window(child);
    const ready = new Promise<Answer>((resolve, reject) => {
      window.#waiting.set(0, resolve);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the host ended with ${String(code)}`)));
    });
    await ready;
    return window;
  }

  look(): Promise<Look> {
    return this.#ask({ what: 'look' });
  }

  /** Runs a command as a person would, and returns what the window shows then. */
  command(command: CommandId, argument?: string, clicks: readonly string[] = []): Promise<Look> {
    return this.#ask({ what: 'command', command, clicks, ...(argument === undefined ? {} : { argument }) });
  }

  /** Looks until what is shown fits. */
  async until(what: string, fits: (look: Look) => boolean): Promise<Look> {
    const began = performance.now();
    for (;;) {
      const look = await this.look();
      if (fits(look)) return look;
      if (performance.now() - began > 30_000)
        throw new Error(`Waited in vain: ${what}; it shows ${JSON.stringify(look)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Closes it in order, as a reload does in the end. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.send({ id: this.#next++, what: 'end' } satisfies Request);
    await exited;
  }

  /** As a crash of the window does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #ask(request: Omit<Request, 'id'>): Promise<Look> {
    const id = this.#next++;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.send({ ...request, id });
    const { result, error } = await answered;
    if (result === undefined) throw new Error(error);
    return result;
  }
}
