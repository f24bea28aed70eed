// LDAP of one session: who binds, and how. Made by the definition; runs on packet workers. Source: RFC 4511 sections
// 4.2, 4.12 and 4.14, and for NTLM in binds MS-ADTS 5.1.1.1.

import { contentBytes, headerBytes } from '../ber-cursor.ts';
import { type DecoderContext, type Direction, HANDOVER } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { noteNtlm, noteSecurityToken } from '../ntlm/index.ts';
import { textOf } from '../wire-text.ts';
import { DerCursor, Tag } from '../x509/der-cursor.ts';
import { ldapFields } from './fields.ts';
import { Operation, operationStart } from './message-head.ts';

/** Binds with a Kerberos ticket are the longest messages that anything is read of. */
const maxMessageBytes = 16_384;
const startTlsName = '1.3.6.1.4.1.1466.20037';

/** Choices of AuthenticationChoice, by tag; Microsoft adds those of Sicily. */
const Authentication = { simple: 0x80, sicilyDiscovery: 0x89, sicilyNegotiate: 0x8a, sicilyResponse: 0x8b, sasl: 0xa3 } as const;
const authenticationNames: Readonly<Record<number, string>> = {
  [Authentication.sicilyDiscovery]: 'sicilyPackageDiscovery',
  [Authentication.sicilyNegotiate]: 'ntlmsspNegotiate',
  [Authentication.sicilyResponse]: 'ntlmsspAuth',
  [Authentication.sasl]: 'sasl',
};
/** Of a bind response: what the server's SASL mechanism says. */
const serverCredentialsTag = 0x87;
const extendedNameTag = 0x80;

export class LdapDecoder extends FramedDecoder {
  #startTls = false;

  constructor(context: DecoderContext) {
    super(context, maxMessageBytes);
  }

  override data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    if (this.context.transport === 'tcp') return super.data(direction, bytes, from, to, timeUs);
    this.message(direction, bytes, from, to);
    return 0;
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    const start = operationStart(bytes, at, to);
    if (start < 0) return noMessage;
    const header = start === 0 ? 0 : headerBytes(bytes, at, to);
    return header === 0 ? needMoreBytes : header + contentBytes(bytes, at, header);
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    const start = operationStart(bytes, from, to);
    if (start <= 0) return 0;
    const header = headerBytes(bytes, start, to);
    if (header <= 0) return 0;
    const content = start + header;
    const cursor = new DerCursor(bytes, content, Math.min(to, content + contentBytes(bytes, start, header)));
    const operation = bytes[start];
    if (operation === Operation.bindRequest) this.#bindRequest(cursor);
    else if (operation === Operation.bindResponse) this.#bindResponse(cursor);
    else if (operation === Operation.extendedRequest) this.#extendedRequest(cursor);
    else if (operation === Operation.extendedResponse) return this.#extendedResponse(cursor);
    return 0;
  }

  /** A bind is worth reading as far as it came. */
  protected override unfinished(direction: Direction, bytes: Buffer, from: number, to: number): void {
    this.message(direction, bytes, from, to);
  }

  #bindRequest(cursor: DerCursor): void {
    if (!cursor.expect(Tag.integer) || !cursor.expect(Tag.octetString)) return;
    const { bytes } = cursor;
    this.context.note(ldapFields.bindName, cursor.from === cursor.to ? '<ROOT>' : textOf(bytes, cursor.from, cursor.to));
    if (!cursor.next()) return;
    if (cursor.tag === Authentication.simple) {
      this.context.note(ldapFields.authType, cursor.from === cursor.to ? 'none' : 'simple');
      return;
    }
    const name = authenticationNames[cursor.tag];
    if (name !== undefined) this.context.note(ldapFields.authType, name);
    if (cursor.tag !== Authentication.sasl) {
      noteNtlm(this.context, bytes, cursor.from, cursor.to);
      return;
    }
    const sasl = cursor.inside();
    if (sasl.expect(Tag.octetString) && sasl.expect(Tag.octetString)) noteSecurityToken(this.context, bytes, sasl.from, sasl.to);
  }

  /** NTLM's challenge comes in the matched name (Sicily) or among the credentials (SASL). */
  #bindResponse(cursor: DerCursor): void {
    if (!cursor.expect(Tag.enumerated) || !cursor.expect(Tag.octetString)) return;
    noteNtlm(this.context, cursor.bytes, cursor.from, cursor.to);
    if (!cursor.expect(Tag.octetString)) return;
    while (cursor.next()) {
      if (cursor.tag === serverCredentialsTag) noteSecurityToken(this.context, cursor.bytes, cursor.from, cursor.to);
    }
  }

  #extendedRequest(cursor: DerCursor): void {
    if (!cursor.expect(extendedNameTag)) return;
    this.#startTls = textOf(cursor.bytes, cursor.from, cursor.to) === startTlsName;
  }

  #extendedResponse(cursor: DerCursor): number {
    const isReady = this.#startTls && cursor.expect(Tag.enumerated) && cursor.bytes[cursor.from] === 0;
    this.#startTls = false;
    return isReady ? HANDOVER : 0;
  }
}
