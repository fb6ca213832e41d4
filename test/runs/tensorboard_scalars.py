"""Scalars of a folder as TensorBoard reads them: {run: {tag: [[wall time, step, value], ...]}} as JSON on standard output."""

import json
import math
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

root = sys.argv[1]
runs = {}
for folder, _, files in os.walk(root):
    if not any("tfevents" in name for name in files):
        continue
    # 0: keep every point instead of a sample.
    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0})
    accumulator.Reload()
    runs[os.path.relpath(folder, root).replace(os.sep, "/")] = {
        tag: [
            [point.wall_time, point.step, point.value if math.isfinite(point.value) else str(point.value)]
            for point in accumulator.Scalars(tag)
        ]
        for tag in accumulator.Tags()["scalars"]
    }
json.dump(runs, sys.stdout)
