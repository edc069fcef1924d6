//! Times as Go's package `time` formats and parses them: layouts such as `2006-01-02T15:04:05Z07:00`, and durations such as
//! `1h30m`.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The layout of Go's `Time.String`.
pub(super) const DEFAULT_LAYOUT: &str = "2006-01-02 15:04:05.999999999 -0700 MST";

/// One part of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Month,
    Mon,
    NumMonth,
    ZeroMonth,
    Weekday,
    Day,
    NumDay,
    SpaceDay,
    ZeroDay,
    SpaceYearDay,
    ZeroYearDay,
    Hour,
    NumHour12,
    ZeroHour12,
    NumMinute,
    ZeroMinute,
    NumSecond,
    ZeroSecond,
    LongYear,
    Year,
    Pm,
    LowerPm,
    Zone,
    /// An offset: `Z` for UTC or not, with colons or not, and how many of hours, minutes, seconds.
    Offset {
        z: bool,
        colons: bool,
        fields: u8,
    },
    /// A fraction: its sign, whether zeros at the end are dropped, its digits.
    Fraction {
        point: char,
        drop_zeros: bool,
        digits: usize,
    },
}

/// Finds the first part of a layout: the literal before it, the part, and the layout after it.
fn next_part(layout: &str) -> Option<(&str, Part, &str)> {
    let lower = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase());
    for (i, c) in layout.char_indices() {
        let rest = &layout[i..];
        let offsets = |z: bool, mark: &str| -> Option<(Part, usize)> {
            let rest = rest.strip_prefix(mark)?;
            [("07:00:00", true, 3), ("070000", false, 3), ("07:00", true, 2), ("0700", false, 2), ("07", false, 1)]
                .into_iter()
                .find(|(text, ..)| rest.starts_with(text))
                .map(|(text, colons, fields)| (Part::Offset { z, colons, fields }, text.len() + 1))
        };
        let fixed = |choices: &[(&str, Part)]| -> Option<(Part, usize)> {
            choices.iter().find(|(text, _)| rest.starts_with(text)).map(|(text, part)| (*part, text.len()))
        };
        let found = match c {
            'J' => fixed(&[("January", Part::Month)])
                .or_else(|| fixed(&[("Jan", Part::Mon)]).filter(|_| !lower(&rest[3..]))),
            'M' => fixed(&[("Monday", Part::Weekday)])
                .or_else(|| fixed(&[("Mon", Part::Day)]).filter(|_| !lower(&rest[3..])))
                .or_else(|| fixed(&[("MST", Part::Zone)])),
            '0' => fixed(&[
                ("01", Part::ZeroMonth),
                ("002", Part::ZeroYearDay),
                ("02", Part::ZeroDay),
                ("03", Part::ZeroHour12),
                ("04", Part::ZeroMinute),
                ("05", Part::ZeroSecond),
                ("06", Part::Year),
            ]),
            '1' => fixed(&[("15", Part::Hour), ("1", Part::NumMonth)]),
            '2' => fixed(&[("2006", Part::LongYear), ("2", Part::NumDay)]),
            '_' if rest.starts_with("_2006") => {
                return Some((&layout[..i + 1], Part::LongYear, &layout[i + 5..]));
            }
            '_' => fixed(&[("__2", Part::SpaceYearDay), ("_2", Part::SpaceDay)]),
            '3' => Some((Part::NumHour12, 1)),
            '4' => Some((Part::NumMinute, 1)),
            '5' => Some((Part::NumSecond, 1)),
            'P' => fixed(&[("PM", Part::Pm)]),
            'p' => fixed(&[("pm", Part::LowerPm)]),
            '-' => offsets(false, "-"),
            'Z' => offsets(true, "Z"),
            '.' | ',' => fraction(rest, c),
            _ => None,
        };
        if let Some((part, length)) = found {
            return Some((&layout[..i], part, &layout[i + length..]));
        }
    }
    None
}

