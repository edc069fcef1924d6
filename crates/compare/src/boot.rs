//! Boot scripts: what a script tells an instance, whichever program wrote it and whatever is around it.
//!
//! kops and kopsform write scripts of the same contract and different wording: variables that say where nodeup is, exported
//! environment, kernel settings, and the boot configuration `conf/kube_env.yaml`, plain or as gzip in base64. Scripts of the same
//! program (they define the same functions) are compared line by line as well.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::path::Path;
use crate::text;
use crate::tree::Difference;

/// The most that packed configuration may expand to.
const MAX_UNPACKED: u64 = 16 << 20;

/// User data of an instance.
#[derive(Debug, Default)]
pub(crate) struct UserData {
    /// By file name or number: the parts of a MIME document; the only part, under `""`, of a script.
    parts: BTreeMap<String, Part>,
}

#[derive(Debug)]
enum Part {
    Boot(Script),
    Other { kind: String, body: String },
}

#[derive(Debug, Default)]
struct Script {
    /// `exports`, `variables`, `sysctl` and `kube_env`.
    document: Map<String, Value>,
    functions: BTreeSet<String>,
    /// The script without what is in the document.
    rest: String,
}

/// Whether a text is a boot script, or a MIME document.
pub(crate) fn is_user_data(text: &str) -> bool {
    is_boot_script(text) || is_mime(text)
}

fn is_boot_script(text: &str) -> bool {
    text.starts_with("#!") && text.contains("NODEUP_URL")
}

fn is_mime(text: &str) -> bool {
    let head: String = text.chars().take(400).collect::<String>().to_ascii_lowercase();
    (head.starts_with("content-type:") || head.starts_with("mime-version:")) && head.contains("multipart/")
}

impl UserData {
    pub(crate) fn read(text: &str) -> Self {
        let mut parts = BTreeMap::new();
        if !is_mime(text) {
            parts.insert(String::new(), Part::Boot(Script::read(text)));
            return Self { parts };
        }
        for (i, (headers, body)) in mime_parts(text).into_iter().enumerate() {
            let kind =
                header(&headers, "content-type").map(|kind| kind.split(';').next().unwrap_or("").trim().to_owned());
            let name = header(&headers, "content-disposition").and_then(|value| parameter(&value, "filename"));
            let encoded =
                header(&headers, "content-transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("base64"));
            let body = if encoded { decoded(&body).unwrap_or(body) } else { body };
            let mut name = name.unwrap_or_else(|| format!("part {}", i + 1));
            while parts.contains_key(&name) {
                name.push('\'');
            }
            let part = if is_boot_script(body.trim_start()) {
                Part::Boot(Script::read(body.trim_start()))
            } else {
                Part::Other { kind: kind.unwrap_or_default(), body }
            };
            parts.insert(name, part);
        }
        Self { parts }
    }

    /// The differences; `compare` compares values by the rules of the document around.
    pub(crate) fn diff(&self, new: &Self, compare: &dyn Fn(&Value, &Value) -> Vec<Difference>) -> Vec<Difference> {
        let mut found = Vec::new();
        let names: BTreeSet<&String> = self.parts.keys().chain(new.parts.keys()).collect();
        for name in names {
            let path = if name.is_empty() { Path::default() } else { Path::default().field(name) };
            let below = match (self.parts.get(name), new.parts.get(name)) {
                (Some(Part::Boot(a)), Some(Part::Boot(b))) => a.diff(b, compare),
                (Some(Part::Other { kind: k, body: a }), Some(Part::Other { kind: l, body: b })) => {
                    let mut below = text::diff(a, b);
                    if k != l {
                        let kinds = (Some(Value::from(k.as_str())), Some(Value::from(l.as_str())));
                        below.push(change(Path::default().field("Content-Type"), kinds));
                    }
                    below
                }
                (a, b) => vec![change(Path::default(), (a.map(Part::summary), b.map(Part::summary)))],
            };
            found.extend(below.into_iter().map(|d| Difference { path: path.join(d.path), ..d }));
        }
        found
    }
}

impl Part {
    fn summary(&self) -> Value {
        match self {
            Self::Boot(script) => Value::Object(script.document.clone()),
            Self::Other { body, .. } => Value::from(body.trim()),
        }
    }
}

fn change(path: Path, (old, new): (Option<Value>, Option<Value>)) -> Difference {
    Difference { path, old, new, reordered: false }
}

impl Script {
    fn read(text: &str) -> Self {
        let mut script = Self::default();
        let (mut exports, mut variables, mut sysctl) = (Map::new(), Map::new(), Map::new());
        let mut configuration: Option<String> = None;
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let trimmed = line.trim();
            if let Some((name, value)) = line.strip_prefix("export ").and_then(assignment) {
                exports.insert(name.to_owned(), value.into());
            } else if let Some((name, value)) = assignment(line).filter(|(name, _)| name.starts_with("NODEUP_")) {
                variables.insert(name.to_owned(), value.into());
            } else if let Some((name, value)) = trimmed.strip_prefix("sysctl -w ").and_then(|rest| rest.split_once('='))
            {
                let value = value.split("||").next().unwrap_or(value);
                sysctl.insert(name.trim_matches(['"', '\'']).to_owned(), words(value).into());
            } else if let Some(word) = line.strip_prefix("echo \"").filter(|word| is_base64(word.split('"').next())) {
                // The word can be wrapped.
                let mut command = word.to_owned();
                while !command.contains('"') {
                    let Some(next) = lines.next() else { break };
                    command.push_str(next.trim());
                }
                match packed(&command) {
                    Some(text) => configuration = Some(text),
                    None => script.rest.extend([command.as_str(), "\n"]),
                }
            } else if let Some(end) = heredoc(line, "kube_env.yaml") {
                let body: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != end).collect();
                configuration = Some(body.join("\n"));
            } else {
                if let Some(name) = function(line) {
                    script.functions.insert(name.to_owned());
                }
                script.rest.push_str(line);
                script.rest.push('\n');
            }
        }
        script.document.insert("exports".into(), exports.into());
        script.document.insert("variables".into(), variables.into());
        script.document.insert("sysctl".into(), sysctl.into());
        if let Some(configuration) = configuration {
            let parsed = kopsform_yaml::parse("", &configuration);
            let value = match parsed.documents.as_slice() {
                [document] if !parsed.report.has_errors() => document.root.to_json(),
                _ => Value::from(configuration),
            };
            script.document.insert("kube_env".into(), value);
        }
        script
    }

    fn diff(&self, new: &Self, compare: &dyn Fn(&Value, &Value) -> Vec<Difference>) -> Vec<Difference> {
        let document = |script: &Self| Value::Object(script.document.clone());
        let mut found = compare(&document(self), &document(new));
        // Another program's script has other functions.
        if self.functions == new.functions || !self.functions.is_disjoint(&new.functions) {
            let comment = |line: &str| {
                let line = line.trim();
                line.is_empty() || (line.starts_with('#') && !line.starts_with("#!"))
            };
            let lines = text::diff_without(&self.rest, &new.rest, &comment);
            let script = Path::default().field("script");
            found.extend(lines.into_iter().map(|d| Difference { path: script.join(d.path), ..d }));
        }
        found
    }
}

