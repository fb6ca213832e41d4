/**
 * Where tensors come from and go to, by the name of the method, refiner or module: drawn for its page, apart from the code that
 * results depend on. A `figure` of its own comes first.
 */
export const FIGURES: Readonly<Record<string, string>> = {
  simplifier: [
    'teacher ─ z ─► ÷ T ─ u ─┬─► attention (learns) ─ Δ ─┐',
    '                        └───────── + ◄──────────────┘',
    '                                   └─► T · (u + Δ) ─┐',
    '                                                    ├─ term ─ loss ─▶ student and attention',
    'student ─ z ────────────────────────────────────────┘',
  ].join('\n'),
  extractive: [
    'teacher ─ z ─► softmax(· / T_teacher) ─► above 1/K alone ─► δ / ‖δ‖ ─► (1 − ε) · and ε/K ─► q ─┐',
    '                                                                                               ├─ term ─ loss',
    'student ─ z ─► ÷ T_student ────────────────────────────────────────────────────────────────────┘',
  ].join('\n'),
  ccskd: [
    'teacher ─► map ─► mean over space ─► f ─────────────────────────────┬─ means by channel ─────────► CD',
    '                                                                    ├─ distances of samples ───► D',
    'student ─► map ─► conv₁ₓ₁, norm, ReLU ─► mean over space ─► g ──────┴─ angles between samples ─► A',
  ].join('\n'),
  selective: [
    'labels ──┬─► right? ─► m = (1 + bonus) · fade, else fade ─┐',
    'teacher ─┴─► softmax(· / T) ──────────────────────────────┼─ divergence ─► loss',
    'student ───► softmax(· / T) ──────────────────────────────┘',
  ].join('\n'),
  csc: [
    'teacher ─► map ─► ‖·‖ = 1 at each pixel ─► channels ⊙ shifted channels ─► pixels × pixels ─┐',
    '                                                                                          ├─ squared distance ─► loss',
    'student ─► map ─► ‖·‖ = 1 at each pixel ─► channels ⊙ shifted channels ─► pixels × pixels ─┘',
  ].join('\n'),
  ace: [
    'labels ──┬─► how far it is right: w ─┐',
    'teacher ─┴─► softmax ────────────────┴─► w · teacher + (1 − w) · label ─┐',
    '                                                                        ├─ cross-entropy ─► loss',
    'student ───► softmax ───────────────────────────────────────────────────┘',
  ].join('\n'),
  adaptiveSmoothing: [
    'own best earlier state ─► softmax(· / T) ─┐',
    'labels ───────────────────────────────────┴─► (1 − α) · label + α · earlier ─┐',
    'student ─┬─► how sure: α, a constant ─────────────────┘                      ├─ cross-entropy ─► loss',
    '         └───────────────────────────────────────────────────────────────────┘',
  ].join('\n'),
  tfkdReg: [
    'labels ──► a at the label, the rest shared ─► softmax(· / T) ─┐',
    '                                                              ├─ divergence ─► loss',
    'student ─► softmax ───────────────────────────────────────────┘',
  ].join('\n'),
  tfkdSelf: [
    'images ─► 1. the network, by labels ─► it stands still ─► softmax(· / T) ─┐',
    '                                                                         ├─ divergence ─► loss',
    'images ─► 2. the same network, afresh ──────────────────► softmax(· / T) ─┘',
  ].join('\n'),
  kdexplainerMidcls: [
    'student ─► layer l ─► mean over space ─► linear (learns) ─► softmax(· / T_l) ─┐',
    '                                                                              ├─ divergence ─► loss',
    'teacher ─► answer ────────────────────────────────────────► softmax(· / T_l) ─┘',
  ].join('\n'),
  kdexplainerHier: [
    'student ─► layer l ─► mean over space ─► linear (learns) ─► softmax over the clusters of l ─┐',
    '                                                                                            ├─ cross-entropy ─► loss',
    'labels ──► cluster of the label, weighed by 1 / its size ───────────────────────────────────┘',
  ].join('\n'),
  netgraft: [
    'image ─► teacher, intact ──────────────────────► z / ‖z‖ ─┐',
    '                                                          ├─ squared distance ─► loss',
    'image ─► teacher with blocks of the student ───► z / ‖z‖ ─┘',
  ].join('\n'),
  ccd: [
    'x  ─► teacher ─► z ─┬─ divergence from the student’s answer to x ──────┐',
    '                    ├─ cosine of both ─► c                             ├─► loss',
    'x̃  ─► teacher ─► z̃ ─┴─ c · divergence from the student’s answer to x̃ ──┤',
    'x̃  ─► student ─► cross-entropy with the labels ────────────────────────┘',
  ].join('\n'),
  pesfkd: [
    'teacher, still ─┬─ features ─► adapter (learns) ─ a ─┐       ┌─ cross-entropy with the labels ─▶ adapter',
    '                └─ z ─────────────────────────────── − ─► ẑ ─┴─► softmax(· / T) ─┐',
    '                                                                                ├─ divergence ─▶ student, adapter',
    'student ───────── z ─────────────────────────────────────────► softmax(· / T) ──┘',
  ].join('\n'),
  vam: [
    'A (learns) ─► softmax of each row, · / t ─► W ─┬─► G · W_ij on block ij of the kernel ─► convolution',
    '                                               └─► its entropy, γ ─► loss',
  ].join('\n'),
  joints: [
    'teacher’s blocks ─► layer ─► joint (1x1, learns) ─► block of the student ─► joint ─► teacher’s blocks     while it is grafted',
    'student’s block ─► layer ─► both joints as one (1x1) ─► next block of the student                          once both are its own',
  ].join('\n'),
};
