//! Rendering templates with values and snippets to one text.

use std::collections::HashSet;
use std::path::PathBuf;

use super::TemplateError;
use super::channel_functions::{ChannelSource, functions};
use super::files::{expand, read};
use kopsform_diagnostics::{Finding, Report, Rule};
use kopsform_env::Environment;
use kopsform_template::{EvalContext, MissingKey, Origins, Template, Value};

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
    pub eval_context: EvalContext,
}

/// A rendered text and where its parts come from.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The documents, separated by `---` lines.
    pub text: String,
    /// Where each part of the text comes from; nowhere when documents were written anew.
    pub origins: Origins,
}

impl Rendered {
    /// Has findings about this text, which they call `name`, tell the places in the templates instead. What a loop of a
    /// template repeats is told once.
    pub fn trace(&self, name: &str, report: &mut Report) {
        let after_breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let lines: Vec<usize> = std::iter::once(0).chain(after_breaks).collect();
        for finding in &mut report.findings {
            let Some(location) = finding.location.as_ref().filter(|location| location.file == name) else { continue };
            let Some(start) = location.line.checked_sub(1).and_then(|line| lines.get(line)).copied() else { continue };
            let before = self.text[start..].chars().take(location.column.saturating_sub(1));
            let byte = start + before.map(char::len_utf8).sum::<usize>();
            if let Some(origin) = self.origins.of(byte) {
                finding.location = Some(origin.location);
                finding.excerpt = origin.excerpt;
            }
        }
        let mut seen = HashSet::new();
        report
            .findings
            .retain(|f| seen.insert((f.location.clone(), f.path.clone(), f.message.clone(), f.hint.clone())));
    }
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
    let mut rendered = Rendered::default();
    let mut pieces = 0;
    let mut add = |text: &str, origins: Option<Origins>| {
        if pieces > 0 {
            rendered.text.push_str(SEPARATOR);
        }
        pieces += 1;
        rendered.origins.append(rendered.text.len(), origins.unwrap_or_default());
        rendered.text.push_str(text);
    };
    for Text { path, text } in &templates {
        let file = path.display().to_string();
        let mut parsed = match Template::parse_with(&file, text, functions.clone()) {
            Ok(template) => Some(template.missing_key(missing_key)),
            Err(mistakes) => {
                report.extend(mistakes);
                None
            }
        };
        let mut snippets_are_right = true;
        for (name, Text { path, text }) in &named {
            // Without a template to add them to, snippets are still looked at for mistakes.
            let added = match &mut parsed {
                Some(template) => template.add(name, &path.display().to_string(), text),
                None => Template::parse_with(&path.display().to_string(), text, functions.clone()).map(|_| ()),
            };
            if let Err(mistakes) = added {
                report.extend(mistakes);
                snippets_are_right = false;
            }
        }
        // A template is run whatever is wrong with others: all mistakes are told in one go.
        let Some(template) = parsed.filter(|_| snippets_are_right) else { continue };
        match template.render_traced(values, &options.eval_context) {
            Ok((text, _)) if text.is_empty() => {}
            Ok((text, origins)) if options.format_yaml => match formatted(&file, &Rendered { text, origins }) {
                Ok(documents) => documents.iter().for_each(|document| add(document, None)),
                Err(mistakes) => report.extend(mistakes),
            },
            Ok((text, origins)) => add(&text, Some(origins)),
            Err(mistakes) => report.extend(mistakes),
        }
    }
    if report.has_errors() {
        report.sort();
        report.findings.dedup();
        return Err(report.into());
    }
    Ok(rendered)
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
fn formatted(file: &str, rendered: &Rendered) -> Result<Vec<String>, Report> {
    let mut documents = Vec::new();
    let mut report = Report::default();
    let mut line = 0;
    for piece in rendered.text.split(SEPARATOR) {
        let parsed = kopsform_yaml::parse(file, piece);
        let mut mistakes = parsed.report;
        mistakes.findings.retain(|finding| finding.rule != Rule::DuplicateKey);
        if mistakes.is_empty()
            && let Some(document) = parsed.documents.first()
        {
            match document.root.to_json() {
                serde_json::Value::Object(map) if map.is_empty() => {}
                serde_json::Value::Object(map) => {
                    documents.push(kopsform_yaml::to_string(&serde_json::Value::Object(map)));
                }
                _ => {
                    let message = format!("each document must be a mapping, not {}", document.root.describe());
                    let place = parsed.source.place(document.root.position);
                    mistakes.push(Finding::error(Rule::NoMapping, "", message).at(place));
                }
            }
        }
        mistakes.findings.iter_mut().filter_map(|finding| finding.location.as_mut()).for_each(|l| l.line += line);
        report.extend(mistakes);
        line += piece.matches('\n').count() + 1;
    }
    rendered.trace(file, &mut report);
    if report.has_errors() { Err(report) } else { Ok(documents) }
}
