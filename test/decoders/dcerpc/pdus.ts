// Makes PDUs of DCE/RPC for tests, in either byte order (C706 section 12.6).

export function pdu(type: number, body: Buffer, auth: Buffer = Buffer.alloc(0), little = true): Buffer {
  const head = Buffer.alloc(16);
  head.set([5, 0, type, 3, little ? 0x10 : 0]);
  const verifier = auth.length > 0 ? Buffer.concat([Buffer.from([10, 2, 0, 0, 0, 0, 0, 0]), auth]) : auth;
  const length = 16 + body.length + verifier.length;
  if (little) head.writeUInt16LE(length, 8);
  else head.writeUInt16BE(length, 8);
  if (little) head.writeUInt16LE(auth.length, 10);
  else head.writeUInt16BE(auth.length, 10);
  return Buffer.concat([head, body, verifier]);
}

/** Body of a bind: for each interface (hex as on the wire, version included) a context with one transfer syntax. */
export function contexts(...interfaces: string[]): Buffer {
  const items = interfaces.map((hex) => Buffer.from(`00000100${hex}${'ab'.repeat(20)}`, 'hex'));
  return Buffer.concat([Buffer.alloc(8), Buffer.from([interfaces.length, 0, 0, 0]), ...items]);
}

export function call(operation: number): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(operation, 6);
  return body;
}

/** samr 1.0 as little endian has it. */
export const samr = '785734123412cdabef000123456789ac01000000';
