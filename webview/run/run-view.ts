import type { RunView } from '../../src/protocol/panel.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { RunFiles } from '../../src/protocol/panel-compare.ts';
import type { RunStatus } from '../../src/protocol/records.ts';
import { card, dataTable, factList } from '../data-table.ts';
import { element, setHidden } from '../dom.ts';
import { bytesText, countText, dateText, durationText, wholeShareText } from '../format.ts';
import { strings } from '../strings.ts';
import { button, type ButtonControl } from '../toolkit.ts';
import type { Panel, View } from '../view.ts';
import { runStrings } from './strings.ts';

const CAN_QUEUE_AGAIN: readonly RunStatus[] = ['stopped', 'failed', 'interrupted'];
const CAN_STOP: readonly RunStatus[] = ['queued', 'running', 'pausing', 'paused'];
const CAN_RESUME: readonly RunStatus[] = ['pausing', 'paused', 'stopped', 'interrupted', 'failed'];

/** One run as a piece of work: how it stands, on what, what it says, what it has written, and what can be done with it. */
export class RunWorkView implements View {
  readonly element = element('div', { class: 'stack' });
  readonly #panel: Panel;
  readonly #controls: readonly {
    readonly control: ButtonControl;
    readonly isFor: (run: RunView) => boolean;
  }[];
  readonly #queue: ButtonControl;
  readonly #state = element('div', {});
  readonly #environment = element('div', {});
  readonly #log = element('div', {});
  readonly #files = element('div', {});
  #run: RunView | null = null;
  readonly #known = new Map<HTMLElement, string>();

  constructor(panel: Panel) {
    this.#panel = panel;
    const always = () => true;
    const one = (label: string, act: (run: string) => Parameters<Panel['ask']>[0]) =>
      this.#action(label, act);
    this.#queue = one(runStrings.queue, (run) => ({ type: 'queue', run }));
    this.#controls = [
      { control: one(runStrings.runAgain, () => ({ type: 'start' })), isFor: always },
      {
        control: one(strings.stop, (run) => ({ type: 'stop', run })),
        isFor: ({ status }) => CAN_STOP.includes(status),
      },
      {
        control: one(strings.pause, (run) => ({ type: 'pause', run })),
        isFor: ({ status }) => status === 'running',
      },
      {
        control: one(strings.resume, (run) => ({ type: 'resume', run })),
        isFor: ({ status }) => CAN_RESUME.includes(status),
      },
      { control: this.#queue, isFor: always },
      {
        control: one(runStrings.export, (run) => ({ type: 'exportRun', run })),
        isFor: ({ results }) => results !== undefined,
      },
      {
        control: one(runStrings.report, (run) => ({
          type: 'report',
          runs: [run],
          metric: '',
          toBaseline: false,
          format: 'html',
        })),
        isFor: ({ results }) => results !== undefined,
      },
      { control: one(runStrings.reveal, (run) => ({ type: 'reveal', run })), isFor: always },
    ];
    this.element.append(
      element(
        'div',
        { class: 'actions', attributes: { role: 'group', 'aria-label': runStrings.control } },
        ...this.#controls.map(({ control }) => control.element),
      ),
      element('div', { class: 'cards' }, this.#state, this.#environment),
      this.#log,
      this.#files,
    );
  }

  show({ run }: PanelContent): void {
    this.#run = run;
    for (const { control, isFor } of this.#controls) setHidden(control.element, !isFor(run));
    this.#queue.element.textContent = CAN_QUEUE_AGAIN.includes(run.status)
      ? runStrings.queueAgain
      : runStrings.queue;
    const files = this.#panel.beside.files;
    const own = files?.run === run.directory ? files : null;
    this.#put(this.#state, stateFacts(run), () => card(runStrings.state, factList(stateFacts(run))));
    this.#put(this.#environment, [run.machine, own?.environment], () => environmentCard(run, own));
    this.#put(this.#log, own?.log ?? null, () => this.#logCard(own));
    this.#put(this.#files, own?.artefacts ?? null, () => this.#filesCard(own));
  }

  retheme(): void {
    // Everything here is drawn by style sheets.
  }

  /** Draws a part only where what it shows has changed. */
  #put(holder: HTMLElement, shown: unknown, draw: () => HTMLElement): void {
    const now = JSON.stringify([shown]);
    if (this.#known.get(holder) === now) return;
    this.#known.set(holder, now);
    holder.replaceChildren(draw());
  }

  #action(label: string, requestFor: (run: string) => Parameters<Panel['ask']>[0]): ButtonControl {
    const control = button(label, () => {
      if (this.#run === null) return;
      control.busy(true);
      void this.#panel.ask(requestFor(this.#run.directory)).finally(() => control.busy(false));
    });
    return control;
  }

  #logCard(files: RunFiles | null): HTMLElement {
    const lines = files?.log ?? [];
    const open = button(runStrings.wholeLog, () => {
      if (this.#run !== null) void this.#panel.ask({ type: 'showLog', run: this.#run.directory });
    });
    const text = element(
      'pre',
      { class: 'log', attributes: { tabindex: 0, role: 'region', 'aria-label': runStrings.log } },
      lines.join('\n'),
    );
    // The end is what one looks for.
    requestAnimationFrame(() => (text.scrollTop = text.scrollHeight));
    return card(
      runStrings.log,
      lines.length === 0 ? element('p', { class: 'note' }, runStrings.noLog) : text,
      element('div', { class: 'actions' }, open.element),
    );
  }

  #filesCard(files: RunFiles | null): HTMLElement {
    const artefacts = files?.artefacts ?? [];
    if (artefacts.length === 0)
      return card(runStrings.artefacts, element('p', { class: 'note' }, runStrings.noArtefacts));
    return card(
      runStrings.artefacts,
      element('p', { class: 'note' }, runStrings.artefactsHelp),
      dataTable(
        runStrings.artefacts,
        [runStrings.file, runStrings.kind, runStrings.size],
        artefacts.map(({ name, kind, bytes }) => [
          this.#link(name),
          runStrings.kinds[kind],
          bytesText(bytes),
        ]),
      ),
    );
  }

  #link(name: string): HTMLElement {
    return element(
      'button',
      {
        class: 'row-button',
        attributes: { type: 'button', title: runStrings.open(name) },
        on: {
          click: () => {
            if (this.#run !== null)
              void this.#panel.ask({ type: 'openArtefact', run: this.#run.directory, name });
          },
        },
      },
      name,
    );
  }
}

