import type { BestWeights, Checkpoint } from './writer.ts';
import type { Tensors } from './tensor-folder.ts';

/** Names of tensors were `best:<learner>|<tensor>`. */
const BEST = 'best:';

/** The part of the loop's memory that has left it since. */
interface Loop {
  readonly progress?: {
    readonly best?: Readonly<Record<string, Pick<BestWeights, 'epoch' | 'score' | 'values'>>>;
  };
}

/** Checkpoints of format 1 held the best weights among their own tensors, and what those reached in the memory of the loop. */
export function fromFormat1(meta: Checkpoint['meta'], tensors: Tensors): Checkpoint {
  const reached = Object.entries((meta.loop as Loop | null)?.progress?.best ?? {});
  const entries = Object.entries(tensors);
  const best = reached.map(([instance, { epoch, score, values }]) => {
    const head = `${BEST}${instance}|`;
    const own = entries.flatMap(([name, tensor]) =>
      name.startsWith(head) ? [[name.slice(head.length), tensor] as const] : [],
    );
    const model = `${instance}-${meta.seed}`;
    return [instance, { model, epoch, score, values, tensors: Object.fromEntries(own) }] as const;
  });
  return {
    meta,
    tensors: Object.fromEntries(entries.filter(([name]) => !name.startsWith(BEST))),
    best: Object.fromEntries(best),
  };
}
