import { UserError } from '../protocol/errors.ts';
import { mainText } from '../protocol/main-metric.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { Job } from './jobs.ts';

/** dB by which a teacher's images may differ from those when it was kept, between two executions of the same weights. */
const ROUNDED_DECIBELS = 0.05;

/** As `requireSameAccuracy`, of a teacher that answers with images. KD4012. */
export function requireSameImages(model: string, now: number, kept: number): void {
  if (!Number.isFinite(kept) || Math.abs(now - kept) <= ROUNDED_DECIBELS) return;
  throw new UserError({
    code: 'KD4012',
    message: `The teacher "${model}" reaches a PSNR of ${mainText(now, 'psnr')} on validation, but ${mainText(kept, 'psnr')} when it was trained: these are not its weights.`,
    help: 'Start a new run; if it happens again, report this with the config.',
    key: `models.${model}`,
  });
}

/** Says aloud where the images of a model are no better than the poor ones that it read. */
export function warnOfPoorImages(
  writer: RunWriter,
  job: Job,
  who: string,
  { psnr, inputPsnr }: { readonly psnr: number; readonly inputPsnr: number },
): void {
  if (psnr > inputPsnr) return;
  const message = `${who} on validation no better images than it reads: PSNR ${mainText(psnr, 'psnr')}, of the poor images ${mainText(inputPsnr, 'psnr')}.`;
  writer.event({ kind: 'guard', phase: job.phase.name, seed: job.seed, message });
}
