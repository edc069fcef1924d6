//! The output formats of a diff.

use std::fmt::Write as _;

use serde_json::Value;

use super::Outcome;
use super::compared::{Argument, Compared};
use super::rolling::ReplacedBy;
use kopsform_compare::{Finding, lines};
use kopsform_terraform::changes::{Action, ArgumentChange};

/// Longer values are cut in text; JSON has them whole.
const LONGEST: usize = 240;

/// Reasons of a rolling update that text lists; JSON has all.
const MOST_REASONS: usize = 4;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As a review: resources, files, rolling updates.
    Text,
    /// A JSON object.
    Json,
}

/// Formats the differences.
pub fn render(outcome: &Outcome, format: Format) -> String {
    match format {
        Format::Text => text(outcome),
        Format::Json => {
            let mut text = serde_json::to_string_pretty(outcome).unwrap_or_default();
            text.push('\n');
            text
        }
    }
}

fn text(outcome: &Outcome) -> String {
    let Compared { resources, files, settings, rolling_updates } = &outcome.compared;
    let mut text = String::new();
    if !outcome.differs() {
        return format!("{}: no differences\n", outcome.cluster);
    }
    let _ = writeln!(text, "{}: {}\n", outcome.cluster, counts(&outcome.compared));
    let _ = writeln!(text, "--- {}\n+++ {}", outcome.old, outcome.new);
    if !resources.is_empty() {
        text.push_str("\nResources:\n");
        for resource in resources {
            let _ = writeln!(text, "{:>5} {}", resource.action, resource.address);
            resource.arguments.iter().for_each(|argument| write_argument(&mut text, argument));
        }
    }
    if !files.is_empty() {
        text.push_str("\nFiles in the state store:\n");
        for file in files {
            let _ = writeln!(text, "{:>5} {}", file.action, file.path);
            file.arguments.iter().for_each(|argument| write_argument(&mut text, argument));
            write_content(&mut text, &file.content);
            if file.bytes_only {
                text.push_str("        only hashes of files, or its form\n");
            }
        }
    }
    if !settings.is_empty() {
        text.push_str("\nConfiguration:\n");
        for setting in settings {
            let _ = writeln!(text, "{:>5} {}", setting.action, setting.address);
            setting.arguments.iter().for_each(|argument| write_argument(&mut text, argument));
        }
    }
    if !rolling_updates.is_empty() {
        text.push('\n');
    }
    for update in rolling_updates {
        let by = match update.by {
            ReplacedBy::RollingUpdate => "Rolling update",
            ReplacedBy::Terraform => "Replaced by Terraform, with all instances at once",
            ReplacedBy::CloudFormation => "Replaced by CloudFormation, with all instances at once",
            ReplacedBy::Karpenter => "Replaced by Karpenter",
        };
        let shown = update.reasons.iter().take(MOST_REASONS).map(String::as_str).collect::<Vec<_>>().join("; ");
        let more = match update.reasons.len().saturating_sub(MOST_REASONS) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let _ = writeln!(text, "{by}: {}: {shown}{more}", update.group);
    }
    text
}

/// `1 to add, 2 to change, 0 to replace, 0 to destroy`.
fn counts(compared: &Compared) -> String {
    let mut numbers = [0_usize; 4];
    for action in compared.actions() {
        match action {
            Action::Create => numbers[0] += 1,
            Action::Update => numbers[1] += 1,
            Action::Replace | Action::CreateThenDestroy => numbers[2] += 1,
            Action::Destroy => numbers[3] += 1,
            Action::None => {}
        }
    }
    let [add, change, replace, destroy] = numbers;
    format!("{add} to add, {change} to change, {replace} to replace, {destroy} to destroy")
}

fn write_argument(text: &mut String, argument: &Argument) {
    if argument.content.is_empty() && !argument.bytes_only {
        let _ = writeln!(text, "        {}", shown(&argument.change));
        return;
    }
    let forces = if argument.change.replaces { " (forces replacement)" } else { "" };
    if argument.bytes_only {
        let _ = writeln!(text, "        {}: only hashes of files, or its form{forces}", argument.change.path);
        return;
    }
    let _ = writeln!(text, "        {}{forces}:", argument.change.path);
    for line in lines(&argument.content) {
        let _ = writeln!(text, "          {}", cut(&line.text));
    }
}

fn write_content(text: &mut String, content: &[Finding]) {
    for line in lines(content) {
        let _ = writeln!(text, "        {}", cut(&line.text));
    }
}

/// `size: 20 → 40`.
pub(super) fn shown(change: &ArgumentChange) -> String {
    let value = |value: &Value| match value {
        Value::String(text) => cut(text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).unwrap_or(text)),
        Value::Array(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| match item {
                    Value::String(text) => {
                        text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).unwrap_or(text).to_owned()
                    }
                    other => other.to_string(),
                })
                .collect();
            cut(&format!("[{}]", items.join(", ")))
        }
        other => cut(&other.to_string()),
    };
    let ArgumentChange { path, old, new, because_of, replaces, kept } = change;
    let mut text = match (old, new) {
        (Some(old), Some(new)) => format!("{path}: {} → {}", value(old), value(new)),
        (None, Some(new)) => format!("{path}: added {}", value(new)),
        (Some(_), None) if because_of.is_some() => format!("{path}: known after apply"),
        (Some(old), None) => format!("{path}: removed {}", value(old)),
        (None, None) => format!("{path}: known after apply"),
    };
    if let Some(address) = because_of {
        let _ = write!(text, ", as {address} changes");
    }
    if *replaces {
        text.push_str(" (forces replacement)");
    }
    if *kept {
        text.push_str(" (Terraform keeps it)");
    }
    text
}

/// A value on one line, without its end if it is long.
fn cut(text: &str) -> String {
    let line = text.replace('\n', "\\n");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}
