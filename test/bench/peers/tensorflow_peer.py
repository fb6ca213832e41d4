"""The workloads in TensorFlow. Options: raw (functions of plain operations), keras (layers and optimizer of Keras)."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from common import main, with_prefix

import tensorflow as tf


def padded(layer, x):
    """Padding of its own where TensorFlow's "SAME" would pad otherwise, as networks from PyTorch are ported."""
    top, bottom, left, right = layer["padding"]
    size, strides = layer["size"], layer["strides"]
    if [top, bottom, left, right] == [0, 0, 0, 0]:
        return x, "VALID"
    if strides == [1, 1] and top == bottom == (size[0] - 1) // 2 and left == right == (size[1] - 1) // 2:
        return x, "SAME"
    return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]), "VALID"


class RawNetwork:
    """The graph of layers as plain operations on variables."""

    def __init__(self, graph, tensors, trainable):
        self.graph = graph
        self.trainable = trainable
        self.variables = {}
        for name, value in tensors.items():
            learns = trainable and not name.split("/")[1].startswith("running")
            self.variables[name] = tf.Variable(value, trainable=learns)

    @property
    def trainable_variables(self):
        return [variable for variable in self.variables.values() if variable.trainable]

    def __call__(self, x, training):
        values = {}
        for layer in self.graph["layers"]:
            inputs = [values[path] for path in layer["inputs"]]
            values[layer["path"]] = x if layer["kind"] == "input" else self.layer(layer, inputs, training)
        return values[self.graph["logits"]]

    def layer(self, layer, inputs, training):
        kind, x = layer["kind"], inputs[0]
        own = with_prefix(self.variables, f"{layer['path']}/")
        if kind == "conv2d":
            x, padding = padded(layer, x)
            y = tf.nn.conv2d(x, own["kernel"], layer["strides"], padding)
            return tf.nn.bias_add(y, own["bias"]) if "bias" in own else y
        if kind == "dense":
            return tf.nn.bias_add(x @ own["kernel"], own["bias"])
        if kind == "batchNorm":
            return self.batch_norm(layer, own, x, training)
        if kind == "activation" and layer["function"] == "relu":
            return tf.nn.relu(x)
        if kind == "maxPool":
            return tf.nn.max_pool2d(x, layer["size"], layer["strides"], "VALID")
        if kind == "globalAveragePool":
            return tf.reduce_mean(x, [1, 2])
        if kind == "flatten":
            return tf.reshape(x, [tf.shape(x)[0], -1])
        if kind == "add":
            return tf.add_n(inputs) if len(inputs) > 2 else inputs[0] + inputs[1]
        raise ValueError(f"no layer of kind {kind}")

    def batch_norm(self, layer, own, x, training):
        normalize = tf.compat.v1.nn.fused_batch_norm
        scale, offset = own["scale"], own["offset"]
        mean, variance = own["runningMean"], own["runningVariance"]
        if not training:
            return normalize(x, scale, offset, mean, variance, layer["epsilon"], is_training=False)[0]
        y, seen_mean, seen_variance = normalize(x, scale, offset, epsilon=layer["epsilon"], is_training=True)
        momentum = layer["momentum"]
        mean.assign(mean * momentum + seen_mean * (1 - momentum))
        variance.assign(variance * momentum + seen_variance * (1 - momentum))
        return y


