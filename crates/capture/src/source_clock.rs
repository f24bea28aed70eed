//! The clock of a source: the latest packet time seen, except that a packet far ahead of it does not move it alone.
//! One damaged timestamp would else end every session at once and leave the clock in the future for good. Kept by
//! [`crate::path`] on the capture thread, before packets are dealt to workers, so that all workers see one clock.

/// Packets in a row that must be far ahead before the clock follows them.
const CONFIRMATIONS: u32 = 3;
/// A jump beyond which a packet's time is doubted, unless told otherwise: a day.
pub const DEFAULT_MAX_JUMP_NS: u64 = 86_400_000_000_000;

/// The clock. It never goes back.
#[derive(Debug)]
pub struct SourceClock {
    now_ns: u64,
    /// Up to here a packet's time is believed.
    limit_ns: u64,
    max_jump_ns: u64,
    /// Packets in a row beyond the limit, and the lowest time among them.
    doubted: u32,
    lowest_ns: u64,
    jumps: u64,
}

impl SourceClock {
    /// A clock that takes the first time it sees.
    pub fn new(max_jump_ns: u64) -> SourceClock {
        SourceClock {
            now_ns: 0,
            limit_ns: u64::MAX,
            max_jump_ns,
            doubted: 0,
            lowest_ns: 0,
            jumps: 0,
        }
    }

    /// Nanoseconds since 1970.
    #[inline]
    pub fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// Packets whose time the clock did not follow.
    pub fn jumps(&self) -> u64 {
        self.jumps
    }

    /// Packets in a row, up to now, whose time is in doubt.
    #[inline]
    pub fn doubted(&self) -> u32 {
        self.doubted
    }

    /// A packet of this time came; false when its time is in doubt.
    #[inline]
    pub fn see(&mut self, time_ns: u64) -> bool {
        if time_ns > self.limit_ns {
            return self.doubt(time_ns);
        }
        self.doubted = 0;
        if time_ns >= self.now_ns {
            self.set(time_ns);
        }
        true
    }

    /// Time has come to `time_ns` by a clock that is not doubted.
    pub fn advance(&mut self, time_ns: u64) {
        if time_ns > self.now_ns {
            self.set(time_ns);
        }
    }

    #[inline]
    fn set(&mut self, time_ns: u64) {
        self.now_ns = time_ns;
        self.limit_ns = time_ns.saturating_add(self.max_jump_ns);
    }

    /// The clock goes to the lowest of the doubted times: all of them agree that it is at least that late.
    #[cold]
    fn doubt(&mut self, time_ns: u64) -> bool {
        self.lowest_ns = match self.doubted {
            0 => time_ns,
            _ => self.lowest_ns.min(time_ns),
        };
        self.doubted += 1;
        if self.doubted == CONFIRMATIONS {
            self.doubted = 0;
            self.set(self.lowest_ns);
            return self.see(time_ns);
        }
        self.jumps += 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The clock after each of these times, with a jump of 10.
    fn clocks(times: &[u64]) -> (Vec<u64>, u64) {
        let mut clock = SourceClock::new(10);
        let seen = times.iter().map(|&time| {
            clock.see(time);
            clock.now_ns()
        });
        (seen.collect(), clock.jumps())
    }

    #[test]
    fn follows_what_is_near_and_never_goes_back() {
        assert_eq!(
            clocks(&[0, 100, 105, 103, 115]),
            (vec![0, 0, 0, 103, 103], 3)
        );
        assert_eq!(
            clocks(&[100, 105, 103, 115, 1]),
            (vec![100, 105, 105, 115, 115], 0)
        );
    }

    #[test]
    fn one_time_far_ahead_is_passed_over() {
        assert_eq!(
            clocks(&[100, 9999, 101, 8888, 9999, 102]),
            (vec![100, 100, 101, 101, 101, 102], 3)
        );
    }

    #[test]
    fn three_in_a_row_move_it_to_the_lowest_of_them() {
        assert_eq!(
            clocks(&[100, 9999, 200, 201, 202]),
            (vec![100, 100, 100, 201, 202], 2)
        );
        assert_eq!(clocks(&[100, 200, 203, 201]), (vec![100, 100, 100, 201], 2));
    }

    #[test]
    fn packets_that_are_far_apart_are_followed_behind() {
        assert_eq!(
            clocks(&[100, 200, 300, 400, 500, 600]),
            (vec![100, 100, 100, 200, 200, 400], 5)
        );
    }

    #[test]
    fn an_undoubted_clock_moves_it_at_once() {
        let mut clock = SourceClock::new(10);
        clock.see(100);
        clock.advance(500);
        clock.advance(400);
        clock.see(505);
        assert_eq!((clock.now_ns(), clock.jumps()), (505, 0));
    }
}
