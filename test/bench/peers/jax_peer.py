"""The workloads in JAX: jitted functions of plain operations, channels last. Options: jit."""

import functools

from common import main, with_prefix

import jax
import jax.numpy as jnp
from jax import lax

AXES = ("NHWC", "HWIO", "NHWC")


def forward(graph, parameters, statistics, x, training):
    """The logits, and the running statistics after this batch."""
    values, renewed = {}, {}
    for layer in graph["layers"]:
        path, kind = layer["path"], layer["kind"]
        inputs = [values[source] for source in layer["inputs"]]
        own = with_prefix({**parameters, **statistics}, f"{path}/")
        if kind == "input":
            y = x
        elif kind == "conv2d":
            top, bottom, left, right = layer["padding"]
            padding = ((top, bottom), (left, right))
            y = lax.conv_general_dilated(inputs[0], own["kernel"], layer["strides"], padding, dimension_numbers=AXES)
            y = y + own["bias"] if "bias" in own else y
        elif kind == "dense":
            y = inputs[0] @ own["kernel"] + own["bias"]
        elif kind == "batchNorm":
            y, statistic = batch_norm(layer, own, inputs[0], training)
            renewed.update({f"{path}/{name}": value for name, value in statistic.items()})
        elif kind == "activation" and layer["function"] == "relu":
            y = jax.nn.relu(inputs[0])
        elif kind == "maxPool":
            window, strides = (1, *layer["size"], 1), (1, *layer["strides"], 1)
            y = lax.reduce_window(inputs[0], -jnp.inf, lax.max, window, strides, "VALID")
        elif kind == "globalAveragePool":
            y = inputs[0].mean((1, 2))
        elif kind == "flatten":
            y = inputs[0].reshape(inputs[0].shape[0], -1)
        elif kind == "add":
            y = functools.reduce(jnp.add, inputs)
        else:
            raise ValueError(f"no layer of kind {kind}")
        values[path] = y
    return values[graph["logits"]], renewed


def batch_norm(layer, own, x, training):
    mean, variance = own["runningMean"], own["runningVariance"]
    statistic = {}
    if training:
        axes, momentum = tuple(range(x.ndim - 1)), layer["momentum"]
        seen_mean = x.mean(axes)
        seen_variance = (x * x).mean(axes) - seen_mean * seen_mean
        statistic["runningMean"] = momentum * mean + (1 - momentum) * seen_mean
        statistic["runningVariance"] = momentum * variance + (1 - momentum) * seen_variance
        mean, variance = seen_mean, seen_variance
    factor = own["scale"] * lax.rsqrt(variance + layer["epsilon"])
    return x * factor + (own["offset"] - mean * factor), statistic


def split(tensors):
    arrays = {name: jnp.asarray(value) for name, value in tensors.items()}
    runs = lambda name: name.split("/")[1].startswith("running")
    parameters = {name: value for name, value in arrays.items() if not runs(name)}
    return parameters, {name: value for name, value in arrays.items() if runs(name)}


class Peer:
    name = f"JAX {jax.__version__}"

    def __init__(self, workload, tensors, _options):
        self.parameters, self.statistics = split(with_prefix(tensors, "learner/"))
        self.slots = jax.tree.map(jnp.zeros_like, self.parameters)
        teacher = workload["teacher"]
        taught = teacher is not None
        self.theirs = split(with_prefix(tensors, "teacher/")) if taught else None

        def objective(parameters, statistics, theirs, images, labels):
            logits, renewed = forward(workload["learner"], parameters, statistics, images, True)
            chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1)
            hard = -chosen.mean()
            if not taught:
                return hard, renewed
            temperature = workload["temperature"]
            answers = lax.stop_gradient(forward(teacher, *theirs, images, False)[0])
            wanted = jax.nn.log_softmax(answers / temperature)
            given = jax.nn.log_softmax(logits / temperature)
            soft = (jnp.exp(wanted) * (wanted - given)).sum(1).mean() * temperature**2
            return workload["kdWeight"] * soft + workload["hardLabelWeight"] * hard, renewed

        @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
        def step(parameters, statistics, slots, theirs, images, labels):
            gradient_of = jax.value_and_grad(objective, has_aux=True)
            (loss, renewed), gradients = gradient_of(parameters, statistics, theirs, images, labels)
            slots = jax.tree.map(lambda slot, g: workload["momentum"] * slot + g, slots, gradients)
            parameters = jax.tree.map(lambda p, slot: p - workload["learningRate"] * slot, parameters, slots)
            return parameters, renewed, slots, loss

        self.step = step
        self.logits = jax.jit(lambda *given: forward(workload["learner"], *given, False)[0])

    def place(self, images, labels):
        return jnp.asarray(images), jnp.asarray(labels)

    def train(self, batch):
        state = (self.parameters, self.statistics, self.slots)
        self.parameters, self.statistics, self.slots, loss = self.step(*state, self.theirs, *batch)
        return loss

    def infer(self, batch):
        return self.logits(self.parameters, self.statistics, batch[0])

    def wait(self, value):
        jax.block_until_ready(self.parameters)
        return jax.device_get(value)


main(Peer)
