// MQTT 3.1, 3.1.1 and 5.0 in one session: who connects and how, topics, types of control packets. Payloads pass unread.
// Made for each session by the definition; runs on packet workers.

import { tagsField, userField } from '../../record/index.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { textOf } from '../wire-text.ts';
import { mqttAnomalies } from './anomalies.ts';
import { mqttFields } from './fields.ts';
import type { MqttOptions } from './options.ts';

/** Names by packet type, MQTT 5.0 section 2.1.2. */
const types = [
  ...['', 'CONNECT', 'CONNACK', 'PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'],
  ...['SUBSCRIBE', 'SUBACK', 'UNSUBSCRIBE', 'UNSUBACK', 'PINGREQ', 'PINGRESP', 'DISCONNECT', 'AUTH'],
];
const Type = { connect: 1, connack: 2, publish: 3, subscribe: 8, unsubscribe: 10 } as const;

/** By protocol level. */
const versions: ReadonlyMap<number, string> = new Map([
  [3, '3.1'],
  [4, '3.1.1'],
  [5, '5.0'],
]);

/** Most topic filters of one packet. */
const filtersMost = 1000;
const userMost = 320;

/**
 * Length of the control packet at `at`, header included (section 1.5.5: up to four bytes of seven bits).
 * @returns `needMoreBytes`, or `noMessage` when none begins here
 */
export function packetLength(bytes: Buffer, at: number, to: number): number {
  if ((bytes[at] as number) >> 4 === 0) return noMessage;
  let length = 0;
  for (let index = 0; index < 4; index += 1) {
    const position = at + 1 + index;
    if (position >= to) return needMoreBytes;
    const byte = bytes[position] as number;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return 2 + index + length;
  }
  return noMessage;
}

/** Reads a packet's fields in turn. Once one leads out of the packet, `isOut` stays true. */
class Reader {
  readonly #bytes: Buffer;
  readonly #to: number;
  at: number;
  isOut = false;

  constructor(bytes: Buffer, at: number, to: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#to = to;
  }

  get hasMore(): boolean {
    return this.at < this.#to;
  }

  /** Passes over `count` bytes. @returns where they begin; -1 when there are less */
  take(count: number): number {
    const start = this.at;
    if (this.isOut || this.#to - start < count) {
      this.isOut = true;
      return -1;
    }
    this.at = start + count;
    return start;
  }

  byte(): number {
    const at = this.take(1);
    return at < 0 ? 0 : (this.#bytes[at] as number);
  }

  word(): number {
    const at = this.take(2);
    return at < 0 ? 0 : this.#bytes.readUInt16BE(at);
  }

  text(): string {
    const length = this.word();
    const at = this.take(length);
    return at < 0 ? '' : textOf(this.#bytes, at, at + length);
  }

  /** Passes over the properties of version 5, section 2.2.2. */
  properties(): void {
    let length = 0;
    for (let index = 0; index < 4; index += 1) {
      const byte = this.byte();
      length += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) break;
    }
    this.take(length);
  }
}

export class MqttDecoder extends FramedDecoder {
  #version: number;

  constructor(context: DecoderContext, options: MqttOptions) {
    super(context, options.max_packet_bytes);
    this.#version = 4;
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return packetLength(bytes, at, to);
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number, length: number, timeUs: number): number {
    const context = this.context;
    const first = bytes[from] as number;
    const type = first >> 4;
    context.note(mqttFields.type, types[type] as string);
    let start = from + 1;
    while ((bytes[start] as number) >= 0x80) start += 1;
    const reader = new Reader(bytes, start + 1, to);
    const isCut = length > to - from;
    if (!isCut || type === Type.publish) this.#read(type, first & 0x0f, reader);
    if (isCut && (reader.isOut || type !== Type.publish)) {
      context.note(tagsField, 'mqtt:message-too-long');
      context.anomaly(mqttAnomalies.too_long, timeUs);
    } else if (reader.isOut) context.anomaly(mqttAnomalies.malformed, timeUs);
    return 0;
  }

  #read(type: number, flags: number, reader: Reader): void {
    const context = this.context;
    switch (type) {
      case Type.connect:
        this.#connect(reader);
        return;
      case Type.connack: {
        reader.byte();
        const code = reader.byte();
        if (!reader.isOut) context.note(mqttFields.connackCode, code);
        return;
      }
      case Type.publish: {
        const topic = reader.text();
        if (reader.isOut) return;
        // Empty with a topic alias of version 5.
        if (topic !== '') context.note(mqttFields.topic, topic);
        context.note(mqttFields.qos, (flags >> 1) & 3);
        return;
      }
      case Type.subscribe:
      case Type.unsubscribe:
        reader.word();
        if (this.#version === 5) reader.properties();
        for (let count = 0; count < filtersMost && reader.hasMore && !reader.isOut; count += 1) {
          const filter = reader.text();
          if (type === Type.subscribe) reader.byte();
          if (!reader.isOut && filter !== '') context.note(mqttFields.topic, filter);
        }
        return;
    }
  }

  /** Section 3.1. */
  #connect(reader: Reader): void {
    const { context } = this;
    reader.text();
    // Bridges set the highest bit.
    const level = reader.byte() & 0x7f;
    const flags = reader.byte();
    reader.word();
    if (reader.isOut) return;
    this.#version = level;
    context.note(mqttFields.version, versions.get(level) ?? String(level));
    const hasWill = (flags & 0x04) !== 0;
    if ((flags & 0x02) !== 0) context.note(mqttFields.flags, 'cleanSession');
    if (hasWill) {
      context.note(mqttFields.flags, 'hasWill');
      context.note(mqttFields.qos, (flags >> 3) & 3);
      if ((flags & 0x20) !== 0) context.note(mqttFields.flags, 'willRetain');
    }
    if ((flags & 0x40) !== 0) context.note(mqttFields.flags, 'hasPassword');
    if (level === 5) reader.properties();
    const clientId = reader.text();
    if (clientId !== '') context.note(mqttFields.clientId, clientId);
    if (hasWill) {
      if (level === 5) reader.properties();
      const topic = reader.text();
      if (topic !== '') context.note(mqttFields.willTopic, topic);
      reader.take(reader.word());
    }
    if ((flags & 0x80) === 0) return;
    const user = reader.text();
    if (user !== '' && user.length <= userMost) context.note(userField, user.toLowerCase());
  }
}
