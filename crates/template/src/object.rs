//! Values with methods or fields: times, versions, certificates.

use jiff::Zoned;

use super::functions::FunctionError;
use super::gotime;
use super::semver::Version;
use super::value::Value;

/// A value with methods or fields, of one of the types that sprig's functions return. The variants are Go's types.
#[derive(Debug, Clone)]
pub enum Object {
    /// `time.Time`.
    Time(Box<Zoned>),
    /// `time.Duration`, in nanoseconds.
    Duration(i64),
    /// `time.Month`, from 1.
    Month(i8),
    /// `time.Weekday`: 0 is Sunday.
    Weekday(i8),
    /// `*semver.Version`.
    Version(Version),
    /// The result of functions such as `genCA`: a certificate and its private key, both PEM.
    Certificate { cert: String, key: String },
}

impl Object {
    pub fn time(time: Zoned) -> Self {
        Self::Time(Box::new(time))
    }

    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Time(_) => "time.Time",
            Self::Duration(_) => "time.Duration",
            Self::Month(_) => "time.Month",
            Self::Weekday(_) => "time.Weekday",
            Self::Version(_) => "*semver.Version",
            Self::Certificate { .. } => "sprig.certificate",
        }
    }

    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Self::Time(_) | Self::Certificate { .. } => "struct",
            Self::Duration(_) => "int64",
            Self::Month(_) | Self::Weekday(_) => "int",
            Self::Version(_) => "ptr",
        }
    }

    pub(super) fn truth(&self) -> bool {
        self.number().is_none_or(|n| n != 0)
    }

    /// What its Go method `String` returns, if it has one.
    pub(super) fn text(&self) -> Option<String> {
        Some(match self {
            Self::Time(time) => gotime::format(time, gotime::DEFAULT_LAYOUT),
            Self::Duration(nanoseconds) => kopsform_duration::format(*nanoseconds),
            Self::Month(month) => (*gotime::MONTHS.get(usize::try_from(*month - 1).ok()?)?).to_owned(),
            Self::Weekday(day) => (*gotime::DAYS.get(usize::try_from(*day).ok()?)?).to_owned(),
            Self::Version(version) => version.to_string(),
            Self::Certificate { .. } => return None,
        })
    }

    /// Its JSON string, if that is how Go encodes it.
    pub(super) fn json_text(&self) -> Option<String> {
        match self {
            Self::Time(time) => Some(gotime::format(time, "2006-01-02T15:04:05.999999999Z07:00")),
            _ => self.text(),
        }
    }

    /// The underlying number, if there is one.
    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Duration(nanoseconds) => Some(*nanoseconds),
            Self::Month(n) | Self::Weekday(n) => Some(i64::from(*n)),
            _ => None,
        }
    }

    /// The fields of a struct.
    pub(super) fn fields(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Certificate { cert, key } => vec![("Cert", cert.as_str().into()), ("Key", key.as_str().into())],
            _ => Vec::new(),
        }
    }

    /// Calls a method or takes a field; `None` if it has none of that name for these arguments.
    pub(super) fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value, FunctionError>> {
        if name == "String" && args.is_empty() {
            return self.text().map(|text| Ok(text.into()));
        }
        match self {
            Self::Time(time) => time_member(time, name, args),
            Self::Duration(n) => duration_member(*n, name, args),
            Self::Version(version) => version.member(name, args),
            _ => self.fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| {
                if args.is_empty() {
                    Ok(value)
                } else {
                    Err(FunctionError::new(format!("{name} is a field and takes no arguments")))
                }
            }),
        }
    }

    /// The names of all methods and fields, for suggestions.
    pub(super) fn members(&self) -> Vec<&'static str> {
        match self {
            Self::Time(_) => TIME_MEMBERS.to_vec(),
            Self::Duration(_) => DURATION_MEMBERS.to_vec(),
            Self::Version(_) => Version::MEMBERS.to_vec(),
            _ => self.fields().into_iter().map(|(name, _)| name).chain(["String"]).collect(),
        }
    }
}

const TIME_MEMBERS: [&str; 28] = [
    "Add",
    "AddDate",
    "After",
    "Before",
    "Compare",
    "Day",
    "Equal",
    "Format",
    "Hour",
    "IsZero",
    "Local",
    "Minute",
    "Month",
    "Nanosecond",
    "Second",
    "String",
    "Sub",
    "Truncate",
    "UTC",
    "Unix",
    "UnixMicro",
    "UnixMilli",
    "UnixNano",
    "Weekday",
    "Year",
    "YearDay",
    "Date",
    "Clock",
];

const DURATION_MEMBERS: [&str; 8] =
    ["Abs", "Hours", "Microseconds", "Milliseconds", "Minutes", "Nanoseconds", "Seconds", "String"];

