import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { bytes, integer, message, single, text } from '../protobuf.ts';
import {
  DATA_TYPE,
  type SavedModel,
  type Signature,
  type SignatureTensor,
  type TensorFlowAttribute,
  type TensorFlowNode,
  type TensorFlowTensor,
} from './model.ts';

/** The tag under which a model's graph is loaded. */
export const TAG = 'serve';
const SCHEMA_VERSION = 1;
/** The version of the graph format that TensorFlow 2.9 writes; later ones read it. */
const PRODUCER = 1087;
const METHOD = 'tensorflow/serving/predict';

/** Numbers of the fields in saved_model.proto, meta_graph.proto, graph.proto, attr_value.proto, tensor.proto (tensorflow/core/protobuf and framework). */
const FIELD = {
  savedModel: { version: 1, metaGraph: 2 },
  metaGraph: { info: 1, graph: 2, signature: 5 },
  info: { tag: 4 },
  graph: { node: 1, versions: 4 },
  versions: { producer: 1 },
  node: { name: 1, op: 2, input: 3, attribute: 5 },
  entry: { key: 1, value: 2 },
  attribute: { list: 1, text: 2, int: 3, float: 4, flag: 5, type: 6, shape: 7, tensor: 8 },
  list: { int: 3 },
  shape: { dimension: 2 },
  dimension: { size: 1 },
  tensor: { type: 1, shape: 2, content: 4 },
  signature: { input: 1, output: 2, method: 3 },
  tensorInfo: { name: 1, type: 2, shape: 3 },
} as const;

/** The content of `saved_model.pb`. */
export function encodeSavedModel({ nodes, signatures }: SavedModel): Uint8Array {
  const out = new BinaryWriter();
  integer(out, FIELD.savedModel.version, SCHEMA_VERSION);
  message(out, FIELD.savedModel.metaGraph, () => {
    message(out, FIELD.metaGraph.info, () => {
      text(out, FIELD.info.tag, TAG);
    });
    message(out, FIELD.metaGraph.graph, () => {
      for (const node of nodes) {
        message(out, FIELD.graph.node, () => {
          encodeNode(out, node);
        });
      }
      message(out, FIELD.graph.versions, () => {
        integer(out, FIELD.versions.producer, PRODUCER);
      });
    });
    for (const signature of signatures) {
      entry(out, FIELD.metaGraph.signature, signature.name, () => {
        encodeSignature(out, signature);
      });
    }
  });
  return out.finish();
}

function encodeNode(out: BinaryWriter, { name, op, inputs, attributes }: TensorFlowNode): void {
  text(out, FIELD.node.name, name);
  text(out, FIELD.node.op, op);
  for (const input of inputs) text(out, FIELD.node.input, input);
  for (const [key, value] of Object.entries(attributes)) {
    entry(out, FIELD.node.attribute, key, () => {
      encodeAttribute(out, value);
    });
  }
}

function encodeAttribute(out: BinaryWriter, value: TensorFlowAttribute): void {
  if ('text' in value) text(out, FIELD.attribute.text, value.text);
  else if ('int' in value) integer(out, FIELD.attribute.int, value.int);
  else if ('float' in value) single(out, FIELD.attribute.float, value.float);
  else if ('flag' in value) integer(out, FIELD.attribute.flag, value.flag ? 1 : 0);
  else if ('type' in value) integer(out, FIELD.attribute.type, DATA_TYPE[value.type]);
  else if ('shape' in value) encodeShape(out, FIELD.attribute.shape, value.shape);
  else if ('tensor' in value) encodeTensor(out, FIELD.attribute.tensor, value.tensor);
  else {
    message(out, FIELD.attribute.list, () => {
      out.tag(FIELD.list.int, WireType.LengthDelimited).fork();
      for (const item of value.ints) out.int64(item);
      out.join();
    });
  }
}

function encodeTensor(out: BinaryWriter, field: number, { shape, dtype, data }: TensorFlowTensor): void {
  message(out, field, () => {
    integer(out, FIELD.tensor.type, DATA_TYPE[dtype]);
    encodeShape(out, FIELD.tensor.shape, shape);
    bytes(out, FIELD.tensor.content, data);
  });
}

function encodeShape(out: BinaryWriter, field: number, shape: readonly number[]): void {
  message(out, field, () => {
    for (const size of shape) {
      message(out, FIELD.shape.dimension, () => {
        integer(out, FIELD.dimension.size, size);
      });
    }
  });
}

function encodeSignature(out: BinaryWriter, { inputs, outputs }: Signature): void {
  for (const input of inputs) encodeSignatureTensor(out, FIELD.signature.input, input);
  for (const output of outputs) encodeSignatureTensor(out, FIELD.signature.output, output);
  text(out, FIELD.signature.method, METHOD);
}

function encodeSignatureTensor(
  out: BinaryWriter,
  field: number,
  { key, tensor, dtype, shape }: SignatureTensor,
): void {
  entry(out, field, key, () => {
    text(out, FIELD.tensorInfo.name, tensor);
    integer(out, FIELD.tensorInfo.type, DATA_TYPE[dtype]);
    encodeShape(out, FIELD.tensorInfo.shape, shape);
  });
}

/** One entry of a map: its key, and a message as its value. */
function entry(out: BinaryWriter, field: number, key: string, value: () => void): void {
  message(out, field, () => {
    text(out, FIELD.entry.key, key);
    message(out, FIELD.entry.value, value);
  });
}
