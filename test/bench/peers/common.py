"""What every peer shares: the workload that `test/bench/workload.ts` wrote, its batches, and the clock.

A workload folder holds `workload.json` (the kind of work, the networks as graphs of layers) and `state.safetensors` (initial
weights, images, labels, order and views of each epoch), so that every peer does the same work and its first losses show it.

A peer is a class `Peer(workload, tensors, options)` with

    place(images, labels)   a batch [n, height, width, channels] as the framework wants it
    train(batch)            one step; returns the loss, which need not be ready
    infer(batch)            the logits, which need not be ready
    wait(value)             the value as a NumPy array, once all work is done
    name                    the framework and its version
"""

import json
import os
import resource
import sys
import time

STARTED = float(os.environ.get("KD_BENCH_STARTED", time.time()))

import numpy

# Numbers that are printed to prove equal work: first losses, or logits of the first sample.
PROOFS = 8


def read_safetensors(path):
    """Arrays by name: a little-endian length, that much JSON, the bytes."""
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    types = {"F32": numpy.float32, "I32": numpy.int32}
    arrays = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        flat = numpy.frombuffer(data[begin:end], dtype=types[entry["dtype"]])
        arrays[name] = flat.reshape(entry["shape"]).copy()
    return arrays


def with_prefix(tensors, prefix):
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


class Epochs:
    """Batches of an epoch in the given order, each sample shifted and mirrored as its view says."""

    def __init__(self, workload, tensors):
        self.batch = workload["batch"]
        self.labels = tensors["labels"]
        self.order = tensors["order"]
        self.views = tensors.get("views")
        images = tensors["images"]
        self.height, self.width = images.shape[1:3]
        self.margin = 0 if self.views is None else int(numpy.abs(self.views[:, :, :2]).max())
        margin = self.margin
        self.images = images
        if margin > 0:
            count, height, width, channels = images.shape
            self.images = numpy.empty((count, height + 2 * margin, width + 2 * margin, channels), numpy.float32)
            self.images[:] = tensors["black"]
            self.images[:, margin:-margin, margin:-margin] = images

    def __call__(self, epoch):
        order = self.order[epoch]
        for begin in range(0, len(order), self.batch):
            samples = order[begin : begin + self.batch]
            yield self.pixels(epoch, samples), self.labels[samples]

    def pixels(self, epoch, samples):
        if self.views is None:
            return self.images[samples]
        top, left, mirrored = self.views[epoch][samples].T
        rows = numpy.arange(self.height)[None, :] + (top + self.margin)[:, None]
        columns = numpy.arange(self.width)[None, :]
        columns = numpy.where(mirrored[:, None] == 1, self.width - 1 - columns, columns) + (left + self.margin)[:, None]
        return self.images[samples[:, None, None], rows[:, :, None], columns[:, None, :]]


def first(values):
    return [float(value) for value in values[:PROOFS]]


class Run:
    """Milliseconds of each measured part, the proof of equal work, and when the first step was done."""

    def __init__(self, peer, workload, tensors):
        self.peer, self.workload, self.tensors = peer, workload, tensors
        self.milliseconds, self.proof, self.first = [], [], 0.0

    def enough(self, began):
        taken = len(self.milliseconds)
        if taken >= self.workload["steps"]:
            return True
        return taken >= self.workload["fewestSteps"] and time.perf_counter() - began > self.workload["seconds"]

    def repeat(self, work):
        """The same work again and again: at first unmeasured, then until there are enough."""
        began = None
        index = 0
        while began is None or not self.enough(began):
            before = time.perf_counter()
            value = work(index)
            took = (time.perf_counter() - before) * 1e3
            if index == 0:
                self.first = time.time() - STARTED
            index += 1
            if began is not None:
                self.milliseconds.append(took)
            elif index >= self.workload["warmUp"]:
                began = time.perf_counter()
            yield value

    def step(self):
        batch = self.peer.place(self.tensors["images"], self.tensors["labels"])
        losses = list(self.repeat(lambda _: self.peer.wait(self.peer.train(batch))))
        self.proof = first(losses)

    def inference(self):
        images = self.tensors["images"]
        labels = self.tensors["labels"]

        def answer(_):
            return self.peer.wait(self.peer.infer(self.peer.place(images, labels)))

        logits = list(self.repeat(answer))
        self.proof = first(logits[0][0])

    def epoch(self):
        epochs = Epochs(self.workload, self.tensors)
        for epoch in range(len(epochs.order)):
            before = time.perf_counter()
            losses = []
            for images, labels in epochs(epoch):
                losses.append(self.peer.train(self.peer.place(images, labels)))
                if epoch == 0 and len(losses) == 1:
                    self.peer.wait(losses[0])
                    self.first = time.time() - STARTED
            losses = [self.peer.wait(loss) for loss in losses]
            if epoch == 0:
                self.proof = first(losses)
            else:
                self.milliseconds.append((time.perf_counter() - before) * 1e3)


def main(peer_class):
    """usage: PEER.py FOLDER VARIANT; VARIANT joins options with "+". Prints one line of JSON."""
    folder, variant = sys.argv[1:3]
    with open(os.path.join(folder, "workload.json"), encoding="utf8") as file:
        workload = json.load(file)
    tensors = read_safetensors(os.path.join(folder, "state.safetensors"))
    peer = peer_class(workload, tensors, set(variant.split("+")))
    run = Run(peer, workload, tensors)
    getattr(run, workload["kind"])()
    result = {
        "executor": f"{peer.name} {variant}",
        "milliseconds": run.milliseconds,
        "proof": run.proof,
        "residentMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "firstStepSeconds": run.first,
    }
    print(json.dumps(result))
