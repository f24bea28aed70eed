// The names of DNS's numbers as finished JSON, made once: the decoder hands them to the encoder, which copies them. Used
// by the record type and the record reader on packet workers.

import { JsonText } from '../../record/index.ts';
import { className, opcodeName, rcodeName, typeName } from './code-points.ts';
import { Phrase } from './text-writer.ts';

/** A name for each number below `count`; beyond, one is made when asked for. */
function table(count: number, name: (code: number) => string): (code: number) => JsonText {
  const texts = Array.from({ length: count }, (_, code) => JsonText.of(name(code)));
  return (code) => (code < count ? (texts[code] as JsonText) : JsonText.of(name(code)));
}

const typesEnd = 265;

export const typeText = table(typesEnd, typeName);
export const classText = table(256, className);
export const rcodeText = table(24, rcodeName);
export const opcodeText = table(16, opcodeName);

/** What stands in the JSON of a record between its name and its TTL. */
function recordHead(type: number, rrClass: number): Phrase {
  return new Phrase(`,"type":"${typeName(type)}","class":"${className(rrClass)}","ttl":`);
}

const internetHeads = Array.from({ length: typesEnd }, (_, type) => recordHead(type, 1));

export function recordHeadPhrase(type: number, rrClass: number): Phrase {
  return rrClass === 1 && type < typesEnd ? (internetHeads[type] as Phrase) : recordHead(type, rrClass);
}
