import type { HostMessage } from '../../protocol/panel.ts';
import { inOneBuffer } from './one-buffer.ts';
import type { RunModel } from './run-model.ts';

/** What one run has told the page: all of it first, then what came since. */
export class Telling {
  /** Directory of a run that is laid over the one shown; undefined: the one shown. */
  readonly #overlay: string | undefined;
  readonly #newStream: () => number;
  #model: RunModel | null = null;
  #owesSnapshot = true;
  #stream = -1;
  #told = -1;

  /** @param newStream a number that no snapshot had before */
  constructor(newStream: () => number, overlay?: string) {
    this.#newStream = newStream;
    this.#overlay = overlay;
  }

  /** Tells of another run, or of the same one read afresh. */
  show(model: RunModel | null): void {
    this.#model = model;
    this.#owesSnapshot = true;
  }

  /** The page knows nothing, or lost something. */
  startAgain(): void {
    this.#owesSnapshot = true;
  }

  /** Whether there is anything to tell. */
  get hasNews(): boolean {
    return this.#owesSnapshot || this.#model?.hasChanges === true || this.#model?.needsSnapshot === true;
  }

  /** The message that is due; null: the page knows everything. */
  next(): HostMessage | null {
    const model = this.#model;
    const overlay = this.#overlay === undefined ? {} : { overlay: this.#overlay };
    if (this.#owesSnapshot || model?.needsSnapshot === true) {
      this.#owesSnapshot = false;
      this.#stream = this.#newStream();
      this.#told = model?.through ?? -1;
      const all = model?.snapshot();
      const content = all === undefined ? null : { ...all, series: inOneBuffer(all.series) };
      return { type: 'snapshot', ...overlay, stream: this.#stream, through: this.#told, content };
    }
    if (model?.hasChanges !== true) return null;
    const after = this.#told;
    this.#told = model.through;
    const { series, ...rest } = model.takeChanges();
    const changes = series === undefined ? rest : { ...rest, series: inOneBuffer(series) };
    return { type: 'delta', ...overlay, stream: this.#stream, after, through: this.#told, changes };
  }
}
