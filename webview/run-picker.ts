import type { RunList, RunSummary } from '../src/protocol/panel.ts';
import { element, setHidden } from './dom.ts';
import { dateText } from './format.ts';
import { strings } from './strings.ts';
import { choice, type Option } from './toolkit.ts';
import type { Panel } from './view.ts';

const NONE = '';
/** The newest are enough to pick from; the Runs view has all. */
const MOST_RUNS = 100;

/** Which run is shown. */
export class RunPicker {
  readonly element: HTMLElement;
  readonly #choice;
  #shown: string | null = null;
  /** What is offered, and of which list: a page draws often, and a hundred dates take long to write. */
  #offered: {
    readonly of: readonly RunSummary[];
    readonly shown: string | null;
    readonly options: readonly Option[];
  } | null = null;

  constructor(panel: Panel) {
    this.#choice = choice(strings.chooseRun, (run) => {
      if (run !== NONE && run !== this.#shown) void panel.ask({ type: 'selectRun', run });
    });
    this.element = element('div', { class: 'run-picker' }, this.#choice.element);
  }

  show({ runs }: RunList, shown: string | null): void {
    this.#shown = shown;
    setHidden(this.element, runs.length === 0);
    if (this.#offered?.of !== runs || this.#offered.shown !== shown)
      this.#offered = { of: runs, shown, options: optionsOf(runs, shown) };
    this.#choice.set(this.#offered.options, shown ?? NONE);
  }
}

function optionsOf(runs: readonly RunSummary[], shown: string | null): readonly Option[] {
  const offered = runs.filter((run, index) => index < MOST_RUNS || run.directory === shown);
  const none = shown === null ? [{ value: NONE, label: strings.noRunChosen }] : [];
  return [...none, ...offered.map((run) => ({ value: run.directory, label: labelOf(run) }))];
}

function labelOf({ id, name, status, verdict, createdAt }: RunSummary): string {
  return [name, verdict ?? strings.status[status], dateText(createdAt), id].join(' · ');
}
