//! Log messages on stderr: which ones, what they look like, and a last check that no secret is among them.
//!
//! `-v N` is kops' verbosity: 0 shows warnings, 1 adds what the program does, 2 adds a line per request with times and
//! targets, 4 adds bodies of requests. `KOPSFORM_LOG` takes a filter instead. Code never formats a secret into a message;
//! [`redact`] is for bodies that libraries log when a filter names them.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::LazyLock;

use kopsform_diagnostics::visible;
use kopsform_env::{Environment, KOPSFORM_LOG};
use regex::Regex;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Span, Subscriber, field};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::style::{self, Paint};
use super::timings::Timings;
use super::{CliError, progress};

/// The prefix of every target of this program. Those of libraries are off unless a filter names them.
const OWN_TARGET: &str = "kopsform";

/// The verbosity from which messages have times, targets and spans.
const DETAILED: u8 = 2;

/// Starts logging to stderr for the rest of the process; requests are also recorded in `timings`.
///
/// # Errors
/// If the filter in the environment is malformed.
pub fn start(verbosity: u8, timings: Option<Timings>, environment: &Environment) -> Result<(), CliError> {
    let timings = timings.map(|timings| timings.with_filter(Timings::filter()));
    let subscriber = subscriber(verbosity, environment, io::stderr)?.with(timings);
    // A subscriber that is set already belongs to whoever calls this library.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// What a command logs is logged in this span. [`record_cluster`] adds the cluster.
pub fn command_span(command: &str) -> Span {
    tracing::error_span!(target: OWN_TARGET, "command", name = command, cluster = field::Empty)
}

/// Adds the cluster to the span of the command, once its name is known.
pub fn record_cluster(name: &str) {
    Span::current().record("cluster", name);
}

fn subscriber<W>(
    verbosity: u8,
    environment: &Environment,
    writer: W,
) -> Result<impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync, CliError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = environment.get(KOPSFORM_LOG);
    let messages = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        // Internal errors would be printed with a macro that panics when stderr is closed.
        .log_internal_errors(false)
        .with_writer(Redacting(writer));
    let messages =
        if verbosity >= DETAILED || filter.is_some() { messages.boxed() } else { messages.event_format(Brief).boxed() };
    Ok(tracing_subscriber::registry().with(messages.with_filter(env_filter(verbosity, filter)?)))
}

fn env_filter(verbosity: u8, filter: Option<&str>) -> Result<EnvFilter, CliError> {
    let directives = match filter {
        Some(filter) => own_levels(filter),
        None => format!("{OWN_TARGET}={}", level(verbosity)),
    };
    EnvFilter::builder().with_default_directive(LevelFilter::OFF.into()).parse(directives).map_err(|error| {
        CliError::message(format!("{KOPSFORM_LOG}: {error}"))
            .hint("a filter is a level or a list of targets, such as debug or kopsform::aws=debug,hyper=info")
    })
}

/// The level that kops' verbosity stands for.
fn level(verbosity: u8) -> LevelFilter {
    match verbosity {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 | 3 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

/// A filter in which a level without a target is for this program only: libraries may log what must not be seen.
fn own_levels(filter: &str) -> String {
    let mut depth = 0;
    let directives = filter.split(|c| {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    let directives: Vec<_> = directives
        .map(str::trim)
        .filter(|directive| !directive.is_empty())
        .map(|directive| match directive.parse::<LevelFilter>() {
            Ok(level) => format!("{OWN_TARGET}={level}"),
            Err(_) => directive.to_owned(),
        })
        .collect();
    directives.join(",")
}

/// Messages as the rest of the program prints them: `warning: …`, without times, targets and spans.
struct Brief;

impl<S, N> FormatEvent<S, N> for Brief
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let word = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        write!(writer, "{word}: ")?;
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// A writer that takes secrets out of what it is given. A message arrives as a whole.
struct Redacting<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Redacting<W> {
    type Writer = Redacting<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Redacting(self.0.make_writer())
    }
}

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, message: &[u8]) -> io::Result<usize> {
        let text = redact(&String::from_utf8_lossy(message)).into_owned();
        let text = visible(&text);
        let text = if style::on_stderr() { Paint::Messages.paint(&text) } else { text.into_owned() };
        progress::suspended(|| self.0.write_all(text.as_bytes()))?;
        Ok(message.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

const REDACTED: &str = "(redacted)";

/// A message without private keys, values of fields that hold secrets, and long base64.
fn redact(message: &str) -> Cow<'_, str> {
    static SECRETS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            // PEM, also with its line breaks escaped.
            (r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)", REDACTED),
            // Fields of keysets and secrets in the store, headers of requests, and credentials.
            (
                r#"(?i)\b((?:data|privateMaterial|password|secret(?:_?access_?key)?|(?:session_?|security-)?token|authorization)\\?["']?\s*[:=]\s*(?:\\?["'])?(?:Bearer |Basic |AWS4-HMAC-SHA256 )?)[^\s"'\\,;)}\]]{6,}"#,
                "${1}(redacted)",
            ),
            // Longer than a hash in hex and a file's checksum in base64: 48 bytes and more.
            (r"[A-Za-z0-9+/]{64,}={0,2}", ""),
        ]
        .into_iter()
        .filter_map(|(pattern, replacement)| Some((Regex::new(pattern).ok()?, replacement)))
        .collect()
    });
    let mut message = Cow::Borrowed(message);
    for (pattern, replacement) in SECRETS.iter() {
        let replaced = if replacement.is_empty() {
            pattern.replace_all(&message, |found: &regex::Captures<'_>| {
                let found = &found[0];
                if is_base64(found) { REDACTED.to_owned() } else { found.to_owned() }
            })
        } else {
            pattern.replace_all(&message, *replacement)
        };
        if let Cow::Owned(replaced) = replaced {
            message = Cow::Owned(replaced);
        }
    }
    message
}

