import { catalogue, findMethod } from '../../methods/index.ts';
import { worksWithoutClasses } from '../../methods/method.ts';
import type { Phase } from '../../schemes/phase.ts';
import { chosen, isRecord, type ConfigValue, type LooseConfig } from '../loose.ts';
import { phasesOf } from '../phases/phases.ts';
import { names, rolesOf, teachersOfTerm } from '../roles.ts';
import { keyPlace, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { schemeOf } from './meetings.ts';

const IMAGE_METRICS: readonly unknown[] = ['psnr', 'ssim'];
/** Metrics that every task has. */
const ANY_METRICS: readonly unknown[] = ['loss'];
const SCHEMES: readonly string[] = ['offline', 'studentAware'];
/** Modules whose answers are probabilities of classes. */
const CLASS_MODULES: readonly string[] = ['ctc', 'bayesian'];

type Fault = (path: Path, message: string, help: string) => void;

/** What needs classes where images are the answers, and what needs images where classes are. */
export function checkTask(value: LooseConfig, context: CheckContext): void {
  const fault: Fault = (path, message, help) => {
    context.report.add('KD2118', keyPlace(context.tree, path), { message, help });
  };
  const images = value.task?.reconstruction !== undefined;
  checkMetrics(value.train, ['train'], images, context, fault);
  for (const [name, model] of Object.entries(value.models ?? {}))
    checkMetrics(model?.train, ['models', name, 'train'], images, context, fault);
  checkImitation(value, images, fault);
  if (!images) return;
  checkTerms(value, fault);
  checkModels(value, fault);
  checkMeasures(value, context, fault);
  const { teacherView = 'joint' } = value.data ?? {};
  if (teacherView !== 'joint')
    fault(
      ['data', 'teacherView'],
      'teacher and student would answer with images of different views, which cannot be compared value by value',
      'Leave it out: both see the same.',
    );
  const { word } = schemeOf(value);
  if (value.phases === undefined && !SCHEMES.includes(word))
    fault(
      ['distill', 'scheme'],
      `the scheme ${word} was made for classes, and the task reconstruction has none`,
      `Use one of: ${SCHEMES.join(', ')}.`,
    );
  if (value.distill?.book !== undefined && value.distill.book !== false)
    fault(
      ['distill', 'book'],
      'a book holds answers about classes, and the task reconstruction has none',
      'Leave it out: the teacher answers live, or once before training where images are not augmented.',
    );
}

/** By what weights are chosen, training ends and schedules fall. */
function checkMetrics(
  train: LooseConfig['train'] | undefined,
  path: Path,
  images: boolean,
  { tree }: CheckContext,
  fault: Fault,
): void {
  if (train === undefined) return;
  const other = (metric: unknown) =>
    typeof metric === 'string' && !ANY_METRICS.includes(metric) && IMAGE_METRICS.includes(metric) !== images;
  const report = (at: Path, metric: unknown) => {
    if (!other(metric)) return;
    const [told, instead] = images
      ? [`${String(metric)} is about classes, and the task reconstruction has none`, 'psnr, ssim or loss']
      : [`${String(metric)} is about images, and here classes are the answers`, 'accuracy or crossEntropy'];
    fault(at, told, `Name ${instead}.`);
  };
  // Left out, it is what the task is judged by.
  if (nodeAt(tree, [...path, 'selectBy']) !== undefined) report([...path, 'selectBy'], train.selectBy);
  const { earlyStopping } = train;
  if (isRecord(earlyStopping)) report([...path, 'earlyStopping', 'by'], earlyStopping['by']);
  const optimizer = chosen(train.optimizer);
  const rate = optimizer?.settings['learningRate'];
  const plateau = isRecord(rate) ? rate['plateau'] : undefined;
  if (optimizer !== null && isRecord(plateau))
    report([...path, 'optimizer', optimizer.word, 'learningRate', 'plateau', 'by'], plateau['by']);
  if (!images) return;
  const { classWeights = 'none', labelSmoothing, mixup = 'none', cutmix = 'none' } = train;
  const asked = {
    classWeights: classWeights !== 'none',
    labelSmoothing: labelSmoothing !== undefined && labelSmoothing !== 0,
    mixup: mixup !== 'none',
    cutmix: cutmix !== 'none',
  };
  for (const [key, isAsked] of Object.entries(asked)) {
    if (!isAsked) continue;
    fault([...path, key], `${key} changes labels, and the task reconstruction has none`, 'Leave it out.');
  }
}

/** Tails and teacher match what they answer with. */
function checkImitation(value: LooseConfig, images: boolean, fault: Fault): void {
  const { word, settings } = schemeOf(value);
  if (value.phases !== undefined || word !== 'studentAware') return;
  const { compare } = settings;
  if (compare === undefined || (compare === 'images') === images) return;
  fault(
    ['distill', 'scheme', word, 'compare'],
    images
      ? 'branches and teacher would match answers about classes, and the task reconstruction has none'
      : 'branches and teacher would match images, and here classes are the answers',
    images ? 'Write `compare: images`.' : 'Leave `compare` out.',
  );
}

function checkTerms(value: LooseConfig, fault: Fault): void {
  const { match = [], refine = [] } = value.distill ?? {};
  const refiners = (list: unknown, at: Path) => {
    (Array.isArray(list) ? (list as readonly (object | undefined)[]) : []).forEach((entry, index) => {
      const { word } = chosen(entry) ?? { word: '' };
      fault(
        [...at, index],
        `${word} refines what is said about classes, and the task reconstruction has none`,
        'Remove it.',
      );
    });
  };
  refiners(refine, ['distill', 'refine']);
  match.forEach((term, index) => {
    const { word, settings } = chosen(term) ?? { word: '', settings: {} };
    const path: Path = ['distill', 'match', index, word];
    refiners(settings['refine'], [...path, 'refine']);
    checkMethod(word, settings, path, fault);
    if (names(teachersOfTerm(term)).length > 1)
      fault(
        [...path, 'from'],
        'answers of several teachers are combined as probabilities, and images are none',
        'Name one teacher; a second one may have a term of its own.',
      );
  });
  if (value.phases !== undefined && rolesOf(value).from.length > 1)
    fault(
      ['distill', 'from'],
      'answers of several teachers are combined as probabilities, and images are none',
      'Name one teacher.',
    );
}

function checkMethod(
  name: string,
  settings: Readonly<Record<string, unknown>>,
  path: Path,
  fault: Fault,
): void {
  const method = findMethod(name);
  if (method === undefined || worksWithoutClasses(method, settings)) return;
  const usable = catalogue.filter(
    (one) =>
      one.knowledge === method.knowledge && one.needs.group === undefined && worksWithoutClasses(one, {}),
  );
  const { labels, indices, logits } = method.needs;
  const reads =
    labels === true || indices === true ? 'labels' : logits === true ? 'probabilities' : 'a classifier';
  fault(
    path,
    `${name} reads ${reads} of classes, and the task reconstruction has none`,
    `Use one that does not, such as ${usable
      .slice(0, 5)
      .map((one) => one.name)
      .join(', ')}.`,
  );
}

function checkModels(value: LooseConfig, fault: Fault): void {
  for (const [name, model] of Object.entries(value.models ?? {})) {
    if (model?.classes !== undefined)
      fault(
        ['models', name, 'classes'],
        `${name} answers with images, and images are no classes`,
        'Leave `classes` out.',
      );
    (model?.modules ?? []).forEach((module, index) => {
      const { word } = chosen(module) ?? { word: '' };
      if (!CLASS_MODULES.includes(word)) return;
      fault(
        ['models', name, 'modules', index],
        `${word} yields probabilities of classes, and the task reconstruction has none`,
        'Remove it.',
      );
    });
  }
}

function checkMeasures(value: LooseConfig, { tree }: CheckContext, fault: Fault): void {
  const { gap, uncertainty = false } = value.measure ?? {};
  const written = (key: string) => nodeAt(tree, ['measure', key]) !== undefined;
  const asked = {
    gap: written('gap') && gap !== false,
    uncertainty: uncertainty !== false,
    metrics: written('metrics') && (value.measure?.metrics ?? []).length > 0,
  };
  for (const [key, isAsked] of Object.entries(asked)) {
    if (!isAsked) continue;
    fault(
      ['measure', key],
      `${key} is measured of classes, and the task reconstruction has none`,
      'Leave it out: PSNR, SSIM and the PSNR of the poor images are recorded in any case.',
    );
  }
}

/**
 * Phases that are written out: what of them needs classes.
 *
 * @param value of a config without faults
 */
export function checkTaskOfPhases(value: ConfigValue, context: CheckContext): void {
  if (value.phases === undefined || value.task.reconstruction === undefined) return;
  phasesOf(value).forEach((phase, index) => {
    const found = needsClasses(phase);
    if (found === null) return;
    context.report.add('KD2118', keyPlace(context.tree, ['phases', index, found.key]), {
      message: `the phase ${phase.name} ${found.what}, and the task reconstruction has none`,
      help: 'Leave it out, or use phases such as `scheme: studentAware` expands to.',
    });
  });
}

function needsClasses(phase: Phase): { readonly key: string; readonly what: string } | null {
  const { generator, book, source, freeze, match = [], train } = phase;
  if (generator !== undefined) return { key: 'generator', what: 'makes images of classes' };
  if (book !== undefined) return { key: 'book', what: 'merges probabilities of classes' };
  if (freeze.length > 1 && (source === undefined || source.kind === 'frozen'))
    return { key: 'freeze', what: 'combines several teachers as probabilities of classes' };
  if (source?.kind === 'peers' && source.combine === 'average')
    return { key: 'source', what: 'combines peers as probabilities of classes' };
  if (train.some(({ branches }) => branches?.kind === 'exits'))
    return { key: 'train', what: 'has exits that tell classes apart' };
  const term = match.find(({ method, parameters }) => {
    const found = findMethod(method);
    return found !== undefined && !worksWithoutClasses(found, parameters);
  });
  return term === undefined ? null : { key: 'match', what: `matches by ${term.method}, which reads classes` };
}
