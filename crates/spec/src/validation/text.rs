//! Control characters in string fields.
//!
//! Most strings of a spec become a line of something: of `/etc/environment`, a MIME header, a flag, a tag. A line break in them would
//! begin another line there, and other control characters are refused by what reads the file.

use serde::Serialize;
use serde_json::Value;

use super::checker::Checker;
use kopsform_diagnostics::Rule;

/// Fields that hold whole files, with any characters.
const FILES: [&str; 5] = ["content", "configOverride", "externalCoreFile", "inlinePolicy", "webhookTemplate"];
/// Maps whose values are whole files.
const MAPS_OF_FILES: [&str; 1] = ["additionalPolicies"];
/// Lists of objects whose `manifest` is a file. That of an addon is an address.
const WITH_MANIFESTS: &str = "hooks";
/// Fields with arguments of programs, which may be scripts of several lines.
const SCRIPTS: [&str; 1] = ["command"];

/// What a string may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Line,
    Script,
    File,
}

impl Kind {
    fn refuses(self, c: char) -> bool {
        match self {
            Self::File => false,
            Self::Script => is_control(c) && !matches!(c, '\n' | '\t'),
            Self::Line => is_control(c),
        }
    }
}

/// Control characters, and characters that YAML does not print.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Reports control characters in a spec.
pub(super) fn check(cx: &mut Checker<'_>, spec: &impl Serialize) {
    // A spec that cannot be serialized cannot be stored either, which is reported there.
    let Ok(spec) = serde_json::to_value(spec) else { return };
    walk(cx, "spec", "", &spec, Kind::Line);
}

fn walk(cx: &mut Checker<'_>, path: &str, list: &str, value: &Value, kind: Kind) {
    match value {
        Value::String(text) => line(cx, path, text, kind),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                walk(cx, &format!("{path}[{i}]"), list, item, kind);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = child(path, name);
                line(cx, &path, name, Kind::Line);
                let is_manifest = name == "manifest" && list == WITH_MANIFESTS;
                let kind = match name.as_str() {
                    _ if is_manifest => Kind::File,
                    name if FILES.contains(&name) || MAPS_OF_FILES.contains(&name) => Kind::File,
                    name if SCRIPTS.contains(&name) => Kind::Script,
                    _ => kind,
                };
                walk(cx, &path, name, value, kind);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The path of a field, or of an entry of a map.
fn child(path: &str, name: &str) -> String {
    let is_field = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_field { format!("{path}.{name}") } else { format!("{path}[{name:?}]") }
}

fn line(cx: &mut Checker<'_>, path: &str, text: &str, kind: Kind) {
    if let Some(found) = text.chars().find(|c| kind.refuses(*c)) {
        let what = match found {
            '\n' => "a line break".to_owned(),
            found => format!("the control character U+{:04X}", u32::from(found)),
        };
        let hint = if found == '\n' { "write it on one line, without `|` or \\n" } else { "remove it" };
        cx.error(Rule::ControlCharacter, path, (format!("{what} is not allowed here"), hint));
    }
}
