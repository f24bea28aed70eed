// Kerberos of one session: who asks for tickets for what, with which encryption, and what the answer is. Made by the
// definition; runs on packet workers. Source: RFC 4120 section 5. The session is called krb5 with its first message.

import type { SessionField } from '../../record/index.ts';
import { tagsField } from '../../record/index.ts';
import { type DecoderContext, type Direction, Verdict } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { textOf } from '../wire-text.ts';
import { DerCursor, Tag } from '../x509/der-cursor.ts';
import { krb5Fields } from './fields.ts';
import { encryptionTypes, errorNames, MessageType } from './names.ts';
import { lengthBytes, maxMessageBytes, probeKrb5 } from './probe.ts';

/** Names have two components, seldom three. */
const maxComponents = 16;
const maxEncryptionTypes = 64;

/** Where what is told stands: the numbers of the items' context tags (RFC 4120 sections 5.4.1, 5.4.2, 5.9.1, 5.3). */
const requestItems = { body: 4 } as const;
const bodyItems = { clientName: 1, realm: 2, serviceName: 3, encryptionTypes: 8 } as const;
const replyItems = { realm: 3, clientName: 4, ticket: 5 } as const;
const ticketItems = { serviceName: 2 } as const;
const errorItems = { code: 6, clientRealm: 7, clientName: 8, realm: 9, serviceName: 10 } as const;

export class Krb5Decoder extends FramedDecoder {
  /** A message has been seen: what else comes is Kerberos too. */
  #isSure = false;

  constructor(context: DecoderContext) {
    super(context, lengthBytes + maxMessageBytes);
  }

  override data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    if (this.context.transport === 'tcp') return super.data(direction, bytes, from, to, timeUs);
    this.#message(bytes, from, to);
    return 0;
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (to - at < lengthBytes) return needMoreBytes;
    const length = bytes.readUInt32BE(at);
    if (length <= maxMessageBytes) return lengthBytes + length;
    if (this.#isSure) this.context.note(tagsField, 'krb5:record-too-long');
    return noMessage;
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    this.#message(bytes, from + lengthBytes, to);
    return 0;
  }

  #message(bytes: Buffer, from: number, to: number): void {
    if (from >= to || bytes[from] === 0 || probeKrb5(bytes, from, to) !== Verdict.certain) return;
    this.#isSure = true;
    this.context.protocol('krb5');
    const cursor = new DerCursor(bytes, from, to);
    if (!cursor.next()) return;
    const type = cursor.tag & 0x1f;
    const message = cursor.inside();
    if (!message.expect(Tag.sequence)) return;
    const items = message.inside();
    if (type === MessageType.error) this.#error(items);
    else if (type === MessageType.asReply || type === MessageType.ticketReply) this.#reply(items);
    else this.#request(items);
  }

  #request(items: DerCursor): void {
    while (items.next()) {
      if (number(items) !== requestItems.body) continue;
      const body = items.inside();
      if (!body.expect(Tag.sequence)) return;
      const inner = body.inside();
      while (inner.next()) {
        const item = number(inner);
        if (item === bodyItems.clientName) this.#name(krb5Fields.clientName, inner.inside());
        else if (item === bodyItems.realm) this.#realm(inner.inside());
        else if (item === bodyItems.serviceName) this.#name(krb5Fields.serviceName, inner.inside());
        else if (item === bodyItems.encryptionTypes) this.#encryptionTypes(inner.inside());
      }
    }
  }

  #reply(items: DerCursor): void {
    while (items.next()) {
      const item = number(items);
      if (item === replyItems.realm) this.#realm(items.inside());
      else if (item === replyItems.clientName) this.#name(krb5Fields.clientName, items.inside());
      else if (item === replyItems.ticket) this.#ticket(items.inside());
    }
  }

  /** A ticket is an item of its own application tag with a sequence in it. */
  #ticket(cursor: DerCursor): void {
    if (!cursor.next()) return;
    const ticket = cursor.inside();
    if (!ticket.expect(Tag.sequence)) return;
    const items = ticket.inside();
    while (items.next()) if (number(items) === ticketItems.serviceName) this.#name(krb5Fields.serviceName, items.inside());
  }

  #error(items: DerCursor): void {
    while (items.next()) {
      const item = number(items);
      if (item === errorItems.clientRealm || item === errorItems.realm) this.#realm(items.inside());
      else if (item === errorItems.clientName) this.#name(krb5Fields.clientName, items.inside());
      else if (item === errorItems.serviceName) this.#name(krb5Fields.serviceName, items.inside());
      else if (item === errorItems.code) {
        const code = integer(items.inside());
        if (code !== undefined) this.context.note(krb5Fields.error, errorNames.get(code) ?? String(code));
      }
    }
  }

  #realm(cursor: DerCursor): void {
    if (!cursor.expect(Tag.generalString) || cursor.from === cursor.to) return;
    this.context.note(krb5Fields.realm, textOf(cursor.bytes, cursor.from, cursor.to));
  }

  /** PrincipalName: [0] a type, [1] a sequence of components. */
  #name(field: SessionField, cursor: DerCursor): void {
    if (!cursor.expect(Tag.sequence)) return;
    const items = cursor.inside();
    if (!items.next() || !items.next() || number(items) !== 1) return;
    const list = items.inside();
    if (!list.expect(Tag.sequence)) return;
    const components = list.inside();
    const texts: string[] = [];
    while (texts.length < maxComponents && components.next()) {
      texts.push(textOf(components.bytes, components.from, components.to));
    }
    const name = texts.join('/');
    if (name !== '') this.context.note(field, name);
  }

  #encryptionTypes(cursor: DerCursor): void {
    if (!cursor.expect(Tag.sequence)) return;
    const list = cursor.inside();
    for (let left = maxEncryptionTypes; left > 0 && list.next(); left--) {
      const name = list.tag === Tag.integer ? encryptionTypes.get(signed(list)) : undefined;
      if (name !== undefined) this.context.note(krb5Fields.encryptionType, name);
    }
  }
}

/** Number of a context tag of the item read last. */
function number(cursor: DerCursor): number {
  return (cursor.tag & 0xe0) === 0xa0 ? cursor.tag & 0x1f : -1;
}

function integer(cursor: DerCursor): number | undefined {
  return cursor.expect(Tag.integer) ? signed(cursor) : undefined;
}

/** Value of the integer read last; those that do not fit into 32 bits count as 0x7fffffff. */
function signed(cursor: DerCursor): number {
  const length = cursor.to - cursor.from;
  return length >= 1 && length <= 4 ? cursor.bytes.readIntBE(cursor.from, length) : 0x7fff_ffff;
}
