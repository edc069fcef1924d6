//! Versions and constraints of sprig's `semver` and `semverCompare`, which use the Go library Masterminds/semver 3: parts
//! may be missing, and a pre-release only matches a constraint that has one.

use std::cmp::Ordering;
use std::fmt;

use super::functions::FunctionError;
use super::object::Object;
use super::value::Value;

/// A version; minor and patch may be left out when read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    pre: String,
    metadata: String,
    original: String,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl Version {
    pub(super) const MEMBERS: [&'static str; 17] = [
        "Major",
        "Minor",
        "Patch",
        "Prerelease",
        "Metadata",
        "Original",
        "String",
        "IncMajor",
        "IncMinor",
        "IncPatch",
        "SetPrerelease",
        "SetMetadata",
        "Compare",
        "Equal",
        "LessThan",
        "GreaterThan",
        "LessThanEqual",
    ];

    /// Parses a version such as `1.34`, `v1.34.1-rc.1+build`.
    ///
    /// # Errors
    /// When it is not a version.
    pub fn parse(text: &str) -> Result<Self, FunctionError> {
        let invalid = || FunctionError::new("not a semantic version");
        let shape =
            Shape::read(text, |c| c.is_ascii_digit()).filter(|(_, rest)| rest.is_empty()).ok_or_else(invalid)?.0;
        let number = |part: Option<&str>| part.map_or(Ok(0), str::parse::<u64>).map_err(|_| invalid());
        let [major, minor, patch] = shape.numbers;
        let leading_zero = |p: &str| p.len() > 1 && p.starts_with('0') && p.bytes().all(|b| b.is_ascii_digit());
        if shape.pre.split('.').any(leading_zero) {
            return Err(FunctionError::new("not a semantic version: a part of the pre-release has a leading zero"));
        }
        Ok(Self {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            pre: shape.pre.to_owned(),
            metadata: shape.metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    /// Which of two comes first; build metadata doesn't count.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch).cmp(&(other.major, other.minor, other.patch)).then_with(|| {
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_pre(&self.pre, &other.pre),
            }
        })
    }

    fn next(&self, major: u64, minor: u64, patch: u64) -> Value {
        let version =
            Self { major, minor, patch, pre: String::new(), metadata: String::new(), original: String::new() };
        Object::Version(version.with_original(&self.original)).into()
    }

    fn with_original(mut self, before: &str) -> Self {
        let v = if before.starts_with('v') { "v" } else { "" };
        self.original = format!("{v}{self}");
        self
    }

    pub(super) fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value, FunctionError>> {
        let other = match args {
            [Value::Object(object)] => match &**object {
                Object::Version(other) => Some(self.compare(other)),
                _ => None,
            },
            _ => None,
        };
        let changed = |pre: &str, metadata: &str| {
            let text = match (pre, metadata) {
                ("", "") => format!("{}.{}.{}", self.major, self.minor, self.patch),
                (pre, "") => format!("{}.{}.{}-{pre}", self.major, self.minor, self.patch),
                ("", metadata) => format!("{}.{}.{}+{metadata}", self.major, self.minor, self.patch),
                _ => format!("{}.{}.{}-{pre}+{metadata}", self.major, self.minor, self.patch),
            };
            Self::parse(&text).map(|v| Object::Version(v.with_original(&self.original)).into())
        };
        Some(match (name, args) {
            ("Major", []) => Ok(Value::Uint64(self.major)),
            ("Minor", []) => Ok(Value::Uint64(self.minor)),
            ("Patch", []) => Ok(Value::Uint64(self.patch)),
            ("Prerelease", []) => Ok(self.pre.as_str().into()),
            ("Metadata", []) => Ok(self.metadata.as_str().into()),
            ("Original", []) => Ok(self.original.as_str().into()),
            ("IncMajor", []) => Ok(self.next(self.major.saturating_add(1), 0, 0)),
            ("IncMinor", []) => Ok(self.next(self.major, self.minor.saturating_add(1), 0)),
            ("IncPatch", []) if self.pre.is_empty() => {
                Ok(self.next(self.major, self.minor, self.patch.saturating_add(1)))
            }
            ("IncPatch", []) => Ok(self.next(self.major, self.minor, self.patch)),
            ("SetPrerelease", [Value::Str(pre)]) => changed(pre, &self.metadata),
            ("SetMetadata", [Value::Str(metadata)]) => changed(&self.pre, metadata),
            ("Compare", _) => Ok(Value::Int(other? as i64)),
            ("Equal", _) => Ok((other?.is_eq()).into()),
            ("LessThan", _) => Ok((other?.is_lt()).into()),
            ("LessThanEqual", _) => Ok((other?.is_le()).into()),
            ("GreaterThan", _) => Ok((other?.is_gt()).into()),
            ("GreaterThanEqual", _) => Ok((other?.is_ge()).into()),
            _ => return None,
        })
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (a, b) = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => (a, b),
        };
        // Numbers come before words and in the order of their values.
        let order = match (a.parse::<u64>(), b.parse::<u64>()) {
            _ if a == b => Ordering::Equal,
            (Ok(a), Ok(b)) => a.cmp(&b),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => a.cmp(b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The parts of a version or of a constraint's version, as written.
struct Shape<'t> {
    numbers: [Option<&'t str>; 3],
    pre: &'t str,
    metadata: &'t str,
}

impl<'t> Shape<'t> {
    /// Reads as much as looks like a version; gives what comes after.
    fn read(text: &'t str, in_number: fn(char) -> bool) -> Option<(Self, &'t str)> {
        let mut rest = text.strip_prefix('v').unwrap_or(text);
        let mut numbers = [None; 3];
        for (i, number) in numbers.iter_mut().enumerate() {
            let body = if i == 0 { Some(rest) } else { rest.strip_prefix('.') };
            let Some(body) = body.filter(|b| b.starts_with(in_number)) else { break };
            let end = body.find(|c| !in_number(c)).unwrap_or(body.len());
            *number = Some(&body[..end]);
            rest = &body[end..];
        }
        numbers[0]?;
        let (pre, rest) = Self::dotted(rest, '-');
        let (metadata, rest) = Self::dotted(rest, '+');
        Some((Self { numbers, pre, metadata }, rest))
    }

    fn dotted(rest: &'t str, mark: char) -> (&'t str, &'t str) {
        let Some(body) = rest.strip_prefix(mark) else { return ("", rest) };
        let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))).unwrap_or(body.len());
        let dotted = body[..end].trim_end_matches('.');
        // An empty part ends it.
        let dotted = dotted.split_once("..").map_or(dotted, |(before, _)| before);
        if dotted.is_empty() || dotted.starts_with('.') { ("", rest) } else { (dotted, &body[dotted.len()..]) }
    }
}

