// Reads the common header of OSPF packets (RFC 2328 appendix A.3.1, RFC 5340 appendix A.3.1): type, router, area and, in
// version 2, how packets are authenticated. Made for each session by the definition; runs on packet workers.

import { defineAnomalies, tagsField } from '../../record/index.ts';
import { ipv4Text } from '../address-text.ts';
import { collected } from '../collected-field.ts';
import { type Decoder, type DecoderContext, type Direction, DONE } from '../contract.ts';

export interface OspfOptions {
  readonly max_packets: number;
}

const typeField = collected('keyword', 'ospf.message_type', 'Types of packets: Hello, DBDesc, LSReq, LSUpdate, LSAck, unk-N.', {
  path: 'ospf.msgType',
  counted: false,
});
const routerField = collected('keyword', 'ospf.router_id', 'Routers that sent packets, dotted.', {
  path: 'ospf.routerId',
  counted: false,
});
const areaField = collected('keyword', 'ospf.area_id', 'Areas of the packets, dotted.', { path: 'ospf.areaId', counted: false });
export const sessionFields = [typeField, routerField, areaField, tagsField];

export const anomalies = defineAnomalies('ospf', {
  bad_header: 'A packet is shorter than its header, or of an unknown version.',
});

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
    if (to - from < identityLength || (version !== 2 && version !== 3)) context.anomaly(anomalies.bad_header, timeUs);
    else {
      const type = bytes[from + 1] as number;
      context.note(typeField, typeNames[type] ?? `unk-${type}`);
      context.note(routerField, ipv4Text(bytes, from + 4));
      context.note(areaField, ipv4Text(bytes, from + 8));
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
