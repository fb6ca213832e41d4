import type { RunList, RunSummary } from '../src/protocol/panel.ts';
import { element, setHidden } from './dom.ts';
import { dateText } from './format.ts';
import { strings } from './strings.ts';
import { choice } from './toolkit.ts';
import type { Panel } from './view.ts';

const NONE = '';
/** The newest are enough to pick from; the Runs view has all. */
const MOST_RUNS = 100;

/** Which run is shown. */
export class RunPicker {
  readonly element: HTMLElement;
  readonly #choice;
  #shown: string | null = null;

  constructor(panel: Panel) {
    this.#choice = choice(strings.chooseRun, (run) => {
      if (run !== NONE && run !== this.#shown) void panel.ask({ type: 'selectRun', run });
    });
    this.element = element('div', { class: 'run-picker' }, this.#choice.element);
  }

  show({ runs }: RunList, shown: string | null): void {
    this.#shown = shown;
    setHidden(this.element, runs.length === 0);
    const offered = runs.filter((run, index) => index < MOST_RUNS || run.directory === shown);
    const none = shown === null ? [{ value: NONE, label: strings.noRunChosen }] : [];
    this.#choice.set(
      [...none, ...offered.map((run) => ({ value: run.directory, label: labelOf(run) }))],
      shown ?? NONE,
    );
  }
}

function labelOf({ id, name, status, verdict, createdAt }: RunSummary): string {
  return [name, verdict ?? strings.status[status], dateText(createdAt), id].join(' · ');
}
