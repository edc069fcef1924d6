//! Flags that several commands share, and value parsers that accept what Go's accept.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Command};

use kopsform_spec::meta;

/// Makes every switch of a command accept a value, such as `--yes=true` or `--surge=0`, as in Go programs.
///
/// A switch that is on by default (`default_value_t = true`) is switched off with `=false`.
#[must_use]
pub fn with_go_switches(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        if !matches!(arg.get_action(), ArgAction::SetTrue) {
            return arg;
        }
        let off = arg.get_default_values().is_empty();
        let arg = arg
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_name("BOOL")
            .value_parser(go_bool);
        if off { arg.default_value("false").hide_default_value(true) } else { arg }
    });
    command.mut_subcommands(with_go_switches)
}

/// Parses a boolean with the spellings of Go's `strconv.ParseBool`.
pub fn go_bool(value: &str) -> Result<bool, String> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// Parses a duration as Go's `time.ParseDuration` does: `15m`, `1h30m`, `1500ms`. Negative durations become zero.
pub fn duration(value: &str) -> Result<Duration, String> {
    let parsed: meta::Duration = value.parse().map_err(|error| format!("{error}"))?;
    Ok(Duration::from_nanos(u64::try_from(parsed.0).unwrap_or(0)))
}

/// The elements of flags that each hold a comma-separated list. Quotes protect commas: `--set '"spec.x=a,b"'`.
/// This is how kops' flag library reads such lists, as CSV.
pub fn split_lists(lists: &[String]) -> Vec<String> {
    let mut elements = Vec::new();
    for list in lists {
        let (mut element, mut quoted) = (String::new(), false);
        let mut chars = list.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                // Two quotes inside quotes stand for one.
                '"' if quoted && chars.peek() == Some(&'"') => element.extend(chars.next()),
                '"' if quoted || element.is_empty() => quoted = !quoted,
                ',' if !quoted => elements.push(std::mem::take(&mut element)),
                c => element.push(c),
            }
        }
        elements.push(element);
    }
    elements.retain(|element| !element.is_empty());
    elements
}

/// Parses tags, `Key=Value,Key=Value`. Keys and values in double quotes may contain an equals sign.
pub fn key_values(tags: &str) -> Result<std::collections::BTreeMap<String, String>, String> {
    let mut pairs = std::collections::BTreeMap::new();
    for record in tags.split(',').map(str::trim_start).filter(|record| !record.is_empty()) {
        let malformed = || match tags.contains('"') {
            true => format!("{record:?} is not Key=Value: values cannot have commas, not even in quotes"),
            false => format!("{record:?} is not Key=Value"),
        };
        let (key, rest) = part(record).ok_or_else(malformed)?;
        let (value, rest) = part(rest.ok_or_else(malformed)?.trim_start()).ok_or_else(malformed)?;
        if rest.is_some() {
            return Err(format!("{record:?} has more than one equals sign; quote the value with double quotes"));
        }
        pairs.insert(key, value);
    }
    Ok(pairs)
}

/// The key or value up to an equals sign, and what follows it; `None` if quotes do not enclose all of it.
fn part(pair: &str) -> Option<(String, Option<&str>)> {
    let Some(quoted) = pair.strip_prefix('"') else {
        let (part, rest) = pair.split_once('=').map_or((pair, None), |(part, rest)| (part, Some(rest)));
        return (!part.contains('"')).then(|| (part.to_owned(), rest));
    };
    let (part, rest) = quoted.split_once('"')?;
    match rest.strip_prefix('=') {
        Some(rest) => Some((part.to_owned(), Some(rest))),
        None => rest.is_empty().then(|| (part.to_owned(), None)),
    }
}

/// A value of a flag: its name, what it means, its help.
pub type Choice<T> = (&'static str, T, &'static str);

/// Parses values of operations, whose types do not depend on clap.
pub fn choices<T, const N: usize>(choices: [Choice<T>; N]) -> impl TypedValueParser<Value = T>
where
    T: Clone + Send + Sync + 'static,
{
    let names = choices.each_ref().map(|(name, _, help)| PossibleValue::new(*name).help(*help));
    PossibleValuesParser::new(names).try_map(move |given| {
        let choice = choices.iter().find(|(name, ..)| *name == given);
        choice.map(|(_, value, _)| value.clone()).ok_or("unknown value")
    })
}

