// Records of capture files as documents of Arkime's `files` index, and its count of files by node (`sequence`). A document is
// written as an update of what is there: records that come twice, or late, after those of the next state, do no harm.

import type { Bulk } from './bulk.ts';

/** A `file` record, as encoded for ECS. Times are ISO 8601. */
export interface FileRecord {
  readonly file?: { readonly path?: string; readonly size?: number };
  readonly pcap?: {
    readonly state?: 'open' | 'closed' | 'deleted';
    readonly num?: number;
    readonly node?: string;
    readonly first?: string;
    readonly last?: string;
    readonly start?: string;
    readonly finish?: string;
    readonly packet_pos_encoding?: string;
    readonly compression?: string;
    readonly uncompressed_bits?: number;
    readonly encoding?: string;
    readonly iv?: string;
    readonly dek?: string;
    readonly kek_id?: string;
    readonly dek_encoding?: string;
    readonly dek_salt?: string;
    readonly dek_iv?: string;
    readonly dek_tag?: string;
    readonly index_path?: string;
    readonly packets?: number;
    readonly packets_size?: number;
  };
}

/**
 * Adds what a record says to a bulk, and to `sequence` that the number is taken: another capture of the same name goes on behind it.
 * Mostly the cluster has given the number itself. A record without number or node says nothing.
 */
export function addFile(bulk: Bulk, sequence: Bulk, prefix: string, record: FileRecord): void {
  const { num, node, state } = record.pcap ?? {};
  if (num === undefined || node === undefined) return;
  const where = { _index: `${prefix}files`, _id: `${node}-${num}` };
  if (state === 'deleted') {
    bulk.addJson({ delete: where });
    return;
  }
  bulk.addJson({ update: { ...where, retry_on_conflict: 3 } }, { doc: fileDocument(record), doc_as_upsert: true });
  if (state !== 'open') return;
  const counter = { _index: `${prefix}sequence`, _id: `fn-${node}`, version: num, version_type: 'external' };
  sequence.addJson({ index: counter }, {});
}

/** Undefined members are left out as it becomes JSON. */
function fileDocument({ file = {}, pcap = {} }: FileRecord): object {
  const firstMs = milliseconds(pcap.first);
  return {
    num: pcap.num,
    name: file.path,
    node: pcap.node,
    first: firstMs === undefined ? undefined : Math.floor(firstMs / 1000),
    // Whoever needs the room may delete it.
    locked: 0,
    startTimestamp: milliseconds(pcap.start),
    firstTimestamp: firstMs,
    packetPosEncoding: pcap.packet_pos_encoding,
    uncompressedBits: pcap.uncompressed_bits,
    compression: pcap.compression,
    indexFilename: pcap.index_path,
    encoding: pcap.encoding,
    iv: pcap.iv,
    dek: pcap.dek,
    kekId: pcap.kek_id,
    dekEncoding: pcap.dek_encoding,
    dekSalt: pcap.dek_salt,
    dekIv: pcap.dek_iv,
    dekTag: pcap.dek_tag,
    filesize: file.size,
    packetsSize: pcap.packets_size,
    packets: pcap.packets,
    finishTimestamp: milliseconds(pcap.finish),
    lastTimestamp: milliseconds(pcap.last),
  };
}

function milliseconds(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
