//! A Terraform configuration as blocks by address, whichever files they are in.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::hcl_values;
use crate::{Files, flat};

/// The blocks of a configuration.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// Blocks by address: `aws_vpc.main`, `data.aws_vpc.main`, `local.region`, `output.vpc_id`, `var.region`, `module.cluster`,
    /// `provider.aws.files`, `terraform`, `moved.aws_vpc.old`. Blocks of files in a subdirectory have it in front:
    /// `modules/cluster: aws_vpc.main`.
    pub blocks: BTreeMap<String, Block>,
    /// The files that arguments read.
    pub(crate) contents: Files,
    /// How often an address is used: Terraform refuses a second block, which must not be lost here.
    counts: BTreeMap<String, usize>,
}

/// One block, or one local value.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The file it is in.
    pub file: String,
    /// Its arguments and nested blocks. Expressions are `"${…}"` strings; nested blocks are lists of mappings under their type.
    pub value: Value,
    /// The files that arguments read with `file()`, `filebase64()` or `templatefile()`, or upload: argument → files.
    pub reads: BTreeMap<String, Vec<String>>,
}

impl Block {
    /// The arguments by path: `tag[Name].value`, `metadata_options.http_tokens`. Lists of plain values are one value.
    pub fn attributes(&self) -> BTreeMap<String, Value> {
        flat::attributes(&self.value)
    }
}

/// A file that is not HCL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyntaxError {
    /// Its path within the set.
    pub file: String,
    /// Line and column, and what was expected there.
    pub message: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)
    }
}

impl std::error::Error for SyntaxError {}

impl Configuration {
    /// Blocks that were read from something else than HCL, and the files that their arguments read.
    pub fn of_blocks(blocks: BTreeMap<String, Block>, contents: Files) -> Self {
        Self { blocks, contents, counts: BTreeMap::new() }
    }

    /// Reads every `*.tf` of a set; the other files are those that arguments may read.
    ///
    /// # Errors
    /// One for each file that is not HCL, with what could be read of the others: see [`Configuration::parse_lenient`].
    pub fn parse(files: &Files) -> Result<Self, Vec<SyntaxError>> {
        let (configuration, errors) = Self::parse_lenient(files);
        if errors.is_empty() { Ok(configuration) } else { Err(errors) }
    }

    /// The blocks of all files that are HCL, and the errors of the others.
    pub fn parse_lenient(files: &Files) -> (Self, Vec<SyntaxError>) {
        let (mut configuration, mut errors) = (Self::default(), Vec::new());
        let names = Names::of(files);
        for (file, content) in files.iter().filter(|(file, _)| is_hcl(file)) {
            let parsed = match std::str::from_utf8(content) {
                Ok(text) => hcl::parse(text).map_err(|error| error.to_string()),
                Err(error) => Err(format!("not UTF-8: {error}")),
            };
            match parsed {
                Ok(body) => configuration.add(file, &body, &names),
                Err(message) => {
                    let message = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
                    errors.push(SyntaxError { file: file.clone(), message: message.join(" ") });
                }
            }
        }
        (configuration, errors)
    }

    fn add(&mut self, file: &str, body: &hcl::structure::Body, names: &Names<'_>) {
        let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}: ") };
        for block in body.blocks() {
            let fields = hcl_values::body(block.body());
            if block.identifier() == "locals" {
                for (name, value) in fields {
                    self.insert(
                        format!("{prefix}local.{name}"),
                        file,
                        Map::from_iter([("value".to_owned(), value)]),
                        names,
                    );
                }
                continue;
            }
            let labels: Vec<&str> = block.labels().iter().map(|label| label.as_str()).collect();
            let address = format!("{prefix}{}", address(block.identifier(), &labels, &fields));
            self.insert(address, file, fields, names);
        }
        // Terraform accepts no argument at the top; one that is there must not be lost.
        for attribute in body.attributes() {
            let fields = Map::from_iter([("value".to_owned(), hcl_values::value(&attribute.expr))]);
            self.insert(format!("{prefix}{}", attribute.key.as_str()), file, fields, names);
        }
    }

    fn insert(&mut self, address: String, file: &str, fields: Map<String, Value>, names: &Names<'_>) {
        let mut unique = address.clone();
        if address == "terraform" || address.ends_with(": terraform") {
            // Terraform merges these.
            if let Some(Value::Object(there)) = self.blocks.get_mut(&address).map(|block| &mut block.value) {
                for (name, value) in fields {
                    match (there.get_mut(&name), value) {
                        (Some(Value::Array(old)), Value::Array(new)) => old.extend(new),
                        (_, value) => {
                            there.insert(name, value);
                        }
                    }
                }
                return;
            }
        }
        let count = self.counts.entry(address.clone()).or_default();
        *count += 1;
        if *count > 1 {
            unique = format!("{address}#{count}");
        }
        let reads = reads(file, &fields, names);
        for file in reads.values().flatten() {
            if let Some(content) = names.files.get(file).filter(|_| !self.contents.contains_key(file)) {
                self.contents.insert(file.clone(), content.clone());
            }
        }
        self.blocks.insert(unique, Block { file: file.to_owned(), value: Value::Object(fields), reads });
    }
}

pub(crate) fn is_hcl(file: &str) -> bool {
    file.ends_with(".tf")
}