fn fraction(rest: &str, point: char) -> Option<(Part, usize)> {
    let digit = rest[1..].chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let digits = rest[1..].chars().take_while(|c| *c == digit).count();
    if rest[1 + digits..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some((Part::Fraction { point, drop_zeros: digit == '9', digits }, digits + 1))
}

/// Formats a time in a layout.
pub(super) fn format(time: &Zoned, mut layout: &str) -> String {
    let mut out = String::new();
    while let Some((text, part, rest)) = next_part(layout) {
        out.push_str(text);
        write_part(time, part, &mut out);
        layout = rest;
    }
    out.push_str(layout);
    out
}

fn write_part(time: &Zoned, part: Part, out: &mut String) {
    let month = usize::try_from(time.month() - 1).unwrap_or(0);
    let hour12 = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let year_day = time.day_of_year();
    let weekday = DAYS[usize::try_from(time.weekday().to_sunday_zero_offset()).unwrap_or(0) % 7];
    let text = match part {
        Part::Month => MONTHS[month % 12].to_owned(),
        Part::Mon => MONTHS[month % 12][..3].to_owned(),
        Part::NumMonth => time.month().to_string(),
        Part::ZeroMonth => format!("{:02}", time.month()),
        Part::Weekday => weekday.to_owned(),
        Part::Day => weekday[..3].to_owned(),
        Part::NumDay => time.day().to_string(),
        Part::SpaceDay => format!("{:2}", time.day()),
        Part::ZeroDay => format!("{:02}", time.day()),
        Part::SpaceYearDay => format!("{year_day:3}"),
        Part::ZeroYearDay => format!("{year_day:03}"),
        Part::Hour => format!("{:02}", time.hour()),
        Part::NumHour12 => hour12.to_string(),
        Part::ZeroHour12 => format!("{hour12:02}"),
        Part::NumMinute => time.minute().to_string(),
        Part::ZeroMinute => format!("{:02}", time.minute()),
        Part::NumSecond => time.second().to_string(),
        Part::ZeroSecond => format!("{:02}", time.second()),
        Part::LongYear => format!("{:04}", time.year()),
        Part::Year => format!("{:02}", time.year().rem_euclid(100)),
        Part::Pm => if time.hour() >= 12 { "PM" } else { "AM" }.to_owned(),
        Part::LowerPm => if time.hour() >= 12 { "pm" } else { "am" }.to_owned(),
        Part::Zone => zone_name(time),
        Part::Offset { z, colons, fields } => offset(time.offset().seconds(), z, colons, fields),
        Part::Fraction { point, drop_zeros, digits } => {
            let nanoseconds = format!("{:09}", time.subsec_nanosecond());
            let digits = &nanoseconds[..digits.min(9)];
            let digits = if drop_zeros { digits.trim_end_matches('0') } else { digits };
            if digits.is_empty() { String::new() } else { format!("{point}{digits}") }
        }
    };
    out.push_str(&text);
}

/// The zone's abbreviation, `UTC`, or its offset if it has no name.
fn zone_name(time: &Zoned) -> String {
    if time.time_zone().iana_name().is_some() {
        return time.time_zone().to_offset_info(time.timestamp()).abbreviation().to_owned();
    }
    match time.offset().seconds() {
        0 => "UTC".to_owned(),
        seconds => offset(seconds, false, false, 2),
    }
}

fn offset(seconds: i32, z: bool, colons: bool, fields: u8) -> String {
    if z && seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let colon = if colons { ":" } else { "" };
    let mut text = format!("{sign}{:02}", seconds / 3600);
    if fields > 1 {
        text.push_str(&format!("{colon}{:02}", seconds / 60 % 60));
    }
    if fields > 2 {
        text.push_str(&format!("{colon}{:02}", seconds % 60));
    }
    text
}

/// Parses a time in a layout; a time without a zone is in the given one.
///
/// # Errors
/// What does not match.
pub(super) fn parse(layout: &str, text: &str, zone: &TimeZone) -> Result<Zoned, String> {
    let mut read = Read::default();
    let mut layout = layout;
    let mut text = text;
    let mismatch = || "the string does not match the layout".to_owned();
    loop {
        let (prefix, part, rest) = match next_part(layout) {
            Some((prefix, part, rest)) => (prefix, Some(part), rest),
            None => (layout, None, ""),
        };
        text = skip_prefix(text, prefix).ok_or_else(mismatch)?;
        let Some(part) = part else { break };
        text = read.part(part, text, rest).ok_or_else(mismatch)?;
        layout = rest;
    }
    if !text.is_empty() {
        return Err("the string is longer than the layout".to_owned());
    }
    read.finish(zone)
}

fn skip_prefix<'t>(mut text: &'t str, prefix: &str) -> Option<&'t str> {
    let mut prefix = prefix;
    while !prefix.is_empty() {
        if prefix.starts_with(' ') {
            if !text.is_empty() && !text.starts_with(' ') {
                return None;
            }
            prefix = prefix.trim_start_matches(' ');
            text = text.trim_start_matches(' ');
            continue;
        }
        let c = prefix.chars().next()?;
        text = text.strip_prefix(c)?;
        prefix = &prefix[c.len_utf8()..];
    }
    Some(text)
}

