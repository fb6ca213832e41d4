"""Trains what `pytorch.ts` wrote into the folders of argv, with PyTorch's own layers, optimizers and clipping.

Each folder has `work.json` (layers as data, settings, learning rates) and `work.safetensors` (initial weights in channels-last
layout, `images/<step>`, `labels/<step>`); `losses.json` and `result.safetensors` join them.
"""

import array
import json
import struct
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

TYPES = {"F32": torch.float32, "I32": torch.int32}


def read_safetensors(path):
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        flat = torch.frombuffer(bytearray(content[begin:end]), dtype=TYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    header, parts, offset = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        data = array.array("f", tensor.detach().flatten().tolist()).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def forward(layers, weights, images):
    """Maps are NCHW inside; kernels are HWIO and `[in, out]` outside."""
    values = {}
    for layer in layers:
        path, operation = layer["path"], layer["operation"]
        inputs = [values[name] for name in layer["inputs"]]
        kind = operation["kind"]
        if kind == "input":
            value = images.permute(0, 3, 1, 2)
        elif kind == "conv2d":
            top, bottom, left, right = operation["padding"]
            kernel = weights[f"{path}/kernel"].permute(3, 2, 0, 1)
            bias = weights[f"{path}/bias"] if operation["bias"] else None
            value = F.conv2d(F.pad(inputs[0], (left, right, top, bottom)), kernel, bias, operation["strides"])
        elif kind == "dense":
            value = inputs[0] @ weights[f"{path}/kernel"] + weights[f"{path}/bias"]
        elif kind == "batchNorm":
            value = F.batch_norm(
                inputs[0],
                weights[f"{path}/runningMean"],
                weights[f"{path}/runningVariance"],
                weights[f"{path}/scale"],
                weights[f"{path}/offset"],
                training=True,
                momentum=1 - operation["momentum"],
                eps=operation["epsilon"],
            )
        elif kind == "activation":
            value = getattr(torch, operation["function"])(inputs[0])
        elif kind == "maxPool":
            value = F.max_pool2d(inputs[0], operation["size"], operation["strides"])
        elif kind == "globalAveragePool":
            value = inputs[0].mean(dim=(2, 3))
        elif kind == "flatten":
            value = inputs[0].permute(0, 2, 3, 1).flatten(1)
        elif kind == "add":
            value = sum(inputs)
        else:
            raise ValueError(f"no layer {kind}")
        values[path] = value
    return value


def optimizer_of(settings, parameters):
    kind, rate, decay = settings["kind"], settings["learningRate"], settings["weightDecay"]
    if kind == "sgd":
        return torch.optim.SGD(
            parameters, rate, momentum=settings["momentum"], nesterov=settings["nesterov"], weight_decay=decay
        )
    if kind in ("adam", "adamW"):
        make = torch.optim.Adam if kind == "adam" else torch.optim.AdamW
        betas = (settings["beta1"], settings["beta2"])
        return make(parameters, rate, betas=betas, eps=settings["epsilon"], weight_decay=decay)
    if kind == "rmsprop":
        return torch.optim.RMSprop(
            parameters,
            rate,
            alpha=settings["alpha"],
            eps=settings["epsilon"],
            momentum=settings["momentum"],
            centered=settings["centered"],
            weight_decay=decay,
        )
    if kind == "adagrad":
        return torch.optim.Adagrad(
            parameters,
            rate,
            eps=settings["epsilon"],
            initial_accumulator_value=settings["initialAccumulator"],
            weight_decay=decay,
        )
    raise ValueError(f"PyTorch has no {kind}")


def train(folder):
    work = json.loads((folder / "work.json").read_text())
    tensors = read_safetensors(folder / "work.safetensors")
    settings, trainable = work["settings"], work["trainable"]
    weights = {name: tensors[name].clone() for name in work["initial"]}
    for name in trainable:
        weights[name].requires_grad_()
    parameters = [weights[name] for name in trainable]
    optimizer = optimizer_of(settings["optimizer"], parameters)
    losses, groups = [], work["groups"]
    for step, rate in enumerate(work["rates"]):
        images, labels = tensors[f"images/{step}"], tensors[f"labels/{step}"].long()
        loss = F.cross_entropy(forward(work["layers"], weights, images), labels)
        losses.append(loss.item())
        # The gradient of the mean over all samples of a group.
        (loss * (len(labels) / groups[step]["samples"])).backward()
        if not groups[step]["updates"]:
            continue
        clipping = settings["gradientClipping"]
        if clipping is not None and clipping["by"] == "norm":
            torch.nn.utils.clip_grad_norm_(parameters, clipping["limit"])
        if clipping is not None and clipping["by"] == "value":
            torch.nn.utils.clip_grad_value_(parameters, clipping["limit"])
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad()
    (folder / "losses.json").write_text(json.dumps(losses))
    write_safetensors(folder / "result.safetensors", weights)


torch.set_num_threads(1)
for argument in sys.argv[1:]:
    train(Path(argument))
