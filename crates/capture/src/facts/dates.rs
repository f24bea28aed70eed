//! Dates of records: microseconds since 1970 as ISO 8601 texts.

use super::digits::decimal;
use super::text::Out;

/// Seconds beyond which JavaScript has no date.
const SECONDS_MOST: i64 = 8_640_000_000_000;
const DAY: i64 = 86_400;

/// Bytes of a date up to the point before its microseconds.
const SECOND_LENGTH: usize = 21;
/// Seconds that are kept, a power of two: a record tells of its start, its end and the end of its session.
const KEPT: usize = 4;

/// A second, as the beginning of a date.
#[derive(Clone, Copy)]
struct Second {
    second: i64,
    text: [u8; 32],
}

/// Writes dates. The last ones are kept: records come in the order of time, and so most are of the same day, and many of the same
/// seconds.
pub struct Dates {
    day: i64,
    seconds: [Second; KEPT],
    /// `"YYYY-MM-DDT` of the day.
    day_text: [u8; 12],
}

impl Default for Dates {
    fn default() -> Dates {
        Dates {
            day: i64::MIN,
            seconds: [Second {
                second: i64::MIN,
                text: [b' '; 32],
            }; KEPT],
            day_text: *b"\"0000-00-00T",
        }
    }
}

impl Dates {
    /// Microseconds since 1970 as an ISO 8601 string with microseconds, UTC; null for what is no time.
    pub fn put(&mut self, out: &mut Out, time_us: f64) {
        // Not a number, too.
        if time_us.is_nan() || time_us.abs() > SECONDS_MOST as f64 * 1e6 {
            out.put(b"null");
            return;
        }
        let cut = time_us as i64;
        let whole = if cut as f64 > time_us { cut - 1 } else { cut };
        let second = whole.div_euclid(1_000_000);
        if second != self.seconds[second as usize % KEPT].second {
            let Some(text) = self.text_of(second) else {
                out.put(odd_date(second).as_bytes());
                return;
            };
            self.seconds[second as usize % KEPT] = Second { second, text };
        }
        let text = &self.seconds[second as usize % KEPT].text;
        let microseconds = decimal(whole.rem_euclid(1_000_000) as u32) >> 16;
        let end = u64::from_le_bytes(*b"\0\0\0\0\0\0Z\"");
        out.put_date(text, SECOND_LENGTH, microseconds | end);
    }

    /// The beginning of the dates of a second; none: its year is not of four digits.
    #[cold]
    fn text_of(&mut self, second: i64) -> Option<[u8; 32]> {
        let day = second.div_euclid(DAY);
        if day != self.day {
            let (year, month, of_month) = civil(day);
            if !(0..=9999).contains(&year) {
                return None;
            }
            put_pair(&mut self.day_text, 1, year as u32 / 100);
            put_pair(&mut self.day_text, 3, year as u32 % 100);
            put_pair(&mut self.day_text, 6, month);
            put_pair(&mut self.day_text, 9, of_month);
            self.day = day;
        }
        let mut text = *b"\"0000-00-00T00:00:00.           ";
        text[..12].copy_from_slice(&self.day_text);
        let of_day = second.rem_euclid(DAY) as u32;
        put_pair(&mut text, 12, of_day / 3600);
        put_pair(&mut text, 15, of_day / 60 % 60);
        put_pair(&mut text, 18, of_day % 60);
        Some(text)
    }
}

/// Two digits.
fn put_pair(text: &mut [u8], at: usize, value: u32) {
    text[at] = b'0' + (value / 10) as u8;
    text[at + 1] = b'0' + (value % 10) as u8;
}

/// A date with more than four digits in its year, in JavaScript's form.
fn odd_date(second: i64) -> String {
    let (year, month, day) = civil(second.div_euclid(DAY));
    let of_day = second.rem_euclid(DAY);
    let (hours, minutes, seconds) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let sign = if year < 0 { '-' } else { '+' };
    let year = year.abs();
    format!("\"{sign}{year:06}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.000Z\"")
}

/// Year, month and day of a day since 1970 in the Gregorian calendar: eras of 400 years, years from March on.
fn civil(days: i64) -> (i64, u32, u32) {
    let from_era = days + 719_468;
    let era = from_era.div_euclid(146_097);
    let of_era = from_era.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}
