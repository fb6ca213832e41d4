import type { PanelContent } from '../src/protocol/panel-content.ts';
import { element, setHidden } from './dom.ts';
import { strings } from './strings.ts';
import { choice } from './toolkit.ts';
import type { Panel } from './view.ts';

const ALL = 'all';

/** All seeds folded, or one of them; for every view at once. */
export class SeedPicker {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #choice;

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#choice = choice(strings.seeds, (value) =>
      panel.choose({ seed: value === ALL ? null : Number(value) }),
    );
    this.element = element('div', { class: 'seed-picker' }, this.#choice.element);
  }

  show(content: PanelContent): void {
    const recorded = content.keys().map(({ seed }) => seed);
    const seeds = [...new Set([...content.run.seeds, ...recorded])].sort((a, b) => a - b);
    const { seed, view } = this.#panel.choices;
    setHidden(this.element, seeds.length < 2 || view === 'verdict');
    // A seed remembered from another run.
    if (seed !== null && !seeds.includes(seed)) this.#panel.choose({ seed: null });
    this.#choice.set(
      [
        { value: ALL, label: strings.allSeeds },
        ...seeds.map((one) => ({ value: String(one), label: strings.seed(one) })),
      ],
      seed === null ? ALL : String(seed),
    );
  }
}
