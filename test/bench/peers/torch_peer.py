"""The workloads in PyTorch. Options: eager, channels_last, fused (optimizer), compiled, frozen (inference).

A network is built from its graph of layers as a `torch.fx` module, whose generated `forward` is what one writes by hand.
"""

import operator
import os

from common import main, with_prefix

import torch
from torch import fx, nn
from torch.nn import functional


def tensor(array):
    return torch.from_numpy(array)


def convolution(layer, weights, _source):
    kernel = tensor(weights["kernel"]).permute(3, 2, 0, 1)
    top, bottom, left, right = layer["padding"]
    if top != bottom or left != right:
        raise ValueError(f"{layer['path']}: padding differs between two sides")
    filters, channels = kernel.shape[0], kernel.shape[1] * layer["groups"]
    module = nn.Conv2d(
        channels,
        filters,
        layer["size"],
        layer["strides"],
        (top, left),
        groups=layer["groups"],
        bias="bias" in weights,
    )
    module.weight.data.copy_(kernel)
    if "bias" in weights:
        module.bias.data.copy_(tensor(weights["bias"]))
    return module


def dense(_layer, weights, source):
    kernel = tensor(weights["kernel"])
    if source["kind"] == "flatten" and len(source["from"]) == 3:
        # Flat images are [height, width, channels] in the weights and [channels, height, width] here.
        kernel = kernel.reshape(*source["from"], -1).permute(2, 0, 1, 3).flatten(0, 2)
    module = nn.Linear(kernel.shape[0], kernel.shape[1])
    module.weight.data.copy_(kernel.T)
    module.bias.data.copy_(tensor(weights["bias"]))
    return module


def batch_norm(layer, weights, _source):
    module = nn.BatchNorm2d(len(weights["scale"]), layer["epsilon"], 1 - layer["momentum"])
    module.weight.data.copy_(tensor(weights["scale"]))
    module.bias.data.copy_(tensor(weights["offset"]))
    module.running_mean.copy_(tensor(weights["runningMean"]))
    module.running_var.copy_(tensor(weights["runningVariance"]))
    return module


MODULES = {
    "conv2d": convolution,
    "dense": dense,
    "batchNorm": batch_norm,
    "maxPool": lambda layer, *_: nn.MaxPool2d(layer["size"], layer["strides"]),
    "averagePool": lambda layer, *_: nn.AvgPool2d(layer["size"], layer["strides"]),
    "globalAveragePool": lambda *_: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "flatten": lambda *_: nn.Flatten(),
}


def network(graph, tensors):
    layers = {layer["path"]: layer for layer in graph["layers"]}
    readers = [path for layer in graph["layers"] for path in layer["inputs"]]
    modules, code, nodes = nn.Module(), fx.Graph(), {}
    for layer in graph["layers"]:
        path, kind = layer["path"], layer["kind"]
        inputs = [nodes[source] for source in layer["inputs"]]
        if kind == "input":
            nodes[path] = code.placeholder("x")
        elif kind == "add":
            nodes[path] = code.call_function(operator.add, tuple(inputs))
        elif kind == "activation" and layer["function"] == "relu":
            # In place where nobody else reads the input, as model zoos do it.
            alone = readers.count(layer["inputs"][0]) == 1
            nodes[path] = code.call_function(functional.relu, tuple(inputs), {"inplace": alone})
        else:
            source = dict(layers[layer["inputs"][0]])
            source["from"] = layers[source["inputs"][0]]["shape"] if source["inputs"] else source["shape"]
            name = path.replace(".", "_")
            modules.add_module(name, MODULES[kind](layer, with_prefix(tensors, f"{path}/"), source))
            nodes[path] = code.call_module(name, tuple(inputs))
    code.output(nodes[graph["logits"]])
    return fx.GraphModule(modules, code)


class Peer:
    name = f"PyTorch {torch.__version__.split('+')[0]}"

    def __init__(self, workload, tensors, options):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        self.workload = workload
        self.layout = torch.channels_last if "channels_last" in options else torch.contiguous_format
        self.model = network(workload["learner"], with_prefix(tensors, "learner/")).to(memory_format=self.layout)
        teacher = workload["teacher"]
        self.teacher = None
        if teacher is not None:
            self.teacher = network(teacher, with_prefix(tensors, "teacher/")).to(memory_format=self.layout)
            self.teacher.eval().requires_grad_(False)
        training = workload["kind"] != "inference"
        self.model.train(training)
        if training:
            fused = {"fused": True} if "fused" in options else {}
            rate, momentum = workload["learningRate"], workload["momentum"]
            self.optimizer = torch.optim.SGD(self.model.parameters(), rate, momentum, **fused)
        compiled = torch.compile if "compiled" in options else lambda function: function
        self.loss_of = compiled(self.objective)
        self.answers_of = compiled(self.answers)
        self.logits_of = compiled(self.model)
        if "frozen" in options:
            from torch._inductor import config

            config.freezing = True

    def place(self, images, labels):
        images = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=self.layout)
        return images, torch.from_numpy(labels).long()

    def answers(self, images):
        with torch.no_grad():
            return self.teacher(images)

    def objective(self, images, labels, answers):
        logits = self.model(images)
        hard = functional.cross_entropy(logits, labels)
        if answers is None:
            return hard
        temperature = self.workload["temperature"]
        wanted = functional.softmax(answers / temperature, 1)
        given = functional.log_softmax(logits / temperature, 1)
        soft = functional.kl_div(given, wanted, reduction="batchmean") * temperature**2
        return self.workload["kdWeight"] * soft + self.workload["hardLabelWeight"] * hard

    def train(self, batch):
        images, labels = batch
        self.optimizer.zero_grad(set_to_none=True)
        answers = None if self.teacher is None else self.answers_of(images)
        loss = self.loss_of(images, labels, answers)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def infer(self, batch):
        with torch.no_grad():
            return self.logits_of(batch[0])

    def wait(self, value):
        return value.numpy()


main(Peer)
