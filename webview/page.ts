import type { AblationAnswer } from '../src/protocol/ablation.ts';
import type { PanelRequest, RunSummary } from '../src/protocol/panel.ts';
import type { PanelContent } from '../src/protocol/panel-content.ts';
import type { Announcer } from './announcer.ts';
import { Banner, endOf, unreadOf } from './banner.ts';
import { element, setHidden, setText } from './dom.ts';
import type { Answer, Host } from './host.ts';
import type { Choices, Memory, ViewId } from './memory.ts';
import type { Recovery } from './recovery.ts';
import { RunHeader } from './run-header.ts';
import { RunPicker } from './run-picker.ts';
import type { Beside, DiagnosisShown, GapShown, RunStore } from './run-store.ts';
import { SeedPicker } from './seed-picker.ts';
import { StartState } from './start-state.ts';
import { strings } from './strings.ts';
import type { TabsControl } from './toolkit.ts';
import { tabs } from './toolkit.ts';
import type { Panel } from './view.ts';
import type { ViewSlot } from './views.ts';
import { makeViews } from './views.ts';

const NOTICE_MILLISECONDS = 8_000;

/** What the page draws, and what it works with. */
interface PageParts {
  readonly store: RunStore;
  readonly recovery: Recovery;
  readonly host: Host;
  readonly memory: Memory;
  readonly announcer: Announcer;
}

/** The whole page: the run picker, the run's header and its views, or what to do where there is no run. */
export class Page implements Panel {
  readonly element: HTMLElement;
  readonly #store: RunStore;
  readonly #recovery: Recovery;
  readonly #host: Host;
  readonly #memory: Memory;
  readonly #announcer: Announcer;
  readonly #picker = new RunPicker(this);
  readonly #seeds = new SeedPicker(this);
  readonly #start = new StartState(this);
  readonly #header = new RunHeader(this);
  readonly #banner = new Banner();
  readonly #unread = new Banner();
  readonly #notice = element('p', { class: 'notice' });
  readonly #run: HTMLElement;
  readonly #views: readonly ViewSlot[];
  readonly #tabs: TabsControl;
  #hideNotice: ReturnType<typeof setTimeout> | undefined;
  #isDrawing = false;
  #spoken = '';
  #watched = '';
  #toldUnread: string | null = null;

  constructor({ store, recovery, host, memory, announcer }: PageParts) {
    this.#store = store;
    this.#recovery = recovery;
    this.#host = host;
    this.#memory = memory;
    this.#announcer = announcer;
    this.#views = makeViews(this);
    this.#tabs = tabs(
      strings.views,
      this.#views.map(({ id, label, element: view }) => ({ id, label, view })),
      (view) => this.choose({ view: view as ViewId }),
    );
    setHidden(this.#notice, true);
    this.#run = element(
      'div',
      {},
      this.#header.element,
      this.#banner.element,
      element('div', { class: 'views' }, this.#seeds.element, this.#tabs.element),
    );
    const top = element('div', { class: 'run-top' }, this.#picker.element, this.#header.controls);
    this.element = element(
      'main',
      {},
      top,
      this.#notice,
      this.#unread.element,
      this.#start.element,
      this.#run,
    );
  }

  get choices(): Choices {
    return this.#memory.choices;
  }

  get diagnosis(): DiagnosisShown | null {
    return this.#store.diagnosis;
  }

  get gap(): GapShown | null {
    return this.#store.gap;
  }

  get runs(): readonly RunSummary[] {
    return this.#store.list.runs;
  }

  get overlays(): ReadonlyMap<string, PanelContent> {
    return this.#store.overlays;
  }

  get greetings(): number {
    return this.#store.greetings;
  }

  get beside(): Beside {
    return this.#store.beside;
  }

  choose(change: Partial<Choices>): void {
    this.#memory.choose(change);
    this.#store.keepOverlays(this.choices.overlays);
    this.changed();
  }

  ablationOf(run: string): AblationAnswer | null {
    const { ablation } = this.#store;
    return ablation.run === run ? ablation.answer : null;
  }

  async ask(request: PanelRequest): Promise<Answer> {
    const answer = await this.#host.ask(request);
    this.tell(answer);
    return answer;
  }

  say(text: string): void {
    this.#announcer.say(text);
  }

  /** Draws at the next frame; several changes before it are drawn once. */
  changed(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  retheme(): void {
    for (const view of this.#views) view.retheme();
  }

  #draw(): void {
    const { content } = this.#store;
    this.#picker.show(this.#store.list, content?.run.directory ?? null);
    this.#start.show(this.#store);
    this.#showUnread();
    setHidden(this.#run, content === null);
    setHidden(this.#header.controls, content === null);
    if (content) this.#drawRun(content);
    this.#watch(content !== null);
  }

  /** What cannot be read is said once, and stands there for as long as it is missing. */
  #showUnread(): void {
    const problem = this.#recovery.unread(this.choices.overlays);
    this.#unread.show(unreadOf(problem));
    if (problem !== null && this.#toldUnread === null) this.say(strings.unreadTitle);
    this.#toldUnread = problem;
  }

  /** Tells the host what is in sight beside the run; it sends nothing else. */
  #watch(hasRun: boolean): void {
    const { view } = this.choices;
    const watched = { table: hasRun && view === 'compare', files: hasRun && view === 'run' };
    if (JSON.stringify(watched) === this.#watched) return;
    const isFirst = this.#watched === '';
    this.#watched = JSON.stringify(watched);
    if (!isFirst || watched.table || watched.files) this.#host.send({ type: 'watch', ...watched });
  }

  /** A comparison that was asked for outside of the page. */
  #takeWanted(): void {
    const { wanted } = this.#store;
    if (wanted === null) return;
    this.#store.wanted = null;
    const { compare } = this.choices;
    const chosen = wanted.length === 0 ? compare.chosen : wanted;
    this.#memory.choose({
      view: 'compare',
      compare: { ...compare, chosen, reference: '', isCompared: false },
    });
    if (wanted.length > 1) {
      const { metric } = compare;
      void this.ask({ type: 'compare', runs: wanted, metric, toBaseline: false });
    }
  }

  #drawRun(content: PanelContent): void {
    const { run } = content;
    this.#takeWanted();
    if (run.directory !== this.choices.run) this.#memory.choose({ run: run.directory });
    this.#header.show(content);
    this.#banner.show(endOf(run));
    this.#seeds.show(content);
    this.#tabs.show(this.choices.view);
    this.#views.find(({ id }) => id === this.choices.view)?.show(content);
    this.#speakOf(content);
  }

  /** A change of state or phase is worth a word; numbers are not. */
  #speakOf({ run }: PanelContent): void {
    const phase = run.status === 'running' ? run.progress?.phase : undefined;
    const status = strings.spokenStatus(run.name, strings.status[run.status]);
    const text = phase === undefined ? status : `${status}. ${strings.spokenPhase(phase)}`;
    if (text === this.#spoken) return;
    this.#spoken = text;
    this.say(text);
  }

  tell({ ok, message }: Answer): void {
    if (message === '') return;
    clearTimeout(this.#hideNotice);
    setText(this.#notice, message);
    this.#notice.className = ok ? 'notice' : 'notice notice-error';
    setHidden(this.#notice, false);
    this.say(message);
    // A fault stays until the next answer.
    if (ok) this.#hideNotice = setTimeout(() => setHidden(this.#notice, true), NOTICE_MILLISECONDS);
  }
}
