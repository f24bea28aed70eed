// SS7 signalling made by hand: M2UA and M3UA around SCCP around TCAP around CAMEL. Inner parts are hex, blanks allowed.

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
export const tlv = (tag: string, ...parts: string[]): string => {
  const body = parts.join('').replaceAll(' ', '');
  return `${tag}${(body.length / 2).toString(16).padStart(2, '0')}${body}`;
};
export const parameter = (tag: string, body: string): string => {
  const length = body.replaceAll(' ', '').length / 2;
  return `${tag}${(length + 4).toString(16).padStart(4, '0')}${body}${'00'.repeat(-length & 3)}`;
};
export const adaptation = (kind: string, body: string): Buffer => {
  const bytes = hex(`0100${kind}00000000${body}`);
  bytes.writeUInt32BE(bytes.length, 4);
  return bytes;
};
export const m3ua = (service: string, user: string): Buffer =>
  adaptation('0101', parameter('0200', '00000005') + parameter('0210', `00000001 00000002 ${service} 02 00 05 ${user}`));

/** Unitdata from point code 20 to 100. */
export const sccp = (tcap: string): string => `09 00 03 07 0b ${tlv('', '43 6400 0a')} ${tlv('', '43 1400 0a')} ${tlv('', tcap)}`;
export const dialogue = (context: string): string =>
  tlv('6b', tlv('28', tlv('06', '00118605010101'), tlv('a0', tlv('60', tlv('80', '0780'), tlv('a1', tlv('06', context))))));
export const begin = (context: string, ...components: string[]): string =>
  tlv('62', tlv('48', '12345678'), dialogue(context), tlv('6c', ...components));
export const invoke = (opcode: string, ...parameters: string[]): string =>
  tlv('a1', tlv('02', '01'), tlv('02', opcode), tlv('30', ...parameters));
export const camel = '04000001003201';
