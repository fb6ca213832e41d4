import type { RunView } from '../src/protocol/panel.ts';
import type { PanelContent } from '../src/protocol/panel-content.ts';
import type { RunStatus } from '../src/protocol/records.ts';
import { element, setAttributes, setHidden, setText, svg } from './dom.ts';
import { countText, dateText, durationText, wholeShareText } from './format.ts';
import { RunDetails } from './run-details.ts';
import { strings } from './strings.ts';
import type { ButtonControl } from './toolkit.ts';
import { button } from './toolkit.ts';
import type { Panel } from './view.ts';

const CAN_STOP: readonly RunStatus[] = ['queued', 'running', 'pausing', 'paused'];
const CAN_RESUME: readonly RunStatus[] = ['pausing', 'paused', 'stopped', 'interrupted', 'failed'];
const IS_WORKING: readonly RunStatus[] = ['queued', 'running', 'pausing', 'stopping'];

/** How the run is: state, place, time left, device; and what can be done with it. */
export class RunHeader {
  readonly element: HTMLElement;
  /** What can be done with the run; stands beside the picker. */
  readonly controls: HTMLElement;
  readonly #panel: Panel;
  readonly #name = element('h1');
  readonly #state = element('span', { class: 'state' });
  readonly #facts = element('ul', { class: 'run-facts' });
  readonly #bar = element('div', { class: 'progress-done' });
  readonly #progress: HTMLElement;
  readonly #slow = element('p', { class: 'note' });
  readonly #details = new RunDetails();
  readonly #controls: readonly {
    readonly control: ButtonControl;
    readonly isFor: (run: RunView) => boolean;
  }[];
  #run: RunView | null = null;
  #shownState: RunStatus | null = null;

  constructor(panel: Panel) {
    this.#panel = panel;
    const always = () => true;
    this.#controls = [
      { control: this.#action(strings.stop, 'stop'), isFor: (run) => CAN_STOP.includes(run.status) },
      { control: this.#action(strings.pause, 'pause'), isFor: (run) => run.status === 'running' },
      { control: this.#action(strings.resume, 'resume'), isFor: (run) => CAN_RESUME.includes(run.status) },
      { control: this.#action(strings.config, 'openConfig'), isFor: always },
      { control: this.#action(strings.log, 'showLog'), isFor: always },
      { control: this.#action(strings.exportCsv, 'exportCsv'), isFor: always },
    ];
    this.#progress = element(
      'div',
      {
        class: 'progress',
        attributes: {
          role: 'progressbar',
          'aria-label': strings.progress,
          'aria-valuemin': 0,
          'aria-valuemax': 100,
        },
      },
      this.#bar,
    );
    this.controls = element(
      'div',
      { class: 'actions', attributes: { role: 'group', 'aria-label': strings.runControls } },
      ...this.#controls.map(({ control }) => control.element),
    );
    this.element = element(
      'div',
      { class: 'run-header' },
      element('div', { class: 'run-line' }, this.#name, this.#state, this.#facts),
      this.#progress,
      this.#slow,
      this.#details.element,
    );
  }

  show(content: PanelContent): void {
    const { run } = content;
    this.#run = run;
    setText(this.#name, run.name);
    setAttributes(this.#name, { title: run.id });
    this.#showState(run.status);
    this.#showFacts(run);
    this.#showProgress(run);
    this.#showFallen(run);
    this.#details.show(content);
    for (const { control, isFor } of this.#controls) setHidden(control.element, !isFor(run));
  }

  #showState(status: RunStatus): void {
    if (status === this.#shownState) return;
    this.#shownState = status;
    this.#state.className = `state state-${status}`;
    this.#state.replaceChildren(stateIcon(status), strings.status[status]);
  }

  #showFacts(run: RunView): void {
    const facts = factsOf(run);
    if (this.#facts.dataset['known'] === JSON.stringify(facts)) return;
    this.#facts.dataset['known'] = JSON.stringify(facts);
    this.#facts.replaceChildren(...facts.map((fact) => element('li', {}, fact)));
  }

  /** A run that is slower than it should be says so where one looks first. */
  #showFallen({ fallen }: RunView): void {
    const executors = [...new Set(fallen.map(({ executor }) => executor))];
    const lines = executors.map((executor) => {
      const phases = fallen.filter((one) => one.executor === executor).map(({ phase }) => phase);
      return strings.notCompiled(phases.join(', '), executor);
    });
    setText(this.#slow, lines.join(' '));
    setHidden(this.#slow, lines.length === 0);
  }

  #showProgress(run: RunView): void {
    const done = run.status === 'completed' ? 1 : (run.progress?.done ?? 0);
    const percent = Math.floor(100 * Math.min(1, Math.max(0, done)));
    setHidden(this.#progress, run.status === 'completed');
    setAttributes(this.#progress, {
      'aria-valuenow': percent,
      'aria-valuetext': wholeShareText(percent / 100),
    });
    this.#bar.style.inlineSize = `${percent}%`;
    this.#progress.classList.toggle('is-still', !IS_WORKING.includes(run.status));
  }

  #action(
    label: string,
    type: 'stop' | 'pause' | 'resume' | 'openConfig' | 'showLog' | 'exportCsv',
  ): ButtonControl {
    const control = button(
      label,
      () => {
        if (!this.#run) return;
        control.busy(true);
        void this.#panel.ask({ type, run: this.#run.directory }).finally(() => control.busy(false));
      },
      type === 'stop' || type === 'resume' ? 'primary' : 'secondary',
    );
    return control;
  }
}

function factsOf(run: RunView): string[] {
  const { progress, status } = run;
  const device = run.executor === undefined ? [] : [run.executor];
  if (progress && IS_WORKING.concat('paused').includes(status)) {
    const left = durationText(progress.secondsLeft);
    return [
      progress.phase,
      strings.seed(progress.seed).toLocaleLowerCase(),
      strings.epochOf(countText(progress.epoch + 1), countText(progress.epochs)),
      wholeShareText(progress.done),
      ...(left === '' ? [] : [strings.timeLeft(left)]),
      ...device,
    ];
  }
  const began = run.startedAt ?? run.createdAt;
  const ended = run.finishedAt ?? began;
  const took = durationText((Date.parse(ended) - Date.parse(began)) / 1000);
  return [
    dateText(ended),
    ...(run.finishedAt !== undefined && took !== '' ? [strings.took(took)] : []),
    ...(progress && status !== 'completed' ? [wholeShareText(progress.done)] : []),
    ...device,
  ];
}

/** A state is told by its shape as well as by its colour and its word. */
const STATE_PATHS: Readonly<Record<'working' | 'waiting' | 'done' | 'failed' | 'stopped', string>> = {
  working: 'M3 2l10 6l-10 6Z',
  waiting: 'M4 2h3v12h-3ZM9 2h3v12h-3Z',
  done: 'M2.5 8.5l1.6-1.6l2.6 2.6l5.4-6l1.7 1.5l-7 7.8Z',
  failed:
    'M3.6 2.2l4.4 4.4l4.4-4.4l1.4 1.4l-4.4 4.4l4.4 4.4l-1.4 1.4l-4.4-4.4l-4.4 4.4l-1.4-1.4l4.4-4.4l-4.4-4.4Z',
  stopped: 'M3 3h10v10h-10Z',
};
const SHAPE_OF: Readonly<Record<RunStatus, keyof typeof STATE_PATHS>> = {
  queued: 'waiting',
  running: 'working',
  pausing: 'waiting',
  paused: 'waiting',
  stopping: 'stopped',
  stopped: 'stopped',
  completed: 'done',
  failed: 'failed',
  interrupted: 'failed',
};

function stateIcon(status: RunStatus): SVGElement {
  const path = svg('path', { d: STATE_PATHS[SHAPE_OF[status]] });
  return svg(
    'svg',
    { viewBox: '0 0 16 16', width: 12, height: 12, 'aria-hidden': 'true', class: 'state-icon' },
    path,
  );
}
