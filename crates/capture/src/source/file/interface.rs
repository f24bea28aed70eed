//! The interface description block of pcapng: link type, snap length and how its time stamps count
//! (draft-ietf-opsawg-pcapng section 4.2). Read by [`super::pcapng`].

use super::record::{ByteOrder, link_type};

const OPTION_END: u16 = 0;
const OPTION_TIME_RESOLUTION: u16 = 9;
const OPTION_TIME_OFFSET: u16 = 14;

/// What is wrong with an interface description.
#[derive(Debug)]
pub struct InterfaceError(pub String);

/// An interface, as far as its packets need it.
#[derive(Debug, Clone)]
pub struct Interface {
    /// LINKTYPE_ value.
    pub link_type: u16,
    /// Longest captured part of a frame, 0 without limit.
    pub snap_length: u32,
    unit: TimeUnit,
    offset_seconds: i64,
}

/// How a time stamp becomes nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimeUnit {
    /// Resolutions of a nanosecond and coarser.
    Multiply(u64),
    /// Powers of ten finer than that.
    Divide(u64),
    /// 2^-n seconds.
    Shift(u32),
}

impl Interface {
    /// Reads the block's body, options included.
    pub fn read(order: ByteOrder, body: &[u8]) -> Result<Interface, InterfaceError> {
        let mut interface = Interface {
            link_type: link_type(order.u16(body, 0)),
            snap_length: order.u32(body, 4),
            unit: TimeUnit::Multiply(1000),
            offset_seconds: 0,
        };
        let mut options = &body[8..];
        while options.len() >= 4 {
            let (code, length) = (order.u16(options, 0), usize::from(order.u16(options, 2)));
            if code == OPTION_END {
                break;
            }
            let padded = 4 + length.next_multiple_of(4);
            if padded > options.len() {
                return Err(InterfaceError(format!(
                    "option {code} of an interface runs out of its block"
                )));
            }
            match (code, length) {
                (OPTION_TIME_RESOLUTION, 1) => interface.unit = time_unit(options[4])?,
                (OPTION_TIME_OFFSET, 8) => interface.offset_seconds = order.u64(options, 4) as i64,
                (OPTION_TIME_RESOLUTION | OPTION_TIME_OFFSET, _) => {
                    return Err(InterfaceError(format!(
                        "option {code} of an interface has {length} bytes"
                    )));
                }
                _ => {}
            }
            options = &options[padded..];
        }
        Ok(interface)
    }

    /// Nanoseconds since 1970 of a time stamp; what would lie before or after the range is its nearest end.
    #[inline]
    pub fn time_ns(&self, units: u64) -> u64 {
        let nanoseconds = match self.unit {
            TimeUnit::Multiply(factor) => units.saturating_mul(factor),
            TimeUnit::Divide(divisor) => units / divisor,
            TimeUnit::Shift(bits) => {
                u64::try_from((u128::from(units) * 1_000_000_000) >> bits).unwrap_or(u64::MAX)
            }
        };
        if self.offset_seconds == 0 {
            return nanoseconds;
        }
        let shifted = i128::from(nanoseconds) + i128::from(self.offset_seconds) * 1_000_000_000;
        u64::try_from(shifted.max(0)).unwrap_or(u64::MAX)
    }
}

/// if_tsresol: a power of ten, or of two when the highest bit is set.
fn time_unit(resolution: u8) -> Result<TimeUnit, InterfaceError> {
    let exponent = u32::from(resolution & 0x7f);
    match (resolution & 0x80 != 0, exponent) {
        (true, 0..=63) => Ok(TimeUnit::Shift(exponent)),
        (false, 0..=9) => Ok(TimeUnit::Multiply(10u64.pow(9 - exponent))),
        (false, 10..=28) => Ok(TimeUnit::Divide(10u64.pow(exponent - 9))),
        (binary, _) => {
            let base = if binary { 2 } else { 10 };
            Err(InterfaceError(format!(
                "time stamps of {base}^-{exponent} seconds cannot be counted in 64 bits"
            )))
        }
    }
}
