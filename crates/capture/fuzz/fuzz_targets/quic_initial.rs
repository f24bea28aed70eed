//! Any packet with its number anywhere, any keys, any salt with labels: what does not open is left as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringtap_capture::quic_initial::{Derivation, Keys, destination_id, open};

fuzz_target!(|input: &[u8]| {
    let [number_at, secret_bytes, input @ ..] = input else {
        return;
    };
    let Some((given, input)) = input.split_first_chunk::<{ size_of::<Keys>() }>() else {
        return;
    };
    let (secrets, packet) = input.split_at(input.len().min(usize::from(*secret_bytes)));
    // The last values stand for places that are far out.
    let number_at = match *number_at {
        255 => usize::MAX,
        254 => usize::MAX - 4,
        near => usize::from(near),
    };
    let derived = Derivation::new(secrets)
        .zip(destination_id(packet))
        .and_then(|(derivation, connection_id)| derivation.client_keys(connection_id));
    for keys in [Some(*given), derived].into_iter().flatten() {
        let mut opened = packet.to_vec();
        match open(&mut opened, number_at, &keys) {
            None => assert_eq!(opened, packet),
            Some(length) => assert!(length + number_at < packet.len()),
        }
    }
});
