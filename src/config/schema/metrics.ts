import type { Measured } from '../../schemes/measured.ts';
import { MEASURED_BY_DEFAULT } from '../../schemes/measured.ts';
import { choice, list } from '../../schema/field.ts';

/** What can be measured beside accuracy and losses. */
export const MEASURABLE: Readonly<Record<Measured, string>> = {
  balancedAccuracy: 'Mean of the shares of each class: rare classes count as much as frequent ones.',
  macroF1: 'Mean over the classes of the harmonic mean of precision and recall.',
  calibrationError:
    'How far confidence lies from accuracy, in 15 bins (ECE, Guo et al. 2017); 0: as often right as it is sure.',
  quadraticKappa: 'Agreement beyond chance for classes in order, the farther apart the worse (Cohen 1968).',
  top5Accuracy: 'Share of samples whose class is among the five most probable.',
  confusion: 'How often each class is named for which, on the test split, in the results; up to 100 classes.',
};

export const metricsField = list(choice(MEASURABLE, { doc: 'A metric.' }), {
  doc: 'What is recorded of validation and test beside accuracy and losses. What chooses weights, ends training or moves a schedule (`selectBy`, `earlyStopping`, `plateau`) is recorded in any case.',
  default: MEASURED_BY_DEFAULT,
  maximumLength: 16,
});