fn address(kind: &str, labels: &[&str], fields: &Map<String, Value>) -> String {
    let text = |name: &str| {
        let plain =
            |text: &str| text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or(text).to_owned();
        fields.get(name).and_then(Value::as_str).map(plain)
    };
    let mut parts: Vec<String> = match kind {
        "resource" => Vec::new(),
        "variable" => vec!["var".to_owned()],
        other => vec![other.to_owned()],
    };
    parts.extend(labels.iter().map(|label| (*label).to_owned()));
    match kind {
        "provider" => parts.extend(text("alias")),
        "moved" | "removed" => parts.extend(text("from")),
        "import" => parts.extend(text("to")),
        _ => {}
    }
    parts.join(".")
}

/// The names of the files of a set, by their last component.
struct Names<'f> {
    files: &'f Files,
    by_name: BTreeMap<&'f str, Vec<&'f str>>,
}

impl<'f> Names<'f> {
    fn of(files: &'f Files) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for file in files.keys().filter(|file| !is_hcl(file)) {
            by_name.entry(file.rsplit('/').next().unwrap_or(file)).or_default().push(file);
        }
        Self { files, by_name }
    }

    /// The file that a path template means. `path.module` is the directory of the configuration; of a path that begins with
    /// another expression, the file is the only one that ends like it.
    fn find(&self, directory: &str, path: &str) -> Option<&'f str> {
        let below = |rest: &str| if directory.is_empty() { rest.to_owned() } else { format!("{directory}/{rest}") };
        let rest = path.strip_prefix("${path.module}/").or_else(|| path.strip_prefix("./"));
        let known = |name: &str| self.files.get_key_value(name).map(|(name, _)| name.as_str());
        if let Some(rest) = rest.or_else(|| (!path.contains("${")).then_some(path)) {
            return known(&below(rest)).or_else(|| known(rest));
        }
        let (_, literal) = path.rsplit_once('}')?;
        let name = literal.rsplit('/').next().filter(|name| literal.contains('/') && !name.is_empty())?;
        let inside = below("");
        let mut candidates =
            self.by_name.get(name)?.iter().filter(|file| file.starts_with(&inside) && file.ends_with(literal));
        match (candidates.next(), candidates.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

/// The functions whose first argument is the path of a file.
const FILE_FUNCTIONS: [&str; 5] = ["file", "filebase64", "templatefile", "filesha256", "filemd5"];

/// The files that each argument reads.
fn reads(file: &str, fields: &Map<String, Value>, names: &Names<'_>) -> BTreeMap<String, Vec<String>> {
    let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut found = BTreeMap::new();
    for (argument, value) in fields {
        let mut paths = Vec::new();
        collect(value, &mut paths);
        let files: Vec<String> =
            paths.into_iter().filter_map(|path| names.find(directory, path)).map(str::to_owned).collect();
        if !files.is_empty() {
            found.insert(argument.clone(), files);
        }
    }
    found
}

fn collect<'v>(value: &'v Value, paths: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => {
            paths.extend(calls(text).into_iter().map(|call| call.path));
            // `source = "${path.module}/data/…"` uploads the file.
            if let Some(rest) = text.strip_prefix("${path.module}/")
                && !rest.contains("${")
            {
                paths.push(text);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, paths)),
        Value::Object(entries) => entries.values().for_each(|entry| collect(entry, paths)),
        _ => {}
    }
}

/// A call of one of [`FILE_FUNCTIONS`] within an expression.
pub(crate) struct Call<'t> {
    /// The template of the path.
    pub path: &'t str,
    /// Where the path is in the expression, without its quotes.
    pub range: std::ops::Range<usize>,
}

/// The calls that read files in a value's text.
pub(crate) fn calls(text: &str) -> Vec<Call<'_>> {
    let mut found = Vec::new();
    if !text.contains("file") {
        return found;
    }
    let mut at = 0;
    while let Some(open) = text[at..].find("(\"").map(|i| at + i) {
        let start = open + 2;
        at = start;
        let before = &text[..open];
        let name_start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |i| i + 1);
        if !FILE_FUNCTIONS.contains(&&before[name_start..]) {
            continue;
        }
        let Some(end) = end_of_string(text, start) else { break };
        found.push(Call { path: &text[start..end], range: start..end });
        at = end;
    }
    found
}

/// Where the string that starts after a quote ends; quotes within `${…}` belong to the expression there.
fn end_of_string(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut i, mut depth) = (start, 0usize);
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 1,
            b'$' if bytes.get(i + 1) == Some(&b'{') => {
                depth += 1;
                i += 1;
            }
            b'}' if depth > 0 => depth -= 1,
            b'"' if depth == 0 => return Some(i),
            _ => {}
        }
        i += 1;
    }
    None
}

/// What happened to a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "change")]
pub enum BlockChange {
    /// Only the new configuration has it; its arguments by path.
    Added { attributes: BTreeMap<String, Value> },
    /// Only the old configuration has it; its arguments by path.
    Removed { attributes: BTreeMap<String, Value> },
    /// Both have it, with these differences.
    Changed { attributes: Vec<AttributeChange> },
}

/// An argument that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributeChange {
    /// The argument: `max_size`, `tag[Name].value`, `metadata_options.http_tokens`.
    pub path: String,
    /// The old value; absent for a new argument.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The new value; absent for a removed argument.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// For arguments that read files: what differs within them, without secrets. Empty otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<crate::Finding>,
    /// Whether the value means something else, or only the bytes of a file that it reads differ.
    pub severity: crate::Severity,
}
