//! Findings as a reviewer would write them: `security group rule https-api: from_port 443 → 6443`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::configuration::{Block, Configuration};
use crate::content::{Area, Change};
use crate::finding::{Finding, Severity, summary};
use crate::nouns::{self, FileName};
use crate::path::{Path, Segment};
use crate::secrecy;

/// Longer values are cut in a line; findings hold them whole.
const MAX_VALUE: usize = 100;

/// What a difference belongs to.
pub(crate) struct Subject<'s> {
    pub file: &'s str,
    pub resource: Option<(&'s str, &'s Block)>,
}

/// Writes findings; knows the cluster's name, which most names repeat.
pub(crate) struct Reviewer {
    suffixes: Vec<String>,
}

/// The three parts of a line.
struct Phrase {
    what: String,
    name: String,
    change: String,
}

impl Reviewer {
    pub(crate) fn of(old: &Configuration, new: &Configuration) -> Self {
        let mut suffixes = Vec::new();
        for configuration in [old, new] {
            for address in ["local.cluster_name", "output.cluster_name"] {
                let name = configuration.blocks.get(address).and_then(|block| block.value.get("value"));
                if let Some(name) = name.and_then(Value::as_str).filter(|name| !name.contains("${")) {
                    suffixes.extend([format!(".{name}"), format!("-{}", name.replace('.', "-"))]);
                }
            }
        }
        suffixes.extend([".${var.cluster_name}".to_owned(), "-${var.cluster_name}".to_owned()]);
        suffixes.dedup();
        Self { suffixes }
    }