/// Whether a long word is encoded data, rather than a hash in hex or a path.
fn is_base64(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_uppercase())
        && word.contains(|c: char| c.is_ascii_lowercase())
        && word.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged by `log` at a verbosity or with a filter.
    fn logged(verbosity: u8, filter: &str, log: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let environment = Environment::of([(KOPSFORM_LOG, filter)]);
        let subscriber = subscriber(verbosity, &environment, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn one_of_each_level() {
        tracing::warn!(target: "kopsform::store", "at warn");
        tracing::info!(target: "kopsform::store", "at info");
        tracing::debug!(target: "kopsform::aws", "at debug");
        tracing::trace!(target: "kopsform::aws", "at trace");
        tracing::error!(target: "hyper::client", "of a library");
    }

    fn levels(log: &str) -> Vec<&'static str> {
        ["warn", "info", "debug", "trace"].into_iter().filter(|level| log.contains(&format!("at {level}"))).collect()
    }

    #[test]
    fn verbosity_selects_levels() {
        let all = ["warn", "info", "debug", "trace"];
        for (verbosity, shown) in [(0, 1), (1, 2), (2, 3), (3, 3), (4, 4), (10, 4)] {
            let log = logged(verbosity, "", one_of_each_level);
            assert_eq!(levels(&log), all[..shown], "-v {verbosity}: {log}");
            assert!(!log.contains("of a library"), "{log}");
        }
    }

    #[test]
    fn messages_are_brief_until_details_are_asked_for() {
        assert_eq!(logged(0, "", one_of_each_level), "warning: at warn\n");
        assert_eq!(
            logged(1, "", || tracing::info!(target: "kopsform::store", files = 2, "read")),
            "info: read files=2\n"
        );
        let detailed = logged(2, "", || {
            let span = command_span("update cluster");
            let _entered = span.enter();
            record_cluster("demo.example.com");
            tracing::debug!(target: "kopsform::aws", "DescribeVpcs");
        });
        let (time, rest) = detailed.split_once(' ').unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{detailed}");
        let rest = rest.trim();
        assert_eq!(
            rest,
            "DEBUG command{name=\"update cluster\" cluster=\"demo.example.com\"}: kopsform::aws: DescribeVpcs"
        );
    }

    #[test]
    fn a_filter_overrides_the_verbosity() {
        assert_eq!(levels(&logged(10, "kopsform::store=info", one_of_each_level)), ["warn", "info"]);
        assert_eq!(levels(&logged(0, "trace", one_of_each_level)).len(), 4);
        assert!(!logged(0, "trace", one_of_each_level).contains("of a library"));
        assert!(logged(0, "warn,hyper=error", one_of_each_level).contains("of a library"));
        assert_eq!(logged(10, "off", one_of_each_level), "");
        assert_eq!(own_levels("2 , a[b{c=1,d=2}]=info,"), "kopsform=warn,a[b{c=1,d=2}]=info");
        let error = env_filter(0, Some("kopsform=loud")).unwrap_err();
        assert!(error.message.starts_with("KOPSFORM_LOG: "), "{}", error.message);
    }

    #[test]
    fn secrets_are_taken_out() {
        let key = "MIIEowIBAAKCAQEAv6ZlNx0n3b2Zk1v5k9Xq7u1o2p3q4r5s6t7u8v9w0x1y2z3A4B5C6";
        for secret in [
            format!("-----BEGIN RSA PRIVATE KEY-----\\nabcd+ef/g\\n{key}\\n-----END RSA PRIVATE KEY-----"),
            format!("-----BEGIN PRIVATE KEY-----\nabcd+ef/g\n{key}"),
            format!("body {key}=="),
            "{\"Data\":\"abcd+ef/g\"}".to_owned(),
            r#"Once(Some(b"{\"Data\":\"abcd+ef/g\"}"))"#.to_owned(),
            "privateMaterial: abcd+ef/g".to_owned(),
            "authorization: Bearer abcd+ef/g".to_owned(),
            "x-amz-security-token: abcd+ef/g".to_owned(),
            "secret_access_key=abcd+ef/g, region".to_owned(),
        ] {
            let log = logged(4, "", || tracing::trace!(target: "kopsform::aws", "before {secret} after"));
            assert!(log.contains(REDACTED), "{log}");
            assert!(!log.contains("abcd+ef/g") && !log.contains(&key[..20]), "{secret}: {log}");
            assert!(log.contains("before "), "{log}");
        }
        for harmless in [
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "s3://bucket/demo.example.com/instancegroup/nodes in eu-west-1",
            "/home/user/a/directory/below/another/directory/that/is/rather/deep/2026/config",
        ] {
            assert_eq!(redact(harmless), harmless);
        }
    }
}
