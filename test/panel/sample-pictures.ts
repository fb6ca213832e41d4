import type { PictureRecord } from '../../src/protocol/records.ts';

/** Pictures that some systems keep, made up: gates of experts and regions of a detector, over three epochs. */
export function samplePictures(): readonly PictureRecord[] {
  return [0, 3, 7].flatMap((epoch) => [gatesAt(epoch), regionsAt(epoch)]);
}

function gatesAt(epoch: number): PictureRecord {
  const classes = ['0', '1', '2', '3'];
  const share = (i: number, j: number) => (i % 3 === j ? 0.6 + 0.02 * epoch : 0.2 - 0.01 * epoch);
  return {
    ...{ kind: 'gates', phase: 'student', seed: 1, epoch, classes },
    levels: [
      {
        layer: 'experts',
        weights: classes.map((_, i) => [0, 1, 2].map((j) => share(i, j))),
        entropy: 0.95 - 0.02 * epoch,
        overlap: 0.4,
      },
    ],
    conflicts: classes.map((_, a) => classes.map((_name, b) => (a === b ? 1 : 0.3 * (((a + b) % 3) - 1)))),
  };
}

function regionsAt(epoch: number): PictureRecord {
  const image = (at: number) => [
    { box: [0.1, 0.1 + 0.05 * at, 0.5, 0.6] as const, score: 0.5 + 0.05 * epoch },
    { box: [0.4, 0.3, 0.9, 0.8] as const, score: 0.3 },
  ];
  return {
    ...{ kind: 'regions', phase: 'student', seed: 1, epoch, samples: [4, 9] },
    sets: [{ term: 'kd', refiner: 'regions', layer: 'stage2', images: [image(0), image(1)] }],
  };
}
