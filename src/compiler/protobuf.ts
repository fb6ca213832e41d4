import { WireType, type BinaryWriter } from '@bufbuild/protobuf/wire';

/** Fields of protobuf messages, written by their number; the formats name their fields beside their writers. */
export function integer(out: BinaryWriter, field: number, value: number): void {
  out.tag(field, WireType.Varint).int64(value);
}

export function single(out: BinaryWriter, field: number, value: number): void {
  out.tag(field, WireType.Bit32).float(value);
}

export function text(out: BinaryWriter, field: number, value: string): void {
  out.tag(field, WireType.LengthDelimited).string(value);
}

/** The bytes of a typed array, as both formats store the numbers of a tensor. */
export function bytes(
  out: BinaryWriter,
  field: number,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): void {
  out.tag(field, WireType.LengthDelimited).bytes(new Uint8Array(buffer, byteOffset, byteLength));
}

export function message(out: BinaryWriter, field: number, body: () => void): void {
  out.tag(field, WireType.LengthDelimited).fork();
  body();
  out.join();
}
