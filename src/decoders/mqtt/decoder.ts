// MQTT 3.1, 3.1.1 and 5.0 in one session: who connects and how, topics, types of control packets. Payloads pass unread.
// Made for each session by the definition; runs on packet workers.

import { tagsField, userField } from '../../record/index.ts';
import { ByteCursor } from '../byte-cursor.ts';
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
    length += (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return 2 + index + length;
  }
  return noMessage;
}

/** A text behind its length (section 1.5.4). */
function textAt(reader: ByteCursor): string {
  const length = reader.u16();
  const at = reader.take(length);
  return at < 0 ? '' : textOf(reader.bytes, at, at + length);
}

/** Passes over the properties of version 5, section 2.2.2. */
function skipProperties(reader: ByteCursor): void {
  let length = 0;
  for (let index = 0; index < 4; index += 1) {
    const byte = reader.u8();
    length += (byte & 0x7f) << (7 * index);
    if (byte < 0x80) break;
  }
  reader.skip(length);
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
    const reader = new ByteCursor(bytes, start + 1, to);
    const isCut = length > to - from;
    if (!isCut || type === Type.publish) this.#read(type, first & 0x0f, reader);
    if (isCut && (reader.failed || type !== Type.publish)) {
      context.note(tagsField, 'mqtt:message-too-long');
      context.anomaly(mqttAnomalies.too_long, timeUs);
    } else if (reader.failed) context.anomaly(mqttAnomalies.malformed, timeUs);
    return 0;
  }

  #read(type: number, flags: number, reader: ByteCursor): void {
    const context = this.context;
    switch (type) {
      case Type.connect:
        this.#connect(reader);
        return;
      case Type.connack: {
        reader.u8();
        const code = reader.u8();
        if (!reader.failed) context.note(mqttFields.connackCode, code);
        return;
      }
      case Type.publish: {
        const topic = textAt(reader);
        if (reader.failed) return;
        // Empty with a topic alias of version 5.
        if (topic !== '') context.note(mqttFields.topic, topic);
        context.note(mqttFields.qos, (flags >> 1) & 3);
        return;
      }
      case Type.subscribe:
      case Type.unsubscribe:
        reader.u16();
        if (this.#version === 5) skipProperties(reader);
        for (let count = 0; count < filtersMost && reader.left > 0; count += 1) {
          const filter = textAt(reader);
          if (type === Type.subscribe) reader.u8();
          if (!reader.failed && filter !== '') context.note(mqttFields.topic, filter);
        }
        return;
    }
  }

  /** Section 3.1. */
  #connect(reader: ByteCursor): void {
    const { context } = this;
    textAt(reader);
    // Bridges set the highest bit.
    const level = reader.u8() & 0x7f;
    const flags = reader.u8();
    reader.u16();
    if (reader.failed) return;
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
    if (level === 5) skipProperties(reader);
    const clientId = textAt(reader);
    if (clientId !== '') context.note(mqttFields.clientId, clientId);
    if (hasWill) {
      if (level === 5) skipProperties(reader);
      const topic = textAt(reader);
      if (topic !== '') context.note(mqttFields.willTopic, topic);
      reader.skip(reader.u16());
    }
    if ((flags & 0x80) === 0) return;
    const user = textAt(reader);
    if (user !== '' && user.length <= userMost) context.note(userField, user.toLowerCase());
  }
}
