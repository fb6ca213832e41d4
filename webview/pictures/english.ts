/** Words of the pictures by which systems explain themselves. */
export const picturesEnglish = {
  widths: 'Neurons that are left',
  widthsHelp:
    'Width of each layer that is pruned, after every epoch. It never grows; where it stays, no neuron falls silent any more.',
  weights: 'Mixing ratio',
  weightsHelp:
    'How much each part of the loss counts while the phase trains: ce are the true labels, the others what is matched with the teacher.',
  ofPhase: (what: string, phase: string) => `${what}, ${phase}`,
  targets: 'Soft targets before and after refinement',
  targetsHelp:
    'What the teacher says of the first validation images, softened, and what the refiners make of it. The student is drawn to what stands after.',
  targetsOf: (term: string, refiners: string, temperature: string) =>
    `${term} behind ${refiners}, temperature ${temperature}`,
  targetsMoved: (share: string) => `On average ${share} of the probability moved to other classes.`,
  targetImage: (number: string, label: string) => `Image ${number}, class ${label}`,
  className: 'Class',
  before: 'Before',
  after: 'After',
  uncertainty: 'Uncertainty',
  uncertaintyHelp:
    'On the test images. Coverage should be what measure.uncertainty asks for; on shifted images uncertainty should grow as accuracy falls.',
  uncertaintyParts: 'Ambiguity lies in the images, disagreement between random passes in the model.',
  images: 'Images',
  asTheyAre: 'as they are',
  shifted: 'shifted',
  accuracy: 'Accuracy',
  coverage: 'Coverage',
  setSize: 'Classes in a set',
  calibrationError: 'Calibration error',
  ambiguity: 'Ambiguity',
  disagreement: 'Disagreement',
} as const;
