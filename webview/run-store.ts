import type { AblationAnswer } from '../src/protocol/ablation.ts';
import type { HostMessage, RunList } from '../src/protocol/panel.ts';
import { PANEL_PROTOCOL } from '../src/protocol/panel.ts';
import { PanelContent } from '../src/protocol/panel-content.ts';

/** The last report of a gap that the host told of. */
export type GapShown = Omit<Extract<HostMessage, { type: 'gapReport' }>, 'type'>;

export type Connection = 'waiting' | 'connected' | 'otherVersion';

/** What the host has told. Free of the page, so that it can be tested against the files. */
export class RunStore {
  connection: Connection = 'waiting';
  list: RunList = { runs: [], config: null, trusted: true };
  content: PanelContent | null = null;
  /** Of the run that it names. */
  ablation: { readonly run: string; readonly answer: AblationAnswer | null } = { run: '', answer: null };
  gap: GapShown | null = null;
  /** False until the first snapshot. */
  hasSnapshot = false;
  #stream = -1;
  #through = -1;

  /** Takes a message. Returns why a snapshot is needed, or null where all is well. */
  take(message: HostMessage): string | null {
    switch (message.type) {
      case 'welcome':
        this.connection = message.version === PANEL_PROTOCOL ? 'connected' : 'otherVersion';
        return null;
      case 'runs':
        this.list = message;
        return null;
      case 'snapshot':
        this.hasSnapshot = true;
        this.#stream = message.stream;
        this.#through = message.through;
        this.content = message.content === null ? null : PanelContent.from(message.content);
        return null;
      case 'delta':
        if (message.stream !== this.#stream || this.content === null) return 'a delta of another snapshot';
        if (message.after !== this.#through) return `records after ${this.#through} are missing`;
        this.#through = message.through;
        this.content.add(message.changes);
        return null;
      case 'ablation':
        this.ablation = { run: message.run, answer: message.answer };
        return null;
      case 'gapReport':
        this.gap = message;
        return null;
      case 'reply':
        return null;
    }
  }
}
