// TCAP messages (Q.773): operations, and whether the application context says CAMEL. Called for each SCCP message with data.
// The context stands in the first message of a dialogue each way; operations of later ones are not read as CAMEL's.

import { BerCursor, Tag } from '../ber-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { oidText } from '../x509/object-identifier.ts';
import { readCamel } from './camel.ts';
import { sigtranFields } from './fields.ts';

/** Unidirectional, begin, end, continue, abort. */
const messages = [0x61, 0x62, 0x64, 0x65, 0x67];
const Portion = { dialogue: 0x6b, components: 0x6c } as const;
/** Components that name an operation. */
const Component = { invoke: 0xa1, result: 0xa2, resultNotLast: 0xa7 } as const;
const applicationContext = 0xa1;
/** Where the application context lies in a dialogue portion: external, single type, request or response. */
const dialoguePath = [[0x28], [0xa0], [0x60, 0x61]];
const mostComponents = 64;

/** CAP (3GPP TS 29.078): versions 1 and 2, then the later ones; the last arc tells what kind of service. */
const camelContexts = /^0\.4\.0\.0\.1\.(?:0\.5[01]|2[13]\.3)\.\d+$/;

export function readTcap(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  const outer = new BerCursor(bytes, from, to);
  // SCCP says how long the data are; a transaction that is longer ends with them.
  if (!outer.nextCut() || !messages.includes(outer.tag)) return;
  const portions = outer.inside();
  let isCamel = false;
  while (portions.nextCut()) {
    if (portions.tag === Portion.dialogue) isCamel = camelContexts.test(contextOf(portions.inside()));
    else if (portions.tag === Portion.components) readComponents(context, portions.inside(), isCamel);
  }
}

/** The application context of a dialogue portion, as text; '' when there is none. */
function contextOf(dialogue: BerCursor): string {
  let cursor = dialogue;
  for (const tags of dialoguePath) {
    while (cursor.next() && !tags.includes(cursor.tag));
    if (!tags.includes(cursor.tag)) return '';
    cursor = cursor.inside();
  }
  while (cursor.next()) {
    if (cursor.tag !== applicationContext) continue;
    const inner = cursor.inside();
    return inner.next() && inner.tag === Tag.oid ? oidText(inner.bytes, inner.from, inner.to) : '';
  }
  return '';
}

function readComponents(context: DecoderContext, components: BerCursor, isCamel: boolean): void {
  for (let count = 0; count < mostComponents && components.nextCut(); count += 1) {
    const { tag } = components;
    const parts = components.inside();
    // Its number.
    if (!parts.nextCut() || parts.tag !== Tag.integer) continue;
    if (tag === Component.invoke) readOperation(context, parts, isCamel);
    else if (tag === Component.result || tag === Component.resultNotLast) {
      const result = parts.nextCut() ? parts.inside() : undefined;
      if (result !== undefined) readOperation(context, result, isCamel);
    }
  }
}

/** A linked number may come first; then the operation, then its parameters. */
function readOperation(context: DecoderContext, parts: BerCursor, isCamel: boolean): void {
  while (parts.nextCut()) {
    if (parts.tag === Tag.oid) return;
    if (parts.tag !== Tag.integer) continue;
    const opcode = parts.number();
    if (opcode < 0) return;
    context.note(sigtranFields.opcode, opcode);
    if (isCamel) readCamel(context, opcode, parts.nextCut() ? parts.inside() : undefined);
    return;
  }
}
