import { findMethod } from '../../methods/index.ts';
import { findRefiner } from '../../methods/refine/index.ts';
import { readsTeacher } from '../../methods/method.ts';
import { GENERATOR, tailsOf } from '../../schemes/phase.ts';
import { closestNames } from '../../schema/suggest.ts';
import type { Fix } from '../diagnostic.ts';
import { addEntry } from '../insert.ts';
import { replaceFix } from '../report.ts';
import { chosen, type LooseConfig } from '../loose.ts';
import { toInstance, EXPERIMENT, type WrittenPhase } from '../phases/read.ts';
import { names as namesOf, rolesOf, teachersOfTerm } from '../roles.ts';
import { nextUse } from '../settings.ts';
import { entryOf, keyPlace, nearestNode, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { removeFromFix } from './fixes.ts';
import { namesOfModels } from './distill.ts';

/** Phases that are written out: names, order, and what the training loop can do. */
export function checkPhases(value: LooseConfig, context: CheckContext): void {
  const { phases } = value;
  if (phases === undefined) return;
  if (nodeAt(context.tree, ['distill', 'scheme']) !== undefined) {
    // Both say what happens in which order; which one counts must not be a riddle.
    context.report.add('KD2006', keyPlace(context.tree, ['distill', 'scheme']), {
      message: '"distill.scheme" and "phases" exclude each other',
      help: 'Keep one of them.',
      related: [{ place: keyPlace(context.tree, ['phases']), message: '"phases" stands here' }],
    });
  }
  const finished = Object.entries(value.models ?? {}).flatMap(([name, model]) =>
    model?.run === undefined ? [] : [name],
  );
  const known: Known = {
    names: new Map(),
    ready: new Set(finished),
    trained: new Set(),
    value,
    context,
  };
  phases.forEach((phase, index) => {
    if (phase !== undefined) new PhaseCheck(phase as Partial<WrittenPhase>, ['phases', index], known).run();
  });
}

interface Known {
  /** Phases so far, and what each minimises. */
  readonly names: Map<string, string | undefined>;
  /** Names of weights that are there: trained so far, or from an earlier run. */
  readonly ready: Set<string>;
  /** Instances that phases have trained so far. */
  readonly trained: Set<string>;
  readonly value: LooseConfig;
  readonly context: CheckContext;
}

class PhaseCheck {
  readonly #phase: Partial<WrittenPhase>;
  readonly #path: Path;
  readonly #known: Known;

  constructor(phase: Partial<WrittenPhase>, path: Path, known: Known) {
    this.#phase = phase;
    this.#path = path;
    this.#known = known;
  }

  run(): void {
    const { names, ready, trained } = this.#known;
    const { name, loss } = this.#phase;
    if (name !== undefined && names.has(name))
      this.#fault(['name'], `two phases are called "${name}"`, 'Give each phase a name of its own.');
    this.#checkFrozen();
    this.#checkLearners();
    this.#checkReferences();
    this.#checkSpeakers();
    this.#checkTurns();
    if (name !== undefined) {
      names.set(name, loss);
      ready.add(name);
      ready.add(tailsOf(name));
    }
    for (const { instance } of this.#learners()) {
      ready.add(instance);
      trained.add(instance);
    }
  }

  #learners() {
    const { name = '', train = [] } = this.#phase;
    const entries: readonly (WrittenPhase['train'][number] | undefined)[] = train;
    return entries.flatMap((entry) => (entry === undefined ? [] : [toInstance(entry, name)]));
  }

  #checkFrozen(): void {
    const { freeze = [] } = this.#phase;
    const { ready, context } = this.#known;
    freeze.forEach((instance: string | undefined, index) => {
      if (instance === undefined || ready.has(instance)) return;
      const path = [...this.#path, 'freeze', index];
      if (!isModel(instance, path, context)) return;
      const learns = this.#learners().some((one) => one.instance === instance);
      this.#fault(
        ['freeze', index],
        learns
          ? `"${instance}" cannot learn and stand still in one phase`
          : `"${instance}" has not been trained before this phase`,
        learns
          ? 'Remove it from `train` or from `freeze`.'
          : 'Train it in an earlier phase, or take it from a run.',
        // What learns must not stand still.
        learns
          ? removeFromFix(
              nodeAt(context.tree, this.#path),
              'freeze',
              index,
              `Remove "${instance}" from freeze`,
            )
          : [],
      );
    });
  }

  #checkLearners(): void {
    const { epochs, train = [], freeze = [] } = this.#phase;
    const { context, ready, trained } = this.#known;
    const own = new Set<string>();
    // A faulty entry has left a hole.
    (train as readonly (WrittenPhase['train'][number] | undefined)[]).forEach((entry, index) => {
      if (entry === undefined) return;
      const { instance, model, continues = [], graft, joins } = toInstance(entry, this.#phase.name ?? '');
      if (!isModel(model, [...this.#path, 'train', index], context)) return;
      if (ready.has(instance) && freeze.includes(instance)) {
        this.#fault(
          ['train', index],
          `"${instance}" cannot learn and stand still in one phase`,
          'Remove it from `train` or from `freeze`.',
        );
      } else if (
        trained.has(instance) ||
        own.has(instance) ||
        (ready.has(instance) && continues.length === 0)
      ) {
        this.#fault(
          ['train', index],
          `"${instance}" is already trained`,
          `Train another instance of it with { ${model}: fresh }.`,
        );
      }
      own.add(instance);
      const grafted = [graft?.host, joins?.lower, joins?.upper].filter((name) => name !== undefined);
      for (const from of [...continues, ...grafted]) {
        if (ready.has(from)) continue;
        this.#fault(
          ['train', index],
          `"${from}" has not been trained before this phase`,
          'Continue from an earlier phase, or from a model of a run.',
        );
      }
      if (epochs === 0 && continues.length === 0) {
        this.#fault(
          ['epochs'],
          'a phase of 0 epochs trains nothing',
          'Give it epochs, or say what it keeps the best of: { student: { continues: [...] } }.',
        );
      }
    });
  }

  #checkReferences(): void {
    const { beside, onlyIf, settingsOf } = this.#phase;
    const { names, context } = this.#known;
    if (beside !== undefined && names.get(beside) !== 'ahead')
      this.#fault(
        ['beside'],
        `no phase before this one with \`loss: ahead\` is called "${beside}"`,
        'Name one.',
      );
    for (const key of ['better', 'than'] as const) {
      const name = onlyIf?.[key];
      if (name !== undefined && !names.has(name))
        this.#fault(
          ['onlyIf', key],
          `no phase before this one is called "${name}"`,
          'Name an earlier phase.',
        );
    }
    if (settingsOf !== undefined && settingsOf !== EXPERIMENT)
      isModel(settingsOf, [...this.#path, 'settingsOf'], context);
  }

  /** Whether somebody speaks to every term that listens. */
  #checkSpeakers(): void {
    const { loss, source, freeze = [], generator, book } = this.#phase;
    const { value } = this.#known;
    const learners = this.#learners();
    const { word } = chosen(source) ?? { word: 'frozen' };
    if (generator !== undefined && (loss !== 'distill' || freeze.length === 0))
      this.#fault(
        ['generator'],
        'a generator learns from a frozen teacher',
        'Add it to `freeze`, with loss: distill.',
      );
    if (book !== undefined && (loss !== 'distill' || freeze.length === 0 || word !== 'frozen'))
      this.#fault(
        ['book'],
        'a book is written by frozen teachers',
        'Add them to `freeze`, with loss: distill and no other source.',
      );
    if ((loss !== 'distill' && loss !== 'ahead') || learners.length === 0) return;
    const terms = this.#phase.match ?? value.distill?.match ?? [];
    const listening = terms.filter((term) => {
      const method = findMethod(chosen(term)?.word ?? '');
      return method !== undefined && readsTeacher(method) && teachersOfTerm(term) === undefined;
    });
    if (listening.length > 0 && word === 'frozen' && freeze.length === 0) {
      const { from } = rolesOf(value);
      const teacher =
        from[0] ?? namesOfModels(this.#known.context.tree).find((one) => /teacher/i.test(one)) ?? 'teacher';
      this.#fault(
        ['loss'],
        `"${teacher}" teaches, but does not take part in this phase`,
        `Add freeze: [${teacher}].`,
        this.#freezeFix(teacher),
      );
    }
    const heardPeers = word === 'peers' || (word === 'copies' && chosen(source)?.settings['of'] === 'peers');
    if (heardPeers && learners.length < 2)
      this.#fault(['source'], 'one learner has no peers', 'Train two or more in this phase.');
    const group = terms.map((term) => chosen(term)?.word ?? '').find((one) => findMethod(one)?.needs.group);
    if (group !== undefined && learners.length < 2 && learners[0]?.branches === undefined) {
      this.#fault(
        ['train'],
        `${group} looks at a group that learns together, and this phase has one learner without branches`,
        'Train several, or give it branches.',
      );
    }
    const ahead = terms.some((term) => findMethod(chosen(term)?.word ?? '')?.opponent?.ahead === true);
    if (loss === 'ahead' && !ahead)
      this.#fault(
        ['loss'],
        'no term has a network beside the learner to train ahead',
        'Use it with ft, ftOfficial or mhgd.',
      );
  }

  /** Whether turns name what moves, each once. */
  #checkTurns(): void {
    const { alternate, generator } = this.#phase;
    const { value } = this.#known;
    if (alternate === undefined) return;
    const learners = this.#learners().map(({ instance }) => instance);
    const terms = (this.#phase.match ?? value.distill?.match ?? []).flatMap((term) => {
      const { word } = chosen(term) ?? { word: '' };
      return findMethod(word)?.opponent === undefined ? [] : [word];
    });
    const training = [...learners, ...(generator === undefined ? [] : [GENERATOR]), ...terms];
    const searching = this.#searching();
    const seen = new Set<string>();
    alternate.forEach((turn, index) => {
      const { update: named, on, epochs } = (turn as typeof turn | undefined) ?? {};
      const update = namesOf(named);
      const movable = on === 'validation' ? searching : training;
      if (epochs !== undefined && on === undefined)
        this.#fault(
          ['alternate', index],
          'a turn on the training split has no end before its phase',
          'Remove `epochs`, or say `on: validation`.',
        );
      for (const name of update) {
        if (!movable.includes(name))
          this.#fault(
            ['alternate', index],
            searching.includes(name)
              ? `"${name}" searches on the validation split`
              : `nothing called "${name}" moves ${on === 'validation' ? 'on the validation split' : 'in this phase'}`,
            searching.includes(name)
              ? 'Give it a turn of its own with `on: validation`.'
              : movable.length === 0
                ? 'Use a refiner that searches, such as dafa, or remove the turn.'
                : `Name some of: ${movable.join(', ')}.`,
          );
        else if (seen.has(name))
          this.#fault(
            ['alternate', index],
            `"${name}" has a turn already`,
            'Let each move in one turn, with as many steps as it needs.',
          );
        seen.add(name);
      }
      if (update.includes(GENERATOR) && update.length > 1)
        this.#fault(['alternate', index], 'the generator moves alone', 'Give it a turn of its own.');
    });
    if (!learners.some((name) => seen.has(name)))
      this.#fault(['alternate'], 'no learner moves in any turn', `Add { update: ${learners[0] ?? ''} }.`);
    if (generator !== undefined && !seen.has(GENERATOR))
      this.#fault(['alternate'], 'the generator never moves', 'Add { update: generator }.');
  }

  /** Refiners of the phase that search, by their names. */
  #searching(): readonly string[] {
    const { distill } = this.#known.value;
    const uses = new Map<string, number>();
    const whole = (list: unknown) =>
      Array.isArray(list)
        ? (list as readonly (object | undefined)[]).filter((entry) => entry !== undefined)
        : [];
    const terms = whole(this.#phase.match ?? distill?.match);
    const lists = [distill?.refine, ...terms.map((term) => chosen(term)?.settings['refine'])];
    return lists
      .flatMap((list) => whole(list))
      .map((entry) => chosen(entry)?.word ?? '')
      .map((word) => ({ word, id: nextUse(word, uses) }))
      .filter(({ word }) => findRefiner(word)?.search !== undefined)
      .map(({ id }) => id);
  }

  /** Where the phase says nothing of what stands still. */
  #freezeFix(teacher: string): Fix[] {
    const phase = nodeAt(this.#known.context.tree, this.#path);
    if (phase?.kind !== 'map' || entryOf(phase, 'freeze') !== undefined) return [];
    const text = `freeze: [${teacher}]`;
    return [{ title: `Add ${text}`, edits: [addEntry(phase.place.source, phase, text)] }];
  }

  #fault(at: Path, message: string, help: string, fixes: readonly Fix[] = []): void {
    const { tree, report } = this.#known.context;
    report.add('KD2215', nearestNode(tree, [...this.#path, ...at]).place, { message, help, fixes });
  }
}

function isModel(name: string, path: Path, context: CheckContext): boolean {
  const names = namesOfModels(context.tree);
  if (names.includes(name)) return true;
  const { place } = nearestNode(context.tree, path);
  const [close] = closestNames(name, names, 1);
  context.report.add('KD2201', place, {
    message: `there is no model "${name}"${close === undefined ? '' : `; did you mean "${close}"?`}`,
    help: `Models: ${names.join(', ')}.`,
    fixes: close === undefined ? [] : [replaceFix(`Change to "${close}"`, place, close)],
  });
  return false;
}
