import type { AblationAnswer } from '../src/protocol/ablation.ts';
import type { PanelRequest, RunSummary } from '../src/protocol/panel.ts';
import type { PanelContent } from '../src/protocol/panel-content.ts';
import type { Answer } from './host.ts';
import type { Beside } from './run-store.ts';
import type { Choices } from './memory.ts';
import type { DiagnosisShown, GapShown } from './run-store.ts';

/** What the views of the panel may use. */
export interface Panel {
  readonly choices: Choices;
  /** The last report of a gap that was asked for. */
  readonly gap: GapShown | null;
  /** The last diagnosis that was asked for. */
  readonly diagnosis: DiagnosisShown | null;
  /** The runs of the window. */
  readonly runs: readonly RunSummary[];
  /** Runs that are laid over the one shown, by their directory, as far as they have come. */
  readonly overlays: ReadonlyMap<string, PanelContent>;
  /** How often the extension has said hello: each time it knows nothing of what was asked before. */
  readonly greetings: number;
  /** What the host has told beside the run itself. */
  readonly beside: Beside;
  /** Remembers a choice and draws anew. */
  choose(change: Partial<Choices>): void;
  /** What is known of an ablation over the layers of this run's experiment; null: there is none. */
  ablationOf(run: string): AblationAnswer | null;
  /** Asks the host, shows its answer to the person, and hands it on. */
  ask(request: PanelRequest): Promise<Answer>;
  /** Shows the person an answer, or a fault of their own. */
  tell(answer: Answer): void;
  /** Says something to a screen reader. */
  say(text: string): void;
}

/** One view of a run. */
export interface View {
  readonly element: HTMLElement;
  /** Called when it is in sight and something may have changed. */
  show(content: PanelContent): void;
  retheme(): void;
}
