//! The examples of RFC 9001 appendix A and RFC 9369 appendix A, and what is no such packet.

use super::*;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// Salt and label prefix of a version.
fn derivation(salt: &str, prefix: &str) -> Vec<u8> {
    [hex(salt), prefix.into()].concat()
}

fn version_1() -> Vec<u8> {
    derivation("38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic")
}

fn version_2() -> Vec<u8> {
    derivation("0dede3def700a6db819381be6e269dcbf9bd2ed9", "quicv2")
}

fn keys_of(key: &str, protection: &str, iv: &str) -> Keys {
    let bytes = [hex(key), hex(protection), hex(iv)].concat();
    bytes.try_into().expect("44 bytes")
}

fn client_1() -> Keys {
    keys_of(
        "1f369613dd76d5467730efcbe3b1a22d",
        "9f50449e04a0e810283a1e9933adedd2",
        "fa044b2f42a3fd3b46fb255c",
    )
}

fn client_2() -> Keys {
    keys_of(
        "8b1a0bc121284290a29e0971b5cd045d",
        "45b95e15235d6f45a6b19cbcb0294ba9",
        "91f73e2351d8fa91660e909f",
    )
}

/// The CRYPTO frame of appendix A.2, the same in both documents.
fn client_frame() -> Vec<u8> {
    hex(
        "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868
         04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578
         616d706c652e636f6dff01000100000a00080006001d00170018001000070005
         04616c706e000500050100000000003300260024001d00209370b2c9caa47fba
         baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400
         0d0010000e0403050306030203080408050806002d00020101001c0002400100
         3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000
         75300901100f088394c8f03e51570806048000ffff",
    )
}

/// The payload of appendix A.3, the same in both documents.
fn server_payload() -> Vec<u8> {
    hex(
        "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739
         88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94
         0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00
         020304",
    )
}

/// Protects a packet whose header ends with a packet number of `number_bytes` bytes.
fn seal(header: &[u8], number_bytes: usize, payload: &[u8], keys: &Keys) -> Vec<u8> {
    let (key, rest) = keys.split_first_chunk::<16>().expect("a key");
    let (protection, iv) = rest.split_first_chunk::<16>().expect("a key");
    let number_at = header.len() - number_bytes;
    let mut nonce: [u8; 12] = iv.try_into().expect("an IV");
    for (place, byte) in nonce[12 - number_bytes..]
        .iter_mut()
        .zip(&header[number_at..])
    {
        *place ^= byte;
    }
    let mut body = payload.to_vec();
    let tag = Aes128Gcm::new(key.into())
        .encrypt_inout_detached(&nonce.into(), header, body.as_mut_slice().into())
        .expect("a short message");
    let mut packet = [header, &body, &tag].concat();
    let sample: [u8; 16] = packet[number_at + 4..number_at + 20]
        .try_into()
        .expect("a sample");
    let mut mask = Block::from(sample);
    Aes128::new(protection.into()).encrypt_block(&mut mask);
    lay_mask(&mut packet[..header.len()], number_at, &mask);
    packet
}

/// The client's packet of appendix A.2 with its frame padded to 1162 bytes.
fn client_packet(header: &str, keys: &Keys) -> Vec<u8> {
    let mut payload = client_frame();
    payload.resize(1162, 0);
    seal(&hex(header), 4, &payload, keys)
}

#[test]
fn keys_of_the_examples() {
    let connection_id = hex("8394c8f03e515708");
    for (derivation, expected) in [(version_1(), client_1()), (version_2(), client_2())] {
        let derivation = Derivation::new(&derivation).expect("a salt");
        assert_eq!(derivation.client_keys(&connection_id), Some(expected));
    }
}

