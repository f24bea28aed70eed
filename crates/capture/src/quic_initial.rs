//! Opens the Initial packets of QUIC clients: their keys follow from the version and a connection id that stand in the
//! packet itself (RFC 9001 section 5.2), so that anybody on the path can read the client hello. Called through the
//! addon by the QUIC decoder, on a packet worker; plain functions over bytes, which allocate nothing.
//!
//! AES-GCM, HKDF and SHA-256 are RustCrypto's, which take the CPU's own instructions where it has them. Key schedules
//! are made anew for each packet: with those instructions that costs less than to keep them for a session.

use aes_gcm::aes::cipher::BlockCipherEncrypt;
use aes_gcm::aes::{Aes128, Block};
use aes_gcm::{AeadInOut, Aes128Gcm, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;

const KEY_BYTES: usize = 16;
const IV_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const SAMPLE_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
const SALT_BYTES: usize = 20;
/// A packet number has at most so many bytes; the sample is taken behind them (RFC 9001 section 5.4.2).
const NUMBER_MOST: usize = 4;
/// Where the length of the destination connection id stands in a long header (RFC 8999 section 5.1), and the most that
/// it is in the versions that can be read.
const ID_LENGTH_AT: usize = 5;
const ID_MOST: usize = 20;

/// Bytes of [`Keys`].
pub const KEYS_BYTES: usize = 2 * KEY_BYTES + IV_BYTES;

/// The keys of one side's Initial packets: those of AES-128-GCM and of header protection, then the IV.
pub type Keys = [u8; KEYS_BYTES];

/// What a version makes its Initial keys with.
#[derive(Debug, Clone, Copy)]
pub struct Derivation<'a> {
    salt: &'a [u8; SALT_BYTES],
    /// What the labels begin with: `quic` (RFC 9001), `quicv2` (RFC 9369 section 3.3.2).
    prefix: &'a [u8],
}

impl<'a> Derivation<'a> {
    /// From the salt's 20 bytes and behind them the prefix of the labels. None when there are fewer bytes.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (salt, prefix) = bytes.split_first_chunk()?;
        Some(Derivation { salt, prefix })
    }

    /// The keys of the client whose first packet had this destination connection id (RFC 9001 section 5.2). None when
    /// the labels are longer than a label can be.
    pub fn client_keys(&self, connection_id: &[u8]) -> Option<Keys> {
        let (_, initial) = Hkdf::<Sha256>::extract(Some(self.salt), connection_id);
        let mut secret = [0; SECRET_BYTES];
        expand_label(&initial, b"", b"client in", &mut secret)?;
        let client = Hkdf::<Sha256>::from_prk(&secret).ok()?;
        let mut keys = [0; KEYS_BYTES];
        let (packet, rest) = keys.split_at_mut(KEY_BYTES);
        let (protection, iv) = rest.split_at_mut(KEY_BYTES);
        expand_label(&client, self.prefix, b" key", packet)?;
        expand_label(&client, self.prefix, b" hp", protection)?;
        expand_label(&client, self.prefix, b" iv", iv)?;
        Some(keys)
    }
}

/// HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1) with an empty context. None when the label is too long for one.
fn expand_label(secret: &Hkdf<Sha256>, prefix: &[u8], name: &[u8], out: &mut [u8]) -> Option<()> {
    const TLS: &[u8] = b"tls13 ";
    let length = u16::try_from(out.len()).ok()?.to_be_bytes();
    let label_length = u8::try_from(TLS.len() + prefix.len() + name.len()).ok()?;
    let info: [&[u8]; 6] = [&length, &[label_length], TLS, prefix, name, &[0]];
    secret.expand_multi_info(&info, out).ok()
}

/// The destination connection id of a long header, of which `packet` is a beginning (RFC 8999 section 5.1). None when
/// it is not all there or longer than 20 bytes.
pub fn destination_id(packet: &[u8]) -> Option<&[u8]> {
    let (&length, rest) = packet.get(ID_LENGTH_AT..)?.split_first()?;
    let length = usize::from(length);
    if length > ID_MOST {
        return None;
    }
    rest.get(..length)
}

/// Opens a packet in place (RFC 9001 sections 5.3 and 5.4). `packet` is all of it, from its first byte to the end that its
/// length gives; its packet number is at `number_at`.
///
/// Gives the length of the payload, which then stands before the packet's last 16 bytes. None when the packet is too
/// short or not of these keys; then it is as it was.
pub fn open(packet: &mut [u8], number_at: usize, keys: &Keys) -> Option<usize> {
    let (key, rest) = keys.split_first_chunk::<KEY_BYTES>()?;
    let (protection, rest) = rest.split_first_chunk::<KEY_BYTES>()?;
    let iv: &[u8; IV_BYTES] = rest.first_chunk()?;

    let sample_at = number_at.checked_add(NUMBER_MOST)?;
    let sample: &[u8; SAMPLE_BYTES] = packet.get(sample_at..)?.first_chunk()?;
    let mut mask = Block::from(*sample);
    Aes128::new(protection.into()).encrypt_block(&mut mask);

    let first = packet.first()? ^ mask[0];
    let number_bytes = usize::from(first & 3) + 1;
    let (header, body) = packet.split_at_mut_checked(number_at + number_bytes)?;
    let (payload, tag) = body.split_last_chunk_mut::<TAG_BYTES>()?;
    lay_mask(header, number_at, &mask);

    let mut nonce = *iv;
    let number_places = nonce[IV_BYTES - number_bytes..].iter_mut();
    for (place, byte) in number_places.zip(&header[number_at..]) {
        *place ^= byte;
    }
    let payload_bytes = payload.len();
    let cipher = Aes128Gcm::new(key.into());
    let opened =
        cipher.decrypt_inout_detached(&nonce.into(), header, payload.into(), (&*tag).into());
    if opened.is_err() {
        lay_mask(header, number_at, &mask);
        return None;
    }
    Some(payload_bytes)
}

/// Takes the protection off a header that ends with the packet number, or puts it back (RFC 9001 section 5.4.1).
fn lay_mask(header: &mut [u8], number_at: usize, mask: &Block) {
    header[0] ^= mask[0] & 0x0f;
    for (byte, mask) in header[number_at..].iter_mut().zip(&mask[1..]) {
        *byte ^= mask;
    }
}

#[cfg(test)]
#[path = "quic_initial_tests.rs"]
mod tests;
