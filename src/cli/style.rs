//! Colors of messages, changes and states.
//!
//! A color never carries meaning alone: the same text is printed without it. `--color`, `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`,
//! `TERM=dumb` and whether the stream is a terminal decide, as they do for the help that clap prints. Text is colored after control
//! characters in it were escaped ([`kopsform_diagnostics::visible`]), so that names from files and clouds cannot choose colors.

use std::ffi::OsString;
use std::fmt::Write as _;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();
const LOCATION: Style = AnsiColor::Cyan.on_default();
const HEADING: Style = Style::new().bold();

/// When output has colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb
    #[default]
    Auto,
    /// Also in files and pipes
    Always,
    /// Never
    Never,
}

/// The value of `--color` among arguments that are not parsed yet: help and errors about arguments have colors, too.
pub fn requested(arguments: &[OsString]) -> Color {
    let mut arguments = arguments.iter().map_while(|argument| argument.to_str().filter(|argument| *argument != "--"));
    let mut found = Color::Auto;
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--color") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('='),
            None => continue,
        };
        // An invalid value is reported when the arguments are parsed.
        let value = value.and_then(|value| <Color as clap::ValueEnum>::from_str(value, false).ok());
        found = value.unwrap_or(found);
    }
    found
}

/// Sets when output of this process has colors.
pub fn set(color: Color) {
    match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
}

/// The choice as clap takes it.
pub fn for_clap(color: Color) -> clap::ColorChoice {
    match color {
        Color::Auto => clap::ColorChoice::Auto,
        Color::Always => clap::ColorChoice::Always,
        Color::Never => clap::ColorChoice::Never,
    }
}

/// Whether stdout has colors.
pub fn on_stdout() -> bool {
    AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
}

/// Whether stderr has colors.
pub fn on_stderr() -> bool {
    AutoStream::choice(&std::io::stderr()) != ColorChoice::Never
}

/// How lines are colored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Prefixes of messages: `error:`, `warning:`, `hint:`.
    Messages,
    /// Lines of a unified diff: `+` and `-` in the first column.
    UnifiedDiff,
    /// Lines of a list of changes: `+`, `-` and `~` before what is added, removed and changed.
    Changes,
    /// The sections of a preview: what is created, modified and deleted, with the lines of documents that change.
    Preview,
    /// Findings and states of resources, instances and stages.
    States,
}

impl Paint {
    /// The text with colors.
    pub fn paint(self, text: &str) -> String {
        let mut painted = String::with_capacity(text.len() + 64);
        let mut section = None;
        for line in text.split_inclusive('\n') {
            let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
            match self {
                Self::Messages => prefix(&mut painted, line),
                // Anything else in the first column is context, which may begin with the signs of a list.
                Self::UnifiedDiff if line.starts_with(' ') => painted.push_str(line),
                Self::UnifiedDiff | Self::Changes => change(&mut painted, line),
                Self::Preview => preview(&mut painted, line, &mut section),
                Self::States => states(&mut painted, line),
            }
            painted.push_str(end);
        }
        painted
    }
}

fn whole(out: &mut String, style: Style, text: &str) {
    if text.is_empty() {
        return;
    }
    let _ = write!(out, "{style}{text}{style:#}");
}

/// A line whose first word says what kind of message it is.
fn prefix(out: &mut String, line: &str) {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (indent, rest) = line.split_at(indent);
    let kinds = [("error:", ERROR), ("warning:", WARNING), ("hint:", HINT)];
    match kinds.iter().find_map(|(kind, style)| Some((*kind, *style, rest.strip_prefix(kind)?))) {
        Some((kind, style, rest)) => {
            out.push_str(indent);
            whole(out, style, kind);
            out.push_str(rest);
        }
        None => out.push_str(line),
    }
}

fn change(out: &mut String, line: &str) {
    let marked = line.trim_start();
    let style = match marked.as_bytes() {
        [b'+', b'+', b'+', b' ', ..] | [b'-', b'-', b'-', b' ', ..] => HEADING,
        [b'@', b'@', ..] => LOCATION,
        // `-/+`: Terraform destroys it, then creates another one.
        [b'-', b'/', b'+', ..] | [b'-', ..] => REMOVED,
        [b'+', ..] => ADDED,
        [b'~', ..] => CHANGED,
        _ if line.ends_with(':') && !line.starts_with(' ') => HEADING,
        _ => return out.push_str(line),
    };
    let indent = line.len() - marked.len();
    out.push_str(&line[..indent]);
    whole(out, style, marked);
}

/// A line of kops' preview. A line that is not indented begins or ends a section.
fn preview(out: &mut String, line: &str, section: &mut Option<Style>) {
    if !line.starts_with(' ') {
        *section = match line {
            _ if line.starts_with("Will create") => Some(ADDED),
            _ if line.starts_with("Will modify") => Some(CHANGED),
            _ if line.starts_with("Will delete") => Some(REMOVED),
            "" => *section,
            _ => None,
        };
        return if section.is_some() { whole(out, HEADING, line) } else { out.push_str(line) };
    }
    // The name of a task or of an item; fields follow a tab.
    if let (Some(style), false) = (*section, line.starts_with("  \t")) {
        out.push_str("  ");
        return whole(out, style, &line[2..]);
    }
    // A line of a document, in the column of the value.
    match line.rsplit_once("\t  ") {
        Some((before, changed)) if changed.starts_with("+ ") || changed.starts_with("- ") => {
            let style = if changed.starts_with('+') { ADDED } else { REMOVED };
            let _ = write!(out, "{before}\t  ");
            whole(out, style, changed);
        }
        _ => out.push_str(line),
    }
}

