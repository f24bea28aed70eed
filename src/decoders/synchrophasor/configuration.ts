// Configuration frames of IEEE C37.118.2-2011 (sections 6.4 and 6.5): which measurement units a stream has, and how often it
// comes. Called for each such frame.

import type { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { synchrophasorFields } from './fields.ts';

const nameLength = 16;
/** A word of status bits has sixteen names. */
const digitalNames = 16;

/** Reads the body of a configuration frame. `isThird`: of type cfg3, where names have lengths. */
export function readConfiguration(context: DecoderContext, body: ByteCursor, isThird: boolean): void {
  // Of a cfg3 in several frames (continuation index beyond 1) only the first can be read.
  if (isThird && body.u16() > 1) return;
  body.skip(4);
  const units = body.u16();
  if (body.failed) return;
  context.note(synchrophasorFields.unitCount, units);
  for (let unit = 0; unit < units && !body.failed; unit += 1) {
    if (isThird) readThirdUnit(context, body);
    else readUnit(context, body);
  }
  const rate = body.u16();
  if (!body.failed) context.note(synchrophasorFields.rate, (rate << 16) >> 16);
}

/** Of cfg1 and cfg2: station, stream, format; counts of phasors, analogs and digitals; their names, then their units. */
function readUnit(context: DecoderContext, body: ByteCursor): void {
  noteStation(context, body, nameLength);
  body.skip(4);
  const phasors = body.u16();
  const analogs = body.u16();
  const digitals = body.u16();
  body.skip(nameLength * (phasors + analogs + digitalNames * digitals));
  body.skip(4 * (phasors + analogs + digitals));
  // Nominal frequency, configuration count.
  body.skip(4);
}

/** Of cfg3: longer in identity, units and place. */
function readThirdUnit(context: DecoderContext, body: ByteCursor): void {
  noteStation(context, body, body.u8());
  body.skip(2 + 16 + 2);
  const phasors = body.u16();
  const analogs = body.u16();
  const digitals = body.u16();
  const names = phasors + analogs + digitalNames * digitals;
  for (let name = 0; name < names && !body.failed; name += 1) body.skip(body.u8());
  body.skip(12 * phasors + 8 * analogs + 4 * digitals);
  // Latitude, longitude, elevation, class of service, window, group delay; nominal frequency, configuration count.
  body.skip(4 + 4 + 4 + 1 + 4 + 4 + 4);
}

function noteStation(context: DecoderContext, body: ByteCursor, length: number): void {
  const from = body.take(length);
  if (from < 0) return;
  const name = textOf(body.bytes, from, from + length).replace(/[ \0]+$/, '');
  if (name !== '') context.note(synchrophasorFields.station, name);
}