def keras_network(graph, tensors):
    layers = tf.keras.layers
    values, weights = {}, []

    def weighted(layer, x, names):
        y = layer(x)
        weights.append((layer, names))
        return y

    for layer in graph["layers"]:
        path, kind = layer["path"], layer["kind"]
        inputs = [values[source] for source in layer["inputs"]]
        x = inputs[0] if inputs else None
        own = with_prefix(tensors, f"{path}/")
        given = [own[name] for name in ("kernel", "bias") if name in own]
        if kind == "input":
            y = tf.keras.Input(layer["shape"])
        elif kind == "conv2d":
            top, bottom, left, right = layer["padding"]
            plain = layer["strides"] == [1, 1] or layer["padding"] == [0, 0, 0, 0]
            source = x if plain else layers.ZeroPadding2D(((top, bottom), (left, right)))(x)
            padding = "same" if plain and top > 0 else "valid"
            convolution = layers.Conv2D(
                layer["filters"], layer["size"], layer["strides"], padding, use_bias=len(given) == 2
            )
            y = weighted(convolution, source, given)
        elif kind == "dense":
            y = weighted(layers.Dense(layer["units"]), x, given)
        elif kind == "batchNorm":
            norm = layers.BatchNormalization(momentum=layer["momentum"], epsilon=layer["epsilon"])
            y = weighted(norm, x, [own[name] for name in ("scale", "offset", "runningMean", "runningVariance")])
        elif kind == "activation":
            y = layers.ReLU()(x)
        elif kind == "maxPool":
            y = layers.MaxPooling2D(layer["size"], layer["strides"])(x)
        elif kind == "globalAveragePool":
            y = layers.GlobalAveragePooling2D()(x)
        elif kind == "flatten":
            y = layers.Flatten()(x)
        elif kind == "add":
            y = layers.Add()(inputs)
        else:
            raise ValueError(f"no layer of kind {kind}")
        values[path] = y
    model = tf.keras.Model(values[graph["layers"][0]["path"]], values[graph["logits"]])
    for layer, arrays in weights:
        layer.set_weights(arrays)
    return model


class Peer:
    name = f"TensorFlow {tf.__version__}"

    def __init__(self, workload, tensors, options):
        self.workload = workload
        keras = "keras" in options
        own = with_prefix(tensors, "learner/")
        self.model = keras_network(workload["learner"], own) if keras else RawNetwork(workload["learner"], own, True)
        self.teacher = None
        if workload["teacher"] is not None:
            theirs = with_prefix(tensors, "teacher/")
            self.teacher = (
                keras_network(workload["teacher"], theirs) if keras else RawNetwork(workload["teacher"], theirs, False)
            )
        self.learned = self.model.trainable_variables
        rate, momentum = workload["learningRate"], workload["momentum"]
        if keras:
            optimizer = tf.keras.optimizers.SGD(rate, momentum)
            optimizer.build(self.learned)
            self.apply = lambda gradients: optimizer.apply_gradients(zip(gradients, self.learned))
        else:
            slots = [tf.Variable(tf.zeros_like(variable), trainable=False) for variable in self.learned]

            def apply(gradients):
                for variable, slot, gradient in zip(self.learned, slots, gradients):
                    tf.raw_ops.ResourceApplyMomentum(
                        var=variable.handle, accum=slot.handle, lr=rate, grad=gradient, momentum=momentum
                    )

            self.apply = apply
        self.step = tf.function(self.train_step)
        self.logits = tf.function(lambda images: self.model(images, training=False))

    def place(self, images, labels):
        return tf.constant(images), tf.constant(labels)

    def train_step(self, images, labels):
        with tf.GradientTape() as tape:
            logits = self.model(images, training=True)
            hard = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
            loss = hard
            if self.teacher is not None:
                temperature = self.workload["temperature"]
                answers = tf.stop_gradient(self.teacher(images, training=False))
                wanted = tf.nn.log_softmax(answers / temperature)
                given = tf.nn.log_softmax(logits / temperature)
                soft = tf.reduce_mean(tf.reduce_sum(tf.exp(wanted) * (wanted - given), 1)) * temperature**2
                loss = self.workload["kdWeight"] * soft + self.workload["hardLabelWeight"] * hard
        self.apply(tape.gradient(loss, self.learned))
        return loss

    def train(self, batch):
        return self.step(*batch)

    def infer(self, batch):
        return self.logits(batch[0])

    def wait(self, value):
        return value.numpy()


main(Peer)
