// Reads an SNMP message: who asks by what right, what is asked, and what went wrong. Called for each datagram, on packet
// workers. Of version 3 the header and the user are read (RFC 3412 §6, RFC 3414 §2.4), as the rest is mostly encrypted.

import { userField } from '../../record/index.ts';
import { BerCursor, Tag } from '../ber-cursor.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { hexOf, textToNul } from '../wire-text.ts';
import { oidText } from '../x509/object-identifier.ts';
import { snmpFields } from './fields.ts';

/** As on the wire. */
export const Version = { v1: 0, v2c: 1, v3: 3 } as const;

const Pdu = { first: 0xa0, trapV1: 0xa4, getBulk: 0xa5, inform: 0xa6, trapV2: 0xa7, last: 0xa8 } as const;
/** RFC 3416 §3, from tag 0xa0 on; the fifth is RFC 1157's. */
const pduNames = [
  'GetRequest',
  'GetNextRequest',
  'GetResponse',
  'SetRequest',
  'Trap',
  'GetBulkRequest',
  'InformRequest',
  'SNMPv2-Trap',
  'Report',
] as const;

/** RFC 3416 §3, from 1 on. */
const errorNames =
  'tooBig noSuchName badValue readOnly genErr noAccess wrongType wrongLength wrongEncoding wrongValue noCreation inconsistentValue resourceUnavailable commitFailed undoFailed authorizationError notWritable inconsistentName'.split(
    ' ',
  );

/** By the lower two flags (RFC 3412 §6.4); privacy without authentication does not exist. */
const securityLevels = ['noAuthNoPriv', 'authNoPriv', '', 'authPriv'] as const;

/** snmpTrapOID.0 (RFC 3418 §2): its value says which notification it is. */
const trapOidVariable = '1.3.6.1.6.3.1.1.4.1.0';

export function isPdu(tag: number): boolean {
  return tag >= Pdu.first && tag <= Pdu.last;
}

export function readMessage(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  const outer = new BerCursor(bytes, from, to);
  if (!outer.expectCut(Tag.sequence)) return;
  const message = outer.inside();
  if (!message.expectCut(Tag.integer)) return;
  const version = message.number();
  if (version === Version.v3) {
    context.note(snmpFields.version, 3);
    readVersion3(context, message);
  } else if (version === Version.v1 || version === Version.v2c) {
    if (!message.expectCut(Tag.octetString)) return;
    context.note(snmpFields.version, version + 1);
    context.note(snmpFields.community, textToNul(bytes, message.from, message.to));
    if (message.nextCut() && isPdu(message.tag)) readPdu(context, message.tag, message.inside());
  }
}

function readVersion3(context: DecoderContext, message: BerCursor): void {
  if (!message.expectCut(Tag.sequence)) return;
  const header = message.inside();
  // Message id, largest size; then the flags.
  if (!header.expectCut(Tag.integer) || !header.expectCut(Tag.integer) || !header.expectCut(Tag.octetString)) return;
  const level = header.to > header.from ? securityLevels[(header.bytes[header.from] as number) & 3] : '';
  if (level !== undefined && level !== '') context.note(snmpFields.securityLevel, level);
  if (!message.expectCut(Tag.octetString)) return;
  const parameters = message.inside();
  if (!parameters.expectCut(Tag.sequence)) return;
  const user = parameters.inside();
  if (!user.expectCut(Tag.octetString)) return;
  if (user.to > user.from) context.note(snmpFields.engineId, hexOf(user.bytes, user.from, user.to));
  // Boots and time of the engine, then the name.
  if (!user.expectCut(Tag.integer) || !user.expectCut(Tag.integer) || !user.expectCut(Tag.octetString)) return;
  const name = textToNul(user.bytes, user.from, user.to);
  if (name !== '') context.note(userField, name.toLowerCase());
}

function readPdu(context: DecoderContext, tag: number, pdu: BerCursor): void {
  context.note(snmpFields.type, pduNames[tag - Pdu.first] as string);
  if (tag === Pdu.trapV1) {
    if (!pdu.expectCut(Tag.oid)) return;
    const enterprise = oidText(pdu.bytes, pdu.from, pdu.to);
    if (enterprise !== '') context.note(snmpFields.trapOid, enterprise);
    // Address of the agent, generic and specific trap, time.
    for (let skipped = 0; skipped < 4; skipped++) if (!pdu.nextCut()) return;
  } else {
    // Request id, error status, error index; of GetBulk the latter two are counts.
    if (!pdu.expectCut(Tag.integer) || !pdu.expectCut(Tag.integer)) return;
    const status = pdu.number();
    const error = tag === Pdu.getBulk ? undefined : errorNames[status - 1];
    if (error !== undefined) context.note(snmpFields.error, error);
    if (!pdu.expectCut(Tag.integer)) return;
  }
  if (pdu.expectCut(Tag.sequence)) readVariables(context, pdu.inside(), tag === Pdu.trapV2 || tag === Pdu.inform);
}

function readVariables(context: DecoderContext, list: BerCursor, isNotification: boolean): void {
  while (list.expectCut(Tag.sequence)) {
    const variable = list.inside();
    if (!variable.expectCut(Tag.oid)) return;
    const name = oidText(variable.bytes, variable.from, variable.to);
    if (name === '') return;
    context.note(snmpFields.variable, name);
    if (!isNotification || name !== trapOidVariable || !variable.expectCut(Tag.oid)) continue;
    const trap = oidText(variable.bytes, variable.from, variable.to);
    if (trap !== '') context.note(snmpFields.trapOid, trap);
  }
}