    /// A name without the cluster's.
    fn short<'n>(&self, name: &'n str) -> &'n str {
        let cut = self.suffixes.iter().find_map(|suffix| name.strip_suffix(suffix.as_str()));
        cut.filter(|name| !name.is_empty()).unwrap_or(name)
    }

    pub(crate) fn finding(&self, subject: &Subject<'_>, change: Change) -> Finding {
        let Change { area, difference } = change;
        let show = |value: Option<Value>| value.map(|value| secrecy::shown(&difference.path, &value));
        let (old, new) = (show(difference.old), show(difference.new));
        let within =
            Within { area: &area, path: &difference.path, old: &old, new: &new, reordered: difference.reordered };
        let phrase = self.phrase(subject, &within);
        let object = match &area {
            Area::Object(object) => Some(object.clone()),
            _ => None,
        };
        Finding {
            severity: Severity::Meaning,
            file: subject.file.to_owned(),
            resource: subject.resource.map(|(address, _)| address.to_owned()),
            object,
            path: difference.path.to_string(),
            summary: summary(&phrase.what, &phrase.name, &phrase.change),
            what: phrase.what,
            name: phrase.name,
            change: phrase.change,
            old,
            new,
        }
    }

    /// A file whose bytes differ and nothing else.
    pub(crate) fn drift(&self, file: &str, old: &[u8], new: &[u8]) -> Finding {
        let at = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let line = old[..at.min(old.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
        bytes_only(file, format!("other bytes of the same meaning, first in line {line}"))
    }

    /// A file that only one set has, where the configuration means the same without it.
    pub(crate) fn moved(&self, file: &str, is_new: bool) -> Finding {
        bytes_only(file, if is_new { "new file, same meaning" } else { "file is gone, same meaning" }.to_owned())
    }

    fn phrase(&self, subject: &Subject<'_>, within: &Within<'_>) -> Phrase {
        let file_name = FileName::of(subject.file);
        match within.area {
            Area::Terraform => {
                let (what, name) = self.block(subject);
                Phrase { what, name, change: within.change(within.path) }
            }
            Area::Policy { .. } => self.policy(subject, within),
            Area::Object(object) => object_phrase(object, within),
            Area::NodeConfig => {
                let name = self.group(subject).unwrap_or_else(|| subject.file.to_owned());
                let path = strip_argument(subject, within.path);
                let (what, skip) = match path.first_field() {
                    Some("KubeletConfig") => ("kubelet flag of", 1),
                    Some("KubeProxy") => ("kube-proxy flag of", 1),
                    _ => ("node configuration of", 0),
                };
                let skip = if path.0.len() > skip { skip } else { 0 };
                let what = if skip == 0 { "node configuration of" } else { what };
                Phrase { what: what.to_owned(), name, change: within.change(&Path(path.0[skip..].to_vec())) }
            }
            Area::Boot => {
                let name = subject.resource.map(|(_, block)| self.name_of(block)).filter(|name| !name.is_empty());
                let name = name.or_else(|| file_name.as_ref().map(|parts| self.short(&parts.name).to_owned()));
                let name = name.unwrap_or_else(|| subject.file.to_owned());
                let name = name.strip_suffix(".masters").unwrap_or(&name).to_owned();
                let path = strip_argument(subject, within.path);
                Phrase { what: "boot script of".to_owned(), name, change: within.change(&path) }
            }
            Area::SshKey => {
                let name = subject.resource.map_or_else(|| subject.file.to_owned(), |(_, block)| self.name_of(block));
                Phrase { what: "SSH key".to_owned(), name, change: within.change(&Path::default()) }
            }
            Area::Data | Area::Text | Area::Binary => {
                let (what, name) = match subject.resource {
                    Some(_) => self.block(subject),
                    None => ("file".to_owned(), subject.file.to_owned()),
                };
                let change = match within.path.0.as_slice() {
                    [.., Segment::Index(line)] if *within.area == Area::Text => {
                        within.change_of(&format!("line {line}"))
                    }
                    _ => within.change(within.path),
                };
                Phrase { what, name, change }
            }
        }
    }

    /// `security group rule`, `https-api`.
    fn block(&self, subject: &Subject<'_>) -> (String, String) {
        let Some((address, _)) = subject.resource else { return ("file".to_owned(), subject.file.to_owned()) };
        let (directory, address) = match address.split_once(": ") {
            Some((directory, address)) => (Some(directory), address),
            None => (None, address),
        };
        let (what, name) = nouns::of_address(address);
        let name = self.short(name).to_owned();
        match directory {
            Some(directory) => (what, format!("{name} in {directory}")),
            None => (what, name),
        }
    }

    /// The `name` of a resource, without that of the cluster.
    fn name_of(&self, block: &Block) -> String {
        let name = ["name", "key_name"].iter().find_map(|argument| block.value.get(argument).and_then(Value::as_str));
        self.short(name.unwrap_or_default()).to_owned()
    }

    /// The instance group that a node configuration is for, from its key in the store or the name of its file.
    fn group(&self, subject: &Subject<'_>) -> Option<String> {
        let key = subject.resource.and_then(|(_, block)| block.value.get("key")).and_then(Value::as_str);
        let from_key = key.and_then(|key| {
            let mut parts = key.rsplit('/');
            (parts.next() == Some("nodeupconfig.yaml")).then(|| parts.next().map(str::to_owned)).flatten()
        });
        from_key.or_else(|| {
            let name = subject.file.rsplit('/').next()?;
            let (_, group) = name.split_once("nodeupconfig-")?;
            Some(group.strip_suffix("_content").unwrap_or(group).to_owned())
        })
    }

    fn policy(&self, subject: &Subject<'_>, within: &Within<'_>) -> Phrase {
        let file_name = FileName::of(subject.file);
        let (kind, name) = match (subject.resource, &file_name) {
            (Some((address, block)), _) => {
                let kind = address.rsplit(": ").next().unwrap_or(address).split('.').next().unwrap_or_default();
                let named = self.name_of(block);
                let (_, label) = nouns::of_address(address);
                (
                    kind.to_owned(),
                    if named.is_empty() || named.contains("${") { self.short(label).to_owned() } else { named },
                )
            }
            (None, Some(parts)) => (parts.kind.to_owned(), self.short(&parts.name).to_owned()),
            (None, None) => (String::new(), subject.file.to_owned()),
        };
        let what = match kind.as_str() {
            "aws_iam_role_policy" => "policy of role".to_owned(),
            "aws_iam_role" => "trust policy of role".to_owned(),
            "aws_sqs_queue" => "policy of queue".to_owned(),
            "" => "policy".to_owned(),
            other => format!("policy of {}", nouns::of_type(other)),
        };
        let path = strip_argument(subject, within.path);
        Phrase { what, name, change: statement(&path, within) }
    }
}

fn bytes_only(file: &str, change: String) -> Finding {
    Finding {
        severity: Severity::Bytes,
        file: file.to_owned(),
        resource: None,
        object: None,
        path: String::new(),
        old: None,
        new: None,
        summary: summary("file", file, &change),
        what: "file".to_owned(),
        name: file.to_owned(),
        change,
    }
}

/// The path within a file, without the argument that reads it.
fn strip_argument(subject: &Subject<'_>, path: &Path) -> Path {
    let skip = usize::from(subject.resource.is_some()).min(path.0.len());
    Path(path.0[skip..].to_vec())
}

/// `statement 3 no longer allows ec2:AttachVolume`. Paths count from 0, lines from 1.
fn statement(path: &Path, within: &Within<'_>) -> String {
    let [Segment::Field(list), rest @ ..] = path.0.as_slice() else { return within.change(path) };
    if list != "Statement" {
        return within.change(path);
    }
    let (which, rest) = match rest {
        [Segment::Index(index), rest @ ..] => (format!("statement {}", index + 1), rest),
        [Segment::Key(sid), rest @ ..] => (format!("statement {sid}"), rest),
        rest => (String::new(), rest),
    };
    let sentence = |text: String| if which.is_empty() { text } else { format!("{which} {text}") };
    let value = |value: &Option<Value>| value.as_ref().map(short_value);
    let (old, new) = (value(within.old), value(within.new));
    match (rest, old, new) {
        ([Segment::Field(field)], old, new) if field == "Action" => sentence(match (old, new) {
            (Some(old), Some(new)) => format!("{} {new} instead of {old}", within.verb()),
            (Some(old), None) => format!("no longer {} {old}", within.verb()),
            (None, new) => format!("now {} {}", within.verb(), new.unwrap_or_default()),
        }),
        ([Segment::Field(field)], old, new) if field == "Resource" => sentence(match (old, new) {
            (Some(old), Some(new)) => format!("applies to {new} instead of {old}"),
            (Some(old), None) => format!("no longer applies to {old}"),
            (None, new) => format!("now applies to {}", new.unwrap_or_default()),
        }),
        ([], Some(_), None) => format!("{which} removed: {}", within.old.as_ref().map(effect).unwrap_or_default()),
        ([], None, Some(_)) => format!("{which} added: {}", within.new.as_ref().map(effect).unwrap_or_default()),
        (rest, ..) => sentence(within.change(&Path(rest.to_vec()))),
    }
}

/// `Allow a:X, a:Y on *`.
fn effect(statement: &Value) -> String {
    let words = |name: &str| match statement.get(name) {
        Some(Value::Array(items)) => {
            let shown: Vec<String> = items.iter().take(3).map(short_value).collect();
            let more = items.len().saturating_sub(3);
            if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
        }
        Some(value) => short_value(value),
        None => String::new(),
    };
    let (effect, actions, resources) = (words("Effect"), words("Action"), words("Resource"));
    if resources.is_empty() { format!("{effect} {actions}") } else { format!("{effect} {actions} on {resources}") }
}

fn object_phrase(object: &str, within: &Within<'_>) -> Phrase {
    let (kind, name) = object.split_once(' ').unwrap_or((object, ""));
    // The argument that holds the manifest is not part of the object.
    let path =
        Path(within.path.0.iter().skip_while(|s| matches!(s, Segment::Field(f) if is_argument(f))).cloned().collect());
    let of =
        |what: &str, name: String, path: &Path| Phrase { what: what.to_owned(), name, change: within.change(path) };
    let bare = name.rsplit('/').next().unwrap_or(name);
    let container = path.0.windows(2).find_map(|pair| match pair {
        [Segment::Field(field), Segment::Key(container)] if field.ends_with("ontainers") => Some(container.as_str()),
        _ => None,
    });
    let full = match container {
        Some(container) if container != bare => format!("{name}, container {container}"),
        _ => name.to_owned(),
    };
    match path.0.as_slice() {
        [.., Segment::Field(last)] if last == "image" && container.is_some() => of("image of", full, &Path::default()),
        [.., Segment::Field(list), Segment::Key(flag)] if matches!(list.as_str(), "args" | "command") => {
            Phrase { what: "argument of".to_owned(), name: full, change: within.change_of(flag) }
        }
        [.., Segment::Field(list), Segment::Key(variable), Segment::Field(value)]
            if list == "env" && value == "value" =>
        {
            Phrase { what: "environment variable of".to_owned(), name: full, change: within.change_of(variable) }
        }
        _ => of(kind, name.to_owned(), &path),
    }
}

fn is_argument(field: &str) -> bool {
    matches!(field, "content" | "source" | "user_data" | "content_base64")
}

/// A difference, as far as it may be shown.
struct Within<'w> {
    area: &'w Area,
    path: &'w Path,
    old: &'w Option<Value>,
    new: &'w Option<Value>,
    reordered: bool,
}