#[derive(Default)]
struct Read {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    year_day: Option<i16>,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    pm: Option<bool>,
    offset: Option<i32>,
    utc: bool,
}

impl Read {
    fn part<'t>(&mut self, part: Part, text: &'t str, layout_after: &str) -> Option<&'t str> {
        match part {
            Part::Month | Part::Mon => {
                let (index, rest) = name(text, &MONTHS, part == Part::Mon)?;
                self.month = Some(i8::try_from(index + 1).ok()?);
                Some(rest)
            }
            Part::Weekday | Part::Day => name(text, &DAYS, part == Part::Day).map(|(_, rest)| rest),
            Part::NumMonth | Part::ZeroMonth => set(&mut self.month, text, part == Part::ZeroMonth, 1, 12),
            Part::NumDay | Part::ZeroDay => set(&mut self.day, text, part == Part::ZeroDay, 1, 31),
            Part::SpaceDay => set(&mut self.day, text.strip_prefix(' ').unwrap_or(text), false, 1, 31),
            Part::SpaceYearDay | Part::ZeroYearDay => {
                let trimmed = text.trim_start_matches(' ');
                let length = 3usize.checked_sub(text.len() - trimmed.len())?;
                self.year_day = Some(trimmed.get(..length)?.parse().ok()?);
                trimmed.get(length..)
            }
            Part::Hour => put(&mut self.hour, text, true, 0, 23),
            Part::NumHour12 | Part::ZeroHour12 => put(&mut self.hour, text, part == Part::ZeroHour12, 0, 12),
            Part::NumMinute | Part::ZeroMinute => put(&mut self.minute, text, part == Part::ZeroMinute, 0, 59),
            Part::NumSecond | Part::ZeroSecond => {
                let rest = put(&mut self.second, text, part == Part::ZeroSecond, 0, 59)?;
                // As in Go, a fraction after the seconds is read even if the layout has none.
                let has_own = matches!(next_part(layout_after), Some(("", Part::Fraction { .. }, _)));
                if !has_own && rest.starts_with(['.', ',']) && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
                    return self.fraction(rest);
                }
                Some(rest)
            }
            Part::LongYear => {
                let digits = text.get(..4).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
                self.year = Some(digits.parse().ok()?);
                text.get(4..)
            }
            Part::Year => {
                let mut year: Option<i8> = None;
                let rest = set(&mut year, text, true, 0, 99)?;
                let year = i16::from(year?);
                self.year = Some(if year >= 69 { 1900 + year } else { 2000 + year });
                Some(rest)
            }
            Part::Pm | Part::LowerPm => {
                let names = if part == Part::Pm { ["AM", "PM"] } else { ["am", "pm"] };
                self.pm = Some(names.iter().position(|n| text.starts_with(n))? == 1);
                text.get(2..)
            }
            Part::Zone => {
                if let Some(rest) = text.strip_prefix("UTC") {
                    self.utc = true;
                    return Some(rest);
                }
                let length = text.chars().take_while(char::is_ascii_uppercase).count();
                (3..=5).contains(&length).then(|| &text[length..])
            }
            Part::Offset { z, colons, fields } => {
                if z && let Some(rest) = text.strip_prefix('Z') {
                    self.utc = true;
                    return Some(rest);
                }
                self.offset(text, colons, fields)
            }
            Part::Fraction { drop_zeros, digits, .. } => {
                let has = text.starts_with(['.', ',']) && text[1..].starts_with(|c: char| c.is_ascii_digit());
                match (drop_zeros, has) {
                    (true, false) => Some(text),
                    (false, true) if text[1..].bytes().take_while(u8::is_ascii_digit).count() >= digits => {
                        self.nanosecond = nanoseconds(text.get(1..=digits)?)?;
                        text.get(digits + 1..)
                    }
                    (true, true) => self.fraction(text),
                    _ => None,
                }
            }
        }
    }

    fn fraction<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let digits = text[1..].bytes().take_while(u8::is_ascii_digit).count();
        self.nanosecond = nanoseconds(&text[1..=digits])?;
        text.get(digits + 1..)
    }

    fn offset<'t>(&mut self, text: &'t str, colons: bool, fields: u8) -> Option<&'t str> {
        let (negative, mut rest) = match text.as_bytes().first()? {
            b'+' => (false, &text[1..]),
            b'-' => (true, &text[1..]),
            _ => return None,
        };
        let mut seconds = 0i32;
        for (field, (unit, most)) in [(3600, 24), (60, 60), (1, 60)].into_iter().enumerate().take(usize::from(fields)) {
            if colons && field > 0 {
                rest = rest.strip_prefix(':')?;
            }
            let mut value: Option<i8> = None;
            rest = set(&mut value, rest, true, 0, most)?;
            seconds += i32::from(value?) * unit;
        }
        self.offset = Some(if negative { -seconds } else { seconds });
        Some(rest)
    }

    fn finish(mut self, zone: &TimeZone) -> Result<Zoned, String> {
        let range = |e: jiff::Error| e.to_string();
        match self.pm {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        let year = self.year.unwrap_or(0);
        let date = match self.year_day {
            Some(day) => {
                let first = Date::new(year, 1, 1).map_err(range)?;
                let date = first.checked_add(jiff::Span::new().days(i64::from(day) - 1)).map_err(range)?;
                if date.year() == year { date } else { return Err("day of the year out of range".to_owned()) }
            }
            None => Date::new(year, self.month.unwrap_or(1), self.day.unwrap_or(1)).map_err(range)?,
        };
        let time = Time::new(self.hour, self.minute, self.second, self.nanosecond).map_err(range)?;
        let civil = DateTime::from_parts(date, time);
        let zone = match self.offset {
            _ if self.utc => TimeZone::UTC,
            Some(seconds) => {
                let offset = Offset::from_seconds(seconds).map_err(range)?;
                let fixed = TimeZone::fixed(offset);
                // As in Go, an offset that the local zone has at that time means the local zone.
                let local = civil.to_zoned(zone.clone()).is_ok_and(|t| t.offset() == offset);
                if local { zone.clone() } else { fixed }
            }
            None => zone.clone(),
        };
        civil.to_zoned(zone).map_err(range)
    }
}