#[test]
fn client_packets_of_the_examples() {
    // RFC 9001 appendix A.2, RFC 9369 appendix A.2: the header before, the first bytes and the tag after.
    let examples = [
        (
            client_1(),
            "c300000001088394c8f03e5157080000449e00000002",
            "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
            "e221af44860018ab0856972e194cd934",
        ),
        (
            client_2(),
            "d36b3343cf088394c8f03e5157080000449e00000002",
            "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
            "a18b2faa745b6fe189cf772a9f84cbfc",
        ),
    ];
    for (keys, header, first, tag) in examples {
        let mut packet = client_packet(header, &keys);
        assert_eq!(packet.len(), 1200);
        assert!(packet.starts_with(&hex(first)));
        assert!(packet.ends_with(&hex(tag)));
        assert_eq!(destination_id(&packet), Some(&hex("8394c8f03e515708")[..]));
        assert_eq!(open(&mut packet, 18, &keys), Some(1162));
        assert!(packet[1200 - 16 - 1162..].starts_with(&client_frame()));
    }
}

#[test]
fn server_packets_of_the_examples() {
    // RFC 9001 appendix A.3, RFC 9369 appendix A.3. A server's keys are made otherwise, but used alike.
    let examples = [
        (
            keys_of(
                "cf3a5331653c364c88f0f379b6067e37",
                "c206b8d9b9f0f37644430b490eeaa314",
                "0ac1493ca1905853b0bba03e",
            ),
            "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a
             5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3
             dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84
             022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4
             2158407dd074ee",
        ),
        (
            keys_of(
                "82db637861d55e1d011f19ea71d5d2a7",
                "edf6d05c83121201b436e16877593c3a",
                "dd13c276499c0249d3310652",
            ),
            "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698
             baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17
             f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2
             c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca8
             4bed8521e2e140",
        ),
    ];
    for (keys, packet) in examples {
        let mut packet = hex(packet);
        assert_eq!(open(&mut packet, 18, &keys), Some(99));
        assert_eq!(packet[135 - 16 - 99..135 - 16], server_payload());
    }
}

#[test]
fn a_packet_with_any_bit_changed_stays_shut_and_as_it_was() {
    let keys = client_1();
    let header = hex("c300000001088394c8f03e5157080000401900000002");
    let packet = seal(&header, 4, &hex("060001aa"), &keys);
    for bit in 0..packet.len() * 8 {
        let mut changed = packet.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let before = changed.clone();
        assert_eq!(open(&mut changed, 18, &keys), None, "bit {bit}");
        assert_eq!(changed, before, "bit {bit}");
    }
    let mut keys = keys;
    keys[0] ^= 1;
    assert_eq!(open(&mut packet.clone(), 18, &keys), None);
}

#[test]
fn packet_numbers_of_every_length_and_the_shortest_packets() {
    let keys = client_1();
    for number_bytes in 1..=4 {
        let mut header = vec![0xc0 | (number_bytes as u8 - 1), 0, 0, 0, 1, 0, 0, 0];
        header.extend(&[0, 0, 3, 7][4 - number_bytes..]);
        // Number and payload are at least four bytes, because of the sample (RFC 9001 section 5.4.2).
        let payload = vec![1; 4 - number_bytes];
        let mut packet = seal(&header, number_bytes, &payload, &keys);
        let mut short = packet.clone();
        short.pop();
        assert_eq!(open(&mut short, 8, &keys), None);
        assert_eq!(open(&mut packet, 8, &keys), Some(payload.len()));
        assert!(packet[..packet.len() - 16].ends_with(&payload));
    }
}

#[test]
fn versions_without_salt_and_labels_too_long_have_no_keys() {
    assert!(Derivation::new(&[0; 19]).is_none());
    let long = [0; SALT_BYTES + 256];
    let derivation = Derivation::new(&long).expect("a salt");
    assert_eq!(derivation.client_keys(&[]), None);
}

proptest! {
    #[test]
    fn any_bytes_with_any_numbers(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..80),
        number_at in prop_oneof![0_usize..90, any::<usize>()],
        keys in any::<[u8; KEYS_BYTES]>(),
        secrets in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        if let Some(connection_id) = destination_id(&bytes) {
            prop_assert!(connection_id.len() <= ID_MOST);
            if let Some(derivation) = Derivation::new(&secrets) {
                prop_assert!(derivation.client_keys(connection_id).is_some());
            }
        }
        let before = bytes.clone();
        prop_assert_eq!(open(&mut bytes, number_at, &keys), None);
        prop_assert_eq!(bytes, before);
    }
}