/// How a constraint compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterEqual),
    ("=>", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("=<", Operator::LessEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

#[derive(Debug)]
struct Constraint {
    operator: Operator,
    version: Version,
    /// How many of major, minor, patch were given.
    given: usize,
}

/// Alternatives, each a list of constraints that must all hold.
#[derive(Debug)]
pub(super) struct Constraints(Vec<Vec<Constraint>>);

impl Constraints {
    /// Parses constraints such as `>=1.30, <1.34`, `^1.2 || ~2.1`, `1.2 - 1.4`, `1.x`.
    ///
    /// # Errors
    /// When one is not a constraint.
    pub fn parse(text: &str) -> Result<Self, FunctionError> {
        text.split("||").map(alternative).collect::<Option<_>>().map(Self).ok_or_else(|| {
            FunctionError::new("not a version constraint").hint("constraints look like \">=1.30, <1.34\" or \"^1.32\"")
        })
    }

    /// Whether a version satisfies them.
    pub fn allow(&self, version: &Version) -> bool {
        self.0.iter().any(|all| all.iter().all(|constraint| constraint.allows(version)))
    }
}

fn in_wildcard(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*' | '|')
}

fn alternative(text: &str) -> Option<Vec<Constraint>> {
    let mut rest = text.trim();
    let mut constraints = Vec::new();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (operator, after) = OPERATORS
            .iter()
            .find_map(|(mark, operator)| rest.strip_prefix(mark).map(|after| (*operator, after)))
            .map_or((None, rest), |(operator, after)| (Some(operator), after));
        let (shape, after) = Shape::read(after.trim_start(), in_wildcard)?;
        let separated = after.starts_with(|c: char| c.is_whitespace() || c == ',');
        let after_space = after.trim_start();
        // `1.2 - 1.4`: from the one up to the other.
        if operator.is_none()
            && separated
            && let Some(end) = after_space.strip_prefix("- ")
        {
            let (last, after) = Shape::read(end.trim_start(), in_wildcard)?;
            constraints.push(Constraint::new(Operator::GreaterEqual, &shape)?);
            constraints.push(Constraint::new(Operator::LessEqual, &last)?);
            rest = after.trim_start();
        } else {
            constraints.push(Constraint::new(operator.unwrap_or(Operator::Equal), &shape)?);
            if !after.is_empty() && !separated {
                return None;
            }
            rest = after_space;
        }
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            if rest.is_empty() {
                return None;
            }
        }
    }
    Some(constraints)
}

