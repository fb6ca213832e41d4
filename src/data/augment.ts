import { randomStream, uniformAt, type RandomStream } from '../random/random.ts';
import type { AugmentSettings } from './settings.ts';

/** Where the pixels of one sample come from: shifted by whole pixels, then possibly mirrored left to right. */
export interface View {
  /** Row of the source that becomes row 0; negative: padding comes first. */
  top: number;
  left: number;
  mirrored: boolean;
}

type Draw = (view: View, epoch: number, index: number) => void;

/**
 * How the augmentations of a config change one sample: a function of seed, epoch and sample alone.
 *
 * `randomCrop` pads each side by `padding` black pixels and cuts the original size out at a random place; `randomFlip`
 * mirrors with its probability. They act in the order of the config.
 *
 * @param view name of what is drawn; a second view of the same samples has another
 */
export function augmentation(settings: readonly AugmentSettings[], seed: number, view = 'augment'): Draw {
  const draws = settings.map((entry, i) => drawOf(entry, randomStream(seed, `${view}/${i}/${entry.kind}`)));
  return (view, epoch, index) => {
    view.top = 0;
    view.left = 0;
    view.mirrored = false;
    for (const draw of draws) draw(view, epoch, index);
  };
}

function drawOf(settings: AugmentSettings, stream: RandomStream): Draw {
  switch (settings.kind) {
    case 'randomCrop': {
      const places = 2 * settings.padding + 1;
      return (view, epoch, index) => {
        const down = Math.floor(places * uniformAt(stream, epoch, 2 * index)) - settings.padding;
        const right = Math.floor(places * uniformAt(stream, epoch, 2 * index + 1)) - settings.padding;
        view.top += down;
        // In a mirrored picture a step to the right is one to the left in the source.
        view.left += view.mirrored ? -right : right;
      };
    }
    case 'randomFlip':
      return (view, epoch, index) => {
        if (uniformAt(stream, epoch, index) < settings.probability) view.mirrored = !view.mirrored;
      };
  }
}
