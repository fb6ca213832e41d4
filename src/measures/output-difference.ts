/**
 * How far apart the logits of both are, for each class of samples and each logit: `[classes, classes]` row-major,
 *
 *     D_ik = 1/|C_i| Σ_{n ∈ C_i} |z_student,nk − z_teacher,nk|        C_i: samples of class i
 *
 * 0 in the rows of classes without a sample. Small everywhere: the student says what the teacher says. A constant added to all
 * logits of a network changes no answer but does change D. Source: the heat map of output differences in Shen et al. 2024
 * (student-oriented refinement); that raw logits are compared is inferred.
 */
export function outputDifference(
  teacher: Float32Array,
  student: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): Float64Array {
  const sums = new Float64Array(classes * classes);
  const counts = new Float64Array(classes);
  for (let n = 0; n < labels.length; n++) {
    const label = labels[n] ?? -1;
    if (label < 0 || label >= classes) continue;
    counts[label] = (counts[label] ?? 0) + 1;
    for (let k = 0; k < classes; k++) {
      const at = label * classes + k;
      sums[at] =
        (sums[at] ?? 0) + Math.abs((student[n * classes + k] ?? NaN) - (teacher[n * classes + k] ?? NaN));
    }
  }
  return sums.map((sum, at) => sum / Math.max(1, counts[Math.floor(at / classes)] ?? 1));
}
