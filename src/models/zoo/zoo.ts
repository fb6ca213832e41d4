import type { ModelGraph, Shape } from '../description.ts';
import { modelError } from '../problems.ts';
import { shapeText } from '../shapes.ts';
import { didYouMean } from '../../schema/suggest.ts';
import type { Undersampling } from '../../random/undersampling.ts';
import { convnet } from './convnet.ts';
import { dccnn } from './dccnn.ts';
import { experts } from './experts.ts';
import type { ArchitectureFamily } from './family.ts';
import { mlp } from './mlp.ts';
import { resnet } from './resnet.ts';
import { vgg } from './vgg.ts';
import { wideResnet } from './wide-resnet.ts';

/** Every architecture the config can name. Settings differ in type from family to family, so the list knows them as data. */
export const ZOO: readonly ArchitectureFamily[] = [mlp, convnet, resnet, wideResnet, vgg, experts, dccnn].map(
  asListed,
);

/** An architecture under the name a config uses: a family with its defaults, or one of its presets. */
export interface NamedArchitecture {
  readonly name: string;
  readonly summary: string;
  readonly family: ArchitectureFamily;
  /** What the name says about the settings; the family's defaults fill the rest. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** All names, presets after their family. */
export const ARCHITECTURES: readonly NamedArchitecture[] = ZOO.flatMap((family) => [
  { name: family.name, summary: family.summary, family, settings: {} },
  ...family.presets.map(({ name, summary, settings }) => ({ name, summary, family, settings })),
]);

/**
 * Builds the architecture that a config names.
 * @param settings over those of the name; the family's defaults fill the rest. Their types and ranges are the schema's to check.
 * @param undersampling of the task `reconstruction`; null: the task is to tell classes apart
 * @throws UserError unknown name, a network for another task, settings that make no network, images too small
 */
export function buildArchitecture(
  name: string,
  inputShape: Shape,
  classes: number,
  settings: Readonly<Record<string, unknown>> = {},
  undersampling: Undersampling | null = null,
): ModelGraph {
  const found = ARCHITECTURES.find((architecture) => architecture.name === name);
  if (found === undefined) {
    const names = ARCHITECTURES.map((architecture) => architecture.name);
    throw modelError(
      'unknownArchitecture',
      `there is no architecture "${name}"${didYouMean(name, names)}`,
      `Use one of: ${names.join(', ')}.`,
    );
  }
  if (inputShape.length !== 3) {
    throw modelError(
      'inputTooSmall',
      `${name} reads images [height, width, channels], but the data has the shape ${shapeText(inputShape)}`,
      'Use image data.',
    );
  }
  requireTask(found, undersampling);
  if (!Number.isInteger(classes) || classes < 1) {
    throw modelError(
      'architectureSetting',
      `${name} cannot tell apart ${classes} classes`,
      'Use data with classes.',
    );
  }
  const defaults = Object.entries(found.family.settings.fields).flatMap(([key, field]) =>
    field.default === undefined ? [] : [[key, field.default] as const],
  );
  const { build } = found.family;
  const all = { ...Object.fromEntries(defaults), ...found.settings, ...settings };
  return build(inputShape, classes, all, undersampling);
}

function requireTask({ name, family }: NamedArchitecture, undersampling: Undersampling | null): void {
  const forImages = family.answers === 'images';
  if (forImages === (undersampling !== null)) return;
  const fitting = ARCHITECTURES.filter((one) => (one.family.answers === 'images') !== forImages);
  const names = fitting.map((one) => one.name).join(', ');
  throw forImages
    ? modelError(
        'task',
        `${name} makes whole images of poor ones, and here classes are to be told apart`,
        `Use \`task: reconstruction\`, or one of: ${names}.`,
      )
    : modelError(
        'task',
        `${name} tells classes apart, and the task reconstruction asks for images`,
        `Use one of: ${names}.`,
      );
}

function asListed(family: unknown): ArchitectureFamily {
  return family as ArchitectureFamily;
}
