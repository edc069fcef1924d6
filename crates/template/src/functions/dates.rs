//! Dates and durations.

use jiff::{Timestamp, Zoned};

use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::gotime;
use crate::object::Object;
use crate::value::Value;

pub(super) fn register(table: &mut Table) {
    table.add("now", &[], |call, _| {
        let now = call.eval_context.now()?.to_zoned(call.eval_context.zone.clone());
        Ok(Object::time(now).into())
    });
    table.add("date", &[Type::Str, Type::Any], |call, args| formatted(call, args.text(0), args.any(1), None));
    table.add("htmlDate", &[Type::Any], |call, args| formatted(call, "2006-01-02", args.any(0), None));
    for name in ["dateInZone", "date_in_zone"] {
        table.add(name, &[Type::Str, Type::Any, Type::Str], |call, args| {
            formatted(call, args.text(0), args.any(1), Some(args.text(2)))
        });
    }
    table.add("htmlDateInZone", &[Type::Any, Type::Str], |call, args| {
        formatted(call, "2006-01-02", args.any(0), Some(args.text(1)))
    });
    for name in ["dateModify", "date_modify"] {
        table.add(name, &[Type::Str, Type::Time], |_, args| match kopsform_duration::parse(args.text(0)) {
            Some(by) => moved(args, by),
            None => Ok(args.any(1).clone()),
        });
    }
    for name in ["mustDateModify", "must_date_modify"] {
        table.add(name, &[Type::Str, Type::Time], |_, args| {
            let by = kopsform_duration::parse(args.text(0));
            moved(
                args,
                by.ok_or_else(|| FunctionError::new("not a duration").hint("durations look like 1h30m or -24h"))?,
            )
        });
    }
    table.add("toDate", &[Type::Str, Type::Str], |call, args| {
        let time = gotime::parse(args.text(0), args.text(1), &call.eval_context.zone);
        Ok(Object::time(time.unwrap_or_else(|_| gotime::zero())).into())
    });
    table.add("mustToDate", &[Type::Str, Type::Str], |call, args| {
        let time = gotime::parse(args.text(0), args.text(1), &call.eval_context.zone);
        Ok(Object::time(time.map_err(|reason| FunctionError::new(format!("not a date: {reason}")))?).into())
    });
    table.add("unixEpoch", &[Type::Time], |_, args| match args.object(0) {
        Some(Object::Time(time)) => Ok(time.timestamp().as_second().to_string().into()),
        _ => Ok("".into()),
    });
    table.add("ago", &[Type::Any], |call, args| {
        let now = call.eval_context.now()?;
        let then = instant(call, args.any(0))?.timestamp();
        let seconds = (now.as_nanosecond() - then.as_nanosecond() + 500_000_000).div_euclid(1_000_000_000);
        Ok(kopsform_duration::format(i64::try_from(seconds).unwrap_or(0).saturating_mul(1_000_000_000)).into())
    });
    table.add("duration", &[Type::Any], |_, args| {
        let seconds: i64 = match args.any(0) {
            Value::Str(text) => text.parse().unwrap_or(0),
            Value::Int64(n) => *n,
            _ => 0,
        };
        Ok(kopsform_duration::format(seconds.wrapping_mul(1_000_000_000)).into())
    });
    table.add("durationRound", &[Type::Any], |call, args| {
        let nanoseconds = match args.any(0) {
            Value::Str(text) => kopsform_duration::parse(text).unwrap_or(0),
            Value::Int64(n) => *n,
            Value::Object(object) => match &**object {
                Object::Time(time) => {
                    let since = call.eval_context.now()?.as_nanosecond() - time.timestamp().as_nanosecond();
                    i64::try_from(since).unwrap_or(i64::MAX)
                }
                _ => 0,
            },
            _ => 0,
        };
        Ok(rounded(nanoseconds.unsigned_abs()).into())
    });
}

/// A duration rounded down to its largest unit, as sprig's `durationRound`.
fn rounded(nanoseconds: u64) -> String {
    const SECOND: u64 = 1_000_000_000;
    const UNITS: [(u64, &str); 6] = [
        (365 * 24 * 3600 * SECOND, "y"),
        (30 * 24 * 3600 * SECOND, "mo"),
        (24 * 3600 * SECOND, "d"),
        (3600 * SECOND, "h"),
        (60 * SECOND, "m"),
        (SECOND, "s"),
    ];
    let fits = UNITS.iter().find(|(unit, _)| nanoseconds > *unit);
    fits.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", nanoseconds / unit))
}

/// The time of a value as sprig's `date` takes it: a time, seconds since 1970, or else now.
fn instant(call: &Call<'_>, value: &Value) -> Result<Zoned, FunctionError> {
    let timestamp = match value {
        Value::Object(object) => match &**object {
            Object::Time(time) => return Ok((**time).clone()),
            _ => call.eval_context.now()?,
        },
        Value::Int(n) | Value::Int64(n) => {
            Timestamp::from_second(*n).map_err(|_| FunctionError::new("the time is out of range"))?
        }
        _ => call.eval_context.now()?,
    };
    Ok(timestamp.to_zoned(call.eval_context.zone.clone()))
}

fn formatted(call: &mut Call<'_>, layout: &str, date: &Value, zone: Option<&str>) -> Outcome {
    call.budget.text(layout.len().saturating_mul(5))?;
    let time = instant(call, date)?;
    let zone = match zone {
        None | Some("Local") => call.eval_context.zone.clone(),
        Some("") => jiff::tz::TimeZone::UTC,
        Some(name) => jiff::tz::TimeZone::get(name).unwrap_or(jiff::tz::TimeZone::UTC),
    };
    Ok(gotime::format(&time.with_time_zone(zone), layout).into())
}

fn moved(args: &Args, nanoseconds: i64) -> Outcome {
    match args.object(1) {
        Some(Object::Time(time)) => gotime::shifted(time, nanoseconds)
            .map(|time| Object::time(time).into())
            .ok_or_else(|| FunctionError::new("the time is out of range")),
        _ => Ok(args.any(1).clone()),
    }
}
