/**
 * What is inferred and where limits lie, by the name of the page: beside the notes of the method, refiner or module itself, apart
 * from the code that results depend on.
 */
export const REMARKS: Readonly<Record<string, readonly string[]>> = {
  bookKd: [
    'Inferred: how entropy weighs a page, both forms, and every value. The paper’s body was not read.',
    'Pages are what the scheme `book` writes, or the teacher’s own answers under any other scheme.',
  ],
  sftn: [
    'Inferred: the equations, which way the divergence points, and all weights. Park et al. were read in summaries, Matcha et al. in their code.',
  ],
  tfkdReg: [
    'Inferred: nothing. It is the released code for CIFAR-100, where the student stays at temperature 1; the paper softens both sides, as its authors do on larger data.',
    'The teacher made by hand knows no class from another: what it teaches is a fixed form of label smoothing.',
  ],
  tfkdSelf: [
    'Inferred: nothing, formula and values are the released code’s. Other networks have other recipes there: temperature 20 and α from 0.4 to 0.95.',
    'The network is trained twice, which a comparison at equal budget has to count.',
  ],
  kdexplainerMidcls: [
    'Inferred: the weight. Formula and temperature are those of reference values of the authors’ code.',
  ],
  kdexplainerHier: [
    'Inferred: the weight, and what the clusters are, which is yours to say. The formula is that of reference values of the authors’ code.',
  ],
  ccd: ['Inferred: that the journal’s loss is the one of the released code.'],
  netgraft: [
    'Inferred: nothing, it is the released code, which adds up the batch: with another batch size the rate is to be chosen anew.',
  ],
  ccskd: [
    'Inferred: nothing, it is the released code. The paper’s own equations and its figures were not seen.',
  ],
  codistillation: [
    'Anil et al. let networks of one architecture learn from each other’s older weights: give the scheme `online` peers of the same `model` and an `exchange`. Without them it is mutual learning by this loss, and a warning says so (KD2412).',
  ],
  extractive: ['Inferred: the norm, in which the two re-implementations differ.'],
  bayesian: ['Inferred: the number of passes, the rate of dropout and the prior.'],
  joints: [
    'Inferred: that both adapters are one convolution from the start of learning together; the function is the same.',
  ],
  ctc: [
    'Inferred: that a column of a map is a frame and its rows are averaged; Graves et al. read a recurrent network’s outputs.',
  ],
};
