// The record of a capture file that the sensor writes: made when the file is begun, when it is finished and when it is deleted.
// Whoever keeps documents with positions of packets learns from it how to read the file; output-elasticsearch turns it into
// a document of Arkime's `files` index. Packet workers make the first one, before any session that points into the file.

import { defineRecordType, type Field } from './contract.ts';

export interface CaptureFile {
  readonly state: 'open' | 'closed' | 'deleted';
  /** Number in the positions of documents; unique for its node. */
  readonly number: number;
  readonly node: string;
  /** Absolute. */
  readonly path: string;
  /** Time of the first packet, microseconds since 1970. */
  readonly firstUs: number;
  /** When the file was begun, microseconds since 1970. */
  readonly startUs: number;
  /** How documents write positions: as they are, as differences with repetitions left out, or as a place in the index file. */
  readonly positions: 'plain' | 'gap0' | 'localIndex';
  readonly compression?: 'gzip' | 'zstd';
  /** Positions are (offset of the block) · 2^bits + offset in the unpacked block. */
  readonly uncompressedBits?: number;
  readonly encryption?: 'aes-256-ctr' | 'xor-2048';
  /** Of AES: hexadecimal, 12 bytes; the block counter of 4 bytes follows. */
  readonly iv?: string;
  /** The file's key, wrapped by the key `keyId`; hexadecimal. */
  readonly key?: string;
  readonly keyId?: string;
  /** Absent: the older wrapping, AES-192-CBC. */
  readonly keyWrapping?: 'aes-256-gcm';
  readonly keySalt?: string;
  readonly keyIv?: string;
  readonly keyTag?: string;
  readonly indexPath?: string;
  /** Bytes on disk. */
  readonly bytes?: number;
  /** Bytes before compression. */
  readonly packetBytes?: number;
  readonly packets?: number;
  /** Time of the last packet. */
  readonly lastUs?: number;
  readonly finishUs?: number;
}

const keyword = (name: string, meaning: string, value: (file: CaptureFile) => string | undefined): Field<CaptureFile> => ({
  name,
  type: 'keyword',
  meaning,
  value,
});
const long = (name: string, meaning: string, value: (file: CaptureFile) => number | undefined): Field<CaptureFile> => ({
  name,
  type: 'long',
  meaning,
  value,
});
const date = (name: string, meaning: string, value: (file: CaptureFile) => number | undefined): Field<CaptureFile> => ({
  name,
  type: 'date',
  meaning,
  value,
});

/** Fields beside `file.*` have the names of Arkime's `files` documents, in snake_case. */
export const fileRecordType = defineRecordType<CaptureFile>({
  name: 'file',
  meaning: 'A capture file that the sensor writes (output pcap): begun, finished or deleted.',
  fields: [
    keyword('file.path', 'The file.', (f) => f.path),
    long('file.size', 'Bytes on disk, when it is finished.', (f) => f.bytes),
    keyword('pcap.state', '`open`, `closed` or `deleted`.', (f) => f.state),
    long('pcap.num', 'Number of the file in the positions of sessions.', (f) => f.number),
    keyword('pcap.node', 'Sensor that wrote it.', (f) => f.node),
    date('pcap.first', 'Time of the first packet.', (f) => f.firstUs),
    date('pcap.last', 'Time of the last packet.', (f) => f.lastUs),
    date('pcap.start', 'When the file was begun.', (f) => f.startUs),
    date('pcap.finish', 'When it was finished.', (f) => f.finishUs),
    keyword('pcap.packet_pos_encoding', 'How sessions write positions: `gap0` or `localIndex`; absent: as they are.', (f) =>
      f.positions === 'plain' ? undefined : f.positions,
    ),
    keyword('pcap.compression', '`gzip` or `zstd`, in blocks that can be read each by itself.', (f) => f.compression),
    long(
      'pcap.uncompressed_bits',
      'Positions are the offset of a block times 2 to the power of this, and the offset in the unpacked block.',
      (f) => f.uncompressedBits,
    ),
    keyword('pcap.encoding', 'Encryption: `aes-256-ctr` or `xor-2048`.', (f) => f.encryption),
    keyword('pcap.iv', 'First 12 bytes of the counter block, hexadecimal.', (f) => f.iv),
    keyword('pcap.dek', "The file's key, wrapped, hexadecimal.", (f) => f.key),
    keyword('pcap.kek_id', 'Name of the key it is wrapped by.', (f) => f.keyId),
    keyword('pcap.dek_encoding', 'How it is wrapped; absent: AES-192-CBC.', (f) => f.keyWrapping),
    keyword('pcap.dek_salt', 'Salt of the wrapping key, hexadecimal.', (f) => f.keySalt),
    keyword('pcap.dek_iv', 'IV of the wrapping, hexadecimal.', (f) => f.keyIv),
    keyword('pcap.dek_tag', 'Tag of the wrapping, hexadecimal.', (f) => f.keyTag),
    keyword('pcap.index_path', 'File with the positions of sessions, with a local index.', (f) => f.indexPath),
    long('pcap.packets', 'Packets in the file.', (f) => f.packets),
    long('pcap.packets_size', 'Bytes before compression.', (f) => f.packetBytes),
  ],
});
