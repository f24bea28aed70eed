// The names of DNS's numbers as finished JSON, each made when it comes first: the decoder hands them to the encoder, which copies them. Used
// by the record type and the record reader on packet workers.

import { JsonText } from '../../record/index.ts';
import { className, opcodeName, rcodeName, typeName } from './code-points.ts';
import { Phrase } from './text-writer.ts';

/** What stands for a number; undefined may be it. */
export function table<Text>(count: number, make: (code: number) => Text): (code: number) => Text {
  const texts = new Array<Text | null>(count).fill(null);
  return (code) => {
    // Beyond the table it is made each time.
    const text = code < count ? (texts[code] as Text | null) : null;
    if (text !== null) return text;
    const made = make(code);
    if (code < count) texts[code] = made;
    return made;
  };
}

const nameTable = (count: number, name: (code: number) => string) => table(count, (code) => JsonText.of(name(code)));

const typesEnd = 265;

export const typeText = nameTable(typesEnd, typeName);
export const classText = nameTable(256, className);
export const rcodeText = nameTable(24, rcodeName);
export const opcodeText = nameTable(16, opcodeName);

/** What stands in the JSON of a record between its name and its TTL. */
function recordHead(type: number, rrClass: number): Phrase {
  return new Phrase(`,"type":"${typeName(type)}","class":"${className(rrClass)}","ttl":`);
}

const internetHead = table(typesEnd, (type) => recordHead(type, 1));

export function recordHeadPhrase(type: number, rrClass: number): Phrase {
  return rrClass === 1 ? internetHead(type) : recordHead(type, rrClass);
}
