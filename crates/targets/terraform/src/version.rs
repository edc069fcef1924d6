//! Version constraints of Terraform: `>= 5.0, < 7.0`.

use std::fmt;
use std::str::FromStr;

/// A constraint on versions, in Terraform's syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionConstraint(String);

/// Why a string is not a version constraint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{condition:?} is not a version constraint: {reason}")]
pub struct VersionError {
    condition: String,
    reason: &'static str,
}

/// Operators of conditions, the longer ones first.
const OPERATORS: [&str; 7] = [">=", "<=", "!=", "~>", "=", ">", "<"];

impl VersionConstraint {
    /// The constraint as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VersionConstraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses conditions with commas in between: an operator, or none for `=`, and a version of one to three numbers, which may be a
/// prerelease (<https://developer.hashicorp.com/terraform/language/expressions/version-constraints>).
impl FromStr for VersionConstraint {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        for condition in text.split(',') {
            let condition = condition.trim();
            let refused = |reason| VersionError { condition: condition.to_owned(), reason };
            if condition.is_empty() {
                return Err(refused("a condition is empty"));
            }
            let version =
                OPERATORS.iter().find_map(|operator| condition.strip_prefix(operator)).unwrap_or(condition).trim();
            check_version(version).map_err(refused)?;
        }
        Ok(Self(text.trim().to_owned()))
    }
}

fn check_version(version: &str) -> Result<(), &'static str> {
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("expected an operator (>=, <=, !=, ~>, =, >, <) and a version such as 5.0");
    }
    let is_identifier = |text: &str| {
        text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    let (version, build) = version.split_once('+').map_or((version, None), |(version, build)| (version, Some(build)));
    let (numbers, prerelease) =
        version.split_once('-').map_or((version, None), |(numbers, rest)| (numbers, Some(rest)));
    if build.into_iter().chain(prerelease).any(|text| !is_identifier(text)) {
        return Err("the part after the numbers has other characters than letters, digits, dots and dashes");
    }
    let numbers: Vec<&str> = numbers.split('.').collect();
    if numbers.len() > 3 || numbers.iter().any(|number| number.parse::<u32>().is_err()) {
        return Err("a version has one to three numbers");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn conditions_have_an_operator_and_a_version() {
        for text in
            [">= 5.0, < 7.0", "~> 1.3", "1.5.7", "!=1.2.3,>1", "= 1.0.0-beta1", ">= 1.6.0-alpha20230816", " ~>5 "]
        {
            assert_eq!(text.parse::<VersionConstraint>().unwrap().as_str(), text.trim());
        }
        for (text, reason) in [
            ("", "\"\" is not a version constraint: a condition is empty"),
            (">= 5.0,", "\"\" is not a version constraint: a condition is empty"),
            ("latest", "\"latest\" is not a version constraint: expected an operator"),
            ("=> 5.0", "\"=> 5.0\" is not a version constraint: expected an operator"),
            (">= 5.x", "\">= 5.x\" is not a version constraint: a version has one to three numbers"),
            (">= 1.2.3.4", "\">= 1.2.3.4\" is not a version constraint: a version has one to three numbers"),
            ("> 1 < 2", "\"> 1 < 2\" is not a version constraint: a version has one to three numbers"),
            ("1.0.0-\"", "the part after the numbers"),
            ("${x}", "expected an operator"),
        ] {
            let error = text.parse::<VersionConstraint>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