impl Constraint {
    fn new(operator: Operator, shape: &Shape<'_>) -> Option<Self> {
        let wild = |number: &Option<&str>| number.is_none_or(|n| matches!(n, "x" | "X" | "*"));
        let given = shape.numbers.iter().take_while(|n| !wild(n)).count();
        let mut numbers = shape.numbers.iter().take(given).map(|n| n.unwrap_or("0").parse::<u64>());
        let mut number = || numbers.next().unwrap_or(Ok(0)).ok();
        let version = Version {
            major: number()?,
            minor: number()?,
            patch: number()?,
            pre: shape.pre.to_owned(),
            metadata: String::new(),
            original: String::new(),
        };
        Some(Self { operator, version, given })
    }

    fn allows(&self, v: &Version) -> bool {
        let c = &self.version;
        let partial = self.given < 3;
        let order = v.compare(c);
        if !v.pre.is_empty() && c.pre.is_empty() && (self.operator != Operator::NotEqual || partial) {
            return false;
        }
        match self.operator {
            Operator::Equal if partial => self.tilde(v),
            Operator::Equal => order.is_eq(),
            Operator::Tilde => self.tilde(v),
            Operator::Caret => self.caret(v),
            Operator::Less => order.is_lt(),
            Operator::GreaterEqual => order.is_ge(),
            Operator::Greater => match self.given {
                // Greater than 1.2 is from 1.3 on.
                1 => v.major > c.major,
                2 => (v.major, v.minor) > (c.major, c.minor),
                _ => order.is_gt(),
            },
            Operator::LessEqual => match self.given {
                1 => v.major <= c.major,
                0 | 2 => (v.major, v.minor) <= (c.major, c.minor),
                _ => order.is_le(),
            },
            Operator::NotEqual => match self.given {
                1 => v.major != c.major,
                2 => {
                    (v.major, v.minor) != (c.major, c.minor)
                        || ((!v.pre.is_empty() || !c.pre.is_empty()) && compare_pre(&v.pre, &c.pre).is_ne())
                }
                _ => order.is_ne(),
            },
        }
    }

    /// The same minor version, or the same major one where only that was given.
    fn tilde(&self, v: &Version) -> bool {
        let c = &self.version;
        if v.compare(c).is_lt() {
            return false;
        }
        if c.major == 0 && c.minor == 0 && c.patch == 0 && matches!(self.given, 0 | 3) {
            return true;
        }
        v.major == c.major && (v.minor == c.minor || self.given == 1)
    }

    /// No change of the first part that is not zero.
    fn caret(&self, v: &Version) -> bool {
        let c = &self.version;
        if v.compare(c).is_lt() {
            return false;
        }
        if c.major > 0 || self.given == 1 {
            return v.major == c.major;
        }
        if v.major > 0 {
            return false;
        }
        if c.minor > 0 || self.given == 2 {
            return v.minor == c.minor;
        }
        v.minor == 0 && v.patch == c.patch
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn allows(constraint: &str, version: &str) -> bool {
        Constraints::parse(constraint).unwrap().allow(&Version::parse(version).unwrap())
    }

    #[test]
    fn constraints_hold() {
        for (constraint, version, expected) in [
            ("^1.35", "1.34.1", false),
            ("^1.34", "1.35.0", true),
            (">=1.30, <1.34", "1.33.9", true),
            (">=1.30 <1.34", "1.34.0", false),
            ("~1.2", "1.2.9", true),
            ("~1.2", "1.3.0", false),
            ("1.x", "1.9.0", true),
            ("1.2 - 1.4", "1.4.9", true),
            ("1.2 - 1.4", "1.5.0", false),
            ("<1.2 || >2", "3.0.0", true),
            ("*", "9.9.9", true),
            (">1.0.0", "1.1.0-rc.1", false),
            (">1.0.0-0", "1.1.0-rc.1", true),
            ("!=1.2", "1.2.4", false),
            ("!=1.2.3", "1.2.4", true),
            ("=v1.2.3", "1.2.3", true),
            ("^0.2.3", "0.3.0", false),
            ("^0.0.3", "0.0.4", false),
        ] {
            assert_eq!(allows(constraint, version), expected, "{constraint} {version}");
        }
        for bad in ["", "a", ">", "1.2,", ">=1.2 ||", "1.2 -"] {
            assert!(Constraints::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn versions_are_ordered() {
        let order = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
        ];
        for pair in order.windows(2) {
            assert!(Version::parse(pair[0]).unwrap().compare(&Version::parse(pair[1]).unwrap()).is_lt(), "{pair:?}");
        }
        for bad in ["", "x", "1.2.3.4", "1.2-", "1.0.0-01", "01a"] {
            assert!(Version::parse(bad).is_err(), "{bad}");
        }
    }
}