impl Within<'_> {
    fn change(&self, path: &Path) -> String {
        self.change_of(&path.to_string())
    }

    /// `PLACE OLD → NEW`.
    fn change_of(&self, place: &str) -> String {
        let before = if place.is_empty() { String::new() } else { format!("{place} ") };
        let show = |value: &Option<Value>| value.as_ref().map(short_value);
        if self.reordered {
            return format!("{before}in another order");
        }
        let scalar = |value: &Option<Value>| value.as_ref().is_none_or(|v| !v.is_object());
        let whole = self.path.0.is_empty() || !scalar(self.old) || !scalar(self.new);
        match (show(self.old), show(self.new)) {
            (Some(old), Some(new)) if old == new => format!("{before}changed (longer than shown: {old})"),
            (Some(old), Some(new)) => format!("{before}{old} → {new}"),
            (None, Some(_)) if whole => format!("{before}added"),
            (Some(_), None) if whole => format!("{before}removed"),
            (None, Some(new)) => format!("{before}added: {new}"),
            (Some(old), None) => format!("{before}removed: {old}"),
            (None, None) => format!("{before}changed"),
        }
    }

    fn verb(&self) -> &'static str {
        match self.area {
            Area::Policy { denies: true } => "denies",
            _ => "allows",
        }
    }
}

/// A value in one line.
fn short_value(value: &Value) -> String {
    let text = match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => match text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) {
            Some(expression) if !expression.contains("${") => expression.to_owned(),
            _ => text.clone(),
        },
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            format!("[{}]", items.iter().take(20).map(short_value).collect::<Vec<_>>().join(", "))
        }
        Value::Object(entries) => {
            let entries: BTreeMap<&String, &Value> = entries.iter().take(10).collect();
            serde_json::to_string(&entries).unwrap_or_default()
        }
        other => other.to_string(),
    };
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let mut shown: String = first.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_VALUE).collect();
    if lines.next().is_some() || first.chars().nth(MAX_VALUE).is_some() {
        shown.push('…');
    }
    shown
}
