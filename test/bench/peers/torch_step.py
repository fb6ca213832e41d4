"""One training step in PyTorch, measured as `test/bench/step.ts` measures ours.

CIFAR-style ResNet-8 (one block a stage, widths 16, 32, 64, projection shortcuts), 32x32x3, 100 classes, batch 64,
cross-entropy, SGD with momentum 0.9. The batch stays in memory: the step alone is measured.

usage: torch_step.py VARIANT STATE [STEPS]
VARIANT joins with "+": eager, channels_last, fused, compiled.
STATE is what `step.ts --dump` wrote: the same initial weights and the same batch, so that equal losses show equal work.
Prints one line of JSON: milliseconds of each measured step, the first losses, resident memory, seconds to the first step.
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
LOSSES = 8
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


def read_safetensors(path):
    """Tensors by name: a little-endian length, that much JSON, the bytes."""
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    types = {"F32": torch.float32, "I32": torch.int32}
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=types[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def load(model, tensors):
    """Kernels [height, width, in, out] become [out, in, height, width]; images [n, height, width, c] become [n, c, height, width]."""

    def convolution(layer, path):
        layer.weight.data.copy_(tensors[f"{path}/kernel"].permute(3, 2, 0, 1))

    def norm(layer, path):
        layer.weight.data.copy_(tensors[f"{path}/scale"])
        layer.bias.data.copy_(tensors[f"{path}/offset"])

    convolution(model[0], "stem.conv")
    norm(model[1], "stem.bn")
    for stage in (1, 2, 3):
        block, path = model[2 + stage], f"stage{stage}.block0"
        convolution(block.conv1, f"{path}.conv1")
        norm(block.norm1, f"{path}.bn1")
        convolution(block.conv2, f"{path}.conv2")
        norm(block.norm2, f"{path}.bn2")
        if isinstance(block.shortcut, nn.Sequential):
            convolution(block.shortcut[0], f"{path}.shortcut.conv")
            norm(block.shortcut[1], f"{path}.shortcut.bn")
    model[-1].weight.data.copy_(tensors["head.fc/kernel"].T)
    model[-1].bias.data.copy_(tensors["head.fc/bias"])
    return tensors["images"].permute(0, 3, 1, 2).contiguous(), tensors["labels"].long()


def main(variant, state, steps):
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    options = set(variant.split("+"))
    model = resnet8().train()
    images, labels = load(model, read_safetensors(state))
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
                "losses": losses[:LOSSES],
                "residentMegabytes": resident,
                "firstStepSeconds": first,
                "threads": torch.get_num_threads(),
            }
        )
    )


main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 30)
