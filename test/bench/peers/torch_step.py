"""One training step in PyTorch, measured as `test/bench/step.ts` measures ours.

CIFAR-style ResNet-8 (one block a stage, widths 16, 32, 64, projection shortcuts), 32x32x3, 100 classes, batch 64,
cross-entropy, SGD with momentum 0.9. The batch stays in memory: the step alone is measured.

usage: torch_step.py VARIANT [STEPS]
VARIANT joins with "+": eager, channels_last, fused, compiled.
Prints one line of JSON: milliseconds of each measured step, first loss and last, resident memory, seconds to the first step.
"""

import json
import os
import resource
import sys
import time

START = time.time()

import torch
from torch import nn
from torch.nn import functional

WARM_UP = 8
BATCH = 64
CLASSES = 100


class Block(nn.Module):
    """relu(norm(conv(relu(norm(conv(x))))) + shortcut(x))"""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        projection = [nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)]
        self.shortcut = nn.Sequential(*projection) if stride != 1 or inputs != outputs else nn.Identity()

    def forward(self, x):
        inner = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(self.norm2(self.conv2(inner)) + self.shortcut(x))


def resnet8():
    stages = [Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2)]
    stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    return nn.Sequential(*stem, *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES))


def main(variant, steps):
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(0)
    options = set(variant.split("+"))
    model = resnet8().train()
    images, labels = torch.rand(BATCH, 3, 32, 32), torch.randint(0, CLASSES, (BATCH,))
    if "channels_last" in options:
        model = model.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    fused = {"fused": True} if "fused" in options else {}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, **fused)

    def loss_of(x, y):
        return functional.cross_entropy(model(x), y)

    if "compiled" in options:
        loss_of = torch.compile(loss_of)

    milliseconds, losses, first = [], [], 0.0
    for step in range(WARM_UP + steps):
        before = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(images, labels)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        took = (time.perf_counter() - before) * 1e3
        if step == 0:
            first = time.time() - START
        if step >= WARM_UP:
            milliseconds.append(took)

    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "executor": f"PyTorch {torch.__version__.split('+')[0]} {variant}",
                "milliseconds": milliseconds,
                "losses": [losses[0], losses[-1]],
                "residentMegabytes": resident,
                "firstStepSeconds": first,
                "threads": torch.get_num_threads(),
            }
        )
    )


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30)