/// `NAME=value`, at the beginning of a line; the value without quotes.
fn assignment(line: &str) -> Option<(&str, String)> {
    let (name, value) = line.split_once('=')?;
    let valid = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    (!name.is_empty() && name.chars().all(valid)).then(|| (name, value.trim().trim_matches(['"', '\'']).to_owned()))
}

/// A value of several words, with one space between them.
fn words(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `name() {`, `function name {`.
fn function(line: &str) -> Option<&str> {
    let name = match line.strip_prefix("function ") {
        Some(rest) => rest.split(['(', ' ', '{']).next()?,
        None => line.split_once("()").map(|(name, _)| name)?,
    };
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (!name.is_empty() && name.chars().all(valid)).then_some(name)
}

/// The word that ends a here-document which is written to a file.
fn heredoc<'l>(line: &'l str, file: &str) -> Option<&'l str> {
    let (_, end) = line.split_once("<<").filter(|_| line.contains(file))?;
    let end = end.trim_start_matches('-').trim().trim_matches(['"', '\'']);
    end.split_whitespace().next().map(|end| end.trim_matches(['"', '\'']))
}

fn is_base64(word: Option<&str>) -> bool {
    let digit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    word.is_some_and(|word| word.len() >= 20 && word.bytes().all(digit))
}

/// What `echo "BASE64" | base64 -d | gzip -d > …kube_env.yaml` writes, from the word on.
fn packed(command: &str) -> Option<String> {
    let (word, rest) = command.split_once('"')?;
    let unpacks = rest.contains("base64") && rest.contains("kube_env.yaml");
    unpacked(&STANDARD.decode(word).ok().filter(|_| unpacks)?)
}

/// The text in gzip, if it is gzip of a reasonable size.
pub(crate) fn unpacked(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(MAX_UNPACKED + 1);
    reader.read_to_string(&mut text).ok()?;
    (text.len() as u64 <= MAX_UNPACKED).then_some(text)
}

fn decoded(body: &str) -> Option<String> {
    let digits: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    String::from_utf8(STANDARD.decode(digits).ok()?).ok()
}

type Headers = Vec<(String, String)>;

/// The parts of a MIME document: headers and bodies.
fn mime_parts(text: &str) -> Vec<(Headers, String)> {
    let (headers, body) = split_headers(text);
    let boundary = header(&headers, "content-type").and_then(|value| parameter(&value, "boundary"));
    let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else {
        return vec![(headers, body.to_owned())];
    };
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut current: Option<String> = None;
    for line in body.split_inclusive('\n') {
        match line.trim_end().strip_prefix(&delimiter) {
            Some("") => parts.extend(current.replace(String::new())),
            Some("--") => {
                parts.extend(current.take());
                break;
            }
            _ => {
                if let Some(current) = current.as_mut() {
                    current.push_str(line);
                }
            }
        }
    }
    parts.extend(current);
    let split = parts.iter().map(|part| split_headers(part));
    split.map(|(headers, body)| (headers, body.to_owned())).collect()
}

fn split_headers(text: &str) -> (Headers, &str) {
    let mut headers: Headers = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        at += line.len();
        if content.is_empty() {
            break;
        }
        match (content.starts_with([' ', '\t']), headers.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(content.trim());
            }
            _ => {
                let Some((name, value)) = content.split_once(':') else {
                    at -= line.len();
                    break;
                };
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
    }
    (headers, &text[at..])
}

fn header(headers: &Headers, name: &str) -> Option<String> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

/// `name="value"` in a header's value.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}