/// States by their words, as tables and summaries print them.
const STATES: [(&str, Style); 17] = [
    ("Ready", ADDED),
    ("UpToDate", ADDED),
    ("True", ADDED),
    ("ready", ADDED),
    ("done", ADDED),
    ("valid", ADDED),
    ("ok", ADDED),
    ("NeedsUpdate", CHANGED),
    ("Detached", CHANGED),
    ("pending", CHANGED),
    ("expiring", CHANGED),
    ("warning", CHANGED),
    ("unknown", CHANGED),
    ("False", REMOVED),
    ("Failed", REMOVED),
    ("expired", REMOVED),
    ("error", REMOVED),
];

/// A line of a table or a summary, with the names of states in color.
fn states(out: &mut String, line: &str) {
    if is_heading(line) {
        return whole(out, HEADING, line);
    }
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '-').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match STATES.iter().find(|(state, _)| *state == word) {
            Some((_, style)) => whole(out, *style, word),
            None => out.push_str(word),
        }
        let next = after.find(|c: char| c.is_alphanumeric()).unwrap_or(after.len());
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
}

/// Whether a line holds the headings of columns: upper case only.
fn is_heading(line: &str) -> bool {
    line.contains(|c: char| c.is_ascii_uppercase()) && !line.contains(|c: char| c.is_lowercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows where a color begins as `<` and where it ends as `>`.
    fn marked(text: &str) -> String {
        let mut result = String::new();
        for (number, part) in text.split('\u{1b}').enumerate() {
            let part = match part.split_once('m') {
                Some((code, rest)) if number > 0 => {
                    result.push_str(if code == "[0" {
                        ">"
                    } else if result.ends_with('<') {
                        ""
                    } else {
                        "<"
                    });
                    rest
                }
                _ => part,
            };
            result.push_str(part);
        }
        result
    }

    #[test]
    fn messages_have_their_kind_in_color() {
        let painted = Paint::Messages.paint("error: a: error: b\nhint: c\nplain warning: d\n  hint: e\n");
        assert_eq!(marked(&painted), "<error:> a: error: b\n<hint:> c\nplain warning: d\n  <hint:> e\n");
    }

    #[test]
    fn changes_are_colored_by_their_sign() {
        let painted = Paint::Changes.paint("Resources:\n    ~ e\n  -/+ f\n      g: 1\n");
        assert_eq!(marked(&painted), "<Resources:>\n    <~ e>\n  <-/+ f>\n      g: 1\n");
        let painted = Paint::UnifiedDiff.paint("--- a\n@@ -1 +1 @@\n-b\n+c\n - d\n");
        assert_eq!(marked(&painted), "<--- a>\n<@@ -1 +1 @@>\n<-b>\n<+c>\n - d\n");
    }

    #[test]
    fn previews_are_colored_by_their_sections() {
        let text = "Will create resources:\n  VPC/a\n  \tCIDR                \t10.0.0.0/16\n\n\
                    Will modify resources:\n  File/b\n  \t\t  + x\n  \t\t  - y\n\nMust specify --yes to apply changes\n";
        let painted = marked(&Paint::Preview.paint(text));
        assert!(painted.starts_with("<Will create resources:>\n  <VPC/a>\n  \tCIDR"), "{painted}");
        assert!(painted.contains("\n  <File/b>\n  \t\t  <+ x>\n  \t\t  <- y>\n"), "{painted}");
        assert!(painted.ends_with("\nMust specify --yes to apply changes\n"), "{painted}");
    }

    #[test]
    fn states_are_colored_as_whole_words() {
        let painted =
            Paint::States.paint("NAME\tSTATUS\nnodes\tNeedsUpdate\nready-1\tReady\n\nYour cluster a is ready\n");
        assert_eq!(
            marked(&painted),
            "<NAME\tSTATUS>\nnodes\t<NeedsUpdate>\nready-1\t<Ready>\n\nYour cluster a is <ready>\n"
        );
    }

    #[test]
    fn the_choice_is_found_before_arguments_are_parsed() {
        let of = |line: &str| requested(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("kopsform get ig"), Color::Auto);
        assert_eq!(of("kopsform --color never get ig"), Color::Never);
        assert_eq!(of("kopsform get ig --color=always"), Color::Always);
        assert_eq!(of("kopsform get ig --color=always --color never"), Color::Never);
        assert_eq!(of("kopsform get ig --color sometimes"), Color::Auto);
        assert_eq!(of("kopsform get ig -- --color never"), Color::Auto);
    }

    #[test]
    fn painting_changes_no_character() {
        let text = "error: a\n+ b\n\tc  d\nWill create resources:\n  x\n  \ty\n  \t\t  + z\nReady, ok: True\n";
        for paint in [Paint::Messages, Paint::UnifiedDiff, Paint::Changes, Paint::Preview, Paint::States] {
            assert_eq!(anstream::adapter::strip_str(&paint.paint(text)).to_string(), text, "{paint:?}");
        }
    }
}