function stateFacts(run: RunView): readonly (readonly [string, string])[] {
  const { progress, status, startedAt, finishedAt, executor, refused, fallen, moves, failure } = run;
  const isOver = ['completed', 'failed', 'stopped', 'interrupted'].includes(status);
  return [
    [runStrings.state, strings.status[status]],
    ...(progress === undefined || status === 'completed'
      ? []
      : [
          [
            runStrings.phase,
            `${progress.phase}, ${strings.seed(progress.seed).toLocaleLowerCase()}`,
          ] as const,
          [
            runStrings.place,
            `${strings.epochOf(countText(progress.epoch + 1), countText(progress.epochs))}, ${wholeShareText(progress.done)}`,
          ] as const,
          ...(isOver ? [] : [[runStrings.left, durationText(progress.secondsLeft)] as const]),
        ]),
    [runStrings.device, executor ?? strings.dash],
    ...(refused.length === 0
      ? [[runStrings.why, runStrings.allServe] as const]
      : refused.map(({ name, reason }) => [`${strings.refused}: ${name}`, reason] as const)),
    ...fallen.map((one) => [strings.fellBack(one.phase, one.executor), one.reason] as const),
    ...moves.map(
      (move) =>
        [
          strings.moved,
          strings.movedTo(move.phase, String(move.seed), countText(move.step), move.to, move.from),
        ] as const,
    ),
    [strings.started, startedAt === undefined ? strings.dash : dateText(startedAt)],
    ...(finishedAt === undefined ? [] : [[strings.finished, dateText(finishedAt)] as const]),
    ...(failure === undefined ? [] : [[strings.failedTitle(failure.code), failure.message] as const]),
  ];
}

function environmentCard({ machine }: RunView, files: RunFiles | null): HTMLElement {
  const facts = files?.environment ?? [];
  return card(
    runStrings.environment,
    factList(facts.length > 0 ? facts : [[strings.machine, machine ?? strings.dash]]),
  );
}
