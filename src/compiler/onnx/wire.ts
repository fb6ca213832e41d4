import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { bytes, integer, message, single, text } from '../protobuf.ts';
import {
  BLOCKED,
  CONTRIB,
  ELEMENT_TYPE,
  type OnnxAttribute,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from './model.ts';

const IR_VERSION = 9;
const OPSET = 18;

/** Numbers of the fields in onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3). */
const FIELD = {
  model: { irVersion: 1, producer: 2, graph: 7, opset: 8, metadata: 14 },
  metadata: { key: 1, value: 2 },
  opset: { domain: 1, version: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, name: 3, type: 4, attribute: 5, domain: 7 },
  attribute: { name: 1, float: 2, int: 3, text: 4, ints: 8, type: 20 },
  tensor: { dims: 1, type: 2, name: 8, raw: 9 },
  valueInfo: { name: 1, type: 2 },
  type: { tensor: 1, sequence: 4 },
  sequenceType: { element: 1 },
  tensorType: { element: 1, shape: 2 },
  shape: { dimension: 1 },
  dimension: { value: 1 },
} as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, text: 3, ints: 7 } as const;

/** The model in the protobuf form that ONNX Runtime loads. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const out = new BinaryWriter();
  integer(out, FIELD.model.irVersion, IR_VERSION);
  text(out, FIELD.model.producer, 'kd-workbench');
  message(out, FIELD.model.graph, () => {
    encodeGraph(out, model);
  });
  const used = new Set(model.nodes.map(({ domain }) => domain));
  for (const [domain, version] of [
    ['', OPSET],
    [CONTRIB, 1],
    [BLOCKED, 1],
  ] as const) {
    if (domain !== '' && !used.has(domain)) continue;
    message(out, FIELD.model.opset, () => {
      text(out, FIELD.opset.domain, domain);
      integer(out, FIELD.opset.version, version);
    });
  }
  for (const [key, value] of Object.entries(model.metadata ?? {})) {
    message(out, FIELD.model.metadata, () => {
      text(out, FIELD.metadata.key, key);
      text(out, FIELD.metadata.value, value);
    });
  }
  return out.finish();
}

function encodeGraph(out: BinaryWriter, { name, nodes, initializers, inputs, outputs }: OnnxModel): void {
  for (const [at, node] of nodes.entries()) {
    message(out, FIELD.graph.node, () => {
      encodeNode(out, node, `${node.type}_${at}`);
    });
  }
  text(out, FIELD.graph.name, name);
  for (const initializer of initializers) {
    message(out, FIELD.graph.initializer, () => {
      encodeTensor(out, initializer);
    });
  }
  for (const input of inputs) {
    message(out, FIELD.graph.input, () => {
      encodeValueInfo(out, input);
    });
  }
  for (const output of outputs) {
    message(out, FIELD.graph.output, () => {
      encodeValueInfo(out, output);
    });
  }
}

function encodeNode(out: BinaryWriter, node: OnnxNode, name: string): void {
  for (const input of node.inputs) text(out, FIELD.node.input, input);
  for (const output of node.outputs) text(out, FIELD.node.output, output);
  text(out, FIELD.node.name, name);
  text(out, FIELD.node.type, node.type);
  for (const [key, value] of Object.entries(node.attributes)) {
    message(out, FIELD.node.attribute, () => {
      encodeAttribute(out, key, value);
    });
  }
  if (node.domain !== '') text(out, FIELD.node.domain, node.domain);
}

function encodeAttribute(out: BinaryWriter, name: string, value: OnnxAttribute): void {
  text(out, FIELD.attribute.name, name);
  if (typeof value === 'number') {
    integer(out, FIELD.attribute.int, value);
    integer(out, FIELD.attribute.type, ATTRIBUTE_TYPE.int);
  } else if (typeof value === 'string') {
    text(out, FIELD.attribute.text, value);
    integer(out, FIELD.attribute.type, ATTRIBUTE_TYPE.text);
  } else if ('float' in value) {
    single(out, FIELD.attribute.float, value.float);
    integer(out, FIELD.attribute.type, ATTRIBUTE_TYPE.float);
  } else {
    for (const item of value) integer(out, FIELD.attribute.ints, item);
    integer(out, FIELD.attribute.type, ATTRIBUTE_TYPE.ints);
  }
}

function encodeTensor(out: BinaryWriter, { name, shape, type, data }: OnnxInitializer): void {
  for (const size of shape) integer(out, FIELD.tensor.dims, size);
  integer(out, FIELD.tensor.type, ELEMENT_TYPE[type]);
  text(out, FIELD.tensor.name, name);
  bytes(out, FIELD.tensor.raw, data);
}

function encodeValueInfo(out: BinaryWriter, tensor: OnnxTensor): void {
  text(out, FIELD.valueInfo.name, tensor.name);
  message(out, FIELD.valueInfo.type, () => {
    if (tensor.sequence !== true) {
      encodeTensorType(out, tensor);
      return;
    }
    message(out, FIELD.type.sequence, () => {
      message(out, FIELD.sequenceType.element, () => {
        encodeTensorType(out, tensor);
      });
    });
  });
}

function encodeTensorType(out: BinaryWriter, { type, shape }: OnnxTensor): void {
  message(out, FIELD.type.tensor, () => {
    integer(out, FIELD.tensorType.element, ELEMENT_TYPE[type]);
    message(out, FIELD.tensorType.shape, () => {
      for (const size of shape) {
        message(out, FIELD.shape.dimension, () => {
          integer(out, FIELD.dimension.value, size);
        });
      }
    });
  });
}
