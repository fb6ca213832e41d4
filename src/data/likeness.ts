/** Correlation from which two pictures count as the same, where nothing else is asked for. */
export const LIKENESS = 0.995;