fn time_member(time: &Zoned, name: &str, args: &[Value]) -> Option<Result<Value, FunctionError>> {
    let int = |n: i64| Some(Ok(Value::Int(n)));
    let int64 = |n: i64| Some(Ok(Value::Int64(n)));
    let moved = |time: Option<Zoned>| {
        Some(time.map(|t| Object::time(t).into()).ok_or_else(|| FunctionError::new("the time is out of range")))
    };
    let other = match args {
        [Value::Object(object)] => Some(&**object),
        _ => None,
    };
    match (name, args) {
        ("Year", []) => int(time.year().into()),
        ("Month", []) => Some(Ok(Object::Month(time.month()).into())),
        ("Day", []) => int(time.day().into()),
        ("Hour", []) => int(time.hour().into()),
        ("Minute", []) => int(time.minute().into()),
        ("Second", []) => int(time.second().into()),
        ("Nanosecond", []) => int(time.subsec_nanosecond().into()),
        ("YearDay", []) => int(time.day_of_year().into()),
        ("Weekday", []) => Some(Ok(Object::Weekday(time.weekday().to_sunday_zero_offset()).into())),
        ("Unix", []) => int64(time.timestamp().as_second()),
        ("UnixMilli", []) => int64(time.timestamp().as_millisecond()),
        ("UnixMicro", []) => int64(time.timestamp().as_microsecond()),
        ("UnixNano", []) => int64(i64::try_from(time.timestamp().as_nanosecond()).unwrap_or(i64::MAX)),
        ("UTC", []) => moved(Some(time.with_time_zone(jiff::tz::TimeZone::UTC))),
        ("Local", []) => moved(Some(time.clone())),
        ("IsZero", []) => Some(Ok((*time == gotime::zero()).into())),
        ("Format", [Value::Str(layout)]) => Some(Ok(gotime::format(time, layout).into())),
        ("AddDate", [Value::Int(years), Value::Int(months), Value::Int(days)]) => {
            moved(with_date_added(time, *years, *months, *days))
        }
        _ => match (name, other?) {
            ("Add", Object::Duration(n)) => moved(gotime::shifted(time, *n)),
            ("Truncate", Object::Duration(n)) if *n > 0 => {
                let since = time.timestamp().as_nanosecond() - gotime::zero().timestamp().as_nanosecond();
                let back = i64::try_from(since.rem_euclid(i128::from(*n))).unwrap_or(0);
                moved(gotime::shifted(time, -back))
            }
            ("Sub", Object::Time(earlier)) => {
                let n = time.timestamp().as_nanosecond() - earlier.timestamp().as_nanosecond();
                let n = i64::try_from(n).unwrap_or(if n < 0 { i64::MIN } else { i64::MAX });
                Some(Ok(Object::Duration(n).into()))
            }
            ("After", Object::Time(other)) => Some(Ok((time > **other).into())),
            ("Before", Object::Time(other)) => Some(Ok((time < **other).into())),
            ("Equal", Object::Time(other)) => Some(Ok((time == **other).into())),
            ("Compare", Object::Time(other)) => int(time.cmp(other) as i64),
            _ => None,
        },
    }
}

/// Go's `Time.AddDate`: adds to year, month and day separately. A month after January 31st is February 31st, so early March.
fn with_date_added(time: &Zoned, years: i64, months: i64, days: i64) -> Option<Zoned> {
    let months = i64::from(time.month()).checked_add(months)?.checked_sub(1)?;
    let year = i64::from(time.year()).checked_add(years)?.checked_add(months.div_euclid(12))?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    let first = jiff::civil::Date::new(i16::try_from(year).ok()?, month, 1).ok()?;
    let days = jiff::Span::new().try_days(i64::from(time.day()).checked_sub(1)?.checked_add(days)?).ok()?;
    first.checked_add(days).ok()?.to_datetime(time.time()).to_zoned(time.time_zone().clone()).ok()
}

fn duration_member(n: i64, name: &str, args: &[Value]) -> Option<Result<Value, FunctionError>> {
    if !args.is_empty() {
        return None;
    }
    let seconds = n as f64 / 1e9;
    Some(Ok(match name {
        "Hours" => Value::Float(seconds / 3600.0),
        "Minutes" => Value::Float(seconds / 60.0),
        "Seconds" => Value::Float(seconds),
        "Milliseconds" => Value::Int64(n / 1_000_000),
        "Microseconds" => Value::Int64(n / 1_000),
        "Nanoseconds" => Value::Int64(n),
        "Abs" => Object::Duration(n.saturating_abs()).into(),
        _ => return None,
    }))
}
