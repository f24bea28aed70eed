// CAMEL application part (3GPP TS 29.078): names of operations, and the parties in those that begin a service. Called for each
// operation in a dialogue of CAMEL's.

import type { SessionField } from '../../record/index.ts';
import type { BerCursor } from '../ber-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { sigtranFields } from './fields.ts';

const operationNames: ReadonlyMap<number, string> = new Map([
  [0, 'initialDP'],
  [16, 'assistRequestInstructions'],
  [17, 'establishTemporaryConnection'],
  [18, 'disconnectForwardConnection'],
  [19, 'connectToResource'],
  [20, 'connect'],
  [22, 'releaseCall'],
  [23, 'requestReportBCSMEvent'],
  [24, 'eventReportBCSM'],
  [27, 'collectInformation'],
  [31, 'continue'],
  [32, 'initiateCallAttempt'],
  [33, 'resetTimer'],
  [34, 'furnishChargingInformation'],
  [35, 'applyCharging'],
  [36, 'applyChargingReport'],
  [41, 'callGap'],
  [44, 'callInformationReport'],
  [45, 'callInformationRequest'],
  [46, 'sendChargingInformation'],
  [47, 'playAnnouncement'],
  [48, 'promptAndCollectUserInformation'],
  [49, 'specializedResourceReport'],
  [53, 'cancel'],
  [55, 'activityTest'],
  [60, 'initialDPSMS'],
  [61, 'furnishChargingInformationSMS'],
  [62, 'connectSMS'],
  [63, 'requestReportSMSEvent'],
  [64, 'eventReportSMS'],
  [65, 'continueSMS'],
  [66, 'releaseSMS'],
  [67, 'resetTimerSMS'],
  [70, 'activityTestGPRS'],
  [71, 'applyChargingGPRS'],
  [72, 'applyChargingReportGPRS'],
  [73, 'cancelGPRS'],
  [74, 'connectGPRS'],
  [75, 'continueGPRS'],
  [76, 'entityReleasedGPRS'],
  [77, 'furnishChargingInformationGPRS'],
  [78, 'initialDPGPRS'],
  [79, 'releaseGPRS'],
  [80, 'eventReportGPRS'],
  [81, 'requestReportGPRSEvent'],
  [82, 'resetTimerGPRS'],
  [83, 'sendChargingInformationGPRS'],
  [86, 'disconnectForwardConnectionWithArgument'],
  [88, 'continueWithArgument'],
  [90, 'disconnectLeg'],
  [93, 'moveLeg'],
  [95, 'splitLeg'],
  [96, 'entityReleased'],
  [97, 'playTone'],
]);

/** A parameter's field, and the bytes before its digits: nature and plan of a number (Q.763), or type of an address. */
interface Party {
  readonly field: SessionField;
  readonly before: number;
}

/** By operation, by tag: 29.078 sections 6.1.1, 7.1 and 8.1. */
const parties: ReadonlyMap<number, ReadonlyMap<number, Party>> = new Map([
  [
    0,
    new Map([
      [0x82, { field: sigtranFields.called, before: 2 }],
      [0x83, { field: sigtranFields.calling, before: 2 }],
      [0x9f32, { field: sigtranFields.imsi, before: 0 }],
      [0x9f38, { field: sigtranFields.called, before: 1 }],
    ]),
  ],
  [
    60,
    new Map([
      [0x81, { field: sigtranFields.called, before: 1 }],
      [0x82, { field: sigtranFields.calling, before: 1 }],
      [0x84, { field: sigtranFields.imsi, before: 0 }],
    ]),
  ],
  [
    78,
    new Map([
      [0x82, { field: sigtranFields.calling, before: 1 }],
      [0x83, { field: sigtranFields.imsi, before: 0 }],
    ]),
  ],
]);

/** Digits of telephony BCD (3GPP TS 29.002 section 17.7.8); the sixteenth fills up. */
const digits = '0123456789*#abc';
const mostDigitBytes = 16;

/** Notes an operation, and from its parameters who is involved. */
export function readCamel(context: DecoderContext, operation: number, parameters: BerCursor | undefined): void {
  context.protocol('camel');
  const name = operationNames.get(operation);
  if (name !== undefined) context.note(sigtranFields.operation, name);
  const places = parties.get(operation);
  while (places !== undefined && parameters?.nextCut() === true) {
    const party = places.get(parameters.tag);
    if (party === undefined) continue;
    const text = digitText(parameters.bytes, parameters.from + party.before, parameters.to);
    if (text !== '') context.note(party.field, text);
  }
}

/** Lower half of each byte first, up to the filler. */
function digitText(bytes: Buffer, from: number, to: number): string {
  let text = '';
  for (let at = from; at < Math.min(to, from + mostDigitBytes); at += 1) {
    const byte = bytes[at] as number;
    for (const half of [byte & 0x0f, byte >> 4]) {
      if (half === 0x0f) return text;
      text += digits[half];
    }
  }
  return text;
}
