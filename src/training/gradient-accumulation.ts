/**
 * Gradient accumulation: the weights follow the mean gradient over the samples of `batches` batches. A group never reaches
 * into the next epoch: the last of an epoch may have fewer batches, and its last batch fewer samples.
 */
export interface UpdatePosition {
  /** Updates of the weights before this step. */
  readonly update: number;
  /** First step of the group. The scalars of a group are those of its first step, as if it were one large batch. */
  readonly firstStep: number;
  /** Whether the weights move after this step. */
  readonly updates: boolean;
}

/** @param step batches done before, from the start of the phase */
export function updatePosition(step: number, stepsPerEpoch: number, batches: number): UpdatePosition {
  const epoch = Math.floor(step / stepsPerEpoch);
  const inEpoch = step - epoch * stepsPerEpoch;
  const group = Math.floor(inEpoch / batches);
  return {
    update: epoch * Math.ceil(stepsPerEpoch / batches) + group,
    firstStep: epoch * stepsPerEpoch + group * batches,
    updates: (inEpoch + 1) % batches === 0 || inEpoch + 1 === stepsPerEpoch,
  };
}
