// Reads the common header of OSPF packets (RFC 2328 appendix A.3.1, RFC 5340 appendix A.3.1): type, router, area and, in
// version 2, how packets are authenticated. Made for each session by the definition; runs on packet workers.

import { tagsField } from '../../record/index.ts';
import { ipv4Text } from '../address-text.ts';
import { type Decoder, type DecoderContext, type Direction, DONE } from '../contract.ts';
import { ospfAnomalies } from './anomalies.ts';
import { ospfFields } from './fields.ts';
import type { OspfOptions } from './options.ts';

const typeNames = ['unk-0', 'Hello', 'DBDesc', 'LSReq', 'LSUpdate', 'LSAck'];
/** Bytes up to the area. */
const identityLength = 12;
const authenticationTags = ['ospf:auth-null', 'ospf:auth-simple'];

export class OspfDecoder implements Decoder {
  readonly #context: DecoderContext;
  /** Packets that may still be read. */
  #left: number;

  constructor(context: DecoderContext, options: OspfOptions) {
    this.#context = context;
    this.#left = options.max_packets;
  }

  data(_direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const context = this.#context;
    this.#left -= 1;
    const version = bytes[from];
    if (to - from < identityLength || (version !== 2 && version !== 3)) context.anomaly(ospfAnomalies.bad_header, timeUs);
    else {
      const type = bytes[from + 1] as number;
      context.note(ospfFields.type, typeNames[type] ?? `unk-${type}`);
      context.note(ospfFields.router, ipv4Text(bytes, from + 4));
      context.note(ospfFields.area, ipv4Text(bytes, from + 8));
      const tag = version === 2 && to - from >= 16 ? authenticationTags[bytes.readUInt16BE(from + 14)] : undefined;
      if (tag !== undefined) context.note(tagsField, tag);
    }
    return this.#left > 0 ? 0 : DONE;
  }

  skipped(): void {}

  gap(): boolean {
    return true;
  }

  finished(): void {}

  end(): void {}
}
