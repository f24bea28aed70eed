//! Digits of numbers, decimal, hexadecimal and of base64, eight at a time in a word whose lowest byte is the first: built in registers and
//! stored once. A text that is built byte by byte and then copied has the processor wait until the bytes have left its store buffer.

/// The same byte eight times.
const fn each(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// `bytes` are below 128: 1 in each that is `least` or more.
#[inline(always)]
fn from_on(bytes: u64, least: u8) -> u64 {
    (bytes + each(128 - least)) >> 7 & each(1)
}

/// Eight decimal digits of a number below 100,000,000.
#[inline(always)]
pub fn decimal(number: u32) -> u64 {
    debug_assert!(number < 100_000_000);
    // Twice four digits, four times two, eight times one, the higher ones below.
    let fours = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    let hundreds = (fours * 10_486) >> 20 & 0x7f_0000_007f;
    let twos = hundreds | (fours - hundreds * 100) << 16;
    let tens = (twos * 103) >> 10 & 0x000f_000f_000f_000f;
    (tens | (twos - tens * 10) << 8) + each(b'0')
}

/// How many zeros are before the first other of eight decimal digits; 7 where there is none.
#[inline(always)]
pub fn leading_zeros(digits: u64) -> u32 {
    // The last digit stands in any case.
    ((digits - each(b'0')) | 1 << 56).trailing_zeros() / 8
}

/// Eight hexadecimal digits, lower case.
#[inline(always)]
pub fn hexadecimal(number: u32) -> u64 {
    let number = u64::from(number);
    let halves = number >> 16 | (number & 0xffff) << 32;
    let bytes = halves >> 8 & 0x00ff_0000_00ff | (halves & 0x00ff_0000_00ff) << 16;
    let nibbles = bytes >> 4 & 0x000f_000f_000f_000f | (bytes & 0x000f_000f_000f_000f) << 8;
    nibbles + each(b'0') + from_on(nibbles, 10) * u64::from(b'a' - b'0' - 10)
}

/// Eight digits of base64 (RFC 4648) of the lower 48 bits.
#[inline(always)]
pub fn base64(bits: u64) -> u64 {
    let halves = bits >> 24 & 0xff_ffff | (bits & 0xff_ffff) << 32;
    let pairs = halves >> 12 & 0x0fff_0000_0fff | (halves & 0x0fff_0000_0fff) << 16;
    let sixes = pairs >> 6 & 0x003f_003f_003f_003f | (pairs & 0x003f_003f_003f_003f) << 8;
    // A to Z, a to z, 0 to 9, + and /: how far the beginning of each lies from where the one before it would go on.
    sixes + each(b'A') + from_on(sixes, 26) * 6 - from_on(sixes, 52) * 75 - from_on(sixes, 62) * 15
        + from_on(sixes, 63) * 3
}
