//! Rendering templates with values and snippets to one text.

use std::path::PathBuf;

use super::TemplateError;
use super::channel_functions::{ChannelSource, functions};
use super::files::{expand, read};
use crate::diagnostics::{Finding, Report};
use crate::env::Environment;
use crate::template::{MissingKey, Surroundings, Template, Value};

/// What kops calls the template itself; no snippet may have this name.
const MAIN: &str = "mainTemplate";
/// What separates documents.
const SEPARATOR: &str = "---\n";

/// Templates and how to render them.
pub struct RenderOptions {
    /// Files and folders of templates, in this order.
    pub templates: Vec<String>,
    /// Files and folders of snippets, which templates call by their file's name.
    pub snippets: Vec<String>,
    /// Whether a key that the values lack is an error; otherwise it prints as `<no value>`.
    pub fail_on_missing: bool,
    /// Whether each document is read and written anew.
    pub format_yaml: bool,
    /// Reads the channel when a template asks for it.
    pub channel: ChannelSource,
    /// What templates can learn besides the values.
    pub surroundings: Surroundings,
}

/// A rendered text and where its parts come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The documents, separated by `---` lines.
    pub text: String,
    /// How many templates there were.
    pub templates: usize,
}

/// A template or snippet that was read.
#[derive(Debug, Clone)]
pub struct Text {
    /// Where it was.
    pub path: PathBuf,
    /// What stood there.
    pub text: String,
}

/// Renders all templates, in their order.
///
/// # Errors
/// When a file cannot be read, or all the mistakes of all templates.
pub fn render(options: &RenderOptions, values: &Value, environment: &Environment) -> Result<Rendered, TemplateError> {
    let templates = texts(&options.templates, "template", environment)?;
    let snippets = texts(&options.snippets, "snippet", environment)?;
    let named = named(&snippets)?;
    let functions = functions(options.channel.clone());
    let missing_key = if options.fail_on_missing { MissingKey::Error } else { MissingKey::Default };
    let mut report = Report::default();
    let mut pieces = Vec::new();
    for Text { path, text } in &templates {
        let file = path.display().to_string();
        let mut parsed = match Template::parse_with(&file, text, functions.clone()) {
            Ok(template) => Some(template.missing_key(missing_key)),
            Err(mistakes) => {
                report.extend(mistakes);
                None
            }
        };
        for (name, Text { path, text }) in &named {
            // Without a template to add them to, snippets are still looked at for mistakes.
            let added = match &mut parsed {
                Some(template) => template.add(name, &path.display().to_string(), text),
                None => Template::parse_with(&path.display().to_string(), text, functions.clone()).map(|_| ()),
            };
            if let Err(mistakes) = added {
                report.extend(mistakes);
            }
        }
        if report.has_errors() {
            continue;
        }
        match parsed.map(|template| template.render_in(values, &options.surroundings)) {
            Some(Ok(text)) if text.is_empty() => {}
            Some(Ok(text)) if options.format_yaml => match formatted(&file, &text) {
                Ok(documents) => pieces.extend(documents),
                Err(mistakes) => report.extend(mistakes),
            },
            Some(Ok(text)) => pieces.push(text),
            Some(Err(mistakes)) => report.extend(mistakes),
            None => {}
        }
    }
    if report.has_errors() {
        report.sort();
        report.findings.dedup();
        return Err(report.into());
    }
    Ok(Rendered { text: pieces.join(SEPARATOR), templates: templates.len() })
}

fn texts(paths: &[String], what: &'static str, environment: &Environment) -> Result<Vec<Text>, TemplateError> {
    let files = expand(paths, what, environment)?;
    files.into_iter().map(|path| Ok(Text { text: read(&path, what)?, path })).collect()
}

/// Snippets by the names of their files; of two of one name, the later one counts.
fn named(snippets: &[Text]) -> Result<Vec<(String, &Text)>, TemplateError> {
    let mut named: Vec<(String, &Text)> = Vec::new();
    for snippet in snippets {
        let name = snippet.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name == MAIN {
            return Err(TemplateError::SnippetName(name));
        }
        named.retain(|(other, _)| *other != name);
        named.push((name, snippet));
    }
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(named)
}

/// Reads every document and writes it again with sorted keys; empty ones are left out.
fn formatted(file: &str, text: &str) -> Result<Vec<String>, Report> {
    let mut documents = Vec::new();
    let mut report = Report::default();
    for piece in text.split(SEPARATOR) {
        let parsed = crate::yaml::parse(&format!("{file} (rendered)"), piece);
        let mistakes: Vec<Finding> =
            parsed.report.findings.into_iter().filter(|finding| finding.code != "duplicate-key").collect();
        if !mistakes.is_empty() {
            report.findings.extend(mistakes);
            continue;
        }
        let Some(document) = parsed.documents.first() else { continue };
        match document.root.to_json() {
            serde_json::Value::Object(map) if map.is_empty() => {}
            serde_json::Value::Object(map) => {
                documents.push(crate::yaml::to_string(&serde_json::Value::Object(map)));
            }
            _ => {
                let message = format!("each document must be a mapping, not {}", document.root.describe());
                let place = parsed.source.place(document.root.position);
                report.push(Finding::error("no-mapping", "", message).at(place));
            }
        }
    }
    if report.has_errors() { Err(report) } else { Ok(documents) }
}
