import type { AblationAnswer } from '../src/protocol/ablation.ts';
import type { HostMessage, RunList } from '../src/protocol/panel.ts';
import type { ComparisonReport } from '../src/protocol/comparison.ts';
import type { RunFiles, RunTableRow } from '../src/protocol/panel-compare.ts';
import { PANEL_PROTOCOL } from '../src/protocol/panel.ts';
import { PanelContent } from '../src/protocol/panel-content.ts';

/** The last report of a gap that the host told of. */
export type GapShown = Omit<Extract<HostMessage, { type: 'gapReport' }>, 'type'>;

/** The last diagnosis that the host told of. */
export type DiagnosisShown = Omit<Extract<HostMessage, { type: 'diagnosis' }>, 'type'>;

/** All runs, a comparison of some, the files of one: told only while they are in sight. */
export interface Beside {
  /** Null: not told yet. */
  readonly table: readonly RunTableRow[] | null;
  readonly comparison: ComparisonReport | null;
  readonly files: RunFiles | null;
}

export type Connection = 'waiting' | 'connected' | 'otherVersion';

/** What the host has told. Free of the page, so that it can be tested against the files. */
export class RunStore {
  /** Runs that are laid over the one shown, by their directory. */
  readonly overlays = new Map<string, PanelContent>();
  connection: Connection = 'waiting';
  list: RunList = { runs: [], config: null, trusted: true };
  content: PanelContent | null = null;
  /** Of the run that it names. */
  ablation: { readonly run: string; readonly answer: AblationAnswer | null } = { run: '', answer: null };
  gap: GapShown | null = null;
  diagnosis: DiagnosisShown | null = null;
  /** How often the host has said hello. */
  greetings = 0;
  beside: Beside = { table: null, comparison: null, files: null };
  /** Runs that the person asked to compare outside of the page, until the page has taken them up. */
  wanted: readonly string[] | null = null;
  /** False until the first snapshot. */
  hasSnapshot = false;
  readonly #shown: Position = { stream: -1, through: -1 };
  readonly #laidOver = new Map<string, Position>();

  /** Takes a message. Returns why a snapshot is needed, or null where all is well. */
  take(message: HostMessage): string | null {
    switch (message.type) {
      case 'welcome':
        this.greetings += 1;
        this.connection = message.version === PANEL_PROTOCOL ? 'connected' : 'otherVersion';
        return null;
      case 'runs':
        this.list = message;
        return null;
      case 'snapshot':
        if (message.overlay === undefined) this.#takeSnapshot(message);
        else this.#takeOverlay(message.overlay, message);
        return null;
      case 'delta':
        return this.#takeDelta(message);
      case 'ablation':
        this.ablation = { run: message.run, answer: message.answer };
        return null;
      case 'gapReport':
        this.gap = message;
        return null;
      case 'diagnosis':
        this.diagnosis = message;
        return null;
      case 'reply':
        return null;
      case 'table':
        this.beside = { ...this.beside, table: message.rows };
        return null;
      case 'comparison':
        this.beside = { ...this.beside, comparison: message.report };
        return null;
      case 'files':
        this.beside = { ...this.beside, files: message };
        return null;
      case 'showComparison':
        this.wanted = message.runs;
        return null;
    }
  }

  /** Forgets the overlays that are no longer asked for. */
  keepOverlays(wanted: readonly string[]): void {
    for (const run of this.overlays.keys()) {
      if (wanted.includes(run)) continue;
      this.overlays.delete(run);
      this.#laidOver.delete(run);
    }
  }

  #takeSnapshot({ stream, through, content }: Snapshot): void {
    this.hasSnapshot = true;
    Object.assign(this.#shown, { stream, through });
    this.content = content === null ? null : PanelContent.from(content);
  }

  #takeOverlay(run: string, { stream, through, content }: Snapshot): void {
    this.#laidOver.set(run, { stream, through });
    if (content === null) this.overlays.delete(run);
    else this.overlays.set(run, PanelContent.from(content));
  }

  #takeDelta({ overlay, stream, after, through, changes }: Delta): string | null {
    const position = overlay === undefined ? this.#shown : this.#laidOver.get(overlay);
    const content = overlay === undefined ? this.content : this.overlays.get(overlay);
    // What was dropped here may still be on its way.
    if (overlay !== undefined && position === undefined) return null;
    if (position === undefined || stream !== position.stream || !content)
      return 'a delta of another snapshot';
    if (after !== position.through) return `records after ${position.through} are missing`;
    position.through = through;
    content.add(changes);
    return null;
  }
}

interface Position {
  stream: number;
  through: number;
}
type Snapshot = Extract<HostMessage, { type: 'snapshot' }>;
type Delta = Extract<HostMessage, { type: 'delta' }>;