/// Output format of commands that list something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Aligned columns
    Table,
    /// JSON
    Json,
    /// YAML
    Yaml,
}

impl Output {
    /// The format of a name, for `get`, whose subcommands support different formats.
    ///
    /// # Errors
    /// If there is no such format.
    pub fn named(name: &str) -> Result<Self, super::CliError> {
        <Self as clap::ValueEnum>::from_str(name, true)
            .map_err(|_| super::CliError::message(format!("unknown output format: {name:?}")))
    }
}

/// Where facts about AWS and downloads come from: the lock file, AWS or both.
#[derive(Debug, Clone, clap::Args)]
pub struct LookupArgs {
    /// Lock file with recorded facts [env: KOPSFORM_LOCK] [default: kopsform.lock here or next to kopsform.yaml, if it exists]
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Use only recorded facts and the state store
    #[arg(long)]
    pub offline: bool,
}

/// How to connect to the Kubernetes API.
#[derive(Debug, Clone, clap::Args)]
pub struct ConnectArgs {
    /// Address of the Kubernetes API, instead of the cluster's own
    #[arg(long, value_name = "URL")]
    pub api_server: Option<String>,
    /// Use the context named after the cluster in your kubeconfig, instead of a temporary credential
    #[arg(long)]
    pub use_kubeconfig: bool,
}

impl ConnectArgs {
    /// Shows no progress while a plugin of the kubeconfig may ask the user for a password or a code.
    pub fn leave_terminal_to_plugins(&self) -> Option<super::progress::Paused> {
        self.use_kubeconfig.then(super::progress::pause)
    }
}

impl From<&ConnectArgs> for crate::ops::cluster_access::ConnectOptions {
    fn from(args: &ConnectArgs) -> Self {
        Self { api_server: args.api_server.clone(), use_kubeconfig: args.use_kubeconfig, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_take_values_too() {
        let command = with_go_switches(
            Command::new("x")
                .arg(clap::Arg::new("yes").long("yes").action(ArgAction::SetTrue))
                .arg(clap::Arg::new("surge").long("surge").action(ArgAction::SetTrue).default_value("true")),
        );
        let read = |args: &[&str]| {
            let matches = command.clone().try_get_matches_from(std::iter::once(&"x").chain(args)).ok()?;
            Some((matches.get_flag("yes"), matches.get_flag("surge")))
        };
        assert_eq!(read(&[]), Some((false, true)));
        assert_eq!(read(&["--yes"]), Some((true, true)));
        assert_eq!(read(&["--yes=false", "--surge=0"]), Some((false, false)));
        assert_eq!(read(&["--yes", "no"]), None, "a value needs the equals sign");
    }

    #[test]
    fn quotes_keep_commas() {
        let split = |lists: &[&str]| split_lists(&lists.iter().map(|list| (*list).to_owned()).collect::<Vec<_>>());
        assert_eq!(split(&["a=1,b=2", "c=3"]), ["a=1", "b=2", "c=3"]);
        assert_eq!(split(&["\"a=1,2\",b=\"x\""]), ["a=1,2", "b=\"x\""]);
        assert_eq!(split(&["\"a=say \"\"hi\"\"\""]), ["a=say \"hi\""]);
        assert!(split(&[""]).is_empty());
    }

    #[test]
    fn tags_are_pairs() {
        let pairs = key_values("Owner=John Doe, Team=\"a=b\",\"x=y\"=").unwrap_or_default();
        let all: Vec<_> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(all, [("Owner", "John Doe"), ("Team", "a=b"), ("x=y", "")]);
        assert!(key_values("").is_ok_and(|pairs| pairs.is_empty()));
        for bad in ["a", "a=b=c", "a=\"b", "a=\"b\"c", "a=b\"c"] {
            assert!(key_values(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_are_read_as_go_reads_them() {
        assert_eq!(go_bool("T"), Ok(true));
        assert!(go_bool("yes").is_err());
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("-5s"), Ok(Duration::ZERO));
        assert!(duration("5").is_err());
    }
}
