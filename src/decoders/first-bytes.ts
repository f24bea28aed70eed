// First bytes that the definitions of several text protocols have in common, for `DecoderDefinition.firstBytes`.

/** Letters of ASCII. */
export const letterBytes: readonly number[] = [...Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')];