fn name<'t>(text: &'t str, names: &[&str], short: bool) -> Option<(usize, &'t str)> {
    names.iter().enumerate().find_map(|(i, name)| {
        let name = if short { &name[..3] } else { name };
        let start = text.get(..name.len())?;
        start.eq_ignore_ascii_case(name).then(|| (i, &text[name.len()..]))
    })
}

/// A number of one or two digits; with `two`, of exactly two.
fn set<'t>(field: &mut Option<i8>, text: &'t str, two: bool, least: i8, most: i8) -> Option<&'t str> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits == 0 || (two && digits < 2) {
        return None;
    }
    let value: i8 = text[..digits].parse().ok()?;
    if !(least..=most).contains(&value) {
        return None;
    }
    *field = Some(value);
    Some(&text[digits..])
}

fn put<'t>(field: &mut i8, text: &'t str, two: bool, least: i8, most: i8) -> Option<&'t str> {
    let mut value = None;
    let rest = set(&mut value, text, two, least, most)?;
    *field = value?;
    Some(rest)
}

fn nanoseconds(digits: &str) -> Option<i32> {
    let digits = digits.get(..digits.len().min(9))?;
    format!("{digits:0<9}").parse().ok()
}

/// A time plus nanoseconds; `None` if out of range.
pub(super) fn shifted(time: &Zoned, nanoseconds: i64) -> Option<Zoned> {
    time.checked_add(jiff::SignedDuration::from_nanos(nanoseconds)).ok()
}

/// Go's zero time, the first day of the year 1.
pub(super) fn zero() -> Zoned {
    let date = DateTime::constant(1, 1, 1, 0, 0, 0, 0);
    date.to_zoned(TimeZone::UTC).unwrap_or_else(|_| Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn layouts_write_and_read() {
        let time = parse("2006-01-02T15:04:05Z07:00", "2024-05-06T17:08:09.25+02:00", &TimeZone::UTC).unwrap();
        assert_eq!(format(&time, "Mon Jan _2 3:04PM 2006 -0700"), "Mon May  6 5:08PM 2024 +0200");
        assert_eq!(format(&time, "Monday, 02-Jan-06 15:04:05.000 002"), "Monday, 06-May-24 17:08:09.250 127");
        assert_eq!(format(&time, DEFAULT_LAYOUT), "2024-05-06 17:08:09.25 +0200 +0200");
        assert!(parse("2006-01-02", "2024-13-01", &TimeZone::UTC).is_err());
        assert!(parse("2006-01-02", "2024-02-30", &TimeZone::UTC).is_err());
        assert_eq!(format(&parse("Jan 2 06", "feb 3 70", &TimeZone::UTC).unwrap(), "2006-01-02"), "1970-02-03");
    }
}
